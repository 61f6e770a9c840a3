"""Cells of tables that people open in a spreadsheet program, which takes some texts for formulas."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[' ]*[=+\-@＝＋－＠\t\r\n]")
_GUARDED = re.compile(r"'[' ]*[=+\-@＝＋－＠\t\r\n]")


def guarded(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula; `unguarded` takes the mark off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text of a cell, without the mark."""
    return text[1:] if _GUARDED.match(text) else text
