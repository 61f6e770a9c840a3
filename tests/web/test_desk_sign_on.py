"""Signing in through an OpenID Connect service, against a real one on this machine that can be told to lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from lxml import html
from sign_on_service import CLIENT, SECRET, Service

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.rights import Role
from kb.desk.sign_on import SignOn, Started
from web.desk import sign_in
from web.desk.access import COOKIE
from web.desk.sign_on import COOKIE as KEPT
from web.limits import RateLimit

UNTRUSTED = "The sign-on service sent an answer that cannot be trusted; tell the administrator."
NO_ACCOUNT = "There is no account for you here; ask an administrator to make one for your mail address."
ELSEWHERE = "Signing in took too long or was begun elsewhere; try again."


@dataclass
class Place:
    app: FastAPI
    desk: Desk
    service: Service
    account: Account

    def browser(self) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)

    def sign_on(self, browser: TestClient, language: str = "en", next_page: str = "") -> Response:
        """There and back; the answer of this server at the end."""
        there = browser.get(f"/{language}/desk/sign-on", params={"next": next_page} if next_page else {})
        assert there.status_code == 303
        return browser.get(self.service.authorize(there.headers["location"]))


@pytest.fixture
def place(app: FastAPI) -> Iterator[Place]:
    service = Service(person={"sub": "248289761001", "email": "somsri@sign-on.example", "email_verified": True})
    before, tries = app.state.desk, sign_in._TRIES
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    desk = Desk(app.state.repository, app.state.current.store, hasher=quick)
    desk.sign_on = SignOn(
        replace(
            app.state.repository.settings,
            oidc_issuer=service.issuer,
            oidc_client=CLIENT,
            oidc_secret=SECRET,
            oidc_name="ThaiD",
        )
    )
    app.state.desk, sign_in._TRIES = desk, RateLimit(rate=1000, burst=10_000)
    account = desk.accounts.add("Somsri@sign-on.example", "Somsri", Role.EDITOR, "th")
    yield Place(app, desk, service, account)
    desk.store.database.execute("DELETE FROM sessions")
    desk.store.database.execute("DELETE FROM accounts WHERE email LIKE '%sign-on.example'")
    app.state.desk, sign_in._TRIES = before, tries
    service.close()


def problem(answer: Response) -> str:
    assert answer.status_code == 401
    return " ".join(html.fromstring(answer.text).get_element_by_id("problem").text_content().split())


def test_somebody_with_an_account_comes_in_and_is_bound(place: Place) -> None:
    browser = place.browser()
    page = browser.get("/en/desk/sign-in?next=/en/desk/inbox").text
    link = html.fromstring(page).xpath("//a[contains(@href, '/desk/sign-on')]")[0]
    assert link.text_content() == "Sign in with ThaiD"
    answer = place.sign_on(browser, next_page="/en/desk/inbox")
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/desk/inbox")
    assert browser.get("/en/desk/inbox").status_code == 200
    assert KEPT not in browser.cookies
    bound = place.desk.accounts.by_subject(f"{place.service.issuer}|248289761001")
    assert bound is not None
    assert bound.id == place.account.id
    assert place.desk.audit.lines()[0].action == "signed-in"


def test_a_bound_person_is_known_under_another_address_and_nobody_else_by_theirs(place: Place) -> None:
    place.sign_on(place.browser())
    place.service.person = {"sub": "248289761001", "email": "new@elsewhere.example", "email_verified": True}
    assert place.sign_on(place.browser()).status_code == 303
    place.service.person = {"sub": "somebody else", "email": "somsri@sign-on.example", "email_verified": True}
    assert problem(place.sign_on(place.browser())) == NO_ACCOUNT


def test_the_address_may_stand_outside_the_token(place: Place) -> None:
    place.service.in_token = False
    assert place.sign_on(place.browser()).status_code == 303


@pytest.mark.parametrize(
    ("person", "said"),
    [
        pytest.param({"email": "nobody@sign-on.example"}, NO_ACCOUNT, id="no account"),
        pytest.param({"email_verified": False}, NO_ACCOUNT, id="an address that the service does not vouch for"),
        pytest.param({"email_verified": "true"}, NO_ACCOUNT, id="and one that it vouches for as a text"),
    ],
)
def test_people_without_an_account_are_told_so(place: Place, person: dict[str, object], said: str) -> None:
    place.service.person |= person
    browser = place.browser()
    assert problem(place.sign_on(browser)) == said
    assert COOKIE not in browser.cookies


def test_a_closed_account_and_one_with_a_second_factor_stay_shut(place: Place) -> None:
    place.desk.store.database.execute("UPDATE accounts SET totp = 'x' WHERE id = ?", [place.account.id])
    assert "second factor of its own" in problem(place.sign_on(place.browser()))
    place.desk.store.database.execute("UPDATE accounts SET totp = NULL, disabled = 1 WHERE id = ?", [place.account.id])
    assert problem(place.sign_on(place.browser())) == NO_ACCOUNT


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "http://other.example"}, id="another issuer"),
        pytest.param({"aud": "another-client"}, id="for another client"),
        pytest.param({"aud": [CLIENT, "another"], "azp": "another"}, id="given to another client"),
        pytest.param({"exp": 1_000_000_000, "iat": 999_999_000}, id="long over"),
        pytest.param({"iat": 4_000_000_000, "exp": 4_000_001_000}, id="from the future"),
        pytest.param({"nonce": "of another browser"}, id="of another browser"),
        pytest.param({"nonce": None}, id="of no browser"),
    ],
)
def test_a_token_that_was_not_made_for_this_is_refused(place: Place, claims: dict[str, object]) -> None:
    place.service.claims = claims
    browser = place.browser()
    assert problem(place.sign_on(browser)) == UNTRUSTED
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("how", ["a key of somebody else", "no signature"])
def test_a_token_that_the_service_did_not_sign_is_refused(place: Place, how: str) -> None:
    place.service.foreign_key = how == "a key of somebody else"
    place.service.algorithm = "none" if how == "no signature" else "RS256"
    assert problem(place.sign_on(place.browser())) == UNTRUSTED


def test_an_answer_is_worth_something_in_the_browser_that_asked_and_once_only(place: Place) -> None:
    asking, other = place.browser(), place.browser()
    address = place.service.authorize(asking.get("/en/desk/sign-on").headers["location"])
    assert problem(other.get(address)) == "การเข้าสู่ระบบใช้เวลานานเกินไปหรือเริ่มจากที่อื่น โปรดลองอีกครั้ง"
    assert asking.get(address).status_code == 303
    assert asking.get(address).status_code == 401, "what the browser kept is used up"
    begun = place.browser()
    begun.get("/en/desk/sign-on")
    assert problem(begun.get("/th/desk/sign-on/back?code=x&state=wrong")) == ELSEWHERE
    assert COOKIE not in begun.cookies


def test_the_page_of_a_refusal_is_there_in_the_other_language_too(place: Place) -> None:
    browser = place.browser()
    answer = browser.get("/th/desk/sign-on/back?code=x&state=wrong")
    assert 'href="/en/desk/sign-on/back"' in answer.text
    assert problem(browser.get("/en/desk/sign-on/back")) == ELSEWHERE


def test_who_says_no_there_is_told_what_to_do(place: Place) -> None:
    browser = place.browser()
    sent = parse_qs(urlsplit(browser.get("/en/desk/sign-on").headers["location"]).query)
    answer = browser.get("/th/desk/sign-on/back", params={"error": "access_denied", "state": sent["state"][0]})
    assert problem(answer) == "The sign-on service did not let you in; try again, or sign in with a password."


def test_a_planted_session_is_replaced_and_no_other_site_is_led_to(place: Place) -> None:
    browser = place.browser()
    browser.cookies.set(COOKIE, "planted", domain="testserver.local", path="/")
    answer = place.sign_on(browser, next_page="https://evil.example/")
    assert answer.headers["location"] == "/th/desk", "the account's own language"
    assert browser.cookies[COOKIE] != "planted"


def test_a_service_that_is_away_or_calls_itself_otherwise(place: Place) -> None:
    place.service.issuer = "http://127.0.0.1:1"
    assert "calls itself otherwise" in problem(place.browser().get("/en/desk/sign-on"))
    place.service.close()
    assert "cannot be reached" in problem(place.browser().get("/en/desk/sign-on"))


def test_without_a_service_there_is_no_button_and_no_way(app: FastAPI) -> None:
    browser = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    assert "sign-on" not in browser.get("/en/desk/sign-in").text
    assert browser.get("/en/desk/sign-on").status_code == 404
    assert browser.get("/th/desk/sign-on/back?code=1&state=2").status_code == 404


@pytest.mark.parametrize("kept", ["", "x", "e30=", "W10=", "\u0e01"])
def test_what_a_browser_made_up_is_nothing(kept: str) -> None:
    assert Started.unpacked(kept) is None
