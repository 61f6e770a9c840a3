"""Entries: the working copies of practices on the desk, with every revision kept.

An entry's text is always its newest revision. Saving names the revision that the text was made from; where another one came
in between, nothing is written and `StaleError` tells, so that no text is ever lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kb.desk.audit import Audit
from kb.desk.clock import Clock, present, stamp
from kb.desk.rights import Actor, State
from kb.errors import KbError
from kb.records import Bilingual, Practice
from kb.store import Store, content_hash, practice_from_json, practice_to_json

MAX_DATA = 1_000_000
"""Characters of a revision, as JSON."""
MAX_REASON = 500

_COLUMNS = """
    number, practice, state, owner, revision, approved, published, reviewer, due, title_th, title_en, country, created, changed,
    (SELECT group_concat(DISTINCT author) FROM revisions WHERE entry = entries.number AND verifies = 0
        AND number > coalesce(published, 0))
"""


class EntryError(KbError):
    """An entry cannot be made or changed so."""


class StaleError(EntryError):
    """Someone else saved a newer revision meanwhile; `newest` is its number."""

    def __init__(self, newest: int) -> None:
        self.newest = newest
        super().__init__("Someone else saved this entry meanwhile; compare the two versions and save again.")


@dataclass(frozen=True)
class Entry:
    """An entry without its text. `approved` and `published` are the revisions that were, `authors` who wrote since then."""

    number: int
    practice: str | None
    state: State
    owner: int | None
    revision: int
    approved: int | None
    published: int | None
    reviewer: int | None
    due: str | None
    title_th: str
    title_en: str
    country: str
    created: str
    changed: str
    authors: frozenset[int] = frozenset()

    @property
    def public(self) -> bool:
        """Whether readers see this or an older revision of it."""
        return self.published is not None and self.state is not State.WITHDRAWN


@dataclass(frozen=True)
class Revision:
    """One version of an entry. `author` is `None` for what was read in from the corpus."""

    entry: int
    number: int
    author: int | None
    made: str
    reason: str
    practice: Practice


class Entries:
    """The entries of one database."""

    def __init__(self, store: Store, clock: Clock = present) -> None:
        self._store = store
        self._clock = clock
        self._audit = Audit(store, clock)

    def create(self, practice: Practice, actor: Actor, reason: str = "", wanted: str = "") -> Entry:
        """A new draft; a practice id is given to it when it is published: the `wanted` one, or one made from its title."""
        with self._store.writing():
            number = self._insert(replace(practice, id=wanted), State.DRAFT, actor, reason, None)
            self._audit.write(actor, "entry-created", f"entry:{number}")
        return self.required(number)

    def open(self, record: str, actor: Actor) -> Entry:
        """The entry of a published practice, made on first use; raises `EntryError` where there is no such practice.

        Where the practice was changed outside the desk (read in from the corpus), that becomes a revision first.
        """
        practice = self._store.practice(record)
        if practice is None:
            raise EntryError(f"there is no practice {record}")
        with self._store.writing():
            found = self.of_practice(record)
            if found is None:
                number = self._insert(practice, State.PUBLISHED, None, "", record)
                self._store.database.execute("UPDATE entries SET published = 1, approved = 1 WHERE number = ?", [number])
                self._audit.write(actor, "entry-opened", f"entry:{number}", practice=record)
                return self.required(number)
            self._take_in(found, practice)
        return self.required(found.number)

    def _take_in(self, entry: Entry, practice: Practice) -> None:
        """Keep what the corpus says now as a revision, where no edit stands in between."""
        if entry.published != entry.revision or entry.state is not State.PUBLISHED:
            return
        last = replace(self.revision(entry.number, entry.revision).practice, id=practice.id)
        if content_hash(last) == content_hash(practice):
            return
        number = entry.revision + 1
        self._add(entry.number, number, practice, None, "")
        self._store.database.execute(
            "UPDATE entries SET published = ?, approved = ? WHERE number = ?", [number, number, entry.number]
        )

    def _insert(self, practice: Practice, state: State, actor: Actor | None, reason: str, record: str | None) -> int:
        now = stamp(self._clock())
        row = {
            "practice": record, "state": state.value, "owner": actor.id if actor else None, "revision": 1,
            "created": now, "changed": now, **_shown(practice),
        }  # fmt: skip
        number = self._store.database.table("entries").insert(row, pk="number").last_pk
        assert isinstance(number, int)
        self._write_revision(number, 1, practice, actor, reason)
        return number

    def save(self, number: int, practice: Practice, base: int, actor: Actor, reason: str = "") -> Entry:
        """Save a new revision made from revision `base`; raises `StaleError` where that is no longer the newest.

        The same text again is no new revision. A text that was approved or published has to be looked at again: an approved
        entry goes back to review, a published one becomes a draft while readers keep seeing what was published.
        """
        with self._store.writing():
            entry = self.required(number)
            if entry.revision != base:
                raise StaleError(entry.revision)
            practice = replace(practice, id=entry.practice or practice.id)
            if content_hash(self.revision(number, base).practice) == content_hash(practice):
                return entry
            self._add(number, base + 1, practice, actor, reason)
            state = {State.APPROVED: State.IN_REVIEW, State.PUBLISHED: State.DRAFT}.get(entry.state, entry.state)
            self._store.database.execute("UPDATE entries SET state = ? WHERE number = ?", [state.value, number])
            self._store.database.execute("DELETE FROM autosaves WHERE entry = ? AND account = ?", [number, actor.id])
            self._audit.write(actor, "entry-saved", f"entry:{number}", revision=base + 1, reason=reason)
        return self.required(number)

    def save_verified(self, number: int, practice: Practice, base: int, actor: Actor, reason: str) -> Entry:
        """Save a revision that says who verified the entry and nothing else; raises `StaleError` as `save` does.

        It is nobody's text: who made it may still review the entry, and an approval of the text holds. A published entry
        waits, approved, to be published again.
        """
        with self._store.writing():
            entry = self.required(number)
            if entry.revision != base:
                raise StaleError(entry.revision)
            self._add(number, base + 1, replace(practice, id=entry.practice or practice.id), actor, reason, verifies=True)
            state = State.APPROVED if entry.state is State.PUBLISHED else entry.state
            approved = base + 1 if entry.approved == base else entry.approved
            self._store.database.table("entries").update(number, {"state": state.value, "approved": approved})
        return self.required(number)

    def text_revision(self, number: int) -> int:
        """The revision in which the text last changed: those after it only say who verified it."""
        return int(self._rows("SELECT max(number) FROM revisions WHERE entry = ? AND verifies = 0", [number])[0][0])

    def restore(self, number: int, revision: int, base: int, actor: Actor, reason: str = "") -> Entry:
        """Make an older revision the newest one."""
        return self.save(number, self.revision(number, revision).practice, base, actor, reason)

    def _add(
        self, number: int, revision: int, practice: Practice, actor: Actor | None, reason: str, *, verifies: bool = False
    ) -> None:
        self._write_revision(number, revision, practice, actor, reason, verifies=verifies)
        row = {"revision": revision, "changed": stamp(self._clock()), **_shown(practice)}
        self._store.database.table("entries").update(number, row)

    def _write_revision(
        self, number: int, revision: int, practice: Practice, actor: Actor | None, reason: str, *, verifies: bool = False
    ) -> None:
        data = practice_to_json(practice)
        if len(data) > MAX_DATA:
            raise EntryError("The entry is too long; shorten it, or keep the long text as an attachment.")
        self._store.database.table("revisions").insert({
            "entry": number, "number": revision, "author": actor.id if actor else None,
            "made": stamp(self._clock()), "reason": " ".join(reason.split())[:MAX_REASON], "data": data,
            "verifies": int(verifies),
        })  # fmt: skip

    def get(self, number: int) -> Entry | None:
        found = self._select("number = ?", [number])
        return found[0] if found else None

    def required(self, number: int) -> Entry:
        found = self.get(number)
        if found is None:
            raise EntryError(f"there is no entry {number}")
        return found

    def of_practice(self, record: str) -> Entry | None:
        """The entry that became this practice."""
        found = self._select("practice = ?", [record])
        return found[0] if found else None

    def listed(
        self, states: Iterable[State] = State, owner: int | None = None, limit: int = 200, offset: int = 0
    ) -> list[Entry]:
        """Entries in these states, the latest change first; of one owner where one is given."""
        wanted = [state.value for state in states]
        condition = f"state IN ({', '.join('?' * len(wanted))})"
        values: list[Any] = list(wanted)
        if owner is not None:
            condition += " AND owner = ?"
            values.append(owner)
        return self._select(f"{condition} ORDER BY changed DESC, number DESC LIMIT ? OFFSET ?", [*values, limit, offset])

    def counts(self, owner: int | None = None) -> dict[State, int]:
        """How many entries stand in each state; of one owner where one is given."""
        sql = "SELECT state, count(*) FROM entries WHERE ? IS NULL OR owner = ? GROUP BY state"
        return {State(state): count for state, count in self._rows(sql, [owner, owner])}

    def revision(self, number: int, revision: int) -> Revision:
        """One version; raises `EntryError` where there is none."""
        sql = "SELECT entry, number, author, made, reason, data FROM revisions WHERE entry = ? AND number = ?"
        rows = self._rows(sql, [number, revision])
        if not rows:
            raise EntryError(f"entry {number} has no revision {revision}")
        row = rows[0]
        return Revision(row[0], row[1], row[2], row[3], row[4], practice_from_json(row[5]))

    def newest(self, entry: Entry) -> Practice:
        """The text of an entry, under its practice's id where it has one."""
        practice = self.revision(entry.number, entry.revision).practice
        return replace(practice, id=entry.practice) if entry.practice else practice

    def history(self, number: int) -> list[tuple[int, int | None, str, str]]:
        """(number, author, made, reason) of all revisions, the newest first."""
        sql = "SELECT number, author, made, reason FROM revisions WHERE entry = ? ORDER BY number DESC"
        return [(row[0], row[1], row[2], row[3]) for row in self._rows(sql, [number])]

    # Texts that were not saved yet

    def autosave(self, number: int, base: int, data: str, actor: Actor) -> None:
        """Keep what a person is writing, apart from the revisions: one copy a person and entry."""
        if len(data) > MAX_DATA:
            raise EntryError("The entry is too long; shorten it, or keep the long text as an attachment.")
        row = {"entry": number, "account": actor.id, "base": base, "made": stamp(self._clock()), "data": data}
        with self._store.writing():
            self._store.database.table("autosaves").upsert(row, pk=("entry", "account"))

    def autosaved(self, number: int, actor: Actor) -> tuple[int, str, str] | None:
        """(base revision, when, data) of what this person was writing."""
        rows = self._rows("SELECT base, made, data FROM autosaves WHERE entry = ? AND account = ?", [number, actor.id])
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def forget_autosave(self, number: int, actor: Actor) -> None:
        with self._store.writing():
            self._store.database.execute("DELETE FROM autosaves WHERE entry = ? AND account = ?", [number, actor.id])

    def _select(self, condition: str, values: Sequence[Any]) -> list[Entry]:
        rows = self._rows(f"SELECT {_COLUMNS} FROM entries WHERE {condition}", values)
        return [Entry(*(row[0], row[1], State(row[2]), *row[3:14], _authors(row[14]))) for row in rows]

    def _rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        return list(self._store.database.execute(sql, list(values)).fetchall())


def _authors(listed: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in (listed or "").split(",") if number)


def _shown(practice: Practice) -> dict[str, str]:
    """What lists show of an entry."""
    return {"title_th": practice.title.th[:500], "title_en": practice.title.en[:500], "country": practice.country[:10]}


def blank() -> Practice:
    """A draft in which nothing is known yet."""
    return Practice("", "", Bilingual("", ""), (), (), "", "", (), "", {})
