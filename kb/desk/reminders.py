"""Reminders: three days before an entry's next step is due, and when it is overdue; each once, in the inbox and by mail."""

from __future__ import annotations

from datetime import timedelta

from kb.desk.accounts import Account, Accounts
from kb.desk.clock import Clock, moment, present, stamp
from kb.desk.entries import Entries, Entry
from kb.desk.notices import Notices
from kb.desk.rights import Role, State
from kb.store import Store

AHEAD = timedelta(days=3)
_STATES = (State.SUBMITTED, State.IN_REVIEW, State.CHANGES_REQUESTED)


class Reminders:
    """Reminds the people of one database. What was told is read from the messages, so that nothing is told twice."""

    def __init__(self, store: Store, accounts: Accounts, notices: Notices, clock: Clock = present) -> None:
        self._store = store
        self._accounts = accounts
        self._notices = notices
        self._clock = clock
        self._entries = Entries(store, clock)

    def tell(self) -> None:
        """Remind of all that is due soon or overdue and was not reminded of."""
        for number in self._due():
            with self._store.writing():
                entry = self._entries.required(number)
                if entry.due is not None and entry.state in _STATES:
                    self._remind(entry, entry.due)

    def _due(self) -> list[int]:
        limit = stamp(self._clock() + AHEAD)
        states = ", ".join("?" * len(_STATES))
        sql = f"SELECT number FROM entries WHERE due <= ? AND state IN ({states}) ORDER BY due, number"
        values = [limit, *(state.value for state in _STATES)]
        return [int(row[0]) for row in self._store.database.execute(sql, values)]

    def _remind(self, entry: Entry, due: str) -> None:
        now = stamp(self._clock())
        kind = "overdue" if due <= now else "due-soon"
        since = due if kind == "overdue" else stamp(moment(due) - AHEAD)
        if due > stamp(self._clock() + AHEAD):
            return  # moved meanwhile
        for account in self._concerned(entry, kind):
            if not self._told(account, entry, kind, since):
                self._notices.tell(account, kind, entry, day=due)

    def _told(self, account: Account, entry: Entry, kind: str, since: str) -> bool:
        """Whether this person was reminded of this term: one that was moved is told of again."""
        sql = "SELECT 1 FROM messages WHERE account = ? AND entry = ? AND kind = ? AND made >= ? LIMIT 1"
        return self._store.database.execute(sql, [account.id, entry.number, kind, since]).fetchone() is not None

    def _concerned(self, entry: Entry, kind: str) -> list[Account]:
        """Whose turn it is: the owner to change, the reviewer to review, or the editors to find a reviewer. Editors learn of
        all that is overdue, because they can give it to someone else."""
        people = [account for account in self._accounts.all() if not account.disabled]
        turn = entry.owner if entry.state is State.CHANGES_REQUESTED else entry.reviewer
        concerned = [account for account in people if account.id == turn]
        if kind == "overdue" or not concerned:
            concerned += [account for account in people if account.role is Role.EDITOR and account.id != turn]
        return concerned
