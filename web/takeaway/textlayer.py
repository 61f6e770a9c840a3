"""Mends the text layer of Thai PDFs, so that a search in the file finds its words.

Typst describes the text of a Thai letter with its marks as one, and repeats it where one of the marks is raised: ลำดับชั้น is read
as ลำดับชั้ชั้น. Here each glyph is given its own character wherever letters and glyphs are as many, which is everywhere but in
words with ำ; these keep the description as one.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from web.takeaway.marks import join

SARA_AM = "ำ"
_PAIR = re.compile(rb"<([0-9A-Fa-f]{4})>\s*<((?:[0-9A-Fa-f]{4})+)>")
_BLOCK = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_BLOCK_SIZE = 100
"""The most pairs that a block of a character map may hold."""

Glyph = tuple[str, int]
"""The name of a font on its page, and the glyph's number in it."""


@dataclass
class _Unit:
    """Glyphs that are described together: `text` is what they stand for, `at` the instructions that say so, if any."""

    text: str
    glyphs: list[Glyph]
    at: tuple[int, int] | None = None


@dataclass
class _Page:
    """A page's instructions with the units that they show; instructions in `dropped` are not written again."""

    page: Any
    instructions: list[Any]
    units: list[_Unit]
    fonts: dict[str, Any]
    dropped: set[int] = field(default_factory=set)


def mend(pdf: bytes) -> bytes:
    """The same PDF with one character for each glyph where that is possible, and marks in the text of their letters."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = _Fonts()
        pages = [_read(page, fonts) for page in document.pages]
        for page in pages:
            _learn(page, fonts)
        for page in pages:
            _write(page, document, fonts)
        fonts.write(document)
        mended = io.BytesIO()
        document.save(mended, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return mended.getvalue()


class _Fonts:
    """What each glyph of each font stands for: as the file says (`told`), and as its places show (`learnt`)."""

    def __init__(self) -> None:
        self.told: dict[Any, dict[int, str]] = {}
        self.learnt: dict[Any, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._objects: dict[Any, Any] = {}
        self._widths: dict[Any, dict[int, float]] = {}

    def width(self, key: Any, glyph: int) -> float:
        """A glyph's advance in thousandths of its size."""
        font = self._objects[key].DescendantFonts[0]
        if key not in self._widths:
            self._widths[key] = dict(_widths(font))
        return self._widths[key].get(glyph, float(font.get("/DW", 1000)))

    def add(self, font: Any) -> Any:
        """The key of a font object; its character map is read in."""
        key = font.objgen
        if key not in self.told:
            self._objects[key] = font
            self.told[key] = _character_map(bytes(font.ToUnicode.read_bytes())) if "/ToUnicode" in font else {}
        return key

    def meaning(self, key: Any, glyph: int) -> str:
        """The one character that a glyph was seen to stand for, or nothing."""
        seen = self.learnt[key].get(glyph, set())
        return next(iter(seen)) if len(seen) == 1 else ""

    def write(self, document: pikepdf.Pdf) -> None:
        for key, font in self._objects.items():
            told = self.told[key]
            better = {glyph: self.meaning(key, glyph) for glyph in self.learnt[key]}
            merged = told | {glyph: text for glyph, text in better.items() if text}
            if merged != told:
                font.ToUnicode = document.make_stream(_character_map_bytes(merged))


def _read(page: Any, fonts: _Fonts) -> _Page:
    """The instructions of a page, and what they show in order."""
    names = {name: fonts.add(font) for name, font in page.Resources.get("/Font", {}).items()}
    read = _Page(page, list(pikepdf.parse_content_stream(page)), [], names)
    font: Any = None
    span: tuple[int, str, list[Glyph]] | None = None
    depth: list[bool] = []
    for number, instruction in enumerate(read.instructions):
        operator = str(instruction.operator)
        if operator == "Tf":
            font = names[str(instruction.operands[0])]
        elif operator in ("BDC", "BMC"):
            text = _actual_text(instruction)
            depth.append(text is not None)
            if text is not None:
                span = (number, text, [])
        elif operator == "EMC":
            if depth.pop() and span is not None:
                read.units.append(_Unit(span[1], span[2], (span[0], number)))
                span = None
        elif operator in ("Tj", "TJ"):
            glyphs = [(font, glyph) for glyph in _glyphs(instruction)]
            if span is not None:
                span[2].extend(glyphs)
            else:
                read.units += [_Unit(fonts.told[font].get(glyph, ""), [(font, glyph)]) for font, glyph in glyphs]
    return read


def _learn(page: _Page, fonts: _Fonts) -> None:
    """Note what single glyphs stand for."""
    for units in _clusters(page.units):
        glyphs = [glyph for unit in units for glyph in unit.glyphs]
        if _one_by_one(units[0].text, glyphs):
            for (font, glyph), character in zip(glyphs, units[0].text, strict=True):
                fonts.learnt[font][glyph].add(character)


def _write(page: _Page, document: pikepdf.Pdf, fonts: _Fonts) -> None:
    """Take descriptions away that their glyphs no longer need."""
    for units in _clusters(page.units):
        text = units[0].text
        glyphs = [glyph for unit in units for glyph in unit.glyphs]
        if _one_by_one(text, glyphs) and all(fonts.meaning(*glyph) for glyph in glyphs):
            page.dropped.update(number for unit in units if unit.at for number in unit.at)
    kept = [instruction for number, instruction in enumerate(page.instructions) if number not in page.dropped]
    joined = join(kept, lambda font, glyph: fonts.width(page.fonts[font], glyph))
    if len(joined) < len(page.instructions):
        page.page.Contents = document.make_stream(pikepdf.unparse_content_stream(joined))


def _clusters(units: list[_Unit]) -> Iterator[list[_Unit]]:
    """Units that describe one letter with its marks: the first, and those that repeat its text for want of glyphs."""
    at = 0
    while at < len(units):
        group = [units[at]]
        missing = len(units[at].text) - len(units[at].glyphs)
        at += 1
        while missing > 0 and at < len(units) and units[at].text in ("", group[0].text) and len(units[at].glyphs) <= missing:
            group.append(units[at])
            missing -= len(units[at].glyphs)
            at += 1
        yield group


def _one_by_one(text: str, glyphs: list[Glyph]) -> bool:
    return len(text) == len(glyphs) and SARA_AM not in text[1:]


def _actual_text(instruction: Any) -> str | None:
    operands = instruction.operands
    properties = operands[1] if len(operands) > 1 else None
    if not isinstance(properties, pikepdf.Dictionary) or "/ActualText" not in properties:
        return None
    return str(properties.ActualText)


def _widths(font: Any) -> Iterator[tuple[int, float]]:
    """Glyphs with their advances: `first [w w …]` or `first last w` in the file."""
    items = list(font.get("/W", []))
    while items:
        if isinstance(items[1], pikepdf.Array):
            yield from ((int(items[0]) + number, float(width)) for number, width in enumerate(items[1]))
            del items[:2]
        else:
            yield from ((glyph, float(items[2])) for glyph in range(int(items[0]), int(items[1]) + 1))
            del items[:3]


def _glyphs(instruction: Any) -> Iterator[int]:
    """Numbers of the glyphs that a Tj or TJ shows; the fonts have two bytes a glyph."""
    shown = instruction.operands[0]
    for item in shown if isinstance(shown, pikepdf.Array) else [shown]:
        if isinstance(item, pikepdf.String):
            raw = bytes(item)
            yield from (int.from_bytes(raw[place : place + 2]) for place in range(0, len(raw), 2))


def _character_map(raw: bytes) -> dict[int, str]:
    return {
        int(pair[1], 16): bytes.fromhex(pair[2].decode()).decode("utf-16-be")
        for block in _BLOCK.finditer(raw)
        for pair in _PAIR.finditer(block[1])
    }


def _character_map_bytes(pairs: dict[int, str]) -> bytes:
    """A ToUnicode character map."""
    lines = [f"<{glyph:04X}> <{text.encode('utf-16-be').hex().upper()}>" for glyph, text in sorted(pairs.items())]
    blocks = [lines[start : start + _BLOCK_SIZE] for start in range(0, len(lines), _BLOCK_SIZE)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
