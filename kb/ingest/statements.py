"""The statements of a face: the words that a claim's mark (`[^3]`) stands after."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.ingest.passages import tidy
from kb.records import Face

CITATION = re.compile(r"\[\^(\d+)\]")
LONGEST_STATEMENT = 260
_SHORTEST_STATEMENT = 12


def statements(face: Face) -> dict[int, str]:
    """Claim number -> the words that it stands after where it is cited first, as plain text; of long ones the end."""
    found: dict[int, str] = {}
    for number, words in _cited(face):
        found.setdefault(number, _shortened(words))
    return found


def all_statements(face: Face) -> dict[int, tuple[str, ...]]:
    """Claim number -> its statements in a face in full, one for each place where it is cited."""
    found: dict[int, tuple[str, ...]] = {}
    for number, words in _cited(face):
        found[number] = (*found.get(number, ()), words)
    return found


def _cited(face: Face) -> Iterator[tuple[int, str]]:
    """(claim, the words before its mark) in the order of the text."""
    for text in face.sections.values():
        for line in text.split("\n"):
            words, at = "", 0
            for cited in CITATION.finditer(line):
                between = tidy(line[at : cited.start()]).lstrip(" ,.;·")
                words = between if len(between) >= _SHORTEST_STATEMENT else words or between
                yield int(cited[1]), words
                at = cited.end()


def _shortened(words: str) -> str:
    """The end of a long statement, from a blank on: the figure stands there."""
    if len(words) <= LONGEST_STATEMENT:
        return words
    blank = words.find(" ", len(words) - LONGEST_STATEMENT)
    return "… " + words[blank + 1 if blank > 0 else -LONGEST_STATEMENT :]
