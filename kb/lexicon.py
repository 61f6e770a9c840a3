"""The words that are known: those of the repository, which decide, and those of the dictionaries, which are never "corrected".

The repository's own words are derived from its passages whenever the index is made, and lie beside it; see `build_words`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

from kb.errors import VectorIndexError
from kb.postings import Postings
from kb.store import Store
from kb.text.sounds import latin_skeletons

WORDS = "words.json"
"""The file beside the vector index."""

_LATIN = re.compile(r"[A-Za-z][A-Za-z'-]*[A-Za-z]")
_SPLIT = re.compile(r"[-']")


@dataclass(frozen=True)
class Lexicon:
    """Words of the repository with the number of passages that hold each, in lower case; Latin words as they are written."""

    counts: Mapping[str, int]
    extra: frozenset[str] = frozenset()
    """Words of the termbase and of the lists of names."""

    def in_repository(self, word: str) -> bool:
        """Whether the word is the repository's own: a text holds it, or a name or term does."""
        return word in self.counts or word in self.extra

    def is_word(self, word: str) -> bool:
        """Whether the word, in lower case, is known at all."""
        if self.in_repository(word):
            return True
        return word in (english_words() if word.isascii() else thai_dictionary())

    def weight(self, word: str) -> int:
        """How common a word is here: passages that hold it; a term that no passage holds counts as one."""
        return self.counts.get(word, 1 if word in self.extra else 0)

    @cached_property
    def thai(self) -> tuple[str, ...]:
        """The repository's Thai words of three letters or more."""
        return tuple(word for word in self._all if len(word) > 2 and "\u0e01" <= word[0] <= "\u0e5b")

    @cached_property
    def thai_fallback(self) -> tuple[str, ...]:
        """All Thai words of four letters or more: for a piece that is no word, where the repository has nothing near."""
        return tuple(word for word in sorted(thai_dictionary()) if len(word) > 3)

    @cached_property
    def latin(self) -> tuple[str, ...]:
        """The repository's words in Latin letters of three letters or more."""
        return tuple(word for word in self._all if len(word) > 2 and word[0].isascii())

    @cached_property
    def by_skeleton(self) -> Mapping[str, Sequence[str]]:
        """The same by their skeleton, for spellings of another script that sound alike; see `kb.text.sounds`."""
        found: dict[str, list[str]] = {}
        words = [word for word in self.latin if word.isalpha()]
        for word, skeleton in zip(words, latin_skeletons(words), strict=True):
            found.setdefault(skeleton, []).append(word)
        return found

    @property
    def _all(self) -> list[str]:
        return sorted(set(self.counts) | self.extra)


def latin_words(text: str) -> set[str]:
    """Words in Latin letters in lower case, with the parts of those that a hyphen or an apostrophe joins."""
    found = set(_LATIN.findall(text.lower()))
    joined = [word for word in found if not word.isalpha()]
    return found.union(part for word in joined for part in _SPLIT.split(word) if len(part) > 1) if joined else found


def build_words(store: Store, postings: Postings) -> dict[str, int]:
    """Count the repository's words: in Thai those of the keyword index, in Latin letters those of the texts themselves.

    The keyword index holds English stems, and nobody wants `govern` proposed for `goverment`.
    """
    counts = {word: postings.frequency(word) for word in postings.numbers if not word.isascii()}
    latin: Counter[str] = Counter()
    for text in store.texts():
        latin.update(latin_words(text))
    return counts | dict(latin)


def write_words(path: Path, counts: Mapping[str, int]) -> None:
    path.write_text(json.dumps(dict(sorted(counts.items())), ensure_ascii=False), encoding="utf-8")


def read_words(path: Path) -> dict[str, int]:
    """The words beside an index; raises `VectorIndexError` where the file is damaged."""
    try:
        return {str(word): int(count) for word, count in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, TypeError, AttributeError) as exc:
        raise VectorIndexError(f"{path} is missing or damaged; run: kb rebuild") from exc


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """English words in lower case: the frequency list that symspellpy ships."""
    return frozenset(_english_counts())


_COMMON_IN_ENGLISH = 1_000_000


@lru_cache(maxsize=1)
def common_english_words() -> frozenset[str]:
    """Those of them that are common, names left out as far as they are rare."""
    return frozenset(word for word, count in _english_counts().items() if count >= _COMMON_IN_ENGLISH)


@lru_cache(maxsize=1)
def _english_counts() -> dict[str, int]:
    path = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")
    rows = (line.split(" ") for line in path.read_text(encoding="utf-8-sig").splitlines())
    return {word: int(count) for word, count in rows}


@lru_cache(maxsize=1)
def thai_dictionary() -> frozenset[str]:
    """Thai words: PyThaiNLP's dictionary."""
    from pythainlp.corpus import thai_words

    return frozenset(thai_words())


_COMMON_IN_BOOKS = 30
_COMMON_ANYWHERE = 300


@lru_cache(maxsize=1)
def common_thai_words() -> frozenset[str]:
    """Words of everyday Thai: those of the dictionary that PyThaiNLP's counts of books or of the national corpus have often."""
    books, anywhere = _often("ttc_freq.txt", _COMMON_IN_BOOKS), _often("tnc_freq.txt", _COMMON_ANYWHERE)
    return thai_dictionary() & (books | anywhere)


def _often(file: str, least: int) -> set[str]:
    """Words that one of PyThaiNLP's counts has at least so often. Most lines are too rare to be taken apart."""
    from pythainlp.corpus import get_corpus

    digits = len(str(least))
    lines = (line for line in get_corpus(file) if line[-digits:].isdecimal())
    return {word for word, count in (line.rsplit("\t", 1) for line in lines) if int(count) >= least}


@lru_cache(maxsize=1)
def thai_stopwords() -> frozenset[str]:
    """Thai words that carry no meaning of their own: PyThaiNLP's list."""
    from pythainlp.corpus import thai_stopwords as stopwords

    return frozenset(stopwords())
