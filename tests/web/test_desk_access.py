"""The door of the desk: every route against every role, forms of other sites, planted sessions, used links, others' drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx import Response

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.entries import Entry, blank
from kb.desk.rights import ON_ENTRIES, Action, Role, may
from kb.records import Face
from web.desk import sign_in
from web.desk.access import COOKIE, Access, Reads, Writes, own_page
from web.limits import RateLimit

PASSWORD = "seven horses cross the river"
VISITORS_MAY = {"sign-in", "sign-on", "sign-on/back", "forgotten", "password/{link}"}
"""Pages of the desk that need no account."""


@dataclass(frozen=True)
class Everyone:
    desk: Desk
    accounts: dict[str, Account]


@pytest.fixture(scope="module")
def everyone(app: FastAPI) -> Iterator[Everyone]:
    """The desk of the shared application, with one account in each role and a contributor who owns something."""
    before, tries = app.state.desk, sign_in._TRIES
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    desk = Desk(app.state.repository, app.state.current.store, hasher=quick)
    app.state.desk, sign_in._TRIES = desk, RateLimit(rate=1000, burst=10_000)
    roles = {role.value: role for role in Role} | {"owner": Role.CONTRIBUTOR}
    accounts = {name: desk.accounts.add(f"{name}@access.example", name, role, "en") for name, role in roles.items()}
    for account in accounts.values():
        desk.accounts.set_password(account.id, PASSWORD)
    yield Everyone(desk, accounts)
    app.state.desk, sign_in._TRIES = before, tries


class Browser:
    """A visitor or somebody signed in, who fills forms as a browser does."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)

    def token(self, page: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.client.get(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> Response:
        form = {"token": self.token("/en/desk/sign-in"), "email": email, "password": password, **more}
        return self.client.post("/en/desk/sign-in", data=form)

    def post(self, path: str, page: str = "/en/desk/me", **form: str) -> Response:
        return self.client.post(path, data={"token": self.token(page), **form})


@pytest.fixture(scope="module")
def browsers(app: FastAPI, everyone: Everyone) -> dict[str, Browser]:
    """Everyone signed in, and a visitor."""
    found = {"visitor": Browser(app)}
    for name, account in everyone.accounts.items():
        found[name] = Browser(app)
        assert found[name].sign_in(account.email).status_code == 303
    return found


def draft_of(everyone: Everyone, title: str = "A draft") -> Entry:
    practice = replace(blank(), country="TH", faces={"en": Face("en", title, {"summary": "Something."})})
    return everyone.desk.entries.create(practice, everyone.accounts["owner"])


def desk_routes(app: FastAPI) -> list[APIRoute]:
    """Every route below /desk, whichever router brought it."""
    everything = [*app.routes]
    for route in app.routes:
        everything += getattr(getattr(route, "original_router", None), "routes", [])
    found = [route for route in everything if isinstance(route, APIRoute) and "/desk" in route.path]
    assert len(found) > 20, "the routes are not where they were looked for"
    return found


def access_of(route: APIRoute) -> Access | None:
    found = [dependency.call for dependency in route.dependant.dependencies if isinstance(dependency.call, Access)]
    assert len(found) <= 1, f"{route.path} asks for two rights"
    return found[0] if found else None


def test_every_route_of_the_desk_names_its_right(app: FastAPI) -> None:
    open_to_all = {route.path.split("/desk/")[-1] for route in desk_routes(app) if access_of(route) is None}
    assert open_to_all == VISITORS_MAY


def test_every_form_is_checked_and_no_page_that_is_read_changes_anything(app: FastAPI) -> None:
    for route in desk_routes(app):
        access = access_of(route)
        if access is not None:
            wanted = Reads if route.methods == {"GET"} else Writes
            assert type(access) is wanted, f"{route.methods} {route.path}"


def test_every_address_with_an_entry_asks_for_a_right_to_entries(app: FastAPI) -> None:
    for route in desk_routes(app):
        access = access_of(route)
        if access is not None:
            assert ("{number}" in route.path) == (access.action in ON_ENTRIES), route.path


_NUMBERS = count(1)


def test_every_route_against_every_role(app: FastAPI, everyone: Everyone, browsers: dict[str, Browser]) -> None:
    """Who may not is refused by the guard; who may gets past it, whatever the empty form then leads to."""
    wrong = []
    for route in desk_routes(app):
        access = access_of(route)
        if access is None or route.path.endswith("/sign-out"):
            continue
        for name, browser in browsers.items():
            entry = draft_of(everyone, f"Draft {next(_NUMBERS)}")
            path = _filled(route.path, entry, everyone)
            account = everyone.accounts.get(name)
            allowed = may(account, access.action, entry if "{number}" in route.path else None)
            if route.methods == {"GET"}:
                answer = browser.client.get(path)
            else:
                token = browser.token("/en/desk/me") if account else "none"
                answer = browser.client.post(path, data={"token": token})
            if not _as_wanted(answer, allowed, account is None):
                wrong.append((name, sorted(route.methods), route.path, answer.status_code, allowed))
    assert not wrong


def _filled(path: str, entry: Entry, everyone: Everyone) -> str:
    known = {"language": "en", "number": str(entry.number), "person": str(everyone.accounts["owner"].id)}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: known.get(match[1], "1"), path)


def _as_wanted(answer: Response, allowed: bool, visitor: bool) -> bool:
    if visitor:
        return answer.status_code == 303 and "/desk/sign-in" in answer.headers["location"]
    refused = answer.status_code == 403 or (answer.status_code == 404 and "There is no such entry" in answer.text)
    if not allowed:
        return refused
    return not refused or "present state" in answer.text or "You wrote" in answer.text


def test_somebody_elses_draft_is_not_there(everyone: Everyone, browsers: dict[str, Browser]) -> None:
    """The number of a draft that one may not see answers as a number that does not exist."""
    entry = draft_of(everyone, "A secret plan")
    hidden = browsers["contributor"].client.get(f"/en/desk/entries/{entry.number}")
    missing = browsers["contributor"].client.get("/en/desk/entries/999999")
    assert hidden.status_code == missing.status_code == 404
    assert "secret" not in hidden.text
    assert "secret" not in browsers["contributor"].client.get("/en/desk").text
    assert browsers["owner"].client.get(f"/en/desk/entries/{entry.number}").status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "๑", "1%20", "99999999999999999999", "x"])
def test_numbers_that_are_none(browsers: dict[str, Browser], number: str) -> None:
    assert browsers["editor"].client.get(f"/en/desk/entries/{number}").status_code == 404


def test_a_form_without_its_token_changes_nothing(everyone: Everyone, browsers: dict[str, Browser]) -> None:
    entry = draft_of(everyone)
    owner = browsers["owner"].client
    for form in ({}, {"token": ""}, {"token": "a.b"}, {"token": browsers["editor"].token("/en/desk/me")}):
        answer = owner.post(f"/en/desk/entries/{entry.number}/withdraw", data=form)
        assert answer.status_code == 403
    assert everyone.desk.entries.required(entry.number).state == entry.state


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://testserver.evil.example"}],
)
def test_a_form_that_another_site_sends_is_refused_even_with_a_token(
    browsers: dict[str, Browser], headers: dict[str, str]
) -> None:
    owner = browsers["owner"]
    form = {"token": owner.token("/en/desk/me"), "choice": "th"}
    assert owner.client.post("/en/desk/me/language", data=form, headers=headers).status_code == 403


def test_a_session_that_was_planted_before_signing_in_is_worth_nothing(app: FastAPI, everyone: Everyone) -> None:
    victim = Browser(app)
    victim.client.cookies.set(COOKIE, "planted-by-somebody")
    assert victim.sign_in("owner@access.example").status_code == 303
    assert victim.client.cookies.get(COOKIE, domain="testserver.local") != "planted-by-somebody"
    attacker = Browser(app)
    attacker.client.cookies.set(COOKIE, "planted-by-somebody")
    assert attacker.client.get("/en/desk").status_code == 303


def test_signing_out_ends_the_session_on_the_server(app: FastAPI, everyone: Everyone) -> None:
    browser = Browser(app)
    browser.sign_in("owner@access.example")
    kept = next(cookie.value for cookie in browser.client.cookies.jar if cookie.name == COOKIE)
    assert browser.post("/en/desk/sign-out").status_code == 303
    stolen = Browser(app)
    stolen.client.cookies.set(COOKIE, kept or "")
    assert stolen.client.get("/en/desk").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(app: FastAPI, everyone: Everyone) -> None:
    cookie = next(
        value
        for value in Browser(app).sign_in("owner@access.example").headers.get_list("set-cookie")
        if value.startswith(COOKIE)
    )
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    encrypted = TestClient(app, base_url="https://testserver", follow_redirects=False)
    assert "Secure" in encrypted.get("/en/desk/sign-in").headers["set-cookie"]


def test_a_link_sets_a_password_once(app: FastAPI, everyone: Everyone) -> None:
    account = everyone.desk.accounts.add("link@access.example", "Link", Role.CONTRIBUTOR, "en")
    path = f"/en/desk/password/{everyone.desk.accounts.link(account.id)}"
    browser = Browser(app)
    assert browser.post(path, page=path, password="short").status_code == 422
    assert browser.post(path, page=path, password="a sentence of words").status_code == 303
    again = browser.client.post(
        path, data={"token": browser.token("/en/desk/sign-in"), "password": "another sentence of words"}
    )
    assert again.status_code == 422
    assert browser.client.get(path).status_code == 410
    assert browser.sign_in("link@access.example", "another sentence of words").status_code == 401
    assert browser.sign_in("link@access.example", "a sentence of words").status_code == 303


def test_asking_for_a_link_says_the_same_whether_there_is_an_account(app: FastAPI, everyone: Everyone) -> None:
    browser = Browser(app)
    pages = [
        re.sub(r'value="[^"]*"', "", browser.post("/en/desk/forgotten", page="/en/desk/forgotten", email=email).text)
        for email in ("owner@access.example", "nobody@access.example")
    ]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/en/desk/inbox?x=1", True),
        ("https://evil.example/en/desk", False),
        ("//evil.example/en/desk", False),
        ("/en/desk\\@evil.example", False),
        ("/en/deskevil\r\nSet-Cookie: a=b", False),
        ("/en/practices/th-traffy-fondue", False),
    ],
)
def test_signing_in_leads_to_pages_of_the_desk_only(path: str, kept: bool) -> None:
    assert own_page(path) == (path if kept else "")


def test_nobody_keeps_a_page_of_the_desk(browsers: dict[str, Browser]) -> None:
    answer = browsers["editor"].client.get("/en/desk")
    assert "no-store" in answer.headers["cache-control"]
    assert "etag" not in answer.headers


def test_too_many_tries_from_one_address_are_slowed_down(
    app: FastAPI, everyone: Everyone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "_TRIES", RateLimit(rate=0.001, burst=2))
    answers = [Browser(app).sign_in("owner@access.example").status_code for _ in range(3)]
    assert answers == [303, 303, 401]


def test_an_action_that_no_route_asks_for_is_a_slip(app: FastAPI) -> None:
    """`may` is asked by routes and by the workflow; every right has to be asked for somewhere."""
    asked = {access.action for route in desk_routes(app) if (access := access_of(route)) is not None}
    in_the_workflow = {Action.SUBMIT, Action.TAKE, Action.REVIEW, Action.ASSIGN}
    being_built = {Action.PLAN, Action.BULK, Action.TERMS, Action.EDIT, Action.COMMENT, Action.CHECK_CLAIMS}
    assert asked | in_the_workflow | being_built == set(Action)
