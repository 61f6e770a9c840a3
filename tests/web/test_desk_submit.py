"""Handing in a case: writing, files with proposals, the gate against double cases; nothing that was typed is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from kb.corpus import practice_files, read_practice
from kb.desk.accounts import Account
from kb.desk.attachments import Attachments
from kb.desk.desk import Desk
from kb.desk.gate import Gate, Near
from kb.desk.rights import Role, State
from kb.desk.taking import Kept, evidence_of
from kb.desk.uploads import Uploads
from kb.ingest.progress import Progress
from kb.records import HEADINGS, Practice
from kb.repository import Repository
from kb.taxonomy import load_taxonomy
from tests.conftest import CORPUS
from tests.ingest.made_files import thai_pdf
from web.desk import sign_in
from web.limits import RateLimit

PASSWORD = "seven horses cross the river"
FULL = {
    "face": "en", "title": "Mobile counters for remote villages", "country": "LA", "agencies": "Provincial office",
    "start": "๒๕๖๑", "levels": "provincial", "summary": "A boat brings the office to the villages.",
    "action": "Two clerks travel with a printer.",
}  # fmt: skip
"""A form that can be submitted; the year in Thai digits of the Buddhist era."""


def case(name: str) -> Practice:
    path = next(path for path in practice_files(CORPUS) if path.stem == name)
    return read_practice(path, load_taxonomy(CORPUS))


@dataclass
class Person:
    """Somebody signed in, who sends forms as a browser does."""

    client: TestClient
    account: Account

    def token(self, page: str = "/en/desk/me") -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.client.get(page).text)
        assert found
        return found[1]

    def post(self, path: str, form: dict[str, str | list[str]], **more: object) -> Response:
        return self.client.post(path, data={"token": self.token(), **form}, **more)  # type: ignore[arg-type]

    def number_of(self, answer: Response) -> int:
        match = re.search(r"/entries/(\d+)/", str(answer.url))
        assert match, answer.url
        return int(match[1])


@pytest.fixture(scope="module")
def desk(app: FastAPI) -> Iterator[Desk]:
    before, tries = app.state.desk, sign_in._TRIES
    made = Desk(app.state.repository, app.state.current.store, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app.state.desk, sign_in._TRIES = made, RateLimit(rate=1000, burst=10_000)
    yield made
    app.state.desk, sign_in._TRIES = before, tries


def signed_in(app: FastAPI, desk: Desk, name: str, role: Role) -> Person:
    email = f"{name}@submit.example"
    account = desk.accounts.by_email(email) or desk.accounts.add(email, name, role, "en")
    desk.accounts.set_password(account.id, PASSWORD)
    person = Person(TestClient(app, raise_server_exceptions=False), account)
    page = person.client.get("/en/desk/sign-in").text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    person.client.post("/en/desk/sign-in", data={"token": token[1], "email": email, "password": PASSWORD})
    return person


@pytest.fixture
def writer(app: FastAPI, desk: Desk) -> Person:
    return signed_in(app, desk, "writer", Role.CONTRIBUTOR)


@pytest.fixture
def editor(app: FastAPI, desk: Desk) -> Person:
    return signed_in(app, desk, "curator", Role.EDITOR)


@pytest.fixture
def nothing_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "near", lambda *_, **__: ())


def alike(monkeypatch: pytest.MonkeyPatch, *near: Near) -> None:
    """Let the gate find just these."""
    monkeypatch.setattr(Gate, "near", lambda *_, **__: near)


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_contributor_chooses_between_a_file_and_writing(writer: Person, language: str) -> None:
    page = writer.client.get(f"/{language}/desk/new").text
    assert 'type="file"' in page
    faces = re.findall(r"/desk/new/write\?face=(\w+)", page)
    assert faces == ["th", "en"], "Thai comes first"
    assert f'lang="{language}"' in page


def test_what_is_written_becomes_a_draft_with_the_first_save(writer: Person, desk: Desk) -> None:
    answer = writer.post("/en/desk/new/write", {**FULL, "levels": ["provincial", "local"]})
    entry = desk.entries.required(writer.number_of(answer))
    practice = desk.entries.newest(entry)
    assert (entry.state, entry.owner) == (State.DRAFT, writer.account.id)
    assert practice.faces["en"].sections == {"summary": FULL["summary"], "action": FULL["action"]}
    assert (practice.start, practice.country, practice.levels) == (2018, "LA", ("provincial", "local"))
    assert practice.agencies[0].name.en == "Provincial office"
    assert "Saved." in answer.text
    assert "Two clerks travel" in answer.text


@pytest.mark.usefixtures("nothing_alike")
def test_a_complete_draft_is_submitted_and_an_incomplete_one_tells_what_is_missing(writer: Person, desk: Desk) -> None:
    answer = writer.post("/en/desk/new/write", {**FULL, "summary": "", "step": "submit"})
    number = writer.number_of(answer)
    assert desk.entries.required(number).state is State.DRAFT
    assert 'href="#field-summary"' in answer.text
    assert re.search(r'id="field-summary"[^>]*aria-describedby="[^"]*error-summary"[^>]*aria-invalid', answer.text)
    assert 'href="#field-title"' not in answer.text
    base = str(desk.entries.required(number).revision)
    done = writer.post(f"/en/desk/entries/{number}/write", {**FULL, "base": base, "step": "submit"})
    assert desk.entries.required(number).state is State.SUBMITTED
    assert "Handed in." in done.text


WRONG = [
    ("start", "next year", "Write the year with four digits", "no year"),
    ("start", "1066", "Write the year with four digits", "out of bounds"),
    ("end", "2010", "cannot end before it began", "ended before 2018"),
    ("summary", "x" * 20_001, "The text is too long", "too long a section"),
    ("title", "x" * 301, "The line is too long", "too long a title"),
    ("agencies", "\n".join(f"Agency {n}" for n in range(21)), "one agency a line", "too many agencies"),
]


@pytest.mark.parametrize(("field", "value", "said", "why"), WRONG, ids=[row[3] for row in WRONG])
def test_what_cannot_be_saved_stays_in_the_form_with_the_reason(
    writer: Person, desk: Desk, field: str, value: str, said: str, why: str
) -> None:
    answer = writer.post("/en/desk/new/write", {**FULL, field: value, "step": "submit"})
    number = writer.number_of(answer)
    again = writer.client.get(f"/en/desk/entries/{number}/write?face=en").text
    for page in (answer.text, again):
        assert said in page, why
        assert value[:20_001] in unescape(page), "what was typed is there"
    assert desk.entries.required(number).state is State.DRAFT
    assert desk.entries.newest(desk.entries.required(number)).country == "LA", "what is right is saved"


def test_what_is_typed_is_kept_and_comes_back(writer: Person, desk: Desk) -> None:
    number = writer.number_of(writer.post("/en/desk/new/write", FULL))
    typed = {**FULL, "base": "1", "problem": "Typed, never saved."}
    kept = writer.client.post(f"/en/desk/entries/{number}/write/autosave", data=typed, headers={"x-form-token": writer.token()})
    assert kept.json() == {"kept": True}
    assert "problem" not in desk.entries.newest(desk.entries.required(number)).faces["en"].sections
    page = writer.client.get(f"/en/desk/entries/{number}/write").text
    assert "Typed, never saved." in page
    assert "did not save" in page
    back = writer.post(f"/en/desk/entries/{number}/write/discard", {})
    assert "Typed, never saved." not in back.text


def test_the_unsaved_text_of_another_form_is_left_alone(writer: Person, desk: Desk) -> None:
    number = writer.number_of(writer.post("/en/desk/new/write", FULL))
    for data in ('{"any": "thing"}', "[]", json.dumps({"form": "other", "face": "en", "values": {}})):
        desk.entries.autosave(number, 1, data, writer.account)
        assert writer.client.get(f"/en/desk/entries/{number}/write").status_code == 200


def test_two_people_at_once_see_both_texts(writer: Person, editor: Person, desk: Desk) -> None:
    number = writer.number_of(writer.post("/en/desk/new/write", FULL))
    editor.post(f"/en/desk/entries/{number}/write", {**FULL, "base": "1", "action": "The editor wrote this."})
    late = writer.post(f"/en/desk/entries/{number}/write", {**FULL, "base": "1", "action": "The writer wrote that."})
    assert "The writer wrote that." in late.text
    assert "The editor wrote this." in late.text
    assert desk.entries.newest(desk.entries.required(number)).faces["en"].sections["action"] == "The editor wrote this."
    base = re.search(r'name="base" value="(\d+)"', late.text)
    assert base
    writer.post(f"/en/desk/entries/{number}/write", {**FULL, "base": base[1], "action": "The writer wrote that."})
    assert desk.entries.newest(desk.entries.required(number)).faces["en"].sections["action"] == "The writer wrote that."


OWN = {"origin": "http://testserver", "host": "testserver"}


def test_the_session_ended_but_the_text_is_shown_and_can_be_sent_again(writer: Person, app: FastAPI, desk: Desk) -> None:
    token = writer.token()
    writer.client.cookies.clear()
    answer = writer.client.post("/en/desk/new/write", data={"token": token, **FULL, "problem": "<b>Far</b> away"}, headers=OWN)
    assert answer.status_code == 401
    assert "Two clerks travel with a printer." in answer.text
    assert "&lt;b&gt;Far&lt;/b&gt; away" in answer.text
    assert "/en/desk/sign-in" in answer.text
    again = signed_in(app, desk, "writer", Role.CONTRIBUTOR)
    old = again.client.post("/en/desk/new/write", data={"token": token, **FULL}, headers=OWN)
    assert old.status_code == 403
    new = re.search(r'name="token" value="([^"]+)"', old.text)
    assert new
    saved = again.client.post("/en/desk/new/write", data={"token": new[1], **FULL}, headers=OWN)
    assert desk.entries.newest(desk.entries.required(again.number_of(saved))).title.en == FULL["title"]


def test_a_form_of_another_site_is_not_given_a_token(writer: Person, desk: Desk) -> None:
    before = sum(desk.entries.counts().values())
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
        answer = writer.client.post("/en/desk/new/write", data={"token": "forged", **FULL}, headers=headers)
        assert answer.status_code == 403
        assert 'name="token" value="' not in answer.text
        assert "Two clerks" not in answer.text
    assert sum(desk.entries.counts().values()) == before


def test_a_form_without_measure_is_refused(writer: Person) -> None:
    answer = writer.post("/en/desk/new/write", {**FULL, "problem": "x" * 4_000_001})
    assert answer.status_code == 413


# Files


def hand_in(person: Person, data: bytes, name: str = "รายงาน.pdf") -> Response:
    return person.post("/en/desk/new/file", {}, files={"file": (name, data, "application/pdf")})


def report() -> bytes:
    """A Thai report of a case that the corpus has, with a figure."""
    face = case("th-hat-yai-flood-warning").faces["th"]
    bare = {name: re.sub(r"\[\^\d+\]|[*#@$_<>\[\]]", "", text) for name, text in face.sections.items()}
    parts = [f"== {HEADINGS['th'][name]}\n\n{bare[name]}" for name in ("summary", "problem", "action", "results")]
    return thai_pdf(f"= {face.title}\n\n" + "\n\n".join(parts))


def test_a_file_makes_a_draft_with_what_was_accepted(writer: Person, desk: Desk) -> None:
    page = hand_in(writer, report())
    number = writer.number_of(page)
    file = desk.attachments.of(number)[0]
    assert "<mark>" in page.text
    assert "Page 1" in page.text
    kept = Kept.from_json(desk.attachments.proposals(file))
    places = {one.field: index for index, one in reversed(list(enumerate(kept.proposal.proposed)))}
    form: dict[str, str | list[str]] = {
        "base": "1",
        f"use-{places['action']}": "on",
        f"value-{places['action']}": "ข้อความที่แก้แล้ว",
        f"value-{places['summary']}": "ไม่ได้เลือก",
        "choose-country": "other",
        "other-country": "LA",
    }
    if "claims" in places:
        form[f"use-{places['claims']}"] = "on"
    assert "country" in places, "there is a country to choose another one for"
    done = writer.post(f"/en/desk/entries/{number}/files/{file.id}/proposals", form)
    draft = desk.entries.newest(desk.entries.required(number))
    assert draft.faces["th"].sections["action"].startswith("ข้อความที่แก้แล้ว")
    assert "summary" not in draft.faces["th"].sections, "what was not ticked is left out"
    assert draft.country == "LA"
    assert "accepted values" in done.text
    evidence = evidence_of(Kept.from_json(desk.attachments.proposals(file)), file.id)
    assert [one.claim for one in evidence] == [claim.number for claim in draft.claims]
    assert all(one.quote for one in evidence)
    assert ("claims" in places) == bool(draft.sources)


def test_a_file_that_cannot_be_read_makes_no_draft(writer: Person, desk: Desk) -> None:
    before = sum(desk.entries.counts().values())
    for name, data in (("a.pdf", b"%PDF-1.7 cut"), ("a.exe", b"MZ"), ("a.docx", b"PK\x03\x04xx")):
        answer = hand_in(writer, data, name)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert sum(desk.entries.counts().values()) == before
    thai = writer.post("/th/desk/new/file", {}, files={"file": ("a.pdf", b"%PDF-1.7 cut", "application/pdf")})
    assert "ไฟล์เสียหาย" in thai.text


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    writer: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether its length is announced or not; nothing of it reaches the folder of uploads."""
    monkeypatch.setattr(desk, "attachments", Attachments(desk.store, Uploads(tmp_path, 1_000_000)))
    assert hand_in(writer, b"a" * 1_200_000, "a.txt").status_code == 413
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    pieces = (head if number == 0 else b"a" * 100_000 for number in range(13))
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert writer.client.post("/en/desk/new/file", content=pieces, headers=kind).status_code == 413
    assert not (tmp_path / "uploads").exists()


def test_visitors_hand_in_nothing(app: FastAPI) -> None:
    visitor = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    answer = visitor.post("/en/desk/new/file", data={"token": "x"}, files={"file": ("a.txt", b"text")})
    assert answer.status_code == 303
    assert "sign-in" in answer.headers["location"]


def test_a_file_is_saved_and_never_shown_and_only_for_those_who_may_see_the_entry(
    writer: Person, editor: Person, app: FastAPI, desk: Desk
) -> None:
    page = b"<html><body><article><p>" + b"The city warns of floods in time. " * 30 + b"</p><script>alert(1)</script></article>"
    number = writer.number_of(hand_in(writer, page, "รายงาน\r\nX-Bad: 1.html"))
    file = desk.attachments.of(number)[0]
    path = f"/en/desk/entries/{number}/files/{file.id}"
    for person in (writer, editor):
        answer = person.client.get(path)
        assert answer.content == page
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "x-bad" not in answer.headers
    stranger = signed_in(app, desk, "stranger", Role.CONTRIBUTOR)
    assert stranger.client.get(path).status_code == 404
    assert TestClient(app).get(path, follow_redirects=False).status_code == 303
    other = writer.number_of(writer.post("/en/desk/new/write", FULL))
    for wrong in (f"/en/desk/entries/{other}/files/{file.id}", f"/en/desk/entries/{number}/files/..%2f..%2fkb.db", f"{path}0"):
        assert writer.client.get(wrong).status_code == 404


# The gate


def test_a_double_has_to_be_looked_at_before_submitting(writer: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alike(
        monkeypatch, Near(case("th-traffy-fondue"), 0.7, record="th-traffy-fondue", alike=True, agrees=(), differs=("country",))
    )
    answer = writer.post("/en/desk/new/write", {**FULL, "step": "submit"})
    number = writer.number_of(answer)
    assert "/similar" in str(answer.url)
    assert "Traffy" in answer.text
    assert "differs" in answer.text
    assert desk.entries.required(number).state is State.DRAFT
    around = writer.post(f"/en/desk/entries/{number}/move", {"to": "submitted"})
    assert "/similar" in str(around.url), "the button of the entry's page leads here too"
    here = f"/en/desk/entries/{number}/similar"
    wrong = writer.post(f"{here}/different", {"other": "practice:th-traffy-fondue", "reason": " ", "submitting": "1"})
    assert wrong.status_code == 422
    foreign = writer.post(f"{here}/different", {"other": "practice:id-petabencana", "reason": "Not shown."})
    assert foreign.status_code == 422
    said = writer.post(
        f"{here}/different", {"other": "practice:th-traffy-fondue", "reason": "A boat, no app.", "submitting": "1"}
    )
    assert "A boat, no app." in said.text
    lines = desk.audit.lines(f"entry:{number}")
    assert any(line.action == "not-double" and "A boat, no app." in line.detail for line in lines)
    writer.post(f"{here}/submit", {})
    assert desk.entries.required(number).state is State.SUBMITTED


def test_what_is_less_alike_stops_nobody(writer: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    alike(monkeypatch, Near(case("th-traffy-fondue"), 0.3, record="th-traffy-fondue"))
    number = writer.number_of(writer.post("/en/desk/new/write", FULL))
    writer.post(f"/en/desk/entries/{number}/similar/submit", {})
    assert desk.entries.required(number).state is State.SUBMITTED


def test_a_draft_joins_the_case_that_lacks_its_language(
    writer: Person, editor: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = editor.number_of(editor.post("/en/desk/new/write", FULL))
    practice = desk.entries.newest(desk.entries.required(other))
    near = Near(practice, 0.9, entry=other, alike=True)
    alike(monkeypatch, near)
    thai = {**FULL, "face": "th", "title": "เรือทะเบียน", "summary": "เรือพาเจ้าหน้าที่ไปหาประชาชน", "action": "เดินเรือเดือนละสองครั้ง"}
    number = writer.number_of(writer.post("/en/desk/new/write", thai))
    hidden = writer.client.get(f"/en/desk/entries/{number}/similar").text
    assert FULL["title"] not in hidden, "a contributor sees no draft of somebody else"
    assert "you may not see" in hidden
    refused = writer.post(f"/en/desk/entries/{number}/similar/join", {"other": near.key})
    assert refused.status_code == 422
    done = editor.post(f"/en/desk/entries/{number}/similar/join", {"other": near.key})
    assert done.status_code == 200
    joined = desk.entries.newest(desk.entries.required(other))
    assert joined.faces["th"].title == "เรือทะเบียน"
    assert joined.faces["en"].title == FULL["title"]
    assert desk.entries.required(number).state is State.WITHDRAWN
    assert any(line.action == "entry-joined" for line in desk.audit.lines(f"entry:{other}"))
    third = editor.number_of(editor.post("/en/desk/new/write", thai))
    alike(monkeypatch, replace(near, practice=joined))
    twice = editor.post(f"/en/desk/entries/{third}/similar/join", {"other": near.key})
    assert twice.status_code == 422
    assert "text in this language already" in twice.text


def test_similar_cases_while_typing(writer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    text = case("th-hat-yai-flood-warning").faces["th"]
    typed = {"face": "th", "title": text.title, "summary": text.sections["summary"], "problem": text.sections["problem"]}
    answer = writer.client.post("/th/desk/similar", data=typed, headers={"x-form-token": writer.token()})
    assert "/th/practices/th-hat-yai-flood-warning" in [one["url"] for one in answer.json()["cases"]]
    short = writer.client.post("/th/desk/similar", data={"face": "th", "title": "น้ำ"}, headers={"x-form-token": writer.token()})
    assert short.json() == {"cases": []}
    monkeypatch.setattr("web.desk.submit_gate._ASKS", RateLimit(rate=0.001, burst=1))
    asked = [
        writer.client.post("/th/desk/similar", data=typed, headers={"x-form-token": writer.token()}).status_code
        for _ in range(2)
    ]
    assert asked == [200, 429]


def test_entries_at_the_desk_are_compared_too(writer: Person, desk: Desk, app: FastAPI) -> None:
    first = writer.number_of(writer.post("/en/desk/new/write", FULL))
    second = writer.number_of(writer.post("/en/desk/new/write", {**FULL, "title": "Mobile counters for far villages"}))
    found = desk.gate.near(desk.entries.newest(desk.entries.required(second)), app.state.current.get(), second)
    assert f"entry:{first}" in [near.key for near in found]
    assert f"entry:{second}" not in [near.key for near in found]
    assert found[0].agrees


def test_an_empty_repository_takes_files_without_proposals(repository: Repository) -> None:
    from web.app import create_app

    repository.ingest([], Progress(quiet=True))
    app = create_app(repository, limit=RateLimit(rate=1000, burst=10_000))
    app.state.desk = Desk(repository, app.state.current.store, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    person = signed_in(app, app.state.desk, "first", Role.CONTRIBUTOR)
    answer = hand_in(person, b"The city warns of floods with flags. " * 5, "notes.txt")
    assert answer.status_code == 200
    assert "Nothing could be proposed" in answer.text
