"""What a table would do, told before anything is done: new cases, differences by field, conflicts; and the plan to do it.

Only fields whose cell says something else than an export would say now are changed, so what a table cannot hold (space at the
end of a text) stays. A row that was exported from an older state than the present one and changes something is a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kb.desk.table import HASH, Problem, Row, Table, state_of
from kb.desk.table_cells import CellError
from kb.desk.table_columns import COLUMNS, practice_of, values_of, written
from kb.records import Bilingual, Practice


@dataclass(frozen=True)
class Difference:
    """One field that the table changes, as it stands in a cell before and after."""

    key: str
    heading: Bilingual
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """A row that changes a case. `known` says that it was exported from the present state; else nobody can tell."""

    row: int
    before: Practice
    after: Practice
    differences: tuple[Difference, ...]
    known: bool


@dataclass(frozen=True)
class Conflict:
    """A row that was exported from a state that is no longer there: the case was `changed` since, or is `gone`."""

    row: int
    id: str
    reason: Literal["changed", "gone"]
    differences: tuple[Difference, ...]
    before: Practice | None
    after: Practice


@dataclass(frozen=True)
class Step:
    """One case of a plan; `before` is `None` where it is new. Undoing is putting `before` back."""

    id: str
    before: Practice | None
    after: Practice


Plan = tuple[Step, ...]


@dataclass(frozen=True)
class Preview:
    """What a table would do; `unchanged` are ids, `problems` those of all cells."""

    new: tuple[Practice, ...]
    changed: tuple[Change, ...]
    unchanged: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    problems: tuple[Problem, ...]

    def plan(self, over: frozenset[str] = frozenset()) -> Plan:
        """New and changed cases in the table's order of each; conflicts only where `over` names their id."""
        return (
            *(Step(practice.id, None, practice) for practice in self.new),
            *(Step(change.after.id, change.before, change.after) for change in self.changed),
            *(Step(conflict.id, conflict.before, conflict.after) for conflict in self.conflicts if conflict.id in over),
        )


def preview(table: Table, present: Mapping[str, Practice]) -> Preview:
    """Compare a table with the practices as they are now, by id. Rows with problems are left out."""
    new: list[Practice] = []
    changed: list[Change] = []
    unchanged: list[str] = []
    conflicts: list[Conflict] = []
    problems = list(table.all_problems)
    for row in table.rows:
        if row.problems or row.practice is None:
            continue
        before = present.get(row.id)
        if before is None:
            if row.exported:
                conflicts.append(Conflict(row.number, row.id, "gone", (), None, row.practice))
            else:
                new.append(row.practice)
            continue
        try:
            differences, after = _compared(row, before)
        except CellError as exc:
            problems.append(Problem(row.number, "", "verified_day", exc.message))
            continue
        if not differences:
            unchanged.append(row.id)
        elif row.exported and row.exported[:HASH] != state_of(before):
            conflicts.append(Conflict(row.number, row.id, "changed", differences, before, after))
        else:
            changed.append(Change(row.number, before, after, differences, bool(row.exported)))
    return Preview(tuple(new), tuple(changed), tuple(unchanged), tuple(conflicts), tuple(problems))


def _compared(row: Row, before: Practice) -> tuple[tuple[Difference, ...], Practice]:
    """What a row changes in a practice, and the practice with that changed."""
    values = values_of(before)
    was, now = written(values), written(row.values)
    differences = tuple(
        Difference(key, COLUMNS[key].heading, was[key], text) for key, text in now.items() if text != _as_read(was[key])
    )
    changes: dict[str, Any] = {difference.key: row.values[difference.key] for difference in differences}
    return differences, practice_of(values | changes) if changes else before


def _as_read(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
