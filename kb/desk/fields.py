"""The fields of a practice as leaves, and the items of its lists paired by what names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from kb.records import LANGUAGES, SECTIONS, Agency, Award, Bilingual, Claim, Face, Lang, Lineage, Practice, Related, Source

Pairs = list[tuple[int | None, int | None]]

_IN_PLACE = (Agency, Award, Bilingual, Lineage)
"""Items that may change their names and stay the same item, where their neighbours do."""


@dataclass(frozen=True)
class Leaf:
    """A field of two versions. Codes are tuples of texts; everything else is one text, empty where there is nothing."""

    path: str
    language: Lang | None
    before: str | tuple[str, ...]
    after: str | tuple[str, ...]
    prose: bool = False


def leaves(before: Practice, after: Practice) -> Iterator[Leaf]:
    """All fields of two versions of a practice but the numbers of revisions, facts before faces."""
    for field in fields(Practice):
        if field.name != "faces":
            yield from _leaves(field.name, getattr(before, field.name), getattr(after, field.name))
    for language in LANGUAGES:
        old, new = (practice.faces.get(language, Face(language, "", {})) for practice in (before, after))
        yield Leaf("title", language, old.title, new.title, prose=True)
        for section in sections_of(old, new):
            yield Leaf(section, language, old.sections.get(section, ""), new.sections.get(section, ""), prose=True)
        yield Leaf("face.state", language, old.state, new.state)
        yield Leaf("face.checked", language, said(old.checked), said(new.checked))
        yield Leaf("face.unchecked_names", language, old.unchecked_names, new.unchecked_names)


def sections_of(*faces: Face) -> list[str]:
    """The sections of these faces, in order; unknown ones last."""
    present = dict.fromkeys(section for face in faces for section in face.sections)
    return [section for section in SECTIONS if section in present] + [key for key in present if key not in SECTIONS]


def _leaves(path: str, before: Any, after: Any) -> Iterator[Leaf]:
    sample = before if before is not None else after
    if isinstance(sample, Bilingual):
        for language in LANGUAGES:
            yield Leaf(path, language, getattr(before, language, ""), getattr(after, language, ""), prose=True)
    elif is_dataclass(sample):
        for field in fields(sample):
            if (path.partition(".")[0], field.name) != ("claims", "number"):
                yield from _leaves(f"{path}.{field.name}", getattr(before, field.name, None), getattr(after, field.name, None))
    elif isinstance(sample, tuple) and any(is_dataclass(item) for item in (*(before or ()), *(after or ()))):
        yield from _item_leaves(path, before or (), after or ())
    elif isinstance(sample, tuple):
        yield Leaf(path, None, tuple(map(str, before or ())), tuple(map(str, after or ())))
    else:
        was, now = said(before), said(after)
        yield Leaf(path, None, was, now, prose=" " in was + now)


def _item_leaves(path: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[Leaf]:
    for old, new in paired(before, after):
        item = after[new] if new is not None else before[old or 0]
        number = item.number if isinstance(item, Claim) else (new if new is not None else old or 0) + 1
        yield from _leaves(
            f"{path}.{number}", before[old] if old is not None else None, after[new] if new is not None else None
        )


def said(value: Any) -> str:
    """A value as a text for people; nothing is empty. Texts in both languages stand one below the other."""
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, tuple):
        return ", ".join(map(said, value)) if not any(map(is_dataclass, value)) else "\n".join(map(said, value))
    if isinstance(value, Face):
        return "\n\n".join([value.title, *(value.sections[section] for section in sections_of(value))])
    if is_dataclass(value):
        return "\n".join(filter(None, (said(getattr(value, field.name)) for field in fields(value))))
    return str(value)


def paired(before: Sequence[Any], after: Sequence[Any], in_place: bool = True) -> Pairs:
    """Places of the same item in two versions of a list, in the order of the later one, then those taken out.

    Equal items belong together, then those with a name in common, then, `in_place`, those between the same neighbours.
    """
    match: dict[int, int] = {}
    taken: set[int] = set()
    _match_by([[item] for item in before], [[item] for item in after], match, taken)
    count = max((len(_names(item)) for item in (*before, *after)), default=0)
    for number in range(count):
        one, other = ([_names(item)[number : number + 1] for item in side] for side in (before, after))
        _match_by(one, other, match, taken)
    if in_place:
        _match_in_place(before, after, match, taken)
    back = {new: old for old, new in match.items()}
    return [(back.get(new), new) for new in range(len(after))] + [(old, None) for old in range(len(before)) if old not in match]


def _match_by(before: Sequence[list[Any]], after: Sequence[list[Any]], match: dict[int, int], taken: set[int]) -> None:
    """Pair the items with an equal key, each with the first one that is left; an item without a key has no pair."""
    for old, key in enumerate(before):
        if old in match or not key or not key[0]:
            continue
        new = next((place for place, other in enumerate(after) if place not in taken and other == key), None)
        if new is not None:
            match[old] = new
            taken.add(new)


def _match_in_place(before: Sequence[Any], after: Sequence[Any], match: dict[int, int], taken: set[int]) -> None:
    """Pair what is left between two paired neighbours, where as many are left on both sides."""
    old_gaps, new_gaps = _gaps(len(before), set(match)), _gaps(len(after), taken)
    after_neighbour = {(match[gap[0] - 1] if gap[0] else -1): gap for gap in old_gaps}
    for gap in new_gaps:
        old_gap = after_neighbour.get(gap[0] - 1, [])
        if len(old_gap) == len(gap):
            for old, new in zip(old_gap, gap, strict=True):
                if isinstance(before[old], _IN_PLACE):
                    match[old] = new
                    taken.add(new)


def _gaps(length: int, matched: set[int]) -> list[list[int]]:
    gaps: list[list[int]] = [[]]
    for place in range(length):
        if place in matched:
            gaps.append([])
        else:
            gaps[-1].append(place)
    return [gap for gap in gaps if gap]


def _names(item: Any) -> list[Any]:
    """What an item is known by, the surest first."""
    if isinstance(item, Agency | Award):
        return [item.name.th, item.name.en]
    if isinstance(item, Bilingual):
        return [item.th, item.en]
    if isinstance(item, Lineage):
        return [item.id and (item.relation, item.id), item.text.th, item.text.en]
    if isinstance(item, Related):
        return [item.id]
    if isinstance(item, Source):
        return [item.url, item.title]
    return [item.number] if isinstance(item, Claim) else []
