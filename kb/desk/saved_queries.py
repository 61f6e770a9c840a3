"""Questions that the secretariat keeps an eye on: it sees what a change of the lists does to their answers before saving it."""

from __future__ import annotations

from dataclasses import dataclass

from kb.desk.clock import Clock, present, stamp
from kb.desk.lists import ListError
from kb.desk.rights import Action, Actor, require
from kb.search.query import query_language
from kb.store import Store

MAX_SAVED = 200
MAX_TEXT = 300


@dataclass(frozen=True)
class SavedQuery:
    """A kept question; `number` is 0 for one that is not kept."""

    number: int
    text: str
    language: str


class SavedQueries:
    """The kept questions of one database."""

    def __init__(self, store: Store, clock: Clock = present) -> None:
        self._store = store
        self._clock = clock

    def all(self) -> list[SavedQuery]:
        """In the order in which they were added."""
        rows = self._store.database.execute("SELECT id, text, language FROM saved_queries ORDER BY id")
        return [SavedQuery(*row) for row in rows]

    def add(self, text: str, actor: Actor) -> None:
        """Keep a question; raises `ListError` where it is empty, too long, there already, or one too many."""
        require(actor, Action.TERMS)
        text = " ".join(text.split())
        if not text or len(text) > MAX_TEXT:
            raise ListError("Give a question of at most {most} characters.", most=str(MAX_TEXT))
        with self._store.writing():
            known = self.all()
            if any(query.text == text for query in known):
                raise ListError("This question is kept already.")
            if len(known) >= MAX_SAVED:
                raise ListError("At most {most} questions are kept; remove one first.", most=str(MAX_SAVED))
            row = {"account": actor.id, "text": text, "language": query_language(text), "made": stamp(self._clock())}
            self._store.database.table("saved_queries").insert(row)

    def remove(self, number: int, actor: Actor) -> None:
        """Keep a question no longer."""
        require(actor, Action.TERMS)
        with self._store.writing():
            self._store.database.execute("DELETE FROM saved_queries WHERE id = ?", [number])
