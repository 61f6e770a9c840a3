"""What is told of a case where there is no room for all of it: whole items, never parts of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.records import Lang, Practice
from web.takeaway.blocks import Block, blocks

_EDITORS = ("ข้อสังเกตของบรรณาธิการ", "Editor's note")
"""How items begin in which an editor says what to be careful about; every entry has one among its lessons."""


@dataclass(frozen=True)
class Detail:
    """How much is told of each case: characters of results and of what to watch, and whether what a transfer needs is told."""

    results: int
    watch: int
    transfer: bool = False
    size: float = 9.0
    """Of the letters, in points."""


DETAILS = (
    Detail(4000, 4000, transfer=True),
    Detail(1200, 1200, transfer=True),
    Detail(900, 500),
    Detail(500, 300),
    Detail(250, 1, size=8.5),
    Detail(1, 1, size=8.5),
    Detail(1, 0, size=8.5),
)
"""From the fullest to the shortest; one result is always told."""


@dataclass(frozen=True)
class Chosen:
    """Items of each face's sections that are told: (results, what to watch, what a transfer needs)."""

    results: dict[Lang, tuple[Block, ...]]
    watch: dict[Lang, tuple[Block, ...]]
    transfer: dict[Lang, tuple[Block, ...]]


def chosen(practice: Practice, detail: Detail) -> Chosen:
    """The items that this detail has room for, the same ones in each language."""
    results = {lang: items(practice, lang, "results") for lang in practice.faces}
    lessons = {lang: items(practice, lang, "lessons") for lang in practice.faces}
    first = next(iter(lessons.values()), ())
    careful = [number for number, block in enumerate(first) if block.text.startswith(_EDITORS)]
    others = [number for number in range(len(first)) if number not in careful]
    transfer = {lang: items(practice, lang, "transfer") if detail.transfer else () for lang in practice.faces}
    return Chosen(
        _within(results, range(max(map(len, results.values()), default=0)), detail.results),
        _within(lessons, [*careful, *others], detail.watch) if detail.watch else dict.fromkeys(lessons, ()),
        transfer,
    )


def _within(items: dict[Lang, tuple[Block, ...]], order: Sequence[int], limit: int) -> dict[Lang, tuple[Block, ...]]:
    """The same items in each language, in their own order: the first of `order`, and more while the text stays in `limit`."""
    taken: list[int] = []
    length = 0
    for number in order:
        length += max((len(blocks[number].text) for blocks in items.values() if number < len(blocks)), default=0)
        if taken and length > limit:
            break
        taken.append(number)
    return {lang: tuple(blocks[number] for number in sorted(taken) if number < len(blocks)) for lang, blocks in items.items()}


def items(practice: Practice, lang: Lang, section: str) -> tuple[Block, ...]:
    """The paragraphs and list items of a section."""
    return blocks(practice.faces[lang].sections.get(section, ""))
