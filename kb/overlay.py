"""What the desk changed in the lists of the corpus, kept in the database until `kb export` writes it into their files.

A list is `terms` (the termbase) or one of the taxonomy; a row is an entry as its file would hold it. A change keeps the row of
the file that it was made from, so that a file that was edited as well is seen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.errors import StoreError

TERMS = "terms"
"""The list of the termbase."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """An entry as the desk has it (`row`), and as the file had it (`base`); `None` where it was taken out, or not there yet."""

    row: Row | None
    base: Row | None

    def stands(self, written: Row | None) -> Row | None:
        """The row that holds, given the one that the file has now: a file edited after an export is the newer one."""
        return written if written != self.base and self.base == self.row else self.row

    def disputed(self, written: Row | None) -> bool:
        """Whether the file was edited too since the desk began, and differently."""
        return written not in (self.base, self.row) and self.base != self.row


Changes = Mapping[str, Mapping[str, Change]]
"""List -> id of an entry -> what the desk changed."""

NO_CHANGES: Changes = MappingProxyType({})


def overlaid(rows: Iterable[tuple[int, Row]], changes: Mapping[str, Change]) -> list[tuple[int, Row]]:
    """The numbered rows of a file with the desk's in their places; new ones come last, with the line of the last row."""
    return list(_overlaid(rows, changes))


def _overlaid(rows: Iterable[tuple[int, Row]], changes: Mapping[str, Change]) -> Iterator[tuple[int, Row]]:
    last, seen = 1, set()
    for line, row in rows:
        last, key = line, str(row.get("id"))
        change = changes.get(key)
        seen.add(key)
        held = change.stands(row) if change else row
        if held is not None:
            yield line, held
    for key, change in changes.items():
        added = change.stands(None) if key not in seen else None
        if added is not None:
            yield last, added


def read_changes(connection: sqlite3.Connection) -> Changes:
    """All changes of a database; none where it is from before there were any."""
    if not _has_table(connection):
        return NO_CHANGES
    changes: dict[str, dict[str, Change]] = {}
    for name, key, row, base in connection.execute("SELECT list, key, row, base FROM vocabulary ORDER BY revision"):
        changes.setdefault(name, {})[key] = Change(_row(row), _row(base))
    return changes


def read_state(connection: sqlite3.Connection) -> str:
    """Changes with every change that is saved."""
    if not _has_table(connection):
        return ""
    return str(connection.execute("SELECT count(*) || '/' || coalesce(max(id), 0) FROM vocabulary_revisions").fetchone()[0])


def changes_of(database: Path) -> tuple[str, Changes]:
    """State and changes of a database file; without the file there are none. Raises `StoreError`."""
    if not database.exists():
        return "", NO_CHANGES
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            connection.execute("BEGIN")  # both of one moment
            return read_state(connection), read_changes(connection)
    except sqlite3.Error as exc:
        raise StoreError(f"{database} cannot be read ({exc}); restore it from a backup") from exc


def _has_table(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'vocabulary_revisions'").fetchone()
    return found is not None


def _row(data: str | None) -> Row | None:
    return json.loads(data) if data is not None else None
