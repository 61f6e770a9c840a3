"""Suggestions while a question is typed, in both scripts: what is left out of the comparison, the order, and any input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import in_order

from kb.errors import VectorIndexError
from kb.records import LANGUAGES
from kb.search.engine import Searcher
from kb.search.suggest import (
    ENTRIES,
    KINDS,
    MAX_TYPED,
    ORDER,
    Beginnings,
    Entry,
    Suggester,
    beginnings,
    build,
    key_of,
    read,
    write,
)
from kb.text.segment import Segmenter

ENTRIES_MADE = (
    Entry("ก.พ.ร.", "OPDC", "term", "th"),
    Entry("OPDC", "ก.พ.ร.", "term", "en"),
    Entry("น้ำท่วม", "flood", "term", "th"),
    Entry("เตือนภัยน้ำท่วม", "flood warning", "term", "th"),
    Entry("flood", "น้ำท่วม", "term", "en"),
    Entry("แม่น้ำโขง", "Mekong", "agency", "th"),
    Entry("เทศบาลเมือง", "Town Municipality", "agency", "th"),
    Entry("Doi Tung Development Project", "โครงการพัฒนาดอยตุง", "title", "en", "th-doi-tung"),
    Entry("โครงการพัฒนาดอยตุง", "Doi Tung Development Project", "title", "th", "th-doi-tung"),
    Entry("One-Stop Service Centres", "ศูนย์บริการเบ็ดเสร็จ", "title", "en", "kh-owso"),
    Entry("People's budget (2011)", "", "question", "en", "id-budget"),
    Entry("Cải cách hành chính", "", "title", "en", "vn-par"),
)


def suggester(entries: Sequence[Entry], segmenter: Segmenter) -> Suggester:
    return Suggester(*build(entries, segmenter))


@pytest.fixture(scope="module")
def made(segmenter: Segmenter) -> Suggester:
    return suggester(ENTRIES_MADE, segmenter)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("น้ำ", ["น้ำท่วม", "เตือนภัยน้ำท่วม"], id="Thai, at the beginning and at a later word"),
        pytest.param("flo", ["flood"], id="English"),
        pytest.param("FLO", ["flood"], id="capitals do not matter"),
        pytest.param("dev", ["Doi Tung Development Project"], id="a later English word"),
        pytest.param("tung dev", ["Doi Tung Development Project"], id="from a later word on"),
        pytest.param("elopment", [], id="not the inside of an English word"),
        pytest.param("ท่วม", [], id="not the inside of a Thai word"),
        pytest.param("กพร", ["ก.พ.ร."], id="full stops left out"),
        pytest.param("ก. พ. ร.", ["ก.พ.ร."], id="blanks put in"),
        pytest.param("o.p.d.c.", ["OPDC"], id="full stops put in"),
        pytest.param("doitung", ["Doi Tung Development Project"], id="a romanised name as one word"),
        pytest.param("doi-tung", ["Doi Tung Development Project"], id="a romanised name with a hyphen"),
        pytest.param("one stop", ["One-Stop Service Centres"], id="a hyphen left out"),
        pytest.param("onestop", ["One-Stop Service Centres"], id="a hyphen left out and nothing in its place"),
        pytest.param("stop", ["One-Stop Service Centres"], id="after a hyphen a word begins"),
        pytest.param("peoples b", ["People's budget (2011)"], id="an apostrophe left out"),
        pytest.param("2011", ["People's budget (2011)"], id="a number in brackets"),
        pytest.param("๒๐๑๑", ["People's budget (2011)"], id="the same in Thai digits"),
        pytest.param("cải", ["Cải cách hành chính"], id="Vietnamese"),
        pytest.param("นำทวม", ["น้ำท่วม", "เตือนภัยน้ำท่วม"], id="tone marks left out"),
        pytest.param("น\u0e4d\u0e49าท", ["น้ำท่วม", "เตือนภัยน้ำท่วม"], id="sara am in two characters"),
        pytest.param("ตือนภัย", ["เตือนภัยน้ำท่วม"], id="a leading vowel left out"),
        pytest.param("ม่น้ำ", ["แม่น้ำโขง"], id="another leading vowel left out"),
        pytest.param("ขง", ["แม่น้ำโขง"], id="a leading vowel left out of a later word"),
        pytest.param("เเม่น้ำ", ["แม่น้ำโขง"], id="a leading vowel typed as two"),
        pytest.param("น", ["น้ำท่วม", "เตือนภัยน้ำท่วม"], id="one letter"),
        pytest.param("", [], id="nothing"),
        pytest.param("  .- '", [], id="nothing that is compared"),
        pytest.param("ไม่มีคำนี้", [], id="Thai that nothing begins with"),
        pytest.param("zzz", [], id="English that nothing begins with"),
    ],
)
def test_an_entry_is_found_by_the_beginning_of_any_of_its_words(made: Suggester, typed: str, found: list[str]) -> None:
    assert [entry.text for entry in made.suggest(typed)] == found


def test_a_leading_vowel_is_put_in_only_where_nothing_else_begins_so(segmenter: Segmenter) -> None:
    with_vowel, without = Entry("เตา", "", "term", "th"), Entry("ตา", "", "term", "th")
    assert suggester([with_vowel], segmenter).suggest("ตา") == [with_vowel]
    assert suggester([with_vowel, without], segmenter).suggest("ตา") == [without]


@pytest.mark.parametrize(
    ("better", "worse", "typed"),
    [
        pytest.param(Entry("Water meters of Phnom Penh", "", "question", "en"), Entry("Big water", "", "term", "en"), "wat",
                     id="the beginning before a later word, whatever the kind"),
        pytest.param(Entry("water act", "", "question", "en"), Entry("wa-ter", "", "term", "en"), "water",
                     id="as it is typed before a looser reading"),
        pytest.param(Entry("ก.พ.", "", "question", "th"), Entry("กพ", "", "term", "th"), "ก.พ",
                     id="also in Thai"),
        pytest.param(Entry("water supply", "", "term", "en"), Entry("water", "", "title", "en"), "wat",
                     id="a term before a title"),
        pytest.param(Entry("water supply", "", "title", "en"), Entry("water", "", "agency", "en"), "wat",
                     id="a title before an agency"),
        pytest.param(Entry("water supply", "", "agency", "en"), Entry("water", "", "question", "en"), "wat",
                     id="an agency before a question"),
        pytest.param(Entry("Water Office", "", "agency", "en", None, 3), Entry("Waters", "", "agency", "en", None, 2), "wat",
                     id="what is named more often first"),
        pytest.param(Entry("water", "", "term", "en"), Entry("water act", "", "term", "en"), "wat", id="the shorter first"),
        pytest.param(Entry("water a", "", "term", "en"), Entry("water b", "", "term", "en"), "wat", id="then by the alphabet"),
    ],
)  # fmt: skip
def test_order(segmenter: Segmenter, better: Entry, worse: Entry, typed: str) -> None:
    for entries in ((better, worse), (worse, better)):
        assert suggester(entries, segmenter).suggest(typed) == [better, worse]


def test_kinds_are_shown_in_the_order_in_which_they_are_listed() -> None:
    assert KINDS == ("term", "title", "agency", "question")


def test_one_text_is_suggested_once_as_the_better_kind(segmenter: Segmenter) -> None:
    as_title, as_term = Entry("Water", "", "title", "en", "kh-water"), Entry("Water", "น้ำ", "term", "en")
    assert suggester([as_title, as_term, as_term], segmenter).suggest("wat") == [as_term]


def test_not_more_than_asked_for(segmenter: Segmenter) -> None:
    entries = [Entry(f"water {number}", "", "term", "en") for number in range(20)]
    many = suggester(entries, segmenter)
    assert [len(many.suggest("water", limit)) for limit in (1, 8, 100)] == [1, 8, 20]
    assert len(many.suggest("water")) == 8


def test_a_long_text_typed_is_read_in_part(segmenter: Segmenter) -> None:
    entry = Entry("น้ำท่วม" * 50, "", "question", "th")
    assert suggester([entry], segmenter).suggest(entry.text + "x" * MAX_TYPED) == [entry]


def test_what_has_no_letter_is_never_suggested(segmenter: Segmenter) -> None:
    assert suggester([Entry("...", "", "term", "en"), Entry("", "", "term", "en")], segmenter).suggest(".") == []


def test_no_entries_suggest_nothing(segmenter: Segmenter) -> None:
    assert suggester([], segmenter).suggest("น้ำ") == []


# Any input

SMALL = st.integers(0, 20)
WORDS = st.sampled_from(["น้ำท่วม", "เทศบาล", "ก.พ.ร.", "แม่น้ำ", "ไฟฟ้า", "One-Stop", "water", "2561", "People's", "โขง", "ASEAN"])
TYPED = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=()), max_size=150),
    st.builds(lambda entry, start, length: entry.text[start : start + length], st.sampled_from(ENTRIES_MADE), SMALL, SMALL),
)
"""What may be typed: anything, and pieces of what is there."""
TEXTS = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6, unique=True), st.data())
def test_every_beginning_of_every_word_finds_its_entry(segmenter: Segmenter, texts: list[str], data: st.DataObject) -> None:
    entries = [Entry(text, "", "term", "th") for text in texts]
    made = suggester(entries, segmenter)
    text = data.draw(st.sampled_from(texts))
    tokens = segmenter.tokens(text)
    start = data.draw(st.sampled_from(tokens)).start
    typed = text[start : data.draw(st.integers(start + 1, len(text)))]
    if key_of(typed):
        assert text in [entry.text for entry in made.suggest(typed, len(entries))]


@settings(deadline=None)
@given(TYPED, st.integers(1, 10))
def test_whatever_is_typed_suggests_only_what_holds_it(made: Suggester, typed: str, limit: int) -> None:
    found = made.suggest(typed, limit)
    assert len(found) <= limit
    assert len({entry.text for entry in found}) == len(found)
    assert set(found) <= set(ENTRIES_MADE)
    wanted = key_of(typed[:MAX_TYPED])[:40]
    assert all(any(vowel + wanted in key_of(entry.text) for vowel in ("", *"เแโใไ")) for entry in found)


@settings(deadline=None)
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30), max_size=5))
def test_any_text_can_be_an_entry(segmenter: Segmenter, texts: list[str]) -> None:
    entries = [Entry(text, "", "question", "en") for text in texts]
    made = suggester(entries, segmenter)
    for text in texts:
        if key_of(text) and len(text) <= MAX_TYPED:
            assert made.suggest(text, len(texts))


def test_a_hundred_thousand_entries(segmenter: Segmenter) -> None:
    entries = [Entry(f"Paper {number:06}", "", "title", "en", f"r-{number}") for number in range(100_000)]
    many = suggester([*entries, Entry("น้ำท่วม", "flood", "term", "th")], segmenter)
    assert [entry.record for entry in many.suggest("paper 099999")] == ["r-99999"]
    assert [entry.record for entry in many.suggest("05000")] == [f"r-{number}" for number in range(50_000, 50_008)]
    assert len(many.suggest("p")) == len(many.suggest("paper 0")) == 8  # every entry begins so
    assert [entry.text for entry in many.suggest("นำ")] == ["น้ำท่วม"]


# Beside the index


def test_suggestions_come_back_as_they_were_written(tmp_path: Path, made: Suggester, segmenter: Segmenter) -> None:
    write(tmp_path, *build(ENTRIES_MADE, segmenter))
    again = read(tmp_path)
    for typed in ("น", "ก", "d", "one stop", "2011", "ม่น้ำ"):
        assert again.suggest(typed) == made.suggest(typed) != []


def test_entries_are_kept_once(segmenter: Segmenter) -> None:
    entries, order = build([*ENTRIES_MADE, *ENTRIES_MADE], segmenter)
    assert entries == list(ENTRIES_MADE)
    assert len({tuple(row) for row in order.tolist()}) == len(order)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda at: (at / ENTRIES).unlink(), id="no entries"),
        pytest.param(lambda at: (at / ORDER).unlink(), id="no order"),
        pytest.param(lambda at: (at / ENTRIES).write_text("{", encoding="utf-8"), id="entries cut off"),
        pytest.param(lambda at: (at / ENTRIES).write_bytes(b"\xff\xfe"), id="entries no UTF-8"),
        pytest.param(lambda at: (at / ENTRIES).write_text('[["a"]]', encoding="utf-8"), id="an entry without its fields"),
        pytest.param(lambda at: (at / ENTRIES).write_text("3", encoding="utf-8"), id="entries of another shape"),
        pytest.param(lambda at: (at / ORDER).write_bytes(b""), id="order empty"),
        pytest.param(lambda at: (at / ORDER).write_bytes(b"no numbers"), id="order of another kind"),
        pytest.param(lambda at: (at / ORDER).write_bytes((at / ORDER).read_bytes()[:-4]), id="order cut off"),
        pytest.param(lambda at: np.save(at / ORDER, np.array([{}]), allow_pickle=True), id="order with objects"),
    ],
)  # fmt: skip
def test_damaged_suggestions_are_one_error(tmp_path: Path, segmenter: Segmenter, damage: Callable[[Path], object]) -> None:
    write(tmp_path, *build(ENTRIES_MADE, segmenter))
    damage(tmp_path)
    with pytest.raises(VectorIndexError, match=r"the suggestions in .* are missing or damaged; run: kb rebuild") as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)


# Of the corpus


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_title_typed_in_full_leads_to_its_practice(searcher: Searcher, language: str) -> None:
    for row in searcher.store.rows(in_order(searcher.store)).values():
        first = searcher.suggester.suggest(row.title.get(language))[0]
        other = row.title.en if language == "th" else row.title.th
        assert first == Entry(row.title.get(language), other, "title", language, row.id)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("ก.พ.ร", Entry("ก.พ.ร.", "Office of the Public Sector Development Commission", "term", "th"), id="Thai"),
        pytest.param("opdc", Entry("OPDC", "สำนักงานคณะกรรมการพัฒนาระบบราชการ", "term", "en"), id="English"),
    ],
)
def test_a_form_of_a_term_is_suggested_with_the_preferred_one_of_the_other_language(
    searcher: Searcher, typed: str, expected: Entry
) -> None:
    assert searcher.suggester.suggest(typed)[0] == expected


def test_an_agency_is_suggested_with_the_number_of_its_practices(searcher: Searcher) -> None:
    agencies = Counter(agency.name for practice, _, _ in searcher.store.practices() for agency in practice.agencies)
    checked = 0
    for name, count in agencies.items():
        if name.th != name.en:
            for text, other, language in ((name.th, name.en, "th"), (name.en, name.th, "en")):
                (known,) = [entry for entry in searcher.suggester.suggest(text, 20) if entry.text == text]
                if known.kind == "agency":  # or it is a term as well
                    assert known == Entry(text, other, "agency", language, None, count)
                    checked += 1
    assert checked > len(agencies) / 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_question_of_a_case_is_suggested_and_leads_to_it(searcher: Searcher, language: str) -> None:
    practice = searcher.store.practice("th-traffy-fondue")
    assert practice is not None
    asked = [line.removeprefix("- ").strip() for line in practice.faces[language].sections["questions"].splitlines()]
    asked = [question for question in asked if question]
    assert asked
    for question in asked:
        assert Entry(question, "", "question", language, practice.id) in searcher.suggester.suggest(question)


def test_what_a_build_found_is_read_back_and_gives_the_same_suggestions(tmp_path: Path, segmenter: Segmenter) -> None:
    entries = [
        Entry("ดอยตุง ก.พ.ร.", "Doi Tung", "term", "th"),
        Entry("Doi Tung", "ดอยตุง", "term", "en"),
        Entry("--", "", "title", "en"),
    ]
    kept, order = build(entries, segmenter, known := {})
    write(tmp_path, kept, order, known)
    assert beginnings(tmp_path) == known
    again, same = build([*entries, Entry("New", "", "title", "en")], segmenter, beginnings(tmp_path))
    fresh, wanted = build(again, segmenter)
    assert (again, same.tolist()) == (fresh, wanted.tolist())


def test_texts_that_are_gone_are_forgotten(segmenter: Segmenter) -> None:
    known: dict[str, Beginnings] = {}
    build([Entry("Old", "", "title", "en")], segmenter, known)
    build([Entry("New", "", "title", "en")], segmenter, known)
    assert known == {"New": ("new", (0,))}
