"""Three-way merging of practices: what two people made of the same revision becomes one again, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from kb.desk.diff3 import Side, merge_texts
from kb.desk.fields import said, sections_of
from kb.desk.merge_lists import Slot, aligned, merged_codes, merged_order
from kb.desk.merge_numbers import cited, in_one_numbering, renumbered_sources
from kb.records import LANGUAGES, Bilingual, Claim, Face, Lang, Practice

T = TypeVar("T")
Choices = Mapping[str, Side]
NO_CHOICES: Choices = MappingProxyType({})


@dataclass(frozen=True)
class Conflict:
    """A field, or sentences of a section, that both sides changed differently, with all three texts.

    `key` names it for a choice; `path` and `language` are those of a `FieldChange`. `taken` is the side whose text stands in
    the merged practice, `span` its place in the section there (`None` for facts and titles).
    """

    key: str
    path: str
    language: Lang | None
    base: str
    mine: str
    theirs: str
    taken: Side
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Merged:
    practice: Practice
    conflicts: tuple[Conflict, ...]


def merge(base: Practice, mine: Practice, theirs: Practice, choices: Choices = NO_CHOICES) -> Merged:
    """Bring together two versions that were made from `base`, by sections and facts, and inside a section by sentences.

    What one side changed is taken; what both changed alike is one. In a conflict the merged practice has `mine`, or whatever
    stands on the only side that has something, unless `choices` (key of a conflict -> side) says otherwise: a page shows the
    conflicts, and merges again with what was chosen. Where both sides added a source or a claim, numbers and marks in the
    texts are adjusted.
    """
    if mine in (base, theirs):
        return Merged(theirs, ())
    if theirs == base:
        return Merged(mine, ())
    return _Merger(choices).practices(base, mine, theirs)


class _Merger:
    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._conflicts: list[Conflict] = []

    def practices(self, base: Practice, mine: Practice, theirs: Practice) -> Merged:
        numbered = in_one_numbering(base, mine, theirs)
        base, mine, theirs = numbered.base, numbered.mine, numbered.theirs
        values: dict[str, Any] = {}
        for field in fields(Practice):
            if field.name not in ("faces", "claims", "sources"):
                values[field.name] = self._value(field.name, *_attributes(field.name, base, mine, theirs))
        values["faces"] = self._faces(base, mine, theirs)
        numbers = cited(values["faces"])
        needed = {
            claim.number
            for one in (mine, theirs)
            for claim in base.claims
            if claim.number in numbers - cited(one.faces) and claim.number not in {kept.number for kept in one.claims}
        }
        claims = aligned(base.claims, mine.claims, theirs.claims)
        values["claims"] = tuple(self._items("claims", claims, {slot for slot in claims if slot.any.number in needed}))
        referred = {number for claim in values["claims"] for number in claim.sources}
        sources = {slot: number for number, slot in enumerate(numbered.sources, 1)}
        kept = self._slots("sources", numbered.sources, {slot for slot, number in sources.items() if number in referred})
        values["sources"] = tuple(item for _, item in kept)
        places = {sources[slot]: place for place, (slot, _) in enumerate(kept, 1)}
        dropped = frozenset(sources.values()) - places.keys()
        renumbered = [renumbered_sources(claim, places, dropped) for claim in values["claims"]]
        values["claims"] = tuple(sorted(renumbered, key=lambda claim: claim.number))
        return Merged(Practice(**values), tuple(self._conflicts))

    # Facts

    def _value(self, path: str, base: Any, mine: Any, theirs: Any, language: Lang | None = None) -> Any:
        if mine in (base, theirs):
            return theirs
        if theirs == base:
            return mine
        if any(isinstance(value, Bilingual) for value in (base, mine, theirs)):
            sides = [value or Bilingual("", "") for value in (base, mine, theirs)]
            return Bilingual(*(self._value(path, *_attributes(lang, *sides), lang) for lang in LANGUAGES))
        if all(is_dataclass(value) for value in (base, mine, theirs)) and path != "verified":
            names = [field.name for field in fields(mine)]
            return replace(mine, **{
                name: self._value(f"{path}.{name}", *_attributes(name, base, mine, theirs)) for name in names
            })  # fmt: skip
        if isinstance(mine, tuple):
            if any(is_dataclass(item) for item in (*base, *mine, *theirs)):
                return tuple(self._items(path, aligned(base, mine, theirs), set()))
            return merged_codes(base, mine, theirs)
        return self._conflict(path, language, base, mine, theirs)

    def _items(self, path: str, slots: list[Slot], needed: set[Slot]) -> list[Any]:
        return [item for _, item in self._slots(path, slots, needed)]

    def _slots(self, path: str, slots: list[Slot], needed: set[Slot]) -> list[tuple[Slot, Any]]:
        """The items that stay, in order; `needed` ones were taken out on one side while the other side relies on them."""
        order = [slot for slot in merged_order(slots) if slot.stays or (slot in needed and not slot.gone)]
        kept = []
        for place, slot in enumerate(order, 1):
            number = slot.any.number if isinstance(slot.any, Claim) else place
            item = self._item(f"{path}.{number}", slot)
            if item is not None:
                kept.append((slot, item))
        return kept

    def _item(self, path: str, slot: Slot) -> Any:
        if slot.added:
            if slot.mine is None or slot.theirs is None:
                return slot.any
            return self._value(path, slot.blank, slot.mine, slot.theirs)
        if slot.mine is None or slot.theirs is None:
            return self._conflict(path, None, slot.base, slot.mine, slot.theirs)
        return self._value(path, slot.base, slot.mine, slot.theirs)

    # Faces

    def _faces(self, base: Practice, mine: Practice, theirs: Practice) -> dict[Lang, Face]:
        faces: dict[Lang, Face] = {}
        for lang in LANGUAGES:
            face = self._face(lang, *(one.faces.get(lang) for one in (base, mine, theirs)))
            if face is not None:
                faces[lang] = face
        return faces

    def _face(self, lang: Lang, base: Face | None, mine: Face | None, theirs: Face | None) -> Face | None:
        if mine in (base, theirs):
            return theirs
        if theirs == base:
            return mine
        if mine is None or theirs is None:
            left: Face | None = self._conflict("face", lang, base, mine, theirs)
            return left
        base = base or Face(lang, "", {})
        title = self._value("title", base.title, mine.title, theirs.title, lang)
        sections = {}
        for section in sections_of(base, mine, theirs):
            text = self._section(lang, section, *(face.sections.get(section) for face in (base, mine, theirs)))
            if text is not None:
                sections[section] = text
        return self._with_state(replace(mine, title=title, sections=sections), base, mine, theirs)

    def _section(self, lang: Lang, section: str, base: str | None, mine: str | None, theirs: str | None) -> str | None:
        if mine in (base, theirs):
            return theirs
        if theirs == base:
            return mine
        stem = f"{section}:{lang}"
        found = merge_texts(
            base or "", mine or "", theirs or "", lambda number: self._choices.get(f"{stem}#{number + 1}", "mine")
        )
        for number, hunk in enumerate(found.hunks, 1):
            key = f"{stem}#{number}"
            taken = self._choices.get(key, "mine")
            span = (hunk.start, hunk.end)
            self._conflicts.append(Conflict(key, section, lang, hunk.base, hunk.mine, hunk.theirs, taken, span))
        return found.text or (None if mine is None or theirs is None else "")

    def _with_state(self, face: Face, base: Face, mine: Face, theirs: Face) -> Face:
        """A face counts as checked where someone checked just this text; its twin's revision is the older of two."""
        lang = face.language
        made_from = {value for value in (mine.made_from, theirs.made_from) if value is not None}
        one_side = self._simple(base.made_from, mine.made_from, theirs.made_from)
        return replace(
            face,
            state=self._value("face.state", base.state, mine.state, theirs.state, lang),
            revision=max(mine.revision, theirs.revision),
            made_from=one_side[0] if one_side else min(made_from, default=None),
            checked=any(
                other.checked and (other.title, other.sections) == (face.title, face.sections) for other in (mine, theirs)
            ),
            unchecked_names=merged_codes(base.unchecked_names, mine.unchecked_names, theirs.unchecked_names),
        )

    @staticmethod
    def _simple(base: T, mine: T, theirs: T) -> tuple[T] | None:
        """The value that one side changed, or both alike."""
        if mine in (base, theirs):
            return (theirs,)
        return (mine,) if theirs == base else None

    def _conflict(self, path: str, language: Lang | None, base: Any, mine: Any, theirs: Any) -> Any:
        """Note a conflict and return the value that stands meanwhile."""
        key = f"{path}:{language or ''}"
        taken = self._choices.get(key, "theirs" if mine is None else "mine")
        self._conflicts.append(Conflict(key, path, language, said(base), said(mine), said(theirs), taken))
        return {"base": base, "mine": mine, "theirs": theirs}[taken]


def _attributes(name: str, base: Any, mine: Any, theirs: Any) -> tuple[Any, Any, Any]:
    return getattr(base, name), getattr(mine, name), getattr(theirs, name)
