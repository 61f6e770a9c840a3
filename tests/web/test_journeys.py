"""The main journeys in real Chromium: both languages, phone and desktop, with and without JavaScript, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.web.test_browser import chromium

pytestmark = pytest.mark.browser

ASKED = {"th": "ระบบเตือนภัยน้ำท่วมหาดใหญ่", "en": "flood warning in Hat Yai"}
CASE = "th-hat-yai-flood-warning"

FOCUS = """
const e = document.activeElement, style = getComputedStyle(e), box = e.getClientRects()[0] || e.getBoundingClientRect();
const top = document.elementFromPoint(box.x + Math.min(box.width / 2, innerWidth - box.x - 1), box.y + box.height / 2);
return {
  body: e === document.body,
  html: e.outerHTML.slice(0, 120),
  outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
  seen: !!top && (e.contains(top) || top.contains(e)) && box.x >= 0 && box.y >= 0 && box.y < innerHeight,
};
"""


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, webdriver.Chrome]]:
    """Chromium with JavaScript for pages, and without."""
    started = {on: chromium(tmp_path_factory.mktemp(f"journeys-{on}"), javascript=on) for on in (True, False)}
    yield started
    for browser in started.values():
        browser.quit()


def follow(browser: webdriver.Chrome, link: WebElement) -> None:
    """Press a link as a reader does: it has to be in sight and not covered."""
    before = browser.current_url
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
    link.click()
    WebDriverWait(browser, 20).until(lambda _: browser.current_url != before)


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "unscripted"])
def test_ask_read_switch_narrow_and_clear(
    browsers: dict[bool, webdriver.Chrome], address: str, language: str, width: int, javascript: bool
) -> None:
    browser = browsers[javascript]
    find = browser.find_elements
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(f"{address}/{language}/")
    browser.find_element(By.ID, "q").send_keys(ASKED[language], Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda _: "q=" in browser.current_url)
    results = browser.current_url

    titles = find(By.CSS_SELECTOR, ".hits h3 a")
    wanted = next(title for title in titles[:3] if CASE in title.get_attribute("href"))
    follow(browser, wanted)
    assert browser.find_element(By.TAG_NAME, "h1").get_attribute("lang") == language
    other = "en" if language == "th" else "th"
    follow(browser, browser.find_element(By.CSS_SELECTOR, f".views a[href*='view={other}']"))
    assert browser.find_element(By.TAG_NAME, "h1").get_attribute("lang") == other
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language, "the interface keeps its language"
    browser.back()
    browser.back()
    assert browser.current_url == results
    assert browser.find_element(By.ID, "q").get_attribute("value") == ASKED[language]

    facet = next(link for link in find(By.CSS_SELECTOR, ".facets li a[href*='country=']") if link.is_displayed())
    follow(browser, facet)
    assert "country=" in browser.current_url
    assert find(By.CSS_SELECTOR, ".facets [aria-current]")
    follow(browser, browser.find_element(By.CSS_SELECTOR, ".chips a.plain"))
    assert "country=" not in browser.current_url


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "unscripted"])
def test_nothing_found_leads_on_to_an_explanation(
    browsers: dict[bool, webdriver.Chrome], address: str, language: str, width: int, javascript: bool
) -> None:
    browser = browsers[javascript]
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(f"{address}/{language}/?q=zebra+xylophone+quantum")
    where = [f"[role=status] a[href^='/{language}/{page}']" for page in ("how", "help")]
    links = browser.find_elements(By.CSS_SELECTOR, ", ".join(where))
    follow(browser, links[-1])
    assert browser.find_element(By.TAG_NAME, "h1").is_displayed()
    browser.get(f"{address}/{language}/help#no-close-precedent")
    heading = browser.find_element(By.ID, "no-close-precedent")
    assert browser.execute_script("const y = arguments[0].getBoundingClientRect().y; return y >= 0 && y < innerHeight", heading)


class Keyboard:
    """A reader without a pointer: every stop of the focus has to be visible."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self._browser = browser

    def press(self, *keys: str) -> None:
        ActionChains(self._browser).send_keys(*keys).perform()

    def tab(self) -> dict[str, Any]:
        self.press(Keys.TAB)
        stop: dict[str, Any] = self._browser.execute_script(FOCUS)
        if not stop["body"]:
            assert stop["outline"] >= 2, f"no visible focus on {stop['html']}"
            assert stop["seen"], f"the focus is hidden or covered: {stop['html']}"
        return stop

    def tab_to(self, selector: str, most: int = 80) -> WebElement:
        for _ in range(most):
            self.tab()
            element = self._browser.switch_to.active_element
            if self._browser.execute_script("return arguments[0].matches(arguments[1])", element, selector):
                return element
        raise AssertionError(f"{most} tabs do not reach {selector}")


@pytest.mark.parametrize(("language", "typed"), [("th", "เตือนภั"), ("en", "floo")])
def test_the_journey_by_keyboard_alone(browsers: dict[bool, webdriver.Chrome], address: str, language: str, typed: str) -> None:
    browser = browsers[True]
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.set_window_size(1280, 900)
    keyboard, other = Keyboard(browser), "en" if language == "th" else "th"
    browser.get(f"{address}/{language}/")
    keyboard.tab()
    assert browser.switch_to.active_element.get_attribute("href").endswith("#main"), "the first stop skips to the content"
    keyboard.press(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "main"
    keyboard.tab_to("#q", most=3)
    keyboard.press(typed)
    shown = (By.CSS_SELECTOR, "#suggestions:not([hidden]) [role=option]")
    WebDriverWait(browser, 20).until(lambda _: browser.find_elements(*shown))
    keyboard.press(Keys.ARROW_DOWN)
    wanted = browser.find_element(By.CSS_SELECTOR, "[role=option][aria-selected=true] span").text
    assert browser.switch_to.active_element.get_attribute("id") == "q", "the focus stays in the box"
    keyboard.press(Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda _: "q=" in browser.current_url)
    assert browser.find_element(By.ID, "q").get_attribute("value") == wanted
    keyboard.tab_to(".hits h3 a")
    keyboard.press(Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda _: "/practices/" in browser.current_url)
    case = browser.current_url
    keyboard.tab_to(f".languages a[lang={other}]")
    keyboard.press(Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda _: browser.current_url == case.replace(f"/{language}/", f"/{other}/"))
    browser.back()
    browser.back()
    assert browser.find_element(By.ID, "q").get_attribute("value") == wanted


@pytest.mark.parametrize("path", ["/th/help", "/en/?q=flood", "/en/practices/" + CASE])
def test_the_focus_goes_through_a_whole_page_and_is_never_caught(
    browsers: dict[bool, webdriver.Chrome], address: str, path: str
) -> None:
    browser = browsers[True]
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.set_window_size(1280, 900)
    browser.get(address + path)
    keyboard = Keyboard(browser)
    stops = 0
    while not keyboard.tab()["body"]:
        stops += 1
        assert stops < 400, "the focus does not leave the page"
    focusable = browser.execute_script(
        "return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility()).length"
    )
    assert stops == focusable, "the focus leaves something out"
