"""The font of files, and which letters it has."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

import fontpkg_sarabun
from fontTools.ttLib import TTFont

FAMILY = "Sarabun"
FONTS = Path(fontpkg_sarabun.ROOT) / "files"
UNKNOWN = "?"
"""Stands for a letter that the font lacks."""

_LIKE = {"\u2010": "-", "\u2011": "-", "\u2015": "—", "\u202f": "\u00a0", "\n": "\n", "\t": " "}


class _Letters(dict[int, str]):
    """What to show for each code point, worked out when it is first met."""

    def __init__(self, known: frozenset[int]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if letter in _LIKE:
            shown = _LIKE[letter]
        elif unicodedata.category(letter) in ("Cc", "Cf"):
            shown = ""
        else:
            shown = letter if code in self._known else UNKNOWN
        self[code] = shown
        return shown


def legible(text: str) -> str:
    """The text with what the font lacks replaced by `UNKNOWN`, without signs that are never seen; not one box is drawn."""
    return text.translate(_letters())


@lru_cache(maxsize=1)
def _letters() -> _Letters:
    return _Letters(frozenset.intersection(*(covered(style) for style in ("Regular", "Bold", "Italic", "BoldItalic"))))


def covered(style: str) -> frozenset[int]:
    """The code points that a style of the font has glyphs for."""
    with TTFont(font_file(style), lazy=True) as font:
        return frozenset(font.getBestCmap())


def font_file(style: str) -> Path:
    return FONTS / f"{FAMILY}-{style}.ttf"
