"""WCAG 2.2 AA on every type of page: axe-core in real Chromium, zoom, text spacing, languages of labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from selenium import webdriver

from tests.web.axe import COLOURS, EVERYTHING, violations
from tests.web.page_types import PAGE_TYPES, every_page
from tests.web.test_browser import OPEN_ALL, chromium

pytestmark = pytest.mark.browser

LAYOUT = """
const shown = [...document.querySelectorAll("body *")].filter(e => !e.closest(".hidden, .narrow-hidden, .skip, svg, [hidden]"));
const name = e => e.outerHTML.slice(0, 100);
const clips = e => getComputedStyle(e).overflowX !== "visible" || getComputedStyle(e).overflowY !== "visible";
return [
  document.documentElement.scrollWidth,
  shown.filter(e => clips(e) && !e.matches(".scroll, [tabindex], input, textarea, select")
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)).map(name),
  shown.filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > arguments[0] + 1).map(name),
];
"""
"""The width of the page, elements that cut their content off, and elements that stick out of the window."""

SPACED = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
                   p { margin-bottom: 2em !important; }`);
document.adoptedStyleSheets = [sheet];
"""

OVERLAPPING = """
const names = "header a, header span, main h1, main h2, main h3, main p, main li > a, main summary";
const leaves = [...document.querySelectorAll(names)]
  .filter(e => !e.closest(".hidden, .narrow-hidden, .skip, [hidden]") && e.getClientRects().length && e.textContent.trim());
const found = [];
for (const [at, a] of leaves.entries()) for (const b of leaves.slice(at + 1, at + 6)) {
  if (a.contains(b) || b.contains(a)) continue;
  for (const p of a.getClientRects()) for (const q of b.getClientRects()) {
    const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (across > 2 && down > Math.min(p.height, q.height) / 2)
      found.push(`${a.textContent.slice(0, 40)} | ${b.textContent.slice(0, 40)}`);
  }
}
return found;
"""
"""Neighbours of which one covers half a line of the other."""

LABELS = """
const own = document.documentElement.lang;
return [...document.querySelectorAll("[aria-label], .hidden, label, input[placeholder], button")]
  .filter(e => e.closest("[lang]").lang === own)
  .flatMap(e => [e.getAttribute("aria-label"), e.placeholder, e.matches(".hidden, label, button") ? e.textContent : ""])
  .filter(text => text && text.trim());
"""

UNMARKED_THAI = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
for (let node; node = walker.nextNode();) {
  const text = node.textContent, element = node.parentElement;
  if (/[\u0e01-\u0e2e]{3}/.test(text) && element.closest("[lang]").lang !== "th" && !element.closest("code, mark"))
    found.push(`${text.trim().slice(0, 60)} in ${element.outerHTML.slice(0, 60)}`);
}
return found;
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium as most readers have it, with JavaScript."""
    started = chromium(tmp_path_factory.mktemp("axe"), javascript=True)
    yield started
    started.quit()


def show(browser: webdriver.Chrome, width: int, scheme: str = "light") -> None:
    """Lay the page out in a window of this width, in this colour scheme."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


@pytest.mark.parametrize(("name", "language"), every_page("axe"))
def test_axe_finds_nothing(browser: webdriver.Chrome, address: str, name: str, language: str) -> None:
    browser.get(address + PAGE_TYPES[name].format(language))
    browser.execute_script(OPEN_ALL)
    found = []
    for width in (360, 1280):
        for scheme, rules in (("light", EVERYTHING), ("dark", COLOURS)):
            show(browser, width, scheme)
            found += [f"{name}, {language}, {width} px, {scheme}: {line}" for line in violations(browser, rules)]
    assert not found, "\n" + "\n".join(found)


def test_axe_does_find_what_is_wrong(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/en/help")
    show(browser, 1280)
    browser.execute_script(
        "const [image, button] = ['img', 'button'].map(tag => document.createElement(tag));"
        "const pale = document.querySelector('h1');"
        "button.style.cssText = 'width: 10px; min-height: 10px; padding: 0'; pale.style.color = '#ddd';"
        "document.querySelector('main').append(image, button, button.cloneNode());"
    )
    found = {line.split()[0] for line in violations(browser, EVERYTHING)}
    assert {"image-alt", "button-name", "color-contrast", "target-size"} <= found


@pytest.mark.parametrize(("name", "language"), every_page("zoom"))
def test_at_400_percent_nothing_scrolls_sideways_and_nothing_is_cut(
    browser: webdriver.Chrome, address: str, name: str, language: str
) -> None:
    """WCAG 1.4.10: 1280 px at 400 % are 320 CSS px. Tables may scroll inside a region of their own."""
    show(browser, 320)
    browser.get(address + PAGE_TYPES[name].format(language))
    browser.execute_script(OPEN_ALL)
    wide, cut, outside = browser.execute_script(LAYOUT, 320)
    assert (cut, outside) == ([], [])
    assert wide <= 320


@pytest.mark.parametrize(("name", "language"), every_page("spacing"))
def test_readers_may_space_out_text_and_lose_nothing(browser: webdriver.Chrome, address: str, name: str, language: str) -> None:
    """WCAG 1.4.12: lines 1.5, paragraphs 2, letters 0.12 and words 0.16 times the size of the type."""
    browser.get(address + PAGE_TYPES[name].format(language))
    browser.execute_script(OPEN_ALL)
    browser.execute_script(SPACED)
    spacing = browser.execute_script("return getComputedStyle(document.querySelector('main')).letterSpacing")
    assert spacing != "normal", "the spacing was not applied"
    for width in (360, 1280):
        show(browser, width)
        wide, cut, outside = browser.execute_script(LAYOUT, width)
        assert (cut, outside) == ([], [])
        assert wide <= width
        assert browser.execute_script(OVERLAPPING) == []


@pytest.mark.parametrize(("name", "language"), every_page("labels"))
def test_labels_for_screen_readers_are_in_the_language_of_their_page(
    browser: webdriver.Chrome, address: str, name: str, language: str
) -> None:
    browser.get(address + PAGE_TYPES[name].format(language))
    labels = browser.execute_script(LABELS)
    assert len(labels) >= 2, "the navigation has labels on every page"
    own, other = ("[\u0e01-\u0e2e]", "$^") if language == "th" else ("[A-Za-z]", "[\u0e01-\u0e2e]")
    assert [label for label in labels if not re.search(own, label) or re.search(other, label)] == []


@pytest.mark.parametrize(("name", "language"), every_page("marked"))
def test_thai_text_is_marked_as_thai(browser: webdriver.Chrome, address: str, name: str, language: str) -> None:
    """WCAG 3.1.2: a screen reader that speaks English says nothing at all for Thai letters that are not marked."""
    browser.get(address + PAGE_TYPES[name].format(language))
    assert browser.execute_script(UNMARKED_THAI) == []
