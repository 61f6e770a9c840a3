"""How scores of legs and languages become one list: each rule a function of plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


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


def convex(dense: Mapping[int, float], lexical: Mapping[int, float], weight: float) -> dict[int, float]:
    """Convex combination (Bruch, Gai and Ingber, 2023): (1 - weight) * dense + weight * lexical.

    A passage that the keyword leg did not return has 0 there. Every passage must have a dense score.
    """
    return {key: (1 - weight) * score + weight * lexical.get(key, 0.0) for key, score in dense.items()}


def transport(fused: Mapping[int, float], dense: Mapping[int, float]) -> dict[int, float]:
    """The fused order of one language on the scale of its dense scores: the n-th fused passage has the n-th dense score.

    Keyword evidence then decides the order within a language, but gives its language no advantage over another one, where
    the same question could not match by words. Both mappings have the same keys; ties keep the order of the keys.
    """
    order = sorted(fused, key=lambda key: (-fused[key], key))
    scale = sorted(dense.values(), reverse=True)
    return dict(zip(order, scale, strict=True))
