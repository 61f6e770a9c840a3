"""The passages that a question brings up, from both legs, with the probability that each answers it; all as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.index import Index
from kb.search.calibration import Calibration
from kb.search.fuse import coverage, idf
from kb.search.query import Query, phrase
from kb.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

CANDIDATES = 400
"""Passages that each leg returns for each language."""

HUBNESS = 0.35
"""Share of a passage's hubness that is taken away from its cosine with a question in the other language; chosen on public
sets."""

EXPANSION_WEIGHT = 0.6
"""Weight of other forms of a term (the termbase's) against the words that stand in the question."""

ORDERED_BY_WORDS = {True: 1.75, False: 0.6}
"""How much keywords count in ordering documents of the question's own and of the other language, as a multiple of what they
count in the probability; chosen on public sets. A practice repeats the words of its subject, a document has them where it
matters; across languages few words can match at all, so that those that do are mostly names, and stand in many passages."""

PIVOTS = 3
"""Best passages of each language whose counterpart in the other language is looked for."""

PIVOT_MIN = 0.02
"""Probability below which a passage is no pivot."""

_PIVOT_NEIGHBOURS = 10


@dataclass(frozen=True)
class Pool:
    """Candidates of all languages, one in each place of the arrays, of shape (candidates,).

    `languages` says of each which of `names` it is in. Ranks count from 1 within a language; a `lexical_rank` of 0 means that
    no keyword was found. `coverages` are keyword scores from 0 to 1, `final` probabilities.
    """

    names: Sequence[str]
    positions: NDArray[np.int64]
    owners: NDArray[np.int32]
    languages: NDArray[np.int64]
    cosines: NDArray[np.float64]
    coverages: NDArray[np.float64]
    final: NDArray[np.float64]
    dense_rank: NDArray[np.int64]
    lexical_rank: NDArray[np.int64]

    def language(self, place: int) -> str:
        return self.names[int(self.languages[place])]

    def legs(self, places: Sequence[int]) -> dict[int, tuple[str, int, float, int, float]]:
        """Language, rank and cosine, rank by keywords and coverage of some places: plain values, for going through many."""
        arrays = (self.languages, self.dense_rank, self.cosines, self.lexical_rank, self.coverages)
        chosen = np.asarray(places, dtype=np.int64)
        rows = zip(places, *(values[chosen].tolist() for values in arrays), strict=True)
        return {place: (self.names[language], *ranks) for place, language, *ranks in rows}


def keyword_scores(query: Query, index: Index, store: Store) -> NDArray[np.float64]:
    """How much of a question's words each passage has, from 0 to 1, by position.

    The question's own words count, and below them the other forms of its terms.
    """
    postings = index.postings
    counts = {word: postings.frequency(word) for word in query.keywords}
    own = _scores((*query.keywords, *query.parts), index)
    found = coverage(own, list(counts.values()), postings.total)
    if query.expansions:
        weight, commonest = _expansion_scale(query, counts, index)
        forms = dict.fromkeys(form for expansion in query.expansions for form in expansion.forms)
        other = _scores([form[0] for form in forms if len(form) == 1], index)
        for form in forms:
            if len(form) > 1:
                places = index.catalogue.positions(store.rows_with(phrase(form)))
                other[places] += idf(len(places), postings.total) * postings.weight_of_one(places)
        found = np.minimum(found + weight * coverage(other, commonest, postings.total), 1.0)
    return found


def _scores(words: Sequence[str], index: Index) -> NDArray[np.float64]:
    """BM25 of every passage for some words."""
    postings = index.postings
    rows = [(idf(postings.frequency(word), postings.total), *postings.weighted(word)) for word in words]
    if not rows:
        return np.zeros(postings.total)
    places = np.concatenate([places for _, places, _ in rows])
    weights = np.concatenate([rarity * weights for rarity, _, weights in rows])
    return np.bincount(places, weights, minlength=postings.total).astype(np.float64, copy=False)


def _expansion_scale(query: Query, counts: Mapping[str, int], index: Index) -> tuple[float, list[int]]:
    """How much full coverage of all expanded terms counts, and in about how many passages the commonest form of each is.

    They count for as much as the question's own words that they stand for, times `EXPANSION_WEIGHT`.
    """
    frequency, total = index.postings.frequency, index.postings.total
    commonest = [max(min(map(frequency, form)) for form in expansion.forms) for expansion in query.expansions]
    own = {word for expansion in query.expansions for word in expansion.own}
    mass = sum(idf(counts[word], total) for word in query.keywords)
    share = sum(idf(counts[word], total) for word in query.keywords if word in own) / mass if mass else 0.0
    return EXPANSION_WEIGHT * min(share, 1.0), commonest


def best_of(scores: NDArray[np.float64], first: int, last: int, limit: int) -> NDArray[np.int64]:
    """Positions of the best scores above 0 between two positions, best first."""
    found = first + np.flatnonzero(scores[first:last])
    if len(found) > limit:
        found = np.sort(found[np.argpartition(-scores[found], limit)[:limit]])
    return found[np.argsort(-scores[found], kind="stable")]


def gather(
    query: Query,
    vector: NDArray[np.float32],
    index: Index,
    keywords: NDArray[np.float64],
    allowed: NDArray[np.bool_] | None,
    calibration: Calibration,
) -> Pool:
    """The candidates of each language from both legs, with their probabilities; `allowed` restricts by position."""
    parts = [_of_language(language, query, vector, index, keywords, allowed) for language in index.vectors.languages]
    names = index.vectors.languages
    lengths = [len(positions) for positions, _, _, _ in parts]
    joined: list[NDArray[Any]] = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)] or [np.empty(0, int)] * 4
    positions, cosines, dense, lexical = joined
    languages = np.repeat(np.arange(len(names)), lengths)
    same = np.array([name == query.language for name in names], dtype=bool)[languages]
    coverages = np.where(lexical > 0, keywords[positions], 0.0)
    final = np.where(same, calibration.answers(True, cosines, coverages), calibration.answers(False, cosines, coverages))
    owners = index.catalogue.owners[positions]
    for own in (True, False):
        places = np.flatnonzero((same == own) & ~index.catalogue.two_faced[owners])
        _, meaning, words = calibration.same if own else calibration.cross
        order = meaning * cosines[places] + ORDERED_BY_WORDS[own] * words * coverages[places]
        final[places] = _in_order(final[places], order)
    return Pool(names, positions, owners, languages, cosines, coverages, final, dense, lexical)


def _in_order(values: NDArray[np.float64], order: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same values, the highest where `order` is highest: what is between languages stays, what is within one changes."""
    found = np.empty_like(values)
    found[np.argsort(-order, kind="stable")] = -np.sort(-values)
    return found


_Part = tuple["NDArray[np.int64]", "NDArray[np.float64]", "NDArray[np.int64]", "NDArray[np.int64]"]


def _of_language(
    language: str,
    query: Query,
    vector: NDArray[np.float32],
    index: Index,
    keywords: NDArray[np.float64],
    allowed: NDArray[np.bool_] | None,
) -> _Part:
    """Positions, cosines, ranks by meaning and by keywords."""
    scores, found = index.vectors.search(language, vector, CANDIDATES, allowed)
    known = found[0] >= 0
    dense, cosines = found[0][known], scores[0][known].astype(np.float64)
    first, last = index.catalogue.spans[language]
    worded = best_of(keywords if allowed is None else keywords * allowed, first, last, CANDIDATES)
    unseen = np.setdiff1d(worded, dense, assume_unique=True)
    if len(unseen):
        dense = np.concatenate([dense, unseen])
        cosines = np.concatenate([cosines, (index.vectors.vectors(language, unseen) @ vector[0]).astype(np.float64)])
    if language != query.language:
        cosines = cosines - HUBNESS * index.vectors.hubs[dense]
    order = np.lexsort((dense, -cosines))
    positions, cosines = dense[order], cosines[order]
    lexical = np.zeros(len(positions), dtype=np.int64)
    by_position = np.argsort(positions)
    lexical[by_position[np.searchsorted(positions, worded, sorter=by_position)]] = np.arange(1, len(worded) + 1)
    return positions, cosines, np.arange(1, len(positions) + 1), lexical


def brought_up(vector: NDArray[np.float32], index: Index, keywords: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ordinals of the records that a question brings up where nothing is filtered."""
    found = []
    for language in index.vectors.languages:
        _, dense = index.vectors.search(language, vector, CANDIDATES)
        found += [dense[0][dense[0] >= 0], best_of(keywords, *index.catalogue.spans[language], CANDIDATES)]
    return np.unique(index.catalogue.owners[np.concatenate(found)]) if found else np.empty(0, dtype=np.int64)


def pivot(pool: Pool, index: Index, allowed: NDArray[np.bool_] | None, calibration: Calibration) -> None:
    """Raise passages that say in another language what a good passage says: through it, a question reaches a text whose words
    it cannot match. Records with two faces need it not; they count with their better face anyway.
    """
    for here, other in _directions(len(pool.names)):
        own = np.flatnonzero(pool.languages == here)
        best = own[np.lexsort((pool.positions[own], -pool.final[own]))[:PIVOTS]]
        pivots = best[(pool.final[best] >= PIVOT_MIN) & ~index.catalogue.two_faced[pool.owners[best]]]
        if len(pivots):
            _raise_counterparts(pool, pivots, other, index, allowed, calibration)


def _directions(count: int) -> Iterator[tuple[int, int]]:
    return ((here, other) for here in range(count) for other in range(count) if other != here)


def _raise_counterparts(
    pool: Pool,
    pivots: NDArray[np.int64],
    other: int,
    index: Index,
    allowed: NDArray[np.bool_] | None,
    calibration: Calibration,
) -> None:
    here = pool.language(int(pivots[0]))
    vectors = index.vectors.vectors(here, pool.positions[pivots])
    scores, found = index.vectors.search(pool.names[other], vectors, _PIVOT_NEIGHBOURS, allowed)
    for place, near, places in zip(pivots.tolist(), scores.astype(np.float64), found, strict=True):
        if places[0] < 0:
            continue
        owners = index.catalogue.owners[places]
        rest = near[(owners != owners[0]) & (places >= 0)]
        lead = float(near[0]) - max(float(rest.max(initial=0.0)), 0.0)
        reached = pool.final[place] * calibration.says_the_same(float(near[0]), lead)
        twin = np.flatnonzero(pool.positions == places[0])
        if len(twin) and reached > pool.final[twin[0]]:
            pool.final[twin[0]] = reached
