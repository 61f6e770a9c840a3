"""WCAG 2.2 AA on every page of the desk: axe-core in Chromium, both languages, light and dark, none wider than a phone."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from axe import COLOURS, EVERYTHING, violations
from selenium import webdriver
from selenium.webdriver.common.by import By
from test_browser import OPEN_ALL, chromium
from test_desk_submit import report

from kb.corpus import practice_files
from kb.desk.asked import NO_PRECEDENT, AskedQuestions
from kb.desk.comments import Place
from kb.desk.desk import Desk
from kb.desk.rights import Role
from kb.encoder import FakeEncoder
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.settings import Settings
from web.app import create_app, server
from web.desk.access import COOKIE
from web.desk.routes import ROUTERS
from web.limits import RateLimit

pytestmark = pytest.mark.browser
CORPUS = Path(__file__).parent.parent.parent / "corpus"

NO_PAGES = {"log.csv", "coverage.csv", "table/export", "entries/{number}/files/{file}", "sign-on", "sign-on/back"}
"""Addresses that answer with a file, or lead elsewhere."""
VISITORS = {"sign-in": "sign-in", "forgotten": "forgotten", "password/{link}": "password/{link}"}
"""Pages for those who have not signed in: route -> address below /desk."""
SIGNED_IN = {
    "": "",
    "me": "me",
    "me/second-factor": "me/second-factor",
    "inbox": "inbox",
    "accounts": "accounts",
    "log": "log",
    "mail": "mail",
    "new": "new",
    "new/write": "new/write?face=th",
    "coverage": "coverage?by=year",
    "coverage/cases": "coverage/cases?country=TH",
    "unanswered": "unanswered",
    "table": "table",
    "terms": "terms?q=flood",
    "terms/queries": "terms/queries",
    "terms/{name}": "terms/principles",
    "terms/{name}/{key}": "terms/terms/opdc",
    "entries/{number}": "entries/{case}",
    "entries/{number}/edit": "entries/{case}/edit",
    "entries/{number}/history": "entries/{case}/history",
    "entries/{number}/review": "entries/{case}/review",
    "entries/{number}/evidence": "entries/{case}/evidence",
    "entries/{number}/write": "entries/{draft}/write",
    "entries/{number}/similar": "entries/{draft}/similar",
    "entries/{number}/files": "entries/{draft}/files",
    "entries/{number}/files/{file}/proposals": "entries/{draft}/files/{file}/proposals",
    "unanswered/call": "unanswered",
    "table/preview": "table/preview",
}
AFTER_A_FORM = {
    "a call for submissions": ("unanswered", "form[action$='/call'] button"),
    "the effect of a change": ("terms/levels/national", "button[value=effect]"),
    "a refused account": ("accounts", "form[action$='/accounts'].fields button"),
    "a refused term": ("terms/regions/new", "button[value=effect]"),
}
"""Pages that only a sent form leads to: the page with the form, and its button."""


@dataclass
class Premises:
    """A served desk with something on every page."""

    address: str
    token: str
    places: dict[str, str]

    def url(self, language: str, below: str) -> str:
        return f"{self.address}/{language}/desk/{below.format(**self.places)}".rstrip("/")

    def enter(self, driver: webdriver.Chrome, signed_in: bool) -> None:
        driver.get(f"{self.address}/healthz")
        driver.delete_all_cookies()
        if signed_in:
            driver.add_cookie({"name": COOKIE, "value": self.token, "path": "/", "httpOnly": True})


@pytest.fixture(scope="module")
def premises(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    place = tmp_path_factory.mktemp("desk")
    settings = Settings(home=place / "var", index=place / "index", corpus=CORPUS, count_readers=0)
    repository = Repository(settings, FakeEncoder())
    repository.ingest([path for path in practice_files(CORPUS) if path.parent.name in ("th", "la")], Progress(quiet=True))
    app = create_app(repository, limit=RateLimit(rate=0, burst=1))
    desk: Desk = app.state.desk
    person = desk.accounts.add("all@agency.example", "Somchai", Role.ADMINISTRATOR, "en")
    other = desk.accounts.add("nok@agency.example", "Nok", Role.EDITOR, "th")
    listener = socket.create_server(("127.0.0.1", 0))
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    token = desk.sessions.begin(person)
    with httpx.Client(base_url=address, cookies={COOKIE: token}, timeout=120) as client:
        places = furnish(desk, client)
    places["link"] = desk.accounts.link(other.id)
    today = datetime.now(UTC).date()
    for day in (today - timedelta(days=2), today):
        app.state.asked = AskedQuestions(settings.searches, lambda day=day: day)
        app.state.asked.record("rocket launches over rice fields", "en", NO_PRECEDENT)
        app.state.asked.flush()
    yield Premises(address, token, places)
    running.should_exit = True
    thread.join(timeout=10)


def furnish(desk: Desk, client: httpx.Client) -> dict[str, str]:
    """A case under review with a comment, a draft made from a file, messages, a kept search, and a table that waits."""
    person, other = (desk.accounts.by_email(f"{name}@agency.example") for name in ("all", "nok"))
    assert person
    assert other

    def send(path: str, data: dict[str, str], file: tuple[str, bytes] | None = None) -> httpx.Response:
        found = re.search(r'name="token" value="([^"]+)"', client.get("/en/desk/me").text)
        assert found
        answer = client.post(path, data={"token": found[1], **data}, files={"file": file} if file else None)
        assert answer.status_code in (200, 303), answer.text[:500]
        return answer

    case = desk.entries.open("th-traffy-fondue", other)
    with desk.store.writing():
        desk.store.database.table("entries").update(case.number, {"state": "submitted"})
    send(f"/en/desk/entries/{case.number}/move", {"to": "in_review"})
    desk.comments.add(case.number, Place("summary", "en"), "Which year is this?", person)
    draft = send("/en/desk/new/file", {}, ("report.pdf", report())).headers["location"]
    numbers = re.findall(r"/entries/(\d+)/files/(\w+)/", draft)[0]
    send("/en/desk/terms/queries", {"text": "คำค้นที่เฝ้าดู"})
    desk.notices.password_link(other, "no-such-link", invitation=False)
    table = client.get("/en/desk/table/export", params={"form": "csv"}).content
    send("/en/desk/table", {}, ("cases.csv", table))
    return {"case": str(case.number), "draft": numbers[0], "file": numbers[1]}


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("scripted"), javascript=True)
    started.set_window_size(1280, 1000)
    yield started
    started.quit()


def test_every_page_of_the_desk_is_in_the_list() -> None:
    below = {
        route.path.partition("/desk")[2].strip("/") for router in ROUTERS for route in router.routes if route.methods == {"GET"}
    }  # type: ignore[attr-defined]
    assert below == NO_PAGES | set(VISITORS) | set(SIGNED_IN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_no_barrier_is_found(premises: Premises, driver: webdriver.Chrome, language: str, scheme: str) -> None:
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    rules = EVERYTHING if scheme == "light" else COLOURS
    found = []
    for pages, signed_in in ((VISITORS, False), (SIGNED_IN, True)):
        premises.enter(driver, signed_in)
        for below in pages.values():
            driver.get(premises.url(language, below))
            driver.execute_script(OPEN_ALL)
            found += [(below, line) for line in violations(driver, rules)]
    for name, (below, button) in AFTER_A_FORM.items():
        press(premises, driver, language, below, button)
        driver.execute_script(OPEN_ALL)
        found += [(name, line) for line in violations(driver, rules)]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert found == []


def press(premises: Premises, driver: webdriver.Chrome, language: str, below: str, button: str) -> None:
    """Change the first text of a form and send it past the browser's own checks."""
    driver.get(premises.url(language, below))
    before = driver.find_element(By.TAG_NAME, "html")
    driver.execute_script(
        """
        const button = document.querySelector(arguments[0]);
        button.form.noValidate = true;
        const text = button.form.querySelector("input:not([type=hidden])");
        if (text) text.value += " x";
        button.click();
        """,
        button,
    )
    for _ in range(600):
        if driver.find_element(By.TAG_NAME, "html") != before:
            break
        time.sleep(0.1)
    while driver.execute_script("return document.readyState") != "complete":
        time.sleep(0.05)


@pytest.mark.parametrize("language", ["th", "en"])
def test_no_page_of_the_desk_is_wider_than_a_phone(premises: Premises, driver: webdriver.Chrome, language: str) -> None:
    size = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    wide = []
    for pages, signed_in in ((VISITORS, False), (SIGNED_IN, True)):
        premises.enter(driver, signed_in)
        for below in pages.values():
            driver.get(premises.url(language, below))
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            driver.execute_script(OPEN_ALL)
            width = driver.execute_script("return document.documentElement.scrollWidth")
            if width > 320:
                wide.append((below, width))
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide == []
