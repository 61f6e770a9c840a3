"""One case from a Thai report to its tombstone, in real Chromium and with the real model.

A contributor hands in a PDF; a published case in English tells the same; a reviewer asks for changes; one editor writes the
English face while another saves; it is approved, published, found in both languages, and withdrawn.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from kb.corpus import dump_practice, read_practice
from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.rights import Role, State
from kb.encoder import Encoder
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.settings import Settings
from kb.taxonomy import load_taxonomy
from tests.web.test_browser import chromium
from tests.web.test_desk_submit import report
from web.app import create_app, server
from web.desk.access import COOKIE
from web.limits import RateLimit

pytestmark = pytest.mark.browser
CORPUS = Path(__file__).parent.parent.parent / "corpus"

TWIN = "th-hat-yai-flood-warning"
"""The case that the report tells; readers have its English face only."""
OTHERS = ("th-traffy-fondue", "id-petabencana", "ph-project-noah", "th-disaster-warning-cell-broadcast", "my-mysejahtera")
TAKEN = ("title", "country", "summary", "problem", "action", "results")
"""Fields of which the contributor accepts what is proposed."""

ENGLISH = {
    "title": "A canal that is watched by its neighbours",
    "summary": "People along the canal read gauges and tell the town when the water comes.",
    "problem": "Warnings came too late for the quarters by the canal.",
    "action": "The town put up gauges and taught neighbours to read them.",
    "results": "Families move their things in time.",
    "lessons": "Gauges need somebody who lives beside them.",
    "enabling": "A town that answers its phone.",
    "resources": "Gauges, paint and a telephone line.",
    "transfer": "Wherever a canal runs through a town.",
    "questions": "- How can neighbours warn a town of a flood?\n- Who reads the gauges at night?",
}
THAI = {
    "lessons": "ต้องมีคนที่อาศัยอยู่ใกล้เสาวัดระดับน้ำ",
    "enabling": "เทศบาลที่รับโทรศัพท์ตลอดเวลา",
    "resources": "เสาวัดระดับน้ำ สี และสายโทรศัพท์",
    "transfer": "ใช้ได้ทุกเมืองที่มีคลองไหลผ่าน",
    "questions": "- เพื่อนบ้านเตือนภัยน้ำท่วมให้เมืองได้อย่างไร\n- ใครอ่านเสาวัดระดับน้ำตอนกลางคืน",
}
FACTS = {
    "status": "implemented",
    "priority": "crisis-and-disaster-management",
    "evidence": "agency",
    "place.th": "หาดใหญ่",
    "place.en": "Hat Yai",
    "agencies.0.th": "เทศบาลนครหาดใหญ่",
    "agencies.0.en": "Hat Yai City Municipality",
    "agencies.0.role": "lead",
}


@dataclass
class Office:
    """A served desk with the real model, its people, and a browser in which they take turns."""

    address: str
    desk: Desk
    people: dict[str, Account]
    browser: webdriver.Chrome

    def sit(self, who: str, path: str, language: str = "en") -> None:
        """Somebody opens a page of the desk."""
        self.browser.get(f"{self.address}/healthz")
        self.browser.delete_all_cookies()
        token = self.desk.sessions.begin(self.people[who])
        self.browser.add_cookie({"name": COOKIE, "value": token, "path": "/", "httpOnly": True})
        self.browser.get(f"{self.address}/{language}/desk{path}")

    def press(self, selector: str) -> None:
        """Press a button and wait for the page that it leads to."""
        before = self.browser.find_element(By.TAG_NAME, "html")
        button = self.browser.find_element(By.CSS_SELECTOR, selector)
        self.browser.execute_script("window.onbeforeunload = null; arguments[0].click()", button)
        waiting = WebDriverWait(self.browser, 240)
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

    def first(self, question: str) -> str:
        """The best case for a question."""
        found = httpx.get(f"{self.address}/api/v1/search", params={"q": question}, timeout=60).json()["hits"]
        return str(found[0]["id"]) if found else ""

    def waits_for(self, question: str, record: str, wanted: bool) -> bool:
        for _ in range(600):
            if (self.first(question) == record) == wanted:
                return True
            time.sleep(0.1)
        return False

    def text(self) -> str:
        return self.browser.find_element(By.TAG_NAME, "main").text


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, prepared: Settings) -> Iterator[Office]:
    place = tmp_path_factory.mktemp("journey")
    (place / "var").mkdir()
    (prepared.home / "spaces").mkdir(exist_ok=True)
    (place / "var" / "spaces").symlink_to((prepared.home / "spaces").resolve())
    settings = Settings(home=place / "var", index=place / "index", corpus=CORPUS, count_readers=0)
    repository = Repository(settings, encoder)
    both = read_practice(CORPUS / "practices" / "th" / f"{TWIN}.md", load_taxonomy(CORPUS))
    one = place / f"{TWIN}.md"
    one.write_text(dump_practice(replace(both, faces={"en": replace(both.faces["en"], made_from=None)})), encoding="utf-8")
    others = [CORPUS / "practices" / name.split("-")[0] / f"{name}.md" for name in OTHERS]
    report = repository.ingest([one, *others], Progress(quiet=True))
    assert not report.failed
    app = create_app(repository, limit=RateLimit(rate=0, burst=1))
    desk: Desk = app.state.desk
    people = {role.value: desk.accounts.add(f"{role.value}@agency.example", role.value.title(), role, "en") for role in Role}
    people["second"] = desk.accounts.add("second@agency.example", "Second", Role.EDITOR, "th")
    listener = socket.create_server(("127.0.0.1", 0))
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    browser = chromium(tmp_path_factory.mktemp("chromium"), javascript=True)
    browser.set_window_size(1280, 1000)
    yield Office(f"http://127.0.0.1:{listener.getsockname()[1]}", desk, people, browser)
    browser.quit()
    running.should_exit = True
    thread.join(timeout=30)


def test_from_a_thai_report_to_a_tombstone(office: Office, tmp_path: Path) -> None:
    browser, desk = office.browser, office.desk
    file = tmp_path / "รายงานการเตือนภัย.pdf"
    file.write_bytes(report())

    # a contributor hands in, in Thai; what is there in English is found
    office.sit("contributor", "/new", "th")
    browser.find_element(By.ID, "file").send_keys(str(file))
    office.press("form[action$='/new/file'] button")
    assert browser.current_url.endswith("/proposals")
    untick = """
        for (const box of document.querySelectorAll(".proposals input[type=checkbox]"))
            box.checked = box.checked && arguments[0].includes(box.closest("fieldset").id.slice(6));
    """
    browser.execute_script(untick, list(TAKEN))
    office.press(".proposals .buttons button")
    number = int(re.findall(r"/entries/(\d+)/", browser.current_url)[0])
    here = f"/entries/{number}"
    state = lambda: desk.entries.required(number).state  # noqa: E731
    assert browser.find_element(By.NAME, "country").get_attribute("value") == "TH"
    if not browser.find_element(By.NAME, "agencies").get_attribute("value"):
        browser.find_element(By.NAME, "agencies").send_keys("เทศบาลนครหาดใหญ่")
    office.press("#write button[value=submit]")
    near = browser.find_element(By.CSS_SELECTOR, f".near h3 a[href*='/practices/{TWIN}']")
    assert near.get_attribute("lang") == "en"
    while waiting := browser.find_elements(By.CSS_SELECTOR, ".decide textarea"):
        waiting[0].send_keys("คลองอีกสายหนึ่งและคนละปี")
        office.press(".decide button")
    office.press("form[action$='/similar/submit'] button")
    assert state() is State.SUBMITTED

    # a reviewer asks for changes
    office.sit("reviewer", here)
    office.press("button[value=in_review]")
    office.sit("reviewer", f"{here}/review")
    office.review("changes", "Add the English text and the facts.")
    assert state() is State.CHANGES_REQUESTED
    office.sit("contributor", "/inbox")
    assert "Add the English text and the facts." in office.text()

    # an editor writes the English face; meanwhile another one saves
    office.sit("editor", f"{here}/edit")
    office.press("button[value='add:sources']")
    for section, text in ENGLISH.items():
        office.write(f"en.{section}", text)
    for section, text in THAI.items():
        office.write(f"th.{section}", text)
    for name, value in FACTS.items():
        office.write(name, value)
    office.write("sources.0.title", "Annual report")
    office.write("sources.0.publisher", "Hat Yai City Municipality")
    browser.execute_script("""
        for (const name of ["levels", "principles"]) document.getElementsByName(name)[0].checked = true;
    """)
    office.write("reason", "the English face")
    other = chromium(tmp_path / "other", javascript=False)
    try:
        theirs = replace(office, browser=other)
        theirs.sit("second", f"{here}/edit", "th")
        theirs.write("th.title", "คลองที่เพื่อนบ้านช่วยกันเฝ้า")
        theirs.write("th.resources", "เสาวัดระดับน้ำและโทรศัพท์ของเทศบาล")
        theirs.write("reason", "ชื่อเรื่องสั้นลง")
        theirs.press(".bar button")
    finally:
        other.quit()
    office.press(".bar button")
    assert "Second saved this entry while you were writing" in browser.find_element(By.ID, "problem").text
    browser.find_element(By.CSS_SELECTOR, "input[name=choice-1][value=mine]").click()
    office.press("button[value=save]")
    newest = desk.entries.newest(desk.entries.required(number))
    assert (newest.title.th, newest.title.en) == ("คลองที่เพื่อนบ้านช่วยกันเฝ้า", ENGLISH["title"])
    assert newest.faces["th"].sections["resources"] == THAI["resources"]

    # approved by the reviewer, published by an editor, found in both languages
    office.sit("contributor", here)
    office.press("button[value=submitted]")
    office.sit("reviewer", here)
    office.press("button[value=in_review]")
    office.sit("reviewer", f"{here}/review")
    office.review("approve", "")
    assert state() is State.APPROVED
    office.sit("editor", here)
    office.press("form[action$='/publish'] button")
    assert state() is State.PUBLISHED, office.text()
    record = desk.entries.required(number).practice or ""
    assert office.waits_for("neighbours read gauges beside the canal", record, wanted=True)
    assert office.waits_for("เพื่อนบ้านช่วยกันเฝ้าระดับน้ำในคลอง", record, wanted=True)
    assert ENGLISH["summary"] in httpx.get(f"{office.address}/en/practices/{record}", timeout=60).text

    # withdrawn: gone from search, a tombstone in its place
    office.sit("second", here, "th")
    office.write("reason_th", "เป็นกรณีเดียวกับที่มีอยู่แล้ว")
    office.write("reason_en", "The same case was there already")
    office.press("form[action$='/withdraw'] button")
    assert state() is State.WITHDRAWN
    assert office.waits_for("neighbours read gauges beside the canal", record, wanted=False)
    gone = httpx.get(f"{office.address}/en/practices/{record}", timeout=60)
    assert gone.status_code == 410
    assert "The same case was there already" in gone.text
