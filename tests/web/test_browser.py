"""Pages in real Chromium: layout, fonts, keyboard, with and without JavaScript."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --force-prefers-reduced-motion""".split()
PAGES = [
    "/{}/",
    "/{}/?q=" + quote("น้ำท่วม เตือนภัย"),
    "/{}/?q=flood&country=TH",
    "/{}/practices/th-hat-yai-flood-warning",
    "/{}/practices/th-hat-yai-flood-warning?view=both",
    "/{}/documents/doc-proceedings-1",
    "/{}/about",
    "/{}/practices/no-such",
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Headless Chromium with JavaScript switched off for pages; scripts of the driver still run."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        if os.environ.get("KB_REQUIRE_BROWSER"):
            pytest.fail("Chromium is required here but not installed: apt-get install chromium chromium-driver")
        pytest.skip("no Chromium on this machine: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"]:
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"webkit.webprefs.javascript_enabled": False})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("language", ["th", "en"])
def test_no_page_is_wider_than_its_window(browser: webdriver.Chrome, address: str, language: str, width: int) -> None:
    for path in PAGES:
        browser.get(address + path.format(language))
        # Headless windows cannot be made as narrow as a phone, so the page is laid out in a frame of that width.
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        )
        inner, scroll = browser.execute_script("return [window.innerWidth, document.documentElement.scrollWidth]")
        assert inner == width
        assert scroll <= inner, f"{path} is {scroll} px wide in {inner}"
        outside = browser.execute_script(
            """return [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, .hidden')
               && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"""
        )
        assert outside == []
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_thai_text_is_set_in_the_font_that_ships_with_the_application(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/th/practices/th-traffy-fondue")
    loaded = browser.execute_async_script(
        """const done = arguments[0];
           document.fonts.ready.then(() =>
             done([...document.fonts].filter(f => f.status == 'loaded').map(f => f.family + f.weight)))"""
    )
    assert {"Sarabun400", "Sarabun700"} <= set(loaded)


def test_stacked_thai_marks_do_not_touch_the_line_above(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/th/practices/th-traffy-fondue")
    ratios = browser.execute_script(
        """return [...document.querySelectorAll('h1, h2, p, li, dd')].map(e => {
             const s = getComputedStyle(e); return parseFloat(s.lineHeight) / parseFloat(s.fontSize) })"""
    )
    assert min(ratios) >= 1.5


def test_a_search_works_by_keyboard_alone_and_without_javascript(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/th/")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.get_attribute("href").endswith("#main"), "the first stop leads to the content"
    field = browser.find_element(By.ID, "q")
    field.send_keys("ระบบเตือนภัยน้ำท่วมหาดใหญ่" + Keys.ENTER)
    links = browser.find_elements(By.CSS_SELECTOR, ".hits h3 a")
    assert "th-hat-yai-flood-warning" in [link.get_attribute("href").split("/")[-1] for link in links[:3]]
    browser.find_element(By.CSS_SELECTOR, ".facets li a").click()
    assert "country=" in browser.current_url
    assert browser.find_elements(By.CSS_SELECTOR, ".chips li")
    browser.back()
    assert "country=" not in browser.current_url
    assert browser.find_element(By.ID, "q").get_attribute("value") == "ระบบเตือนภัยน้ำท่วมหาดใหญ่"


def test_both_faces_stand_side_by_side_section_by_section(browser: webdriver.Chrome, address: str) -> None:
    browser.set_window_size(1280, 900)
    browser.get(f"{address}/th/practices/th-traffy-fondue?view=both")
    for section in ("summary", "results", "transfer"):
        thai, english = (browser.find_element(By.ID, f"{section}-{lang}").rect for lang in ("th", "en"))
        assert abs(thai["y"] - english["y"]) <= 1
        assert thai["x"] + thai["width"] <= english["x"]


def test_every_control_has_a_name_and_targets_are_large_enough(browser: webdriver.Chrome, address: str) -> None:
    for path in PAGES:
        browser.get(address + path.format("th"))
        nameless = browser.execute_script(
            """return [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]
               .filter(e =>
                 !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length)))
               .map(e => e.outerHTML)"""
        )
        assert nameless == []
        small = browser.execute_script(
            """return [...document.querySelectorAll('button, input:not([type=hidden]), .facets li a, .views a')]
               .map(e => [e.getBoundingClientRect(), e.outerHTML])
               .filter(([box, _]) => box.height && (box.height < 24 || box.width < 24)).map(([_, html]) => html)"""
        )
        assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_schemes(browser: webdriver.Chrome, address: str, scheme: str) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    for path in PAGES[2:5]:
        browser.get(address + path.format("th"))
        low = browser.execute_script(Path(__file__).with_name("contrast.js").read_text(encoding="utf-8"))
        assert low == []
