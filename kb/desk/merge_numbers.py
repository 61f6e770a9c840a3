"""Numbers that items refer to each other by: texts cite claims, claims cite sources. A merge keeps what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from kb.desk.merge_lists import Slot, aligned
from kb.ingest.statements import CITATION
from kb.records import Claim, Face, Lang, Practice


@dataclass(frozen=True)
class Numbered:
    """Three versions whose claims refer to sources by the place in `sources` (from 1), and in which no number of a claim
    means two things."""

    base: Practice
    mine: Practice
    theirs: Practice
    sources: list[Slot]


def in_one_numbering(base: Practice, mine: Practice, theirs: Practice) -> Numbered:
    """Number the sources of three versions together, and the claims that both sides added under one number apart."""
    sources = aligned(base.sources, mine.sources, theirs.sources)
    base, mine, theirs = (_with_slots(one, sources, side) for side, one in enumerate((base, mine, theirs)))
    mine_new, theirs_new = _claims_apart(base, mine, theirs)
    return Numbered(base, _renumbered(mine, mine_new), _renumbered(theirs, theirs_new), sources)


def _with_slots(practice: Practice, slots: list[Slot], side: int) -> Practice:
    numbers = {place + 1: number for number, slot in enumerate(slots, 1) if (place := slot.places[side]) is not None}
    return replace(practice, claims=tuple(renumbered_sources(claim, numbers) for claim in practice.claims))


def renumbered_sources(claim: Claim, numbers: Mapping[int, int], dropped: Set[int] = frozenset()) -> Claim:
    """The claim with its sources under other numbers and without dropped ones; unknown ones stay."""
    return replace(claim, sources=tuple(numbers.get(number, number) for number in claim.sources if number not in dropped))


def _claims_apart(base: Practice, mine: Practice, theirs: Practice) -> tuple[dict[int, int], dict[int, int]]:
    """New numbers for claims of either side: of two that were added under one number the one of higher rank gets another."""
    known = {claim.number for claim in base.claims}
    one, other = ({claim.number: claim for claim in side.claims if claim.number not in known} for side in (mine, theirs))
    free = max([0, *known, *one, *other, *cited(mine.faces), *cited(theirs.faces)]) + 1
    new: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for number in sorted(one.keys() & other.keys()):
        if one[number] != other[number]:
            new[0 if repr(one[number]) > repr(other[number]) else 1][number] = free
            free += 1
    return new


def _renumbered(practice: Practice, numbers: Mapping[int, int]) -> Practice:
    """The practice with other numbers for claims, in the claims and in the texts that cite them."""
    if not numbers:
        return practice

    def marked(text: str) -> str:
        return CITATION.sub(lambda mark: f"[^{numbers.get(int(mark[1]), int(mark[1]))}]", text)

    claims = tuple(replace(claim, number=numbers.get(claim.number, claim.number)) for claim in practice.claims)
    faces = {
        lang: replace(face, sections={section: marked(text) for section, text in face.sections.items()})
        for lang, face in practice.faces.items()
    }
    return replace(practice, claims=claims, faces=faces)


def cited(faces: Mapping[Lang, Face]) -> set[int]:
    """Numbers of the claims that faces cite."""
    return {number for face in faces.values() for text in face.sections.values() for number in marks(text)}


def marks(text: str) -> set[int]:
    """Numbers of the claims that a text cites."""
    return {int(number) for number in CITATION.findall(text)}
