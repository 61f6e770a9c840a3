"""Light, dark, or as the device, in real Chromium: by keyboard, with and without JavaScript, on paper, and its contrast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.web.axe import COLOURS, violations
from tests.web.page_types import PAGE_TYPES
from tests.web.test_accessibility import show
from tests.web.test_browser import OPEN_ALL, chromium

pytestmark = pytest.mark.browser

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 24, 28)"}


@pytest.fixture(scope="module", params=[False, True], ids=["without JavaScript", "with JavaScript"])
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("theme"), javascript=request.param)
    started.scripts = request.param
    yield started
    started.quit()


@pytest.fixture(autouse=True)
def as_new(browser: webdriver.Chrome, address: str) -> None:
    """A light device whose reader has chosen nothing."""
    browser.get(f"{address}/en/help")
    browser.delete_all_cookies()
    show(browser, 1280, "light")


def ground(browser: webdriver.Chrome) -> str:
    return str(browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor"))


def pressed(browser: webdriver.Chrome) -> list[str]:
    return [b.get_attribute("value") for b in browser.find_elements(By.CSS_SELECTOR, "#theme [aria-pressed=true]")]


def choose(browser: webdriver.Chrome, theme: str) -> None:
    """Choose with the keyboard, and wait until the page says so."""
    button = browser.find_element(By.CSS_SELECTOR, f"#theme button[value={theme}]")
    browser.execute_script("arguments[0].focus()", button)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    WebDriverWait(browser, 20, ignored_exceptions=[Exception]).until(lambda _: pressed(browser) == [theme])


def test_the_choice_holds_on_every_page_until_it_is_taken_back(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/en/?q=flood")
    assert (ground(browser), pressed(browser)) == (GROUNDS["light"], ["device"])
    choose(browser, "dark")
    assert ground(browser) == GROUNDS["dark"]
    assert browser.current_url.split("#")[0] == f"{address}/en/?q=flood"
    browser.get(f"{address}/th/practices/th-traffy-fondue")
    assert (ground(browser), pressed(browser)) == (GROUNDS["dark"], ["dark"])
    assert browser.get_cookie("theme")["sameSite"] == "Lax"
    choose(browser, "device")
    assert ground(browser) == GROUNDS["light"]
    assert browser.get_cookie("theme") is None
    browser.get(f"{address}/en/help")
    assert ground(browser) == GROUNDS["light"]


@pytest.mark.parametrize(("device", "chosen"), [("dark", "light"), ("light", "dark")])
def test_the_choice_wins_over_the_device_and_nothing_becomes_hard_to_read(
    browser: webdriver.Chrome, address: str, device: str, chosen: str
) -> None:
    browser.add_cookie({"name": "theme", "value": chosen})
    for name in (
        "home",
        "results with facets",
        "no close precedent",
        "practice",
        "fit of a case",
        "comparison",
        "privacy",
        "error",
    ):
        for language in ("th", "en"):
            browser.get(address + PAGE_TYPES[name].format(language))
            browser.execute_script(OPEN_ALL)
            show(browser, 1280, device)
            assert ground(browser) == GROUNDS[chosen], name
            assert browser.execute_script("return getComputedStyle(document.documentElement).colorScheme") == chosen
            assert browser.execute_script(CONTRAST) == [], (name, language)
            if browser.scripts:
                assert violations(browser, COLOURS) == [], (name, language)


def test_paper_stays_light(browser: webdriver.Chrome, address: str) -> None:
    browser.add_cookie({"name": "theme", "value": "dark"})
    browser.get(f"{address}/en/help")
    assert ground(browser) == GROUNDS["dark"]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    assert ground(browser) == GROUNDS["light"]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_with_javascript_nothing_typed_is_lost_and_going_back_keeps_the_choice(browser: webdriver.Chrome, address: str) -> None:
    if not browser.scripts:
        pytest.skip("without scripts the page is loaded again, at the foot, where the form is")
    browser.get(f"{address}/en/help")
    browser.get(f"{address}/en/similar")
    browser.find_element(By.ID, "text").send_keys("A page of a draft")
    choose(browser, "dark")
    assert browser.find_element(By.ID, "text").get_attribute("value") == "A page of a draft"
    assert browser.current_url == f"{address}/en/similar"
    assert browser.execute_script("return document.activeElement.value") == "dark", "the focus stays"
    browser.back()
    WebDriverWait(browser, 20).until(lambda _: browser.current_url.endswith("/help") and ground(browser) == GROUNDS["dark"])
    assert pressed(browser) == ["dark"]


def test_without_javascript_the_reader_comes_back_to_the_form(browser: webdriver.Chrome, address: str) -> None:
    if browser.scripts:
        pytest.skip("with scripts the page is not left")
    browser.get(f"{address}/th/help")
    choose(browser, "dark")
    assert browser.current_url == f"{address}/th/help#theme"
    box = browser.find_element(By.ID, "theme").rect
    assert browser.execute_script("return scrollY") <= box["y"] <= browser.execute_script("return scrollY + innerHeight")
