"""Whether a proposed value is what the editors of a practice entered, and what guessing without reading would give."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kb.desk.proposals.learnt import LABELS, labels_of
from kb.desk.proposals.records import Value
from kb.lint.figures import figures
from kb.records import Agency, Bilingual, Claim, Cost, Practice
from kb.text.normalise import normalise


def _name(text: str) -> str:
    return re.sub(r"[^\w\u0e00-\u0e7f]+", " ", re.sub(r"\([^)]*\)", " ", normalise(text).lower())).strip()


def same_name(one: str, other: str) -> bool:
    """Whether two names are one: equal, or one within the other and no shorter than half of it."""
    first, second = _name(one), _name(other)
    short, long = sorted((first, second), key=len)
    return bool(short) and (short == long or (len(short) >= 5 and short in long and 2 * len(short) >= len(long)))


def _agency(value: Value, practice: Practice) -> bool:
    assert isinstance(value, Agency)
    pairs = [(mine, theirs) for agency in practice.agencies for mine, theirs in _sides(value.name, agency.name)]
    return any(same_name(mine, theirs) for mine, theirs in pairs)


def _sides(one: Bilingual, other: Bilingual) -> list[tuple[str, str]]:
    return [(mine, theirs) for mine, theirs in ((one.th, other.th), (one.en, other.en)) if mine and theirs]


def _place(value: Value, practice: Practice) -> bool:
    assert isinstance(value, Bilingual)
    sides = _sides(value, practice.place)
    if value.en.endswith("nationwide"):
        return any("nationwide" in theirs.lower() or "ทั่วประเทศ" in theirs for _, theirs in sides)
    return any(_name(mine) in _name(theirs) for mine, theirs in sides if _name(mine))


def _claim(value: Value, practice: Practice) -> bool:
    """Whether every figure of the statement is one of the practice's claims."""
    assert isinstance(value, Claim)
    said = {number for figure in value.figures for number in figures(figure)}
    return said <= claimed(practice)


def claimed(practice: Practice) -> set[Decimal]:
    return {number for claim in practice.claims for figure in claim.figures for number in figures(figure)}


def figures_found(groups: Sequence[Any]) -> tuple[float, float]:
    """Precision and recall of the values of all figures that would be claimed against those that are."""
    pairs = [
        (
            {number for one in group.candidates for figure in one.value.figures for number in figures(figure)},
            group.made.practice,
        )
        for group in groups
    ]
    both = sum(len(said & claimed(practice)) for said, practice in pairs)
    return both / sum(len(said) for said, _ in pairs), both / sum(len(claimed(practice)) for _, practice in pairs)


def _cost(value: Value, practice: Practice) -> bool:
    assert isinstance(value, Cost)
    return value.band == practice.cost.band


JUDGES: Mapping[str, Callable[[Value, Practice], bool]] = {
    "agencies": _agency,
    "place": _place,
    "cost": _cost,
    "claims": _claim,
    "start": lambda value, practice: value == practice.start,
    "end": lambda value, practice: value == practice.end,
} | {field: (lambda value, practice, field=field: value in labels_of(practice, field)) for field in LABELS}  # type: ignore[misc]


def gold_count(field: str, practice: Practice) -> int:
    """How many values the editors entered."""
    if field in LABELS:
        return len(labels_of(practice, field))
    if field == "cost":
        return int(practice.cost.band != "unknown")
    if field == "place":
        return 1
    value: Any = getattr(practice, field)
    return len(value) if isinstance(value, tuple) else int(value is not None)


def baseline(field: str, groups: Sequence[Any], learnt_from: Sequence[Any]) -> str:
    """F1 of proposing the commonest value of the development half (or the best set of common values) to everyone."""
    if field in ("section", *LABELS):
        found = _commonest(field, groups, learnt_from)
        near = f", {_nearest(field, groups):.3f} nearest" if field != "section" else ""
        return f"{found:.3f} commonest{near}"
    if field in ("start", "end", "cost", "place", "agencies"):
        return f"{_first(groups):.3f} first one "
    return "    -          "


def _commonest(field: str, groups: Sequence[Any], learnt_from: Sequence[Any]) -> float:
    counts = Counter(
        one.value for group in learnt_from for one, right in zip(group.candidates, group.right, strict=True) if right
    )
    order = [value for value, _ in counts.most_common()]
    best = 0.0
    for size in range(1, len(order) + 1 if field in ("levels", "principles", "secondary_priorities") else 2):
        chosen = set(order[:size])
        hits = sum(
            right for group in groups for one, right in zip(group.candidates, group.right, strict=True) if one.value in chosen
        )
        best = max(best, 2 * hits / (size * len(groups) + sum(group.wanted for group in groups)))
    return best


def _nearest(field: str, groups: Sequence[Any]) -> float:
    """Of proposing what the nearest practice has."""
    given = [(set(labels_of(group.nearest, field)), set(labels_of(group.made.practice, field))) for group in groups]
    return 2 * sum(len(one & other) for one, other in given) / sum(len(one) + len(other) for one, other in given)


def _first(groups: Sequence[Any]) -> float:
    """Of proposing the first candidate in the document."""
    firsts = [
        min(zip(group.candidates, group.right, strict=True), key=lambda pair: (pair[0].unit, pair[0].start))[1]
        for group in groups
        if group.candidates
    ]
    return 2 * sum(firsts) / max(len(firsts) + sum(group.wanted for group in groups), 1)
