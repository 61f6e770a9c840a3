"""The way of an entry: who may move it from which state to which, and what is written down when it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from kb.desk.accounts import Account
from kb.desk.audit import Audit
from kb.desk.clock import Clock, present, stamp
from kb.desk.entries import Entries, Entry, EntryError
from kb.desk.reviews import Reviews
from kb.desk.rights import Action, RightsError, State, may, require
from kb.store import Store

MAX_NOTE = 4000
REVIEW_TIME = timedelta(days=14)
CHANGE_TIME = timedelta(days=30)

MOVES: Mapping[tuple[State, State], Action] = {
    (State.DRAFT, State.SUBMITTED): Action.SUBMIT,
    (State.CHANGES_REQUESTED, State.SUBMITTED): Action.SUBMIT,
    (State.SUBMITTED, State.IN_REVIEW): Action.TAKE,
    (State.IN_REVIEW, State.CHANGES_REQUESTED): Action.REVIEW,
    (State.APPROVED, State.CHANGES_REQUESTED): Action.REVIEW,
    (State.IN_REVIEW, State.APPROVED): Action.REVIEW,
    (State.APPROVED, State.PUBLISHED): Action.PUBLISH,
    (State.DRAFT, State.WITHDRAWN): Action.WITHDRAW,
    (State.SUBMITTED, State.WITHDRAWN): Action.WITHDRAW,
    (State.IN_REVIEW, State.WITHDRAWN): Action.WITHDRAW,
    (State.CHANGES_REQUESTED, State.WITHDRAWN): Action.WITHDRAW,
    (State.APPROVED, State.WITHDRAWN): Action.WITHDRAW,
    (State.PUBLISHED, State.WITHDRAWN): Action.WITHDRAW,
    (State.WITHDRAWN, State.DRAFT): Action.ASSIGN,
}
"""From and to, and the right that it needs."""

UNCHECKED: Mapping[tuple[State, State], Action] = {
    (state, State.PUBLISHED): Action.PUBLISH for state in (State.DRAFT, State.SUBMITTED, State.IN_REVIEW)
}
"""Ways that are open too where no second pair of eyes is asked for."""


class Listener(Protocol):
    """Is told of each move, inside its transaction."""

    def moved(self, entry: Entry, before: State, actor: Account, note: str) -> None: ...


@dataclass(frozen=True)
class Rules:
    """What an operator may set: whether somebody else than the authors has to approve."""

    two_eyes: bool = True

    @property
    def moves(self) -> dict[tuple[State, State], Action]:
        return dict(MOVES) if self.two_eyes else {**MOVES, **UNCHECKED}


class Workflow:
    """Moves the entries of one database."""

    def __init__(
        self, store: Store, rules: Rules | None = None, listeners: Sequence[Listener] = (), clock: Clock = present
    ) -> None:
        self._store = store
        self._rules = rules or Rules()
        self._listeners = listeners
        self._clock = clock
        self._entries = Entries(store, clock)
        self._audit = Audit(store, clock)
        self._reviews = Reviews(store, clock)

    def ways(self, entry: Entry, actor: Account) -> list[State]:
        """Where this person may move this entry."""
        moves = self._rules.moves.items()
        open_to = [to for (come, to), action in moves if come is entry.state and may(actor, action, entry)]
        unread = State.APPROVED in open_to and not self._reviews.approves(entry, actor)
        return [to for to in open_to if not (unread and to is State.APPROVED)]

    def move(self, number: int, to: State, actor: Account, note: str = "") -> Entry:
        """Move an entry; raises `RightsError` where the person may not, `EntryError` where there is no such way.

        Publishing and withdrawing change what readers see: `kb.desk.publishing` does both together with this.
        """
        note = note.strip()
        if len(note) > MAX_NOTE:
            raise EntryError(f"The note is longer than {MAX_NOTE} characters; shorten it.")
        with self._store.writing():
            entry = self._entries.required(number)
            action = self._rules.moves.get((entry.state, to))
            if action is None:
                raise RightsError("This cannot be done in the entry's present state; reload the page.")
            require(actor, action, entry)
            if to is State.CHANGES_REQUESTED and not note:
                raise EntryError("Say what has to be changed, so that the author knows what to do.")
            if to is State.APPROVED and not self._reviews.approves(entry, actor):
                raise EntryError("Write a review of this version that recommends approval before you approve it.")
            if to is State.PUBLISHED and self._rules.two_eyes and entry.approved != entry.revision:
                raise EntryError("The newest version has not been approved; ask a reviewer to look at it.")
            self._store.database.table("entries").update(number, self._marks(entry, to, actor))
            self._audit.write(actor, f"entry-{to.value}", f"entry:{number}", revision=entry.revision, note=note)
            moved = self._entries.required(number)
            for listener in self._listeners:
                listener.moved(moved, entry.state, actor, note)
        return moved

    def _marks(self, entry: Entry, to: State, actor: Account) -> dict[str, str | int | None]:
        """What else a move writes down: who reviews, what was approved or published, until when the next step is due."""
        now = self._clock()
        marks: dict[str, str | int | None] = {"state": to.value, "changed": stamp(now), "due": None}
        if to in (State.SUBMITTED, State.IN_REVIEW):
            marks["due"] = stamp(now + REVIEW_TIME)
        if to is State.CHANGES_REQUESTED:
            marks["due"] = stamp(now + CHANGE_TIME)
        if to is State.IN_REVIEW:
            marks["reviewer"] = actor.id
        if to is State.APPROVED:
            marks |= {"approved": entry.revision, "reviewer": actor.id}
        if to is State.PUBLISHED:
            marks["published"] = entry.revision
        return marks

    def can_review(self, person: Account, entry: Entry) -> bool:
        """Whether this person may be named the reviewer of an entry that waits for review."""
        return not person.disabled and may(person, Action.REVIEW, entry)

    def assign(self, number: int, reviewer: Account, actor: Account) -> Entry:
        """Name the reviewer of a submitted entry; nobody who wrote it."""
        with self._store.writing():
            entry = self._entries.required(number)
            require(actor, Action.ASSIGN, entry)
            if not self.can_review(reviewer, entry):
                raise EntryError("This person cannot review the entry: the account is shut, or they wrote it.")
            marks = {"reviewer": reviewer.id, "state": State.IN_REVIEW.value, "due": stamp(self._clock() + REVIEW_TIME)}
            self._store.database.table("entries").update(number, marks)
            self._audit.write(actor, "entry-assigned", f"entry:{number}", reviewer=reviewer.email)
            moved = self._entries.required(number)
            for listener in self._listeners:
                listener.moved(moved, entry.state, actor, "")
        return moved
