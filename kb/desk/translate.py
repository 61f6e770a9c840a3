"""Machine translation as a plug-in point: an engine fills sections that no person wrote, and never more than that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from kb.desk.twins import TITLE, Author, States, after_edit, may_overwrite, state_of, text_hash, text_of, twin
from kb.records import Face, Lang, Practice


class Translator(Protocol):
    """A translation engine. `name` is kept with each text that it made."""

    name: str

    def translate(self, text: str, source: Lang, target: Lang) -> str | None:
        """The Markdown text in the other language, with its marks of claims; `None` where the engine cannot do it."""
        ...


class NoTranslator:
    """The engine of a desk that has none."""

    name = "none"

    def translate(self, text: str, source: Lang, target: Lang) -> str | None:  # noqa: ARG002
        return None


@dataclass(frozen=True)
class TranslationProposal:
    """A practice with sections filled by an engine, their states, and which titles and sections they are."""

    practice: Practice
    states: States
    filled: tuple[str, ...]


def propose_translation(
    practice: Practice, states: States, translator: Translator, target: Lang, when: str
) -> TranslationProposal:
    """Fill the face in `target` from its twin, where it has nothing or an engine's older text that is behind.

    A text that a person wrote or checked stays, and so does everything where the engine gives nothing.
    """
    source = twin(target)
    face = practice.faces.get(target, Face(target, "", {}, state="machine"))
    title, sections, filled = face.title, dict(face.sections), []
    for section in _wanted(practice, states, target):
        text = translator.translate(text_of(practice, source, section), source, target)
        if text is None or not text.strip():
            continue
        filled.append(section)
        if section == TITLE:
            title = text.strip()
        else:
            sections[section] = text.strip()
    if not filled:
        return TranslationProposal(practice, states, ())
    translated = replace(practice, faces={**practice.faces, target: replace(face, title=title, sections=sections)})
    noted = after_edit(practice, translated, states, Author(translator.name, machine=True), when)
    return TranslationProposal(translated, noted, tuple(filled))


def _wanted(practice: Practice, states: States, target: Lang) -> list[str]:
    """Titles and sections that the twin has, that a machine may write, and that are not up to date."""
    source = practice.faces.get(twin(target))
    if source is None:
        return []
    wanted = []
    for section in (TITLE, *source.sections):
        text = text_of(practice, twin(target), section)
        state = state_of(practice, states, target, section)
        outdated = state is None or state.twin_hash != text_hash(text)
        if text.strip() and outdated and may_overwrite(practice, states, target, section):
            wanted.append(section)
    return wanted
