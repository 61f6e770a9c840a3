"""No cell is taken for a formula, and the mark that keeps it from that comes off again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cells import guarded, unguarded


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-5", "'-5"),
        ("+66", "'+66"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        (" =1", "' =1"),  # spreadsheets trim
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("น้ำ = 1", "น้ำ = 1"),
        ("'quoted'", "'quoted'"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(cell: str, safe: str) -> None:
    assert guarded(cell) == safe


@given(st.text(alphabet="'=+-@＝ \t\r\nก1", max_size=8) | st.text(max_size=20))
def test_a_text_comes_back_as_it_went(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text).lstrip(" ")[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n") or not guarded(text)
