from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thai_text import mixed_text

from kb.text.years import (
    ERA_OFFSET,
    FIRST_YEAR,
    LAST_YEAR,
    format_date,
    format_year,
    parse_date,
    to_buddhist_era,
    to_common_era,
    years,
)

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")

BUDDHIST = [
    "พ.ศ. {}", "พ.ศ.{}", "พศ {}", "พ. ศ. {}", "พุทธศักราช {}", "ปี {}", "ปี{} ", "B.E. {}", "BE {}", "{} B.E.", "({})",
    "{}-", "12/{}",
]  # fmt: skip
COMMON = [
    "ค.ศ. {}", "ค.ศ.{}", "คริสต์ศักราช {}", "ปี {}", "A.D. {}", "{} CE", "in {}.", "will be {}", "{} be", "tribe {}",
    "road {}", "{}/",
]  # fmt: skip


@pytest.mark.parametrize("written", BUDDHIST)
@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_a_buddhist_era_year_is_read_as_543_years_earlier(written: str, year: int) -> None:
    for text in (written.format(year + 543), written.format(str(year + 543).translate(THAI))):
        assert [(found.ce, found.era) for found in years(text)] == [(year, "be")]


@pytest.mark.parametrize("written", COMMON)
@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_a_common_era_year_is_read_as_it_is(written: str, year: int) -> None:
    for text in (written.format(year), written.format(str(year).translate(THAI))):
        assert [(found.ce, found.era) for found in years(text)] == [(year, "ce")]


SENTENCES = [
    ("พ.ศ. ๒๕๖๗ = 2567 = 2024 CE", [2567 - 543, 2567 - 543, 2024], "the three ways of writing one year"),
    ("พ.ศ. 2561 (ค.ศ. 2018)", [2018, 2018], "both eras, as our own texts have it"),
    ("ปี 2554-2555", [2011, 2012], "a range"),
    ("2018/2019", [2018, 2019], "a double year"),
    ("31/12/2561", [2018], "the year of a date in digits"),
    ("พ.ศ. 2018", [], "an era mark is believed: 1475 CE lies outside"),
    ("ค.ศ. 2561", [], "and so here: 2561 CE lies outside"),
    ("1,700 แห่ง 588,842 เรื่อง", [], "figures with separators"),
    ("17847 12567", [], "five digits"),
    ("2561.5 และ 3.2561", [], "decimals"),
    ("1899 2101 2442 2644", [], "just outside both eras"),
    ("1900 2100 2443 2643", [1900, 2100, 1900, 2100], "just inside"),
    ("", [], "nothing"),
]


@pytest.mark.parametrize(("text", "found", "reason"), SENTENCES, ids=[row[2] for row in SENTENCES])
def test_years_of_a_text(text: str, found: list[int], reason: str) -> None:
    assert [mention.ce for mention in years(text)] == found


@given(mixed_text)
def test_mentions_are_ordered_and_hold_their_digits(text: str) -> None:
    mentions = years(text)
    for mention in mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert FIRST_YEAR <= mention.ce <= LAST_YEAR
        written = mention.ce if mention.era == "ce" else mention.ce + 543
        assert str(written) in "".join(str(int(c)) for c in text[mention.start : mention.end] if c.isdecimal())
    for first, second in pairwise(mentions):
        assert first.end <= second.start


@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_eras_are_543_years_apart(year: int) -> None:
    assert to_buddhist_era(year) == year + ERA_OFFSET == year + 543
    assert to_common_era(to_buddhist_era(year)) == year
    assert to_common_era(year) == year


DATES = [
    ("6 มิถุนายน 2554", date(2554 - 543, 6, 6), "a Buddhist-era year is not the year 2554"),
    ("๖ มิถุนายน ๒๕๕๔", date(2011, 6, 6), "Thai digits"),
    ("๖ มิ.ย. ๕๔", date(2500 + 54 - 543, 6, 6), "short month, two digits of the Buddhist era"),
    ("วันที่ 6 มิถุนายน พ.ศ. 2554", date(2011, 6, 6), "era mark"),
    ("6 มิถุนายน พ.ศ.2554", date(2011, 6, 6), "era mark without a blank"),
    ("6 มิถุนายน ค.ศ. 2011", date(2011, 6, 6), "the other era in Thai"),
    ("1ม.ค.2561", date(2018, 1, 1), "no blanks"),
    ("29 กุมภาพันธ์ 2551", date(2008, 2, 29), "a leap day is one by its CE year"),
    ("6 June 2011", date(2011, 6, 6), "English"),
    ("6th June, 2011", date(2011, 6, 6), "ordinal"),
    ("June 6, 2011", date(2011, 6, 6), "American"),
    ("Sept. 5, 2019", date(2019, 9, 5), "four-letter short month"),
    ("12 MAY 2020", date(2020, 5, 12), "capitals"),
    ("2011-06-06", date(2011, 6, 6), "ISO"),
    ("2554-06-06", date(2011, 6, 6), "ISO with a Buddhist-era year"),
    ("ประชุมเมื่อ 31 กุมภาพันธ์ 2554 และ 1 มีนาคม 2554", date(2011, 3, 1), "a day that does not exist is passed over"),
    ("6 June 54", None, "two digits in English name no century"),
    ("29 กุมภาพันธ์ 2554", None, "2011 is no leap year"),
    ("2011-13-01", None, "no such month"),
    ("มิถุนายน 2554", None, "no day"),
    ("", None, "nothing"),
]


@pytest.mark.parametrize(("text", "found", "reason"), DATES, ids=[row[2] for row in DATES])
def test_first_date_of_a_text(text: str, found: date | None, reason: str) -> None:
    assert parse_date(text) == found


@pytest.mark.parametrize("language", ["th", "en"])
@given(st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)))
def test_a_written_date_is_read_back(language: str, day: date) -> None:
    assert parse_date(format_date(day, language)) == day
    assert parse_date(format_date(day, language).translate(THAI)) == day


@settings(deadline=None)
@given(mixed_text)
def test_any_text_can_be_asked_for_a_date(text: str) -> None:
    found = parse_date(text)
    assert found is None or any(character.isdecimal() for character in text)


def test_years_and_dates_are_written_for_their_readers() -> None:
    assert format_year(2018, "th") == f"พ.ศ. {2018 + 543} (ค.ศ. 2018)"
    assert format_year(2018, "en") == "2018"
    assert format_date(date(2011, 6, 6), "th") == "6 มิถุนายน 2554"
    assert format_date(date(2011, 6, 6), "en") == "6 June 2011"
