"""Saving what a person wrote at the desk: the revision, the states of its sections, and what readers are told of each face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kb.desk.accounts import Account
from kb.desk.audit import Audit
from kb.desk.clock import Clock, present, stamp
from kb.desk.entries import Entries, Entry, EntryError, StaleError
from kb.desk.fields import sections_of
from kb.desk.section_store import SectionStates
from kb.desk.twins import (
    TITLE,
    Author,
    OldTexts,
    SectionStanding,
    SideState,
    States,
    after_edit,
    in_step,
    standing,
    state_of,
    twin,
)
from kb.records import LANGUAGES, Face, Lang, Practice
from kb.store import Store
from kb.text.segment import Segmenter

_REMEMBERED = 40
"""How many revisions are looked through for what a side was made from."""


@dataclass(frozen=True)
class Change:
    """What is to be saved: a text made from revision `base`, and why."""

    practice: Practice
    base: int
    reason: str = ""
    agreed: tuple[str, ...] = ()
    """Sections (or `title`) of which the person says that both sides say the same now."""


class Editing:
    """Edits the entries of one database. `segmenter` is called when texts are first compared."""

    def __init__(self, store: Store, segmenter: Callable[[], Segmenter], clock: Clock = present) -> None:
        self._store = store
        self._segmenter = segmenter
        self._clock = clock
        self._entries = Entries(store, clock)
        self._audit = Audit(store, clock)
        self._states = SectionStates(store)

    def save(self, number: int, change: Change, who: Account) -> Entry:
        """Save a text with the states of its sections; raises `StaleError` where another revision came in between."""
        with self._store.writing():
            entry = self._entries.required(number)
            if entry.revision != change.base:
                raise StaleError(entry.revision)
            before = self._entries.newest(entry)
            after = replace(change.practice, id=entry.practice or change.practice.id)
            now = stamp(self._clock())
            states = after_edit(before, after, self._whole(entry, before), Author(who.name), now)
            for section in change.agreed:
                states = in_step(after, states, section, who.name, now)
                self._audit.write(who, "section-in-step", f"entry:{number}", section=section)
            self._states.write(number, states, who)
            self._entries.forget_autosave(number, who)
            return self._entries.save(
                number, with_face_facts(after, states, self._published(entry)), change.base, who, change.reason
            )

    def restore(self, number: int, revision: int, base: int, who: Account, reason: str) -> Entry:
        """Make an older revision the newest one."""
        old = self._entries.revision(number, revision).practice
        return self.save(number, Change(old, base, reason), who)

    def states(self, entry: Entry, practice: Practice) -> States:
        """The states of all sides that say something, also of those that nobody has touched at the desk."""
        return self._whole(entry, practice)

    def standings(self, entry: Entry, practice: Practice) -> dict[tuple[Lang, str], SectionStanding]:
        """How each side stands to its twin, with what changed there since, by language and section."""
        states = self._whole(entry, practice)
        found = standing(practice, states)
        if any(item.standing == "behind" for item in found):
            found = standing(practice, states, OldTexts.of(self._versions(entry), self._segmenter()))
        return {(item.language, item.section): item for item in found}

    def _versions(self, entry: Entry) -> list[Practice]:
        first = max(1, entry.revision - _REMEMBERED)
        return [self._entries.revision(entry.number, number).practice for number in range(first, entry.revision + 1)]

    def _whole(self, entry: Entry, practice: Practice) -> States:
        stored = self._states.of(entry.number)
        keys = (TITLE, *sections_of(*practice.faces.values()))
        return tuple(
            found for key in keys for lang in LANGUAGES if (found := state_of(practice, stored, lang, key)) is not None
        )

    def _published(self, entry: Entry) -> Practice | None:
        if entry.published is None:
            return None
        try:
            return self._entries.revision(entry.number, entry.published).practice
        except EntryError:
            return None


def with_face_facts(practice: Practice, states: States, published: Practice | None) -> Practice:
    """The practice with what readers are told of each face: its state, revision, and which revision of its twin it has.

    A face gets a new revision where its text is not what was published. It names the twin's present revision, or an older one
    while a section of it is behind.
    """
    behind = {item.language for item in standing(practice, states) if item.standing == "behind"}
    revisions = {lang: _revision(face, published) for lang, face in practice.faces.items()}
    faces: dict[Lang, Face] = {}
    for lang, face in practice.faces.items():
        sides = {state.state for state in states if state.language == lang}
        face = replace(_with_state(face, sides), revision=revisions[lang])
        other = revisions.get(twin(lang))
        faces[lang] = face if other is None else replace(face, made_from=_made_from(face, other, lang in behind, published))
    return replace(practice, faces=faces)


def _revision(face: Face, published: Practice | None) -> int:
    last = published.faces.get(face.language) if published else None
    if last is None:
        return face.revision
    return last.revision + ((last.title, last.sections) != (face.title, face.sections))


def _with_state(face: Face, sides: set[SideState]) -> Face:
    if not sides:
        return face
    if "machine" in sides:
        return replace(face, state="machine", checked=False)
    if sides == {"original"}:
        return replace(face, state="original", checked=False)
    return replace(face, state="original" if face.state == "original" else "human-checked", checked=sides == {"checked"})


def _made_from(face: Face, other: int, behind: bool, published: Practice | None) -> int | None:
    last = published.faces.get(face.language) if published else None
    known = last.made_from if last else face.made_from
    if behind:
        older = known if known is not None else other - 1
        return min(older, other - 1) if other > 1 else known
    return None if known is None and face.state == "original" else other
