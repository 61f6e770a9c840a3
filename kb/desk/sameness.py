"""The probability that two signatures are one case: signals of meaning, wording and facts in one logistic regression.

Two models: one for a pair that has a language in common, one for a pair that has none, where wording says nothing. Fitted by
`bench/duplicates.py` and stored in `kb/data/duplicates.json` with the curves that the thresholds were chosen from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from rapidfuzz.fuzz import partial_ratio

from kb.desk.signatures import FaceSignature, Signature
from kb.records import LANGUAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = 1

SIGNALS = (
    "meaning", "whole", "wording", "names", "names_share", "country", "other_country", "agency", "other_agency",
    "programme", "place", "year", "other_year", "months", "figures", "figures_share",
)  # fmt: skip
"""In the order of the weights."""

SPELT_ALIKE = 85.0
"""Likeness of two names in per cent (of letters, the shorter one anywhere in the longer) from which they are one name."""

_MIN_NAME = 5
_ROOM = 1
"""Years by which two starts may differ: sources count from the decision or from the opening."""

Pair = Literal["same", "cross"]
Rarity = Callable[[AbstractSet[Any]], float]
Overlap = Callable[[FaceSignature, FaceSignature], float]


@dataclass(frozen=True)
class Sameness:
    """What was fitted. `weights` maps a pair of faces, in the `same` language or `cross`, to the constant and the weights of
    `SIGNALS`. From the probability `possible` on a pair is shown, from `likely` on it is taken for one case."""

    weights: Mapping[Pair, tuple[float, ...]]
    possible: float
    likely: float

    def probability(self, pair: Pair, signals: NDArray[np.float64]) -> float:
        """The probability that a pair is one case, from its signals of shape (len(SIGNALS),)."""
        constant, *weights = self.weights[pair]
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, constant + float(np.dot(weights, signals))))))


@lru_cache(maxsize=1)
def sameness() -> Sameness:
    """The shipped model."""
    data = json.loads(files("kb").joinpath("data/duplicates.json").read_text(encoding="utf-8"))
    if data["version"] != VERSION or tuple(data["signals"]) != SIGNALS:
        raise ValueError("duplicates.json is of another version; run: python bench/duplicates.py --write")
    return Sameness({pair: tuple(data["weights"][pair]) for pair in ("same", "cross")}, data["possible"], data["likely"])


@dataclass(frozen=True)
class Facts:
    """Which facts of a pair agree (`True`), differ (`False`) or cannot be told (`None`)."""

    country: bool | None
    agency: bool | None
    place: bool | None
    start: bool | None


def facts(mine: Signature, theirs: Signature) -> Facts:
    """Compare the facts of two practices."""
    country = bool(mine.countries & theirs.countries) if mine.countries and theirs.countries else None
    start, other = mine.practice.start, theirs.practice.start
    return Facts(
        country,
        _agencies(mine, theirs),
        _places(mine, theirs),
        abs(start - other) <= _ROOM if start and other else None,
    )


def _agencies(mine: Signature, theirs: Signature) -> bool | None:
    """Whether an agency of one is an agency of the other, or is named by its text; agencies differ only if both tell some."""
    shared = [language for language in LANGUAGES if language in mine.agencies and language in theirs.agencies]
    if any(_alike(one, other) for code in shared for one in mine.agencies[code] for other in theirs.agencies[code]):
        return True
    if mine.agencies and theirs.agencies:
        return True if mine.agency_names & theirs.agency_names else (False if shared else None)
    named = theirs.agency_names & mine.names or mine.agency_names & theirs.names
    return True if named or _told(mine, theirs) or _told(theirs, mine) else None


def _told(mine: Signature, theirs: Signature) -> bool:
    """Whether the title and summary of one, which tells no agencies, have an agency of the other in full."""
    if mine.agencies:
        return False
    return any(
        len(name) > _MIN_NAME and name in face.text
        for language, face in mine.faces.items()
        for name in theirs.agencies.get(language, ())
    )


def _places(mine: Signature, theirs: Signature) -> bool | None:
    """Whether one place is a part of the other, or stands in the title and summary of the other."""
    shared = [language for language in LANGUAGES if mine.places.get(language) and theirs.places.get(language)]
    if any(_alike(mine.places[language], theirs.places[language]) for language in shared):
        return True
    if _said(mine, theirs) or _said(theirs, mine):
        return True
    return False if shared else None


def _said(mine: Signature, theirs: Signature) -> bool:
    """Whether the title and summary of one have the place of the other."""
    return any(
        len(place) >= _MIN_NAME and language in mine.faces and place in mine.faces[language].text
        for language, place in theirs.places.items()
    )


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _MIN_NAME:
        return one == other
    return partial_ratio(one, other) >= SPELT_ALIKE


def signals(
    mine: Signature, theirs: Signature, rarity: Rarity, overlap: Overlap, only: Pair | None = None
) -> tuple[Pair, NDArray[np.float64]] | None:
    """The signals of a pair and the kind of the pair, or `None` where a side has no text.

    `rarity` weighs a set of names by how few records have each; `overlap` compares the wording of two faces in one language,
    from 0 to 1. `only` asks for one kind of pair.
    """
    pair, best = _faces(mine, theirs, only)
    if best is None:
        return None
    one, other = best
    known = facts(mine, theirs)
    shared_names = mine.names & theirs.names
    names = rarity(shared_names)
    figures = mine.figures & theirs.figures
    years = mine.years & theirs.years
    return pair, np.array(
        [
            float(one.vectors.head @ other.vectors.head),
            float(one.vectors.head @ other.vectors.whole),
            overlap(one, other) if pair == "same" else 0.0,
            math.log1p(names),
            names / max(rarity(mine.names), 1.0),
            known.country is True,
            known.country is False,
            known.agency is True,
            known.agency is False,
            bool(mine.programmes & theirs.programmes),
            (known.place is True) - (known.place is False),
            known.start is True or bool(years),
            known.start is False,
            math.log1p(rarity(mine.months & theirs.months)),
            math.log1p(rarity(figures)),
            rarity(figures) / max(rarity(mine.figures), 1.0),
        ],
        dtype=np.float64,
    )


def _faces(mine: Signature, theirs: Signature, only: Pair | None) -> tuple[Pair, tuple[FaceSignature, FaceSignature] | None]:
    """The faces that are nearest in meaning, in one language where there is one in common."""
    kinds: dict[Pair, list[tuple[FaceSignature, FaceSignature]]] = {"same": [], "cross": []}
    for one in mine.faces.values():
        for other in theirs.faces.values():
            kinds["same" if one.language == other.language else "cross"].append((one, other))
    pair: Pair = only or ("same" if kinds["same"] else "cross")
    return pair, max(kinds[pair], key=lambda two: float(two[0].vectors.head @ two[1].vectors.head), default=None)
