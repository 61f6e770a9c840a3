"""Months with their years, however a contributor writes them."""

from __future__ import annotations

import pytest

from kb.text.years import months


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("มิ.ย. ๖๕", {(2022, 6)}, "short month, two Thai digits of a Buddhist-era year"),
        ("เดือนมิถุนายน พ.ศ. 2565 (ค.ศ. 2022)", {(2022, 6)}, "the era is named"),
        ("20 March 2020", {(2020, 3)}, "day first"),
        ("March 20, 2020", {(2020, 3)}, "month first"),
        ("28/03/2020", {(2020, 3)}, "figures alone: the day comes first"),
        ("03/2014", {(2014, 3)}, "month and year in figures"),
        ("2020-03-28", {(2020, 3)}, "ISO 8601"),
        ("28/03/2563", {(2020, 3)}, "figures alone, Buddhist era"),
        ("8-10 ก.ค. 2561 และ 1 ส.ค. 2561", {(2018, 7), (2018, 8)}, "every month is found"),
        ("dismay 2020", set(), "no month inside a word"),
        ("May 1,000 people", set(), "an amount is no year"),
        ("March 20", set(), "a day of a month without a year"),
        ("13/2020", set(), "there is no such month"),
        ("มติ 06/2565-1", {(2022, 6)}, "a number that looks like a month counts as one: it seldom agrees by chance"),
    ],
)
def test_months(text: str, expected: set[tuple[int, int]], reason: str) -> None:
    assert months(text) == expected, reason
