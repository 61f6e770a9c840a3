"""The values of a check of evidence: what was claimed, what a checker found, and how the checks of a case stand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kb.ingest.statements import all_statements
from kb.records import LANGUAGES, Claim, Practice


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    PLAUSIBLE = "plausible"
    UNSUPPORTED = "unsupported"
    WRONG = "wrong"


REFUTED = frozenset({Verdict.UNSUPPORTED, Verdict.WRONG})
"""Verdicts after which a claim has to be changed or taken out before the case can be published."""


@dataclass(frozen=True)
class Finding:
    """What a checker found for one claim; `quote` are the source's own words, `attachment` the file that holds them."""

    verdict: Verdict
    note: str = ""
    quote: str = ""
    attachment: int | None = None


@dataclass(frozen=True)
class Check:
    """A finding with who made it, when, and in which revision the claim was read."""

    finding: Finding
    checker: int
    revision: int
    made: str


@dataclass(frozen=True)
class Claimed:
    """A claim as a practice states it. `said` are its statements by language, `key` a checksum of all that is claimed."""

    claim: Claim
    said: tuple[tuple[str, tuple[str, ...]], ...]
    key: str


@dataclass(frozen=True)
class Checked:
    """A claim with its check, or `None`; `void` is a check of what it said before."""

    claimed: Claimed
    check: Check | None
    void: Check | None = None


@dataclass(frozen=True)
class Tally:
    """How many claims there are, and how many of them were found to be what."""

    claims: int
    confirmed: int = 0
    plausible: int = 0
    unsupported: int = 0
    wrong: int = 0

    @property
    def open(self) -> int:
        """Claims that nobody has checked as they stand."""
        return self.claims - self.confirmed - self.plausible - self.unsupported - self.wrong

    @property
    def sound(self) -> bool:
        """Whether each claim was checked and none was refuted."""
        return self.claims > 0 and self.confirmed + self.plausible == self.claims


def claimed(practice: Practice) -> tuple[Claimed, ...]:
    """The claims of a practice in order, with their statements in both faces."""
    faces = {code: all_statements(practice.faces[code]) for code in LANGUAGES if code in practice.faces}
    found = []
    for claim in practice.claims:
        said = tuple((code, words[claim.number]) for code, words in faces.items() if claim.number in words)
        found.append(Claimed(claim, said, _key(practice, claim, said)))
    return tuple(found)


def _key(practice: Practice, claim: Claim, said: object) -> str:
    """A checksum of the statements, the figures, and who says so: a check holds for just these."""
    sources = [practice.sources[number - 1] for number in claim.sources if 0 < number <= len(practice.sources)]
    named = [(source.title, source.publisher, source.year, source.url) for source in sources]
    text = json.dumps([said, claim.figures, claim.basis, named], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def tally(checked: Sequence[Checked]) -> Tally:
    """How the checks stand."""
    verdicts = [item.check.finding.verdict for item in checked if item.check]
    return Tally(len(checked), *(verdicts.count(verdict) for verdict in Verdict))
