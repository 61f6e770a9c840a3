"""What published practices teach: ridge regressions from what a text says to how it was classed, for cases and for sections.

A text is its meaning (the mean of its passages' vectors in the common space of both languages) beside its words (tf-idf, hashed
to a fixed width, each text of unit length). Both are weighed as in a sum of two kernels. Ridge regression with targets of 0 and
1 was chosen over nearest neighbours and either half alone by measurement (`bench/proposals.py`).
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.records import Practice
from kb.search.engine import Searcher

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASE_SECTIONS = ("summary", "problem", "action", "results", "lessons", "enabling", "resources", "transfer")
"""Sections that a draft may have; questions are asked by an editor."""

LABELS = ("country", "priority", "secondary_priorities", "principles", "levels", "status")
"""Fields of a practice that are learnt from texts."""

WIDTH = 4096
"""Places that words are hashed to."""

MEANING_SHARE = 0.3
"""Weight of meaning against words in the kernel."""

CASE_RIDGE, SECTION_RIDGE = 0.3, 3.0
VOTERS, VOTE_WIDTH = 10, 0.1
"""Nearest faces that vote, and how fast a vote loses weight with cosine."""

MAX_FACES = 4000
"""Faces of practices that are learnt from; the first by id, where there are more."""


@dataclass(frozen=True)
class Corpus:
    """The passages of published practices, ready to learn from: vectors of shape (passages, dimension), indexed words, the face
    (a number) and the section of each; the record and the practice of each face."""

    vectors: NDArray[np.float32]
    words: Sequence[Sequence[str]]
    faces: NDArray[np.int64]
    sections: Sequence[str]
    records: Sequence[str]
    practices: Mapping[str, Practice]
    lengths: NDArray[np.float64]

    @classmethod
    def read(cls, searcher: Searcher) -> Corpus:
        """From the database and the index that belongs to it."""
        practices = {practice.id: practice for practice, _, _ in searcher.store.practices()}
        catalogue, vectors = searcher.index.catalogue, searcher.index.vectors
        faces: dict[tuple[str, str], int] = {}
        rows, positions, owners = [], [], []
        for row, record, language, section in searcher.store.passage_rows():
            if record in practices and section in CASE_SECTIONS and (len(faces) < MAX_FACES or (record, language) in faces):
                rows.append((row, section))
                owners.append(faces.setdefault((record, language), len(faces)))
        words = searcher.store.words([row for row, _ in rows])
        place_of = dict(zip(catalogue.rows.tolist(), range(len(catalogue.rows)), strict=True))
        known = [(row, section, owner) for (row, section), owner in zip(rows, owners, strict=True) if row in place_of]
        positions = [place_of[row] for row, _, _ in known]
        found = np.zeros((len(known), searcher.encoder.dimension), dtype=np.float32)
        for language, (first, last) in catalogue.spans.items():
            inside = [number for number, place in enumerate(positions) if first <= place < last]
            if inside:
                found[inside] = vectors.vectors(language, np.array([positions[number] for number in inside]))
        said = [words[row][0] for row, _, _ in known]
        return cls(
            found,
            said,
            np.array([owner for _, _, owner in known], dtype=np.int64),
            [section for _, section, _ in known],
            [record for record, _ in faces],
            practices,
            np.array([1.0 + len(one) for one in said]),
        )


@dataclass(frozen=True)
class Scale:
    """How texts become features: the mean vector and mean squared length of meaning, and the idf of each place of words."""

    centre: NDArray[np.float32]
    spread: float
    idf: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], words: Sequence[Mapping[int, int]]) -> Scale:
        centre = vectors.mean(axis=0)
        spread = float(np.sqrt(((vectors - centre) ** 2).sum(axis=1).mean())) or 1.0
        holding = np.zeros(WIDTH)
        for counts in words:
            holding[list(counts)] += 1
        idf = np.where(holding >= 3, np.log((1 + len(words)) / (1 + holding)), 0.0)
        return cls(centre, spread, idf.astype(np.float32))

    def features(self, vectors: NDArray[np.float32], words: Sequence[Mapping[int, int]]) -> NDArray[np.float32]:
        """Shape (texts, dimension + WIDTH)."""
        said = np.zeros((len(words), WIDTH), dtype=np.float32)
        for number, counts in enumerate(words):
            if counts:
                said[number, list(counts)] = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32))
        said *= self.idf
        said /= np.maximum(np.linalg.norm(said, axis=1, keepdims=True), 1e-9)
        meant = (vectors - self.centre) / self.spread
        return np.hstack([np.sqrt(MEANING_SHARE) * meant, np.sqrt(1 - MEANING_SHARE) * said]).astype(np.float32)


@dataclass(frozen=True)
class Ridge:
    """A fitted ridge regression: weights of shape (features, targets), and the mean of each target."""

    scale: Scale
    weights: NDArray[np.float32]
    means: NDArray[np.float32]
    targets: Sequence[tuple[str, str]]
    """(field, value) of each column."""

    def scores(self, vectors: NDArray[np.float32], words: Sequence[Mapping[int, int]]) -> NDArray[np.float32]:
        """Shape (texts, targets); 1 stands for "certainly", 0 for "certainly not", without being a probability."""
        found: NDArray[np.float32] = self.scale.features(vectors, words) @ self.weights + self.means
        return found

    def columns(self, field: str) -> dict[str, int]:
        return {value: place for place, (name, value) in enumerate(self.targets) if name == field}


@dataclass(frozen=True)
class Learnt:
    """Both regressions, and the faces themselves: unit vectors of shape (faces, dimension) and their labels, of shape (faces,
    targets), in the order of the targets of `cases`."""

    cases: Ridge
    sections: Ridge
    faces: NDArray[np.float32]
    given: NDArray[np.float32]

    def votes(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """How many of the `VOTERS` nearest faces have each target, nearer ones counting more; shape (targets,), 0 to 1."""
        cosines = self.faces @ vector[0]
        near = np.argsort(-cosines)[:VOTERS]
        weights = np.exp((cosines[near] - cosines[near].max(initial=-1.0)) / VOTE_WIDTH)
        found: NDArray[np.float32] = weights @ self.given[near] / max(float(weights.sum()), 1e-9)
        return found


def learn(corpus: Corpus, without: AbstractSet[str] = frozenset()) -> Learnt:
    """Fit both regressions to the faces of all practices but those `without`."""
    kept = np.array([record not in without for record in corpus.records], dtype=bool)
    chosen: list[int] = np.flatnonzero(kept[corpus.faces]).tolist()
    counts = [hashed(corpus.words[number]) for number in chosen]
    vectors, words, wanted, targets = _cases(corpus, kept, chosen, counts)
    cases = _fit(vectors, words, wanted, targets, CASE_RIDGE)
    return Learnt(cases, _sections(corpus, chosen, counts), vectors, wanted)


_Cases = tuple[Any, list[Counter[int]], Any, list[tuple[str, str]]]


def _cases(corpus: Corpus, kept: Any, chosen: Sequence[int], counts: Sequence[Mapping[int, int]]) -> _Cases:
    """Of each face its vector, its words and its labels."""
    faces: list[int] = np.flatnonzero(kept).tolist()
    number_of = {face: number for number, face in enumerate(faces)}
    vectors = np.zeros((len(faces), corpus.vectors.shape[1]), dtype=np.float32)
    words: list[Counter[int]] = [Counter() for _ in faces]
    for passage, said in zip(chosen, counts, strict=True):
        face = number_of[int(corpus.faces[passage])]
        vectors[face] += corpus.lengths[passage] * corpus.vectors[passage]
        words[face].update(said)
    targets = [(field, value) for field in LABELS for value in _values(corpus.practices.values(), field)]
    wanted = np.zeros((len(faces), len(targets)), dtype=np.float32)
    for number, face in enumerate(faces):
        practice = corpus.practices[corpus.records[face]]
        wanted[number] = [value in labels_of(practice, field) for field, value in targets]
    return _unit(vectors), words, wanted, targets


def _sections(corpus: Corpus, chosen: Sequence[int], counts: Sequence[Mapping[int, int]]) -> Ridge:
    targets = [("section", section) for section in CASE_SECTIONS]
    wanted = np.array([[corpus.sections[number] == section for _, section in targets] for number in chosen], dtype=np.float32)
    return _fit(corpus.vectors[chosen], counts, wanted.reshape(-1, len(targets)), targets, SECTION_RIDGE)


def _fit(vectors: Any, words: Sequence[Mapping[int, int]], wanted: Any, targets: Any, ridge: float) -> Ridge:
    """Solve for the weights, over texts or over features, whichever are fewer; nothing is learnt from nothing."""
    if not len(vectors):
        width = vectors.shape[1]
        untaught = Scale(np.zeros(width, np.float32), 1.0, np.zeros(WIDTH, np.float32))
        weights = np.zeros((width + WIDTH, len(targets)), np.float32)
        return Ridge(untaught, weights, np.zeros(len(targets), np.float32), targets)
    scale = Scale.of(vectors, words)
    features = scale.features(vectors, words)
    means = wanted.mean(axis=0)
    aims = wanted - means
    if len(features) <= features.shape[1]:
        kernel = features @ features.T
        weights = features.T @ np.linalg.solve(kernel + ridge * np.eye(len(kernel), dtype=np.float32), aims)
    else:
        gram = features.T @ features
        weights = np.linalg.solve(gram + ridge * np.eye(len(gram), dtype=np.float32), features.T @ aims)
    return Ridge(scale, weights.astype(np.float32), means.astype(np.float32), targets)


def labels_of(practice: Practice, field: str) -> tuple[str, ...]:
    """The values of a field of `LABELS`."""
    value = getattr(practice, field)
    return value if isinstance(value, tuple) else (value,)


def _values(practices: Iterable[Practice], field: str) -> list[str]:
    return sorted({value for practice in practices for value in labels_of(practice, field)})


def hashed(words: Iterable[str]) -> Counter[int]:
    """How often each place of `WIDTH` is said; the same on every machine."""
    return Counter(zlib.crc32(word.encode()) % WIDTH for word in words)


def mean_vector(vectors: NDArray[np.float32], lengths: Sequence[int]) -> NDArray[np.float32]:
    """One vector of shape (1, dimension) for a text, from those of its pieces, weighed by their length."""
    found: NDArray[np.float32] = _unit(np.asarray(lengths, dtype=np.float32)[None] @ vectors)
    return found


def _unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
