"""The nearest practice to a document, as the plainest way to propose: take over what it has."""

from __future__ import annotations

import numpy as np

from kb.desk.proposals.context import Context
from kb.desk.proposals.learnt import Corpus, mean_vector
from kb.records import Practice


class Neighbours:
    """Faces of all practices but those `without`, each as the mean of its passages."""

    def __init__(self, corpus: Corpus, without: frozenset[str]) -> None:
        self._corpus = corpus
        self._faces = [number for number, record in enumerate(corpus.records) if record not in without]
        vectors = []
        for face in self._faces:
            own = np.flatnonzero(corpus.faces == face)
            vectors.append(mean_vector(corpus.vectors[own], corpus.lengths[own].tolist())[0])
        self._vectors = np.stack(vectors)

    def nearest(self, context: Context) -> Practice:
        """The practice of the nearest face by cosine."""
        vector = mean_vector(context.vectors, [len(unit.text) for unit in context.units])[0]
        return self._corpus.practices[self._corpus.records[self._faces[int((self._vectors @ vector).argmax())]]]
