"""Questions without a precedent: nothing personal is kept, nothing stays for ever, one meaning is one group."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import practice

from kb.desk.asked import DAYS_KEPT, MAX_A_DAY, MAX_CHARACTERS, NO_PRECEDENT, Asked, AskedQuestions, without_person
from kb.desk.radar import radar
from kb.desk.unanswered import Group, Nearest, Text, clusters, draft_call, groups, placed, question_vectors
from kb.encoder import FakeEncoder, RuntimeEncoder, SentenceTransformerEncoder
from kb.repository import Repository
from kb.space import LanguageSpace, fit_space, open_space, parallel_pairs
from kb.taxonomy import Taxonomy

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "kept", "why"),
    [
        ("ช้างป่าบุกไร่", "ช้างป่าบุกไร่", "a question"),
        ("  wild   elephants\n", "wild elephants", "space"),
        ("ร้องเรียนถึง somchai@agency.go.th ได้ไหม", "ร้องเรียนถึง ... ได้ไหม", "a mail address"),
        ("บัตรประชาชน 1-2345-67890-12-3 หาย", "บัตรประชาชน ... หาย", "an identity number with hyphens"),
        ("บัตรประชาชน 1234567890123 หาย", "บัตรประชาชน ... หาย", "an identity number"),
        ("บัตรประชาชน ๑๒๓๔๕๖๗๘๙๐๑๒๓ หาย", "บัตรประชาชน ... หาย", "an identity number in Thai digits"),
        ("โทร 081-234-5678 ใครรับ", "โทร ... ใครรับ", "a telephone number"),
        ("call +66 (0)81 234 5678 about dams", "call ... about dams", "a telephone number with its country"),
        ("passport AA1234567 lost", "passport ... lost", "a passport"),
        ("บ้านเลขที่ 123/45 น้ำท่วม", "บ้านเลขที่ ... น้ำท่วม", "a house number"),
        ("เกิด 31/12/2520 ได้สิทธิไหม", "เกิด ... ได้สิทธิไหม", "a day of birth"),
        ("see https://example.org/~jane now please", "see ... now please", "a web address"),
        ("what does @jane.doe say", "what does ... say", "a user's name"),
        ("5G ปี 2567 งบ 300 ล้าน", "5G ปี 2567 งบ 300 ล้าน", "years and small numbers say nothing of a person"),
        ("นายสมชาย ใจดี ร้องเรียนเรื่องน้ำ", "", "a man with his title"),
        ("เรื่องของ นางสาวสมหญิง", "", "a woman with her title"),
        ("complaint by Mr. Tan about dams", "", "a man with his title, in English"),
        ("ผมชื่อ สมชาย อยากถาม", "", "a reader who says a name"),
        ("นายจ้างไม่จ่ายค่าแรง", "นายจ้างไม่จ่ายค่าแรง", "an employer is no name"),
        ("นายกเทศมนตรีทุจริต", "นายกเทศมนตรีทุจริต", "a mayor is no name"),
        ("Ms Excel training", "", "better one question too few"),
        ("081-234-5678", "", "nothing left"),
        ("1567", "", "no letter"),
        ("ก" * (MAX_CHARACTERS + 1), "", "longer than a question"),
        ("", "", "nothing"),
    ],
)
def test_what_looks_like_a_person_is_taken_out(text: str, kept: str, why: str) -> None:
    assert without_person(text) == kept, why


@given(
    before=st.sampled_from(["โทร ", "call ", "เลข", "x"]),
    digits=st.text("0123456789๐๑๒๓๔๕๖๗๘๙", min_size=7, max_size=16),
    mark=st.sampled_from(["", "-", " ", ".", " - "]),
    after=st.sampled_from([" ได้ไหม", " please", "ครับ"]),
)
def test_no_long_number_stays_however_it_is_spaced(before: str, digits: str, mark: str, after: str) -> None:
    kept = without_person(f"{before}{mark.join(digits)}{after}")
    assert sum(letter.isdigit() for letter in kept) < 5


@given(st.text(max_size=400))
def test_what_is_kept_stays_as_it_is_when_it_is_read_again(text: str) -> None:
    kept = without_person(text)
    assert without_person(kept) == kept
    assert len(kept) <= MAX_CHARACTERS


def kept_in(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as database:
        assert [row[1] for row in database.execute("PRAGMA table_info(asked)")] == ["text", "language", "day"]
        return list(database.execute("SELECT * FROM asked"))


def test_the_file_holds_texts_by_day_and_nothing_else(tmp_path: Path) -> None:
    asked = AskedQuestions(tmp_path / "searches.db", today=lambda: TODAY)
    for text, verdict in (
        ("b elephants", NO_PRECEDENT),
        ("floods", "match"),
        ("a turtles", NO_PRECEDENT),
        ("B Elephants", NO_PRECEDENT),
    ):
        asked.record(text, "en", verdict)
    assert not (tmp_path / "searches.db").exists(), "a reader waits for no disk"
    asked.close()
    rows = kept_in(tmp_path / "searches.db")
    assert [(text.lower(), language, day) for text, language, day in rows] == [
        ("a turtles", "en", "2026-06-01"),
        ("b elephants", "en", "2026-06-01"),
    ], "once a day, in the order of the alphabet"


def test_texts_are_forgotten_after_their_time(tmp_path: Path) -> None:
    days = iter([TODAY] * 3)
    asked = AskedQuestions(tmp_path / "searches.db", today=lambda: next(days))
    asked.record("elephants", "en", NO_PRECEDENT)
    asked.close()
    later = AskedQuestions(tmp_path / "searches.db", today=lambda: TODAY + timedelta(days=DAYS_KEPT - 1))
    assert [one.text for one in later.since(TODAY)] == ["elephants"]
    gone = AskedQuestions(tmp_path / "searches.db", today=lambda: TODAY + timedelta(days=DAYS_KEPT))
    gone.close()
    assert kept_in(tmp_path / "searches.db") == []


def test_a_flood_of_questions_fills_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = AskedQuestions(tmp_path / "searches.db", today=lambda: TODAY)
    for number in range(MAX_A_DAY // 100 + 5):
        for other in range(100):
            asked.record(f"question {chr(97 + number % 26)}{chr(97 + other % 26)}{number}x{other}", "en", NO_PRECEDENT)
        asked.flush()
    assert len(kept_in(tmp_path / "searches.db")) == MAX_A_DAY


def test_where_nothing_can_be_written_questions_are_held_for_later(tmp_path: Path) -> None:
    asked = AskedQuestions(tmp_path / "missing" / "searches.db", today=lambda: TODAY)
    asked.record("elephants", "en", NO_PRECEDENT)
    asked.flush()
    assert asked.since(TODAY) == ()
    (tmp_path / "missing").mkdir()
    assert [one.text for one in asked.since(TODAY)] == ["elephants"]


def test_a_damaged_file_keeps_nobody_from_asking(tmp_path: Path) -> None:
    (tmp_path / "searches.db").write_bytes(b"no database" * 100)
    asked = AskedQuestions(tmp_path / "searches.db", today=lambda: TODAY)
    asked.record("elephants", "en", NO_PRECEDENT)
    asked.flush()
    assert asked.since(TODAY) == ()


def angles(*degrees: float) -> np.ndarray:
    turned = np.radians(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("vectors", "threshold", "expected", "why"),
    [
        (angles(), 0.5, [], "nothing"),
        (angles(10), 0.5, [[0]], "one"),
        (angles(0, 10, 90, 100), 0.9, [[0, 1], [2, 3]], "two pairs"),
        (angles(0, 180), 0.5, [[0], [1]], "opposites"),
        (angles(0, 0, 0), 1 - 1e-6, [[0, 1, 2]], "all alike"),
        (angles(0, 40, 80), np.cos(np.radians(45)), [[0, 1], [2]], "a chain is not one group: the mean decides"),
    ],
)
def test_clusters_by_average_linkage(vectors: np.ndarray, threshold: float, expected: list[list[int]], why: str) -> None:
    found = clusters(vectors.reshape(-1, 2), threshold)
    assert sorted(found) == expected, why


@given(st.permutations(range(8)))
def test_the_order_of_questions_does_not_matter(order: Sequence[int]) -> None:
    vectors = angles(0, 7, 11, 60, 71, 120, 123, 200)
    one = {frozenset(members) for members in clusters(vectors, 0.95)}
    other = {frozenset(order[place] for place in members) for members in clusters(vectors[list(order)], 0.95)}
    assert one == other


@pytest.fixture(scope="module")
def space() -> LanguageSpace:
    return fit_space(FakeEncoder(), parallel_pairs())


def asked_on(text: str, *days: int, language: str = "en") -> list[Asked]:
    return [Asked(text, language, date(2026, 5, day)) for day in days]


def test_only_what_was_asked_on_two_days_is_shown(space: LanguageSpace) -> None:
    some = [*asked_on("zebra crossings zebra crossings", 1), *asked_on("wild elephants raid the crops", 1, 3)]
    some += asked_on("wild elephants raid the crop", 3)
    (group,) = groups(some, FakeEncoder(), space, threshold=0.6)
    assert {text.text for text in group.texts} == {"wild elephants raid the crops", "wild elephants raid the crop"}
    assert group.representative == Text("wild elephants raid the crops", "en", 2)
    assert (group.count, group.days, group.first, group.last) == (3, 2, date(2026, 5, 1), date(2026, 5, 3))


def test_one_text_on_one_day_by_many_is_not_shown(space: LanguageSpace) -> None:
    assert groups(asked_on("a very private matter", 1), FakeEncoder(), space) == ()
    assert groups([], FakeEncoder(), space) == ()


def test_groups_asked_most_stand_first(space: LanguageSpace) -> None:
    some = [*asked_on("coral reefs", 1, 2), *asked_on("ฟันปลอมผู้สูงอายุ", 1, 2, 3, language="th")]
    assert [group.count for group in groups(some, FakeEncoder(), space, threshold=0.9)] == [3, 2]


def test_questions_are_embedded_as_a_search_embeds_them(fake_corpus_repository: Repository) -> None:
    repository = fake_corpus_repository
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store)
        found = question_vectors(["ช้างป่า", "turtles"], ["th", "en"], repository.encoder, repository.space)
        assert np.allclose(found[0], searcher.embed("ช้างป่า", "th")[0], atol=1e-6)
        assert np.allclose(found[1], searcher.embed("turtles", "en")[0], atol=1e-6)


def test_a_group_is_told_its_nearest_case_and_the_gaps_of_countries_it_names(
    fake_corpus_repository: Repository, taxonomy: Taxonomy
) -> None:
    with fake_corpus_repository.store(readonly=True) as store:
        searcher = fake_corpus_repository.searcher(store)
        _, best = searcher.rank("wild elephants in Laos", 1)
        held = replace(practice(best[0][0], {}), priority="service-delivery")
        group = Group(
            Text("wild elephants in Laos", "en", 2), (Text("wild elephants in Laos", "en", 2),), 2, 2, ("en",), TODAY, TODAY
        )
        found = placed(group, searcher, radar([], {}, taxonomy, TODAY), lambda _: held)
        assert found.nearest == Nearest(*best[0])
        assert found.gaps == (("LA", "service-delivery"),)
        unnamed = replace(group, representative=Text("elephants", "en", 2), texts=(Text("elephants", "en", 2),))
        assert placed(unnamed, searcher, radar([], {}, taxonomy, TODAY), lambda _: held).gaps == ()


BOTH = Group(
    Text("overseas {voting}", "en", 3),
    (Text("overseas {voting}", "en", 3), Text("เลือกตั้งนอกราชอาณาจักร", "th", 1)),
    4, 3, ("en", "th"), date(2026, 5, 1), date(2026, 5, 9), None, (("LA", "service-delivery"), ("VN", "service-delivery")),
)  # fmt: skip


def test_a_call_is_drafted_in_both_languages_each_with_its_own_words(taxonomy: Taxonomy) -> None:
    call = draft_call(BOTH, taxonomy)
    assert call.title.th == "ขอเชิญเสนอแนวปฏิบัติที่ดี เรื่อง “เลือกตั้งนอกราชอาณาจักร”"
    assert call.title.en == "Call for good practices: “overseas {voting}”"
    assert "ระหว่างวันที่ 1 พฤษภาคม 2569 ถึงวันที่ 9 พฤษภาคม 2569" in call.body.th
    assert "Between 1 May 2026 and 9 May 2026" in call.body.en
    assert "- เลือกตั้งนอกราชอาณาจักร\n- overseas {voting}" in call.body.th, "own language first"
    assert "ลาว เวียดนาม" in call.body.th
    assert "Lao PDR, Viet Nam" in call.body.en
    assert "{" not in call.body.th.replace("{voting}", "")


def test_a_call_without_gaps_leaves_no_empty_place(taxonomy: Taxonomy) -> None:
    call = draft_call(replace(BOTH, gaps=(), texts=BOTH.texts[:1]), taxonomy)
    assert "far and would be" not in call.body.en
    assert "\n\n\n" not in call.body.th + call.body.en
    assert "“overseas {voting}”" in call.title.th, "words of the other language where there are no own ones"


@pytest.mark.model
def test_one_need_in_two_languages_is_one_group(prepared, encoder: RuntimeEncoder | SentenceTransformerEncoder) -> None:  # type: ignore[no-untyped-def]
    space = open_space(encoder, prepared.home / "spaces" / "test")
    some = [
        *asked_on("illegal sand mining in rivers", 1),
        *asked_on("ลักลอบดูดทรายในแม่น้ำ", 2, language="th"),
        *asked_on("tax on sugary drinks", 1),
        *asked_on("ภาษีน้ำตาลในเครื่องดื่ม", 2, language="th"),
    ]
    found = groups(some, encoder, space)
    assert {frozenset(text.language for text in group.texts) for group in found} == {frozenset(("th", "en"))}
    assert len(found) == 2
