"""What the proposals read without meaning: headings, units, money, figures, years and names."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kb.desk.proposals.agencies import known_forms
from kb.desk.proposals.claims import written
from kb.desk.proposals.headings import OTHER, section_of
from kb.desk.proposals.money import band_of, currencies, find_money
from kb.desk.proposals.records import Candidate, Proposal, Proposed
from kb.desk.proposals.units import MAX_UNITS, units_of
from kb.desk.proposals.weighing import MOST, Kind, Weighing, weighings
from kb.desk.propose import FIELDS, SECTION_FIELD, TITLE_FIELD, ProposalParts, draft_of, propose
from kb.lint.figures import amounts
from kb.records import HEADINGS, SECTIONS, Agency, Bilingual, Claim, Document, Part
from kb.repository import Repository
from kb.taxonomy import load_taxonomy

CORPUS = Path(__file__).parent.parent.parent / "corpus"


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Problem", "problem"),  # the format's own heading
        ("2. Background and context", "problem"),  # numbered, with more words
        ("## The Results:", "results"),  # Markdown and an article
        ("๓. ผลการดำเนินงาน", "results"),  # a Thai number; longer than การดำเนินงาน, which is another section
        ("การดำเนินงาน", "action"),
        ("ปัญหาและอุปสรรค", "lessons"),  # what went wrong on the way, not why the case began
        ("ปัญหา", "problem"),
        ("ปัจจัยความสำเร็จของโครงการ", "enabling"),
        ("Key success factors", "enabling"),
        ("References", OTHER),  # no section of a case
        ("บรรณานุกรม", OTHER),
        ("Actionable insights", None),  # begins with a word, but within another
        ("The city of Naga", None),
        ("", None),
    ],
)
def test_headings(heading: str, section: str | None) -> None:
    assert section_of(heading) == section


def test_every_heading_of_the_format_is_known() -> None:
    for headings in HEADINGS.values():
        for section in SECTIONS:
            assert section_of(headings[section]) == (OTHER if section == "questions" else section)


def document(text: str, language: str = "en", kind: str = "section", title: str = "A title") -> Document:
    return Document("doc-x", title, language, "text", (Part(1, kind, "", text),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Problem\n\nRoads flood.\n\nResults\n\n- Fewer floods.",
            [("problem", "Roads flood."), ("results", "- Fewer floods.")],
        ),
        ("ปัญหา\nน้ำท่วมถนนทุกปี", [("problem", "น้ำท่วมถนนทุกปี")]),  # no blank line between
        (
            "Problems of this kind are met in every town.",
            [(None, "Problems of this kind are met in every town.")],
        ),  # a sentence
        ("Results: floods fell.", [("results", "floods fell.")]),  # a heading in its paragraph
        ("ปัญหา น้ำท่วมขังในเขตเมืองเก่าทุกปีไม่มีทางออก", [(None, "ปัญหา น้ำท่วมขังในเขตเมืองเก่าทุกปีไม่มีทางออก")]),  # text
        ("Source: the ministry said so.", [(None, "Source: the ministry said so.")]),  # a label that is no heading word
        ("1,234\n\nText here.", [(None, "Text here.")]),  # a lone page number
    ],
)
def test_units(text: str, expected: list[tuple[str | None, str]]) -> None:
    units = units_of(document(text)).units
    assert [(unit.announced, unit.text) for unit in units] == expected
    assert all(text[unit.start : unit.end] == unit.text for unit in units)


def test_lines_of_a_page_are_joined_to_paragraphs() -> None:
    lines = [
        "The office opened its counters to residents of all the",
        "eleven districts in the spring of that year and saw",
        "queues.",
    ]
    units = units_of(document("\n".join(lines), kind="page")).units
    assert [unit.bare for unit in units] == [" ".join(lines)]


def test_a_long_document_is_cut_and_says_so() -> None:
    reading = units_of(document("\n\n".join(f"Sentence number {number} of it." for number in range(MAX_UNITS + 1))))
    assert (len(reading.units), reading.cut) == (MAX_UNITS, True)


@pytest.mark.parametrize(
    ("text", "amount", "code"),
    [
        ("a loan of USD 230.5 million", "230500000", "USD"),  # before
        ("งบประมาณ ๑,๒๐๐ ล้านบาท", "1200000000", "THB"),  # Thai digits, glued to its unit
        ("12 billion pesos were spent", "12000000000", "PHP"),  # after
        ("Rp 5 trillion", "5000000000000", "IDR"),
        ("RM4.6 million", "4600000", "MYR"),  # glued before
        ("3 ล้านดอลลาร์สหรัฐ", "3000000", "USD"),
        ("3 ล้านดอลลาร์สิงคโปร์", "3000000", "SGD"),  # the longer name wins
    ],
)
def test_money(text: str, amount: str, code: str) -> None:
    assert [(money.amount, money.currency.code) for money in find_money(text)] == [(Decimal(amount), code)]


@pytest.mark.parametrize("text", ["17,811 complaints", "50 เขต", "in 2018", "4 dongles"])
def test_counts_are_no_money(text: str) -> None:
    assert list(find_money(text)) == []


def test_bands_and_currencies_belong_to_the_taxonomy() -> None:
    taxonomy = load_taxonomy(CORPUS)
    assert {band_of(10.0**power) for power in range(4, 11)} == set(taxonomy["cost_bands"]) - {"unknown"}
    assert {one.country for one in currencies()} - {"-"} <= set(taxonomy["countries"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("แก้ไขแล้วร้อยละ ๗๙", ["79%"]),  # per cent before, Thai digits
        ("1.37 ล้านเรื่อง", ["1.37 million"]),  # a word for the power of ten
        ("ราว 2 หมื่นคน", ["20,000"]),  # one that English has no word for
        ("588,842 complaints, or 79 percent", ["588,842", "79%"]),
        ("1.06 million", ["1.06 million"]),
    ],
)
def test_figures_are_written_in_english_notation(text: str, expected: list[str]) -> None:
    assert [written(text, figure) for figure in amounts(text)] == expected


def test_bare_heads_are_no_names_of_agencies() -> None:
    assert known_forms(Agency(Bilingual("สำนักงาน", "Office"))) == []
    assert known_forms(Agency(Bilingual("กรมที่ดิน (DOL)", "Department of Lands"))) == ["department of lands", "กรมที่ดิน"]


@pytest.mark.parametrize(
    ("kind", "total"),
    [("one", 1.0), ("maybe", 1 - 1 / (2 + 2.718281828)), ("each", 0.5 + 1 / (1 + 2.718281828**-1))],
)
def test_weighing_is_the_formula(kind: Kind, total: float) -> None:
    candidates = [Candidate(value, (feature,), 0, 0, 1, "meaning") for value, feature in (("a", 0.0), ("b", 1.0))]
    sure = Weighing((1.0, 0.0), 0.0).probabilities(candidates, kind)
    assert sum(sure) == pytest.approx(total)
    assert sure[1] > sure[0]


def test_nothing_is_told_as_certain() -> None:
    assert Weighing((100.0, 0.0), 0.0).probabilities([Candidate("a", (1.0,), 0, 0, 1, "named")], "each") == [MOST]


def test_every_field_has_weights() -> None:
    assert set(weighings()) == {field.name for field in FIELDS} | {SECTION_FIELD, TITLE_FIELD}


def test_an_empty_repository_proposes_what_headings_and_patterns_tell(repository: Repository) -> None:
    with repository.store() as store:
        parts = ProposalParts.of(repository.searcher(store))
        proposal = propose(document("Problem\n\nRoads in Jakarta flood.\n\nResults\n\n17,811 reports came in."), parts)
    assert [
        (one.field, one.quote, one.why) for one in proposal.of("problem") + proposal.of("results") + proposal.of("claims")
    ] == [
        ("problem", "Roads in Jakarta flood.", "heading"),
        ("results", "17,811 reports came in.", "heading"),
        ("claims", "17,811 reports came in.", "pattern"),
    ]
    assert [one.value for one in proposal.of("country")] == ["ID"]


TEXT = "In the first days 17,811 complaints came in. Users give 4.11 out of 5."


def accepted(*proposed: Proposed, language: str = "en") -> Proposal:
    return Proposal("doc-x", language, proposed)


def test_a_draft_cites_its_claims_where_they_are_stated() -> None:
    first, second = TEXT.split(". ", 1)[0] + ".", "Users give 4.11 out of 5."
    results = Proposed("results", TEXT, 0.9, TEXT, 1, 0, len(TEXT), "meaning")
    stated = [
        Proposed("claims", Claim(7, (), "", figures), 0.9, said, 1, TEXT.index(said), TEXT.index(said) + len(said), "pattern")
        for said, figures in ((first, ("17,811",)), (second, ("4.11", "5")))
    ]
    draft = draft_of(accepted(results, *stated))
    assert draft.faces["en"].sections == {
        "results": "In the first days 17,811 complaints came in[^1]. Users give 4.11 out of 5[^2]."
    }
    assert [(claim.number, claim.figures) for claim in draft.claims] == [(1, ("17,811",)), (2, ("4.11", "5"))]
    only_second = draft_of(accepted(results, stated[1]))
    assert [claim.number for claim in only_second.claims] == [1]
    assert not re.search(r"came in\[", only_second.faces["en"].sections["results"])


def test_a_draft_holds_nothing_that_was_not_accepted() -> None:
    empty = draft_of(accepted(language="th"))
    assert (empty.country, empty.levels, empty.start, empty.cost.band, list(empty.faces)) == ("", (), None, "unknown", ["th"])
    first = Proposed("priority", "service-delivery", 0.9, "", 1, 0, 0, "meaning")
    twice = draft_of(accepted(first, replace(first, field="secondary_priorities")))
    assert (twice.priority, twice.secondary_priorities) == ("service-delivery", ())
