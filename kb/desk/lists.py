"""Termbase and taxonomy at the desk: every change is kept with who, when and why, and holds in all servers within seconds.

An entry is a row as its file would hold it. The file stays as it is until `kb export` writes the present rows into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.desk.audit import Audit
from kb.desk.clock import Clock, present, stamp
from kb.desk.entries import Entries
from kb.desk.rights import Action, Actor, State, require
from kb.errors import CorpusError, KbError
from kb.lint.entry import Surroundings
from kb.lint.whole import forms_are_told_apart
from kb.list_files import file_of
from kb.overlay import TERMS, Change, Changes, Row, overlaid, read_changes
from kb.records import Practice
from kb.store import Store
from kb.taxonomy import LISTS
from kb.termbase import TermEntry, termbase_file
from kb.vocabulary import Vocabulary
from kb.yaml_lists import load_numbered_rows

NAMES = (TERMS, *LISTS)
"""All lists that can be edited."""

OPEN = frozenset({TERMS, "regions", "priorities", "principles", "levels", "beneficiaries"})
"""Lists that may get new entries and lose old ones. Of the others only the wording can be changed: ids stand in the program."""

MAX_REASON = 1000


class ListError(KbError):
    """A change that cannot be saved; `values` fill the places of `message`."""

    def __init__(self, message: str, **values: str) -> None:
        self.message, self.values = message, values
        super().__init__(message.format(**values))


class ChangedMeanwhileError(ListError):
    """Somebody else saved the entry since it was opened."""


class ReasonError(ListError):
    """A change without a reason."""


@dataclass(frozen=True)
class Edit:
    """What is to be saved: the entry `key` of a list becomes `row`, or goes where that is `None`.

    `revision` is the one that the editor saw; 0 for an entry that nobody changed at the desk.
    """

    name: str
    key: str
    row: Row | None
    revision: int = 0


@dataclass(frozen=True)
class ListRevision:
    """One saved version of an entry."""

    id: int
    row: Row | None
    who: str
    reason: str
    made: str


class Lists:
    """The lists of one corpus folder and database."""

    def __init__(self, corpus: Path, cache: Path, store: Store, clock: Clock = present) -> None:
        self._corpus = corpus
        self._cache = cache
        self._store = store
        self._clock = clock
        self._audit = Audit(store, clock)

    def rows(self, name: str) -> dict[str, Row]:
        """The present entries of a list by id, in order."""
        held = overlaid(self._written(name), read_changes(self._store.database.conn).get(name, {}))
        return {str(row["id"]): row for _, row in held}

    def revision(self, name: str, key: str) -> int:
        """The newest saved version of an entry; 0 where the desk never changed it."""
        return self._one("SELECT revision FROM vocabulary WHERE list = ? AND key = ?", name, key) or 0

    def history(self, name: str, key: str) -> list[ListRevision]:
        """The newest first."""
        sql = """SELECT r.id, r.row, coalesce(a.name, ''), r.reason, r.made FROM vocabulary_revisions r
                 LEFT JOIN accounts a ON a.id = r.account WHERE r.list = ? AND r.key = ? ORDER BY r.id DESC"""
        rows = self._store.database.execute(sql, [name, key])
        return [
            ListRevision(number, json.loads(row) if row else None, who, reason, made) for number, row, who, reason, made in rows
        ]

    def check(self, edit: Edit) -> Changes:
        """All changes with this one; raises `ListError` where the lists could not be used with it."""
        present_rows = self.rows(edit.name)
        before = present_rows.get(edit.key)
        if edit.revision != self.revision(edit.name, edit.key):
            raise ChangedMeanwhileError("Somebody else saved this entry meanwhile; compare, and send your text again.")
        if edit.row == before:
            raise ListError("Nothing was changed.")
        if edit.name not in OPEN and (edit.row is None or before is None):
            raise ListError("The program knows this list's entries by their ids; only their wording can be changed.")
        if edit.row is None and (used := next(self._uses(edit.name, edit.key), "")):
            raise ListError("{entry} is in use, such as in {place}; change that first.", entry=edit.key, place=used)
        changes = self._with(edit)
        self._check_whole(edit, changes)
        return changes

    def save(self, edit: Edit, reason: str, actor: Actor) -> None:
        """Keep the change; raises `ListError` or `RightsError`."""
        require(actor, Action.TERMS)
        reason = " ".join(reason.split())
        with self._store.writing():
            before = self.rows(edit.name).get(edit.key)
            change = self.check(edit)[edit.name][edit.key]
            if not reason or len(reason) > MAX_REASON:
                raise ReasonError("Say in a line why; it stands in the history.")
            number = write_change(self._store, edit, change, actor.id, reason, stamp(self._clock()))
            self._audit.write(
                actor, "list-changed", f"{edit.name}:{edit.key}", revision=number, reason=reason, before=before, after=edit.row
            )

    def written(self, name: str, key: str) -> Row | None:
        """The entry as the file has it."""
        return next((row for _, row in self._written(name) if str(row["id"]) == key), None)

    def is_disputed(self, name: str, key: str) -> bool:
        """Whether desk and file changed the entry both, and differently; the desk's holds until somebody saves it again."""
        change = read_changes(self._store.database.conn).get(name, {}).get(key)
        return change is not None and change.disputed(self.written(name, key))

    def _with(self, edit: Edit) -> Changes:
        changes = read_changes(self._store.database.conn)
        change = Change(edit.row, self.written(edit.name, edit.key))
        return {**changes, edit.name: {**changes.get(edit.name, {}), edit.key: change}}

    def _check_whole(self, edit: Edit, changes: Changes) -> None:
        """The lists can be read, and each form of the entry is told apart from those of others."""
        words = Vocabulary(self._corpus, self._cache, changes)
        try:
            words.checked()
        except CorpusError as exc:
            raise ListError("{problem}; {remedy}", problem=exc.problem, remedy=exc.remedy) from exc
        if edit.name == TERMS:
            for finding in forms_are_told_apart(Surroundings(terms=words.termbase), termbase_file(self._corpus)):
                if finding.message.startswith(f"{edit.key!r} "):
                    raise ListError(
                        "Another entry has the same form; list it under “means other things too” in both. ({problem})",
                        problem=finding.message,
                    )

    def _uses(self, name: str, key: str) -> Iterator[str]:
        """What names an entry: cases that readers see, drafts, and other lists."""
        for practice, _, _ in self._store.practices():
            if (name, key) in named_by(practice):
                yield practice.id
        entries = Entries(self._store)
        for entry in entries.listed(limit=-1):
            if entry.state is not State.WITHDRAWN and (name, key) in named_by(entries.newest(entry)):
                yield f"/desk/entries/{entry.number}"
        if name == TERMS:
            yield from (
                f"{other}:{row['id']}" for other in LISTS for row in self.rows(other).values() if row.get("term") == key
            )

    def _written(self, name: str) -> list[tuple[int, Row]]:
        """The numbered rows of a list's file."""
        path = file_of(self._corpus, name)
        return load_numbered_rows(path, self._cache) if path.exists() else []

    def _one(self, sql: str, *values: str) -> int | None:
        found = self._store.database.execute(sql, values).fetchone()
        return int(found[0]) if found else None


def write_change(store: Store, edit: Edit, change: Change, account: int | None, reason: str, made: str) -> int:
    """Write one change without looking at it; returns its number. `Lists.save` looks."""
    row, base = (json.dumps(side, ensure_ascii=False) if side is not None else None for side in (change.row, change.base))
    with store.transaction():
        revision = store.database.table("vocabulary_revisions").insert(
            {"list": edit.name, "key": edit.key, "row": row, "account": account, "reason": reason, "made": made}
        )
        number = revision.last_pk
        assert isinstance(number, int)
        store.database.table("vocabulary").upsert(
            {"list": edit.name, "key": edit.key, "row": row, "base": base, "revision": number}, pk=("list", "key")
        )
    return number


def named_by(practice: Practice) -> set[tuple[str, str]]:
    """(list, id) of everything that a practice names."""
    many = {
        "levels": practice.levels,
        "principles": practice.principles,
        "priorities": (practice.priority, *practice.secondary_priorities),
        "beneficiaries": practice.beneficiaries,
        "countries": (practice.country,),
        "sdgs": tuple(map(str, practice.sdgs)),
        "status": (practice.status,),
        "evidence": (practice.evidence,),
        "cost_bands": (practice.cost.band,),
    }
    return {(name, value) for name, values in many.items() for value in values}


def forms_of(terms: tuple[TermEntry, ...], key: str) -> tuple[str, ...]:
    """The forms of a term in both languages; none where it is not there."""
    return next(((*term.th, *term.en) for term in terms if term.id == key), ())
