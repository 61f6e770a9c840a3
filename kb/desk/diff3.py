"""Three-way comparison of sequences, and the merging of a text sentence by sentence.

The method is diff3 (Khanna, Kunal and Pierce, A Formal Investigation of Diff3, 2007), with one difference: changes that only
touch each other are both made, since sentences stand on their own more than lines of a program do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from kb.text.sentences import sentences

Side = Literal["base", "mine", "theirs"]
Range = tuple[int, int]


@dataclass(frozen=True)
class Stretch:
    """Half-open places of a stretch in the three sequences.

    `changed` is the side that changed it; `None` where neither did, and `both` where both did, differently.
    """

    base: Range
    mine: Range
    theirs: Range
    changed: Literal["mine", "theirs", "both"] | None


@dataclass(frozen=True)
class _Edit:
    side: int
    first: int
    last: int
    growth: int


def stretches(base: Sequence[Hashable], mine: Sequence[Hashable], theirs: Sequence[Hashable]) -> Iterator[Stretch]:
    """The whole of three sequences as stretches, in order."""
    shift = [0, 0]
    at = 0
    for first, last, edits in _clusters(sorted([*_edits(base, mine, 0), *_edits(base, theirs, 1)], key=_place)):
        yield from _unchanged(at, first, shift)
        starts = [first + shift[0], first + shift[1]]
        for edit in edits:
            shift[edit.side] += edit.growth
        ranges = [(starts[side], last + shift[side]) for side in (0, 1)]
        sides = {edit.side for edit in edits}
        if len(sides) == 2:
            same = list(mine[slice(*ranges[0])]) == list(theirs[slice(*ranges[1])])
            yield Stretch((first, last), ranges[0], ranges[1], "mine" if same else "both")
        else:
            yield Stretch((first, last), ranges[0], ranges[1], "theirs" if 1 in sides else "mine")
        at = last
    yield from _unchanged(at, len(base), shift)


def _unchanged(first: int, last: int, shift: Sequence[int]) -> Iterator[Stretch]:
    if first < last:
        yield Stretch(
            (first, last), (first + shift[0], last + shift[0]), (first + shift[1], last + shift[1]), None
        )  # fmt: skip


def _edits(base: Sequence[Hashable], other: Sequence[Hashable], side: int) -> Iterator[_Edit]:
    for tag, first, last, start, end in SequenceMatcher(None, base, other, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _Edit(side, first, last, (end - start) - (last - first))


def _place(edit: _Edit) -> tuple[int, int, int]:
    return edit.first, edit.last, edit.side


def _clusters(edits: Sequence[_Edit]) -> Iterator[tuple[int, int, list[_Edit]]]:
    """Edits that overlap, or that put something in at the same place, together."""
    cluster: list[_Edit] = []
    first = last = 0
    for edit in edits:
        if cluster and (edit.first < last or (first == last == edit.first == edit.last)):
            cluster.append(edit)
            last = max(last, edit.last)
            continue
        if cluster:
            yield first, last, cluster
        cluster, first, last = [edit], edit.first, edit.last
    if cluster:
        yield first, last, cluster


@dataclass(frozen=True)
class Hunk:
    """A stretch of a text that both sides changed differently; `start` and `end` are its place in the merged text."""

    base: str
    mine: str
    theirs: str
    start: int
    end: int


@dataclass(frozen=True)
class MergedText:
    text: str
    hunks: tuple[Hunk, ...]


@dataclass(frozen=True)
class _Sentence:
    """A sentence, the blanks before it, and its place."""

    text: str
    lead: str
    start: int
    end: int


def merge_texts(base: str, mine: str, theirs: str, choose: Callable[[int], Side]) -> MergedText:
    """Merge the changes of two sides by sentences. `choose(n)` says which side's words stand in the nth hunk (from 0).

    Sentences are compared without the blanks between them; of those the change of either side is taken, and where both
    changed them the wider.
    """
    texts = {"base": base, "mine": mine, "theirs": theirs}
    cut = {side: _sentences(text) for side, text in texts.items()}
    builder = _Builder()
    for stretch in stretches(*([sentence.text for sentence in cut[side]] for side in texts)):
        places = {"base": stretch.base, "mine": stretch.mine, "theirs": stretch.theirs}
        part = {side: cut[side][slice(*places[side])] for side in texts}
        if stretch.changed is None:
            for was, one, other in zip(*part.values(), strict=True):
                builder.add(one.text, _lead(was.lead, one.lead, other.lead), max(was.lead, one.lead, other.lead, key=_width))
            continue
        side = choose(len(builder.hunks)) if stretch.changed == "both" else stretch.changed
        start = builder.add_all(_first_lead(part, side))
        following = cut[side][places[side][1] : places[side][1] + 1]
        builder.pending = following[0].lead if following else ""
        if stretch.changed == "both":
            said = {name: texts[name][found[0].start : found[-1].end] if found else "" for name, found in part.items()}
            builder.hunks.append(Hunk(said["base"], said["mine"], said["theirs"], start, len(builder.text)))
    return MergedText(builder.text, tuple(builder.hunks))


def _first_lead(part: dict[str, list[_Sentence]], side: str) -> list[_Sentence]:
    """The sentences of one side; the blanks before the first of them are merged as well where all sides have one."""
    base, mine, theirs = part.values()
    if not (base and mine and theirs):
        return part[side]
    lead = _lead(base[0].lead, mine[0].lead, theirs[0].lead)
    return [replace(part[side][0], lead=lead), *part[side][1:]]


class _Builder:
    """A text that grows by sentences. `pending` are the blanks that stood behind the last change where it was made."""

    def __init__(self) -> None:
        self.text = ""
        self.hunks: list[Hunk] = []
        self.pending = ""

    def add(self, text: str, lead: str, otherwise: str = "") -> int:
        """Add a sentence; returns where it begins. Sentences are never glued to each other."""
        if self.text:
            self.text += lead or otherwise or self.pending or ("\n" if _ITEM.match(text) else " ")
        self.pending = ""
        start = len(self.text)
        self.text += text
        return start

    def add_all(self, part: Sequence[_Sentence]) -> int:
        starts = [self.add(sentence.text, sentence.lead) for sentence in part]
        return starts[0] if starts else len(self.text)


_ITEM = re.compile(r"(?:[-*•·‣]|\d{1,2}[.)])\s")


def _sentences(text: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    at = 0
    for start, end in sentences(text):
        found.append(_Sentence(text[start:end], text[at:start] if found else "", start, end))
        at = end
    return found


def _lead(base: str, mine: str, theirs: str) -> str:
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base else max(mine, theirs, key=_width)


def _width(blanks: str) -> tuple[int, str]:
    return blanks.count("\n"), blanks
