"""Packed spans: what goes in comes out, in as few bytes as its numbers need."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.spans import Spans, pack_spans

PACKED = [
    ([], b"", "no words"),
    ([(0, 3)], bytes([0, 3]), "a word at the start: no gap, then its length"),
    ([(2, 5), (6, 6 + 4)], bytes([2, 3, 1, 4]), "gaps count from the end of the word before"),
    ([(5, 5)], bytes([5, 0]), "an empty span keeps its place"),
    ([(2**7 - 1, 2**7)], bytes([0x7F, 1]), "the largest gap that fits into one byte"),
    ([(2**7, 2**7 + 1)], bytes([0x80, 1, 1]), "one more takes two, the low bits first"),
    ([(2**14, 2**14 + 2**7)], bytes([0x80, 0x80, 1, 0x80, 1]), "a gap of three bytes, a length of two"),
]


@pytest.mark.parametrize(("spans", "packed", "reason"), PACKED, ids=[row[2] for row in PACKED])
def test_packed_form(spans: list[tuple[int, int]], packed: bytes, reason: str) -> None:
    assert pack_spans(spans) == packed
    assert list(Spans(packed)) == spans


def _spans(numbers: list[int]) -> list[tuple[int, int]]:
    """Half-open spans whose gaps and lengths are these numbers."""
    return list(pairwise([0, *accumulate(numbers)]))[1::2]


@given(st.lists(st.integers(0, 2**21)).map(_spans))
def test_spans_come_out_as_they_went_in(spans: list[tuple[int, int]]) -> None:
    assert list(Spans(pack_spans(spans))) == spans


@given(st.lists(st.tuples(st.integers(0, 2**7 - 1), st.integers(0, 2**7 - 1))))
def test_words_close_to_one_another_take_two_bytes_each(pairs: list[tuple[int, int]]) -> None:
    spans = _spans([number for pair in pairs for number in pair])
    assert len(pack_spans(spans)) == 2 * len(pairs)


def test_half_a_span_is_an_error_and_no_guess() -> None:
    with pytest.raises(ValueError, match="half a span"):
        Spans(pack_spans([(0, 3)])[:1])
