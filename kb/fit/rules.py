"""The rules of `corpus/fit`: questions about the reader's context, preconditions with their wording and phrases, and cues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import CorpusError
from kb.records import LANGUAGES, Bilingual, Lang
from kb.taxonomy import Taxonomy
from kb.yaml_lists import load_numbered_rows

OUTCOMES = ("met", "missing", "unknown")
FACTS = ("level", "cost")
"""Preconditions that are read from a case's facts and not from its text."""

CUES = ("negation-before", "negation-after", "unstated", "requirement")

_YES_NO = {"yes": Bilingual("มี", "Yes"), "no": Bilingual("ไม่มี", "No")}

Phrases = Mapping[Lang, tuple[str, ...]]


@dataclass(frozen=True)
class Question:
    """One thing that is asked about the reader's context: `options` maps an answer to its label."""

    id: str
    label: Bilingual
    options: Mapping[str, Bilingual]
    line: int = 1


@dataclass(frozen=True)
class Precondition:
    """Something that a case may need. `question` is what the reader is asked; `wording` has a text for each outcome.

    `conditions` are phrases that count in the section on enabling conditions; `anywhere` count there, and in resources and
    transfer beside a word of requirement. A precondition with a `fact` has no phrases.
    """

    id: str
    question: str
    label: Bilingual
    wording: Mapping[str, Bilingual]
    met: tuple[str, ...]
    missing: tuple[str, ...]
    fact: str
    conditions: Phrases
    anywhere: Phrases
    line: int = 1

    def phrases(self) -> list[tuple[Lang, str]]:
        """Every phrase with its language."""
        return [(lang, phrase) for group in (self.conditions, self.anywhere) for lang in LANGUAGES for phrase in group[lang]]


@dataclass(frozen=True)
class Rules:
    """All that `corpus/fit` holds; `cues` maps a kind of cue to its phrases."""

    questions: Mapping[str, Question]
    preconditions: tuple[Precondition, ...]
    cues: Mapping[str, Phrases]
    bands: tuple[str, ...] = ()
    """Cost bands from the smallest."""


def fit_folder(corpus: Path) -> Path:
    return corpus / "fit"


def load_rules(corpus: Path, taxonomy: Taxonomy, cache: Path | None = None) -> Rules:
    """Read `corpus/fit`; raises `CorpusError` with file, line and remedy where an entry cannot be used."""
    folder = fit_folder(corpus)
    questions = _entries(folder / "questions.yaml", cache, lambda row, line: _question(row, line, taxonomy))
    preconditions = _entries(folder / "preconditions.yaml", cache, lambda row, line: _precondition(row, line, questions))
    cues = _entries(folder / "cues.yaml", cache, lambda row, _: _phrases(row))
    if set(cues) != set(CUES):
        raise CorpusError(folder / "cues.yaml", 1, "a list of cues is missing or unknown", f"give exactly: {', '.join(CUES)}")
    bands = tuple(band for band in taxonomy["cost_bands"] if band != "unknown")
    return Rules(questions, tuple(preconditions.values()), cues, bands)


def _entries(path: Path, cache: Path | None, build: Callable[[dict[str, Any], int], Any]) -> dict[str, Any]:
    """The entries of one file by their id."""
    entries: dict[str, Any] = {}
    for line, row in load_numbered_rows(path, cache):
        try:
            key = str(row["id"])
            if key in entries:
                raise ValueError(f"id {key!r} stands twice")
            entries[key] = build(row, line)
        except KeyError as exc:
            raise CorpusError(path, line, f"an entry lacks {exc}", "add it, in both languages where it is a text") from exc
        except (ValueError, TypeError, AttributeError) as exc:
            raise CorpusError(path, line, str(exc), "see docs/fit.md") from exc
    return entries


def _question(row: dict[str, Any], line: int, taxonomy: Taxonomy) -> Question:
    label = _text(row)
    if "list" in row:
        left_out = set(row.get("without", []))
        options = {term.id: term.label for term in taxonomy[row["list"]].values() if term.id not in left_out}
    else:
        options = {str(option["id"]): _text(option) for option in row.get("options", [])} or dict(_YES_NO)
    return Question(str(row["id"]), label, options, line)


def _precondition(row: dict[str, Any], line: int, questions: Mapping[str, Question]) -> Precondition:
    question, fact = str(row["question"]), str(row.get("fact", ""))
    if question not in questions:
        raise ValueError(f"the question {question!r} is unknown; use one of: {', '.join(questions)}")
    if fact and fact not in FACTS:
        raise ValueError(f"the fact {fact!r} is unknown; use one of: {', '.join(FACTS)}")
    met, missing = (tuple(map(str, row.get(name, default))) for name, default in (("met", ["yes"]), ("missing", ["no"])))
    if not fact and not {*met, *missing} <= set(questions[question].options):
        raise ValueError(f"an answer is no option of the question {question!r}")
    conditions, anywhere = (_phrases(row.get(name, {})) for name in ("conditions", "anywhere"))
    if not fact and not (any(conditions.values()) or any(anywhere.values())):
        raise ValueError("a precondition needs a fact or phrases")
    wording = {outcome: _text(row["wording"][outcome]) for outcome in OUTCOMES}
    return Precondition(str(row["id"]), question, _text(row), wording, met, missing, fact, conditions, anywhere, line)


def _text(row: Mapping[str, Any]) -> Bilingual:
    text = Bilingual(str(row["th"]), str(row["en"]))
    if not text.th or not text.en:
        raise ValueError("a text is empty in one language")
    return text


def _phrases(row: Mapping[str, Any]) -> dict[Lang, tuple[str, ...]]:
    return {lang: tuple(str(phrase) for phrase in row.get(lang, [])) for lang in LANGUAGES}
