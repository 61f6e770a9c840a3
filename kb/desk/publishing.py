"""Publishing and withdrawing: what readers see changes in the same transaction as the entry, so that the two always agree.

The index follows within seconds (`kb.desk.upkeep`). Stopped at any moment, the database holds the old state or the new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from kb.desk.accounts import Account
from kb.desk.clock import Clock, present
from kb.desk.completeness import Gap, to_publish
from kb.desk.entries import Entries, Entry, EntryError, StaleError
from kb.desk.evidence import Evidence
from kb.desk.rights import Action, State, require
from kb.desk.workflow import Workflow
from kb.encoder import Encoder
from kb.ingest.embedding import embed
from kb.ingest.passages import passages_of
from kb.ingest.pipeline import remember_words
from kb.overlay import read_state
from kb.records import Bilingual, Practice
from kb.store import Store, Tombstone, content_hash
from kb.taxonomy import Taxonomy
from kb.text.segment import Segmenter

MAX_REASON = 1000
_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 50


class NotReadyError(EntryError):
    """An entry lacks what a published case must have; `gaps` says what."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps
        super().__init__("The entry is not complete; fill in what is missing and publish again.")


@dataclass(frozen=True)
class Tools:
    """What turns a practice into passages with vectors.

    `text_state` and `words` are the states of the repository's words, and of the desk's changes among them.
    """

    encoder: Encoder
    segmenter: Segmenter
    taxonomy: Taxonomy
    text_state: str
    words: str


class Publisher:
    """Publishes the entries of one database. `tools` is called for each case that is published."""

    def __init__(self, store: Store, workflow: Workflow, tools: Callable[[], Tools], clock: Clock = present) -> None:
        self._store = store
        self._workflow = workflow
        self._tools = tools
        self._clock = clock
        self._entries = Entries(store, clock)
        self._evidence = Evidence(store, clock)

    def gaps(self, entry: Entry, taxonomy: Taxonomy) -> tuple[Gap, ...]:
        """What keeps the newest revision from readers: what it lacks, and claims that a checker refuted."""
        practice = self.prepared(entry)
        return (*to_publish(practice, taxonomy), *self._evidence.refuted(entry.number, practice))

    def publish(self, number: int, actor: Account) -> Entry:
        """Make the newest revision what readers see; raises `NotReadyError`, `EntryError`, or `RightsError`."""
        tools = self._tools()
        entry = self._entries.required(number)
        practice = self.prepared(entry)
        if gaps := self.gaps(entry, tools.taxonomy):
            raise NotReadyError(gaps)
        passages = passages_of(practice, tools.segmenter)
        vectors = embed(passages, tools.encoder)  # of all, so that none is missing whatever is swept meanwhile
        with self._store.writing():
            if self._entries.required(number).revision != entry.revision:
                raise StaleError(self._entries.required(number).revision)
            if read_state(self._store.database.conn) != tools.words:
                raise EntryError("The termbase was changed at this moment; publish again.")
            if refuted := self._evidence.refuted(number, practice):
                raise NotReadyError(refuted)  # found while the vectors were made
            self._check_free(entry, practice)
            self._store.database.table("entries").update(number, {"practice": practice.id})
            moved = self._workflow.move(number, State.PUBLISHED, actor)
            if self._store.meta("text_state") is None:  # the first case of all
                remember_words(self._store, tools.text_state, tools.segmenter)
            self._store.put(practice, passages, vectors, tools.encoder.fingerprint, edited=True)
            self._store.unbury(practice.id)
        return moved

    def prepared(self, entry: Entry) -> Practice:
        """The newest text under the id that it has, was given, or gets from its country and English title."""
        practice = self._entries.newest(entry)
        return practice if practice.id else replace(practice, id=self._free_id(practice))

    def _free_id(self, practice: Practice) -> str:
        words = _SLUG.sub("-", (practice.title.en or practice.title.get("en")).casefold()).strip("-")
        words = words[:_LONGEST_SLUG].rpartition("-")[0] if len(words) > _LONGEST_SLUG else words
        if not practice.country:
            return ""
        base = f"{practice.country.casefold()}-{words or 'case'}"
        taken = {row[0] for row in self._store.database.execute(
            "SELECT id FROM records WHERE id LIKE ? UNION SELECT practice FROM entries WHERE practice LIKE ? "
            "UNION SELECT id FROM tombstones WHERE id LIKE ?", [f"{base}%"] * 3)}  # fmt: skip
        return next(name for name in (base, *(f"{base}-{count}" for count in range(2, 10_000))) if name not in taken)

    def _check_free(self, entry: Entry, practice: Practice) -> None:
        """The practice's id is this entry's, and what readers see is what this entry last published."""
        stored = self._store.practice(practice.id)
        if stored is None and not self._store.rows([practice.id]):
            return
        owner = self._entries.of_practice(practice.id)
        if stored is None or owner is None or owner.number != entry.number:
            raise EntryError(f"the id {practice.id} is taken; give the entry another id")
        if entry.published is None or entry.state is State.WITHDRAWN:
            return
        last = self._entries.revision(entry.number, entry.published).practice
        if content_hash(replace(last, id=stored.id)) != content_hash(stored):
            raise EntryError("The case was changed outside the desk meanwhile; compare it with kb export before publishing.")

    def withdraw(self, number: int, actor: Account, reason: Bilingual) -> Entry:
        """Take an entry back. Of a public case a tombstone stays, with the reason in both languages."""
        reason = Bilingual(" ".join(reason.th.split())[:MAX_REASON], " ".join(reason.en.split())[:MAX_REASON])
        with self._store.writing():
            entry = self._entries.required(number)
            if entry.public:
                require(actor, Action.PUBLISH, entry)  # an owner may discard a draft, not what readers see
                if not (reason.th and reason.en):
                    raise EntryError("Give the reason in Thai and in English; readers see it at the case's address.")
            moved = self._workflow.move(number, State.WITHDRAWN, actor, reason.get(actor.language))
            if entry.public and entry.practice is not None:
                self._store.bury(Tombstone(entry.practice, self._clock().date(), reason))
        return moved
