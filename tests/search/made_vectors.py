"""Searchers over texts whose vectors are given, so that scores can be compared with their formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from made_records import share
from numpy.typing import NDArray

from kb.encoder import Role
from kb.evaluate import index_records
from kb.ingest.progress import Progress
from kb.records import LANGUAGES, Document, Practice
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.space import LanguageSpace

DIMENSION = 8


class GivenVectors:
    """An encoder that is told its vectors: that of a text belongs to the first mark which stands in the text."""

    fingerprint = "given-1"
    dimension = DIMENSION

    def __init__(self, vectors: Mapping[str, Sequence[float]]) -> None:
        self.vectors = vectors

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            vector = next((vector for mark, vector in self.vectors.items() if mark in text), (0.0,) * (DIMENSION - 1) + (1.0,))
            row[: len(vector)] = vector
            row /= np.linalg.norm(row)
        return rows


def plain_space(probes: Mapping[str, NDArray[np.float32]] | None = None) -> LanguageSpace:
    """A space that moves nothing; without `probes` no passage is nearer to everything than another."""
    nothing = np.zeros((1, DIMENSION), dtype=np.float32)
    means = {(role, code): nothing[0] for role in ("query", "document", "statement") for code in LANGUAGES}
    none = dict.fromkeys(LANGUAGES, nothing)
    return LanguageSpace(means, np.eye(DIMENSION, dtype=np.float32), none | dict(probes or {}), "given-1/plain")


@contextmanager
def searching(
    repository: Repository,
    records: Sequence[Practice | Document],
    vectors: Mapping[str, Sequence[float]],
    probes: Mapping[str, NDArray[np.float32]] | None = None,
) -> Iterator[Searcher]:
    """A searcher over records, each text with the vector of its mark; texts without a mark are far from all others."""
    own = share(Repository(repository.settings, GivenVectors(vectors)))
    own.space = plain_space(probes)
    with own.store() as store:
        index_records(records, own, store, Progress(quiet=True))
        yield own.searcher(store)
