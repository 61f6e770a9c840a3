"""Places of words in a text, packed: for each word the gap since the end of the one before it, and its length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MORE = 0x80


def pack_spans(spans: Iterable[tuple[int, int]]) -> bytes:
    """Pack half-open spans, in order and without overlaps, as variable-length numbers of seven bits a byte."""
    packed = bytearray()
    at = 0
    for start, end in spans:
        for number in (start - at, end - start):
            while number >= _MORE:
                packed.append(number % _MORE | _MORE)
                number //= _MORE
            packed.append(number)
        at = end
    return bytes(packed)


class Spans(Sequence[tuple[int, int]]):
    """The spans that `pack_spans` packed. Of many passages few places are asked for, so a span is made when it is."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._length, half = divmod(len(packed) if packed.isascii() else sum(byte < _MORE for byte in packed), 2)
        if half:
            raise ValueError("half a span is missing")

    def __len__(self) -> int:
        return self._length

    @cached_property
    def _sums(self) -> list[int]:
        """Where each span starts and ends, one after the other."""
        numbers = np.frombuffer(self._packed, dtype=np.uint8)
        return np.cumsum(numbers if self._packed.isascii() else _numbers(numbers)).tolist()  # type: ignore[no-any-return]

    @overload
    def __getitem__(self, place: int) -> tuple[int, int]: ...

    @overload
    def __getitem__(self, place: slice) -> list[tuple[int, int]]: ...

    def __getitem__(self, place: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = 2 * range(self._length)[place]
        return self._sums[at], self._sums[at + 1]


def placed(joined: str, packed: bytes) -> tuple[list[str], Spans]:
    """The indexed words of a passage's text, and where they stand in it, from how both are stored.

    `joined` are the words joined by blanks; those of the context come first among them, and have no place.
    """
    spans, words = Spans(packed), joined.split()
    return words[len(words) - len(spans) :], spans


def _numbers(packed: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The numbers of which some take several bytes, seven bits in each, the low ones first."""
    last = np.flatnonzero(packed < _MORE)
    first = np.concatenate([[0], last[:-1] + 1])
    shifts = 7 * (np.arange(last[-1] + 1) - np.repeat(first, last - first + 1)) if len(last) else last
    return np.add.reduceat((packed[: len(shifts)] & (_MORE - 1)).astype(np.int64) << shifts, first) if len(last) else last
