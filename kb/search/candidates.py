"""The passages that a question brings up, from both legs, with the probability that each answers it; all as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.index import Index
from kb.postings import Postings
from kb.search.calibration import Calibration
from kb.search.fuse import coverage, idf
from kb.search.query import Query, phrase
from kb.store import Store
from kb.vectors import Compared, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

CANDIDATES = 400
"""Passages that each leg returns for each language."""

HUBNESS = 0.35
"""Share of a passage's hubness that is taken away from its cosine with a question in the other language; chosen on public
sets."""

EXPANSION_WEIGHT = 0.6
"""Weight of other forms of a term (the termbase's) against the words that stand in the question."""

PIECE_SHARE = 0.5
"""How much of a Thai passage's keyword score for a Thai question comes from the smallest words, where it has a whole one.
Chosen on development topics, public sets and own ones."""

OWN_ORDER = {"th": (1.75, 0.6), "en": (1.0, 0.7)}
OTHER_ORDER = (0.6, 0.4)
"""How documents are ordered that are in the question's own language, by language, and those in the other one; chosen on public
sets and own ones.

The first number says how much keywords count, as a multiple of what they count in the probability. A practice repeats the words
of its subject, a document has them where it matters; across languages few words can match at all, so that those that do are
mostly names, and stand in many passages. The second says how far the cosine of a document moves towards that of its nearest
window.
"""

WINDOWED = 100
"""Best passages whose windows are looked at."""

PIVOTS = 3
"""Best passages of each language whose counterpart in the other language is looked for."""

PIVOT_MIN = 0.02
"""Probability below which a passage is no pivot."""


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

    The question's own words count, and below them the other forms of its terms. Of Thai words in Thai passages the smallest
    words count too: what is one word and what are two depends on the dictionary.
    """
    postings = index.postings
    counts = {word: postings.frequency(word) for word in query.keywords}
    own = _scores((*query.keywords, *query.parts), postings)
    found = coverage(own, list(counts.values()), postings.total)
    if query.language == "th" and "th" in index.catalogue.spans:
        first, last = index.catalogue.spans["th"]
        whole = found[first:last]
        whole += PIECE_SHARE * (whole > 0) * (_piece_scores(query, index.pieces) - whole)
    if query.expansions:
        weight, commonest = _expansion_scale(query, counts, index)
        forms = dict.fromkeys(form for expansion in query.expansions for form in expansion.forms)
        other = _scores([form[0] for form in forms if len(form) == 1], postings)
        for form in forms:
            if len(form) > 1:
                places = index.catalogue.positions(store.rows_with(phrase(form)))
                other[places] += idf(len(places), postings.total) * postings.weight_of_one(places)
        found = np.minimum(found + weight * coverage(other, commonest, postings.total), 1.0)
    return found


def _piece_scores(query: Query, pieces: Postings) -> NDArray[np.float64]:
    """How much of the pieces of a question's words each Thai passage has, from 0 to 1."""
    counts = [pieces.frequency(piece) for piece in query.pieces]
    return coverage(_scores((*query.pieces, *query.years), pieces), counts, pieces.total)


def _scores(words: Sequence[str], postings: Postings) -> NDArray[np.float64]:
    """BM25 of every passage for some words."""
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


def best_of(
    scores: NDArray[np.float64], first: int, last: int, limit: int, allowed: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Positions of the best scores above 0 between two positions, best first; `allowed` restricts by position."""
    found = np.sort(_above_nothing(scores, first, last, limit, allowed))
    return found[np.argsort(-scores[found], kind="stable")]


def _above_nothing(
    scores: NDArray[np.float64], first: int, last: int, limit: int, allowed: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """The same in any order."""
    found = first + np.flatnonzero(scores[first:last])
    if allowed is not None:
        found = found[allowed[found]]
    return found[nearest(scores[found], limit)] if len(found) > limit else found


def compare(vector: NDArray[np.float32], index: Index) -> dict[str, Compared]:
    """A question's vector against the passages of each language."""
    return {language: index.vectors.compare(language, vector) for language in index.vectors.languages}


def gather(
    query: Query,
    vector: NDArray[np.float32],
    compared: Mapping[str, Compared],
    index: Index,
    keywords: NDArray[np.float64],
    allowed: NDArray[np.bool_] | None,
    calibration: Calibration,
) -> Pool:
    """The candidates of each language from both legs, with their probabilities; `allowed` restricts by position."""
    names = list(compared)
    parts = [_of_language(name, query.language, compared[name], index, keywords, allowed) for name in names]
    lengths = [len(positions) for positions, _, _, _ in parts]
    joined: list[NDArray[Any]] = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)] or [np.empty(0, int)] * 4
    positions, cosines, dense, lexical = joined
    languages = np.repeat(np.arange(len(names)), lengths)
    same = np.array([name == query.language for name in names], dtype=bool)[languages]
    coverages = np.where(lexical > 0, keywords[positions], 0.0)
    final = np.where(same, calibration.answers(True, cosines, coverages), calibration.answers(False, cosines, coverages))
    owners = index.catalogue.owners[positions]
    single = ~index.catalogue.two_faced[owners]
    if single.any():
        for own in (True, False):
            places = np.flatnonzero((same == own) & single)
            _, meaning, words = calibration.same if own else calibration.cross
            words_count, window_share = OWN_ORDER[query.language] if own else OTHER_ORDER
            order = meaning * cosines[places] + words_count * words * coverages[places]
            best = np.argsort(-order, kind="stable")[:WINDOWED]
            near = index.windows.nearest(vector, positions[places[best]])
            plain = cosines[places[best]] + (0.0 if own else HUBNESS) * index.vectors.hubs[positions[places[best]]]
            order[best] += meaning * window_share * np.nan_to_num(near - plain)
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
    asked: str,
    compared: Compared,
    index: Index,
    keywords: NDArray[np.float64],
    allowed: NDArray[np.bool_] | None,
) -> _Part:
    """Positions, cosines, ranks by meaning and by keywords; `asked` is the language of the question."""
    dense, cosines = compared.best(CANDIDATES, allowed)
    first, last = index.catalogue.spans[language]
    worded = best_of(keywords, first, last, CANDIDATES, allowed)
    seen = np.zeros(last - first, dtype=bool)
    seen[dense - first] = True
    unseen = worded[~seen[worded - first]]
    if len(unseen):
        dense = np.concatenate([dense, unseen])
        cosines = np.concatenate([cosines, compared.cosines(unseen)])
    if language != asked:
        cosines = cosines - HUBNESS * index.vectors.hubs[dense]
    order = np.lexsort((dense, -cosines))
    positions, cosines = dense[order], cosines[order]
    ranks = np.zeros(last - first, dtype=np.int64)
    ranks[worded - first] = np.arange(1, len(worded) + 1)
    return positions, cosines, np.arange(1, len(positions) + 1), ranks[positions - first]


def brought_up(compared: Mapping[str, Compared], index: Index, keywords: NDArray[np.float64]) -> NDArray[np.int32]:
    """Ordinals of the records that a question brings up where nothing is filtered, some of them several times."""
    found = []
    for language, near in compared.items():
        found += [near.among(CANDIDATES), _above_nothing(keywords, *index.catalogue.spans[language], CANDIDATES)]
    return index.catalogue.owners[np.concatenate(found)] if found else np.empty(0, dtype=np.int32)


def pivot(pool: Pool, index: Index, calibration: Calibration) -> None:
    """Raise passages that say in another language what a good passage says: through it, a question reaches a text whose words
    it cannot match. Records with two faces need it not; they count with their better face anyway.
    """
    for here, other in _directions(len(pool.names)):
        own = np.flatnonzero(pool.languages == here)
        best = own[np.argsort(-pool.final[own], kind="stable")[:PIVOTS]]
        pivots = best[(pool.final[best] >= PIVOT_MIN) & ~index.catalogue.two_faced[pool.owners[best]]]
        if len(pivots):
            _raise_counterparts(pool, pivots, np.flatnonzero(pool.languages == other), index, calibration)


def _directions(count: int) -> Iterator[tuple[int, int]]:
    return ((here, other) for here in range(count) for other in range(count) if other != here)


def _raise_counterparts(
    pool: Pool, pivots: NDArray[np.int64], others: NDArray[np.int64], index: Index, calibration: Calibration
) -> None:
    """Raise the candidate nearest to each pivot among `others`, by how surely it says the same."""
    if not len(others):
        return
    mine, theirs = (index.vectors.vectors(pool.language(int(places[0])), pool.positions[places]) for places in (pivots, others))
    owners = pool.owners[others]
    for place, vector in zip(pivots.tolist(), mine, strict=True):
        near = theirs @ vector
        at = int(near.argmax())
        lead = float(near[at]) - float(near[owners != owners[at]].max(initial=0.0))
        reached = pool.final[place] * calibration.says_the_same(float(near[at]), lead)
        pool.final[others[at]] = max(pool.final[others[at]], reached)
