"""What a question narrows by itself, how the reader takes it back, and what is chosen by hand besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from made_records import FLOOD_EN, FLOOD_TH, RECORDS, document, practice, put

from kb.encoder import FakeEncoder
from kb.repository import Repository
from kb.search.engine import Request, Searcher
from kb.settings import Settings

MADE = (
    *RECORDS,  # th-flood (Thailand, 2018), kh-water (Cambodia, 1993), file-report (of 2011, of no state)
    practice("ph-flood", {"en": "Flags in three colours warn the city of floods."}, country="PH", start=2001),
    document("file-undated", "Notes about flags and meters in the provinces."),
    document("file-th", "บันทึกเรื่องธงเตือนน้ำท่วมและมาตรวัดน้ำ", "th"),
)
EVERYTHING = {record.id for record in MADE}
DOCUMENTS = {"file-report", "file-undated", "file-th"}
UNDATED = {"file-undated", "file-th"}


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """The made records with the fake encoder; every one is a candidate of any question."""
    place = tmp_path_factory.mktemp("made")
    repository = Repository(Settings(home=place / "var", index=place / "index", corpus=corpus), FakeEncoder())
    with repository.store() as store:
        put(repository, store, MADE)
        yield repository.searcher(store)


def ids(searcher: Searcher, request: Request) -> set[str]:
    result = searcher.search(request)
    assert result.total == len(result.hits)
    return {hit.id for hit in result.hits}


# Read out of a question, and taken back

READ = [
    ("meters in Cambodia", "country:KH", {"kh-water", *DOCUMENTS}, "a state, and documents of no known state"),
    ("มาตรวัดน้ำในกัมพูชา", "country:KH", {"kh-water", *DOCUMENTS}, "the same in Thai"),
    ("ธงในประเทศลุ่มน้ำโขง", "region:mekong", {"kh-water", "th-flood", *DOCUMENTS}, "a region: its states"),
    ("flags in maritime Southeast Asia", "region:maritime", {"ph-flood", *DOCUMENTS}, "another region"),
    ("flags since 2015", "years:2015..", {"th-flood", *UNDATED}, "years, and documents without a date"),
    ("ธงเตือนตั้งแต่ปี ๒๕๕๘", "years:2015..", {"th-flood", *UNDATED}, "the same in Thai, in the Buddhist era"),
    ("flags before 2000", "years:..1999", {"kh-water", *UNDATED}, "an open beginning"),
    ("flags from 2001 to 2011", "years:2001..2011", {"ph-flood", "file-report", *UNDATED}, "a span, both ends within"),
    ('"coloured flags"', "phrase:colour flag", {"th-flood"}, "a quoted phrase"),
    ('"ธงสี"', "phrase:ธง สี", {"th-flood"}, "a quoted phrase in Thai"),
    ('"in three colours" flags', "phrase:in three colour", {"ph-flood"}, "a quoted phrase with little words"),
    ("flags -meters", "exclusion:meter", {"th-flood", "ph-flood", "file-th"}, "a word shut out, in any form"),
    ('flags -"coloured flags"', "exclusion:colour flag", EVERYTHING - {"th-flood"}, "a phrase shut out"),
    ("ธง -มาตรวัดน้ำ", "exclusion:มาตรวัด น้ำ", EVERYTHING - {"kh-water", "file-th"}, "shut out in Thai"),
    ("flags -zebra", "exclusion:zebra", EVERYTHING, "a word shut out that stands nowhere"),
    ("title:kh flags", "field:title=kh", {"kh-water"}, "a word in the title"),
    ("ชื่อ:KH-WATER ธง", "field:title=KH-WATER", {"kh-water"}, "the same in Thai and in capitals"),
    ("title:nowhere flags", "field:title=nowhere", set(), "in no title"),
    ("kind:document flags", "field:kind=document", DOCUMENTS, "documents only"),
]  # fmt: skip

NAMED = [
    ("country:cambodia flags", "field:country=KH", {"kh-water", *DOCUMENTS}, "an expert's field for a state"),
    ("ภาษา:ไทย flags", "field:language=th", {"th-flood", "kh-water", "file-th"}, "what has a Thai face or text"),
    ("country:laos", "field:country=LA", DOCUMENTS, "nothing but a field: what passes is listed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "expected", "reason"), [*READ, *NAMED], ids=[row[3] for row in [*READ, *NAMED]])
def test_a_question_narrows_and_the_reader_is_told(
    made: Searcher, text: str, key: str, expected: set[str], reason: str
) -> None:
    result = made.search(Request(text))
    assert {hit.id for hit in result.hits} == expected
    assert (key, True) in [(step.key, step.applied) for step in result.query.steps]
    assert {record for record, _ in made.rank(text, 100)[1]} == expected


@pytest.mark.parametrize(("text", "key", "expected", "reason"), READ, ids=[row[3] for row in READ])
def test_what_was_read_can_be_taken_back_alone_or_with_everything(
    made: Searcher, text: str, key: str, expected: set[str], reason: str
) -> None:
    alone = made.search(Request(text, undo=frozenset({key})))
    assert {hit.id for hit in alone.hits} == EVERYTHING
    assert (key, False) in [(step.key, step.applied) for step in alone.query.steps]
    literal = made.search(Request(text, undo=frozenset({"all"})))
    assert {hit.id for hit in literal.hits} == EVERYTHING
    assert literal.query.steps == ()
    assert (dict(literal.narrowed.filters), literal.narrowed.year_from, literal.narrowed.year_to) == ({}, None, None)


@pytest.mark.parametrize(("text", "key", "expected", "reason"), NAMED, ids=[row[3] for row in NAMED])
def test_a_field_that_is_taken_back_may_be_read_as_a_name_which_can_be_taken_back_too(
    made: Searcher, text: str, key: str, expected: set[str], reason: str
) -> None:
    undo = frozenset({key, *(step.key for step in made.search(Request(text, undo=frozenset({key}))).query.steps)})
    assert ids(made, Request(text, undo=undo)) == EVERYTHING


def test_of_two_things_read_one_can_be_taken_back(made: Searcher) -> None:
    text = "flags in the Philippines before 2005"
    assert ids(made, Request(text)) == {"ph-flood", *UNDATED}
    assert ids(made, Request(text, undo=frozenset({"country:PH"}))) == {"ph-flood", "kh-water", *UNDATED}
    assert ids(made, Request(text, undo=frozenset({"years:..2004"}))) == {"ph-flood", *DOCUMENTS}


def test_a_step_that_is_only_offered_narrows_once_the_reader_takes_it(made: Searcher) -> None:
    text = "what could Cambodia learn about flags"
    result = made.search(Request(text))
    assert [(step.key, step.applied) for step in result.query.steps] == [("country:KH", False)]
    assert {hit.id for hit in result.hits} == EVERYTHING
    assert ids(made, Request(text, redo=frozenset({"country:KH"}))) == {"kh-water", *DOCUMENTS}


def test_words_that_became_a_filter_are_not_looked_for_where_a_record_is_known_to_pass(made: Searcher) -> None:
    assert made.search(Request("meters in Cambodia")).query.keywords == ("meter",)
    assert "lao" in made.search(Request("meters in Laos")).query.keywords  # only documents pass, which may speak of it


# Phrases that stand nowhere


def test_a_phrase_that_stands_nowhere_shuts_nothing_out_and_its_words_are_looked_for(made: Searcher) -> None:
    result = made.search(Request('"striped flags" meters'))
    assert {hit.id for hit in result.hits} == EVERYTHING
    assert [(step.key, step.applied) for step in result.query.steps if step.kind == "phrase"] == [("phrase:stripe flag", False)]
    assert result.query.phrases == ()
    assert {"stripe", "flag", "meter"} <= set(result.query.keywords)


def test_beside_an_idle_phrase_the_other_one_still_narrows(made: Searcher) -> None:
    result = made.search(Request('"striped flags" "coloured flags"'))
    assert {hit.id for hit in result.hits} == {"th-flood"}
    assert {step.said: step.applied for step in result.query.steps} == {'"striped flags"': False, '"coloured flags"': True}


def test_an_idle_phrase_is_told_beside_a_filter_too(made: Searcher) -> None:
    result = made.search(Request('"striped flags" since 2015'))
    assert {step.kind: step.applied for step in result.query.steps} == {"phrase": False, "years": True}


def test_words_of_a_phrase_must_stand_next_to_one_another_and_in_order(made: Searcher) -> None:
    assert ids(made, Request('"flags coloured"')) == EVERYTHING
    assert ids(made, Request('"flags and meters"')) == {"file-undated"}


# Chosen by hand


@pytest.mark.parametrize(
    ("request_", "expected", "filters", "years"),
    [
        pytest.param(Request("meters in Cambodia", {"country": ("TH",)}), {"th-flood"}, {"country": ("TH",)}, (None, None),
                     id="another state: it wins"),
        pytest.param(Request("meters in Cambodia", {"country": ("KH",)}), {"kh-water"}, {"country": ("KH",)}, (None, None),
                     id="the same state: documents of no known state are shut out"),
        pytest.param(Request("meters in Cambodia", {"country": ()}), {"kh-water", *DOCUMENTS}, {"country": ("KH",)},
                     (None, None), id="nothing chosen is no choice"),
        pytest.param(Request("meters in Cambodia", {"kind": ("document",)}), DOCUMENTS,
                     {"country": ("KH",), "kind": ("document",)}, (None, None), id="another facet: both count"),
        pytest.param(Request("flags since 2015", year_from=1990), {"th-flood", "kh-water", "ph-flood", "file-report"}, {},
                     (1990, None), id="another year: it wins, and documents without a date are shut out"),
        pytest.param(Request("flags since 2015", year_to=2001), {"kh-water", "ph-flood"}, {}, (None, 2001),
                     id="the other end: nothing of the span that was read is left"),
        pytest.param(Request("flags since 2015", {"country": ("TH", "PH")}), {"th-flood"}, {"country": ("TH", "PH")},
                     (2015, None), id="a state by hand, years read"),
        pytest.param(Request('"coloured flags"', {"country": ("PH",)}), set(), {"country": ("PH",)}, (None, None),
                     id="a phrase and a state"),
        pytest.param(Request("flags -meters", {"kind": ("document",)}), {"file-th"}, {"kind": ("document",)}, (None, None),
                     id="a word shut out and a kind"),
        pytest.param(Request("country:cambodia flags", {"country": ("PH",)}), {"ph-flood"}, {"country": ("PH",)}, (None, None),
                     id="an expert's field gives way as well"),
    ],
)  # fmt: skip
def test_what_is_chosen_by_hand_comes_first(
    made: Searcher, request_: Request, expected: set[str], filters: dict[str, tuple[str, ...]], years: tuple[int | None, ...]
) -> None:
    result = made.search(request_)
    assert {hit.id for hit in result.hits} == expected
    assert {facet: values for facet, values in result.narrowed.filters.items() if values} == filters
    assert (result.narrowed.year_from, result.narrowed.year_to) == years
    assert result.request == request_


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        pytest.param("meters in Cambodia", {}, id="a state read"),
        pytest.param("flags since 2015", {}, id="years read"),
        pytest.param('"coloured flags"', {}, id="a phrase"),
        pytest.param("flags -meters", {}, id="a word shut out"),
        pytest.param("title:kh flags", {}, id="a title"),
        pytest.param("meters in Cambodia", {"country": ("TH",)}, id="a state chosen over the one read"),
        pytest.param("flags since 2015", {"kind": ("document",)}, id="years read beside a choice"),
        pytest.param('"coloured flags"', {"country": ("TH",)}, id="a phrase beside a choice"),
        pytest.param("flags -meters", {"country": ("TH",)}, id="a word shut out beside a choice"),
        pytest.param("title:kh flags", {"country": ("TH",)}, id="a title beside a choice"),
    ],
)
def test_a_count_is_what_choosing_the_value_as_well_would_give(
    made: Searcher, text: str, filters: Mapping[str, tuple[str, ...]]
) -> None:
    facets = made.search(Request(text, filters)).facets
    counts = {(facet, value.value): value.count for facet, values in facets.items() for value in values}
    assert counts
    chosen = {(facet, value): made.search(Request(text, {**filters, facet: (value,)})).total for facet, value in counts}
    assert counts == chosen


def test_a_facet_that_was_read_is_not_marked_as_chosen(made: Searcher) -> None:
    result = made.search(Request("meters in Cambodia"))
    assert [value.selected for values in result.facets.values() for value in values] == [False] * sum(
        len(values) for values in result.facets.values()
    )


def test_undone_words_are_plain_words_again(made: Searcher) -> None:
    """The texts of the made records are found by any of their words, whatever was taken back."""
    for text in (FLOOD_EN, FLOOD_TH):
        assert made.search(Request(text, undo=frozenset({"all"}))).hits[0].id == "th-flood"
