"""The vectors of the index: one FAISS index a language, searched by inner product.

A language with few passages is searched exactly. One with many is searched in the nearest cells of an inverted file, with
vectors of eight bits a number: `bench/growth.py` has what that costs in recall and saves in time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kb.catalogue import Catalogue

if TYPE_CHECKING:
    from numpy.typing import NDArray

HUBS = "hubs.npy"
"""The file of the passages' hubness, by position."""

EXACT = 20_000
"""Passages of a language up to which every one is compared."""

PROBED = 128
"""Cells that are looked into, of `4 * sqrt(passages)`, where nothing is filtered; chosen for a recall@10 of 0.98."""

_TRAINED_ON = 40
"""Vectors for each cell that the cells are learnt from."""

_ROUNDS = 8


class Compared(Protocol):
    """One question against the passages of a language. Positions are those of the index, cosines of type float64."""

    def best(self, limit: int, allowed: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Positions and cosines of the nearest passages, best first, at most `limit`; `allowed`, by position, restricts."""
        ...

    def among(self, limit: int) -> NDArray[np.int64]:
        """Positions of the nearest passages, at most `limit`, in any order."""
        ...

    def cosines(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosines of these passages."""
        ...


class VectorIndex:
    """Unit vectors by position; see `kb.catalogue`."""

    def __init__(self, indexes: Mapping[str, Any], hubs: NDArray[np.float32], catalogue: Catalogue) -> None:
        self._indexes = indexes
        self._spans = {language: catalogue.spans[language] for language in indexes}
        self.hubs = hubs
        """How near each passage is to any question in the other language; see `LanguageSpace.hubness`."""

    @property
    def languages(self) -> list[str]:
        return sorted(self._indexes)

    def search(
        self, language: str, queries: NDArray[np.float32], limit: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The best `limit` passages of a language for each query vector, higher scores first.

        `allowed`, of shape (positions of all languages,), restricts to these. Returns scores and positions of shape
        (queries, k) with k <= limit; places that a restriction leaves empty hold the position -1.
        """
        import faiss

        first, last = self._spans[language]
        index = self._indexes[language]
        limit = min(limit, index.ntotal)
        chosen = None if allowed is None else allowed[first:last]
        options: dict[str, Any] = {}
        if chosen is not None:
            options["sel"] = faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))  # type: ignore[call-arg,arg-type]
        if isinstance(index, faiss.IndexIVF):
            share = 1.0 if chosen is None else max(float(chosen.mean()), 1 / index.nlist)
            options["nprobe"] = min(index.nlist, math.ceil(PROBED / share))
            parameters = faiss.SearchParametersIVF(**options)
        else:
            parameters = faiss.SearchParameters(**options)  # type: ignore[assignment]
        scores, places = index.search(queries, limit, params=parameters)
        return scores, np.where(places < 0, -1, places + first)

    def compare(self, language: str, vector: NDArray[np.float32]) -> Compared:
        """One question's vector, of shape (1, dimension), against the passages of a language."""
        import faiss

        index = self._indexes[language]
        if isinstance(index, faiss.IndexFlat):
            return _Every(_products(index, vector), self._spans[language][0])
        return _Probed(self, language, vector)

    def vectors(self, language: str, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of passages of a language, shape (positions, dimension)."""
        places = np.ascontiguousarray(positions - self._spans[language][0])
        found: NDArray[np.float32] = self._indexes[language].reconstruct_batch(places)
        return found


@dataclass(frozen=True)
class _Every:
    """Every passage of a language compared once: restricting, and asking for single ones, then costs next to nothing."""

    scores: NDArray[np.float32]
    first: int

    def best(self, limit: int, allowed: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        if allowed is None:
            places = nearest(self.scores, limit)
        else:
            places = np.flatnonzero(allowed[self.first :][: len(self.scores)])
            places = places[nearest(self.scores[places], limit)]
        places.sort()
        scores = self.scores[places]
        order = np.argsort(-scores, kind="stable")
        return self.first + places[order], scores[order].astype(np.float64)

    def among(self, limit: int) -> NDArray[np.int64]:
        return self.first + nearest(self.scores, limit)

    def cosines(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.scores[positions - self.first].astype(np.float64)


@dataclass(frozen=True)
class _Probed:
    """The cells near a question, of a language with many passages."""

    index: VectorIndex
    language: str
    vector: NDArray[np.float32]

    def best(self, limit: int, allowed: NDArray[np.bool_] | None = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        scores, found = self.index.search(self.language, self.vector, limit, allowed)
        known = found[0] >= 0
        return found[0][known], scores[0][known].astype(np.float64)

    def among(self, limit: int) -> NDArray[np.int64]:
        return self.best(limit)[0]

    def cosines(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(self.index.vectors(self.language, positions) @ self.vector[0], dtype=np.float64)


def nearest(scores: NDArray[Any], limit: int) -> NDArray[np.int64]:
    """Places of the `limit` highest scores, or of all where there are fewer, in any order."""
    return np.arange(len(scores)) if len(scores) <= limit else np.argpartition(scores, len(scores) - limit)[-limit:]


def _products(index: Any, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inner product of one vector, shape (1, dimension), with every one of an exact index.

    The vectors are read where they lie, at any address: NumPy would copy those of a mapped file, which are not aligned.
    """
    import faiss

    found = np.empty(index.ntotal, dtype=np.float32)
    asked = np.ascontiguousarray(vector[0], dtype=np.float32)
    pointers = (faiss.swig_ptr(found), faiss.swig_ptr(asked), index.get_xb())
    faiss.fvec_inner_products_ny(*pointers, index.d, index.ntotal)  # type: ignore[attr-defined]
    return found


def make(count: int, dimension: int, blocks: Callable[[], Iterable[NDArray[np.float32]]]) -> Any:
    """A FAISS index of `count` unit vectors; `blocks` gives them in order of position, of shape (n, dimension) each."""
    import faiss

    index = faiss.IndexFlatIP(dimension) if count <= EXACT else _cells(count, dimension, blocks)
    for block in blocks():
        index.add(block)
    return index


def _cells(count: int, dimension: int, blocks: Callable[[], Iterable[NDArray[np.float32]]]) -> Any:
    """An inverted file whose cells were learnt from some of the vectors, still empty."""
    import faiss

    cells = int(4 * math.sqrt(count))
    every = max(count // (cells * _TRAINED_ON), 1)
    index: Any = faiss.index_factory(dimension, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = _ROUNDS
    index.train(np.concatenate([block[::every] for block in blocks()]))
    index.make_direct_map()
    return index


def write(folder: Path, language: str, index: Any) -> None:
    import faiss

    faiss.write_index(index, str(folder / f"{language}.faiss"))


def read(path: Path) -> Any:
    """An index from its file, mapped and not read where that is possible; raises `RuntimeError` where it is damaged."""
    import faiss

    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
