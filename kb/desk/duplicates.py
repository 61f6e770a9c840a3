"""The gate against double cases: practices and drafts that tell the same case as a draft, in either language, and why.

among = Signatures.of(searcher).beside(other_drafts)     # once, and again when cases were published or drafts saved
for likeness in find(draft, among): ...                  # at each pause in typing, and at submission
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np

from kb.desk.prepared import Signatures
from kb.desk.sameness import Facts, Overlap, Pair, facts, sameness, signals
from kb.desk.signatures import Signature
from kb.records import LANGUAGES, Bilingual, Lang, Practice
from kb.search.engine import Searcher

Field = Literal[
    "country", "place", "agency", "start", "title", "status", "priority", "levels", "years", "months", "names", "figures"
]

LOOKED_AT = 30
"""Practices that are compared in full, of those nearest in meaning and of those with most names in common."""

MAX_NAMES = 6
"""Names and figures that are told of a pair."""


RARE = 0.25
"""Rarity from which a name is told: one practice in ten of the corpus has it."""


@dataclass(frozen=True)
class Compared:
    """A field of both sides. Texts are as they stand, codes are ids of the taxonomy, lists are joined by commas."""

    field: Field
    mine: str
    theirs: str


@dataclass(frozen=True)
class Likeness:
    """A practice that may be the same case as a draft.

    `probability` is that of one case; `likely` says that it is high enough to be taken for one unless a person says otherwise.
    """

    id: str
    title: Bilingual
    summary: Bilingual
    probability: float
    likely: bool
    agrees: tuple[Compared, ...]
    differs: tuple[Compared, ...]
    other_face: bool
    """Whether the draft could be its missing face: each has one text, in different languages."""
    translation: bool
    """Whether a text of the draft and a text in the other language are taken for translations of one another."""


def find(draft: Practice, among: Searcher | Signatures, limit: int = 5) -> tuple[Likeness, ...]:
    """Practices that are possibly the same case as a draft, likeliest first; none for a draft without title and summary.

    The draft itself, known by its id, is left out. Only the draft is embedded, and nothing is asked of the database. A searcher
    is read once and then remembered, which takes some milliseconds a record; give `Signatures` to look among drafts as well.
    """
    prepared = among if isinstance(among, Signatures) else of_searcher(among)
    signature = prepared.reading.sign([draft])[0]
    return ranked(signature, prepared, limit)


def ranked(draft: Signature, among: Signatures, limit: int = 5) -> tuple[Likeness, ...]:
    """The same for a draft that is signed already."""
    model, overlap = sameness(), among.overlap(draft)
    found = [
        (probability, other, pair)
        for other in (among.all[place] for place in among.nearest(draft, LOOKED_AT))
        if other.id != draft.id or not draft.id
        for probability, pair in [_probability(draft, other, among, overlap)]
        if probability >= model.possible
    ]
    found.sort(key=lambda one: (-one[0], one[1].id))
    return tuple(_likeness(draft, other, probability, pair, among) for probability, other, pair in found[:limit])


def of_searcher(searcher: Searcher) -> Signatures:
    """The signatures of a searcher's practices, made when they are first asked for."""
    if searcher not in _PREPARED:
        _PREPARED[searcher] = Signatures.of(searcher)
    return _PREPARED[searcher]


_PREPARED: WeakKeyDictionary[Searcher, Signatures] = WeakKeyDictionary()


def _probability(
    draft: Signature, other: Signature, among: Signatures, overlap: Overlap, only: Pair | None = None
) -> tuple[float, Pair]:
    """The probability of one case and the kind of pair that it is of; 0 where there is nothing to compare."""
    found = signals(draft, other, among.rarity, overlap, only)
    return (sameness().probability(*found), found[0]) if found else (0.0, "same")


def _likeness(draft: Signature, other: Signature, probability: float, pair: Pair, among: Signatures) -> Likeness:
    agrees, differs = _compared(draft, other, facts(draft, other), among)
    crossed = probability if pair == "cross" else _probability(draft, other, among, among.overlap(draft), "cross")[0]
    return Likeness(
        id=other.id,
        title=other.practice.title,
        summary=other.practice.summary,
        probability=round(probability, 4),
        likely=probability >= sameness().likely,
        agrees=agrees,
        differs=differs,
        other_face=_one_face(draft) is not None and _one_face(other) not in (None, _one_face(draft)),
        translation=crossed >= sameness().likely,
    )


def _one_face(signature: Signature) -> Lang | None:
    """The language of a practice with one face."""
    return next(iter(signature.faces)) if len(signature.faces) == 1 else None


def _compared(
    mine: Signature, theirs: Signature, known: Facts, among: Signatures
) -> tuple[tuple[Compared, ...], tuple[Compared, ...]]:
    """What agrees and what differs, in the order in which a person would look."""
    agrees: list[Compared] = []
    differs: list[Compared] = []
    for verdict, field, one, other in _told(mine, theirs, known):
        if verdict is not None:
            (agrees if verdict else differs).append(Compared(field, one, other))
    for field, shared in (
        ("years", map(str, sorted(mine.years & theirs.years))),
        ("months", (f"{year}-{month:02}" for year, month in sorted(mine.months & theirs.months))),
        ("names", _rarest(mine.names & theirs.names, among)),
        ("figures", (f"{value:,f}" for value in sorted(mine.figures & theirs.figures))),
    ):
        listed = ", ".join(list(shared)[:MAX_NAMES])
        if listed:
            agrees.append(Compared(field, listed, listed))
    return tuple(agrees), tuple(differs)


def _told(mine: Signature, theirs: Signature, known: Facts) -> Iterator[tuple[bool | None, Field, str, str]]:
    """Fields of facts with whether they agree, where that can be told, and what each side says."""
    one, other = mine.practice, theirs.practice
    language = _shown_in(mine, theirs)
    yield known.country, "country", one.country or _listed(mine.countries & theirs.countries or mine.countries), other.country
    yield known.place, "place", one.place.get(language), other.place.get(language)
    yield known.agency, "agency", _agencies(one, language), _agencies(other, language)
    yield known.start, "start", str(one.start or ""), str(other.start or "")
    if one.status and other.status:
        yield one.status == other.status, "status", one.status, other.status
    if one.priority and other.priority:
        yield one.priority == other.priority, "priority", one.priority, other.priority
    if one.levels and other.levels:
        yield bool(set(one.levels) & set(other.levels)), "levels", _listed(one.levels), _listed(other.levels)
    if shared := [code for code in LANGUAGES if code in mine.faces and code in theirs.faces]:
        titles = [(side.practice.faces[shared[0]].title, side.faces[shared[0]].title) for side in (mine, theirs)]
        (mine_title, pieces), (their_title, others) = titles  # titles of one case are often other words, so they never differ
        yield True if mine_title and np.array_equal(pieces, others) else None, "title", mine_title, their_title


def _shown_in(mine: Signature, theirs: Signature) -> Lang:
    """The language in which names are shown: one that both have, else that of the draft."""
    return next((code for code in LANGUAGES if code in mine.faces and code in theirs.faces), next(iter(mine.faces), "th"))


def _rarest(names: Iterable[str], among: Signatures) -> list[str]:
    """Names that both have, those that fewest practices have first; without terms of the termbase and what many have."""
    told = [name for name in names if ":" not in name and among.rarity({name}) >= RARE]
    return sorted(told, key=lambda name: (-among.rarity({name}), name))


def _agencies(practice: Practice, language: Lang) -> str:
    return _listed(agency.name.get(language) for agency in practice.agencies)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(text for text in texts if text)
