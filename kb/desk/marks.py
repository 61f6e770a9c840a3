"""What two texts share in whatever language they are written: names in Latin letters, initials, months, years and figures."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from kb.lint.figures import amounts
from kb.text.normalise import normalise
from kb.text.years import years

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAM = 5
"""Letters of a piece of text that is compared, blanks and punctuation left out."""

TOLD = 13
"""Figures below this are said in words as often as in digits, and agree by chance."""

_NAME = re.compile(r"(?<![\w.])(?:[A-Z][\w'’]*[a-z0-9]|[A-Z]{2,}[a-z]?|[a-z]+[A-Z]\w*|\d+[A-Z]\w*)(?!\w)")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9'’]+")
_THAI_INITIALS = re.compile(r"(?<![\u0e01-\u0e4e])(?:[\u0e01-\u0e2e]{1,5}\.)+(?:[\u0e01-\u0e2e]{1,4}\.)*")
_NUMBERED = re.compile(r"(?<![\w/])\d{1,6}[/-](?:\d{4}|[A-Z][\w-]*)(?![\w/])")
_WORD = r"[A-Z][a-z][\w'’]*"
_LONG_NAMES = (
    re.compile(rf"{_WORD}(?:[ -]{_WORD})+"),
    re.compile(rf"{_WORD}(?:[ -](?:(?:of|and|for|the|on|in|to|against) )*{_WORD})+"),
)
_INITIAL = re.compile(r"\b[A-Z]")
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_BETWEEN = re.compile(r"[^\w\u0e01-\u0e4e]+|_+")
_MULTIPLIERS = np.array([31**power % 2**32 for power in range(GRAM)], dtype=np.uint32)
_MIXER = np.uint32(2654435761)
_DATING = frozenset("พศ คศ มค กพ มีค เมย พค มิย กค สค กย ตค พย ธค the in it".split())
"""Abbreviations of eras and months, and small words that begin sentences."""

_MIN_INITIALS, _MAX_INITIALS = 3, 8


def squeezed(text: str) -> str:
    """The letters of a text that is not in normal form yet."""
    return letters(normalise(text))


def letters(normal: str) -> str:
    """A text in normal form in lower case, without blanks and punctuation but with Thai vowels and tones."""
    return _BETWEEN.sub("", normal.lower())


def grams(text: str) -> NDArray[np.uint32]:
    """The pieces of `GRAM` letters of a squeezed text as sorted numbers, each once; the whole text where it is shorter."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    if not len(codes):
        return np.empty(0, dtype=np.uint32)
    if len(codes) < GRAM:
        codes = np.pad(codes, (0, GRAM - len(codes)))
    windows = np.lib.stride_tricks.sliding_window_view(codes * _MIXER, GRAM)
    return np.unique((windows * _MULTIPLIERS).sum(axis=1, dtype=np.uint32))


def names_in(text: str, language: str) -> set[str]:
    """Names of a text in lower case: words with a capital, every Latin word of a Thai text, Thai abbreviations without their
    dots, numbers of laws (`06/QD-TTg`), and the initials of longer English names."""
    text = text.translate(_DIGITS)
    found = {match.group().lower() for match in (_LATIN if language == "th" else _NAME).finditer(text)}
    found |= {match.group().replace(".", "") for match in _THAI_INITIALS.finditer(text)}
    found |= {match.group().lower() for match in _NUMBERED.finditer(text)}
    return (found | initials_in(text)) - _DATING


def acronyms_in(text: str) -> set[str]:
    """Names written in initials, in lower case and without dots: `nectec`, `สปสช`."""
    latin = {match.group().lower() for match in _NAME.finditer(text) if sum(map(str.isupper, match.group())) > 1}
    return latin | {match.group().replace(".", "") for match in _THAI_INITIALS.finditer(text)}


def initials_in(text: str) -> set[str]:
    """Initials of the names of several English words: `gad` of General Administration Department."""
    found = {"".join(_INITIAL.findall(match.group())).lower() for name in _LONG_NAMES for match in name.finditer(text)}
    return {letters for letters in found if _MIN_INITIALS <= len(letters) <= _MAX_INITIALS}


def figures_in(text: str) -> set[Decimal]:
    """Amounts of a text that two texts seldom share by chance."""
    return {figure.value for figure in amounts(text.translate(_DIGITS)) if figure.value >= TOLD or figure.value % 1}


def years_in(text: str) -> set[int]:
    """Years of a text in the Common Era."""
    return {mention.ce for mention in years(text)}
