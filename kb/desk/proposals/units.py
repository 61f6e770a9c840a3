"""A document as *units*: paragraphs and list items with their place, and the section that the heading above them announces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.desk.proposals.headings import MAX_HEADING, begins_text, is_heading_word, section_of
from kb.records import Document, Part
from kb.text.language import UNKNOWN, detect
from kb.text.sentences import pack, sentences

MAX_UNITS = 240
"""Units of a document that are read: about 40 pages. What comes after is not proposed from."""

LIMIT = 900
"""Characters of a unit; a longer paragraph is cut at its sentences."""

_LINE = re.compile(r"[^\n]+")
_MARKED = re.compile(r"\s*(?:#{1,6}\s|\*\*[^*]+\*\*\s*$)")
_ENDS = re.compile(r"[.;,!?。]\s*$")
_BULLET = re.compile(r"\s*(?:[-–*•·‣▪●○]|\(?[\d๐-๙]{1,2}[.)])\s+")
_LABEL = re.compile(r"(?P<word>[^\n:：]{2,40}?)\s*[:：]\s+(?=\S)")
"""A heading at the beginning of its paragraph: "Results: by 2019 ..."."""

_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Unit:
    """A piece of running text: `start` and `end` are offsets in the text of part number `part`; `announced` is the section of
    a case (or `headings.OTHER`) by the heading above it, `None` where there is none that says so."""

    part: int
    start: int
    end: int
    text: str
    language: str
    announced: str | None
    item: bool
    """Whether it is an item of a list."""

    @property
    def bare(self) -> str:
        """The text without the mark of the list, lines joined."""
        return " ".join(_BULLET.sub("", self.text, count=1).split("\n")) if self.item else " ".join(self.text.split("\n"))


@dataclass(frozen=True)
class Reading:
    """The units of a document in order, and whether there were more than are read."""

    units: tuple[Unit, ...]
    cut: bool


def units_of(document: Document) -> Reading:
    """Paragraphs and items; headings are not among them, but tell what the text below is."""
    found: list[Unit] = []
    for unit in _units(document):
        if len(found) == MAX_UNITS:
            return Reading(tuple(found), True)
        found.append(unit)
    return Reading(tuple(found), False)


def _units(document: Document) -> Iterator[Unit]:
    announced: str | None = None
    for part in document.parts:
        if part.heading:
            announced = section_of(part.heading)
        for start, end in _blocks(part):
            text = part.text[start:end]
            if text == document.title:
                continue
            if _is_heading(text):
                announced = section_of(text)
                continue
            label = _LABEL.match(text)
            skipped = label.end() if label and is_heading_word(label["word"]) else 0
            if label and skipped:
                announced = section_of(label["word"])
            for first, last in _fit(text[skipped:]):
                first, last = first + skipped, last + skipped
                piece = text[first:last]
                if _LETTERS.search(piece):
                    language = detect(piece)
                    language = document.language if language == UNKNOWN else language
                    yield Unit(part.number, start + first, start + last, piece, language, announced, bool(_BULLET.match(text)))


def _blocks(part: Part) -> Iterator[tuple[int, int]]:
    """Spans of paragraphs: lines that end in the middle of a sentence are joined with the next, as in a PDF."""
    wrapped = part.kind == "page" or _is_wrapped(part.text)
    start = end = -1
    for line in _LINE.finditer(part.text):
        first, last = line.start() + len(line[0]) - len(line[0].lstrip()), line.start() + len(line[0].rstrip())
        if first >= last:
            continue
        if start >= 0 and wrapped and _goes_on(part.text, start, end, first, last):
            end = last
            continue
        if start >= 0:
            yield start, end
        start, end = first, last
    if start >= 0:
        yield start, end


def _is_wrapped(text: str) -> bool:
    """Whether lines are broken at a width: most are of about the length of the longest, and many end in mid-sentence."""
    lines = [len(line) for line in text.splitlines() if line.strip()]
    return len(lines) >= 6 and max(lines) <= 130 and sum(length > 0.7 * max(lines) for length in lines) >= 0.6 * len(lines)


def _goes_on(text: str, start: int, end: int, first: int, last: int) -> bool:
    if "\n\n" in text[end:first].replace(" ", "") or _BULLET.match(text, first, last) or is_heading_word(text[first:last]):
        return False
    before = text[start:end]
    if is_heading_word(before) or _ENDS.search(before):
        return False
    return len(before.splitlines()[-1]) >= 40


def _is_heading(text: str) -> bool:
    """A short line that is marked as a heading, is one of the heading words, or begins with one and is no sentence."""
    if "\n" in text or len(text) > MAX_HEADING + 20:
        return False
    if _MARKED.match(text) or is_heading_word(text):
        return True
    if len(text) > 60 or _ENDS.search(text) or _BULLET.match(text):
        return False
    return section_of(text) is not None and not begins_text(text)


def _fit(text: str) -> Sequence[tuple[int, int]]:
    return [(0, len(text))] if len(text) <= LIMIT else pack(sentences(text), LIMIT)
