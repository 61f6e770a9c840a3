"""Proposals with the real model: from files as contributors hand them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.desk.proposals.learnt import Corpus
from kb.desk.propose import FIELDS, MAX_ONE, Proposal, ProposalParts, draft_of, propose
from kb.ingest.readers import Source, read
from kb.records import Agency, Cost, Document
from kb.repository import Repository

pytestmark = pytest.mark.model

ENGLISH = """Flood alerts by text message in Khlong Luang

Background

Every rainy season canals overflow in Khlong Luang, Pathum Thani province, and families learnt of it when water was at the door.

Implementation

- The municipality, with the Department of Disaster Prevention and Mitigation, began the service in 2015.
- Volunteers read gauges along the canals twice a day and send the level by telephone to an operations room.
- A text message warns every household that has registered before water reaches its street.

Outcomes

- By 2019, 12,400 households had registered, 83% of the town.
- Warnings now come 6 hours before the water.

Lessons learned

- Trust grew because false alarms were explained in public.

Budget

The municipality spent 2.5 million baht in total on gauges and the operations room.
"""

THAI = """ศูนย์บริการเคลื่อนที่ทำบัตรประชาชนของจังหวัดน่าน

หลักการและเหตุผล

ประชาชนต้องเดินทางเข้าอำเภอทั้งวันเพื่อทำบัตรประจำตัวประชาชน และรอคิวหลายชั่วโมง

วิธีดำเนินการ

- กรมการปกครองและจังหวัดน่านเริ่มออกหน่วยเคลื่อนที่ตั้งแต่ พ.ศ. ๒๕๕๖ โดยใช้รถที่มีอุปกรณ์ครบ
- เจ้าหน้าที่นัดหมายผ่านผู้ใหญ่บ้านล่วงหน้าและให้บริการในวันหยุด

ผลที่เกิดขึ้น

- ให้บริการประชาชนแล้ว ๙,๘๐๐ คน ความพึงพอใจร้อยละ ๙๔
"""


@pytest.fixture(scope="module")
def parts(real_repository: Repository) -> Iterator[ProposalParts]:
    with real_repository.store(readonly=True) as store:
        searcher = real_repository.searcher(store)
        yield ProposalParts.of(searcher, Corpus.read(searcher))


def proposed(text: str, parts: ProposalParts) -> tuple[Document, Proposal]:
    record = read(Source(Path("case.txt"), text.encode(), "doc-case"), parts.taxonomy, lambda _word: True)
    assert isinstance(record, Document)
    return record, propose(record, parts)


@pytest.fixture(scope="module")
def english(parts: ProposalParts) -> tuple[Document, Proposal]:
    return proposed(ENGLISH, parts)


@pytest.fixture(scope="module")
def thai(parts: ProposalParts) -> tuple[Document, Proposal]:
    return proposed(THAI, parts)


def best(proposal: Proposal, field: str) -> object:
    found = proposal.of(field)
    return found[0].value if found else None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Flood alerts by text message in Khlong Luang"),
        ("country", "TH"),  # by its agency, its money and its place; the state is not named
        ("priority", "crisis-and-disaster-management"),
        ("start", 2015),  # not 2019, which dates a count
    ],
)
def test_facts_of_an_english_file(english: tuple[Document, Proposal], field: str, value: object) -> None:
    assert best(english[1], field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "ศูนย์บริการเคลื่อนที่ทำบัตรประชาชนของจังหวัดน่าน"),
        ("country", "TH"),
        ("priority", "service-delivery"),
        ("start", 2013),  # พ.ศ. ๒๕๕๖ in Thai digits
    ],
)
def test_facts_of_a_thai_file(thai: tuple[Document, Proposal], field: str, value: object) -> None:
    assert best(thai[1], field) == value


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("problem", "canals overflow"),
        ("action", "Volunteers read gauges"),
        ("results", "12,400 households"),
        ("lessons", "false alarms"),
        ("resources", "2.5 million baht"),
    ],
)
def test_headings_tell_the_sections(english: tuple[Document, Proposal], section: str, words: str) -> None:
    found = english[1].of(section)
    assert any(words in str(one.value) and one.why == "heading" for one in found)


def test_without_headings_meaning_tells_them(parts: ProposalParts) -> None:
    bare = "\n\n".join(block for block in ENGLISH.split("\n\n") if len(block) > 60 or block.startswith(("Flood", "-")))
    _, proposal = proposed(bare, parts)
    assert any("12,400 households" in str(one.value) and one.why == "meaning" for one in proposal.of("results"))
    assert any("Volunteers" in str(one.value) for one in proposal.of("action"))


@pytest.mark.parametrize("which", ["english", "thai"])
def test_every_proposal_shows_its_passage(which: str, request: pytest.FixtureRequest) -> None:
    document, proposal = request.getfixturevalue(which)
    texts = {part.number: part.text for part in document.parts}
    assert len(proposal.proposed) > 10
    for one in proposal.proposed:
        assert 0.25 <= one.confidence <= 0.99, one
        assert one.quote == (texts[one.part][one.start : one.end] if one.part else document.title), one
        assert one.quote, one


def test_figures_become_claims_in_both_scripts(english: tuple[Document, Proposal], thai: tuple[Document, Proposal]) -> None:
    drafts = [draft_of(proposal) for _, proposal in (english, thai)]
    figures = [{figure for claim in draft.claims for figure in claim.figures} for draft in drafts]
    assert {"12,400", "83%", "2.5 million"} <= figures[0]
    assert figures[1] == {"9,800", "94%"}


def test_a_named_agency_is_proposed_in_both_languages(thai: tuple[Document, Proposal]) -> None:
    names = {one.value.name.en for one in thai[1].of("agencies") if isinstance(one.value, Agency)}
    assert "Department of Provincial Administration" in names


def test_money_of_the_case_is_its_cost(english: tuple[Document, Proposal]) -> None:
    cost = best(english[1], "cost")
    assert isinstance(cost, Cost)
    assert cost.band == "under-100k"  # 2.5 million baht
    assert "2.5 million baht" in cost.text.en


def test_a_single_value_may_have_what_it_may_be_instead(
    english: tuple[Document, Proposal], thai: tuple[Document, Proposal]
) -> None:
    for _, proposal in (english, thai):
        for field in (field.name for field in FIELDS if field.kind != "each"):
            sure = [one.confidence for one in proposal.of(field)]
            assert sure == sorted(sure, reverse=True), field
            assert len(sure) <= MAX_ONE, field
            assert sum(sure) <= 1.0, field
    assert draft_of(thai[1]).priority == best(thai[1], "priority")


def test_what_a_document_does_not_say_is_not_proposed(parts: ProposalParts) -> None:
    _, proposal = proposed("Minutes of a meeting\n\nMembers greeted one another and the chair thanked everyone.\n", parts)
    assert {one.field for one in proposal.proposed}.isdisjoint({"start", "end", "cost", "claims", "agencies"})


def test_a_document_without_running_text_proposes_nothing(parts: ProposalParts) -> None:
    empty = Document("doc-x", "", "en", "pdf", ())
    assert propose(empty, parts).proposed == ()


def test_practices_that_are_left_out_teach_nothing(real_repository: Repository) -> None:
    """What is measured must not know the answer."""
    with real_repository.store(readonly=True) as store:
        searcher = real_repository.searcher(store)
        corpus = Corpus.read(searcher)
        without = ProposalParts.of(searcher, corpus, frozenset(corpus.practices) - {"th-traffy-fondue", "kh-ppwsa"})
    names = {agency.name.en for agency in without.agencies}
    assert "Phnom Penh Water Supply Authority (PPWSA)" in names
    assert "National Digital Department, Ministry of Digital" not in names
    classes = without.learnt.cases
    means = {value: float(classes.means[column]) for value, column in classes.columns("country").items()}
    assert {value: mean for value, mean in means.items() if mean} == {"TH": 0.5, "KH": 0.5}


def test_fields_stand_in_the_order_of_a_practice_file() -> None:
    assert [field.name for field in FIELDS][:3] == ["country", "place", "agencies"]
