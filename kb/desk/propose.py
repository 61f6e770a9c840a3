"""A draft proposed from a file: each value with the passage that it comes from and how sure it is.

Nothing here decides: an editor accepts or changes each proposal. `docs/desk.md` has what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from kb.desk.proposals.agencies import agencies
from kb.desk.proposals.claims import claims
from kb.desk.proposals.context import Context, ProposalParts
from kb.desk.proposals.labels import countries, labels, secondary, statuses
from kb.desk.proposals.learnt import CASE_SECTIONS
from kb.desk.proposals.money import costs
from kb.desk.proposals.places import places
from kb.desk.proposals.records import Candidate, Proposal, Proposed
from kb.desk.proposals.sections import sections, text_of
from kb.desk.proposals.times import years_of
from kb.desk.proposals.weighing import Kind, Weighing, weighings
from kb.records import Agency, Bilingual, Claim, Cost, Document, Face, Lang, Practice

__all__ = ["FIELDS", "Field", "Proposal", "ProposalParts", "Proposed", "draft_of", "propose"]

T = TypeVar("T")

MAX_EACH, MAX_ONE = 12, 3
"""Proposals of a field with several values, and of one with a single value: the likeliest first, then what it may be instead.
Claims have as many as there are statements."""

INSTEAD = 0.25
"""The confidence of what a single value may be instead, where its likeliest value is good enough to be proposed."""

TITLE_FIELD, SECTION_FIELD, CLAIM_FIELD = "title", "section", "claims"


@dataclass(frozen=True)
class Field:
    """A field of a draft: its candidates, and whether one or several of them may be right."""

    name: str
    kind: Kind
    candidates: Callable[[Context], list[Candidate]]


FIELDS: tuple[Field, ...] = (
    Field("country", "one", countries),
    Field("place", "maybe", places),
    Field("agencies", "each", agencies),
    Field("start", "maybe", lambda context: years_of(context, "start")),
    Field("end", "maybe", lambda context: years_of(context, "end")),
    Field("levels", "each", lambda context: labels(context, "levels")),
    Field("status", "one", statuses),
    Field("priority", "one", lambda context: labels(context, "priority")),
    Field("secondary_priorities", "each", secondary),
    Field("principles", "each", lambda context: labels(context, "principles")),
    Field("cost", "maybe", costs),
    Field(CLAIM_FIELD, "each", claims),
)
"""Facts and claims, in the order of a practice file. The title and the sections are made beside them."""


def propose(document: Document, parts: ProposalParts) -> Proposal:
    """Proposals for every field that the document is good enough for; none where it has no running text.

    Reads the first `MAX_UNITS` paragraphs and embeds each once, which is nearly all the time that it takes.
    """
    context = Context.of(document, parts)
    if not context.units:
        return Proposal(document.id, document.language, ())
    proposed = [*_title(context), *_sections(context)]
    for field in FIELDS:
        proposed += _of_field(context, field, weighings()[field.name])
    return Proposal(document.id, document.language, _ordered(proposed), context.reading.cut)


def _of_field(context: Context, field: Field, weighing: Weighing) -> list[Proposed]:
    candidates = field.candidates(context)
    sure = weighing.probabilities(candidates, field.kind)
    proposed = [
        _proposed(context, field.name, candidate, probability)
        for candidate, probability in zip(candidates, sure, strict=True)
        if probability >= min(weighing.floor, INSTEAD)
    ]
    if field.name == CLAIM_FIELD:
        return [one for one in proposed if one.confidence >= weighing.floor]
    proposed.sort(key=lambda one: -one.confidence)
    if field.kind == "each":
        return [one for one in proposed if one.confidence >= weighing.floor][:MAX_EACH]
    return proposed[:MAX_ONE] if proposed and proposed[0].confidence >= weighing.floor else []


def _title(context: Context) -> Iterator[Proposed]:
    """The document's title, as its reader found it; with its place where it stands in a part."""
    title = context.document.title.strip()
    if not title or title == context.document.source:
        return
    confidence = weighings()[TITLE_FIELD].probabilities([Candidate(title, (), -1, 0, 0, "title")], "each")[0]
    for part in context.document.parts:
        at = part.text.find(title)
        if at >= 0:
            yield Proposed(TITLE_FIELD, title, confidence, title, part.number, at, at + len(title), "title")
            return
    yield Proposed(TITLE_FIELD, title, confidence, title, 0, 0, 0, "title")


def _sections(context: Context) -> Iterator[Proposed]:
    """Neighbouring units of one section and one part as one proposal, with the mean of their confidence."""
    weighing = weighings()[SECTION_FIELD]
    run: list[tuple[Candidate, float]] = []
    for candidates in sections(context):
        sure = weighing.probabilities(candidates, "one")
        best = max(range(len(candidates)), key=sure.__getitem__)
        chosen = candidates[best]
        if run and (run[-1][0].value != chosen.value or _parted(context, run[-1][0], chosen) or sure[best] < weighing.floor):
            yield _section(context, run)
            run = []
        if sure[best] >= weighing.floor:
            run.append((chosen, sure[best]))
    if run:
        yield _section(context, run)


def _parted(context: Context, one: Candidate, other: Candidate) -> bool:
    return other.unit != one.unit + 1 or context.units[one.unit].part != context.units[other.unit].part


def _section(context: Context, run: Sequence[tuple[Candidate, float]]) -> Proposed:
    units = [context.units[candidate.unit] for candidate, _ in run]
    first = run[0][0]
    start, end, part = units[0].start, units[-1].end, units[0].part
    text = text_of([(unit.bare, unit.item) for unit in units])
    confidence = sum(sure for _, sure in run) / len(run)
    return Proposed(str(first.value), text, confidence, context.text(part)[start:end], part, start, end, first.why)


def _proposed(context: Context, field: str, candidate: Candidate, confidence: float) -> Proposed:
    if candidate.unit < 0:
        title = context.document.title
        return Proposed(field, candidate.value, confidence, title, 0, 0, 0, candidate.why)
    unit = context.units[candidate.unit]
    start, end = unit.start + candidate.start, unit.start + candidate.end
    quote = context.text(unit.part)[start:end]
    return Proposed(field, candidate.value, confidence, quote, unit.part, start, end, candidate.why)


def _ordered(proposed: Sequence[Proposed]) -> tuple[Proposed, ...]:
    """By field; within one as they were made: sections and claims in the order of the document, others best first."""
    order = {name: place for place, name in enumerate((TITLE_FIELD, *CASE_SECTIONS, *(field.name for field in FIELDS)))}
    return tuple(sorted(proposed, key=lambda one: order[one.field]))


def draft_of(proposal: Proposal) -> Practice:
    """The draft that the proposals make: one face in the document's language, facts where there are any, all else empty.

    Give a proposal that holds only what was accepted: `replace(proposal, proposed=accepted)`. Figures of a claim are cited in
    the sections that quote them. A priority that was accepted as the first is not repeated among the others.
    """
    language: Lang = "th" if proposal.language == "th" else "en"
    numbered = [replace(cast(Claim, one.value), number=number) for number, one in enumerate(proposal.of(CLAIM_FIELD), 1)]
    first = _one(proposal, "priority", "")
    found_sections = {name: _cited(proposal, name) for name in CASE_SECTIONS}
    title = _one(proposal, TITLE_FIELD, "")
    return Practice(
        id="",
        country=_one(proposal, "country", ""),
        place=_one(proposal, "place", Bilingual("", "")),
        levels=_texts(proposal, "levels"),
        agencies=tuple(cast(Agency, one.value) for one in proposal.of("agencies")),
        status=_one(proposal, "status", ""),
        priority=first,
        principles=_texts(proposal, "principles"),
        evidence="",
        faces={language: Face(language, title, {name: text for name, text in found_sections.items() if text})},
        start=_one(proposal, "start", None),
        end=_one(proposal, "end", None),
        secondary_priorities=tuple(value for value in _texts(proposal, "secondary_priorities") if value != first),
        cost=_one(proposal, "cost", Cost("unknown", Bilingual("", ""))),
        claims=tuple(numbered),
    )


def _one(proposal: Proposal, field: str, otherwise: T) -> T:
    found = proposal.of(field)
    return cast(T, found[0].value) if found else otherwise


def _texts(proposal: Proposal, field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one.value) for one in proposal.of(field)))


def _cited(proposal: Proposal, section: str) -> str:
    """The text of a section with the mark of each claim after the statement that it is about."""
    pieces = []
    for one in proposal.of(section):
        text = str(one.value)
        for number, claim in enumerate(proposal.of(CLAIM_FIELD), 1):
            if claim.part == one.part and one.start <= claim.start and claim.end <= one.end:
                text = _marked(text, claim.quote, number)
        pieces.append(text)
    return "\n\n".join(pieces)


def _marked(text: str, statement: str, number: int) -> str:
    bare = statement.rstrip(" .;!?")
    at = text.find(bare)
    if not bare or at < 0 or f"[^{number}]" in text:
        return text
    end = at + len(bare)
    return f"{text[:end]}[^{number}]{text[end:]}"
