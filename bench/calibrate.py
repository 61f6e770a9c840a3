"""Fits the probabilities and thresholds of the search and writes `kb/data/calibration.json`.

    python bench/calibrate.py            fit, print the tables, write the file
    python bench/calibrate.py --check    fit and print only

Three fits, each a logistic regression:

* answers: every practice becomes two documents, one for each face, without its questions; the questions are asked in both
  languages of the whole set and of halves that hold each practice in one language only. What is learnt is the probability that
  a passage belongs to the practice asked for, from cosine and keyword coverage, in the same and in the other language.
* twins: the probability that a passage's nearest neighbour in the other language is the same text.
* precedents: the development topics (`bench/topics/practices-dev.jsonl`), with their unanswerable ones, are asked of the whole
  corpus and of copies with one face only. The thresholds of "no close precedent" are then chosen for each pair of languages so
  that at most `FALSE_ALARM` of the answerable topics are told that there is none.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from relevance import QUIET, TOPICS, copy_with_faces
from sklearn.linear_model import LogisticRegression

from kb.corpus import plain, practice_files, questions, read_practice
from kb.evaluate import index_records
from kb.records import LANGUAGES, Document, Part, Practice
from kb.repository import Repository
from kb.search.calibration import VERSION, log_odds
from kb.search.engine import Searcher
from kb.settings import load_settings

TARGET = Path(__file__).parent.parent / "kb" / "data" / "calibration.json"
SEEDS = (1, 2, 3)
DEPTH = 50
NEIGHBOURS = 10
FALSE_ALARM = 0.03
"""Below the 5 % that readers may meet: other questions than those fitted on turn out a little worse."""

SAME_BIAS = 0.3
"""Added to the constant of the same language, so that a text in the asker's language wins over an equally good other one."""

WORDS_GAIN = 0.95
"""The weight of words in the same language against the fit: topical questions want a little less."""

RATES = (0.01, 0.02, 0.03, 0.035, 0.04, 0.05, 0.08, 0.10, 0.15, 0.20)


@dataclass(frozen=True)
class Candidate:
    """A passage that a question found: its record, and the two scores."""

    record: str
    language: str
    cosine: float
    coverage: float


@dataclass(frozen=True)
class Asked:
    """A question with its language, what it found, and the practice that it was asked about."""

    language: str
    candidates: Sequence[Candidate]
    practice: str


def main() -> int:
    repository = Repository(load_settings())
    practices = [read_practice(path, repository.taxonomy) for path in practice_files(repository.settings.corpus)]
    with faces_as_documents(repository, practices) as searcher:
        asked = list(ask_all(searcher, practices))
        answers = fit_answers(asked, [practice.id for practice in practices])
        twin = fit_twins(searcher, [practice.id for practice in practices])
    precedent, close, curves = fit_precedents(repository)
    fitted = {
        "version": VERSION,
        "practices": len(practices),
        "questions": len(asked),
        "false_alarm": FALSE_ALARM,
        **answers,
        "twin": twin,
        "precedent": precedent,
        "close": close,
        "curves": curves,
    }
    print(json.dumps({name: value for name, value in fitted.items() if name != "curves"}, indent=1))
    if "--check" not in sys.argv:
        TARGET.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
        print(f"written to {TARGET}")
    return 0


@contextmanager
def faces_as_documents(repository: Repository, practices: Sequence[Practice]) -> Iterator[Searcher]:
    """A searcher over a throwaway place in which each face of each practice is a document of its own, without its questions."""
    documents = [as_document(practice, language) for practice in practices for language in LANGUAGES]
    with tempfile.TemporaryDirectory(prefix="kb-calibrate-") as place:
        own = replace(repository.settings, home=Path(place) / "var", index=Path(place) / "index")
        copy = Repository(own, repository.encoder)
        copy.space = repository.space
        with copy.store() as store:
            index_records(documents, copy, store, QUIET)
            yield copy.searcher(store)


def as_document(practice: Practice, language: str) -> Document:
    face = practice.faces[language]  # type: ignore[index]
    text = "\n\n".join(plain(body) for section, body in face.sections.items() if section != "questions")
    part = Part(1, "section", "", text)
    return Document(f"doc:{practice.id}.{language}", face.title, language, "text", (part,))


def ask_all(searcher: Searcher, practices: Sequence[Practice]) -> Iterator[Asked]:
    """Ask the questions of all practices in both languages."""
    for practice in practices:
        for language in LANGUAGES:
            for question in questions(plain(practice.faces[language].sections["questions"])):
                query, legs = searcher.legs(question)
                candidates = [
                    Candidate(record, "th" if found == "th" else "en", cosine, coverage)
                    for found, rows in legs.items()
                    for record, cosine, coverage in rows
                ]
                yield Asked(query.language, candidates, practice.id)


def fit_answers(asked: Sequence[Asked], practices: Sequence[str]) -> dict[str, list[float]]:
    """The models `same` and `cross`, from the whole set and from halves of it."""
    features: dict[str, list[tuple[float, float]]] = defaultdict(list)
    labels: dict[str, list[bool]] = defaultdict(list)
    for seed in (None, *SEEDS):
        draw = random.Random(seed)
        half = {practice: draw.choice(LANGUAGES) for practice in practices}
        for question in asked:
            for language in LANGUAGES:
                rows = [c for c in question.candidates if c.language == language and (seed is None or kept(c, half))]
                kind = "same" if language == question.language else "cross"
                for candidate in best_of_records(rows):
                    features[kind].append((candidate.cosine, candidate.coverage))
                    labels[kind].append(practice_of(candidate.record) == question.practice)
    models = {kind: fit(features[kind], labels[kind]) for kind in ("same", "cross")}
    models["same"][0] = round(models["same"][0] + SAME_BIAS, 4)
    models["same"][2] = round(models["same"][2] * WORDS_GAIN, 4)
    return models


def kept(candidate: Candidate, half: Mapping[str, str]) -> bool:
    return half[practice_of(candidate.record)] == candidate.record[-2:]


def practice_of(record: str) -> str:
    return record.removeprefix("doc:")[:-3]


def best_of_records(rows: Sequence[Candidate]) -> list[Candidate]:
    """The best passage of each record among the best candidates."""
    ranked = sorted(rows, key=lambda row: -(0.6 * row.cosine + 0.4 * row.coverage))[:DEPTH]
    best: dict[str, Candidate] = {}
    for row in ranked:
        best.setdefault(row.record, row)
    return list(best.values())


def fit_twins(searcher: Searcher, practices: Sequence[str]) -> list[float]:
    """The model `twin`, from every passage's neighbours in the other language, with the counterpart there and without it."""
    features, labels = [], []
    catalogue, vectors = searcher.index.catalogue, searcher.index.vectors
    owners = [catalogue.records[owner] for owner in catalogue.owners.tolist()]
    for seed in (None, *SEEDS[:2]):
        draw = random.Random(seed)
        half = {practice: draw.choice(LANGUAGES) for practice in practices}
        for here, there in (LANGUAGES, LANGUAGES[::-1]):
            for place in range(*catalogue.spans[here]):
                if seed is not None and half[practice_of(owners[place])] != here:
                    continue
                vector = vectors.vectors(here, np.array([place]))
                scores, found = vectors.search(there, vector, 3 * NEIGHBOURS)
                near = [
                    (float(score), owners[int(other)])
                    for score, other in zip(scores[0], found[0], strict=True)
                    if other >= 0 and (seed is None or half[practice_of(owners[int(other)])] == there)
                ][:NEIGHBOURS]
                if not near:
                    continue
                first, record = near[0]
                lead = first - max((score for score, other in near if other != record), default=0.0)
                features.append((first, lead))
                labels.append(practice_of(record) == practice_of(owners[place]))
    return fit(features, labels)


def fit_precedents(repository: Repository) -> tuple[list[float], dict[str, float], dict[str, Any]]:
    """The model `precedent` from the whole corpus, and a threshold for each pair of languages from all three copies."""
    topics = [json.loads(line) for line in TOPICS.read_text(encoding="utf-8").splitlines() if line.strip()]
    answered: dict[tuple[str, str], list[tuple[bool, float, int]]] = defaultdict(list)
    whole = []
    for faces in (LANGUAGES, LANGUAGES[:1], LANGUAGES[1:]):
        with copy_with_faces(repository, faces) as searcher:
            for topic in topics:
                found = searcher.best(topic["text"])
                if found is None:
                    continue
                row = (bool(topic["relevant"]), found.probability, found.words)
                answered[topic["lang"], "th" if found.language == "th" else "en"].append(row)
                if faces == LANGUAGES:
                    whole.append(row)
    model = fit([(log_odds(p), float(np.log1p(words))) for _, p, words in whole], [some for some, _, _ in whole])
    close, curves = {}, {}
    for (asked, shown), rows in sorted(answered.items()):
        sure = np.array([1 / (1 + np.exp(-(model[0] + model[1] * log_odds(p) + model[2] * np.log1p(w)))) for _, p, w in rows])
        some = np.array([answerable for answerable, _, _ in rows])
        thresholds = [float(np.quantile(sure[some], rate)) for rate in RATES]
        name = f"{asked}->{shown}"
        close[name] = digits(np.quantile(sure[some], FALSE_ALARM))
        curves[name] = {
            "thresholds": [digits(value) for value in thresholds],
            "recognised": [round(float(np.mean(sure[~some] < value)), 4) for value in thresholds],
            "false_alarm": [round(float(np.mean(sure[some] < value)), 4) for value in thresholds],
        }
        print(f"{name}: {int(some.sum())} answerable, {int((~some).sum())} not; threshold {close[name]}, ", end="")
        print(f"recognised {np.mean(sure[~some] < close[name]):.0%}, false alarm {np.mean(sure[some] < close[name]):.0%}")
    return model, close, curves


def digits(value: float) -> float:
    """Four significant digits: thresholds of another language than the question's are small."""
    return float(f"{value:.4g}")


def fit(features: Sequence[tuple[float, float]], labels: Sequence[bool]) -> list[float]:
    """Constant and two weights of a logistic regression, hardly regularised."""
    model = LogisticRegression(C=100.0, max_iter=1000).fit(np.array(features), np.array(labels))
    return [round(float(value), 4) for value in (model.intercept_[0], *model.coef_[0])]


if __name__ == "__main__":
    sys.exit(main())
