"""The reader's own list and context in real Chromium: kept on the device, in step between tabs, taken elsewhere by file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from test_browser import chromium

pytestmark = pytest.mark.browser

FIRST, SECOND, THIRD = "th-traffy-fondue", "id-petabencana", "id-oss-licensing"
SAVED = "return JSON.parse(localStorage.getItem('kb-list') || '{\"items\": []}').items"


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("list"), javascript=True)
    yield started
    started.quit()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium with JavaScript switched off for pages."""
    started = chromium(tmp_path_factory.mktemp("plain"), javascript=False)
    yield started
    started.quit()


@pytest.fixture
def browser(scripted: webdriver.Chrome, address: str) -> Iterator[webdriver.Chrome]:
    """A browser that keeps nothing yet; its console must stay without errors."""
    scripted.get(f"{address}/en/about")
    scripted.execute_script("localStorage.clear()")
    scripted.get_log("browser")
    yield scripted
    severe = [line["message"] for line in scripted.get_log("browser") if line["level"] == "SEVERE"]
    assert [line for line in severe if "favicon" not in line] == []


def until(browser: webdriver.Chrome, reached: Callable[[], object]) -> None:
    WebDriverWait(browser, 20).until(lambda _: reached())


def add(browser: webdriver.Chrome, address: str, *records: str, language: str = "en") -> None:
    """Add cases by the button of a page that shows them."""
    browser.get(f"{address}/{language}/compare?" + "&".join(f"id={record}" for record in records))
    for record in records:
        browser.find_element(By.CSS_SELECTOR, f".add-to-list[data-id='{record}']").click()


def items(browser: webdriver.Chrome) -> list[str]:
    found: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('.list-items > li')].map(e => e.dataset.item)"
    )
    return found


def message(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.CSS_SELECTOR, "#list-message span").text


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [("en", "Add to my list", "In my list: remove"), ("th", "เพิ่มในรายการของฉัน", "อยู่ในรายการแล้ว (นำออก)")],
)
def test_a_button_adds_a_case_and_takes_it_out_again(
    browser: webdriver.Chrome, address: str, language: str, before: str, after: str
) -> None:
    browser.get(f"{address}/{language}/compare?id={FIRST}&id={SECOND}")
    button = browser.find_element(By.CSS_SELECTOR, f".add-to-list[data-id='{FIRST}']")
    assert button.is_displayed()
    assert (button.text, button.get_attribute("aria-pressed")) == (before, "false")
    button.send_keys(Keys.ENTER)
    assert (button.text, button.get_attribute("aria-pressed")) == (after, "true")
    said = browser.find_element(By.CSS_SELECTOR, "main > [role=status]").get_attribute("textContent")
    assert said == f"{after} (1)", "the count is announced"
    assert [item["id"] for item in browser.execute_script(SAVED)] == [FIRST]
    button.send_keys(Keys.ENTER)
    assert browser.execute_script(SAVED) == []


@pytest.mark.parametrize(("language", "title"), [("en", "Traffy Fondue:"), ("th", "ทราฟฟี่ฟองดูว์")])
def test_the_list_is_there_after_a_reload_with_its_notes(
    browser: webdriver.Chrome, address: str, language: str, title: str
) -> None:
    add(browser, address, FIRST, SECOND)
    browser.get(f"{address}/{language}/list")
    assert items(browser) == [FIRST, SECOND]
    assert browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] h2 a").text.startswith(title)
    browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] textarea").send_keys("For Friday: ถามค่าใช้จ่าย")
    browser.refresh()
    assert browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] textarea").get_property("value") == (
        "For Friday: ถามค่าใช้จ่าย"
    )


def test_cases_are_moved_and_removed_and_a_removal_is_undone(browser: webdriver.Chrome, address: str) -> None:
    add(browser, address, FIRST, SECOND, THIRD)
    browser.get(f"{address}/en/list")
    browser.find_element(By.CSS_SELECTOR, f"[data-item={THIRD}] [data-move=up]").click()
    assert items(browser) == [FIRST, THIRD, SECOND]
    focused = browser.switch_to.active_element
    assert focused.get_attribute("data-move") == "up", "the keyboard stays where it was"
    browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] textarea").send_keys("kept")
    browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] [data-move=remove]").click()
    assert items(browser) == [THIRD, SECOND]
    assert message(browser).startswith("Removed: Traffy Fondue")
    assert browser.switch_to.active_element.text == "Undo"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert items(browser) == [FIRST, THIRD, SECOND]
    assert browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] textarea").get_property("value") == "kept"


def test_a_list_goes_to_a_file_and_comes_back_without_doubles(browser: webdriver.Chrome, address: str, tmp_path: Path) -> None:
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    add(browser, address, FIRST, SECOND)
    browser.get(f"{address}/en/list")
    browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] textarea").send_keys("note")
    browser.find_element(By.ID, "export-list").click()
    file = tmp_path / "list.json"
    until(browser, file.exists)
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert [item["id"] for item in saved["items"]] == [FIRST, SECOND]
    browser.execute_script("localStorage.clear()")
    add(browser, address, SECOND, THIRD)
    browser.get(f"{address}/en/list")
    browser.find_element(By.ID, "import-list").send_keys(str(file))
    until(browser, lambda: items(browser) == [SECOND, THIRD, FIRST])
    assert message(browser) == "1 cases added, 1 were in the list already."
    assert browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] textarea").get_property("value") == "note"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("not json", "This file is no list from this site."),
        ('{"format": "other", "items": []}', "This file is no list from this site."),
        ('{"format": "kb-list", "version": 1, "items": [{"id": "../etc"}, 7, null]}', "This file is no list from this site."),
        (" " * (1 << 20) + "{}", "The file is too large for a list."),
    ],
    ids=["no JSON", "another format", "no id that could be ours", "too large"],
)
def test_a_file_that_is_no_list_changes_nothing(
    browser: webdriver.Chrome, address: str, tmp_path: Path, content: str, line: str
) -> None:
    add(browser, address, FIRST, SECOND)
    browser.get(f"{address}/en/list")
    file = tmp_path / "wrong.json"
    file.write_text(content, encoding="utf-8")
    browser.find_element(By.ID, "import-list").send_keys(str(file))
    until(browser, lambda: message(browser) == line)
    assert items(browser) == [FIRST, SECOND]


def test_what_a_file_says_is_text_and_never_markup(browser: webdriver.Chrome, address: str, tmp_path: Path) -> None:
    browser.get(f"{address}/en/list")
    file = tmp_path / "list.json"
    evil = "<img src=x onerror=alert(1)>"
    file.write_text(
        json.dumps({"format": "kb-list", "version": 1, "items": [{"id": FIRST, "en": evil, "note": evil}]}), encoding="utf-8"
    )
    browser.find_element(By.ID, "import-list").send_keys(str(file))
    until(browser, lambda: items(browser) == [FIRST])
    assert browser.find_element(By.CSS_SELECTOR, ".list-items h2 a").text == evil
    assert browser.find_elements(By.CSS_SELECTOR, ".list-items img") == []


def test_two_tabs_stay_in_step_and_a_note_being_written_is_left_alone(browser: webdriver.Chrome, address: str) -> None:
    add(browser, address, FIRST, SECOND)
    browser.get(f"{address}/en/list")
    browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] textarea").send_keys("half a sent")
    one = browser.current_window_handle
    browser.switch_to.new_window("tab")
    add(browser, address, THIRD, "vn-da-nang-1022")
    browser.close()
    browser.switch_to.window(one)
    until(browser, lambda: items(browser) == [FIRST, SECOND, THIRD, "vn-da-nang-1022"])
    writing = browser.switch_to.active_element
    assert writing.get_property("value") == "half a sent"
    writing.send_keys("ence")
    notes = {item["id"]: item["note"] for item in browser.execute_script(SAVED)}
    assert notes[FIRST] == "half a sentence"
    assert len(notes) == 4, "writing a note keeps what the other tab added"


def test_the_briefing_form_sends_each_case_with_its_note(browser: webdriver.Chrome, address: str) -> None:
    add(browser, address, FIRST, SECOND)
    browser.get(f"{address}/en/list")
    browser.find_element(By.CSS_SELECTOR, f"[data-item={SECOND}] textarea").send_keys("ask")
    sent = browser.execute_script("return [...new FormData(document.getElementById('list-form'))]")
    assert sent == [["id", FIRST], ["note", ""], ["id", SECOND], ["note", "ask"], ["title", ""]]


def test_only_two_to_four_cases_are_compared(browser: webdriver.Chrome, address: str) -> None:
    add(browser, address, FIRST, SECOND)
    browser.get(f"{address}/en/list")
    button = browser.find_element(By.CSS_SELECTOR, "button[form=compare-form]")
    browser.find_element(By.CSS_SELECTOR, f"[data-item={FIRST}] input[form]").click()
    button.click()
    assert message(browser) == "Choose two to four cases."
    browser.find_element(By.CSS_SELECTOR, f"[data-item={SECOND}] input[form]").click()
    button.click()
    until(browser, lambda: "/compare?" in browser.current_url)
    assert len(browser.find_elements(By.CSS_SELECTOR, "thead th a[href*=practices]")) == 2


def test_a_shared_list_is_taken_over_whole(browser: webdriver.Chrome, address: str) -> None:
    add(browser, address, SECOND, THIRD)
    browser.get(f"{address}/th/list?id={FIRST}&id={SECOND}")
    browser.find_element(By.ID, "keep-all").click()
    assert message(browser) == "เพิ่มในรายการของฉันแล้ว 1 กรณี"
    assert [item["id"] for item in browser.execute_script(SAVED)] == [SECOND, THIRD, FIRST]


def test_a_browser_that_keeps_nothing_says_so(browser: webdriver.Chrome, address: str) -> None:
    source = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })"
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
    try:
        browser.get(f"{address}/en/list")
        assert message(browser).startswith("This browser keeps nothing here")
        browser.get(f"{address}/en/compare?id={FIRST}&id={SECOND}")
        assert not browser.find_element(By.CSS_SELECTOR, ".add-to-list").is_displayed()
        browser.get(f"{address}/en/context")
        assert browser.find_element(By.CSS_SELECTOR, "form.context").is_displayed()
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": added["identifier"]})


# The context


def state_context(browser: webdriver.Chrome, address: str, language: str = "en") -> None:
    browser.get(f"{address}/{language}/context")
    browser.find_element(By.CSS_SELECTOR, "#ask-country option[value=LA]").click()
    browser.find_element(By.CSS_SELECTOR, "input[name=law][value=no]").click()
    browser.find_element(By.CSS_SELECTOR, "form.context button").click()
    until(browser, lambda: "fit=country:LA,law:no" in browser.current_url)


def test_the_context_stays_on_the_device_and_fills_the_box_of_a_case(browser: webdriver.Chrome, address: str) -> None:
    state_context(browser, address)
    browser.get(f"{address}/th/practices/id-mal-pelayanan-publik")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#fit .needs .missing"))
    assert "ยังขาด" in browser.find_element(By.CSS_SELECTOR, "#fit .needs .missing").text
    browser.get(f"{address}/en/fit")
    until(browser, lambda: "fit=country:LA,law:no" in browser.current_url)
    browser.get(f"{address}/en/context")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-forget-context]"))
    browser.find_element(By.CSS_SELECTOR, "[data-forget-context]").click()
    until(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, "[data-forget-context]"))
    assert browser.execute_script("return localStorage.getItem('kb-context')") is None


def test_a_context_in_somebody_elses_link_does_not_replace_ones_own(browser: webdriver.Chrome, address: str) -> None:
    state_context(browser, address)
    browser.get(f"{address}/en/practices/{FIRST}/fit?fit=country:TH,law:yes")
    assert browser.execute_script("return localStorage.getItem('kb-context')") == "country:LA,law:no"
    assert "TH" in browser.current_url


def test_the_own_list_is_ordered_by_fit(browser: webdriver.Chrome, address: str) -> None:
    add(browser, address, "id-mal-pelayanan-publik", "id-solo-street-vendors")
    browser.get(f"{address}/en/list")
    browser.find_element(By.ID, "order-by-fit").click()
    assert message(browser) == "State your context first, then order by fit."
    state_context(browser, address)
    browser.get(f"{address}/en/list")
    browser.find_element(By.ID, "order-by-fit").click()
    until(browser, lambda: items(browser)[0] == "id-solo-street-vendors")
    assert "met" in browser.find_element(By.CSS_SELECTOR, ".list-items .fit-counts").text


def test_without_javascript_context_list_and_comparison_still_work(plain: webdriver.Chrome, address: str) -> None:
    plain.get(f"{address}/en/context?for=id-mal-pelayanan-publik")
    plain.find_element(By.CSS_SELECTOR, "input[name=law][value=no]").click()
    plain.find_element(By.CSS_SELECTOR, "form.context button").click()
    WebDriverWait(plain, 30).until(
        lambda page: page.current_url.endswith("/en/practices/id-mal-pelayanan-publik/fit?fit=law:no")
    )
    assert plain.find_elements(By.CSS_SELECTOR, ".needs .missing")
    plain.get(f"{address}/en/list?id={FIRST}&id={SECOND}")
    for box in plain.find_elements(By.CSS_SELECTOR, "input[form=compare-form]"):
        box.click()
    assert not plain.find_element(By.ID, "keep-all").is_displayed()
    plain.find_element(By.CSS_SELECTOR, "button[form=compare-form]").click()
    WebDriverWait(plain, 30).until(lambda page: f"/en/compare?id={FIRST}&id={SECOND}" in page.current_url)
    plain.get(f"{address}/en/list")
    assert "Without JavaScript" in plain.find_element(By.TAG_NAME, "noscript").text


def test_the_first_column_stays_in_sight_on_a_phone(scripted: webdriver.Chrome, address: str) -> None:
    scripted.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    scripted.get(f"{address}/th/compare?id={FIRST}&id={SECOND}&id={THIRD}")
    left = scripted.execute_script(
        """const box = document.querySelector('.compare'); box.scrollLeft = 400;
           return [box.scrollLeft, document.querySelector('.compare tbody th').getBoundingClientRect().left]"""
    )
    scripted.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert left[0] > 100
    assert 0 <= left[1] < 40
