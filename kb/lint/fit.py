"""Rules for the data in `corpus/fit`, by which a case's preconditions are found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kb.errors import CorpusError
from kb.fit.phrases import pattern
from kb.fit.rules import Precondition, Rules, fit_folder, load_rules
from kb.lint.entry import Finding, Surroundings
from kb.records import LANGUAGES
from kb.taxonomy import Taxonomy

_THAI = re.compile("[\u0e01-\u0e2e]")


def fit_rules(corpus: Path, taxonomy: Taxonomy, known: Surroundings) -> Iterator[Finding]:
    """Every entry can be used, and every phrase has words of its language and stands once."""
    folder = fit_folder(corpus)
    if not folder.exists():
        return
    try:
        rules = load_rules(corpus, taxonomy)
    except CorpusError as exc:
        yield Finding(exc.path, exc.line, f"{exc.problem}; {exc.remedy}")
        return
    for rule in rules.preconditions:
        yield from _phrases(rule, folder / "preconditions.yaml", known)
    yield from _cues(rules, folder / "cues.yaml", known)


def _phrases(rule: Precondition, path: Path, known: Surroundings) -> Iterator[Finding]:
    for lang, phrase in rule.phrases():
        if problem := _problem(lang, phrase, known):
            yield Finding(path, rule.line, f"{rule.id}: {problem}")
    for group in (rule.conditions, rule.anywhere):
        for lang in LANGUAGES:
            for phrase in sorted({phrase for phrase in group[lang] if group[lang].count(phrase) > 1}):
                yield Finding(path, rule.line, f"{rule.id}: the phrase {phrase!r} stands twice; keep one", error=False)


def _cues(rules: Rules, path: Path, known: Surroundings) -> Iterator[Finding]:
    for name, cue in rules.cues.items():
        for lang in LANGUAGES:
            for phrase in cue[lang]:
                if problem := _problem(lang, phrase, known):
                    yield Finding(path, 1, f"{name}: {problem}")


def _problem(lang: str, phrase: str, known: Surroundings) -> str:
    """What is wrong with a phrase, if anything."""
    try:
        pattern(phrase, known.segmenter)
    except ValueError as exc:
        return f"{exc}; write words, with ... for a gap"
    if (lang == "th") != bool(_THAI.search(phrase)):
        return f"the phrase {phrase!r} is not in the language {lang!r}; move it"
    return ""
