"""Text that was typed on the wrong keyboard layout: Thai words on an English one (`ohemj;,` for น้ำท่วม), and the reverse.

The layouts are Kedmanee (TIS 820-2538) and US English, as PyThaiNLP has them. Whether a text *was* typed on the wrong layout is
for the caller's dictionary to say: a rescue is only offered where what stands there is no word and what was meant is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kb.text.normalise import normalise
from kb.text.segment import Segmenter

MIN_CHARACTERS = 4
"""Shorter texts are as likely to be abbreviations as slips."""

MEANT, STANDING = 0.6, 0.35
"""Share of letters in known words: at least `MEANT` on the other layout, at most `STANDING` on this one."""

_PIECE = re.compile(r"\S+")
_THAI = re.compile(r"[\u0e01-\u0e5b]")
_LETTER = re.compile(r"[A-Za-z]")
_ACRONYM = re.compile(r"[A-Z]{2,6}")
_ENGLISH_WORD = re.compile(r"[A-Za-z]+")

IsWord = Callable[[str], bool]


@dataclass(frozen=True)
class Rescue:
    """A question as it was meant: `said` is what stood there, `meant` the same keys on the other layout."""

    said: str
    meant: str
    text: str


def rescue(text: str, segmenter: Segmenter, is_word: IsWord) -> Rescue | None:
    """Read the pieces in one script on the other layout where only that makes words; `None` where nothing changes.

    `is_word` knows the words of both languages, in lower case. `text` is as it was typed: a normal form could have moved marks.
    """
    from pythainlp.util import eng_to_thai, thai_to_eng

    pieces = [match.group() for match in _PIECE.finditer(text)]
    latin = [piece for piece in pieces if _LETTER.search(piece) and not _THAI.search(piece)]
    thai = [piece for piece in pieces if _THAI.search(piece) and not _LETTER.search(piece)]
    if _enough(latin) and _english_share(latin, is_word) <= STANDING:
        meant = [normalise(eng_to_thai(piece)) for piece in latin]
        if _thai_share(meant, segmenter, is_word) >= MEANT:
            return _replaced(text, latin, eng_to_thai, whole=not thai)
    if _enough(thai) and _thai_share([normalise(piece) for piece in thai], segmenter, is_word) <= STANDING:
        meant = [thai_to_eng(piece) for piece in thai]
        if _english_share(meant, is_word) >= MEANT:
            return _replaced(text, thai, thai_to_eng, whole=not latin)
    return None


def _enough(pieces: Iterable[str]) -> bool:
    return len("".join(pieces)) >= MIN_CHARACTERS


def _replaced(text: str, wrong: list[str], convert: Callable[[str], str], *, whole: bool) -> Rescue:
    """Convert the wrong pieces, or all of them, figures too, where the text has no other script."""
    said, meant, result, at = [], [], "", 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        kept = piece.isdecimal() or _ACRONYM.fullmatch(piece)
        read = convert(piece) if (piece in wrong and not _ACRONYM.fullmatch(piece)) or (whole and not kept) else piece
        if read != piece:
            said.append(piece)
            meant.append(read)
        result += text[at : match.start()] + read
        at = match.end()
    return Rescue(" ".join(said), " ".join(meant), result + text[at:])


def _english_share(pieces: Iterable[str], is_word: IsWord) -> float:
    """Share of the characters that stand in English words, where there is one of three letters; names and acronyms count."""
    total, known, longest = 0, 0, 0
    for piece in pieces:
        total += len(piece)
        for word in _ENGLISH_WORD.findall(piece):
            if is_word(word.lower()) or (len(word) > 2 and word.isupper() and word == piece):
                known += len(word)
                longest = max(longest, len(word))
    return known / total if total and longest > 2 else 0.0


def _thai_share(pieces: Iterable[str], segmenter: Segmenter, is_word: IsWord) -> float:
    """Share of the characters that stand in Thai words of three letters or more."""
    total, known = 0, 0
    for piece in pieces:
        total += len(piece)
        known += sum(len(token.term) for token in segmenter.tokens(piece) if len(token.term) > 2 and is_word(token.term))
    return known / total if total else 0.0
