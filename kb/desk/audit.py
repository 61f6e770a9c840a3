"""The audit log: who did what to what and when. Rows are added and never changed; the database itself refuses it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kb.cells import guarded
from kb.desk.clock import Clock, present, stamp
from kb.desk.rights import Actor
from kb.store import Store

_COLUMNS = "id, made, account, actor, action, target, detail"

SYSTEM = "system"
"""The actor of what no person did, such as an expired verification."""


@dataclass(frozen=True)
class Line:
    """One line of the log; `detail` is JSON."""

    id: int
    made: str
    account: int | None
    actor: str
    action: str
    target: str
    detail: str


class Audit:
    """The log of one database. `write` belongs into the transaction of what it tells of."""

    def __init__(self, store: Store, clock: Clock = present) -> None:
        self._store = store
        self._clock = clock

    def write(self, actor: Actor | None, action: str, target: str, **detail: Any) -> None:
        """Add a line. `detail` holds plain values and no secrets."""
        row = {
            "made": stamp(self._clock()),
            "account": actor.id if actor else None,
            "actor": getattr(actor, "email", SYSTEM),
            "action": action,
            "target": target,
            "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True),
        }
        with self._store.transaction():
            self._store.database.table("audit").insert(row)

    def lines(self, target: str | None = None, before: int | None = None, limit: int = 100) -> list[Line]:
        """The newest lines first; `before` is the id to go on from."""
        wanted, values = ["1"], []
        if target is not None:
            wanted.append("target = ?")
            values.append(target)
        if before is not None:
            wanted.append("id < ?")
            values.append(str(before))
        sql = f"SELECT {_COLUMNS} FROM audit WHERE {' AND '.join(wanted)} ORDER BY id DESC LIMIT ?"
        return [Line(*row) for row in self._store.database.execute(sql, [*values, limit])]

    def export(self) -> Iterator[str]:
        """The whole log as CSV, oldest line first, a piece at a time. Cells that a spreadsheet would run are made harmless."""
        yield _csv(("id", "made", "account", "actor", "action", "target", "detail"))
        for row in self._store.database.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY id"):
            yield _csv(row)


def _csv(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()
