"""Years and dates in two eras and two sets of digits, and the time that a question asks for."""

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
    year_range,
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


TODAY = date(2026, 11, 22)

ASKED = [
    ("since 2015", 2015, None, True, "an open end"),
    ("started since the year 2015", 2015, None, True, "with words for a beginning"),
    ("from 2015", 2015, None, True, "from a year on"),
    ("starting in 2015", 2015, None, True, "starting in, unlike started in"),
    ("2015 onwards", 2015, None, True, "onwards comes after the year"),
    ("2015 or later", 2015, None, True, "and so does or later"),
    ("after 2010", 2010 + 1, None, True, "after a year leaves it out"),
    ("post-2010", 2010 + 1, None, True, "in one word"),
    ("before 2005", None, 2005 - 1, True, "before a year leaves it out"),
    ("prior to 2005", None, 2005 - 1, True, "the same in more words"),
    ("until 2010", None, 2010, True, "until a year has it in"),
    ("no later than 2010", None, 2010, True, "and so has no later than"),
    ("between 2010 and 2015", 2010, 2015, True, "both ends"),
    ("between 2015 and 2010", 2010, 2015, True, "the wrong way round"),
    ("from 2010 to 2015", 2010, 2015, True, "from and to"),
    ("2010-2015", 2010, 2015, True, "a hyphen"),
    ("2010-15", 2010, 2015, True, "a short end"),
    ("2015-10", 2015, 2015, False, "a short end before the beginning is something else"),
    ("launched in 2015", 2015, 2015, True, "a wish for a beginning"),
    ("in 2015", 2015, 2015, False, "a bare year may name an event"),
    ("the early 1990s", 1990, 1990 + 9, True, "a decade"),
    ("last 5 years", 2026 - 5, None, True, "counted from today"),
    ("in the past five years", 2026 - 5, None, True, "the number in words"),
    ("ตั้งแต่ปี 2558", 2558 - 543, None, True, "since, in the Buddhist era"),
    ("นับตั้งแต่ พ.ศ. ๒๕๕๘", 2558 - 543, None, True, "with an era mark and Thai digits"),
    ("ตั้งแต่ ค.ศ. 2015", 2015, None, True, "since, in the Common Era"),
    ("2558 เป็นต้นมา", 2558 - 543, None, True, "onwards"),
    ("ปี 2558 จนถึงปัจจุบัน", 2558 - 543, None, True, "until now is an open end"),
    ("ก่อนปี ๒๕๔๘", None, 2548 - 543 - 1, True, "before"),
    ("หลังปี 2553", 2553 - 543 + 1, None, True, "after"),
    ("ไม่เกินปี 2553", None, 2553 - 543, True, "up to"),
    ("ระหว่างปี 2554 และ 2559", 2554 - 543, 2559 - 543, True, "between"),
    ("พ.ศ. 2554 ถึง พ.ศ. 2559", 2554 - 543, 2559 - 543, True, "an era mark on both"),
    ("2554-2559", 2554 - 543, 2559 - 543, True, "a hyphen between Buddhist years"),
    ("2554-59", 2554 - 543, 2559 - 543, True, "a short end of the Buddhist era"),
    ("โครงการที่เริ่มในปี 2561", 2561 - 543, 2561 - 543, True, "a wish for a beginning"),
    ("ก่อตั้งเมื่อปี 2540", 2540 - 543, 2540 - 543, True, "founded"),
    ("ปีงบประมาณ 2561", 2561 - 543, 2561 - 543, False, "a fiscal year is a bare year"),
    ("ปี 54", 2554 - 543, 2554 - 543, False, "two digits are of the Buddhist era"),
    ("ทศวรรษ 2530", 2530 - 543, 2530 - 543 + 9, True, "a decade of the Buddhist era"),
    ("ใน 5 ปีที่ผ่านมา", 2026 - 5, None, True, "the last years"),
    ("รอบ ๑๐ ปีที่ผ่านมา", 2026 - 10, None, True, "in Thai digits"),
    ("ในช่วงห้าปีที่ผ่านมา", 2026 - 5, None, True, "in words"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "first", "last", "explicit", "reason"), ASKED, ids=[row[4] for row in ASKED])
@pytest.mark.parametrize("around", ["{}", "flood warning {}", "ระบบเตือนภัย {} ในเมือง"])
def test_time_that_a_question_asks_for(
    around: str, text: str, first: int | None, last: int | None, explicit: bool, reason: str
) -> None:
    found = year_range(around.format(text), TODAY)
    assert found is not None
    assert (found.first, found.last, found.explicit) == (first, last, explicit)


NO_TIME = [
    ("", "nothing"),
    ("flood warning", "no number"),
    ("1,500 houses", "a number with a separator"),
    ("สายด่วน 1567", "a telephone number outside both eras"),
    ("ใช้เวลา 35 ปี", "a time that something takes"),
    ("ปี 54 คน", "a number of people"),
    ("ผู้สูงอายุ 60 ปี", "an age"),
]


@pytest.mark.parametrize(("text", "reason"), NO_TIME, ids=[row[1] for row in NO_TIME])
def test_a_question_that_asks_for_no_time(text: str, reason: str) -> None:
    assert year_range(text, TODAY) is None


MISREAD = [
    ("no earlier than 2015", (2015, None), "it is read as earlier than 2015"),
    ("2015 or earlier", (None, 2015), "it is read as 2015 alone"),
    ("newer than 2015", (2015 + 1, None), "it is read as 2015 alone, unlike later than"),
    ("cash of 2500 baht", None, "an amount is read as the year B.E. 2500"),
    ("เงิน 2500 บาท", None, "and so it is in Thai"),
    ("2000 officials", None, "a number of people is read as a year"),
]


@pytest.mark.parametrize(("text", "meant", "reason"), MISREAD, ids=[row[0] for row in MISREAD])
def test_words_that_give_a_number_another_meaning(text: str, meant: tuple[int | None, int | None] | None, reason: str) -> None:
    found = year_range(text, TODAY)
    assert (found and (found.first, found.last)) == meant


def test_the_place_of_a_range_has_the_words_that_belong_to_it() -> None:
    text = "ระบบเตือนภัยตั้งแต่ปี ๒๕๕๘ ในเมือง"
    found = year_range(text, TODAY)
    assert found is not None
    assert text[found.start : found.end] == "ตั้งแต่ปี ๒๕๕๘"


BOUNDS = [
    ("since {}", "ตั้งแต่ปี {}", (0, None)),
    ("before {}", "ก่อนปี {}", (None, -1)),
    ("after {}", "หลังปี {}", (1, None)),
    ("until {}", "จนถึงปี {}", (None, 0)),
    ("launched in {}", "เปิดตัวปี {}", (0, 0)),
]


@pytest.mark.parametrize(("english", "thai", "bounds"), BOUNDS, ids=[row[0] for row in BOUNDS])
@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_a_wish_is_the_same_in_both_languages_eras_and_digits(
    english: str, thai: str, bounds: tuple[int | None, int | None], year: int
) -> None:
    first, last = (None if shift is None else year + shift for shift in bounds)
    for written in (english, thai):
        for number in (str(year), str(year + 543), str(year + 543).translate(THAI), str(year).translate(THAI)):
            found = year_range(written.format(number), TODAY)
            assert found is not None
            assert (found.first, found.last) == (first, last), written.format(number)


YEAR_WORDS = (
    "since ", "before ", "between ", " and ", "ตั้งแต่ปี ", "ก่อน", " ถึง ", "-", "2015", "2554", "๒๕๕๘", "'54", "ปี ", "1990s",
    "ทศวรรษ ", "last 5 years", " onwards", "ใน 5 ปีที่ผ่านมา", "9990", " ",
)  # fmt: skip


@given(st.one_of(mixed_text, st.lists(st.sampled_from(YEAR_WORDS), max_size=6).map("".join)))
def test_any_text_can_be_asked_for_a_time(text: str) -> None:
    found = year_range(text, TODAY)
    if found is None:
        return
    assert 0 <= found.start < found.end <= len(text)
    assert (found.first, found.last) != (None, None)
    if found.first is not None and found.last is not None:
        assert found.first <= found.last
