"""The page of a document: its text by page, slide or section, a screenful at a time, with the words of a question marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from kb.records import Document, Part
from kb.search.marking import Spans
from kb.text.language import detect
from kb.text.years import format_date
from web.links import record_url
from web.marks import Marks, MarksBar
from web.pages import Link, Say

PARTS_A_SCREEN = 25
CHARACTERS_A_SCREEN = 90_000
"""A screen ends before it grows longer than this, unless one page alone does."""
MARKED_PAGES_SHOWN = 30
FULL_LINE = 0.75
"""A printed line of this share of its page's longest one is taken to go on in the next."""
_ITEM = re.compile(r"\s*(?:[-*•▪◦–]|[\d๐-๙]+(?:\.[\d๐-๙]+)*[.)])\s")


@dataclass(frozen=True)
class PartView:
    """A page, slide or section; `doubt` tells what is wrong with its text."""

    number: int
    name: str
    heading: str
    language: str
    paragraphs: tuple[Markup, ...]
    doubt: str


@dataclass(frozen=True)
class PageLine:
    """A line of the list of pages: its name or heading, its address, and how many places are marked there."""

    text: str
    language: str
    url: str
    places: int
    here: bool


@dataclass(frozen=True)
class DocumentPage:
    """A document, one screen of its pages at a time."""

    id: str
    title: str
    language: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    original: Link | None
    marks: MarksBar | None
    headed: bool
    """Whether pages have headings of their own; else their list is one of numbers."""
    contents: tuple[PageLine, ...]
    screens: tuple[PageLine, ...]
    previous_url: str
    next_url: str
    parts: tuple[PartView, ...]
    first: int
    last: int
    kind: str
    question: str


@dataclass(frozen=True)
class Asked:
    """What a reader asks of a document's page: a page number, a question with the places of its words, and whether the original
    may be had."""

    page: int = 0
    question: str = ""
    spans: Mapping[int, Spans] | None = None
    original: bool = False


def screens(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Half-open ranges of parts that are shown together."""
    found: list[tuple[int, int]] = []
    start, length = 0, 0
    for at, part in enumerate(parts):
        length += len(part.text)
        if at > start and (at - start == PARTS_A_SCREEN or length > CHARACTERS_A_SCREEN):
            found.append((start, at))
            start, length = at, len(part.text)
    return [*found, (start, len(parts))]


def document_page(document: Document, asked: Asked, say: Say) -> DocumentPage:
    """Build one screen of a document: the one that holds the page asked for, or the first."""
    builder = _Builder(document, asked, say)
    ranges = screens(document.parts)
    wanted = next((at for at, part in enumerate(document.parts) if part.number == asked.page), 0)
    now = next((number for number, (start, end) in enumerate(ranges) if start <= wanted < end), 0)
    start, end = ranges[now]
    shown = document.parts[start:end]
    day = format_date(date.fromisoformat(document.date), say.language) if document.date else say("not known")
    return DocumentPage(
        id=document.id,
        title=document.title,
        language=document.language,
        facts=(
            (say("Date"), (day,)),
            (say("Language"), (say.tongue(document.language),)),
            (say("File"), (f"{document.source} ({document.format.upper()})",)),
        ),
        original=Link(say("Original file"), f"/{say.language}/documents/{document.id}/original") if asked.original else None,
        marks=builder.bar(),
        headed=any(part.heading for part in document.parts),
        contents=tuple(builder.line(part, start <= at < end) for at, part in enumerate(document.parts)),
        screens=tuple(builder.screen(document.parts[a:b], (a, b) == (start, end)) for a, b in ranges)
        if len(ranges) > 1
        else (),
        previous_url=builder.url(document.parts[ranges[now - 1][0]].number) if now else "",
        next_url=builder.url(document.parts[end].number) if end < len(document.parts) else "",
        parts=tuple(builder.parts(shown)),
        first=document.parts[0].number if document.parts else 0,
        last=document.parts[-1].number if document.parts else 0,
        kind=say.section(document.parts[0].kind) if document.parts else "",
        question=asked.question,
    )


def lines_with_spans(text: str, spans: Spans) -> Iterator[tuple[str, Spans]]:
    """Lines of a page that are not blank, each with its share of the spans."""
    at = 0
    for line in text.split("\n"):
        if line.strip():
            end = at + len(line)
            inside = [(max(a, at) - at, min(b, end) - at) for a, b in spans if a < end and b > at]
            yield line, tuple(inside)
        at += len(line) + 1


def joined_lines(lines: Sequence[tuple[str, Markup]]) -> Iterator[Markup]:
    """Paragraphs of a printed page: a line that is nearly as long as the longest goes on in the next, which begins no item.

    On a narrow window, lines of print as they were broken would each leave a ragged rest.
    """
    full = FULL_LINE * max((len(line) for line, _ in lines), default=0)
    paragraph = Markup()
    before = ""
    for line, html in lines:
        if before and (len(before) < full or _ITEM.match(line)):
            yield paragraph
            paragraph = Markup()
        elif before and not (_is_thai(before.rstrip()[-1]) and _is_thai(line.lstrip()[0])):
            paragraph += " "
        paragraph += html
        before = line
    if before:
        yield paragraph


def _is_thai(letter: str) -> bool:
    return "\u0e00" <= letter <= "\u0e7f"


class _Builder:
    """Numbers the marks through the whole document, so that the next place after a screen's last is on another screen."""

    def __init__(self, document: Document, asked: Asked, say: Say) -> None:
        self._document = document
        self._asked = asked
        self._say = say
        self._spans = asked.spans or {}
        self._places = {
            part.number: sum(len(inside) for _, inside in lines_with_spans(part.text, self._spans[part.number]))
            for part in document.parts
            if part.number in self._spans
        }
        self._total = sum(self._places.values())

    def url(self, page: int, anchor: str = "", question: bool = True) -> str:
        query = self._asked.question if question else ""
        first = self._document.parts[0].number if self._document.parts else 0
        shown = 0 if page == first and not anchor else page
        return record_url(self._say.language, "document", self._document.id, anchor, page=shown, query=query)

    def bar(self) -> MarksBar | None:
        if not self._asked.question:
            return None
        pages = [(f"{number}", count, self.url(number, f"p{number}")) for number, count in self._places.items() if count]
        first = next((number for number, count in self._places.items() if count), 0)
        clear = self.url(self._asked.page, f"p{self._asked.page}" if self._asked.page else "", question=False)
        more = max(0, len(pages) - MARKED_PAGES_SHOWN)
        shown = tuple(pages[:MARKED_PAGES_SHOWN])
        return MarksBar(self._asked.question, self._total, self.url(first, "m1"), clear, self._total + 1, shown, more)

    def line(self, part: Part, here: bool) -> PageLine:
        anchor = f"p{part.number}"
        url = f"#{anchor}" if here else self.url(part.number, anchor)
        text, language = self._name(part), ""
        if part.heading:  # only then is its language told, which takes a while
            text, language = part.heading, _language(part) or self._document.language
        return PageLine(text, language, url, self._places.get(part.number, 0), here)

    def screen(self, parts: Sequence[Part], here: bool) -> PageLine:
        first, last = parts[0].number, parts[-1].number
        places = sum(self._places.get(part.number, 0) for part in parts)
        return PageLine(f"{first}-{last}" if last != first else f"{first}", "", self.url(first), places, here)

    def parts(self, shown: Sequence[Part]) -> Iterator[PartView]:
        before = sum(count for number, count in self._places.items() if shown and number < shown[0].number)
        here = sum(self._places.get(part.number, 0) for part in shown)
        marks = Marks(None, self._say, before, self._elsewhere(before, before + here))
        for part in shown:
            lines = lines_with_spans(part.text, self._spans.get(part.number, ()))
            texts = [(line, marks.put(line, inside)) for line, inside in lines]
            paragraphs = tuple(joined_lines(texts) if part.kind == "page" else (html for _, html in texts))
            yield PartView(part.number, self._name(part), part.heading, _language(part), paragraphs, self._doubt(part))

    def _elsewhere(self, before: int, after: int) -> dict[int, str]:
        """The addresses of the last mark before this screen and of the first one after it, where there are any."""
        found = {}
        at = 0
        for number, count in self._places.items():
            for mark in (before, after + 1):
                if at < mark <= at + count:
                    found[mark] = self.url(number, f"m{mark}")
            at += count
        return found

    def _name(self, part: Part) -> str:
        return f"{self._say.section(part.kind)} {part.number}"

    def _doubt(self, part: Part) -> str:
        say = self._say
        if "no-text" in part.doubts:
            return say("This page has no text layer; it cannot be searched.")
        return say("The text of this page may be damaged; check it against the original file.") if part.doubts else ""


def _language(part: Part) -> str:
    """The language of a page's text; empty where it is mixed or unknown."""
    language = detect(part.text)
    return language if language not in ("mixed", "und") else ""
