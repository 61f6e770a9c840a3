"""The gate against double cases: what is very like a draft, in either language, and what the person said of it.

Cases that readers see are found through the index; entries that are still at the desk are compared with the draft one by one.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kb.desk import duplicates
from kb.desk.audit import Audit
from kb.desk.entries import Entries, Entry, EntryError
from kb.desk.rights import Actor, State
from kb.records import LANGUAGES, Lang, Practice
from kb.search.engine import Searcher

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIKE_ACROSS, LIKE_WITHIN, VERY = 0.40, 0.50, 0.60
"""From these likenesses on an entry has to be looked at before a draft is submitted: one that lacks the draft's language, and
one that has it, because texts of one language are nearer to one another. From `VERY` on it is called very much alike. All three
come from `bench/gate.py`."""

SURE = 0.9
"""From this probability on a published case is called very much alike."""

MAX_REASON = 1000
MAX_COMPARED = 200
"""Entries at the desk that a draft is compared with, the newest first."""

NOT_DOUBLE = "not-double"
"""The line of the log that keeps "a different case", with its reason."""

_SECTIONS = ("summary", "problem", "action")
_MAX_TEXT = 3000
_FACTS = ("country", "place", "agencies", "start", "levels", "priority")
_OPEN = (State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED)


@dataclass(frozen=True)
class Near:
    """A case that is like a draft: a published one by its `record`, or an entry that readers do not see.

    `score` is the probability that a published case is the same one (`kb.desk.duplicates`), and of an entry how alike the texts
    are (a cosine); `alike` says whether that has to be looked at.
    `agrees` and `differs` name facts that both tell.
    """

    practice: Practice
    score: float
    record: str = ""
    entry: int = 0
    alike: bool = False
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def very(self) -> bool:
        """Whether it is told as very much alike."""
        return self.alike and self.score >= (SURE if self.record else VERY)

    @property
    def key(self) -> str:
        """What stands for it in forms and in the log."""
        return f"practice:{self.record}" if self.record else f"entry:{self.entry}"


@dataclass(frozen=True)
class Decision:
    """That a person said "a different case" of something."""

    key: str
    reason: str
    actor: str


class Gate:
    """Compares drafts of one desk. Vectors of entries are kept in memory by their revision."""

    def __init__(self, entries: Entries, audit: Audit) -> None:
        self._entries = entries
        self._audit = audit
        self._vectors: OrderedDict[tuple[int, int], NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def near(self, draft: Practice, searcher: Searcher, left_out: int = 0, limit: int = 5) -> tuple[Near, ...]:
        """What is most like a draft, best first; `left_out` is its own entry. Nothing for a draft that says too little."""
        text = told(draft)
        if len(text) < 40:
            return ()
        found: dict[str, Near] = {}
        for likeness in duplicates.find(draft, searcher, limit):
            practice = searcher.store.practice(likeness.id)
            if practice is not None:
                near = _compared(draft, practice, likeness.probability, record=likeness.id)
                found[near.key] = replace(near, alike=likeness.likely)
        for near in self._at_the_desk(draft, text, searcher, left_out):
            found.setdefault(near.key, near)
        return tuple(sorted(found.values(), key=lambda near: -near.score)[:limit])

    def _at_the_desk(self, draft: Practice, text: str, searcher: Searcher, left_out: int) -> Iterator[Near]:
        others = [one for one in self._entries.listed(_OPEN, limit=MAX_COMPARED) if one.number != left_out and not one.practice]
        texts = [(one, self._entries.newest(one)) for one in others]
        told_ones = [(one, practice) for one, practice in texts if len(told(practice)) >= 40]
        if not told_ones:
            return
        own = _encoded(searcher, [(text, language_of(draft))])[0]
        for (_, practice), (one, vector) in zip(told_ones, self._known(told_ones, searcher), strict=True):
            yield _compared(draft, practice, float(own @ vector), entry=one.number)

    def _known(
        self, drafts: Sequence[tuple[Entry, Practice]], searcher: Searcher
    ) -> Iterable[tuple[Entry, NDArray[np.float32]]]:
        with self._lock:
            new = [(one, practice) for one, practice in drafts if (one.number, one.revision) not in self._vectors]
            if new:
                made = _encoded(searcher, [(told(practice), language_of(practice)) for _, practice in new])
                for (one, _), vector in zip(new, made, strict=True):
                    self._vectors[one.number, one.revision] = vector
            found = [(one, self._vectors[one.number, one.revision]) for one, _ in drafts]
            while len(self._vectors) > 4 * MAX_COMPARED:
                self._vectors.popitem(last=False)
        return found

    def decide(self, entry: Entry, key: str, reason: str, actor: Actor) -> None:
        """Keep that a draft is a different case; raises `EntryError` without a reason."""
        reason = " ".join(reason.split())
        if not reason:
            raise EntryError("Say in what the two cases differ.")
        if len(reason) > MAX_REASON:
            raise EntryError("The reason is too long; shorten it.")
        self._audit.write(actor, NOT_DOUBLE, f"entry:{entry.number}", other=key, reason=reason)

    def decided(self, entry: Entry) -> dict[str, Decision]:
        """What was said to be a different case, by its key; the newest word counts."""
        found: dict[str, Decision] = {}
        for line in self._audit.lines(f"entry:{entry.number}", limit=1000):
            if line.action == NOT_DOUBLE:
                said = json.loads(line.detail)
                found.setdefault(said["other"], Decision(said["other"], said["reason"], line.actor))
        return found

    def undecided(self, entry: Entry, searcher: Searcher) -> tuple[Near, ...]:
        """What is so like an entry that somebody has to look at it before the entry is submitted."""
        near = self.near(self._entries.newest(entry), searcher, entry.number)
        decided = self.decided(entry)
        return tuple(one for one in near if one.alike and one.key not in decided)


def told(practice: Practice) -> str:
    """What a draft says of itself, in the language that it was written in."""
    face = practice.faces.get(language_of(practice))
    if face is None:
        return ""
    return "\n".join(filter(None, (face.title, *(face.sections.get(name, "") for name in _SECTIONS))))[:_MAX_TEXT]


def language_of(practice: Practice) -> Lang:
    """The language of a draft: that of its only face, or Thai."""
    return next((code for code in LANGUAGES if code in practice.faces), LANGUAGES[0])


def _encoded(searcher: Searcher, texts: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    raw = searcher.encoder.encode([text for text, _ in texts], "document")
    return searcher.space.project(raw, [language for _, language in texts], "document")


def _compared(draft: Practice, other: Practice, score: float, record: str = "", entry: int = 0) -> Near:
    both = [name for name in _FACTS if _said(draft, name) and _said(other, name)]
    agreeing = tuple(name for name in both if _said(draft, name) & _said(other, name))
    bound = LIKE_WITHIN if language_of(draft) in other.faces else LIKE_ACROSS
    return Near(other, score, record, entry, score >= bound, agreeing, tuple(name for name in both if name not in agreeing))


def _said(practice: Practice, name: str) -> frozenset[str]:
    """What a practice says of a fact, for comparing: any common value agrees."""
    if name == "agencies":
        return frozenset(text.casefold() for one in practice.agencies for text in (one.name.th, one.name.en) if text)
    if name == "place":
        return frozenset(text.casefold() for text in (practice.place.th, practice.place.en) if text)
    value = getattr(practice, name)
    if name == "levels":
        return frozenset(value)
    return frozenset((str(value),)) if value else frozenset()
