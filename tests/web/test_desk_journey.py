"""A case goes its whole way in real Chromium: sent back, completed in Thai, approved, published, found, withdrawn."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.rights import Role, State
from kb.encoder import FakeEncoder
from kb.repository import Repository
from kb.settings import Settings
from tests.web.test_browser import chromium
from web.app import create_app, server
from web.desk.access import COOKIE
from web.limits import RateLimit

sys.path.append(str(Path(__file__).parent.parent / "desk"))
from desk_parts import complete

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent

THAI = {
    "title": "เคาน์เตอร์เคลื่อนที่สำหรับหมู่บ้านห่างไกล",
    "summary": "เรือนำสำนักงานแขวงไปถึงหมู่บ้าน",
    "problem": "สำนักงานอยู่ไกลหนึ่งวันเดินทาง",
    "action": "เจ้าหน้าที่สองคนเดินทางพร้อมเครื่องพิมพ์",
    "results": "มีการแจ้งเกิดมากขึ้น",
    "lessons": "ควรไปในฤดูแล้ง",
    "enabling": "เรือและเจ้าหน้าที่",
    "resources": "น้ำมันเชื้อเพลิง",
    "transfer": "ใช้ได้ในพื้นที่ริมแม่น้ำ",
    "questions": "- เคาน์เตอร์เดินทางได้อย่างไร\n- ใครจ่ายค่าเรือ",
}


@dataclass
class Office:
    """A served desk, its people, and one browser in which they take turns."""

    address: str
    desk: Desk
    people: dict[str, Account]
    browser: webdriver.Chrome

    def sit(self, who: str, path: str) -> None:
        """Somebody opens a page of the desk."""
        self.browser.get(f"{self.address}/healthz")
        self.browser.delete_all_cookies()
        token = self.desk.sessions.begin(self.people[who])
        self.browser.add_cookie({"name": COOKIE, "value": token, "path": "/", "httpOnly": True})
        self.browser.get(f"{self.address}/en/desk{path}")

    def press(self, selector: str) -> None:
        """Press a button and wait for the page that it leads to."""
        before = self.browser.find_element(By.TAG_NAME, "html")
        button = self.browser.find_element(By.CSS_SELECTOR, selector)
        self.browser.execute_script("arguments[0].click()", button)
        waiting = WebDriverWait(self.browser, 120)
        waiting.until(lambda seen: seen.find_element(By.TAG_NAME, "html") != before)
        waiting.until(lambda seen: seen.execute_script("return document.readyState") == "complete")

    def write(self, name: str, text: str) -> None:
        self.browser.execute_script("arguments[0].value = arguments[1]", self.browser.find_element(By.NAME, name), text)

    def review(self, recommendation: str, note: str) -> None:
        self.browser.execute_script(
            "document.querySelectorAll('select[name=score]').forEach(one => one.selectedIndex = one.options.length - 1)"
        )
        self.browser.find_element(By.CSS_SELECTOR, f"input[name=recommendation][value={recommendation}]").click()
        self.write("note", note)
        self.press("button[name=step]")

    def found(self, question: str, wanted: bool) -> bool:
        """Whether search comes to find the case, or to find it no more."""
        for _ in range(600):
            hits = httpx.get(f"{self.address}/api/v1/search", params={"q": question}, timeout=60).json()["hits"]
            if any("Mobile counters" in hit["title"]["en"] for hit in hits) == wanted:
                return wanted
            time.sleep(0.1)
        return not wanted


@pytest.fixture(scope="module", params=[False, True], ids=["without JavaScript", "with JavaScript"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    place = tmp_path_factory.mktemp("office")
    settings = Settings(home=place / "var", index=place / "index", corpus=ROOT / "corpus", count_readers=0)
    app = create_app(Repository(settings, FakeEncoder()), limit=RateLimit(rate=0, burst=1))
    desk: Desk = app.state.desk
    people = {role.value: desk.accounts.add(f"{role.value}@agency.example", role.value, role, "en") for role in Role}
    listener = socket.create_server(("127.0.0.1", 0))
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    browser = chromium(tmp_path_factory.mktemp("chromium"), javascript=request.param)
    browser.set_window_size(360, 800)
    yield Office(f"http://127.0.0.1:{listener.getsockname()[1]}", desk, people, browser)
    browser.quit()
    running.should_exit = True
    thread.join(timeout=30)


def test_the_whole_way(office: Office) -> None:
    entry = office.desk.entries.create(complete(), office.people["contributor"])
    here = f"/entries/{entry.number}"
    state = lambda: office.desk.entries.required(entry.number).state  # noqa: E731

    office.sit("contributor", here)
    office.press("button[value=submitted]")
    assert state() is State.SUBMITTED
    office.sit("reviewer", here)
    office.press("button[value=in_review]")
    office.sit("reviewer", f"{here}/review")
    office.review("changes", "Add the Thai text.")
    assert state() is State.CHANGES_REQUESTED

    office.sit("contributor", "/inbox")
    assert "Add the Thai text." in office.browser.find_element(By.TAG_NAME, "main").text
    office.sit("editor", f"{here}/edit")
    for section, text in THAI.items():
        office.write(f"th.{section}", text)
    office.write("reason", "the Thai text")
    office.press(".bar button")
    assert office.desk.entries.newest(office.desk.entries.required(entry.number)).title.th == THAI["title"]

    office.sit("contributor", here)
    office.press("button[value=submitted]")
    office.sit("reviewer", here)
    office.press("button[value=in_review]")
    office.sit("reviewer", f"{here}/review")
    office.review("approve", "")
    assert state() is State.APPROVED

    office.sit("editor", here)
    office.press("form[action$='/publish'] button")
    assert state() is State.PUBLISHED
    assert office.found("boat district office villages", wanted=True)
    assert office.found("เคาน์เตอร์เคลื่อนที่ หมู่บ้านห่างไกล", wanted=True)

    record = office.desk.entries.required(entry.number).practice
    office.sit("editor", here)
    office.write("reason_th", "ตัวเลขผิด")
    office.write("reason_en", "The figures were wrong")
    office.press("form[action$='/withdraw'] button")
    assert state() is State.WITHDRAWN
    assert not office.found("boat district office villages", wanted=False)
    gone = httpx.get(f"{office.address}/th/practices/{record}", timeout=60)
    assert gone.status_code == 410
    assert "ตัวเลขผิด" in gone.text
    assert "The figures were wrong" in gone.text
