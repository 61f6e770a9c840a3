"""Pages in real Chromium: layout, fonts, keyboard, with and without JavaScript."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

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
    "/{}/how",
    "/{}/similar",
    "/{}/?q=" + quote("floood in Laos since 2015"),  # a correction and chips
    "/{}/?q=zebra+xylophone+quantum",  # no close precedent, missing words
    "/{}/context?fit=country:LA,law:no",
    "/{}/practices/id-mal-pelayanan-publik/fit?fit=level:local,law:no,sponsor:yes",
    "/{}/fit?fit=level:local,law:no,sponsor:yes",
    "/{}/compare?id=th-traffy-fondue&id=id-petabencana&id=id-oss-licensing&fit=law:no",
    "/{}/list?id=th-traffy-fondue&id=id-petabencana",
    "/{}/list",
    "/{}/practices/th-hat-yai-flood-warning?view=both&q=flood+warning",  # marked words
    "/{}/documents/doc-proceedings-1?q=" + quote("น้ำท่วม"),
    "/{}/documents/doc-long-report?page=40&q=drought",  # one of several screens
    "/{}/help",
    "/{}/site-map",
    "/{}/?sort=newest",
    "/{}/?q=flood&sort=evidence&show=compact",
]
CONTRASTED = [
    *("/th/", "/en/"),
    *(path.format("th") for path in PAGES[2:5]),
    *(path.format(language) for path in PAGES[8:] for language in ("th", "en")),
]
OPEN_ALL = "document.querySelectorAll('details').forEach(e => e.open = true)"


def chromium(profile: Path, javascript: bool) -> webdriver.Chrome:
    """Headless Chromium with or without JavaScript for pages; scripts of the driver always run."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        if os.environ.get("KB_REQUIRE_BROWSER"):
            pytest.fail("Chromium is required here but not installed: apt-get install chromium chromium-driver")
        pytest.skip("no Chromium on this machine: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"webkit.webprefs.javascript_enabled": javascript})
    return webdriver.Chrome(options=options, service=Service(driver))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium with JavaScript switched off for pages."""
    started = chromium(tmp_path_factory.mktemp("chromium"), javascript=False)
    yield started
    started.quit()


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium as most readers have it, with JavaScript."""
    started = chromium(tmp_path_factory.mktemp("scripted"), javascript=True)
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
        browser.execute_script(OPEN_ALL)
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
            """return [...document.querySelectorAll('a, button, input:not([type=hidden]), textarea, summary')]
               .filter(e =>
                 !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length)))
               .map(e => e.outerHTML)"""
        )
        assert nameless == []
        small = browser.execute_script(
            """return [...document.querySelectorAll(
                 'button, input:not([type=hidden]), textarea, .facets li a, .views a, .chips a')]
               .map(e => [e.getBoundingClientRect(), e.outerHTML])
               .filter(([box, _]) => box.height && (box.height < 24 || box.width < 24)).map(([_, html]) => html)"""
        )
        assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_schemes(browser: webdriver.Chrome, address: str, scheme: str) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    for path in CONTRASTED:
        browser.get(address + path)
        browser.execute_script(OPEN_ALL)
        low = browser.execute_script(Path(__file__).with_name("contrast.js").read_text(encoding="utf-8"))
        assert low == [], path
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


# Suggestions


def typed(browser: webdriver.Chrome, address: str, language: str, text: str) -> WebElement:
    """The box with some text typed into it, once suggestions are shown."""
    browser.get(f"{address}/{language}/")
    box = browser.find_element(By.ID, "q")
    box.send_keys(text)
    WebDriverWait(browser, 20).until(lambda _: options(browser))
    return box


def options(browser: webdriver.Chrome) -> list[WebElement]:
    """The suggestions that are shown."""
    return browser.find_elements(By.CSS_SELECTOR, "#suggestions:not([hidden]) [role=option]")


def first_line(option: WebElement) -> str:
    return option.find_element(By.TAG_NAME, "span").text


def asked(browser: webdriver.Chrome) -> str:
    """The question in the address, once a search was sent."""
    WebDriverWait(browser, 20).until(lambda _: "q=" in browser.current_url)
    return parse_qs(urlsplit(browser.current_url).query)["q"][0]


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(
    ("text", "other"),
    [("เตือนภั", "early warning"), ("floo", "น้ำท่วม")],
    ids=["thai", "english"],
)
def test_a_suggestion_is_chosen_by_keyboard(
    scripted: webdriver.Chrome, address: str, language: str, text: str, other: str
) -> None:
    box = typed(scripted, address, language, text)
    shown = options(scripted)
    assert shown[0].find_element(By.TAG_NAME, "small").text == other
    assert shown[0].find_element(By.TAG_NAME, "span").get_attribute("lang") == ("th" if text > "z" else "en")
    assert box.get_attribute("aria-expanded") == "true"
    assert box.get_attribute("aria-activedescendant") is None, "nothing is chosen before the reader chooses"
    status = scripted.find_element(By.CSS_SELECTOR, ".combo [role=status]")
    assert str(len(shown)) in status.get_attribute("textContent"), "the number is announced"
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert [option.get_attribute("aria-selected") for option in shown].index("true") == 1
    assert box.get_attribute("aria-activedescendant") == shown[1].get_attribute("id")
    box.send_keys(Keys.ARROW_UP, Keys.ARROW_UP)
    assert box.get_attribute("aria-activedescendant") == shown[-1].get_attribute("id"), "above the first is the last"
    box.send_keys(Keys.ARROW_DOWN)
    wanted = first_line(shown[0])
    box.send_keys(Keys.ENTER)
    assert asked(scripted) == wanted
    assert scripted.current_url.startswith(f"{address}/{language}/?")
    assert scripted.find_elements(By.CSS_SELECTOR, ".hits h3 a")


@pytest.mark.parametrize(("language", "text"), [("th", "ขยะ"), ("en", "budg")])
def test_a_suggestion_is_chosen_by_pointer(scripted: webdriver.Chrome, address: str, language: str, text: str) -> None:
    typed(scripted, address, language, text)
    third = options(scripted)[2]
    wanted = first_line(third)
    third.click()
    assert asked(scripted) == wanted


@pytest.mark.parametrize("language", ["th", "en"])
def test_escape_closes_the_suggestions_and_enter_then_asks_what_was_typed(
    scripted: webdriver.Chrome, address: str, language: str
) -> None:
    box = typed(scripted, address, language, "floo")
    box.send_keys(Keys.ARROW_DOWN, Keys.ESCAPE)
    assert options(scripted) == []
    assert box.get_attribute("value") == "floo", "the first Escape closes the list and keeps the words"
    assert box.get_attribute("aria-expanded") == "false"
    assert box.get_attribute("aria-activedescendant") is None
    box.send_keys(Keys.ENTER)
    assert asked(scripted) == "floo"


def test_suggestions_go_when_the_box_is_left_and_when_nothing_begins_so(scripted: webdriver.Chrome, address: str) -> None:
    box = typed(scripted, address, "en", "floo")
    box.send_keys("qqqq")
    WebDriverWait(scripted, 20).until(lambda _: not options(scripted))
    box = typed(scripted, address, "en", "floo")
    box.send_keys(Keys.TAB)
    WebDriverWait(scripted, 20).until(lambda _: not options(scripted))


@pytest.mark.parametrize(("width", "mobile"), [(360, True), (1280, False)])
@pytest.mark.parametrize(("language", "text"), [("th", "เตือ"), ("en", "warning")])
def test_open_suggestions_fit_their_window_and_are_large_enough_for_a_finger(
    scripted: webdriver.Chrome, address: str, language: str, text: str, width: int, mobile: bool
) -> None:
    scripted.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": mobile}
    )
    typed(scripted, address, language, text)
    assert scripted.execute_script("return document.documentElement.scrollWidth") <= width
    boxes = [option.rect for option in options(scripted)]
    assert all(box["height"] >= 24 and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    low = scripted.execute_script(Path(__file__).with_name("contrast.js").read_text(encoding="utf-8"))
    assert low == []
    scripted.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_hostile_text_typed_into_the_box_is_only_text(scripted: webdriver.Chrome, address: str) -> None:
    scripted.get(f"{address}/en/")
    scripted.find_element(By.ID, "q").send_keys("<img src=x onerror=document.title=1>", Keys.ENTER)
    assert asked(scripted) == "<img src=x onerror=document.title=1>"
    assert scripted.find_elements(By.CSS_SELECTOR, "main img") == []
    assert scripted.title != "1"


@pytest.mark.parametrize("language", ["th", "en"])
def test_no_page_breaks_its_own_policy_or_fails_to_run(scripted: webdriver.Chrome, address: str, language: str) -> None:
    scripted.get_log("browser")
    for path in PAGES:
        if "no-such" not in path:
            scripted.get(address + path.format(language))
            assert [entry["message"] for entry in scripted.get_log("browser")] == []


def test_a_draft_is_compared_without_javascript(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/th/similar")
    browser.find_element(By.ID, "text").send_keys("The city warns of floods with coloured flags.")
    browser.find_element(By.CSS_SELECTOR, "form.draft button").click()
    links = (By.CSS_SELECTOR, ".similar h3 a")
    WebDriverWait(browser, 20).until(lambda _: browser.find_elements(*links))
    assert len(browser.find_elements(*links)) == 10
    assert browser.find_element(By.ID, "text").get_attribute("value") == "The city warns of floods with coloured flags."


def test_a_chip_is_taken_back_and_brought_again_without_javascript(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/en/?q=floods+in+Laos")
    chip = browser.find_element(By.CSS_SELECTOR, ".understood .chips a")
    assert "Lao PDR" in chip.text
    chip.click()
    assert "undo=country" in browser.current_url
    browser.find_element(By.CSS_SELECTOR, ".understood .chips a.offered").click()
    assert browser.current_url == f"{address}/en/?q=floods+in+Laos"


def test_without_javascript_the_box_promises_no_suggestions(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/en/")
    box = browser.find_element(By.ID, "q")
    assert box.get_attribute("aria-expanded") is None
    box.send_keys("floo")
    assert options(browser) == []
    assert box.get_attribute("role") != "combobox"


def test_the_map_works_by_keyboard_and_its_small_states_are_large_enough(browser: webdriver.Chrome, address: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    )
    browser.get(f"{address}/en/")
    sizes = browser.execute_script(
        """return [...document.querySelectorAll('.atlas .hit')].map(e => {
             const box = e.getBoundingClientRect(); return Math.min(box.width, box.height) })"""
    )
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert len(sizes) == 3
    assert min(sizes) >= 24
    browser.get(f"{address}/en/")
    browser.execute_script("document.querySelector('.chips li:last-child a').focus()")
    for _ in range(4):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        if browser.execute_script("return document.activeElement.matches('.atlas .state')"):
            break
    label = browser.execute_script("return document.activeElement.getAttribute('aria-label')")
    assert label.startswith("Brunei Darussalam, "), "the states follow in the order of the table"
    webdriver.ActionChains(browser).send_keys(Keys.ENTER).perform()
    WebDriverWait(browser, 20).until(lambda _: "country=BN" in browser.current_url)


def test_the_back_button_keeps_facets_place_and_what_was_opened(scripted: webdriver.Chrome, address: str) -> None:
    scripted.get(f"{address}/en/?q=flood")
    scripted.find_element(By.CSS_SELECTOR, ".facets ul li a").click()
    WebDriverWait(scripted, 20).until(lambda _: "country=" in scripted.current_url)
    chosen = scripted.current_url
    scripted.execute_script("document.querySelector('.facets details:not([open])').open = true")
    link = scripted.find_elements(By.CSS_SELECTOR, ".hits h3 a")[3]
    scripted.execute_script("arguments[0].scrollIntoView()", link)
    place = scripted.execute_script("return Math.round(scrollY)")
    assert place > 0
    link.click()
    WebDriverWait(scripted, 20).until(lambda _: "/practices/" in scripted.current_url)
    scripted.back()
    WebDriverWait(scripted, 20).until(lambda _: scripted.current_url == chosen)
    assert scripted.find_elements(By.CSS_SELECTOR, ".facets .selected")
    WebDriverWait(scripted, 20).until(lambda _: abs(scripted.execute_script("return scrollY") - place) < 60)
    assert scripted.execute_script("return document.querySelector('.facets details').open"), "the map stays open"
    scripted.back()
    assert "country=" not in scripted.current_url
