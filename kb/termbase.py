"""The bilingual termbase of `corpus/termbase`: public-sector terms, names and acronyms with their variants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from kb.errors import CorpusError
from kb.taxonomy import load_rows


@dataclass(frozen=True)
class TermEntry:
    """One concept; the first form of each language is the preferred one."""

    id: str
    domain: str
    th: tuple[str, ...]
    en: tuple[str, ...]
    country: str | None = None


def load_termbase(corpus: Path) -> tuple[TermEntry, ...]:
    """Read `corpus/termbase/terms.yaml`; an absent file is an empty termbase. Raises `CorpusError` on a bad entry."""
    path = corpus / "termbase" / "terms.yaml"
    if not path.exists():
        return ()
    entries: dict[str, TermEntry] = {}
    for number, row in enumerate(load_rows(path), 1):
        unknown = set(row) - {"id", "domain", "country", "th", "en", "source"}
        if unknown or not _is_text(row.get("id")) or not _is_text(row.get("domain")):
            raise CorpusError(path, 1, f"entry {number} has no id or domain, or unknown fields", "give id, domain, th, en")
        th, en = row.get("th"), row.get("en")
        if not _is_texts(th) or not _is_texts(en):
            raise CorpusError(path, 1, f"entry {row['id']!r} lacks forms", "give th and en as lists of texts")
        if row["id"] in entries:
            raise CorpusError(path, 1, f"id {row['id']!r} stands twice", "keep one of the two entries")
        entries[row["id"]] = TermEntry(row["id"], row["domain"], tuple(th), tuple(en), row.get("country"))
    return tuple(entries.values())


def thai_words(termbase: tuple[TermEntry, ...]) -> frozenset[str]:
    """Thai forms that the segmenter keeps whole: those without a space or a full stop."""
    return frozenset(form for entry in termbase for form in entry.th if " " not in form and "." not in form)


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and bool(value) and all(_is_text(item) for item in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
