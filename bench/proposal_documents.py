"""Plain documents made of practices, for measuring proposals: a face's sections without its facts, with or without headings."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from kb.corpus import plain
from kb.ingest.plain import read_plain
from kb.ingest.readers import Source
from kb.records import HEADINGS, Document, Face, Lang, Practice

VARIANTS = ("headings", "no headings", "shuffled")
"""With headings; without, in order; without, and the paragraphs in a random order."""

_SECTIONS = ("summary", "problem", "action", "results", "lessons", "enabling", "resources", "transfer")
_BLANKS = re.compile(r"[ \t]{2,}")


@dataclass(frozen=True)
class Made:
    """A document, and the section that each of its paragraphs comes from."""

    practice: Practice
    language: Lang
    document: Document
    origins: dict[str, str]


def make(practice: Practice, face: Face, variant: str) -> Made:
    """The face as a text file that the reader of plain text has read."""
    origins: dict[str, str] = {}
    blocks: list[tuple[str, str]] = []
    for section in _SECTIONS:
        for line in plain(face.sections.get(section, "")).splitlines():
            if text := _BLANKS.sub(" ", line).strip():
                blocks.append((section, text))
                origins[_key(text)] = section
    if variant == "shuffled":
        random.Random(practice.id).shuffle(blocks)
    lines = [face.title, ""]
    before = ""
    for section, text in blocks:
        if variant == "headings" and section != before:
            lines += ["", HEADINGS[face.language][section], ""]
        before = section
        lines += [text, ""]
    source = Source(Path(f"{practice.id}.txt"), b"", f"doc-{practice.id}")
    return Made(practice, face.language, read_plain(source, "\n".join(lines)), origins)


def origin(made: Made, text: str) -> str | None:
    """The section that a piece of the document comes from."""
    key = _key(text)
    if key in made.origins:
        return made.origins[key]
    return next((section for whole, section in made.origins.items() if key in whole), None)


def _key(text: str) -> str:
    return "".join(text.split()).lstrip("-*")
