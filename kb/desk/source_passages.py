"""Where a claim's figures stand in an attached source: figures are compared as values, in either script, unit and era."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from kb.lint.figures import Figure, find_figures
from kb.store import document_from_json
from kb.text.sentences import sentences
from kb.text.years import ERA_OFFSET, FIRST_YEAR, LAST_YEAR

MOST_SENTENCES = 8
"""Sentences (in Thai: clauses) of a passage at most: figures that stand further apart are no statement."""
_LONGEST = 700
"""Characters of a passage at most, where it has more than one sentence."""
_KEPT = 8
"""Documents whose sentences are kept between two looks at a page."""


@dataclass(frozen=True)
class Attachment:
    """A file of an entry; `text` is a `kb.records.Document` as JSON, or empty where it could not be read."""

    id: int
    name: str
    text: str


@dataclass(frozen=True)
class SourcePassage:
    """The words of an attachment in which most of a claim's figures stand; `marks` are their places in `text`."""

    attachment: int
    name: str
    part: str
    number: int
    text: str
    marks: tuple[tuple[int, int], ...]
    found: int
    wanted: int


@dataclass(frozen=True)
class _Sentence:
    part: int
    start: int
    end: int
    figures: tuple[Figure, ...]


def source_passage(figures: Sequence[str], attachments: Iterable[Attachment]) -> SourcePassage | None:
    """The passage in which most of these figures stand close together, or `None` where none does.

    A figure counts by its digits: 588,842 tells more than 5. Of equal passages the shortest is taken, then the first.
    """
    wanted = [figure for text in figures for figure in find_figures(text)]
    best: tuple[tuple[int, int], SourcePassage] | None = None
    for attachment in attachments:
        for worth, passage in _candidates(wanted, attachment):
            if best is None or worth > best[0]:
                best = worth, passage
    return best[1] if best else None


def _candidates(wanted: Sequence[Figure], attachment: Attachment) -> Iterator[tuple[tuple[int, int], SourcePassage]]:
    """((weight of the figures found, minus the length), passage) for each run of sentences that has one of the figures."""
    weights = {figure.value: sum(map(str.isdigit, figure.written)) for figure in wanted}
    sought = _Sought(frozenset(weights), frozenset(figure.value for figure in wanted if "," not in figure.written))
    if not weights or not attachment.text:
        return
    document, indexed = document_from_json(attachment.text), _indexed(attachment.text)
    for first, sentence in enumerate(indexed):
        if not _held(sought, [sentence]):
            continue
        for last in range(first, min(first + MOST_SENTENCES, len(indexed))):
            run = indexed[first : last + 1]
            length = run[-1].end - run[0].start
            if run[-1].part != sentence.part or (length > _LONGEST and len(run) > 1):
                break
            held = _held(sought, run)
            start, end = _with_context(indexed, first, last)
            part = document.parts[sentence.part]
            marks = tuple(
                (figure.start - start, figure.end - start)
                for item in run
                for figure in item.figures
                if _means(figure, sought) & held
            )
            passage = SourcePassage(
                attachment.id, attachment.name, part.kind, part.number, part.text[start:end], marks, len(held), len(weights)
            )
            yield (sum(weights[value] for value in held), -length), passage


def _with_context(indexed: Sequence[_Sentence], first: int, last: int) -> tuple[int, int]:
    """The span of a run of sentences with the one before and the one after, of the same part, where that is not too long."""
    part, start, end = indexed[first].part, indexed[first].start, indexed[last].end
    if first > 0 and indexed[first - 1].part == part and end - indexed[first - 1].start <= _LONGEST:
        start = indexed[first - 1].start
    if last + 1 < len(indexed) and indexed[last + 1].part == part and indexed[last + 1].end - start <= _LONGEST:
        end = indexed[last + 1].end
    return start, end


@dataclass(frozen=True)
class _Sought:
    """The values that are looked for, and those among them that may be years."""

    values: frozenset[Decimal]
    years: frozenset[Decimal]


def _held(sought: _Sought, run: Iterable[_Sentence]) -> set[Decimal]:
    """The values looked for that stand in a run of sentences."""
    return {value for item in run for figure in item.figures for value in _means(figure, sought)}


def _means(figure: Figure, sought: _Sought) -> set[Decimal]:
    """The values looked for that a written figure may stand for: a year of one era is one of the other as well."""
    found = {figure.value} & sought.values
    if "," not in figure.written and FIRST_YEAR <= figure.value <= LAST_YEAR + ERA_OFFSET:
        found |= {figure.value - ERA_OFFSET, figure.value + ERA_OFFSET} & sought.years
    return found


@lru_cache(maxsize=_KEPT)
def _indexed(text: str) -> tuple[_Sentence, ...]:
    """The sentences of a document with their figures, in order."""
    found = []
    for number, part in enumerate(document_from_json(text).parts):
        figures = list(find_figures(part.text))
        for start, end in sentences(part.text):
            inside = tuple(figure for figure in figures if start <= figure.start < end)
            found.append(_Sentence(number, start, end, inside))
    return tuple(found)
