"""The two-face editor: its form loses nothing, refuses what cannot be, and brings two people's texts together."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from kb.corpus import practice_files, read_practice
from kb.desk.desk import Desk
from kb.desk.entries import Entry, blank
from kb.desk.reviews import Opinion, Recommendation, points
from kb.desk.rights import Role, State
from kb.encoder import FakeEncoder
from kb.ingest.progress import Progress
from kb.records import SECTIONS, Bilingual, Claim, Practice, Source
from kb.repository import Repository
from kb.settings import Settings
from kb.taxonomy import Taxonomy
from web.app import create_app
from web.desk.access import COOKIE
from web.desk.edit_answers import LISTS, MOST_ROWS, Answers, clean, from_json, is_field
from web.desk.edit_fields import answers_of
from web.desk.edit_reader import practice_of
from web.limits import RateLimit

CORPUS = Path(__file__).parent.parent.parent / "corpus"
PRACTICES = practice_files(CORPUS)
CASE = "th-traffy-fondue"
PAIR = re.compile(
    r"<textarea(?P<area>[^>]*)>\n?(?P<text>.*?)</textarea>|<input(?P<input>[^>]*)>|<select(?P<select>[^>]*)>(?P<options>.*?)</select>",
    re.DOTALL,
)


@dataclass
class Person:
    """Somebody at the desk with a browser."""

    client: TestClient
    language: str = "en"

    def get(self, page: str) -> str:
        answer = self.client.get(f"/{self.language}/desk{page}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, page: str, fields: list[tuple[str, str]]) -> Response:
        token = re.search(r'name="token" value="([^"]+)"', self.get(""))
        assert token is not None
        sent = [("token", token[1]), *(pair for pair in fields if pair[0] != "token")]
        return self.client.post(
            f"/{self.language}/desk{page}", content=urlencode(sent),
            headers={"content-type": "application/x-www-form-urlencoded"}, follow_redirects=False,
        )  # fmt: skip


@dataclass
class Office:
    """A desk with two editors and a contributor, and an entry of a real case."""

    desk: Desk
    first: Person
    second: Person
    owner: Person
    entry: Entry

    def newest(self) -> Practice:
        return self.desk.entries.newest(self.desk.entries.required(self.entry.number))

    @property
    def page(self) -> str:
        return f"/entries/{self.entry.number}"


@pytest.fixture(scope="module")
def premises(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, list[Person], Iterator[str]]]:
    """One desk with its people for all tests, and cases of which each test takes the next one."""
    place = tmp_path_factory.mktemp("desk")
    settings = Settings(home=place / "var", index=place / "index", corpus=CORPUS, count_readers=0)
    repository = Repository(settings, FakeEncoder())
    chosen = [path for path in PRACTICES if _suits(read_practice(path, repository.taxonomy))][:60]
    repository.ingest(chosen, Progress(quiet=True))
    app = create_app(repository, limit=RateLimit(rate=0, burst=1))
    desk: Desk = app.state.desk
    people = []
    for name, role in (("nok", Role.EDITOR), ("dao", Role.EDITOR), ("owner", Role.CONTRIBUTOR)):
        account = desk.accounts.add(f"{name}@agency.example", name.title(), role, "en")
        client = TestClient(app, raise_server_exceptions=False)
        client.cookies.set(COOKIE, desk.sessions.begin(account))
        people.append(Person(client))
    yield desk, people, iter([path.stem for path in chosen])
    desk.store.close()


def _suits(practice: Practice) -> bool:
    """What tests change in a case has to be something else before."""
    return (
        not practice.awards and practice.end is None and practice.start != 2015 and "resources" in practice.faces["th"].sections
    )


@pytest.fixture
def office(premises: tuple[Desk, list[Person], Iterator[str]]) -> Office:
    desk, people, cases = premises
    for person in people:
        person.language = "en"
    editor = desk.accounts.by_email("nok@agency.example")
    assert editor is not None
    return Office(desk, *people, desk.entries.open(next(cases), editor))


def fields_of(page: str) -> list[tuple[str, str]]:
    """What a browser without JavaScript would send of the form of an editor's page, in order, but for its buttons."""
    form = re.search(r'<form class="editor.*?</form>', page, re.DOTALL)
    assert form is not None, page[:3000]
    found = []
    for match in PAIR.finditer(form[0]):
        attributes = match["area"] or match["input"] or match["select"] or ""
        name = re.search(r'name="([^"]+)"', attributes)
        assert name is not None, attributes
        if match["input"] is not None and re.search(r'type="(?:checkbox|radio)"', attributes) and " checked" not in attributes:
            continue
        if match["select"] is not None:
            chosen = re.search(r'value="([^"]*)" selected', match["options"]) or re.search(r'value="([^"]*)"', match["options"])
            text = chosen[1] if chosen else ""
        elif match["area"] is not None:
            text = match["text"]
        else:
            value = re.search(r'value="([^"]*)"', attributes)
            text = value[1] if value else ""
        found.append((name[1], html.unescape(text).replace("\n", "\r\n")))
    return found


def changed(fields: list[tuple[str, str]], **more: str) -> list[tuple[str, str]]:
    """The fields with others typed in; `__` stands for the point in a name."""
    new = {name.replace("__", "."): text for name, text in more.items()}
    return [*((name, text) for name, text in fields if name not in new), *new.items()]


# Fields


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_fields_of_every_practice_say_all_of_it(taxonomy: Taxonomy, language: str) -> None:
    for path in PRACTICES:
        practice = read_practice(path, taxonomy)
        parsed = practice_of(answers_of(practice, language), practice, taxonomy)
        assert not parsed.problems, path
        assert parsed.practice == practice, path
    assert len(PRACTICES) >= 176


def test_what_was_typed_survives_being_kept(taxonomy: Taxonomy) -> None:
    answers = answers_of(read_practice(PRACTICES[0], taxonomy), "th")
    assert from_json(answers.to_json()) == answers


@pytest.mark.parametrize("data", ["", "null", "[]", '{"country": 5}', '{"country": {"a": 1}}', '["country"]', "{"])
def test_a_kept_text_that_is_broken_is_empty(data: str) -> None:
    assert not any(any(texts) for texts in from_json(data).fields.values())


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_page_itself_sends_back_all_of_a_practice(office: Office, taxonomy: Taxonomy, language: str) -> None:
    office.first.language = language
    sent = fields_of(office.first.get(f"{office.page}/edit"))
    answer = office.first.post(f"{office.page}/edit", changed(sent, reason="nothing", do="save"))
    assert answer.status_code == 303
    assert office.desk.entries.required(office.entry.number).revision == 1, "the same text is no new revision"


YEARS = [
    ("2561", 2018, "Buddhist era"),
    ("2018", 2018, "Common Era"),
    ("๒๕๖๑", 2018, "Thai digits"),
    ("พ.ศ. 2561", 2018, "with its era"),
    ("ค.ศ. 2018", 2018, "with its era"),
    ("2018 CE", 2018, "with its era behind"),
    (" 2018 ", 2018, "blanks around it"),
    ("", None, "nothing is known"),
]


@pytest.mark.parametrize(("text", "year", "why"), YEARS)
def test_years_in_both_eras(taxonomy: Taxonomy, text: str, year: int | None, why: str) -> None:
    parsed = practice_of(Answers({"start": (text,)}), blank(), taxonomy)
    assert (parsed.practice.start, parsed.problems) == (year, {}), why


PROBLEMS = [
    ({"start": "soon"}, "start", "no year"),
    ({"start": "218"}, "start", "three digits"),
    ({"start": "9999"}, "start", "in neither era"),
    ({"start": "2018", "end": "2010"}, "end", "before the beginning"),
    ({"country": "XX"}, "country", "no member state"),
    ({"status": "<script>"}, "status", "not in the list"),
    ({"levels": "moon"}, "levels", "not in the list"),
    ({"confidence": "absolute"}, "confidence", "not in the list"),
    ({"id": "../../etc/passwd"}, "id", "a path is no address of a case"),
    ({"country": "TH", "id": "la-boat"}, "id", "another country's address"),
    ({"en.title": "x" * 301}, "en.title", "too long"),
    ({"th.summary": "ก" * 20_001}, "th.summary", "too long"),
    ({"en.summary": "Text\n## Problem\nmore"}, "en.summary", "a heading would begin another section"),
    ({"en.summary": "<img src=x onerror=alert(1)>"}, "en.summary", "HTML"),
    ({"sources.0.title": "A", "sources.0.url": "javascript:alert(1)"}, "sources.0.url", "no web address"),
    ({"related.0.th": "เหตุผล"}, "related.0.id", "related to what?"),
    ({"related.0.id": "TH Traffy"}, "related.0.id", "no address of a case"),
    ({"claims.0.number": "0", "claims.0.figures": "5"}, "claims.0.number", "claims begin with 1"),
    ({"claims.0.number": "x", "claims.0.figures": "5"}, "claims.0.number", "no number"),
    ({"claims.0.number": "1", "claims.0.sources": "3"}, "claims.0.sources", "there is no third source"),
    ({"claims.0.number": "1", "claims.0.sources": "1e9"}, "claims.0.sources", "no number"),
    (
        {"claims.0.number": "1", "claims.0.figures": "5", "claims.1.number": "1", "claims.1.figures": "6"},
        "claims.1.number",
        "twice",
    ),
    ({"agencies.0.en": "Office", "agencies.0.role": "king"}, "agencies.0.role", "not in the list"),
]


@pytest.mark.parametrize(("typed", "name", "why"), PROBLEMS)
def test_what_is_wrong_is_said_of_its_field(taxonomy: Taxonomy, typed: dict[str, str], name: str, why: str) -> None:
    parsed = practice_of(Answers({key: (text,) for key, text in typed.items()}), blank(), taxonomy)
    assert list(parsed.problems) == [name], why


def test_sources_that_are_taken_out_take_their_numbers_along(taxonomy: Taxonomy) -> None:
    practice = replace(
        blank(),
        sources=(Source("A", "a"), Source("B", "b"), Source("C", "c")),
        claims=(Claim(1, (1, 3), "agency"), Claim(2, (2,), "agency")),
    )
    answers = answers_of(practice, "en")
    without = Answers({**answers.fields, "sources.0.gone": ("yes",), "claims.0.sources": ("3",)})
    parsed = practice_of(without, practice, taxonomy)
    assert not parsed.problems
    assert [source.title for source in parsed.practice.sources] == ["B", "C"]
    assert [claim.sources for claim in parsed.practice.claims] == [(2,), (1,)]
    still_cited = practice_of(Answers({**answers.fields, "sources.1.gone": ("yes",)}), practice, taxonomy)
    assert list(still_cited.problems) == ["claims.1.sources"], "a claim may not cite what is gone"


def test_an_emptied_row_goes_and_an_emptied_face_too(taxonomy: Taxonomy) -> None:
    practice = read_practice(next(path for path in PRACTICES if path.stem == CASE), taxonomy)
    fields = answers_of(practice, "en").fields
    kept = {name: texts for name, texts in fields.items() if not name.startswith("en.")}
    kept |= {"partners.0.th": ("",), "partners.0.en": (" ",)}
    parsed = practice_of(Answers(kept), practice, taxonomy)
    assert set(parsed.practice.faces) == {"th"}
    assert parsed.practice.partners == practice.partners[1:]


def test_what_the_form_does_not_show_is_kept(taxonomy: Taxonomy) -> None:
    practice = read_practice(next(path for path in PRACTICES if path.stem == CASE), taxonomy)
    practice = replace(practice, verification="confirmed")
    parsed = practice_of(answers_of(practice, "en"), practice, taxonomy)
    assert parsed.practice.verification == "confirmed"
    assert parsed.practice.faces["th"].unchecked_names == practice.faces["th"].unchecked_names != ()


NAMES = [
    ("th.summary", True), ("en.title", True), ("sources.0.url", True), ("agencies.3.gone", True), ("levels", True),
    ("th.other", False), ("fr.summary", False), ("agencies.99.th", False), ("agencies.๓.th", False),
    ("agencies.0.salary", False), ("verification", False), ("token", False), ("base", False), ("sources.0.url.x", False),
    ("", False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "known"), NAMES)
def test_only_known_names_are_fields(name: str, known: bool) -> None:
    assert is_field(name) is known


def test_rows_are_added_up_to_a_limit() -> None:
    for name in LISTS:
        answers = Answers({})
        for _ in range(MOST_ROWS[name] + 5):
            answers = answers.with_row(name)
        assert len(answers.rows(name)) == MOST_ROWS[name]
        assert all(is_field(field) for field in answers.fields)
    everything = sum(MOST_ROWS[name] * len(parts) for name, parts in LISTS.items())
    assert everything + 2 * (1 + len(SECTIONS)) + 100 < 1000, "a form of more than a thousand fields is refused"


def test_texts_come_without_signs_that_no_page_shows() -> None:
    assert clean("a\x00b\x1b\r\nc\rd\te") == "ab\nc\nd\te"


# The page


def test_labels_and_languages(office: Office) -> None:
    page = office.first.get(f"{office.page}/edit")
    ids = re.findall(r'<(?:input|textarea|select)[^>]*\bid="(f-[^"]+)"', page)
    labelled = set(re.findall(r'<label for="([^"]+)"', page))
    assert len(ids) == len(set(ids)) > 60
    assert set(ids) <= labelled
    assert re.search(r'<textarea id="f-th-summary"[^>]*lang="th"', page)
    assert re.search(r'<textarea id="f-en-summary"[^>]*lang="en"', page)
    assert page.index('id="f-en-summary"') < page.index('id="f-th-summary"'), "the page's language stands first"
    office.first.language = "th"
    page = office.first.get(f"{office.page}/edit")
    assert page.index('id="f-th-summary"') < page.index('id="f-en-summary"')


def test_a_row_is_added_and_nothing_is_lost(office: Office) -> None:
    sent = changed(
        fields_of(office.first.get(f"{office.page}/edit")), en__summary="Half a thought", start="soon", do="add:awards"
    )
    answer = office.first.post(f"{office.page}/edit", sent)
    assert answer.status_code == 200
    again = dict(fields_of(answer.text))
    assert (again["en.summary"], again["start"], again["awards.0.year"]) == ("Half a thought", "soon", "")
    assert {name: text for name, text in sent if is_field(name)}.items() <= again.items()
    assert office.desk.entries.required(office.entry.number).revision == 1


def test_a_wrong_field_is_named_on_top_and_beside_it(office: Office) -> None:
    sent = changed(fields_of(office.first.get(f"{office.page}/edit")), start="soon", en__summary="Kept <b>", do="save")
    answer = office.first.post(f"{office.page}/edit", sent)
    assert answer.status_code == 422
    for name in ("f-start", "f-en-summary", "f-reason"):
        assert f'href="#{name}"' in answer.text
        assert re.search(rf'id="{name}"[^>]*aria-describedby="e-{name}[^>]*aria-invalid', answer.text), name
        assert f'id="e-{name}"' in answer.text
    again = dict(fields_of(answer.text))
    assert (again["start"], again["en.summary"]) == ("soon", "Kept <b>")
    assert "Kept <b>" not in answer.text, "what was typed is escaped"


def test_a_new_entry_may_take_its_own_address_and_needs_no_reason(office: Office) -> None:
    account = office.desk.accounts.by_email("owner@agency.example")
    assert account is not None
    entry = office.desk.entries.create(blank(), account)
    sent = changed(fields_of(office.owner.get(f"/entries/{entry.number}/edit")), country="LA", id="la-boat", th__title="เรือ")
    answer = office.owner.post(f"/entries/{entry.number}/edit", changed(sent, do="save"))
    assert answer.status_code == 303
    newest = office.desk.entries.newest(office.desk.entries.required(entry.number))
    assert (newest.id, newest.country, newest.title.th) == ("la-boat", "LA", "เรือ")
    assert 'name="id"' not in office.first.get(f"{office.page}/edit"), "a published case keeps its address"


def test_who_may_not_edit_sees_neither_form_nor_draft(office: Office) -> None:
    for page in ("edit", "history"):
        assert office.owner.client.get(f"/en/desk{office.page}/{page}").status_code == 404
    for page in ("edit", "autosave", "mismatches", "edit/discard", "edit/resolve", "history/restore"):
        assert office.owner.post(f"{office.page}/{page}", [("base", "1")]).status_code == 404


def test_a_form_without_its_token_is_refused(office: Office) -> None:
    for page in ("edit", "autosave", "mismatches", "edit/discard", "edit/resolve", "history/restore"):
        answer = office.first.client.post(f"/en/desk{office.page}/{page}", data={"base": "1", "en.summary": "x"})
        assert answer.status_code == 403, page
    assert office.desk.entries.required(office.entry.number).revision == 1


def test_a_form_that_is_far_too_long_is_refused(office: Office) -> None:
    answer = office.first.post(f"{office.page}/edit", [("base", "1"), ("do", "save"), ("en.summary", "x" * 700_000)])
    assert answer.status_code == 413
    assert office.desk.entries.required(office.entry.number).revision == 1


# Two people at once


def saved(office: Office, person: Person, sent: list[tuple[str, str]], **more: str) -> Response:
    return person.post(f"{office.page}/edit", changed(sent, **{"reason": "mended", "do": "save", **more}))


def test_changes_in_different_places_are_brought_together(office: Office) -> None:
    mine, theirs = (fields_of(person.get(f"{office.page}/edit")) for person in (office.first, office.second))
    assert saved(office, office.second, theirs, th__resources="งบประมาณเดิม").status_code == 303
    answer = saved(office, office.first, mine, en__resources="The former budget.")
    assert answer.status_code == 409
    assert "Nothing is in conflict" in answer.text
    decided = office.first.post(f"{office.page}/edit/resolve", changed(fields_of(answer.text), do="save"))
    assert decided.status_code == 303
    faces = office.newest().faces
    assert (faces["th"].sections["resources"], faces["en"].sections["resources"]) == ("งบประมาณเดิม", "The former budget.")
    assert [row[0] for row in office.desk.entries.history(office.entry.number)] == [3, 2, 1]


CHOICES = [
    ("mine", "", "My summary."),
    ("theirs", "", "Their summary."),
    ("base", "", None),
    ("own", "Our summary.", "Our summary."),
]


@pytest.mark.parametrize(("choice", "own", "summary"), CHOICES)
def test_a_conflict_is_decided(office: Office, choice: str, own: str, summary: str | None) -> None:
    before = office.newest().faces["en"].sections["summary"]
    mine, theirs = (fields_of(person.get(f"{office.page}/edit")) for person in (office.first, office.second))
    saved(office, office.second, theirs, en__summary="Their summary.")
    answer = saved(office, office.first, mine, en__summary="My summary.", start="2015")
    for text in ("Their summary", "My summary", before[:40]):
        assert text in html.unescape(re.sub(r"<[^>]+>", "", answer.text))
    decision = changed(fields_of(answer.text), **{"choice-1": choice, "own-1": own, "do": "save"})
    assert office.first.post(f"{office.page}/edit/resolve", decision).status_code == 303
    assert office.newest().faces["en"].sections["summary"] == (before if summary is None else summary)
    assert office.newest().start == 2015, "the rest of mine is taken in whatever is decided"


def test_the_merged_text_can_be_looked_over_in_the_form(office: Office) -> None:
    mine, theirs = (fields_of(person.get(f"{office.page}/edit")) for person in (office.first, office.second))
    saved(office, office.second, theirs, th__summary="สรุปของเขา")
    answer = saved(office, office.first, mine, en__summary="My summary.")
    form = office.first.post(f"{office.page}/edit/resolve", changed(fields_of(answer.text), do="edit"))
    assert form.status_code == 200
    again = dict(fields_of(form.text))
    assert (again["base"], again["th.summary"], again["en.summary"]) == ("2", "สรุปของเขา", "My summary.")
    assert saved(office, office.first, fields_of(form.text)).status_code == 303


def test_a_third_save_in_between_is_no_loss_either(office: Office) -> None:
    mine, theirs = (fields_of(person.get(f"{office.page}/edit")) for person in (office.first, office.second))
    saved(office, office.second, theirs, th__summary="สรุปของเขา")
    answer = saved(office, office.first, mine, en__summary="My summary.")
    saved(office, office.second, fields_of(office.second.get(f"{office.page}/edit")), th__problem="ปัญหาใหม่")
    again = office.first.post(f"{office.page}/edit/resolve", changed(fields_of(answer.text), do="save"))
    assert again.status_code == 409
    assert office.first.post(f"{office.page}/edit/resolve", changed(fields_of(again.text), do="save")).status_code == 303
    faces = office.newest().faces
    assert (faces["th"].sections["summary"], faces["th"].sections["problem"]) == ("สรุปของเขา", "ปัญหาใหม่")
    assert faces["en"].sections["summary"] == "My summary."


def test_a_conflict_keeps_what_was_typed_beyond_the_window(office: Office) -> None:
    mine, theirs = (fields_of(person.get(f"{office.page}/edit")) for person in (office.first, office.second))
    saved(office, office.second, theirs, en__summary="Their summary.")
    saved(office, office.first, mine, en__summary="My summary.")
    assert "My summary." in office.first.get(f"{office.page}/edit?restore=1")


HOSTILE = [
    ({"base": "-1"}, "no such revision"),
    ({"base": "99999999"}, "a revision of the future"),
    ({"base": "1; DROP TABLE entries"}, "no number"),
    ({"newest": "99999"}, "a newest that is none"),
    ({"key-1": "../../x", "choice-1": "mine"}, "no conflict has this key"),
    ({"choice-1": "everything"}, "no such choice"),
    ({"do": "agree:nothing"}, "no such section"),
    ({"do": "add:passwords"}, "no such list"),
]


@pytest.mark.parametrize(("more", "why"), HOSTILE)
def test_odd_forms_do_no_harm(office: Office, more: dict[str, str], why: str) -> None:
    sent = changed(fields_of(office.first.get(f"{office.page}/edit")), en__summary="Mine.", reason="x")
    for page in ("edit", "edit/resolve"):
        answer = office.first.post(f"{office.page}/{page}", changed(sent, **{"do": "save", **more}))
        assert answer.status_code in (200, 303, 409, 422), (why, page)
    assert office.desk.entries.revision(office.entry.number, 1).practice.id == office.entry.practice


# Keeping, comparing, agreeing


def test_what_is_being_written_is_kept_and_offered(office: Office) -> None:
    sent = changed(fields_of(office.first.get(f"{office.page}/edit")), en__summary="Half a thought <b>")
    answer = office.first.post(f"{office.page}/autosave", sent)
    assert answer.json() == {"saved": True, "newer": ""}
    page = office.first.get(f"{office.page}/edit")
    assert "You have unsaved text of" in page
    assert "Half a thought" not in dict(fields_of(page))["en.summary"]
    assert dict(fields_of(office.first.get(f"{office.page}/edit?restore=1")))["en.summary"] == "Half a thought <b>"
    assert "You have unsaved text of" not in office.second.get(f"{office.page}/edit"), "it is the writer's alone"
    assert office.first.post(f"{office.page}/edit/discard", []).status_code == 303
    assert "You have unsaved text of" not in office.first.get(f"{office.page}/edit")
    assert office.desk.entries.required(office.entry.number).revision == 1


def test_keeping_tells_that_someone_saved(office: Office) -> None:
    mine, theirs = (fields_of(person.get(f"{office.page}/edit")) for person in (office.first, office.second))
    saved(office, office.second, theirs, en__summary="Theirs.")
    assert "brought together" in office.first.post(f"{office.page}/autosave", mine).json()["newer"]
    page = office.first.get(f"{office.page}/edit?restore=1")
    assert dict(fields_of(page))["base"] == "1", "it goes on from the revision that it was made from"


def test_mismatches_name_their_places(office: Office) -> None:
    sent = changed(
        fields_of(office.first.get(f"{office.page}/edit")),
        th__summary="ใน พ.ศ. 2561 มี 412 เรื่อง",
        en__summary="In 2019 there were 421.",
    )
    found = office.first.post(f"{office.page}/mismatches", sent).json()["sections"]["summary"]
    texts = {"th": "ใน พ.ศ. 2561 มี 412 เรื่อง", "en": "In 2019 there were 421."}
    assert {(mark["language"], texts[mark["language"]][mark["start"] : mark["end"]]) for mark in found} >= {
        ("th", "412"),
        ("en", "421"),
    }
    assert any("2561" in mark["text"] for mark in found)
    assert any("2019" in mark["text"] for mark in found)
    same = changed(sent, en__summary="In 2018 there were 412.")
    assert office.first.post(f"{office.page}/mismatches", same).json()["sections"]["summary"] == []


def test_a_side_left_behind_is_marked_and_put_in_step(office: Office) -> None:
    sent = fields_of(office.first.get(f"{office.page}/edit"))
    assert 'value="agree:summary"' not in office.first.get(f"{office.page}/edit")
    before = dict(sent)["en.summary"]
    saved(office, office.first, sent, en__summary=before + " It is free.")
    page = office.first.get(f"{office.page}/edit")
    section = page[page.index('id="s-summary"') : page.index('id="s-problem"')]
    assert "Behind: the other side has changed since" in section
    assert re.search(r"<ins><span class=\"hidden\">added: </span>[^<]*It is free", section)
    assert "Nok" in section
    answer = office.first.post(f"{office.page}/edit", changed(fields_of(page), do="agree:summary"))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("#s-summary")
    assert 'value="agree:summary"' not in office.first.get(f"{office.page}/edit")


# History


def test_history_tells_who_when_why_and_what(office: Office) -> None:
    sent = fields_of(office.first.get(f"{office.page}/edit"))
    saved(office, office.first, sent, th__resources="ใช้งบประมาณของเทศบาล", start="2015", reason="the year <was> wrong")
    page = office.second.get(f"{office.page}/history")
    assert "Nok" in page
    assert "the year &lt;was&gt; wrong" in page
    assert '<ins><span class="hidden">added: </span>2015</ins>' in page
    assert "Resources (Thai)" in page
    assert office.second.get(f"{office.page}/history?first=2&second=2").count("<ins>") == 0
    assert office.second.get(f"{office.page}/history?first=77&second=99") == page or "Revision" in page


def test_an_older_revision_is_restored_as_a_new_one(office: Office) -> None:
    original = office.newest()
    saved(office, office.first, fields_of(office.first.get(f"{office.page}/edit")), en__summary="Spoilt.")
    answer = office.second.post(f"{office.page}/history/restore", [("revision", "1"), ("base", "2"), ("reason", "")])
    assert answer.status_code == 303
    assert office.newest().faces["en"].sections == original.faces["en"].sections
    assert office.desk.entries.history(office.entry.number)[0][3] == "Revision 1 restored"
    stale = office.second.post(f"{office.page}/history/restore", [("revision", "1"), ("base", "2")])
    assert stale.status_code == 409
    unknown = office.second.post(f"{office.page}/history/restore", [("revision", "44"), ("base", "3")])
    assert unknown.status_code == 404


# The public page


def test_a_public_page_has_a_way_to_the_desk_for_those_who_work_there(office: Office) -> None:
    address = f"/en/practices/{office.entry.practice}"
    visitor = TestClient(office.first.client.app, raise_server_exceptions=False).get(address)
    mine, contributor = office.first.client.get(address), office.owner.client.get(address)
    assert visitor.headers["etag"] == contributor.headers["etag"]
    assert visitor.text == contributor.text, "everybody else's page is the same, byte by byte"
    assert "/desk/practices/" not in visitor.text
    assert f'action="/en/desk/practices/{office.entry.practice}"' in mine.text
    assert "etag" not in mine.headers
    assert mine.headers["cache-control"] == "private, no-store"
    stale = office.first.client.get(address, headers={"if-none-match": visitor.headers["etag"]})
    assert stale.status_code == 200, "a page kept from before signing in is not taken for this one"
    planted = TestClient(office.first.client.app, raise_server_exceptions=False)
    planted.cookies.set(COOKIE, "x" * 43)
    assert planted.get(address).headers["etag"] == visitor.headers["etag"]


def test_json_of_the_editor_is_private(office: Office) -> None:
    sent = fields_of(office.first.get(f"{office.page}/edit"))
    for page in ("autosave", "mismatches"):
        answer = office.first.post(f"{office.page}/{page}", sent)
        assert json.loads(answer.text) is not None
        assert answer.headers["cache-control"] == "private, no-store", page


def test_a_pair_may_lack_one_language(taxonomy: Taxonomy) -> None:
    practice = replace(blank(), study_visit=Bilingual("ติดต่อเทศบาล", ""))
    assert practice_of(answers_of(practice, "en"), practice, taxonomy).practice == practice


def test_readers_are_told_of_a_face_that_is_behind_until_both_agree(office: Office) -> None:
    case = office.entry.practice
    assert case is not None
    sent = fields_of(office.first.get(f"{office.page}/edit"))
    assert saved(office, office.first, sent, en__summary="A shorter summary.").status_code == 303
    published = publish(office)
    assert (published.faces["en"].revision, published.faces["th"].revision, published.faces["th"].made_from) == (2, 1, 1)
    page = office.owner.client.get(f"/th/practices/{case}").text
    assert "A shorter summary." in office.owner.client.get(f"/en/practices/{case}").text
    assert 'class="head stale"' in page
    form = fields_of(office.first.get(f"{office.page}/edit"))
    assert office.first.post(f"{office.page}/edit", changed(form, do="agree:summary")).status_code == 303
    assert publish(office).faces["th"].made_from == 2
    assert 'class="head stale"' not in office.owner.client.get(f"/th/practices/{case}").text


def publish(office: Office) -> Practice:
    """Take the entry through review, by somebody who did not write it, and publish it."""
    writer, reviewer = (office.desk.accounts.by_email(f"{name}@agency.example") for name in ("nok", "dao"))
    assert writer is not None
    assert reviewer is not None
    for state, who in ((State.SUBMITTED, writer), (State.IN_REVIEW, reviewer)):
        office.desk.workflow.move(office.entry.number, state, who)
    entry = office.desk.entries.required(office.entry.number)
    opinion = Opinion({point.id: 4 for point in points()}, Recommendation.APPROVE, "")
    office.desk.reviews.add(entry.number, office.desk.entries.text_revision(entry.number), opinion, reviewer)
    office.desk.workflow.move(entry.number, State.APPROVED, reviewer)
    office.desk.publisher.publish(office.entry.number, writer)
    found = office.desk.store.practice(office.entry.practice or "")
    assert found is not None
    return found
