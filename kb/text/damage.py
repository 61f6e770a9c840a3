"""Thai that a PDF spoilt: found, repaired where only one reading is possible, reported where not.

Three kinds are common. Old fonts put marks into the private-use area (`kb.text.normalise` maps these back). Some producers
write a space before each mark: `ถ ึง`. Some lose the nikhahit of sara am and leave a space: `ค าน า` for คำนำ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kb.text.normalise import PRIVATE_USE, SARA_AA, SARA_AM, THAI_MARKS

_MARKS = "".join(sorted(THAI_MARKS))
_SPACE_BEFORE_MARK = re.compile(rf"(?<=[\u0e01-\u0e2e{_MARKS}])[ \t\u00a0]+(?=[{_MARKS}])")
_SPACE_BEFORE_AM = re.compile(rf"(?<=[\u0e01-\u0e2e{_MARKS}])[ \t\u00a0]+(?={SARA_AM})")
_LOST_AM = re.compile(rf"(?P<before>[\u0e01-\u0e4e]*[\u0e01-\u0e2e][{_MARKS}]*)[ \t\u00a0]+{SARA_AA}(?P<after>[\u0e01-\u0e4e]*)")
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
    for pattern in (_SPACE_BEFORE_MARK, _SPACE_BEFORE_AM):
        text, count = pattern.subn("", text)
        mended += count
    text, count, unsure = _restore_sara_am(text, is_word)
    mended += count
    doubts = []
    if unsure:
        doubts.append("lost-sara-am")
    if _PRIVATE.search(text):
        doubts.append("private-use")
    if _CONTROL.search(text) or _CID.search(text):
        doubts.append("control")
    if _ORPHAN.search(text):
        doubts.append("orphan-marks")
    if len(_DOUBLED.findall(text)) > 2:
        doubts.append("doubled")
    return Repair(text, mended, tuple(doubts))


def _restore_sara_am(text: str, is_word: Callable[[str], bool]) -> tuple[str, int, int]:
    """Undo `ค าน า`: join each broken piece with ำ or with า, whichever is part of the longer dictionary word.

    Sara aa cannot begin a word, so the space is certainly wrong. Where both readings are as good, ำ is taken, because it is
    the nikhahit's loss that leaves a space; that is certain if other places of the same text show the loss and none
    contradicts it, and counted as unsure otherwise.
    """
    lost = kept = equal = 0
    at = 0
    while (match := _LOST_AM.search(text, at)) is not None:
        before, after = match["before"], match["after"]
        with_am = _longest_word(before, SARA_AM, after, is_word)
        with_aa = _longest_word(before, SARA_AA, after, is_word)
        lost += with_am > with_aa
        kept += with_aa > with_am
        equal += with_am == with_aa
        vowel = SARA_AA if with_aa > with_am else SARA_AM
        text = text[: match.start()] + before + vowel + text[match.start("after") :]
        at = match.start()
    sure = lost > 0 and kept == 0
    return text, lost + kept + (equal if sure else 0), 0 if sure else equal


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
