"""What a person takes from the proposals of a file: the draft that it makes, and the passages that stay as evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pydantic import TypeAdapter

from kb.desk.proposals.records import Proposal, Proposed, Value
from kb.desk.propose import CLAIM_FIELD, draft_of
from kb.ingest.statements import CITATION
from kb.records import Bilingual, Claim, Document, Face, Lang, Practice, Source


@dataclass(frozen=True)
class Choice:
    """A proposal that was accepted, by its place in the list, with the value that the person left or put there."""

    index: int
    value: Value


@dataclass(frozen=True)
class Taken:
    """A proposal that went into a draft: `revision` is the entry's that has it, `claim` the number of the claim, or 0."""

    index: int
    revision: int
    claim: int = 0


@dataclass(frozen=True)
class Kept:
    """What is kept with a file: what was proposed from it, and what of that was taken."""

    proposal: Proposal
    taken: tuple[Taken, ...] = ()

    def to_json(self) -> str:
        return _kept().dump_json(self).decode()

    @classmethod
    def from_json(cls, data: str) -> Kept:
        return _kept().validate_json(data)


@dataclass(frozen=True)
class Evidence:
    """The passage of a file that a claim of the draft was taken from."""

    claim: int
    attachment: int
    part: int
    quote: str


@dataclass(frozen=True)
class Draft:
    """A draft after taking: `claims` gives the claim's number for each place in the list of proposals that became one."""

    practice: Practice
    claims: Mapping[int, int] = field(default_factory=dict)


def take(practice: Practice, document: Document, proposal: Proposal, choices: Sequence[Choice]) -> Draft:
    """The practice with the accepted values put in.

    A single value takes the place of what stood there; agencies, levels and principles are added; the text of a section comes
    after what was written. The file becomes a source where a claim was taken, and the claims name it.
    """
    accepted = tuple(replace(proposal.proposed[choice.index], value=choice.value) for choice in choices)
    drafted = draft_of(replace(proposal, proposed=accepted))
    language: Lang = "th" if proposal.language == "th" else "en"
    places = [choice.index for choice in choices if proposal.proposed[choice.index].field == CLAIM_FIELD]
    first = max((claim.number for claim in practice.claims), default=0)
    sources, number = _with_source(practice, document, bool(places))
    claims = tuple(_after(claim, first, number) for claim in drafted.claims)
    merged = _facts(practice, drafted)
    faces = dict(practice.faces)
    faces[language] = _face(practice.faces.get(language), drafted.faces[language], first)
    merged = replace(merged, faces=faces, sources=sources, claims=practice.claims + claims)
    return Draft(merged, {place: first + count for count, place in enumerate(places, 1)})


def _facts(practice: Practice, drafted: Practice) -> Practice:
    cost = drafted.cost if drafted.cost.band != "unknown" or drafted.cost.text != Bilingual("", "") else practice.cost
    return replace(
        practice,
        country=drafted.country or practice.country,
        place=drafted.place if drafted.place.th or drafted.place.en else practice.place,
        start=drafted.start or practice.start,
        end=drafted.end or practice.end,
        status=drafted.status or practice.status,
        priority=drafted.priority or practice.priority,
        cost=cost,
        levels=_joined(practice.levels, drafted.levels),
        principles=_joined(practice.principles, drafted.principles),
        secondary_priorities=_joined(practice.secondary_priorities, drafted.secondary_priorities),
        agencies=practice.agencies + tuple(one for one in drafted.agencies if one not in practice.agencies),
    )


def _joined(own: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(own + more))


def _face(own: Face | None, drafted: Face, shift: int) -> Face:
    """The face with the drafted texts after its own; marks of claims count on from those that were there."""
    new = {name: CITATION.sub(lambda mark: f"[^{int(mark[1]) + shift}]", text) for name, text in drafted.sections.items()}
    if own is None:
        return replace(drafted, sections=new)
    texts = dict(own.sections)
    for name, text in new.items():
        before = texts.get(name, "")
        if text not in before:
            texts[name] = f"{before}\n\n{text}".strip()
    return replace(own, title=drafted.title or own.title, sections=texts)


def _with_source(practice: Practice, document: Document, wanted: bool) -> tuple[tuple[Source, ...], int]:
    """The sources with the file among them, and its number; who published it is for the editor to say."""
    year = int(document.date[:4]) if document.date[:4].isdecimal() else None
    for number, source in enumerate(practice.sources, 1):
        if source.title == document.title and source.url is None:
            return practice.sources, number
    if not wanted:
        return practice.sources, 0
    return (*practice.sources, Source(document.title, "", year)), len(practice.sources) + 1


def _after(claim: Claim, first: int, source: int) -> Claim:
    return replace(claim, number=claim.number + first, sources=claim.sources or (source,))


def evidence_of(kept: Kept, attachment: int) -> tuple[Evidence, ...]:
    """The passages of a file that claims rest on."""
    return tuple(
        Evidence(one.claim, attachment, proposed.part, proposed.quote)
        for one in kept.taken
        if one.claim
        for proposed in [_proposed(kept, one)]
    )


def _proposed(kept: Kept, one: Taken) -> Proposed:
    return kept.proposal.proposed[one.index]


@lru_cache(maxsize=1)
def _kept() -> TypeAdapter[Kept]:
    return TypeAdapter(Kept)
