"""The page Coverage: counts, the lists behind them, and the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from desk_visits import Visit, visit
from fastapi import FastAPI

from kb.desk.rights import Role


@pytest.fixture(scope="module")
def reviewer(app: FastAPI) -> Iterator[Visit]:
    with visit(app, "coverage@curate.example", Role.REVIEWER) as (_, visitor):
        yield visitor


CHOICES = [
    ("", "by priority"),
    ("?from=2015&to=2020", "within years"),
    ("?by=year", "by year"),
    ("?by=year&priority=service-delivery", "by year, one priority"),
    ("?from=x&priority=y", "nonsense is no limit"),
]


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(("query", "reason"), CHOICES)
def test_each_cell_counts_the_cases_of_its_list(reviewer: Visit, query: str, reason: str, language: str) -> None:
    page = reviewer.get(f"/{language}/desk/coverage{query}").text
    cells = re.findall(r'<a href="(/../desk/coverage/cases\?[^"]+)">(\d+)</a>', page)
    assert len(cells) > 10, reason
    for url, count in cells[::7]:
        listed = reviewer.get(unescape(url)).text
        assert listed.count(f'<li><a href="/{language}/practices/') == int(count), (reason, url)


def test_the_file_counts_every_case_once(reviewer: Visit) -> None:
    answer = reviewer.get("/en/desk/coverage.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][-1] == "Cases"
    total = re.search(r"(\d+) published cases", reviewer.get("/en/desk/coverage").text)
    assert total is not None
    assert sum(int(row[-1]) for row in rows[1:]) == int(total[1])
