"""Rules for the corpus as a whole and for the termbase."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from kb.lint.entry import Entry, Finding, Surroundings
from kb.termbase import TermEntry
from kb.text.normalise import normalise
from kb.text.segment import Segmenter

SHARED, SHARE = 4, 0.4
"""Marks that near-duplicates share, and their part of the smaller set. Of four shared, at most 0.16 in the corpus; of its cases
with one face taken from each of two copies, seven in eight pass."""
COMMON = 3
"""A mark that stands in more records than this marks none of them."""


def agencies_have_one_name(entries: Sequence[Entry], _: Surroundings) -> Iterator[Finding]:
    """One English name of a country's agency has one Thai name; one that is a part of the other is the same."""
    first: dict[tuple[str, str], str] = {}
    for entry in entries:
        practice = entry.practice
        for name in [agency.name for agency in practice.agencies] + list(practice.partners):
            th, en = (_NOTE.sub("", side).strip() for side in (name.th, name.en))
            known = first.setdefault((practice.country, en.lower()), th)
            if th not in known and known not in th:
                message = f"{en} is {th!r} here and {known!r} elsewhere; use the one name that the termbase has"
                yield entry.at(name.th, message, error=False)


_NOTE = re.compile(r"\s*\([^)]*\)")


def near_duplicates(entries: Sequence[Entry], known: Surroundings) -> Iterator[Finding]:
    """Records of one country that share figures, names and title words, in whatever language each is written."""
    all_marks = [_marks(entry, known.segmenter) for entry in entries]
    spread = Counter(mark for marks in all_marks for mark in marks)
    rare = [{mark for mark in marks if spread[mark] <= COMMON} for marks in all_marks]
    for (one, mine), (other, theirs) in combinations(zip(entries, rare, strict=True), 2):
        if one.practice.country != other.practice.country:
            continue
        tongues = {"", *(set(one.practice.faces) & set(other.practice.faces))}
        shared = mine & theirs
        least = min(sum(mark.language in tongues for mark in marks) for marks in (mine, theirs))
        if len(shared) >= SHARED and len(shared) >= SHARE * least:
            some = ", ".join(sorted(mark.said for mark in shared)[:4])
            message = f"the case says much the same as {one.practice.id} ({some}); join the two or tell them apart"
            yield Finding(other.path, 1, message, error=False)


@dataclass(frozen=True)
class _Mark:
    """What tells a case from others; a title word has a language and is compared only where both records have it."""

    kind: str
    said: str
    language: str = ""


def _marks(entry: Entry, segmenter: Segmenter) -> set[_Mark]:
    """Figures of two digits and more, acronyms, the agencies' English names, and the words of the titles."""
    marks = set()
    for piece in entry.pieces:
        values = [figure.value.normalize() for figure in piece.amounts]
        marks |= {_Mark("figure", f"{value:f}") for value in values if len(value.as_tuple().digits) > 1}
        marks |= {_Mark("name", name.lower().removesuffix("s")) for name in _ACRONYM.findall(piece.plain)}
        if piece.section == "title":
            words = {token.term for token in segmenter.tokens(normalise(piece.text)) if len(token.term) > 2}
            marks |= {_Mark("word", word, piece.lang) for word in words}
    names = {_NOTE.sub("", agency.name.en).lower() for agency in entry.practice.agencies}
    return marks | {_Mark("agency", name) for name in names}


_ACRONYM = re.compile(r"[A-Za-z0-9]*[A-Z][A-Za-z0-9]*[A-Z][A-Za-z0-9]*")


def forms_are_told_apart(known: Surroundings, path: Path) -> Iterator[Finding]:
    """A form that two entries have is marked ambiguous in both."""
    owners: dict[str, dict[str, TermEntry]] = {}
    for term in known.terms:
        for form in (*term.th, *term.en):
            owners.setdefault(_key(form), {})[term.id] = term
    for key, terms in owners.items():
        for term in terms.values() if len(terms) > 1 else ():
            if key not in {_key(form) for form in term.ambiguous}:
                others = ", ".join(other for other in terms if other != term.id)
                message = f"{term.id!r} has the form {key!r}, which {others} has too; list it under ambiguous in each"
                yield Finding(path, term.line, message)


def _key(form: str) -> str:
    return normalise(form).casefold()


def term_countries_exist(known: Surroundings, path: Path) -> Iterator[Finding]:
    for term in known.terms:
        if term.country is not None and term.country not in known.countries:
            message = (
                f"the country {term.country!r} of {term.id!r} is unknown; use one of: {', '.join(sorted(known.countries))}"
            )
            yield Finding(path, term.line, message)


def term_sources_exist(known: Surroundings, path: Path) -> Iterator[Finding]:
    for term in known.terms:
        if term.source is not None and term.source not in known.ids and not re.match(r"https?://\S+$", term.source):
            message = f"the source {term.source!r} of {term.id!r} is no practice here; mend it, or give a web address"
            yield Finding(path, term.line, message)
