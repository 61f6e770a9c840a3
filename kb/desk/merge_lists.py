"""Three-way merging of lists: which items are the same, which stay, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

from kb.desk.diff3 import stretches
from kb.desk.fields import paired
from kb.records import Bilingual

H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True)
class Slot:
    """An item in the three versions of a list, and its places there; `None` where a version lacks it."""

    base: Any
    mine: Any
    theirs: Any
    places: tuple[int | None, int | None, int | None]

    @property
    def any(self) -> Any:
        return next(item for item in (self.mine, self.theirs, self.base) if item is not None)

    @property
    def added(self) -> bool:
        return self.base is None

    @property
    def gone(self) -> bool:
        return self.mine is None and self.theirs is None

    @property
    def stays(self) -> bool:
        """Whether nobody took it out, or only one side did while the other changed it."""
        if self.added or (self.mine is not None and self.theirs is not None):
            return True
        left = self.mine if self.mine is not None else self.theirs
        return left is not None and left != self.base

    @cached_property
    def rank(self) -> tuple[str, ...]:
        """The same whichever side is called mine."""
        return tuple(sorted(repr(item) for item in (self.mine, self.theirs) if item is not None))

    @property
    def blank(self) -> Any:
        """An item of this kind that says nothing, for one that both sides added; what only one side gives is no conflict."""
        if isinstance(self.any, Bilingual):
            return Bilingual("", "")
        names = [field.name for field in fields(self.any)]
        return type(self.any)(**{name: _blank(getattr(self.mine, name), getattr(self.theirs, name)) for name in names})


def _blank(mine: Any, theirs: Any) -> Any:
    if mine is None or theirs is None or mine == theirs:
        return None if mine is None or theirs is None else mine
    if isinstance(mine, Bilingual):
        return Bilingual("", "")
    return "" if isinstance(mine, str) else () if isinstance(mine, tuple) else None


def aligned(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any]) -> list[Slot]:
    """The items of three versions: those of `base` in its order, then the added ones by rank."""
    to_mine, to_theirs = (
        {old: new for old, new in paired(base, side) if old is not None and new is not None} for side in (mine, theirs)
    )
    slots = [_slot(base, mine, theirs, (place, to_mine.get(place), to_theirs.get(place))) for place in range(len(base))]
    new_mine = [place for place in range(len(mine)) if place not in to_mine.values()]
    new_theirs = [place for place in range(len(theirs)) if place not in to_theirs.values()]
    added = [
        _slot(
            base,
            mine,
            theirs,
            (None, new_mine[one] if one is not None else None, new_theirs[other] if other is not None else None),
        )
        for one, other in paired([mine[place] for place in new_mine], [theirs[place] for place in new_theirs], in_place=False)
    ]
    return slots + sorted(added, key=lambda slot: slot.rank)


def _slot(
    base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any], places: tuple[int | None, int | None, int | None]
) -> Slot:
    one, two, three = (
        side[place] if place is not None else None for side, place in zip((base, mine, theirs), places, strict=True)
    )
    return Slot(one, two, three, places)


def merged_order(slots: Sequence[Slot]) -> list[Slot]:
    """All slots, in an order that follows both sides as far as they agree."""
    sides: list[list[int]] = []
    for side in range(3):
        placed = [(place, number) for number, slot in enumerate(slots) if (place := slot.places[side]) is not None]
        sides.append([number for _, number in sorted(placed)])
    return [slots[number] for number in in_order(sides, range(len(slots)), lambda number: number)]


def merged_codes(base: Sequence[H], mine: Sequence[H], theirs: Sequence[H]) -> tuple[H, ...]:
    """Codes that nobody took out, each once."""
    keep = [code for code in base if code in mine and code in theirs]
    keep += [code for code in (*mine, *theirs) if code not in base]
    return tuple(in_order([base, mine, theirs], keep, repr))


def in_order(sides: Sequence[Sequence[H]], keep: Sequence[H], rank: Callable[[H], Any]) -> list[H]:
    """`keep`, each once, ordered as in base, mine and theirs; where these disagree, as in base and then by rank."""
    base, mine, theirs = sides
    ordered: list[H] = []
    for stretch in stretches(base, mine, theirs):
        one, other = mine[slice(*stretch.mine)], theirs[slice(*stretch.theirs)]
        if stretch.changed in ("mine", None):
            ordered += one
        elif stretch.changed == "theirs":
            ordered += other
        else:
            was = base[slice(*stretch.base)]
            ordered += [item for item in was if item in one or item in other]
            ordered += sorted({*one, *other} - {*was}, key=rank)
    kept = set(keep)
    return list(dict.fromkeys([*(item for item in ordered if item in kept), *sorted(kept, key=rank)]))
