"""Names at the ends of lines in real Chromium, down to the narrowest window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver

from tests.web.test_accessibility import LAYOUT, SPACED, show
from tests.web.test_browser import chromium
from web.names import LONGEST, SHORT

pytestmark = pytest.mark.browser

LONGEST_NAMES = """
const [short, longest] = ["ก".repeat(arguments[0]), "ก".repeat(arguments[1])];
const put = (place, kind, text) => {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  place.prepend(span);
};
document.querySelectorAll(".practice > h1, .hits h3 a, .glance dd:not(.means)").forEach((e) => put(e, "whole long", longest));
document.querySelectorAll(".glance dd:not(.means)").forEach((e) => put(e, "whole", short));
"""
"""Names of the greatest length that is kept whole, wherever names may stand."""

LINES = """
return [...document.querySelectorAll(".whole:not(.long)")]
  .map(e => new Set([...e.getClientRects()].map(r => Math.round(r.bottom))).size);
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("names"), javascript=True)
    yield started
    started.quit()


@pytest.mark.parametrize(("width", "spaced"), [(320, False), (360, True), (700, True), (1280, True)])
@pytest.mark.parametrize("path", ["/th/practices/th-traffy-fondue", "/th/?q=Traffy+Fondue"])
def test_the_longest_names_fit_their_columns(
    browser: webdriver.Chrome, address: str, path: str, width: int, spaced: bool
) -> None:
    show(browser, width)
    browser.get(address + path)
    if spaced:
        browser.execute_script(SPACED)
    browser.execute_script(LONGEST_NAMES, SHORT, LONGEST)
    wide, cut, outside = browser.execute_script(LAYOUT, width)
    assert (cut, outside) == ([], [])
    assert wide <= width
    assert set(browser.execute_script(LINES)) == {1}
    beyond = browser.execute_script(
        "return [...document.querySelectorAll('.glance .whole')]"
        ".filter(e => e.getBoundingClientRect().right > e.closest('dd').getBoundingClientRect().right + 1).length"
    )
    assert beyond == 0, "no name runs into the next column"
