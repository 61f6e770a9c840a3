"""The radar: every case once in its square, and what is behind, missing, ended or old is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from desk_parts import HandClock
from made_records import practice
from test_upkeep import publish

from kb.corpus import practice_files, read_practice
from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.radar import OLD_DAYS, SOON_DAYS, Radar, behind, radar
from kb.records import Bilingual, Face, Practice, Verified
from kb.taxonomy import Taxonomy

TODAY = date(2026, 6, 1)
FLOODS = "crisis-and-disaster-management"
BOTH = {"th": Face("th", "ก", {}, checked=True), "en": Face("en", "a", {}, checked=True)}
BY = Bilingual("หน่วยงาน", "The agency")


def case(key: str, **facts: object) -> Practice:
    return replace(practice(key, {}), faces=BOTH, **facts)  # type: ignore[arg-type]


def confirmed(key: str, until: date | None, **facts: object) -> Practice:
    return case(key, verification="confirmed", verified=Verified(BY, date(2024, 1, 1), until), **facts)


def seen(taxonomy: Taxonomy, *some: Practice, changed: dict[str, date] | None = None) -> Radar:
    return radar(some, changed or {}, taxonomy, TODAY)


def test_every_country_and_priority_has_a_square_also_an_empty_one(taxonomy: Taxonomy) -> None:
    found = seen(taxonomy, case("th-a"))
    assert len(found.squares) == len(taxonomy["countries"]) * len(taxonomy["priorities"])
    assert [square.priority for square in found.row("VN")] == list(taxonomy["priorities"])
    assert ("TH", FLOODS) not in found.empty()
    assert len(found.empty()) == len(found.squares) - 1


def test_a_square_counts_years_grades_and_failures(taxonomy: Taxonomy) -> None:
    some = [case("th-a", start=2018), case("th-b", start=2018, evidence="agency", status="failed"), case("th-c", start=None)]
    found = seen(taxonomy, *some, case("kh-a", country="KH", start=2001))
    (square,) = [square for square in found.row("TH") if square.priority == FLOODS]
    assert (square.count, square.years, square.stopped) == (3, {2018: 2, None: 1}, 1)
    assert square.evidence == {"press": 2, "agency": 1}
    assert found.years == (2018, 2001)
    assert [found.by_year("TH", FLOODS, year) for year in (2018, None, 2001)] == [2, 1, 0]
    assert found.by_year("Atlantis", FLOODS, 2018) == 0


@pytest.mark.parametrize(("count", "thin"), [(0, True), (1, True), (2, False)])
def test_a_square_with_one_case_at_most_is_thin(taxonomy: Taxonomy, count: int, thin: bool) -> None:
    found = seen(taxonomy, *(case(f"th-{n}") for n in range(count)))
    assert next(s for s in found.row("TH") if s.priority == FLOODS).thin is thin


DAY = date(2026, 1, 1)
ENDS = [
    (confirmed("th-a", None), 1, (), (), "no end"),
    (confirmed("th-a", TODAY), 1, (), (0,), "it holds on its last day"),
    (confirmed("th-a", date(2026, 5, 31)), 0, (-1,), (), "ended yesterday"),
    (confirmed("th-a", date.fromordinal(TODAY.toordinal() + SOON_DAYS)), 1, (), (SOON_DAYS,), "the last day that is soon"),
    (confirmed("th-a", date.fromordinal(TODAY.toordinal() + SOON_DAYS + 1)), 1, (), (), "a day later"),
    (case("th-a", verification="confirmed"), 1, (), (), "confirmed, nobody wrote down by whom"),
    (case("th-a"), 0, (), (), "compiled only"),
]


@pytest.mark.parametrize(("made", "holds", "ended", "ending", "why"), ENDS, ids=[row[-1] for row in ENDS])
def test_confirmations_end(
    taxonomy: Taxonomy, made: Practice, holds: int, ended: tuple[int, ...], ending: tuple[int, ...], why: str
) -> None:
    found = seen(taxonomy, made)
    assert sum(square.confirmed for square in found.squares) == holds, why
    assert tuple(one.days for one in found.ended) == ended, why
    assert tuple(one.days for one in found.ending) == ending, why


def test_what_ends_first_stands_first(taxonomy: Taxonomy) -> None:
    days = (date(2026, 7, 2), date(2026, 6, 9), date(2026, 8, 1))
    found = seen(taxonomy, *(confirmed(f"th-{n}", day) for n, day in enumerate(days)))
    assert [one.id for one in found.ending] == ["th-1", "th-0", "th-2"]


@pytest.mark.parametrize(
    ("made", "days", "old", "why"),
    [
        (case("th-a"), OLD_DAYS, 0, "just not old"),
        (case("th-a"), OLD_DAYS + 1, 1, "old"),
        (confirmed("th-a", None), OLD_DAYS + 1, 0, "somebody stands behind it"),
        (confirmed("th-a", date(2025, 1, 1)), OLD_DAYS + 1, 1, "somebody did"),
    ],
)
def test_cases_grow_old(taxonomy: Taxonomy, made: Practice, days: int, old: int, why: str) -> None:
    day = date.fromordinal(TODAY.toordinal() - days)
    found = seen(taxonomy, made, changed={"th-a": day})
    square = next(square for square in found.squares if square.count)
    assert (square.old, square.changed) == (old, day), why


def face(lang: str, **state: object) -> Face:
    return replace(BOTH[lang], **state)  # type: ignore[arg-type]


GAPS = [
    ({"th": BOTH["th"]}, [("en", "missing")], "one face"),
    ({}, [("th", "missing"), ("en", "missing")], "a draft without faces"),
    ({"th": face("th", revision=3), "en": face("en", made_from=2)}, [("en", "behind")], "made from an older revision"),
    ({"th": face("th", revision=3), "en": face("en", made_from=3)}, [], "made from the newest"),
    ({"th": face("th", checked=False), "en": BOTH["en"]}, [("th", "unchecked")], "nobody checked it"),
    ({"th": face("th", checked=False, state="human-checked"), "en": BOTH["en"]}, [], "the state says that it was checked"),
    (
        {"th": face("th", checked=False, made_from=1), "en": face("en", revision=2)},
        [("th", "behind"), ("th", "unchecked")],
        "both at once",
    ),
]


@pytest.mark.parametrize(("faces", "gaps", "why"), GAPS, ids=[row[-1] for row in GAPS])
def test_faces_that_need_hands_are_named(taxonomy: Taxonomy, faces: dict, gaps: list, why: str) -> None:  # type: ignore[type-arg]
    found = seen(taxonomy, replace(case("th-a"), faces=faces))
    assert [(gap.language, gap.gap) for gap in found.gaps] == gaps, why


def test_a_face_alone_is_behind_nothing() -> None:
    assert not behind(face("en", made_from=1), None)


def test_the_whole_corpus_is_counted_once(corpus, taxonomy: Taxonomy) -> None:  # type: ignore[no-untyped-def]
    some = [read_practice(path, taxonomy) for path in practice_files(corpus)]
    found = radar(iter(some), {}, taxonomy, TODAY)
    assert found.cases == sum(square.count for square in found.squares) == len(some)
    assert sum(sum(square.years.values()) for square in found.squares) == len(some)


def test_the_radar_is_looked_over_again_when_a_case_changed(desk: Desk, people: dict[str, Account], clock: HandClock) -> None:
    """Kept while nothing changed; made anew for a case, and for another day."""
    publish(desk, people, "Night markets")
    first = desk.radar()
    assert desk.radar() is first
    publish(desk, people, "Floating clinics")
    second = desk.radar()
    assert sum(square.count for square in second.squares) == 1 + sum(square.count for square in first.squares)
    clock.forward(days=1)
    assert desk.radar() is not second
