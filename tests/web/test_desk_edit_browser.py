"""The editor in real Chromium: two editors at once, text that is kept by itself, and everything without JavaScript too."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from axe import COLOURS, EVERYTHING, violations
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from test_browser import chromium

from kb.corpus import practice_files
from kb.desk.desk import Desk
from kb.desk.editing import Change
from kb.desk.entries import Entry
from kb.desk.rights import Role
from kb.encoder import FakeEncoder
from kb.ingest.progress import Progress
from kb.records import Practice
from kb.repository import Repository
from kb.settings import Settings
from web.app import create_app, server
from web.desk.access import COOKIE
from web.limits import RateLimit

pytestmark = pytest.mark.browser
CORPUS = Path(__file__).parent.parent.parent / "corpus"


@dataclass
class Premises:
    """A served desk with two signed-in editors, and cases of which each test takes the next one."""

    address: str
    desk: Desk
    tokens: dict[str, str]
    cases: Iterator[str]

    def entry(self) -> Entry:
        editor = self.desk.accounts.by_email("nok@agency.example")
        assert editor is not None
        return self.desk.entries.open(next(self.cases), editor)

    def newest(self, entry: Entry) -> Practice:
        return self.desk.entries.newest(self.desk.entries.required(entry.number))

    def sit(self, driver: webdriver.Chrome, who: str) -> None:
        """Sign the browser in."""
        driver.get(f"{self.address}/healthz")
        driver.delete_all_cookies()
        driver.add_cookie({"name": COOKIE, "value": self.tokens[who], "path": "/", "httpOnly": True})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium without JavaScript for pages."""
    started = chromium(tmp_path_factory.mktemp("plain"), javascript=False)
    yield started
    started.quit()


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("scripted"), javascript=True)
    yield started
    started.quit()


@pytest.fixture(scope="module")
def premises(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    place = tmp_path_factory.mktemp("desk")
    repository = Repository(Settings(home=place / "var", index=place / "index", corpus=CORPUS, count_readers=0), FakeEncoder())
    chosen = practice_files(CORPUS)[:16]
    repository.ingest(chosen, Progress(quiet=True))
    app = create_app(repository, limit=RateLimit(rate=0, burst=1))
    desk: Desk = app.state.desk
    tokens = {
        name: desk.sessions.begin(desk.accounts.add(f"{name}@agency.example", name.title(), Role.EDITOR, "en"))
        for name in ("nok", "dao")
    }
    listener = socket.create_server(("127.0.0.1", 0))
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield Premises(f"http://127.0.0.1:{listener.getsockname()[1]}", desk, tokens, iter([path.stem for path in chosen]))
    running.should_exit = True
    thread.join(timeout=10)


def wait(driver: webdriver.Chrome) -> WebDriverWait[webdriver.Chrome]:
    return WebDriverWait(driver, 60)


def area(driver: webdriver.Chrome, name: str) -> WebElement:
    return driver.find_element(By.NAME, name)


def write(driver: webdriver.Chrome, name: str, text: str) -> None:
    """Type over what a field holds."""
    field = area(driver, name)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
    field.clear()
    field.send_keys(text)


def press(driver: webdriver.Chrome, selector: str) -> None:
    """Press a button and wait for the page that it leads to."""
    before = driver.find_element(By.TAG_NAME, "html")
    button = driver.find_element(By.CSS_SELECTOR, selector)
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    wait(driver).until(lambda seen: seen.find_element(By.TAG_NAME, "html") != before)
    wait(driver).until(lambda seen: seen.execute_script("return document.readyState") == "complete")


def kept(driver: webdriver.Chrome) -> str:
    return str(driver.find_element(By.ID, "kept").text)


def test_two_editors_at_once_with_and_without_javascript(
    premises: Premises,
    plain: webdriver.Chrome,
    scripted: webdriver.Chrome,
) -> None:
    entry = premises.entry()
    page = f"{premises.address}/en/desk/entries/{entry.number}/edit"
    premises.sit(plain, "dao")
    premises.sit(scripted, "nok")
    plain.get(page)
    scripted.get(page)
    write(plain, "en.summary", "The summary of Dao.")
    write(plain, "th.resources", "ทรัพยากรของดาว")
    write(plain, "reason", "first")
    press(plain, ".bar button")
    assert premises.newest(entry).faces["en"].sections["summary"] == "The summary of Dao."

    write(scripted, "en.summary", "The summary of Nok.")
    write(scripted, "en.lessons", "The lessons of Nok.")
    write(scripted, "reason", "second")
    press(scripted, ".bar button")
    assert "Dao saved this entry while you were writing" in scripted.find_element(By.ID, "problem").text
    assert len(scripted.find_elements(By.CSS_SELECTOR, ".dispute")) == 1
    write(scripted, "own-1", "The summary of both.")
    scripted.find_element(By.CSS_SELECTOR, "input[name=choice-1][value=own]").click()
    press(scripted, "button[value=save]")
    sections = premises.newest(entry).faces["en"].sections
    assert (sections["summary"], sections["lessons"]) == ("The summary of both.", "The lessons of Nok.")
    assert premises.newest(entry).faces["th"].sections["resources"] == "ทรัพยากรของดาว"


def test_a_row_is_added_without_javascript(premises: Premises, plain: webdriver.Chrome) -> None:
    entry = premises.entry()
    premises.sit(plain, "dao")
    plain.get(f"{premises.address}/th/desk/entries/{entry.number}/edit")
    rows = len(premises.newest(entry).partners)
    write(plain, "th.summary", "ข้อความที่ยังไม่เสร็จ")
    press(plain, "button[value='add:partners']")
    assert area(plain, "th.summary").get_attribute("value") == "ข้อความที่ยังไม่เสร็จ"
    write(plain, f"partners.{rows}.th", "มหาวิทยาลัย")
    write(plain, f"partners.{rows}.en", "A university")
    write(plain, "reason", "ภาคีใหม่")
    press(plain, ".bar button")
    assert premises.newest(entry).partners[-1].en == "A university"
    assert premises.newest(entry).faces["th"].sections["summary"] == "ข้อความที่ยังไม่เสร็จ"


def test_text_is_kept_by_itself_offered_and_restored(premises: Premises, scripted: webdriver.Chrome) -> None:
    entry = premises.entry()
    page = f"{premises.address}/en/desk/entries/{entry.number}/edit"
    premises.sit(scripted, "nok")
    scripted.get(page)
    before = area(scripted, "en.problem").get_attribute("value")
    write(scripted, "en.problem", "Half a thought")
    wait(scripted).until(lambda seen: "Kept at" in kept(seen))
    scripted.get(page)
    assert area(scripted, "en.problem").get_attribute("value") == before
    offer = scripted.find_element(By.CSS_SELECTOR, "[data-offer]")
    assert "You have unsaved text of" in offer.text
    press(scripted, "[data-offer] a")
    assert area(scripted, "en.problem").get_attribute("value") == "Half a thought"
    write(scripted, "reason", "whole now")
    press(scripted, ".bar button")
    assert premises.newest(entry).faces["en"].sections["problem"] == "Half a thought"
    assert not scripted.find_elements(By.CSS_SELECTOR, "[data-offer]")


def test_kept_text_can_be_thrown_away(premises: Premises, scripted: webdriver.Chrome) -> None:
    entry = premises.entry()
    page = f"{premises.address}/en/desk/entries/{entry.number}/edit"
    premises.sit(scripted, "nok")
    scripted.get(page)
    write(scripted, "en.problem", "Not worth keeping")
    wait(scripted).until(lambda seen: "Kept at" in kept(seen))
    scripted.get(page)
    press(scripted, "[data-offer] form button")
    assert not scripted.find_elements(By.CSS_SELECTOR, "[data-offer]")
    assert premises.desk.entries.required(entry.number).revision == 1


def test_differing_figures_are_marked_while_one_writes(premises: Premises, scripted: webdriver.Chrome) -> None:
    entry = premises.entry()
    premises.sit(scripted, "nok")
    scripted.get(f"{premises.address}/en/desk/entries/{entry.number}/edit")
    write(scripted, "th.summary", "มี 412 เรื่อง")
    write(scripted, "en.summary", "There were 421.")
    marks = "#s-summary [data-mismatches] mark"
    wait(scripted).until(lambda seen: {mark.text for mark in seen.find_elements(By.CSS_SELECTOR, marks)} == {"412", "421"})
    english = "#s-summary li:has([lang=en]) button"
    scripted.find_element(By.CSS_SELECTOR, english).click()
    chosen = "const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd)"
    assert scripted.execute_script(chosen) == "421"
    write(scripted, "en.summary", "There were 412.")
    wait(scripted).until(lambda seen: not seen.find_elements(By.CSS_SELECTOR, marks))


def test_leaving_with_text_that_is_not_kept_asks_first(premises: Premises, scripted: webdriver.Chrome) -> None:
    entry = premises.entry()
    premises.sit(scripted, "nok")
    scripted.get(f"{premises.address}/en/desk/entries/{entry.number}/edit")
    asks = "const e = new Event('beforeunload', {cancelable: true}); dispatchEvent(e); return e.defaultPrevented"
    assert scripted.execute_script(asks) is False
    typed = "const a = document.getElementsByName('en.summary')[0]; a.value += 'x';"
    assert scripted.execute_script(typed + "a.dispatchEvent(new Event('input', {bubbles: true}));" + asks) is True
    wait(scripted).until(lambda seen: "Kept at" in kept(seen))
    assert scripted.execute_script(asks) is False


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["th", "en"])
def test_no_page_of_the_editor_is_wider_than_its_window(
    premises: Premises,
    plain: webdriver.Chrome,
    language: str,
    width: int,
) -> None:
    premises.sit(plain, "dao")
    number = premises.entry().number
    for part in ("edit", "history"):
        plain.get(f"{premises.address}/{language}/desk/entries/{number}/{part}")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        plain.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        inner, scroll = plain.execute_script("return [window.innerWidth, document.documentElement.scrollWidth]")
        assert (inner, scroll) == (width, width), part
    plain.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def two_versions(premises: Premises, scripted: webdriver.Chrome, entry: Entry, language: str) -> None:
    """Lead to the page on which two versions are brought together."""
    page = f"{premises.address}/{language}/desk/entries/{entry.number}/edit"
    scripted.get(page)
    editor = premises.desk.accounts.by_email("nok@agency.example")
    assert editor is not None
    newest = premises.newest(entry)
    face = newest.faces["en"]
    theirs = replace(
        newest, faces={**newest.faces, "en": replace(face, sections={**face.sections, "summary": f"In {language}."})}
    )
    revision = premises.desk.entries.required(entry.number).revision
    premises.desk.editing.save(entry.number, Change(theirs, revision, "meanwhile"), editor)
    write(scripted, "en.summary", "The summary of Dao.")
    write(scripted, "reason", "mine")
    press(scripted, ".bar button")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_no_barrier_is_found_in_the_editor(premises: Premises, scripted: webdriver.Chrome, language: str, scheme: str) -> None:
    entry = premises.entry()
    premises.sit(scripted, "dao")
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    scripted.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    rules = EVERYTHING if scheme == "light" else COLOURS
    two_versions(premises, scripted, entry, language)
    scripted.execute_script("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert scripted.find_elements(By.CSS_SELECTOR, ".dispute")
    assert violations(scripted, rules) == []
    for part in ("history", "edit"):
        scripted.get(f"{premises.address}/{language}/desk/entries/{entry.number}/{part}")
        scripted.execute_script("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert violations(scripted, rules) == [], part
    write(scripted, "start", "soon")
    press(scripted, ".bar button")
    assert scripted.find_elements(By.CSS_SELECTOR, "#problem a")
    assert violations(scripted, rules) == []
    scripted.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
