"""The two faces of a practice in step: which section was made from which text of its twin, and what changed since.

Each side of a section remembers the twin's text that it was last made from or compared with, as a hash. Where the twin says
something else now, the side is behind. An edit never clears that by itself, since nobody but a person knows whether it
carried the twin's change over; `in_step` does, and so does a save that changes both sides at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from kb.desk.differences import Run, differences
from kb.desk.fields import sections_of
from kb.desk.mismatches import Mismatch, TwinNames, mismatches, section_mismatches
from kb.errors import KbError
from kb.records import LANGUAGES, Face, Lang, Practice
from kb.text.segment import Segmenter

__all__ = [
    "Author", "Mismatch", "OldTexts", "SectionStanding", "SectionState", "TwinError", "TwinNames", "after_edit", "in_step",
    "may_overwrite", "mismatches", "section_mismatches", "standing", "state_of", "text_hash",
    "text_of",
]  # fmt: skip

SideState = Literal["original", "machine", "checked"]
Standing = Literal["in-step", "behind", "missing", "machine-unchecked"]
States = tuple["SectionState", ...]

TITLE = "title"

_FROM_FACE: dict[str, SideState] = {"machine": "machine", "human-checked": "checked"}


class TwinError(KbError):
    """A text of one face must not be replaced by this text."""


@dataclass(frozen=True)
class Author:
    """Who wrote: a person by name, or a translation engine."""

    name: str
    machine: bool = False


@dataclass(frozen=True)
class SectionState:
    """How one side of a section came about.

    `section` is a key of `SECTIONS` or `title`. `original` was written by a person, `machine` by a translation engine, and
    `checked` by an engine and then looked through by a person. `by` and `at` (ISO 8601) are of the last edit or check.
    `twin_hash` is that of the twin's text then; empty where it is not known.
    """

    language: Lang
    section: str
    state: SideState
    by: str
    at: str
    twin_hash: str


@dataclass(frozen=True)
class SectionStanding:
    """How one side of a section stands to its twin. `since` leads from the twin's text then to that of now, where known."""

    language: Lang
    section: str
    standing: Standing
    since: tuple[Run, ...] = ()


@dataclass(frozen=True)
class OldTexts:
    """Earlier texts by their hash, and the segmenter to compare them with: what an entry's revisions said."""

    by_hash: Mapping[str, str]
    segmenter: Segmenter

    @classmethod
    def of(cls, versions: Iterable[Practice], segmenter: Segmenter) -> OldTexts:
        """All texts of some versions of a practice."""
        texts = (text_of(practice, lang, key) for practice in versions for lang in LANGUAGES for key in _keys(practice))
        return cls({text_hash(text): text for text in texts}, segmenter)


def text_hash(text: str) -> str:
    """A text's checksum; blanks at its ends and the way lines are broken do not count."""
    return sha256("\n".join(text.strip().splitlines()).encode()).hexdigest()[:32]


def text_of(practice: Practice, language: Lang, section: str) -> str:
    """The title or section of a face, empty where there is none."""
    face = practice.faces.get(language)
    if face is None:
        return ""
    return face.title if section == TITLE else face.sections.get(section, "")


def twin(language: Lang) -> Lang:
    return "en" if language == "th" else "th"


def state_of(practice: Practice, states: States, language: Lang, section: str) -> SectionState | None:
    """The state of one side of a section; `None` where nothing is written.

    A side that was never noted has its face's state. It counts as made from its twin of now, unless the face names an
    earlier revision of the twin.
    """
    if not text_of(practice, language, section).strip():
        return None
    found = next((state for state in states if (state.language, state.section) == (language, section)), None)
    if found is not None:
        return found
    face, other = practice.faces[language], practice.faces.get(twin(language))
    outdated = other is not None and face.made_from is not None and face.made_from != other.revision
    made_from = "" if outdated else text_hash(text_of(practice, twin(language), section))
    state: SideState = "checked" if face.checked else _FROM_FACE.get(face.state, "original")
    return SectionState(language, section, state, "", "", made_from)


def standing(practice: Practice, states: States, old: OldTexts | None = None) -> tuple[SectionStanding, ...]:
    """How each side of each section stands, Thai before English, in the order of sections.

    A side is missing where only its twin is written, and behind where the twin changed since; a machine's text that is not
    behind waits for a person. Sections that neither face has are left out.
    """
    return tuple(
        found for section in _keys(practice) for lang in LANGUAGES if (found := _standing(practice, states, old, lang, section))
    )


def _standing(practice: Practice, states: States, old: OldTexts | None, language: Lang, section: str) -> SectionStanding | None:
    state = state_of(practice, states, language, section)
    other = text_of(practice, twin(language), section)
    if state is None:
        return SectionStanding(language, section, "missing") if other.strip() else None
    if other.strip() and state.twin_hash != text_hash(other):
        known = old.by_hash.get(state.twin_hash) if old else None
        since = differences(known, other, old.segmenter) if old and known is not None else ()
        return SectionStanding(language, section, "behind", since)
    return SectionStanding(language, section, "machine-unchecked" if state.state == "machine" else "in-step")


def may_overwrite(practice: Practice, states: States, language: Lang, section: str) -> bool:
    """Whether a machine may write here: where nothing is written, or a machine's text that no person touched."""
    state = state_of(practice, states, language, section)
    return state is None or state.state == "machine"


def after_edit(before: Practice, after: Practice, states: States, who: Author, when: str) -> States:
    """The states after an edit. `when` is ISO 8601.

    A person's edit makes a machine's text checked and leaves the twin behind. What is written where nothing was, and what a
    machine writes, is made from the twin of now; so are both sides where one edit changed both. Raises `TwinError` where a
    machine's text would replace a person's.
    """
    new = {(state.language, state.section): state for state in states}
    for section in dict.fromkeys((*_keys(before), *_keys(after))):
        noted = {lang: state_of(before, states, lang, section) for lang in LANGUAGES}
        changed = [lang for lang in LANGUAGES if _is_changed(before, after, lang, section)]
        fresh = len(changed) == 2 or who.machine or any(noted[lang] is None for lang in changed)
        for lang in LANGUAGES:
            state = noted[lang]
            if lang in changed:
                if who.machine and not may_overwrite(before, states, lang, section):
                    raise TwinError(
                        f"the {section} of the {lang} face was written by a person; a translation cannot replace it"
                    )
                state = _edited(state, SectionState(lang, section, "original", who.name, when, ""), who)
            if changed and fresh and state is not None:
                state = replace(state, twin_hash=text_hash(text_of(after, twin(lang), section)))
            if changed and state is not None:
                new[lang, section] = state
            if not text_of(after, lang, section).strip():
                new.pop((lang, section), None)
    return _sorted(new.values())


def _is_changed(before: Practice, after: Practice, language: Lang, section: str) -> bool:
    return text_hash(text_of(before, language, section)) != text_hash(text_of(after, language, section))


def _edited(state: SectionState | None, new: SectionState, who: Author) -> SectionState:
    """The state of a side that was written anew, still compared with the twin's text of before."""
    if who.machine:
        return replace(new, state="machine")
    if state is None:
        return new
    kept: SideState = "original" if state.state == "original" else "checked"
    return replace(new, state=kept, twin_hash=state.twin_hash)


def in_step(practice: Practice, states: States, section: str, who: str, when: str) -> States:
    """The states after a person compared both sides of a section and found that they say the same."""
    new = {(state.language, state.section): state for state in states}
    for lang in LANGUAGES:
        state = state_of(practice, states, lang, section)
        if state is not None:
            checked: SideState = "original" if state.state == "original" else "checked"
            hashed = text_hash(text_of(practice, twin(lang), section))
            new[lang, section] = SectionState(lang, section, checked, who, when, hashed)
    return _sorted(new.values())


def _keys(practice: Practice) -> list[str]:
    faces: list[Face] = list(practice.faces.values())
    return [TITLE, *sections_of(*faces)]


def _sorted(states: Iterable[SectionState]) -> States:
    """States in a stable order: titles, then sections as they come in a face."""
    found = list(states)
    order = [TITLE, *sections_of(Face("th", "", {state.section: "" for state in found}))]
    return tuple(sorted(found, key=lambda state: (order.index(state.section), LANGUAGES.index(state.language))))
