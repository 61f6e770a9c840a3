"""Tables brought in at the desk: every row a revision of an entry, all in one transaction, and a whole batch undone at once.

A table speaks of cases as they stand on the desk: the newest text of an entry where there is one, else what is published.
New rows become drafts under the id that they name; changed rows of published cases become edits that go the normal way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kb.desk.audit import Audit
from kb.desk.clock import Clock, stamp
from kb.desk.desk import Desk
from kb.desk.entries import Entries, Entry, EntryError
from kb.desk.rights import Action, Actor, State, require
from kb.desk.table import state_of
from kb.desk.table_preview import Plan, Step
from kb.records import Practice
from kb.store import Store, content_hash, practice_from_json

BATCHES_LISTED = 20


class ChangedMeanwhileError(EntryError):
    """Since the table was looked at, somebody changed one of its cases."""

    def __init__(self) -> None:
        super().__init__("Somebody changed one of these cases meanwhile, so nothing was brought in; look at the table again.")


@dataclass(frozen=True)
class Batch:
    """A table that was brought in: how many entries are `new` and how many were `changed`; `undone` is when, if ever."""

    id: int
    account: int
    made: str
    name: str
    undone: str | None
    new: int
    changed: int


@dataclass(frozen=True)
class Kept:
    """An entry that an undo left as it is, because somebody worked on it since: its number, titles, and who that was."""

    entry: int
    title_th: str
    title_en: str
    author: int | None


@dataclass(frozen=True)
class _Item:
    entry: int
    before: int | None
    state: str | None
    after: int


class Bulk:
    """Tables over the entries of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._store: Store = desk.store
        self._entries: Entries = desk.entries
        self._clock: Clock = desk.clock
        self._audit: Audit = desk.audit

    def present(self) -> dict[str, Practice]:
        """Every case by id as it stands on the desk now; withdrawn ones are left out, and drafts that have no id yet."""
        found = {practice.id: practice for practice, _, _ in self._store.practices()}
        sql = """
            SELECT e.practice, e.published = e.revision AND e.state = 'published', r.data
            FROM entries e JOIN revisions r ON r.entry = e.number AND r.number = e.revision
            WHERE e.state != 'withdrawn'
        """
        for record, shown, data in self._store.database.execute(sql):
            if shown and record in found:
                continue  # what readers see, with what the corpus changed since
            practice = practice_from_json(data)
            name = record or practice.id
            if name and (record or name not in found):
                found[name] = replace(practice, id=name)
        return dict(sorted(found.items()))

    def taken(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of the ids that withdrawn cases have: nothing new can be made under them."""
        sql = """
            SELECT practice FROM entries WHERE state = 'withdrawn' AND practice IS NOT NULL UNION SELECT id FROM tombstones
        """
        gone = {row[0] for row in self._store.database.execute(sql)}
        return frozenset(gone & set(ids))

    def apply(self, plan: Plan, actor: Actor, name: str) -> Batch:
        """Do what a plan says, all or nothing; raises `ChangedMeanwhileError` where a case is not as the plan saw it."""
        if not plan:
            raise EntryError("The table changes nothing.")
        with self._store.writing():
            self._check(plan)
            row = {"account": actor.id, "made": stamp(self._clock()), "name": name[:200]}
            batch = self._store.database.table("batches").insert(row, pk="id").last_pk
            assert isinstance(batch, int)
            reason = f"{name[:200]} (#{batch})"
            items = [self._step(step, actor, reason) for step in plan]
            self._store.database.table("batch_items").insert_all({"batch": batch, **item.__dict__} for item in items)
            new = sum(item.before is None for item in items)
            self._audit.write(actor, "table-applied", f"batch:{batch}", name=name[:200], new=new, changed=len(items) - new)
        return self.required(batch)

    def _check(self, plan: Plan) -> None:
        now = self.present()
        taken = self.taken(step.id for step in plan)
        for step in plan:
            found = now.get(step.id)
            same = found is None if step.before is None else found is not None and state_of(found) == state_of(step.before)
            if not same or step.id in taken:
                raise ChangedMeanwhileError

    def _step(self, step: Step, actor: Actor, reason: str) -> _Item:
        if step.before is None:
            entry = self._entries.create(step.after, actor, reason, wanted=step.id)
            return _Item(entry.number, None, None, entry.revision)
        entry = self._entry(step.id, actor)
        require(actor, Action.EDIT, entry)
        saved = self._entries.save(entry.number, step.after, entry.revision, actor, reason)
        return _Item(entry.number, entry.revision, entry.state.value, saved.revision)

    def _entry(self, record: str, actor: Actor) -> Entry:
        """The entry of a case: that of a published one, or the draft that wants this id."""
        if self._store.practice(record) is not None:
            return self._entries.open(record, actor)
        found = self._entries.of_practice(record)
        if found is not None:
            return found
        sql = """
            SELECT e.number FROM entries e JOIN revisions r ON r.entry = e.number AND r.number = e.revision
            WHERE e.state != 'withdrawn' AND e.practice IS NULL AND json_extract(r.data, '$.id') = ? ORDER BY e.number
        """
        rows = self._store.database.execute(sql, [record]).fetchall()
        if not rows:
            raise ChangedMeanwhileError
        return self._entries.required(rows[-1][0])

    def undo(self, batch: int, actor: Actor) -> tuple[Kept, ...]:
        """Put back the revision before wherever nobody worked since; gives the entries that were left as they are.

        New drafts are discarded. Entries whose text is again what was approved or published stand where they stood before.
        """
        with self._store.writing():
            held = self.required(batch)
            if held.undone is not None:
                raise EntryError("This table was undone already.")
            kept = []
            for item in self._items(batch):
                entry = self._entries.required(item.entry)
                require(actor, Action.EDIT, entry)
                if self._untouched(entry, item):
                    self._put_back(entry, item, actor, batch)
                else:
                    author = self._entries.history(entry.number)[0][1]
                    kept.append(Kept(entry.number, entry.title_th, entry.title_en, author))
            self._store.database.table("batches").update(batch, {"undone": stamp(self._clock())})
            self._audit.write(actor, "table-undone", f"batch:{batch}", kept=[one.entry for one in kept])
        return tuple(kept)

    @staticmethod
    def _untouched(entry: Entry, item: _Item) -> bool:
        """Whether the table's revision is still the newest, and readers do not see it."""
        return entry.revision == item.after and entry.published != item.after and entry.state is not State.WITHDRAWN

    def _put_back(self, entry: Entry, item: _Item, actor: Actor, batch: int) -> None:
        database = self._store.database
        reason = f"undo (#{batch})"
        if item.before is None:
            database.table("entries").update(entry.number, {"state": State.WITHDRAWN.value, "due": None})
            self._audit.write(actor, "entry-withdrawn", f"entry:{entry.number}", revision=entry.revision, note=reason)
            return
        saved = self._entries.restore(entry.number, item.before, item.after, actor, reason)
        if item.state not in (State.PUBLISHED.value, State.APPROVED.value):
            return
        marks: dict[str, int | str] = {"state": item.state}
        marks |= {name: saved.revision for name in ("approved", "published") if getattr(entry, name) == item.before}
        database.table("entries").update(entry.number, marks)

    def _items(self, batch: int) -> list[_Item]:
        sql = 'SELECT entry, "before", state, "after" FROM batch_items WHERE batch = ? ORDER BY entry'
        return [_Item(*row) for row in self._store.database.execute(sql, [batch]).fetchall()]

    def required(self, batch: int) -> Batch:
        """One batch; raises `EntryError` where there is none."""
        found = self._batches("b.id = ?", batch)
        if not found:
            raise EntryError(f"there is no batch {batch}")
        return found[0]

    def batches(self) -> list[Batch]:
        """The last tables that were brought in, the newest first."""
        return self._batches("? IS NULL", None)

    def _batches(self, condition: str, value: int | None) -> list[Batch]:
        sql = f"""
            SELECT b.id, b.account, b.made, b.name, b.undone,
                   (SELECT count(*) FROM batch_items WHERE batch = b.id AND "before" IS NULL),
                   (SELECT count(*) FROM batch_items WHERE batch = b.id AND "before" IS NOT NULL)
            FROM batches b WHERE {condition} ORDER BY b.id DESC LIMIT {BATCHES_LISTED}
        """
        return [Batch(*row) for row in self._store.database.execute(sql, [value]).fetchall()]


def plan_state(plan: Plan) -> str:
    """A checksum of what a plan changes and from where, so that what is confirmed is what was looked at."""
    parts = [f"{step.id} {state_of(step.before) if step.before else ''} {content_hash(step.after)}" for step in plan]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:16]
