"""What a first visit costs, as `bench/page_weight.py` measures it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from selenium import webdriver

from bench.page_weight import BUDGET, PAGES, Weight, measure, over
from tests.web.test_browser import chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("weight"), javascript=True)
    yield started
    started.quit()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_stays_within_the_budget(browser: webdriver.Chrome, address: str, name: str, language: str) -> None:
    weight = measure(browser, address + PAGES[name].format(language))
    assert weight.bytes > 20_000, "the fonts alone are more: the cache was not empty"
    assert over(weight) == []


def test_each_budget_is_told_when_it_is_exceeded() -> None:
    assert over(BUDGET) == []
    more = Weight(300_001, 16, 2_501, 0.11, ("https://cdn.example/x.js",))
    assert [line.split()[0] for line in over(more)] == ["bytes", "requests", "nodes", "shift", "loads"]
    assert over(replace(more, requests=1, nodes=1, shift=0, foreign=())) == ["bytes 300,001 of 300,000"]
