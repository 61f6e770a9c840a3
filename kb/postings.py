"""The keyword index: for each word, the positions of the passages that hold it, with its weight in each.

The weights are those of BM25 (Robertson and others, 1994) but for the inverse document frequency, calculated when the index is
made, so that a question only adds up a few arrays. FTS5 calculates them for each match again, which took most of a search over
100,000 passages.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE, PIECES = "postings", "pieces"
"""Names of the keyword indexes beside the vectors: of whole words, and of the pieces of Thai ones."""

_ARRAYS = ("bounds", "norms", "positions", "weights")

K1, B = 1.2, 0.75
"""BM25's saturation of repeated words, and its share of the passage's length: FTS5's values, and those of most engines."""

_STEP = 50_000


@dataclass(frozen=True)
class Postings:
    """Words by number: from `bounds[number]` to `bounds[number + 1]` stand the passages that hold the word, in `positions`, and
    its saturated frequency in each, from 0 to K1 + 1, in `weights`. `norms` has the share of the length for each position."""

    numbers: dict[str, int]
    bounds: NDArray[np.int64]
    positions: NDArray[np.int32]
    weights: NDArray[np.float32]
    norms: NDArray[np.float32]

    @property
    def total(self) -> int:
        """How many passages there are."""
        return len(self.norms)

    def frequency(self, word: str) -> int:
        """In how many passages a word stands."""
        number = self.numbers.get(word)
        return 0 if number is None else int(self.bounds[number + 1] - self.bounds[number])

    def holding(self, word: str) -> NDArray[np.int32]:
        """Positions of the passages that hold a word."""
        return self._slice(self.positions, word)

    def weighted(self, word: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Positions of the passages that hold a word, and its weight in each."""
        return self.holding(word), self._slice(self.weights, word)

    def weight_of_one(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """The weight in these passages of something that stands there once: of a phrase, which has no postings."""
        return np.asarray((K1 + 1) / (1 + self.norms[positions]), dtype=np.float32)

    def _slice(self, values: NDArray, word: str) -> NDArray:  # type: ignore[type-arg]
        number = self.numbers.get(word)
        return values[:0] if number is None else values[self.bounds[number] : self.bounds[number + 1]]


def build_postings(passages: Iterable[tuple[str, str]], part_weight: float) -> Postings:
    """Index the words and the word parts of passages, in order of position; a part counts `part_weight` of a word."""
    numbers = _Numbers()
    number = numbers.__getitem__
    blocks = []
    words = array("i")
    counts = array("i")  # of each passage: its words, then its word parts
    for own, inside in passages:
        for text in (own, inside):
            before = len(words)
            words.extend(map(number, text.split()))
            counts.append(len(words) - before)
        if len(counts) % (2 * _STEP) == 0:
            blocks.append(_counted(words, counts, part_weight))
            words = array("i")
    blocks.append(_counted(words, counts, part_weight))
    lengths = np.frombuffer(counts, dtype=np.int32).reshape(-1, 2).sum(axis=1, dtype=np.int32)
    return _joined(dict(numbers), blocks, lengths)


class _Numbers(dict[str, int]):
    """Gives each new word the next number."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


_Block = tuple["NDArray[np.int32]", "NDArray[np.int32]", "NDArray[np.float32]"]


def _counted(words: array[int], counts: array[int], part_weight: float) -> _Block:
    """Word numbers, positions and frequencies of the last passages, each pair once, in order of word and position.

    `words` are those of the last passages; `counts` says of all passages how many words and parts each has.
    """
    passages = len(counts) // 2
    first = (passages - 1) // _STEP * _STEP if passages else 0
    own_and_parts = np.frombuffer(counts, dtype=np.int32)[2 * first :].copy()
    owners = np.repeat(np.repeat(np.arange(first, passages, dtype=np.int64), 2), own_and_parts)
    shares = np.repeat(np.tile(np.array([1.0, part_weight], dtype=np.float32), passages - first), own_and_parts)
    if not len(words):
        owners, shares = owners[:0], shares[:0]
    keys = np.frombuffer(words, dtype=np.int32).astype(np.int64) << 32 | owners
    unique, inverse = np.unique(keys, return_inverse=True)
    frequencies = np.bincount(inverse, shares, minlength=len(unique))
    return (unique >> 32).astype(np.int32), (unique & 0xFFFFFFFF).astype(np.int32), frequencies.astype(np.float32)


def _joined(numbers: dict[str, int], blocks: Sequence[_Block], lengths: NDArray[np.int32]) -> Postings:
    """All blocks as one; a word's postings follow one another in order of position, because the blocks do."""
    norms = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 1.0, 1e-9))
    counts = [np.bincount(words, minlength=len(numbers)) for words, _, _ in blocks]
    bounds = np.concatenate([[0], np.cumsum(np.sum(counts, axis=0))]).astype(np.int64)
    positions, weights = np.empty(bounds[-1], dtype=np.int32), np.empty(bounds[-1], dtype=np.float32)
    free = bounds[:-1].copy()
    for (words, owners, frequencies), count in zip(blocks, counts, strict=True):
        places = np.arange(len(words)) + np.repeat(free - (np.cumsum(count) - count), count)
        positions[places] = owners
        weights[places] = frequencies * (K1 + 1) / (frequencies + norms[owners])
        free += count
    return Postings(numbers, bounds, positions, weights, norms.astype(np.float32))


def files(name: str = WHOLE) -> tuple[str, ...]:
    """The files of a keyword index: its words, then its arrays."""
    return f"{name}.txt", *(f"{name}.{part}.npy" for part in _ARRAYS)


def write_postings(folder: Path, postings: Postings, name: str = WHOLE) -> None:
    """Write a keyword index into an index folder."""
    words, *arrays = files(name)
    (folder / words).write_text("\n".join(postings.numbers), encoding="utf-8")
    for file, part in zip(arrays, _ARRAYS, strict=True):
        np.save(folder / file, getattr(postings, part), allow_pickle=False)


def read_postings(folder: Path, name: str = WHOLE) -> Postings:
    """The keyword index in an index folder, its long arrays mapped and not read; raises `OSError` or `ValueError`."""
    words, *arrays = files(name)
    text = (folder / words).read_text(encoding="utf-8")
    bounds, norms = (np.load(folder / file, allow_pickle=False) for file in arrays[:2])
    mapped: Any = "r" if bounds[-1] else None  # nothing cannot be mapped
    positions, weights = (np.load(folder / file, mapped, allow_pickle=False) for file in arrays[2:])
    numbers = {word: number for number, word in enumerate(text.split("\n"))} if text else {}
    return Postings(numbers, bounds, np.asarray(positions), np.asarray(weights), norms)
