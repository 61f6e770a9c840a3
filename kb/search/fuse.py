"""How keyword scores become comparable: each rule a function of plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kb.postings import K1

if TYPE_CHECKING:
    from numpy.typing import NDArray


def idf(documents: int, total: int) -> float:
    """Inverse document frequency as FTS5's BM25 has it, never below a small positive value."""
    return max(math.log((total - documents + 0.5) / (documents + 0.5)), 1e-6)


def coverage(scores: NDArray[np.float64], frequencies: Sequence[int], total: int) -> NDArray[np.float64]:
    """BM25 scores as a share of the best one possible for its query, from 0 to 1.

    The ideal passage has each query term so often that its weight saturates at idf * (K1 + 1). `frequencies` are the
    document frequencies of the query's terms; terms that no passage has count as rare ones, because the ideal passage
    would have them.
    """
    ideal = sum(idf(documents, total) for documents in frequencies) * (K1 + 1)
    return np.minimum(scores / ideal, 1.0) if ideal > 0 else np.zeros_like(scores)
