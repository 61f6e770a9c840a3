"""Words of Thai, English and other text, with their places in the normalised text.

Thai goes through PyThaiNLP's newmm with a word list of its own (PyThaiNLP's dictionary and the termbase); other scripts are
cut at everything that is not a letter, mark or digit. Lao, Khmer and Burmese, which nothing here can segment, become
overlapping pairs of character clusters, so that they can at least be found.
"""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakMethod

import regex

from kb.text.normalise import normalise

if TYPE_CHECKING:
    from pythainlp.util import Trie

_Found = TypeVar("_Found")

_RUN = regex.compile(
    r"(?P<thai>[\u0e01-\u0e3a\u0e40-\u0e4e]+)"
    r"|(?P<cluster>[\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\uaa60-\uaa7f]+)"
    r"|(?P<number>\d[\d,]*\d(?:\.\d+)?|\d(?:\.\d+)?)"
    r"|(?P<word>[^\W\d_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+(?:'[^\W\d_]{1,2}\b)?\d*)"
)
_CLUSTER = regex.compile(r"\X")
_ACRONYM = regex.compile(
    r"(?<![\p{L}\p{M}])(?:[\u0e01-\u0e2e]{1,3}\.){2,}"  # รพ.สต.
    r"|[\u0e01-\u0e2e]\.(?:[\u0e01-\u0e2e]\.)+"  # ก.พ.ร., also where a word stands right before it
    r"|(?<![\p{L}\p{M}])[\u0e01-\u0e2e]\.(?:\s[\u0e01-\u0e2e]\.)+"  # ก. พ. ร.; อสม. กทม. are two
    r"|(?<![\p{L}\p{M}])(?:[A-Za-z]\.){2,}"
    r"|(?<!\p{L})[A-Z]?\d+[A-Z][a-z]?(?!\p{L})"
)
_FEW_CHARACTERS = 2000
"""Thai characters that are cut with small tries before the whole dictionary is read in."""

_SHORT, _LATELY = 500, 32
"""Characters of the texts whose words are kept for a while, and how many of them: reading one question takes several looks."""

_PARTS_KEPT = 65536
"""Long words whose parts or pieces are kept."""

_NO_WORD = "-"
"""Keeps a trie from being empty: PyThaiNLP takes its own dictionary in place of an empty one."""

_MIN_PART = 3
_MIN_WHOLE = 6


@dataclass(frozen=True)
class Token:
    """One word: `term` is the form that is indexed, `start` and `end` its place in the normalised text."""

    term: str
    start: int
    end: int
    thai: bool = False


class Segmenter:
    """Cuts normalised text into words, and long words into their parts.

    `extra_words` are added to the dictionary: Thai terms of the termbase that must stay whole.
    """

    def __init__(self, extra_words: Iterable[str] = ()) -> None:
        self.own_words = frozenset(normalise(word).replace(" ", "") for word in extra_words)
        self._trie_made: Trie | None = None
        self._characters = 0
        # kept with the segmenter and gone with it: its dictionary takes a hundred megabytes
        self._lately = lru_cache(maxsize=_LATELY)(_unowned(self._cut))
        self._parts = lru_cache(maxsize=_PARTS_KEPT)(_unowned(self._parts_of))
        self._pieces = lru_cache(maxsize=_PARTS_KEPT)(_pieces)

    def _trie(self, text: str) -> Trie:
        """A trie with every word that may stand in `text`.

        Making that of the whole dictionary takes as long as a search, so the first short texts get one of their own
        substrings; newmm and `_parts` look nothing else up.
        """
        from pythainlp.util import Trie

        self._characters += len(text)
        if self._trie_made is None and self._characters <= _FEW_CHARACTERS:
            ends = range(len(text) + 1)
            substrings = (text[start:end] for start in ends for end in ends[start + 1 : start + 1 + self._longest])
            return Trie([*(word for word in substrings if word in self._words), _NO_WORD])
        return self._whole_trie()

    def _whole_trie(self) -> Trie:
        from pythainlp.util import Trie

        if self._trie_made is None:
            collecting = gc.isenabled()
            gc.disable()  # half a million nodes and no garbage: looking through them again and again takes most of the time
            try:
                self._trie_made = Trie(self._words)
                gc.freeze()  # and what stays needs no looking through later either
            finally:
                if collecting:
                    gc.enable()
        return self._trie_made

    def warm(self) -> None:
        """Read the whole dictionary in, so that no later text waits for it."""
        self._whole_trie()

    @cached_property
    def _words(self) -> frozenset[str]:
        from pythainlp.corpus import thai_words

        return frozenset(thai_words() | {word for word in self.own_words if _is_thai(word)})

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._words))

    def tokens(self, text: str) -> list[Token]:
        """Words of `text`, which is in normal form, in order. Punctuation is left out."""
        return list(self._lately(text) if len(text) <= _SHORT else self._tokens(text))

    def _cut(self, text: str) -> tuple[Token, ...]:
        return tuple(self._tokens(text))

    def _tokens(self, text: str) -> Iterator[Token]:
        at = 0
        for acronym in _ACRONYM.finditer(text):
            yield from self._plain(text, at, acronym.start())
            term = re.sub(r"[.\s]", "", acronym.group()).lower()
            yield Token(term, acronym.start(), acronym.end(), _is_thai(term))
            at = acronym.end()
        yield from self._plain(text, at, len(text))

    def _plain(self, text: str, start: int, end: int) -> Iterator[Token]:
        for run in _RUN.finditer(text, start, end):
            kind = run.lastgroup
            if kind == "thai":
                yield from self._thai(run.group(), run.start())
            elif kind == "cluster":
                yield from _clusters(run.group(), run.start())
            elif kind == "number":
                yield Token(run.group().replace(",", ""), run.start(), run.end())
            else:
                yield Token(stem(run.group()), run.start(), run.end())

    def _thai(self, run: str, start: int) -> Iterator[Token]:
        from pythainlp.tokenize import word_tokenize

        at = start
        for word in word_tokenize(run, custom_dict=self._trie(run), engine="newmm", keep_whitespace=True):
            end = at + len(word)
            if any("\u0e01" <= character <= "\u0e2e" for character in word):
                yield Token(word, at, end, thai=True)
            at = end

    def parts(self, token: Token) -> tuple[str, ...]:
        """Dictionary words inside a long Thai word, beginning and ending at character clusters, each once.

        ความเหลื่อมล้ำ has the part เหลื่อมล้ำ, so that a reader who leaves the prefix out still finds it.
        """
        if not token.thai or len(token.term) < _MIN_WHOLE:
            return ()
        return self._parts(token.term)

    def _parts_of(self, word: str) -> tuple[str, ...]:
        return _parts(word, self._trie(word))

    def pieces(self, word: str) -> tuple[str, ...]:
        """The smallest dictionary words that an indexed word is made of, in order; one without smaller words is its own piece.

        ผู้สูงอายุ has the pieces ผู้, สูง and อายุ. Terms of the termbase are taken apart too.
        """
        return self._pieces(word) if len(word) >= _MIN_WHOLE and _is_thai(word) else (word,)


def _unowned(method: Callable[[str], tuple[_Found, ...]]) -> Callable[[str], tuple[_Found, ...]]:
    """A method for its own object to hold: through this the object does not keep itself alive."""
    owner = WeakMethod(method)

    def called(text: str) -> tuple[_Found, ...]:
        bound = owner()
        assert bound is not None
        return bound(text)

    return called


def stem(word: str) -> str:
    """The indexed form of a word in Latin script: lower case, English suffixes off; acronyms and names stay whole."""
    lowered = word.lower()
    if not lowered.isascii() or any(character.isdigit() for character in word):
        return lowered
    if word.isupper() and len(word) <= 6:
        return lowered
    return _english_stem(lowered.removesuffix("'s"))


@lru_cache(maxsize=65536)
def _english_stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


_STEMMERS = threading.local()
"""One for each thread: a stemmer keeps the word that it is at, and two threads would stem each other's."""


def _stemmer() -> Any:
    if not hasattr(_STEMMERS, "english"):
        import snowballstemmer

        _STEMMERS.english = snowballstemmer.stemmer("english")
    return _STEMMERS.english


def _parts(word: str, trie: Trie) -> tuple[str, ...]:
    """Dictionary words that lie on some way of cutting `word` wholly into shorter dictionary words."""
    from pythainlp.tokenize import tcc

    bounds = sorted({0, len(word)} | tcc.tcc_pos(word))
    ends = set(bounds)
    steps = [
        (start, start + len(part))
        for start in bounds[:-1]
        for part in trie.prefixes(word, start)
        if 1 < len(part) < len(word) and start + len(part) in ends
    ]
    from_start = {0}
    for start, end in sorted(steps):
        if start in from_start:
            from_start.add(end)
    to_end = {len(word)}
    for start, end in sorted(steps, key=lambda step: -step[1]):
        if end in to_end:
            to_end.add(start)
    found = [word[start:end] for start, end in steps if start in from_start and end in to_end]
    return tuple(dict.fromkeys(part for part in found if len(part) >= _MIN_PART))


def _pieces(word: str) -> tuple[str, ...]:
    """A Thai word cut by newmm with only those dictionary words that hold no smaller ones."""
    from pythainlp.tokenize import word_tokenize
    from pythainlp.util import Trie

    ends = range(len(word) + 1)
    inside = {word[start:end] for start in ends for end in ends[start + 1 :]}
    small = Trie([*(part for part in inside if _is_small(part)), _NO_WORD])
    return tuple(word_tokenize(word, custom_dict=small, engine="newmm"))


@lru_cache(maxsize=65536)
def _is_small(word: str) -> bool:
    """Whether this is a dictionary word that cannot be cut wholly into shorter ones of at least `_MIN_PART` characters."""
    from pythainlp.corpus import thai_words

    words = thai_words()
    if word not in words:
        return False
    reached = [0]
    for end in range(_MIN_PART, len(word) + 1):
        if any(_MIN_PART <= end - start < len(word) and word[start:end] in words for start in reached):
            reached.append(end)
    return reached[-1] < len(word)


def _clusters(run: str, start: int) -> Iterator[Token]:
    pieces = [(start + match.start(), start + match.end()) for match in _CLUSTER.finditer(run)]
    if len(pieces) == 1:
        yield Token(run, start, start + len(run))
    for (first, _), (_, last) in pairwise(pieces):
        yield Token(run[first - start : last - start], first, last)


def _is_thai(text: str) -> bool:
    return any("\u0e01" <= character <= "\u0e2e" for character in text)
