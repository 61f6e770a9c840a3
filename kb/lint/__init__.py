"""The lint behind `kb check`: what an editor misses in a practice, in the corpus as a whole, and in the termbase.

Each rule is one function that yields findings; `ENTRY_RULES`, `CORPUS_RULES` and `TERM_RULES` list them. Their limits were set
on the corpus, so that none of its entries is refused. What makes a file unreadable is refused earlier, by `kb.corpus`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.corpus import practice_files, read_text
from kb.errors import CorpusError
from kb.lint import faces, facts, moves, typography, whole
from kb.lint.entry import Entry, Finding, Surroundings, read_entry
from kb.lint.fit import fit_rules
from kb.records import Practice
from kb.taxonomy import Taxonomy, load_taxonomy
from kb.termbase import TermEntry, load_termbase, termbase_file

EntryRule = Callable[[Entry, Surroundings], Iterator[Finding]]
CorpusRule = Callable[[Sequence[Entry], Surroundings], Iterator[Finding]]
TermRule = Callable[[Surroundings, Path], Iterator[Finding]]

ENTRY_RULES: tuple[EntryRule, ...] = (
    facts.in_its_folder,
    facts.references_exist,
    facts.publishers_named,
    facts.claims_cited,
    facts.claimed_figures_stand,
    facts.figures_claimed,
    facts.figures_in_both_faces,
    facts.eras_agree,
    facts.years_in_both_faces,
    facts.paragraphs_agree,
    facts.names_in_both_faces,
    faces.faces_written,
    faces.faces_alike_in_length,
    faces.faces_alike_in_parts,
    faces.faces_in_their_language,
    typography.thai_marks,
    typography.thai_damage,
    typography.blanks,
    typography.quotation_marks,
    typography.thai_digits,
    typography.repetition_mark,
    typography.brackets_closed,
)
CORPUS_RULES: tuple[CorpusRule, ...] = (whole.agencies_have_one_name, whole.near_duplicates)
TERM_RULES: tuple[TermRule, ...] = (whole.forms_are_told_apart, whole.term_countries_exist, whole.term_sources_exist)


@dataclass(frozen=True)
class Checked:
    """What `kb check` read, and everything it found, in order of file and line."""

    practices: tuple[Practice, ...]
    terms: tuple[TermEntry, ...]
    findings: tuple[Finding, ...]

    @property
    def faces(self) -> int:
        return sum(len(practice.faces) for practice in self.practices)

    @property
    def errors(self) -> int:
        return sum(finding.error for finding in self.findings)


def check_folder(corpus: Path) -> Checked:
    """Lint a corpus folder. A broken termbase, which the taxonomy takes labels from, is then the only finding; a broken list of
    the taxonomy raises `CorpusError`."""
    try:
        return check_corpus(corpus, load_taxonomy(corpus))
    except CorpusError as exc:
        if exc.path != termbase_file(corpus):
            raise
        return Checked((), (), (_refused(exc),))


def check_corpus(corpus: Path, taxonomy: Taxonomy) -> Checked:
    """Lint every practice, the termbase and the moved ids of a corpus folder; an unreadable file is a finding of its own."""
    entries, findings = _read_entries(practice_files(corpus), taxonomy)
    ids = frozenset(path.stem for path in practice_files(corpus))
    terms: tuple[TermEntry, ...] = ()
    try:
        terms = load_termbase(corpus)
    except CorpusError as exc:
        findings.append(_refused(exc))
    known = Surroundings(ids, terms, frozenset(taxonomy["countries"]))
    findings += [finding for entry in entries for finding in check_entry(entry, known)]
    findings += [finding for rule in CORPUS_RULES for finding in rule(entries, known)]
    findings += [finding for rule in TERM_RULES for finding in rule(known, termbase_file(corpus))]
    findings += fit_rules(corpus, taxonomy, known)
    try:
        findings += moves.moves_lead_somewhere(known, corpus)
    except CorpusError as exc:
        findings.append(_refused(exc))
    practices = tuple(entry.practice for entry in entries)
    return Checked(practices, terms, tuple(sorted(dict.fromkeys(findings), key=lambda found: (found.path, found.line))))


def check_entry(entry: Entry, known: Surroundings) -> Iterator[Finding]:
    """What the rules for one entry find in it."""
    for rule in ENTRY_RULES:
        yield from rule(entry, known)


def _read_entries(paths: Iterable[Path], taxonomy: Taxonomy) -> tuple[list[Entry], list[Finding]]:
    entries, findings = [], []
    for path in paths:
        try:
            entries.append(read_entry(read_text(path), path, taxonomy))
        except CorpusError as exc:
            findings.append(_refused(exc))
    return entries, findings


def _refused(exc: CorpusError) -> Finding:
    return Finding(exc.path, exc.line, f"{exc.problem}; {exc.remedy}")
