"""Where lines of Thai may break: at the words that the repository's own segmenter finds, so that names stay whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pythainlp.tokenize import word_tokenize
from pythainlp.util import Trie

from kb.text.segment import Segmenter, Token

LONGEST = 18
"""Characters of a word that is kept whole; longer ones may break between their parts, for narrow columns."""

_ERA = re.compile(r"(?:พ\.ศ\.|ค\.ศ\.) ?[0-9๐-๙]{4}")
_TAIL = re.compile(r" ?ๆ|ฯลฯ|ฯ")
_THAI = re.compile("[\u0e01-\u0e2e]")

Piece = tuple[str, bool]
"""A stretch of text, and whether a line must not break in it."""


@lru_cache(maxsize=1024)
def pieces(text: str, segmenter: Segmenter) -> tuple[Piece, ...]:
    """The text in stretches: Thai words of more than one letter, eras with their year, and what lies between."""
    if not _THAI.search(text):
        return ((text, False),) if text else ()
    found: list[Piece] = []
    at = 0
    for start, end in _whole(text, segmenter):
        if start > at:
            found.append((text[at:start], False))
        found.append((text[start:end], end - start <= LONGEST))
        at = end
    if at < len(text):
        found.append((text[at:], False))
    return tuple(found)


def _whole(text: str, segmenter: Segmenter) -> Iterator[tuple[int, int]]:
    """Places of what stays whole, in order and without overlap."""
    eras = {match.start(): match.end() for match in _ERA.finditer(text)}
    tokens = segmenter.tokens(text)
    alone = {token.start: token.end for token in tokens if token.thai and len(token.term) == 1}
    done = 0
    for token in tokens:
        if token.start < done:
            continue
        if token.start in eras:
            done = eras[token.start]
            yield token.start, done
        elif token.thai and token.end - token.start > 1:
            done = alone.get(token.end, token.end)  # a letter that the dictionary left over, as in แอ ป
            tail = _TAIL.match(text, done)
            done = tail.end() if tail else done
            yield from _parts(token, done, segmenter)


def _parts(token: Token, end: int, segmenter: Segmenter) -> Iterator[tuple[int, int]]:
    """The word as one, or its parts where it is long: ระบบ, สารสนเทศ and ภูมิศาสตร์."""
    parts = segmenter.parts(token) if token.end - token.start > LONGEST else ()
    if not parts:
        yield token.start, end
        return
    at = token.start
    words = word_tokenize(token.term, custom_dict=Trie(parts), engine="newmm", keep_whitespace=True)
    for number, word in enumerate(words, 1):
        stop = end if number == len(words) else at + len(word)
        yield at, stop
        at = stop
