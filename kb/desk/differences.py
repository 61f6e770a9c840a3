"""What changed between two texts, word by word, and between two practices, field by field.

Thai is compared in words of the segmenter and never cut inside a character cluster; Markdown and marks of claims are pieces
of their own. Nothing is normalised away: the runs of a difference give both texts back, character by character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

import regex

from kb.desk.fields import leaves
from kb.records import Lang, Practice
from kb.text.highlight import original_spans
from kb.text.normalise import normalise_with_offsets
from kb.text.segment import Segmenter
from kb.text.sentences import sentences

RunKind = Literal["same", "removed", "added"]

_BETWEEN_WORDS = regex.compile(
    r"\[\^\d+\]|\s+|(?P<mark>[*_`#~-])(?P=mark)*|[\u0e01-\u0e3a\u0e40-\u0e4e]+\p{M}*|\p{L}[\p{L}\p{M}]*|\d+\p{M}*|\X"
)
_CITATION = regex.compile(r"\[\^\d+\]")
_CANNOT_BEGIN = regex.compile(r"[\p{M}\u0e30\u0e32\u0e33\u0e45\u200d]")
_CANNOT_END = regex.compile(r"[\u0e40-\u0e44]")
_LONG = 4000
"""Pieces from which very frequent ones no longer anchor a comparison; it would take too long."""


@dataclass(frozen=True)
class Run:
    """A stretch of text that stands in both texts, in the earlier one only, or in the later one only."""

    kind: RunKind
    text: str


@dataclass(frozen=True)
class FieldChange:
    """A field that two versions of a practice say differently.

    `path` names it: a fact's name with the number of an item and a part of it (`agencies.2.name`, `claims.8.figures`), or
    `title` or a section. `language` is that of the text, or `None` for codes, numbers and names that need no translation.
    `before` and `after` are empty where there was nothing. Of a list of codes each run is one code.
    """

    path: str
    language: Lang | None
    before: str
    after: str
    runs: tuple[Run, ...]

    @property
    def field(self) -> str:
        """The fact or section, without item and part."""
        return self.path.partition(".")[0]


def differences(before: str, after: str, segmenter: Segmenter) -> tuple[Run, ...]:
    """The runs that lead from one text to the other, a removed run before the added one that replaces it.

    The texts of the runs that are same or removed make `before`, those that are same or added make `after`.
    """
    if before == after:
        return (Run("same", before),) if before else ()
    runs: list[Run] = []
    old, new = _sentences(before), _sentences(after)
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(old[first:last])))
        else:
            runs += _by_words(words("".join(old[first:last]), segmenter), words("".join(new[start:end]), segmenter))
    return tuple(_joined(runs))


def words(text: str, segmenter: Segmenter) -> list[str]:
    """The pieces of a text that are compared: words, runs of blanks, and marks. Together they are the text."""
    normal = normalise_with_offsets(text)
    spans = original_spans(text, normal, segmenter.tokens(normal.text))
    marks = [match.span() for match in _CITATION.finditer(text)]
    cuts = {0, len(text)} | {cut for span in spans for cut in span} | {cut for span in marks for cut in span}
    cuts -= {cut for cut in cuts for start, end in marks if start < cut < end}
    inside = set(spans)
    for start, end in pairwise(sorted(cuts)):
        if (start, end) not in inside:
            cuts |= {match.end() for match in _BETWEEN_WORDS.finditer(text, start, end)}
    whole = [cut for cut in sorted(cuts) if not _inside_cluster(text, cut)]
    return [text[start:end] for start, end in pairwise(whole)]


def _inside_cluster(text: str, cut: int) -> bool:
    return 0 < cut < len(text) and bool(_CANNOT_BEGIN.match(text, cut) or _CANNOT_END.match(text, cut - 1))


def _sentences(text: str) -> list[str]:
    """The text cut before each sentence; a sentence keeps the blanks behind it."""
    starts = [0, *(start for start, _ in sentences(text)[1:]), len(text)]
    return [text[start:end] for start, end in pairwise(starts) if start < end]


def _by_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    """Blanks and marks count as the same only beside a word that is: they are everywhere."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    yield Run("same", "".join(old[:head]))
    middle, other = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(_is_mark, middle, other, autojunk=len(other) > _LONG)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield Run("same", "".join(middle[first:last]))
        else:
            yield Run("removed", "".join(middle[first:last]))
            yield Run("added", "".join(other[start:end]))
    yield Run("same", "".join(old[len(old) - tail :]))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pieces two sequences begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _is_mark(piece: str) -> bool:
    return not any(character.isalnum() for character in piece)


def _joined(runs: Sequence[Run]) -> Iterator[Run]:
    """Neighbouring runs of a kind made one, and what was removed in one place put before what was added there."""
    texts = {"same": "", "removed": "", "added": ""}
    for run in [*runs, Run("same", "")]:
        if run.kind == "same" and run.text:
            yield from _flushed(texts)
            texts["same"] += run.text
        elif run.text:
            if texts["same"]:
                yield Run("same", texts["same"])
                texts["same"] = ""
            texts[run.kind] += run.text
    yield from _flushed(texts)
    if texts["same"]:
        yield Run("same", texts["same"])


def _flushed(texts: dict[str, str]) -> Iterator[Run]:
    kinds: tuple[RunKind, ...] = ("removed", "added")
    for kind in kinds:
        if texts[kind]:
            yield Run(kind, texts[kind])
            texts[kind] = ""


def practice_differences(before: Practice, after: Practice, segmenter: Segmenter) -> tuple[FieldChange, ...]:
    """Every field that differs: facts first, in the order of `Practice`, then the faces, titles before sections.

    Items of a list are paired by what names them, and numbered by their place in the later version (in the earlier one
    where they were taken out; claims by their own number). An item that only moved is no change.
    """
    changes = []
    for leaf in leaves(before, after):
        if leaf.before == leaf.after:
            continue
        if isinstance(leaf.before, tuple) and isinstance(leaf.after, tuple):
            runs = tuple(_by_items(leaf.before, leaf.after))
            was, now = ", ".join(leaf.before), ", ".join(leaf.after)
        else:
            was, now = str(leaf.before), str(leaf.after)
            runs = differences(was, now, segmenter) if leaf.prose else _replaced(was, now)
        changes.append(FieldChange(leaf.path, leaf.language, was, now, runs))
    return tuple(changes)


def _replaced(before: str, after: str) -> tuple[Run, ...]:
    kinds: tuple[tuple[RunKind, str], ...] = (("removed", before), ("added", after))
    return tuple(Run(kind, text) for kind, text in kinds if text)


def _by_items(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Run]:
    """One run for each item."""
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Run("same", item) for item in before[first:last])
        else:
            yield from (Run("removed", item) for item in before[first:last])
            yield from (Run("added", item) for item in after[start:end])
