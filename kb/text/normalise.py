"""One normal form for indexing, querying and highlighting, with a map back to the original characters.

Python's own NFKC must not touch Thai: it splits sara am (U+0E33) into U+0E4D U+0E32, and NFC never joins the two again.
"""

from __future__ import annotations

import unicodedata
from array import array
from dataclasses import dataclass

SARA_AM = "\u0e33"
SARA_AA = "\u0e32"
NIKHAHIT = "\u0e4d"
SARA_E = "\u0e40"
SARA_AE = "\u0e41"

THAI_DIGITS = {0x0E50 + n: str(n) for n in range(10)}

_BELOW = "\u0e38\u0e39\u0e3a"
_ABOVE = "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e47"
_TONES = "\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4e"
THAI_MARKS = frozenset(_BELOW + _ABOVE + _TONES + NIKHAHIT)
"""Thai characters that are drawn on a consonant and cannot begin anything."""

_MARK_ORDER = dict.fromkeys(_BELOW, 0) | dict.fromkeys(_ABOVE, 1) | {NIKHAHIT: 2} | dict.fromkeys(_TONES, 3) | {SARA_AM: 4}

# Old Thai fonts keep shifted copies of marks in the private-use area (the Windows and Mac sets agree on these).
PRIVATE_USE = {
    0xF700: "\u0e10",
    0xF701: "\u0e34",
    0xF702: "\u0e35",
    0xF703: "\u0e36",
    0xF704: "\u0e37",
    0xF705: "\u0e48",
    0xF706: "\u0e49",
    0xF707: "\u0e4a",
    0xF708: "\u0e4b",
    0xF709: "\u0e4c",
    0xF70A: "\u0e48",
    0xF70B: "\u0e49",
    0xF70C: "\u0e4a",
    0xF70D: "\u0e4b",
    0xF70E: "\u0e4c",
    0xF70F: "\u0e0d",
    0xF710: "\u0e31",
    0xF711: "\u0e4d",
    0xF712: "\u0e47",
    0xF713: "\u0e48",
    0xF714: "\u0e49",
    0xF715: "\u0e4a",
    0xF716: "\u0e4b",
    0xF717: "\u0e4c",
    0xF718: "\u0e38",
    0xF719: "\u0e39",
    0xF71A: "\u0e3a",
}

_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb"
)
_PUNCTUATION = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
}  # fmt: skip


@dataclass(frozen=True)
class Normalised:
    """A normalised text and, for each of its characters and for its end, the offset in the original text.

    `offsets` has `len(text) + 1` entries and never decreases.
    """

    text: str
    offsets: array[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original text that the half-open span `start`, `end` of `text` came from."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end]


def normalise(text: str) -> str:
    """The normal form of `text`, where no map is needed."""
    if text.isascii() and text.isprintable() and "  " not in text:  # by far the most words and names: only the ends may change
        return text.strip()
    return normalise_with_offsets(text).text


def normalise_with_offsets(text: str) -> Normalised:
    """Bring `text` into the one normal form.

    Compatibility forms outside Thai are unfolded and accents composed; invisible and control characters go; typographic
    quotes and dashes become plain; Thai digits become Arabic ones; a doubled sara e becomes sara ae; marks on a Thai
    consonant are put in order and once each; nikhahit with sara aa becomes sara am; runs of blanks become one space (a run
    with a line break becomes one line break).
    """
    unfolded = {character: _unfold(character) for character in set(text)}
    characters: list[str] = []
    places: list[int] = []
    if all(len(parts) == 1 for parts in unfolded.values()):
        characters, places = [unfolded[character] for character in text], list(range(len(text)))
    else:
        for place, character in enumerate(text):
            for part in unfolded[character]:
                characters.append(part)
                places.append(place)
    if any("\u0e00" <= character <= "\u0e7f" for character in characters):
        characters, places = _order_thai(characters, places)
    if any(_may_compose(character) for character in set(characters)):
        characters, places = _compose(characters, places)
    return _squeeze(characters, places, len(text))


def _unfold(character: str) -> str:
    """What one character of the original becomes before marks are ordered; may be empty."""
    code = ord(character)
    if code < 0x80:
        return (
            character if code >= 0x20 and code != 0x7F else (" " if code in (9, 11, 12) else "\n" if code in (10, 13) else "")
        )
    if 0x0E00 <= code <= 0x0EFF:  # Thai and Lao: nothing decomposed
        return THAI_DIGITS.get(code, character)
    if character in _INVISIBLE:
        return ""
    if code in PRIVATE_USE:
        return PRIVATE_USE[code]
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    if code in (0x85, 0x2028, 0x2029):
        return "\n"
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if category in ("Cc", "Cf", "Cs", "Cn"):
        return ""
    # Some compatibility forms fold into typographic ones: a triple prime into three primes.
    return "".join(_PUNCTUATION.get(part, part) for part in unicodedata.normalize("NFKC", character))


def _order_thai(characters: list[str], places: list[int]) -> tuple[list[str], list[int]]:
    """Order and clean the marks of each Thai consonant, join nikhahit with sara aa, and sara e twice into sara ae."""
    out: list[str] = []
    where: list[int] = []
    at = 0
    count = len(characters)
    while at < count:
        character = characters[at]
        if character == SARA_E and at + 1 < count and characters[at + 1] == SARA_E:
            out.append(SARA_AE)
            where.append(places[at])
            at += 2
            continue
        if character not in _MARK_ORDER:
            out.append(character)
            where.append(places[at])
            at += 1
            continue
        marks, end = _marks(characters, at)
        out += marks
        where += [places[at]] * len(marks)
        at = end
    return out, where


def _marks(characters: list[str], start: int) -> tuple[list[str], int]:
    """The marks that stand at `start`, in order, each once and one tone at most, and where they end."""
    marks: list[str] = []
    at = start
    while at < len(characters):
        character = characters[at]
        if character == SARA_AA and NIKHAHIT in marks:
            marks = [SARA_AM, *(mark for mark in marks if mark != NIKHAHIT)]
        elif character in _MARK_ORDER:
            marks.append(character)
        else:
            break
        at += 1
    ordered = sorted(dict.fromkeys(marks), key=lambda mark: _MARK_ORDER[mark])
    tones = [mark for mark in ordered if mark in _TONES]
    return [mark for mark in ordered if mark not in tones[1:]], at


def _may_compose(character: str) -> bool:
    """Whether a character is a mark that may join the letter before it; Thai marks never do."""
    return character > "\u02ff" and not "\u0e00" <= character <= "\u0e7f" and unicodedata.category(character)[0] == "M"


def _compose(characters: list[str], places: list[int]) -> tuple[list[str], list[int]]:
    """Join a letter and the marks that have a composed form with it (NFC); Thai has none."""
    out: list[str] = []
    where: list[int] = []
    for character, place in zip(characters, places, strict=True):
        if out and character > "\u02ff" and unicodedata.category(character)[0] == "M":
            joined = unicodedata.normalize("NFC", out[-1] + character)
            if len(joined) == 1:
                out[-1] = joined
                continue
        out.append(character)
        where.append(place)
    return out, where


def _squeeze(characters: list[str], places: list[int], length: int) -> Normalised:
    """Collapse blanks, trim both ends, and close the map with the end of the last character kept."""
    out: list[str] = []
    where = array("q")
    for character, place in zip(characters, places, strict=True):
        if character in " \n":
            if not out:
                continue
            if out[-1] in " \n":
                if character == "\n":
                    out[-1] = "\n"
                continue
        out.append(character)
        where.append(place)
    while out and out[-1] in " \n":
        out.pop()
        length = where.pop()
    where.append(length)
    return Normalised("".join(out), where)
