"""Joins a mark that is moved up or down a little to the text that it belongs to.

Typst shows such a mark as a text of its own, and viewers sort texts on a line by where they begin: ขึ้น was
read as ขึน้. Sarabun moves a mark by 12 to 46 thousandths of the letter size; it is shown on the line's own
height instead, which leaves it clear of the letters under it. Marks that are moved further stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf

NEAR = 0.05
"""Parts of the letter size that a mark may be moved by."""

_SHOWING = ("Tj", "TJ")

Width = Callable[[str, int], float]
"""The advance of a glyph of a font on the page, in thousandths of its size."""


@dataclass(frozen=True)
class _Look:
    font: str
    size: float
    colour: str


@dataclass
class _Text:
    """One showing of glyphs: where it begins, its look, and whether it is described by an ActualText."""

    number: int
    x: float
    y: float
    look: _Look
    items: list[Any]
    described: bool


@dataclass
class _State:
    """What the instructions so far have set."""

    origin: tuple[float, float] = (0.0, 0.0)
    at: float = 0.0
    font: str = ""
    size: float = 0.0
    colour: list[str] = field(default_factory=list)
    spans: list[bool] = field(default_factory=list)


def join(instructions: Sequence[Any], width: Width) -> list[Any]:
    """The instructions of a page with such marks, and the text after them, in the showing of the text before."""
    texts = list(_texts(instructions))
    gone: set[int] = set()
    changed: dict[int, list[Any]] = {}
    at = 0
    while at + 1 < len(texts):
        text, mark = texts[at], texts[at + 1]
        if not _is_moved_mark(text, mark, width):
            at += 1
            continue
        joined = [text, mark]
        if at + 2 < len(texts) and _goes_on(text, texts[at + 2]):
            joined.append(texts[at + 2])
        text.items = _items_of(joined, width)
        changed[text.number] = text.items
        gone.update(other.number for other in joined[1:])
        for other in joined[1:]:
            changed.pop(other.number, None)
        del texts[at + 1 : at + len(joined)]
    kept = ((number, one) for number, one in enumerate(instructions) if number not in gone)
    return [_shown(changed[number]) if number in changed else one for number, one in kept]


def _is_moved_mark(text: _Text, mark: _Text, width: Width) -> bool:
    moved = abs(mark.y - text.y)
    return (
        0 < moved <= NEAR * text.look.size
        and mark.look == text.look
        and not (mark.described or text.described)
        and all(width(mark.look.font, glyph) == 0 for glyph in _glyphs(mark.items))
    )


def _goes_on(text: _Text, after: _Text) -> bool:
    return after.y == text.y and after.look == text.look and not after.described


def _items_of(texts: list[_Text], width: Width) -> list[Any]:
    """What the texts show, in one array, with shifts to where each begins."""
    first = texts[0]
    items = list(first.items)
    pen = first.x + _advance(first, width)
    for text in texts[1:]:
        shift = round((pen - text.x) / text.look.size * 1000, 2)
        items += [shift, *text.items] if shift else text.items
        pen = text.x + _advance(text, width)
    return items


def _advance(text: _Text, width: Width) -> float:
    shifts = sum(float(item) for item in text.items if not isinstance(item, pikepdf.String))
    glyphs = sum(width(text.look.font, glyph) for glyph in _glyphs(text.items))
    return (glyphs - shifts) * text.look.size / 1000


def _texts(instructions: Sequence[Any]) -> Iterator[_Text]:
    """What is shown, in order."""
    state = _State()
    for number, one in enumerate(instructions):
        operator, operands = str(one.operator), one.operands
        if operator in _SHOWING:
            shown = operands[0]
            items = list(shown) if isinstance(shown, pikepdf.Array) else [shown]
            look = _Look(state.font, state.size, " ".join(state.colour))
            yield _Text(number, state.origin[0] + state.at, state.origin[1], look, items, any(state.spans))
        else:
            _follow(state, operator, operands)


def _follow(state: _State, operator: str, operands: Any) -> None:
    if operator == "cm":
        state.origin = (float(operands[4]), float(operands[5]))
        state.colour = []
    elif operator == "Tm":
        state.at = float(operands[4])
    elif operator == "Tf":
        state.font, state.size = str(operands[0]), float(operands[1])
    elif operator in ("cs", "scn", "sc", "rg", "g", "k"):
        state.colour.append(f"{operator} {[str(operand) for operand in operands]}")
    elif operator in ("BDC", "BMC"):
        properties = operands[1] if len(operands) > 1 else None
        state.spans.append(isinstance(properties, pikepdf.Dictionary) and "/ActualText" in properties)
    elif operator == "EMC":
        state.spans.pop()


def _glyphs(items: list[Any]) -> Iterator[int]:
    for item in items:
        if isinstance(item, pikepdf.String):
            raw = bytes(item)
            yield from (int.from_bytes(raw[place : place + 2]) for place in range(0, len(raw), 2))


def _shown(items: list[Any]) -> Any:
    return pikepdf.ContentStreamInstruction([pikepdf.Array(items)], pikepdf.Operator("TJ"))
