"""A practice as the lint sees it: every text with the line it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from kb.corpus import parse_practice, plain
from kb.lint.figures import Figure, amounts, quantities
from kb.records import HEADINGS, LANGUAGES, SECTIONS, Lang, Practice
from kb.taxonomy import Taxonomy
from kb.termbase import TermEntry
from kb.text.segment import Segmenter
from kb.text.years import YearMention, years

FRONT = "front"


@dataclass(frozen=True)
class Finding:
    """One thing that `kb check` found: an error keeps an entry out, a warning does not."""

    path: Path
    line: int
    message: str
    error: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'' if self.error else 'warning: '}{self.message}"


@dataclass(frozen=True)
class Piece:
    """A title, a paragraph or list item of a face, or one side of a bilingual text of the front matter."""

    lang: Lang
    section: str
    """A key of `SECTIONS`, `title`, or `FRONT`."""
    line: int
    text: str

    @cached_property
    def plain(self) -> str:
        """The text with the marks of claims blanked; offsets hold."""
        return plain(self.text)

    @cached_property
    def years(self) -> list[YearMention]:
        return years(self.plain) if re.search(r"\d", self.plain) else []

    @cached_property
    def quantities(self) -> list[Figure]:
        return quantities(self.plain)

    @cached_property
    def amounts(self) -> list[Figure]:
        return amounts(self.plain)

    @cached_property
    def is_thai(self) -> bool:
        """Whether there is any Thai letter."""
        return re.search("[\u0e01-\u0e4e]", self.text) is not None


@dataclass(frozen=True)
class Entry:
    """A practice with the place of each of its texts."""

    practice: Practice
    path: Path
    text: str
    pieces: tuple[Piece, ...]
    pairs: tuple[tuple[Piece, Piece], ...]
    """Bilingual texts of the front matter, Thai and English."""

    @property
    def two_faced(self) -> bool:
        return set(self.practice.faces) == set(LANGUAGES)

    def face(self, lang: Lang) -> list[Piece]:
        return [piece for piece in self.pieces if piece.lang == lang]

    def twins(self) -> Iterator[tuple[Piece, Piece]]:
        """Titles, and paragraphs of the same place, Thai and English, of sections that have as many in both faces."""
        for section in ("title", *SECTIONS):
            th, en = ([piece for piece in self.face(lang) if piece.section == section] for lang in LANGUAGES)
            if len(th) == len(en):
                yield from zip(th, en, strict=True)

    def all_pieces(self) -> Iterator[Piece]:
        yield from self.pieces
        for pair in self.pairs:
            yield from pair

    def line_of(self, text: str) -> int:
        """The first line that holds `text`, or 1."""
        return next((number for number, line in enumerate(lines_of(self.text), 1) if text in line), 1)

    def find(self, piece: Piece, offset: int, message: str, error: bool = True) -> Finding:
        """A finding at an offset of a piece."""
        return Finding(self.path, piece.line + piece.text.count("\n", 0, offset), message, error)

    def find_in(self, lang: Lang, section: str, message: str, error: bool = True) -> Finding:
        """A finding at the first paragraph of a section."""
        line = next((piece.line for piece in self.face(lang) if piece.section == section), self.line_of(f"{{lang={lang}}}"))
        return Finding(self.path, line, message, error)

    def at(self, text: str, message: str, error: bool = True) -> Finding:
        """A finding at the first line that holds `text`."""
        return Finding(self.path, self.line_of(text), message, error)


@dataclass(frozen=True)
class Surroundings:
    """What rules know beyond the entry: the ids of the repository, its terms, and the countries of its taxonomy."""

    ids: frozenset[str] = frozenset()
    terms: tuple[TermEntry, ...] = ()
    countries: frozenset[str] = frozenset()

    @cached_property
    def forms(self) -> dict[str, set[str]]:
        """English forms of the concept that a form names, all in lower case."""
        found: dict[str, set[str]] = {}
        for term in self.terms:
            for form in (*term.th, *term.en):
                found.setdefault(form.lower(), set()).update(other.lower() for other in term.en)
        return found

    @cached_property
    def dictionary(self) -> frozenset[str]:
        from pythainlp.corpus import thai_words

        return frozenset(thai_words())

    @cached_property
    def segmenter(self) -> Segmenter:
        return Segmenter()


def read_entry(text: str, path: Path, taxonomy: Taxonomy) -> Entry:
    """Parse a practice and find the place of each text; raises `CorpusError`."""
    practice = parse_practice(text, path, taxonomy)
    lines = lines_of(text.removeprefix("\ufeff"))
    close = lines.index("---", 1)
    front = yaml.compose("\n".join(lines[1:close]), Loader=yaml.CSafeLoader)
    return Entry(practice, path, text, tuple(_body_pieces(lines, close + 1)), tuple(_front_pairs(front)))


def _body_pieces(lines: list[str], first: int) -> Iterator[Piece]:
    """Titles, and the paragraphs and list items of each section."""
    lang: Lang = "th"
    section = ""
    block: list[str] = []
    begun = 0
    for number, line in enumerate([*lines[first:], ""], first + 1):
        if block and (not line.strip() or line.startswith(("#", "- ", "* "))):
            yield Piece(lang, section, begun, "\n".join(block))
            block = []
        if line.startswith("# "):
            lang = "en" if line.rstrip().endswith("{lang=en}") else "th"
            yield Piece(lang, "title", number, line[2:].rpartition("{")[0].strip())
        elif line.startswith("## "):
            section = next(key for key, heading in HEADINGS[lang].items() if heading == line[3:].strip())
        elif line.strip():
            begun = begun if block else number
            block.append(line)


def _front_pairs(node: yaml.Node | None) -> Iterator[tuple[Piece, Piece]]:
    """Every mapping below `node` that has a text in both languages."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _front_pairs(item)
    elif isinstance(node, yaml.MappingNode):
        sides = {key.value: value for key, value in node.value}
        if all(isinstance(sides.get(lang), yaml.ScalarNode) for lang in LANGUAGES):
            th, en = (Piece(lang, FRONT, sides[lang].start_mark.line + 2, sides[lang].value) for lang in LANGUAGES)
            yield th, en
        for value in sides.values():
            yield from _front_pairs(value)


def lines_of(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def nearby(text: str, at: int) -> str:
    """What stands about an offset, on one line."""
    return " ".join(text[max(0, at - 10) : at + 10].split())
