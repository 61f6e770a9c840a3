"""The values that proposals are made of."""

from __future__ import annotations

from dataclasses import dataclass

from kb.records import Agency, Bilingual, Claim, Cost

Value = str | int | Agency | Bilingual | Claim | Cost


@dataclass(frozen=True)
class Proposed:
    """One value for one field of a draft, and the passage that it comes from.

    `field` is a field of `Practice` or a section of a face; a field with several values has a proposal for each. `start` and
    `end` are offsets in the text of the document's part number `part` (0 and an empty quote: from the document's title).
    `confidence` is the probability, as measured by `bench/proposals.py`, that an editor would enter the value. `why` is
    `heading` (the heading above says so), `meaning` (published cases that read like this one have it), `named` (the document
    names it), `pattern` (a date, an amount or a count) or `title`.
    """

    field: str
    value: Value
    confidence: float
    quote: str
    part: int
    start: int
    end: int
    why: str


@dataclass(frozen=True)
class Proposal:
    """All proposals from a document, best first within a field; `cut` says that only its beginning was read."""

    document: str
    language: str
    proposed: tuple[Proposed, ...]
    cut: bool = False

    def of(self, field: str) -> tuple[Proposed, ...]:
        return tuple(one for one in self.proposed if one.field == field)


@dataclass(frozen=True)
class Candidate:
    """A value that may be proposed: its evidence as numbers, and its place in a unit (`-1`: the document's title)."""

    value: Value
    features: tuple[float, ...]
    unit: int
    start: int
    end: int
    why: str
