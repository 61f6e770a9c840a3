"""Reading in real Chromium: the switch keeps the place, marks lead on without scripts, tables become cards, paper is plain."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.web.test_browser import chromium

pytestmark = pytest.mark.browser
CASE = "th-traffy-fondue"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Without JavaScript."""
    started = chromium(tmp_path_factory.mktemp("plain"), javascript=False)
    yield started
    started.quit()


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """With JavaScript."""
    started = chromium(tmp_path_factory.mktemp("scripted"), javascript=True)
    yield started
    started.quit()


def wide(browser: webdriver.Chrome, width: int = 1280) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 500}
    )


def top(browser: webdriver.Chrome, place: str) -> float:
    """How far below the upper edge of the window an element begins."""
    return float(browser.execute_script("return document.getElementById(arguments[0]).getBoundingClientRect().top", place))


SWITCHES = [
    ("", '.views a[data-face="en"]', "results-th-3", "results-en-3", "to the other face"),
    ("", '.views a[data-face=""]', "results-th-3", "results-th-3", "to both faces"),
    ("?view=both", '.views a[data-face="en"]', "lessons-th-2", "lessons-en-2", "from both to one"),
    ("", '.languages a[hreflang="en"]', "action-th-4", "action-en-4", "of the interface, which takes the text along"),
    (
        "?view=th",
        '.languages a[hreflang="en"]',
        "action-th-4",
        "action-th-4",
        "of the interface alone, where a face was chosen",
    ),
    ("", '.views a[data-face="en"]', "sources", "sources", "below the text"),
]


@pytest.mark.parametrize(("view", "link", "read", "arrives", "why"), SWITCHES)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_switch_keeps_the_place_that_is_read(
    scripted: webdriver.Chrome, address: str, width: int, view: str, link: str, read: str, arrives: str, why: str
) -> None:
    wide(scripted, width)
    scripted.get(f"{address}/th/practices/{CASE}{view}")
    before = scripted.current_url
    scripted.execute_script("document.getElementById(arguments[0]).scrollIntoView({block: 'start'})", read)
    assert scripted.execute_script("return scrollY") > 500
    scripted.execute_script("document.querySelector(arguments[0]).click()", link)
    WebDriverWait(scripted, 20).until(lambda _: scripted.current_url != before)
    assert scripted.current_url.partition("#")[2] == arrives, why
    WebDriverWait(scripted, 20).until(lambda _: -5 <= top(scripted, arrives) < 120)


def test_switching_twice_leads_back_to_the_same_paragraph(scripted: webdriver.Chrome, address: str) -> None:
    wide(scripted)
    scripted.get(f"{address}/th/practices/{CASE}#results-th-4")
    for arrives, link in (("results-en-4", "en"), ("results-th-4", "th"), ("results-en-4", "en")):
        scripted.execute_script(f"document.querySelector('.views a[data-face={link}]').click()")
        WebDriverWait(scripted, 20).until(lambda _, end=arrives: scripted.current_url.endswith(f"#{end}"))
        WebDriverWait(scripted, 20).until(lambda _, end=arrives: -5 <= top(scripted, end) < 120)


def test_at_the_top_of_the_page_a_switch_adds_no_place(scripted: webdriver.Chrome, address: str) -> None:
    wide(scripted)
    scripted.get(f"{address}/th/practices/{CASE}")
    scripted.find_element(By.CSS_SELECTOR, '.views a[data-face="en"]').click()
    WebDriverWait(scripted, 20).until(lambda _: "view=en" in scripted.current_url)
    assert "#" not in scripted.current_url


def test_without_javascript_every_section_leads_to_its_twin(plain: webdriver.Chrome, address: str) -> None:
    wide(plain)
    plain.get(f"{address}/th/practices/{CASE}")
    plain.find_element(By.CSS_SELECTOR, "#section-lessons .other-face").click()
    assert plain.current_url == f"{address}/th/practices/{CASE}?view=en#lessons-en"
    assert abs(top(plain, "lessons-en")) < 120
    plain.find_element(By.CSS_SELECTOR, "#section-lessons .other-face").click()
    assert plain.current_url == f"{address}/th/practices/{CASE}?view=th#lessons-th"


def test_marks_are_walked_through_without_javascript(plain: webdriver.Chrome, address: str) -> None:
    wide(plain)
    plain.get(f"{address}/en/practices/{CASE}?view=en&q=complaints")
    plain.find_element(By.CSS_SELECTOR, ".marks .acts a").click()
    for number in (1, 2, 3):
        assert plain.current_url.endswith(f"#m{number}")
        assert 0 <= top(plain, f"m{number}") < 700
        shown = [link for link in plain.find_elements(By.CSS_SELECTOR, ".steps a") if link.is_displayed()]
        assert len(shown) == 2, "only the present place has its arrows"
        assert all(link.rect["width"] >= 24 and link.rect["height"] >= 24 for link in shown)
        shown[1].click()
    plain.find_element(By.PARTIAL_LINK_TEXT, "Remove the marking").click()
    assert plain.find_elements(By.CSS_SELECTOR, "main mark") == []


def test_a_claim_is_followed_to_whose_word_it_is_and_back(plain: webdriver.Chrome, address: str) -> None:
    for width in (360, 1280):
        wide(plain, width)
        plain.get(f"{address}/th/practices/{CASE}")
        cite = plain.find_element(By.ID, "cite-th-3-1")
        plain.execute_script("arguments[0].scrollIntoView({block: 'center'})", cite)
        cite.click()
        assert plain.current_url.endswith("#claim-3")
        assert -5 <= top(plain, "claim-3") < 400
        plain.find_element(By.CSS_SELECTOR, "#claim-3 .back-to a").click()
        assert plain.current_url.endswith("#cite-th-3-1")


def test_on_a_phone_claims_are_cards_as_wide_as_the_window(plain: webdriver.Chrome, address: str) -> None:
    wide(plain, 360)
    plain.get(f"{address}/th/practices/{CASE}")
    rows = plain.find_elements(By.CSS_SELECTOR, ".claims tbody tr")
    for row in rows:
        cells = [cell.rect for cell in row.find_elements(By.CSS_SELECTOR, "th, td")]
        assert all(later["y"] >= before["y"] + before["height"] - 1 for before, later in pairwise(cells))
        assert all(cell["width"] > 250 for cell in cells)
        assert plain.execute_script("return arguments[0].getAttribute('role')", row) == "row"


@pytest.mark.parametrize("language", ["th", "en"])
def test_rows_of_both_faces_are_level_and_alternate_on_a_phone_with_their_language(
    plain: webdriver.Chrome, address: str, language: str
) -> None:
    wide(plain)
    plain.get(f"{address}/{language}/practices/{CASE}?view=both")
    for row in plain.find_elements(By.CSS_SELECTOR, "section.pair"):
        left, right = (part.rect for part in row.find_elements(By.CSS_SELECTOR, ".part-of"))
        assert left["y"] == right["y"]
        assert left["x"] + left["width"] <= right["x"]
    wide(plain, 360)
    for row in plain.find_elements(By.CSS_SELECTOR, "section.pair"):
        first, second = row.find_elements(By.CSS_SELECTOR, ".part-of")
        assert second.rect["y"] >= first.rect["y"] + first.rect["height"]
        assert [part.find_element(By.CSS_SELECTOR, ".tongue").is_displayed() for part in (first, second)] == [True, True]


def test_a_long_document_opened_at_a_place_of_another_screen_is_led_there(scripted: webdriver.Chrome, address: str) -> None:
    wide(scripted)
    scripted.get(f"{address}/en/documents/doc-long-report#p57")
    WebDriverWait(scripted, 20).until(lambda _: "page=57" in scripted.current_url)
    assert scripted.current_url == f"{address}/en/documents/doc-long-report?page=57#p57"
    assert 0 <= top(scripted, "p57") < 700
    scripted.get(f"{address}/en/documents/doc-long-report?page=999#p999")
    assert scripted.current_url.endswith("?page=999#p999"), "a page that is not there leads nowhere, and not in a circle"


def test_paper_keeps_claims_and_sources_with_their_addresses_and_no_navigation(plain: webdriver.Chrome, address: str) -> None:
    wide(plain)
    plain.get(f"{address}/en/practices/{CASE}?q=" + quote("complaints"))
    plain.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        for selector in (".toc", ".toc-small", ".tools", ".marks", ".other-face", "#similar"):
            assert not any(found.is_displayed() for found in plain.find_elements(By.CSS_SELECTOR, selector)), selector
        for selector in (".glance", "#claims", "#sources", "#section-results"):
            assert plain.find_element(By.CSS_SELECTOR, selector).is_displayed(), selector
        printed = plain.execute_script(
            "return getComputedStyle(document.querySelector('.sources a[href^=http]'), '::after').content"
        )
        assert "http" in printed
    finally:
        plain.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
