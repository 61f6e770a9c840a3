"""Addresses that stay good: which id a record has now, and which records were withdrawn and why, from `corpus/moved.yaml`."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kb.errors import CorpusError
from kb.records import Bilingual
from kb.store import Store
from kb.yaml_lists import load_numbered_rows


@dataclass(frozen=True)
class Moved:
    """What became of an id: `to` is the id that the record has now, or `None` where it was withdrawn for a `reason`."""

    id: str
    day: date
    to: str | None = None
    reason: Bilingual = field(default_factory=lambda: Bilingual("", ""))
    line: int = 1


def moved_file(corpus: Path) -> Path:
    return corpus / "moved.yaml"


def load_moved(corpus: Path) -> dict[str, Moved]:
    """Old id -> what became of it; raises `CorpusError` for an entry that says too little or stands twice."""
    path = moved_file(corpus)
    if not path.exists():
        return {}
    found: dict[str, Moved] = {}
    for line, row in load_numbered_rows(path):
        moved = _entry(path, line, row)
        if moved.id in found:
            raise CorpusError(path, line, f"{moved.id} stands twice", "keep the entry that holds")
        found[moved.id] = moved
    return found


def _entry(path: Path, line: int, row: Mapping[str, Any]) -> Moved:
    if unknown := sorted(set(row) - {"id", "to", "day", "th", "en"}):
        raise CorpusError(path, line, f"unknown field {unknown[0]!r}", "use id, day, and either to or th and en")
    named, to, day = row.get("id"), row.get("to"), row.get("day")
    if not isinstance(named, str) or not named:
        raise CorpusError(path, line, "the entry has no id", "write the id that the record had")
    if not isinstance(day, date):
        raise CorpusError(path, line, f"{named} has no day", "write day: and a date such as 2026-05-31")
    reason = Bilingual(str(row.get("th") or ""), str(row.get("en") or ""))
    if to is None and not (reason.th and reason.en):
        raise CorpusError(path, line, f"{named} says neither where it is nor why it is gone", "write to:, or th: and en:")
    if to is not None and (not isinstance(to, str) or not to):
        raise CorpusError(path, line, f"{named} moved to no id", "write the id that the record has now")
    return Moved(named, day, to, reason, line)


def faults(moved: Mapping[str, Moved], living: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) with entries that lead nowhere: a chain, an id that is in use, a target that is not there."""
    for entry in moved.values():
        if entry.id in living:
            yield entry.line, f"{entry.id} is in use, so its entry is never read; remove the entry, or rename the record"
        if entry.to is None:
            continue
        if entry.to in moved:
            yield entry.line, f"{entry.id} moved to {entry.to}, which moved on; name the id that the record has now"
        elif entry.to not in living:
            yield entry.line, f"{entry.id} moved to {entry.to}, which is no practice here; mend the id"


class MovedRecords:
    """The entries of one corpus folder, read again when their file changes, so that a running server follows a renaming; and
    what was withdrawn at the desk of one database."""

    def __init__(self, corpus: Path, store: Store) -> None:
        self._corpus = corpus
        self._store = store
        self._lock = threading.Lock()
        self._stamp = -1
        self._entries: dict[str, Moved] = {}

    def find(self, record: str) -> Moved | None:
        """What became of an id, or `None`; raises `CorpusError` where the file cannot be read."""
        if buried := self._store.tombstone(record):
            return Moved(buried.id, buried.day, None, buried.reason)
        try:
            stamp = moved_file(self._corpus).stat().st_mtime_ns
        except OSError:
            return None
        with self._lock:
            if stamp != self._stamp:
                self._entries = load_moved(self._corpus)
                self._stamp = stamp
            return self._entries.get(record)
