"""Spelling errors in a question, against the repository's own words.

A word is doubted only where nobody knows it: not the repository, not its names and terms, not the dictionaries. It is then
replaced by the repository's nearest word, if one is near enough. Thai has no blanks, so an error shows as debris of the
segmentation: unknown pieces, with the short words around them that were cut off the same word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.lexicon import Lexicon

if TYPE_CHECKING:
    from kb.text.segment import Token

MIN_CORRECTED = 4
"""Letters of the shortest word that is corrected; every three-letter word is near to some other."""

MIN_NAME = 7
"""Letters of the shortest word with a capital inside a question that is corrected: it is likely a name that is not here."""

FALLBACK = 0.5
"""Distance up to which a piece is read as a word of the dictionary that no text here has: a wrong tone mark or homophone."""

_TONES = re.compile("[\u0e47-\u0e4e]")
_SAME = str.maketrans("ษศณฎฏฬใ", "ซซนดดลไ") | str.maketrans("สธฒฐถญ", "ซททททย")
_MAX_JOINED = 5
_MAX_DEBRIS = 6
_PER_LETTER = 0.004
"""Worth of a letter that a correction explains, against its distance per letter."""

_CHOICES = 8
_FUNCTION_WORDS = frozenset("ให้ ได้ ไป มา ที่ ซึ่ง และ หรือ กับ ของ ใน จะ ไม่ เป็น มี ก็ แต่ จาก โดย ว่า นี้ นั้น ถึง ต่อ ทำ แล้ว อยู่ กว่า".split())


@dataclass(frozen=True)
class Correction:
    """A word as it was typed, at its place in the text, and the repository's word for it."""

    said: str
    meant: str
    start: int
    end: int


def corrections(text: str, tokens: Sequence[Token], lexicon: Lexicon) -> list[Correction]:
    """Proposed corrections of the words of `text`, which `tokens` are; in order, without overlaps."""
    found = []
    thai: list[Token] = []
    for token in tokens:
        if thai and (not token.thai or token.start != thai[-1].end):
            found += _thai_corrections(text, thai, lexicon)
            thai = []
        if token.thai:
            thai.append(token)
        elif (latin := _latin_correction(text, token, lexicon)) is not None:
            found.append(latin)
    return found + _thai_corrections(text, thai, lexicon)


def _latin_correction(text: str, token: Token, lexicon: Lexicon) -> Correction | None:
    word = text[token.start : token.end].lower()
    if len(word) < MIN_CORRECTED or not word.isascii() or not word.isalpha() or lexicon.is_word(word):
        return None
    written = text[token.start : token.end]
    if written.isupper() or (written[0].isupper() and len(word) < MIN_NAME and token.start > 0):
        return None  # an acronym or a name that nobody knows is not a slip
    if (singular := word.removesuffix("s")) != word and lexicon.is_word(singular):
        return None
    meant = nearest(word, lexicon.latin, lexicon)
    return Correction(written, meant, token.start, token.end) if meant else None


def _thai_corrections(text: str, run: Sequence[Token], lexicon: Lexicon) -> list[Correction]:
    """Corrections in a run of Thai words without a blank between them."""
    found: list[Correction] = []
    at = 0
    while at < len(run):
        if not _is_doubtful(run[at].term, lexicon):
            at += 1
            continue
        best: tuple[float, int, int, str] | None = None
        for first in range(max(0, at - 2), at + 1):
            if found and run[first].start < found[-1].end:
                continue
            for last in range(at, min(len(run), first + _MAX_JOINED)):
                meant = _thai_meant(text[run[first].start : run[last].end], run[first : last + 1], lexicon)
                if meant is None:
                    continue
                length = run[last].end - run[first].start
                cost = distance(text[run[first].start : run[last].end], meant) / length - _PER_LETTER * length
                if best is None or cost < best[0]:
                    best = (cost, first, last, meant)
        if best is None:
            at += 1
            continue
        _, first, last, meant = best
        start, end = run[first].start, run[last].end
        if text.startswith(meant, start) and (next_one := _next_meant(text, start + len(meant), run[last + 1 :], lexicon)):
            found.append(next_one)
        else:
            found.append(Correction(text[start:end], meant, start, end))
        at = last + 1
        while at < len(run) and run[at].start < found[-1].end:
            at += 1
    return found


def _next_meant(text: str, start: int, following: Sequence[Token], lexicon: Lexicon) -> Correction | None:
    """The slip that begins where a right word ends, though its first letters were cut off with that word."""
    for piece in following[: _MAX_JOINED - 1]:
        word = text[start : piece.end]
        meant = None if len(word) < MIN_CORRECTED or lexicon.is_word(word) else nearest(word, lexicon.thai, lexicon, 1.0)
        if meant:
            return Correction(word, meant, start, piece.end)
    return None


def _is_doubtful(term: str, lexicon: Lexicon) -> bool:
    """Whether a piece may be debris: no word at all, a single letter, or a short word that no text here has."""
    return len(term) == 1 or (not lexicon.in_repository(term) and (len(term) < _MAX_DEBRIS or not lexicon.is_word(term)))


def _thai_meant(word: str, pieces: Sequence[Token], lexicon: Lexicon) -> str | None:
    """The word that these pieces were cut from by an error, or `None`."""
    if len(word) < MIN_CORRECTED - 1 or lexicon.is_word(word) or _has_loose_end(pieces):
        return None
    strange = any(len(piece.term) == 1 or not lexicon.is_word(piece.term) for piece in pieces)
    meant = nearest(word, lexicon.thai, lexicon)
    if len(word) < MIN_CORRECTED:
        return meant if meant and distance(word, meant) < 1 else None
    if meant is None:
        return nearest(word, lexicon.thai_fallback, lexicon, FALLBACK) if strange else None
    if any(piece.term == meant for piece in pieces):
        return None  # a right word with debris beside it, which belongs to the next one
    if not strange and (len(pieces) < 2 or distance(word, meant) > 1.0 or lexicon.weight(meant) < 2):
        return None  # all pieces are words: only a rare pair that is nearly a common word is a slip
    return meant


def _has_loose_end(pieces: Sequence[Token]) -> bool:
    """Whether the first or the last of several pieces is a common little word, which is no debris."""
    ends = (pieces[0].term, pieces[-1].term)
    return len(pieces) > 1 and any(term in _FUNCTION_WORDS for term in ends)


def nearest(word: str, choices: Sequence[str], lexicon: Lexicon, most: float | None = None) -> str | None:
    """The choice that `word` is most likely a slip of, or `None` where none is near enough (`most` is the farthest)."""
    limit = 1 if len(word) < 6 else 2
    near = process.extract(word, choices, scorer=OSA.distance, score_cutoff=limit, limit=_CHOICES)
    ranked = sorted(
        (distance(word, choice), -lexicon.weight(choice), choice) for choice, _, _ in near if _same_start(word, choice)
    )
    if not ranked or ranked[0][0] > (_allowed(word) if most is None else most):
        return None
    return ranked[0][2]


def distance(word: str, other: str) -> float:
    """Optimal string alignment distance; a Thai slip between letters of one sound or in a tone mark counts half."""
    if word.isascii():
        return float(OSA.distance(word, other))
    plain, plain_other = (_TONES.sub("", text).translate(_SAME) for text in (word, other))
    return (OSA.distance(word, other) + OSA.distance(plain, plain_other)) / 2


def _allowed(word: str) -> float:
    """The distance up to which a word of this length is read as another one."""
    return 1.0 if len(word) < 8 else 2.0


def _same_start(word: str, other: str) -> bool:
    """Slips seldom fall on the first letter; in Thai it may be one of the same sound, or after a leading vowel."""
    if word.isascii():
        return word[0] == other[0] or word[:2] == other[1::-1]
    first, second = (_TONES.sub("", text).translate(_SAME).lstrip("เแโไ")[:1] for text in (word, other))
    return first == second
