"""The bilingual termbase of `corpus/termbase`: public-sector terms, names and acronyms with their variants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from kb.errors import CorpusError
from kb.overlay import NO_CHANGES, TERMS, Changes, Row, overlaid
from kb.records import Bilingual
from kb.yaml_lists import load_numbered_rows


@dataclass(frozen=True)
class TermEntry:
    """One concept; the first form of each language is the preferred one. `ambiguous` forms mean other things as well.

    `heading` is how the concept stands in a list of facet values, where that differs from the preferred forms.
    """

    id: str
    domain: str
    th: tuple[str, ...]
    en: tuple[str, ...]
    country: str | None = None
    source: str | None = None
    ambiguous: frozenset[str] = frozenset()
    heading: Bilingual | None = None
    line: int = field(default=1, compare=False)
    """Where the entry begins in `terms.yaml`."""

    @property
    def label(self) -> Bilingual:
        """How a facet or a heading names the concept; English begins with a capital letter."""
        return self.heading or Bilingual(self.th[0], self.en[0][:1].upper() + self.en[0][1:])


def termbase_file(corpus: Path) -> Path:
    return corpus / "termbase" / "terms.yaml"


def load_termbase(corpus: Path, cache: Path | None = None, changes: Changes = NO_CHANGES) -> tuple[TermEntry, ...]:
    """Read `corpus/termbase/terms.yaml`, with what the desk changed in it; an absent file is an empty termbase. Raises
    `CorpusError` on a bad entry."""
    path = termbase_file(corpus)
    written = load_numbered_rows(path, cache) if path.exists() else []
    return read_terms(overlaid(written, changes.get(TERMS, {})), path)


def read_terms(rows: Iterable[tuple[int, Row]], path: Path) -> tuple[TermEntry, ...]:
    """The entries of numbered rows. Raises `CorpusError` on a bad one."""
    entries: dict[str, TermEntry] = {}
    for number, (line, row) in enumerate(rows, 1):
        unknown = set(row) - {"id", "domain", "country", "th", "en", "source", "ambiguous", "heading"}
        if unknown or not _is_text(row.get("id")) or not _is_text(row.get("domain")):
            raise CorpusError(path, line, f"entry {number} has no id or domain, or unknown fields", "give id, domain, th, en")
        th, en = row.get("th"), row.get("en")
        if not _is_texts(th) or not _is_texts(en):
            raise CorpusError(path, line, f"entry {row['id']!r} lacks forms", "give th and en as lists of texts")
        ambiguous = row.get("ambiguous", [])
        if ambiguous and (not _is_texts(ambiguous) or not set(ambiguous) <= {*th, *en}):
            raise CorpusError(
                path, line, f"entry {row['id']!r} marks forms that it lacks", "list forms of the entry in ambiguous"
            )
        heading = row.get("heading")
        if heading is not None and not (
            isinstance(heading, dict) and set(heading) == {"th", "en"} and _is_texts([*heading.values()])
        ):
            raise CorpusError(path, line, f"the heading of {row['id']!r} is incomplete", "give th and en as texts")
        if row["id"] in entries:
            raise CorpusError(path, line, f"id {row['id']!r} stands twice", "keep one of the two entries")
        entries[row["id"]] = TermEntry(
            row["id"],
            row["domain"],
            tuple(th),
            tuple(en),
            row.get("country"),
            row.get("source"),
            frozenset(ambiguous),
            Bilingual(**heading) if heading else None,
            line,
        )
    return tuple(entries.values())


def thai_words(termbase: tuple[TermEntry, ...]) -> frozenset[str]:
    """Thai forms that the segmenter keeps whole: those without a space or a full stop.

    Nouns made with การ and ความ are left to the dictionary: kept whole, they would take these syllables from the word before.
    """
    return frozenset(
        form
        for entry in termbase
        for form in entry.th
        if " " not in form and "." not in form and not form.startswith(("การ", "ความ"))
    )


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(_is_text(item) for item in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
