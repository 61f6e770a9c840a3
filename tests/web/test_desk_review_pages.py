"""Pages of reviews, evidence and mail, and what readers see of a verification, through the running application."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.reviews import points
from kb.desk.rights import Role, State
from kb.encoder import FakeEncoder
from kb.repository import Repository
from web.app import create_app
from web.limits import RateLimit

PASSWORD = "a long enough password"


@dataclass
class Office:
    """An application with an account of each role."""

    app: FastAPI
    desk: Desk

    def sign_in(self, role: str) -> TestClient:
        client = TestClient(self.app, follow_redirects=True)
        page = client.get("/en/desk/sign-in").text
        sent = {"token": token(page), "email": f"{role}@a.example", "password": PASSWORD}
        assert client.post("/en/desk/sign-in", data=sent).status_code == 200
        return client

    def account(self, role: str) -> Account:
        found = self.desk.accounts.by_email(f"{role}@a.example")
        assert found is not None
        return found

    def entry(self) -> int:
        """A submitted entry of the contributor."""
        owner = self.account("contributor")
        practice = self.desk.store.practice("th-traffy-fondue")
        assert practice is not None
        number = self.desk.entries.create(practice, owner).number
        self.desk.workflow.move(number, State.SUBMITTED, owner)
        return number


def token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def key_of(page: str, claim: int) -> str:
    found = re.search(rf'evidence/{claim}" method="post">.*?name="key" value="([0-9a-f]+)"', page, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def office(fake_corpus_repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    place: Path = tmp_path_factory.mktemp("office")
    given = fake_corpus_repository.settings
    shutil.copytree(given.home, place / "var")
    repository = Repository(replace(given, home=place / "var", index=place / "index"), FakeEncoder())
    with repository.store() as store:
        repository.ensure_index(store)
    app = create_app(repository, limit=RateLimit(rate=1000, burst=100_000))
    desk: Desk = app.state.desk
    for role in Role:
        account = desk.accounts.add(f"{role.value}@a.example", role.value.title(), role, "en")
        desk.accounts.set_password(account.id, PASSWORD)
    yield Office(app, desk)
    desk.store.close()


def test_review_assigned_written_and_seen_by_its_author(office: Office) -> None:
    number = office.entry()
    editor, reviewer, author = (office.sign_in(role) for role in ("editor", "reviewer", "contributor"))
    here = f"/en/desk/entries/{number}/review"
    page = editor.get(here).text
    person = re.search(r'<option value="(\d+)"[^>]*>Reviewer<', page)
    assert person is not None
    assert (
        editor.post(f"/en/desk/entries/{number}/assign", data={"token": token(page), "reviewer": person[1]}).status_code == 200
    )
    page = reviewer.get(here).text
    assert "To approve this version, review it first." in reviewer.get(f"/en/desk/entries/{number}").text
    scores = [f"{point.id}=4" for point in points()]
    sent = {"token": token(page), "revision": "1", "recommendation": "approve", "note": "<b>Well told.</b>", "step": "1"}
    short = reviewer.post(here, data={**sent, "score": [*scores[:-1], "sustainability="]})
    assert short.status_code == 422
    assert "Give each of the eight points a score" in short.text
    assert len(re.findall('<select[^>]*aria-invalid="true"', short.text)) == 1
    assert "&lt;b&gt;Well told.&lt;/b&gt;" in short.text  # nothing is typed twice
    assert '<option value="ethics=4" selected>' in short.text
    done = reviewer.post(here, data={**sent, "token": token(short.text), "score": scores})
    assert "The review is kept." in done.text
    assert office.desk.entries.required(number).state is State.APPROVED
    seen = author.get(here)
    assert "&lt;b&gt;Well told.&lt;/b&gt;" in seen.text
    assert 'name="recommendation"' not in seen.text
    assert author.post(here, data={**sent, "token": token(seen.text), "score": scores}).status_code == 403


def test_comments_are_added_and_settled(office: Office) -> None:
    number = office.entry()
    reviewer, author = office.sign_in("reviewer"), office.sign_in("contributor")
    here, comments = f"/en/desk/entries/{number}/review", f"/en/desk/entries/{number}/comments"
    sent = {"token": token(reviewer.get(here).text), "place": "summary-th", "text": "ใครเป็นผู้ส่งเรื่อง"}
    page = reviewer.post(comments, data=sent).text
    assert '<strong lang="th">สรุป</strong>' in page
    one = office.desk.comments.of(number)[0].id
    page = author.post(f"{comments}/{one}", data={"token": token(author.get(here).text), "what": "settle"}).text
    assert "Settled by Contributor" in page
    bad = author.post(comments, data={"token": token(page), "place": "nowhere-th", "text": "x"})
    assert bad.status_code == 422
    assert author.post(f"{comments}/999999", data={"token": token(page)}).status_code == 422


def test_claims_are_checked_verified_and_shown_to_readers(office: Office) -> None:
    editor, reviewer = office.sign_in("editor"), office.sign_in("reviewer")
    page = editor.get("/en/desk").text
    opened = editor.post("/en/desk/practices/th-traffy-fondue", data={"token": token(page)})
    number = int(str(opened.url).rsplit("/", 1)[1])
    here = f"/en/desk/entries/{number}/evidence"
    page = reviewer.get(here).text
    wrong = {"token": token(page), "key": key_of(page, 1), "verdict": "wrong"}
    assert reviewer.post(f"{here}/1", data=wrong).status_code == 422  # why?
    page = reviewer.post(f"{here}/1", data={**wrong, "note": "The source says 1,600."}).text
    assert "Claim 1 was found unsupported or wrong" in unescape(editor.get(f"/en/desk/entries/{number}").text)
    assert reviewer.post(f"{here}/2", data={**wrong, "key": "0" * 64, "note": "x"}).status_code == 409
    for claim in range(1, 8):
        verdict = "plausible" if claim == 7 else "confirmed"
        sent = {"token": token(page), "key": key_of(page, claim), "verdict": verdict, "quote": "“…” <i>so</i>"}
        page = reviewer.post(f"{here}/{claim}", data=sent).text
    assert "&lt;i&gt;so&lt;/i&gt;" in page
    given = {"token": token(page), "revision": "1", "by_th": "สำนักเลขานุการ", "by_en": "The secretariat"}
    assert reviewer.post(f"/en/desk/entries/{number}/verify", data={**given, "until": "never"}).status_code == 422
    last = office.desk.clock().date().replace(year=office.desk.clock().year + 1, day=1)
    done = reviewer.post(f"/en/desk/entries/{number}/verify", data={**given, "until": last.isoformat()})
    assert "Verified. Publish the entry" in done.text
    page = editor.get(f"/en/desk/entries/{number}").text
    assert "Published." in editor.post(f"/en/desk/entries/{number}/publish", data={"token": token(page)}).text
    reader = TestClient(office.app)
    english = reader.get("/en/practices/th-traffy-fondue").text
    assert "The secretariat" in english
    assert "Of 7 statements with figures, 6 were confirmed and 1 found plausible." in english
    assert "สำนักเลขานุการ" in reader.get("/th/practices/th-traffy-fondue").text
    page = reviewer.get(here).text
    soon = office.desk.clock().date() + timedelta(days=20)
    again = {**given, "token": token(page), "revision": "2", "until": soon.isoformat()}
    assert reviewer.post(f"/en/desk/entries/{number}/verify", data=again).status_code == 200
    office.desk.publisher.publish(number, office.account("editor"))
    home = editor.get("/en/desk").text
    assert f'href="/en/desk/entries/{number}/evidence"' in home
    assert "verification holds until" in home
    assert "What waits" not in office.sign_in("contributor").get("/en/desk").text


def test_waiting_mail_is_for_administrators_and_shows_no_links(office: Office) -> None:
    administrator, editor = office.sign_in("administrator"), office.sign_in("editor")
    account = office.account("contributor")
    office.desk.notices.password_link(account, "a-one-time-token", invitation=True)
    page = administrator.get("/en/desk/mail")
    assert "contributor@a.example" in page.text
    assert "No mail server is set" in page.text
    assert "a-one-time-token" not in page.text
    assert editor.get("/en/desk/mail").status_code == 403
    again = administrator.post("/en/desk/mail", data={"token": token(page.text), "mail": "0"})
    assert "Tried again in a moment." in again.text


@pytest.mark.parametrize("page", ["review", "evidence"])
def test_strangers_find_no_entry(office: Office, page: str) -> None:
    stranger = office.desk.accounts.by_email("stranger@a.example")
    if stranger is None:
        stranger = office.desk.accounts.add("stranger@a.example", "Stranger", Role.CONTRIBUTOR, "th")
        office.desk.accounts.set_password(stranger.id, PASSWORD)
    assert office.sign_in("stranger").get(f"/th/desk/entries/{office.entry()}/{page}").status_code == 404


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("role", ["contributor", "reviewer", "editor"])
def test_pages_render_for_all_who_may_see_them(office: Office, language: str, role: str) -> None:
    number, client = office.entry(), office.sign_in(role)
    for page in ("", "/review", "/evidence"):
        assert client.get(f"/{language}/desk/entries/{number}{page}").status_code == 200
    assert client.get(f"/{language}/desk").status_code == 200
