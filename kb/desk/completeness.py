"""What an entry still lacks before it can be submitted, or published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.corpus import dump_practice, parse_practice
from kb.errors import CorpusError
from kb.records import LANGUAGES, Practice
from kb.taxonomy import Taxonomy

Kind = Literal["missing", "unknown", "format", "refuted"]

_FACTS = ("levels", "status", "priority", "principles", "evidence", "sources")
_ID = re.compile(r"^[a-z]{2,5}(?:-[a-z0-9]+)+$")


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or wrong. `field` is a fact's name or a section's; `language` that of a face, or empty.

    `text` is what the corpus format says of it, in English, for `kind` "format", and the claim's number for "refuted".
    """

    field: str
    kind: Kind
    language: str = ""
    text: str = ""


def to_submit(practice: Practice) -> tuple[Gap, ...]:
    """What a contributor has to give: a title, a summary and an action in one language, a country and an agency."""
    return tuple(_for_submission(practice))


def _for_submission(practice: Practice) -> Iterator[Gap]:
    language = next((code for code in LANGUAGES if code in practice.faces), LANGUAGES[0])
    face = practice.faces.get(language)
    if face is None or not face.title.strip():
        yield Gap("title", "missing", language)
    for section in ("summary", "action"):
        if face is None or not face.sections.get(section, "").strip():
            yield Gap(section, "missing", language)
    if not practice.country:
        yield Gap("country", "missing")
    if not practice.agencies:
        yield Gap("agencies", "missing")


def to_publish(practice: Practice, taxonomy: Taxonomy) -> tuple[Gap, ...]:
    """What an editor has to fill in: every fact that readers filter by, a source, and what the corpus format asks for."""
    gaps = list(_for_submission(practice))
    gaps += [Gap(name, "missing") for name in _FACTS if not getattr(practice, name)]
    if not (practice.place.th or practice.place.en):
        gaps.append(Gap("place", "missing"))
    for language, face in practice.faces.items():
        if not face.title.strip():
            gaps.append(Gap("title", "missing", language))
    if not _ID.match(practice.id):
        gaps.append(Gap("id", "missing"))
    if not gaps and (problem := format_problem(practice, taxonomy)):
        gaps.append(Gap("", "format", text=problem))
    return tuple(dict.fromkeys(gaps))


def format_problem(practice: Practice, taxonomy: Taxonomy) -> str:
    """What the corpus format refuses in a practice, or nothing: it is written out and read again."""
    try:
        again = parse_practice(dump_practice(practice), Path(f"{practice.id}.md"), taxonomy)
    except CorpusError as exc:
        return f"{exc.problem}; {exc.remedy}"
    return "" if again == practice else "a text changes when it is written to a file; remove odd blanks and headings"
