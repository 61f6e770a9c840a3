"""Suggestions while a question is typed: titles, terms, questions and agencies, in both scripts.

An entry is found by the beginning of any of its words. What is compared leaves out capitals, blanks, full stops, hyphens and
Thai tone marks, so that `กพร` finds ก.พ.ร., `doitung` finds Doi Tung, and a tone mark that is not typed yet hides nothing. The
leading vowels เ แ โ ใ ไ stand before their consonant in memory as on the keyboard; a reader who leaves one out still finds the
word, as long as nothing else begins that way.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import VectorIndexError
from kb.text.normalise import normalise
from kb.text.segment import Segmenter

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENTRIES, ORDER = "suggestions.json", "suggestions.npy"
"""The files beside the vector index."""

KINDS = ("term", "title", "agency", "question")
"""What is suggested, in the order in which entries that begin alike are shown."""

MAX_TYPED = 100
"""Characters of what is typed that are read."""

_KEY_LENGTH = 40
_SCANNED = 2000
"""Entries that are looked at for one beginning; only beginnings of one or two letters have more."""

_IGNORED = re.compile("[\\s.\\-'\"()/,:;\u0e47-\u0e4e]+")
_LEADING_VOWELS = "เแโใไ"


@dataclass(frozen=True)
class Entry:
    """Something to suggest: the text, its counterpart in the other language, and the record it leads to, if any."""

    text: str
    other: str
    kind: str
    language: str
    record: str | None = None
    weight: int = 1


_FIELDS = tuple(field.name for field in fields(Entry))


Beginnings = tuple[str, tuple[int, ...]]
"""The key of a text, and the offsets in it at which words begin."""


class Suggester:
    """Entries ordered by the beginnings of their words: `order` has a row (entry, offset in its key) for each beginning."""

    def __init__(self, entries: Sequence[Entry], order: NDArray[np.int32], keys: Sequence[str] | None = None) -> None:
        self._entries = entries
        self._keys = [key_of(entry.text) for entry in entries] if keys is None else keys
        self._order = order

    def suggest(self, typed: str, limit: int = 8) -> list[Entry]:
        """The best entries that what is typed is a beginning of; nothing for an empty text."""
        wanted = key_of(typed[:MAX_TYPED])[:_KEY_LENGTH]
        if not wanted:
            return []
        found = self._beginning(wanted, typed, limit)
        if not found and "\u0e01" <= wanted[0] <= "\u0e2e":
            found = [entry for vowel in _LEADING_VOWELS for entry in self._beginning(vowel + wanted, typed, limit)][:limit]
        return found

    def _beginning(self, wanted: str, typed: str, limit: int) -> list[Entry]:
        first = bisect_left(self._order, wanted, key=self._suffix)
        literal = normalise(typed).strip().lower()
        ranked: dict[str, tuple[tuple[int, int, int, int, int, str], Entry]] = {}
        for at in range(first, min(first + _SCANNED, len(self._order))):
            number, offset = self._order[at]
            if not self._keys[number].startswith(wanted, offset):
                break
            entry = self._entries[number]
            rank = (
                int(offset > 0),
                int(literal not in entry.text.lower()),
                KINDS.index(entry.kind),
                -entry.weight,
                len(entry.text),
                entry.text,
            )
            known = ranked.get(entry.text)
            if known is None or rank < known[0]:
                ranked[entry.text] = (rank, entry)
        return [entry for _, entry in sorted(ranked.values(), key=lambda item: item[0])[:limit]]

    def _suffix(self, row: NDArray[np.int32]) -> str:
        number, offset = row
        return str(self._keys[number][offset : offset + _KEY_LENGTH])


def key_of(text: str) -> str:
    """What is compared of a text."""
    return _IGNORED.sub("", normalise(text).lower())


def build(
    entries: Iterable[Entry], segmenter: Segmenter, known: dict[str, Beginnings] | None = None
) -> tuple[list[Entry], NDArray[np.int32]]:
    """Entries, each once, and the order of the beginnings of their words.

    `known` is filled with what was found of each text, and saves finding it again at the next build with the same segmenter.
    """
    kept = list(dict.fromkeys(entries))
    known = {} if known is None else known
    rows = []
    for number, entry in enumerate(kept):
        if entry.text not in known:
            known[entry.text] = _beginnings(entry.text, segmenter)
        key, starts = known[entry.text]
        rows += [(key[offset : offset + _KEY_LENGTH], number, offset) for offset in starts]
    for text in known.keys() - {entry.text for entry in kept}:
        del known[text]
    rows.sort()
    order = np.array([(number, offset) for _, number, offset in rows], dtype=np.int32).reshape(-1, 2)
    return kept, order


def _beginnings(text: str, segmenter: Segmenter) -> Beginnings:
    normal = normalise(text).lower()
    key = _IGNORED.sub("", normal)
    starts = {len(_IGNORED.sub("", normal[: token.start])) for token in segmenter.tokens(normal)}
    return key, tuple(sorted(starts | {0} if key else starts))


def write(
    folder: Path, entries: Sequence[Entry], order: NDArray[np.int32], known: Mapping[str, Beginnings] | None = None
) -> None:
    """Write suggestions beside an index; `known` saves finding keys that were found already."""
    known = known or {}
    rows = [
        [known[entry.text][0] if entry.text in known else key_of(entry.text), *(getattr(entry, name) for name in _FIELDS)]
        for entry in entries
    ]
    (folder / ENTRIES).write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    np.save(folder / ORDER, order, allow_pickle=False)


def read(folder: Path) -> Suggester:
    """The suggestions beside an index; raises `VectorIndexError` where they are missing or damaged."""
    entries, order, keys = _read(folder)
    return Suggester(entries, order, keys)


def beginnings(folder: Path) -> dict[str, Beginnings]:
    """What `build` found of each text of the suggestions beside an index; raises `VectorIndexError`."""
    entries, order, keys = _read(folder)
    starts: list[list[int]] = [[] for _ in entries]
    for number, offset in order.tolist():
        starts[number].append(offset)
    return {entry.text: (key, tuple(sorted(at))) for entry, key, at in zip(entries, keys, starts, strict=True)}


def _read(folder: Path) -> tuple[list[Entry], NDArray[np.int32], list[str]]:
    try:
        rows = json.loads((folder / ENTRIES).read_text("utf-8"))
        entries = [Entry(*row) for _, *row in rows]
        return entries, np.load(folder / ORDER, allow_pickle=False), [key for key, *_ in rows]
    except (OSError, ValueError, TypeError, EOFError) as exc:
        raise VectorIndexError(f"the suggestions in {folder} are missing or damaged; run: kb rebuild") from exc
