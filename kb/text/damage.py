"""Thai that a PDF spoilt: found, repaired where only one reading is possible, reported where not.

Four kinds are common. Old fonts put marks into the private-use area (`kb.text.normalise` maps these back). Some
producers write a space before each mark: `ถ ึง`. Some say a syllable again for its raised tone mark: `ทั้ทั้ง`. Some lose
the nikhahit of sara am and leave a space: `ค าน า` for คำนำ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kb.text.normalise import PRIVATE_USE, SARA_AA, SARA_AM, THAI_MARKS

_MARKS = "".join(sorted(THAI_MARKS))
_SPACE_BEFORE_MARK = re.compile(rf"(?<=[\u0e01-\u0e2e{_MARKS}])[ \t\u00a0]+(?=[{_MARKS}])")
_SPACE_BEFORE_OTHER = re.compile(rf"(?<=[\u0e01-\u0e2e{_MARKS}])[ \t\u00a0]+(?![\u0e48-\u0e4b]{SARA_AA})(?=[{_MARKS}])")
_SPACE_BEFORE_AM = re.compile(rf"(?<=[\u0e01-\u0e2e{_MARKS}])[ \t\u00a0]+(?={SARA_AM})")
_LOST_AM = re.compile(
    rf"(?P<before>[\u0e01-\u0e4e]*[\u0e01-\u0e2e][{_MARKS}]*)[ \t\u00a0]+{SARA_AA}(?P<after>[\u0e01-\u0e4e]*)"
    rf"(?P<more>(?:[ \t\u00a0]+{SARA_AA}[\u0e01-\u0e4e]*)*)"
)
_BROKEN_AA = re.compile(rf"[ \t\u00a0]+{SARA_AA}")
_TONED_AA = re.compile(
    rf"(?P<before>[\u0e01-\u0e4e]*[\u0e01-\u0e2e])[ \t\u00a0]+(?P<tone>[\u0e48-\u0e4b]){SARA_AA}"
    r"(?P<after>[\u0e01-\u0e4e]*)"
)
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffd\u25a1\ufffe\uffff]")
_CID = re.compile(r"\(cid:\d+\)")
_ORPHAN = re.compile(rf"(?:^|[\s\d(])[{_MARKS}]", re.MULTILINE)
_DOUBLED = re.compile(rf"([\u0e01-\u0e2e][{_MARKS}]+)\1")
_MIN_WORD = 2


@dataclass(frozen=True)
class Repair:
    """`text` after repair, how many places were mended, and what is still wrong (empty where nothing is)."""

    text: str
    mended: int
    doubts: tuple[str, ...]

    @property
    def damaged(self) -> bool:
        return bool(self.doubts)


def repair(text: str, is_word: Callable[[str], bool]) -> Repair:
    """Repair extracted Thai text; `is_word` tells dictionary words and decides between า and ำ.

    Doubts name the kind of damage: `lost-sara-am`, `private-use`, `control`, `orphan-marks`, `doubled`.
    """
    mended = 0
    text, count = _PRIVATE.subn(lambda m: PRIVATE_USE.get(ord(m[0]), m[0]), text)
    mended += count
    text, count, unsure_toned = _restore_toned_am(text, is_word)
    mended += count
    for pattern in (_SPACE_BEFORE_MARK, _SPACE_BEFORE_AM):
        text, count = pattern.subn("", text)
        mended += count
    text, count, unsure = _restore_sara_am(text, is_word)
    mended += count
    text, count, left = _drop_doubled(text, is_word)
    mended += count
    doubts = []
    if unsure or unsure_toned:
        doubts.append("lost-sara-am")
    if _PRIVATE.search(text):
        doubts.append("private-use")
    if _CONTROL.search(text) or _CID.search(text):
        doubts.append("control")
    if _ORPHAN.search(text):
        doubts.append("orphan-marks")
    if left > 2:
        doubts.append("doubled")
    return Repair(text, mended, tuple(doubts))


def _restore_sara_am(text: str, is_word: Callable[[str], bool]) -> tuple[str, int, int]:
    """Undo `ค าน า`; returns the text, the places joined for certain, and those joined with a doubt.

    Sara aa cannot begin a word, so the space is certainly wrong; whether ำ or า belongs there is decided by the words
    that come out. A producer loses every nikhahit alike, so where most places of a text agree, the others follow them.
    """
    joined = _join_sara_am(text, is_word, mostly_lost=False)
    if joined.lost > 2 * joined.kept:
        joined = _join_sara_am(text, is_word, mostly_lost=True)
    return joined.text, joined.places - joined.unsure, joined.unsure


@dataclass(frozen=True)
class _Joined:
    """`lost` and `kept` count the places where ำ and where า is in the longer word."""

    text: str
    places: int
    lost: int
    kept: int
    unsure: int


def _join_sara_am(text: str, is_word: Callable[[str], bool], mostly_lost: bool) -> _Joined:
    """Join each broken piece with ำ or with า, whichever gives the longer word, or with ำ where `mostly_lost`."""
    places = lost = kept = unsure = at = 0
    while (match := _LOST_AM.search(text, at)) is not None:
        before, after, more = match["before"], match["after"], match["more"]
        # Places that follow in the same word are read alike: of ค าน า, คำนำ is a word, though คาน is one too.
        with_am = _longest_word(before, SARA_AM, after + _BROKEN_AA.sub(SARA_AM, more), is_word)
        with_aa = _longest_word(before, SARA_AA, after + _BROKEN_AA.sub(SARA_AA, more), is_word)
        places += 1
        lost += with_am > with_aa
        kept += with_aa > with_am
        if with_am >= with_aa or (mostly_lost and with_am):
            vowel = SARA_AM
            unsure += with_am <= with_aa and not mostly_lost
        else:
            vowel = SARA_AA
            unsure += mostly_lost or with_am > 0
        text = text[: match.start()] + before + vowel + text[match.start("after") :]
        at = match.start()
    return _Joined(text, places, lost, kept, unsure)


def _restore_toned_am(text: str, is_word: Callable[[str], bool]) -> tuple[str, int, int]:
    """Undo `น ้าท่วม`, where the lost nikhahit stood under a tone mark, if the word with ำ is the longer one.

    Where blanks stand before other marks too, they tell nothing: `การย ้าย` may be as it was. Returns the text, the
    places restored, and those left with that doubt.
    """
    blanks_anywhere = _SPACE_BEFORE_OTHER.search(text) is not None
    mended = unsure = at = 0
    while (match := _TONED_AA.search(text, at)) is not None:
        at = match.end("tone")
        before, after = match["before"] + match["tone"], match["after"]
        if _longest_word(before, SARA_AM, after, is_word) <= _longest_word(before, SARA_AA, after, is_word):
            continue
        if blanks_anywhere:
            unsure += 1
            continue
        text = text[: match.start()] + before + SARA_AM + text[match.start("after") :]
        mended += 1
    return text, mended, unsure


def _drop_doubled(text: str, is_word: Callable[[str], bool]) -> tuple[str, int, int]:
    """Undo `ทั้ทั้ง` where the syllable is no word by itself, but is part of one together with its neighbours.

    Two words that meet are left alone: `ได้ด้วย`; so is `ที่ที่` (the place where), because ที่ is a word. Returns the text,
    how many were dropped, and how many are left that no two words explain.
    """
    dropped = left = at = 0
    while (match := _DOUBLED.search(text, at)) is not None:
        once = match[1]
        before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 12]
        at = match.start() + len(once)
        if _two_words(before, once, after, is_word):
            continue
        if not is_word(once) and _longest_word(before + once[:-1], once[-1], after, is_word) > len(once):
            text = text[: match.start()] + once + text[match.end() :]
            dropped += 1
        else:
            left += 1
    return text, dropped, left


def _two_words(before: str, once: str, after: str, is_word: Callable[[str], bool]) -> bool:
    """Whether one word ends with the first `once` and another one begins with the second."""
    first, second, least = before + once, once + after, len(once) + 1
    return any(is_word(first[-size:]) for size in range(least, len(first) + 1)) and any(
        is_word(second[:size]) for size in range(least, len(second) + 1)
    )


def _longest_word(before: str, vowel: str, after: str, is_word: Callable[[str], bool]) -> int:
    """Length of the longest dictionary word that covers the vowel, beginning in `before`; 0 where there is none."""
    joined = before + vowel + after
    place = len(before)
    return max(
        (
            end - start
            for start in range(max(0, place - 12), place)
            for end in range(place + 1, min(len(joined), place + 12) + 1)
            if end - start >= _MIN_WORD and is_word(joined[start:end])
        ),
        default=0,
    )
