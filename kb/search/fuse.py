"""How keyword scores become comparable: each rule a function of plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence


def idf(documents: int, total: int) -> float:
    """Inverse document frequency as FTS5's BM25 has it, never below a small positive value."""
    return max(math.log((total - documents + 0.5) / (documents + 0.5)), 1e-6)


def coverage(score: float, frequencies: Sequence[int], total: int, k1: float = 1.2) -> float:
    """A BM25 score as a share of the best one possible for its query, from 0 to 1.

    The ideal passage has each query term so often that its weight saturates at idf * (k1 + 1). `frequencies` are the
    document frequencies of the query's terms; terms that no passage has count as rare ones, because the ideal passage
    would have them.
    """
    ideal = sum(idf(documents, total) for documents in frequencies) * (k1 + 1)
    return min(score / ideal, 1.0) if ideal > 0 else 0.0
