"""Places of words in a text, packed: for each word the gap since the end of the one before it, and its length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

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


def unpack_spans(packed: bytes) -> list[tuple[int, int]]:
    """The spans that `pack_spans` packed."""
    sums = list(accumulate(packed if packed.isascii() else _numbers(packed)))
    return list(zip(sums[::2], sums[1::2], strict=True))


def _numbers(packed: bytes) -> Iterator[int]:
    number, shift = 0, 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        if byte & _MORE:
            shift += 7
        else:
            yield number
            number, shift = 0, 0
