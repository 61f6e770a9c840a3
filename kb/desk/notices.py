"""Tells people what waits for them: a message in the app's inbox, and the same by mail, in their own language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from kb.desk.accounts import Account, Accounts
from kb.desk.clock import Clock, moment, present, stamp
from kb.desk.entries import Entry
from kb.desk.rights import Role, State
from kb.desk.texts import Text, texts_of
from kb.store import Store
from kb.text.years import format_date


@dataclass(frozen=True)
class Message:
    """One message of the inbox."""

    id: int
    entry: int | None
    kind: str
    subject: str
    body: str
    made: str
    read: str | None


class Notices:
    """Writes messages; a listener of the workflow."""

    def __init__(self, store: Store, accounts: Accounts, base: str = "", clock: Clock = present) -> None:
        self._store = store
        self._accounts = accounts
        self._base = base.rstrip("/")
        self._clock = clock

    def moved(self, entry: Entry, before: State, actor: Account, note: str) -> None:  # noqa: ARG002  # a listener is told
        """Tell those whose turn it is now, or whose entry it is; nobody is told of what they did themselves."""
        for account in self._concerned(entry):
            assigned = entry.state is State.IN_REVIEW and account.id == entry.reviewer
            if account.id != actor.id:
                kind = "assigned" if assigned else f"moved-{entry.state.value}"
                self.tell(account, kind, entry, actor=actor.name, note=note)

    def _concerned(self, entry: Entry) -> list[Account]:
        people = {account.id: account for account in self._accounts.all() if not account.disabled}
        wanted: set[int | None] = {entry.owner}
        if entry.state is State.SUBMITTED and entry.reviewer is None:
            wanted = {number for number, account in people.items() if account.role is not Role.CONTRIBUTOR}
        elif entry.state is State.SUBMITTED:
            wanted = {entry.reviewer}
        elif entry.state is State.IN_REVIEW:
            wanted.add(entry.reviewer)
        elif entry.state is State.APPROVED:
            wanted |= {number for number, account in people.items() if account.role is Role.EDITOR}
        return [people[number] for number in sorted(number for number in wanted if number in people)]

    def people(self) -> list[Account]:
        """Everyone who has an account."""
        return self._accounts.all()

    def tell(self, account: Account, kind: str, entry: Entry | None = None, mail: bool = True, **values: str) -> None:
        """A message to one account, in its language; by mail as well, unless told otherwise. `day` is a stored moment."""
        text = self._text(account, kind, entry, values)
        now = stamp(self._clock())
        with self._store.writing():
            self._store.database.table("messages").insert({
                "account": account.id, "entry": entry.number if entry else None, "kind": kind,
                "subject": text.subject, "body": text.body, "made": now,
            })  # fmt: skip
            if mail:
                self.send(account.email, text)

    def send(self, recipient: str, text: Text) -> None:
        """Put a mail into the outbox; it goes out in the background."""
        now = stamp(self._clock())
        with self._store.writing():
            self._store.database.table("outbox").insert(
                {"recipient": recipient, "subject": text.subject, "body": text.body, "made": now, "next_try": now}
            )

    def _text(self, account: Account, kind: str, entry: Entry | None, values: dict[str, str]) -> Text:
        title = ""
        link = f"{self._base}/{account.language}/desk"
        if entry is not None:
            own, other = (entry.title_th, entry.title_en) if account.language == "th" else (entry.title_en, entry.title_th)
            title = own or other
            link = f"{self._base}/{account.language}/desk/entries/{entry.number}"
        if due := values.pop("day", ""):
            values["day"] = format_date(moment(due).date(), account.language)
        return texts_of(kind, account.language).filled(name=account.name, title=title, link=link, **values)

    def rejected(self, entry: Entry, actor: Account, note: str) -> None:
        """Tell the editors that a reviewer recommends to reject an entry."""
        for account in self._accounts.all():
            if account.role is Role.EDITOR and not account.disabled and account.id != actor.id:
                self.tell(account, "review-reject", entry, actor=actor.name, note=note)

    def password_link(self, account: Account, token: str, invitation: bool) -> None:
        """Mail a one-time link that sets a password; it stands in no inbox."""
        link = f"{self._base}/{account.language}/desk/password/{token}"
        text = texts_of("invitation" if invitation else "reset", account.language).filled(name=account.name, link=link)
        self.send(account.email, text)

    def inbox(self, account: Account, limit: int = 100) -> list[Message]:
        """The newest messages first."""
        sql = "SELECT id, entry, kind, subject, body, made, read FROM messages WHERE account = ? ORDER BY id DESC LIMIT ?"
        return [Message(*row) for row in self._store.database.execute(sql, [account.id, limit])]

    def unread(self, account: Account) -> int:
        sql = "SELECT count(*) FROM messages WHERE account = ? AND read IS NULL"
        return int(self._store.database.execute(sql, [account.id]).fetchone()[0])

    def mark_read(self, account: Account, number: int | None = None) -> None:
        """Mark one message, or all, of this account as read."""
        with self._store.writing():
            self._store.database.execute(
                "UPDATE messages SET read = ? WHERE account = ? AND read IS NULL AND (? IS NULL OR id = ?)",
                [stamp(self._clock()), account.id, number, number],
            )

    def forget_old(self, after: timedelta = timedelta(days=365)) -> None:
        """Drop read messages and sent mail that are older than a year."""
        oldest = stamp(self._clock() - after)
        with self._store.writing():
            self._store.database.execute("DELETE FROM messages WHERE read IS NOT NULL AND made < ?", [oldest])
            self._store.database.execute("DELETE FROM outbox WHERE sent IS NOT NULL AND made < ?", [oldest])
