"""Rules for the list of ids that moved or were withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kb.lint.entry import Finding, Surroundings
from kb.moved import faults, load_moved, moved_file


def moves_lead_somewhere(known: Surroundings, corpus: Path) -> Iterator[Finding]:
    """No chain, no id that is in use, and a target that exists."""
    for line, message in faults(load_moved(corpus), known.ids):
        yield Finding(moved_file(corpus), line, message)
