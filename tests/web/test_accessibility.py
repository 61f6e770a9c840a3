"""WCAG 2.2 AA on every type of page: axe-core in real Chromium, zoom, text spacing, languages of labels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver

from tests.web.axe import COLOURS, EVERYTHING, violations
from tests.web.page_types import PAGE_TYPES
from tests.web.test_browser import OPEN_ALL, chromium

pytestmark = pytest.mark.browser

LANGUAGES = ("th", "en")


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGE_TYPES)
def test_axe_finds_nothing(browser: webdriver.Chrome, address: str, name: str, language: str) -> None:
    browser.get(address + PAGE_TYPES[name].format(language))
    browser.execute_script(OPEN_ALL)
    found = []
    for width in (360, 1280):
        for scheme, rules in (("light", EVERYTHING), ("dark", COLOURS)):
            show(browser, width, scheme)
            found += [f"{name}, {language}, {width} px, {scheme}: {line}" for line in violations(browser, rules)]
    assert not found, "\n" + "\n".join(found)
