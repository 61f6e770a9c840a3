"""Comments on an entry: reviewers and the owner talk about a section of a face, or about the whole, until it is settled."""

from __future__ import annotations

from dataclasses import dataclass

from kb.desk.accounts import Account, Accounts
from kb.desk.audit import Audit
from kb.desk.clock import Clock, present, stamp
from kb.desk.entries import Entries, Entry, EntryError
from kb.desk.notices import Notices
from kb.desk.rights import Action, require
from kb.records import LANGUAGES, SECTIONS
from kb.store import Store

MAX_COMMENT = 2000
MAX_COMMENTS = 500
"""On one entry."""


@dataclass(frozen=True)
class Place:
    """What a comment is about: a section (`title` among them) of a face, or the whole entry where both are empty."""

    section: str = ""
    language: str = ""


@dataclass(frozen=True)
class Comment:
    """A comment on a place in the revision that its author read; `resolved` is when it was settled, by `resolver`."""

    id: int
    entry: int
    revision: int
    place: Place
    author: int
    made: str
    text: str
    resolved: str | None
    resolver: int | None


class Comments:
    """The comments of one database."""

    def __init__(self, store: Store, notices: Notices, people: Accounts, clock: Clock = present) -> None:
        self._store = store
        self._notices = notices
        self._people = people
        self._clock = clock
        self._entries = Entries(store, clock)
        self._audit = Audit(store, clock)

    def add(self, number: int, place: Place, text: str, actor: Account) -> None:
        """Keep a comment and tell the owner and the reviewer; raises `EntryError` or `RightsError`."""
        text = text.strip()
        if not text:
            raise EntryError("Write the comment before you send it.")
        if len(text) > MAX_COMMENT:
            raise EntryError("The comment is too long; shorten it.")
        if place != Place() and (place.section not in ("title", *SECTIONS) or place.language not in LANGUAGES):
            raise EntryError("Choose a section of the list.")
        with self._store.writing():
            entry = self._entries.required(number)
            require(actor, Action.COMMENT, entry)
            if len(self.of(number)) >= MAX_COMMENTS:
                raise EntryError("There are too many comments on this entry; settle it with the author directly.")
            self._store.database.table("comments").insert({
                "entry": number, "revision": entry.revision, "section": place.section, "language": place.language,
                "author": actor.id, "made": stamp(self._clock()), "text": text,
            })  # fmt: skip
            self._audit.write(actor, "comment-added", f"entry:{number}", section=place.section, language=place.language)
            self._tell(entry, actor, text)

    def _tell(self, entry: Entry, actor: Account, text: str) -> None:
        """In the inbox only: a mail for each comment would be too many."""
        for number in sorted({entry.owner, entry.reviewer} - {None, actor.id}, key=str):
            account = self._people.get(number) if number is not None else None
            if account is not None and not account.disabled:
                self._notices.tell(account, "commented", entry, mail=False, actor=actor.name, note=text)

    def settle(self, number: int, comment: int, actor: Account, settled: bool = True) -> None:
        """Mark a comment of this entry as settled, or open it again; raises `EntryError` or `RightsError`."""
        with self._store.writing():
            require(actor, Action.COMMENT, self._entries.required(number))
            found = next((item for item in self.of(number) if item.id == comment), None)
            if found is None:
                raise EntryError("there is no such comment")
            when = stamp(self._clock()) if settled else None
            values = {"resolved": when, "resolver": actor.id if settled else None}
            self._store.database.table("comments").update(comment, values)
            self._audit.write(actor, "comment-settled" if settled else "comment-opened", f"entry:{number}", comment=comment)

    def of(self, number: int) -> list[Comment]:
        """All comments on an entry, open ones first, each in the order in which they came."""
        sql = """SELECT id, entry, revision, section, language, author, made, text, resolved, resolver
                 FROM comments WHERE entry = ? ORDER BY resolved IS NOT NULL, id"""
        rows = self._store.database.execute(sql, [number])
        return [Comment(row[0], row[1], row[2], Place(row[3], row[4]), *row[5:]) for row in rows]
