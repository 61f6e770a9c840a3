"""The search itself, as a short list of steps over explicit parts. It writes nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kb.encoder import Encoder
from kb.errors import QueryError
from kb.records import Bilingual, Kind, Passage
from kb.search.fuse import convex, coverage, transport
from kb.search.query import Query, expression, parse_query
from kb.space import LanguageSpace
from kb.store import FACETS, LexicalHit, Store
from kb.text.highlight import highlights
from kb.text.segment import Segmenter
from kb.vectors import VectorIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

CANDIDATES = 400
"""Passages that each leg returns for each language."""

PART_WEIGHT = 0.3
"""Weight of a word part against a whole word in BM25."""

LEXICAL_WEIGHT = 0.4
"""Weight of keyword coverage against cosine within one language; chosen on public sets."""

CLOSE = {("th", "th"): 0.40, ("th", "en"): 0.25, ("en", "th"): 0.25, ("en", "en"): 0.30}
"""Evidence below which the best record is no close precedent, by language of the question and of its best passage; from
`bench/verdict.py`. A passage in any third language is judged like an English one."""

COVERAGE_EVIDENCE = 0.7
"""Weight of the best record's keyword coverage beside its cosine in that evidence."""

MAX_LIMIT = 200
MAX_YEAR = 9999
PASSAGES_SHOWN = 3
_CACHED_QUERIES = 512


@dataclass(frozen=True)
class Request:
    """What a reader asks: words, facet values (any within a facet, all facets together), start years, and a page."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True)
class Leg:
    """One reason why a record was found: which leg, in which language, at which rank (from 1) and with which score."""

    leg: str
    language: str
    rank: int
    score: float


@dataclass(frozen=True)
class HitPassage:
    """A passage shown with a hit; `highlights` are half-open spans of `text`."""

    language: str
    section: str
    part: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    score: float
    key: str
    twin: str | None


@dataclass(frozen=True)
class Hit:
    """A record with its score (cosine in the common space), the legs that found it and its best passages."""

    id: str
    kind: Kind
    title: Bilingual
    summary: Bilingual
    country: str | None
    start: int | None
    score: float
    legs: tuple[Leg, ...] = ()
    passages: tuple[HitPassage, ...] = ()


@dataclass(frozen=True)
class FacetValue:
    value: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Result:
    """The answer: `verdict` is `match` or `no-close-precedent`; `total` counts the records before paging."""

    query: Query
    request: Request
    verdict: str
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]


@dataclass(frozen=True)
class _Scored:
    """Passage scores of one language: `final` on the common scale, and what each leg gave."""

    language: str
    final: dict[int, float]
    dense_rank: dict[int, tuple[int, float]]
    lexical_rank: dict[int, tuple[int, float]]


_Ranked = tuple[str, float, list[int]]
"""A record, its score, and its passages, best first."""


class Searcher:
    """Everything that a search needs, ready. Safe to use from several threads."""

    def __init__(self, store: Store, index: VectorIndex, encoder: Encoder, space: LanguageSpace, segmenter: Segmenter) -> None:
        self.store = store
        self.index = index
        self.encoder = encoder
        self.space = space
        self.segmenter = segmenter
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[str, str], NDArray[np.float32]] = OrderedDict()

    def search(self, request: Request) -> Result:
        """Answer a request; an empty question browses. Raises `QueryError` for a facet or page that makes no sense."""
        _check(request)
        query = parse_query(request.text, self.segmenter)
        with self.store.snapshot():
            return self._answer(request, query)

    def _answer(self, request: Request, query: Query) -> Result:
        allowed = self.store.matching(request.filters, request.year_from, request.year_to)
        if query.empty:
            return self._browse(request, query, allowed)
        scored, ranked = self._rank(query, allowed)
        pool = {record for record, _, _ in (ranked if allowed is None else self._rank(query, None)[1])}
        page = ranked[request.offset : request.offset + request.limit]
        return Result(
            query=query,
            request=request,
            verdict=_verdict(query, ranked, scored),
            total=len(ranked),
            hits=self._hits(page, scored, query),
            facets=self._facets(pool | {record for record, _, _ in ranked}, request, allowed),
        )

    def rank(self, text: str, limit: int) -> tuple[str, list[tuple[str, float]]]:
        """Only the verdict and the best records with their scores, without passages, highlights and facets."""
        query = parse_query(text, self.segmenter)
        if query.empty:
            return "match", [(record, 0.0) for record in self.store.browse()[:limit]]
        scored, ranked = self._rank(query, None)
        return _verdict(query, ranked, scored), [(record, score) for record, score, _ in ranked[:limit]]

    def evidence(self, text: str) -> tuple[float, str]:
        """How sure the best record for a question is, and the language of its best passage; see `CLOSE`."""
        scored, ranked = self._rank(parse_query(text, self.segmenter), None)
        return evidence(ranked, scored)

    def embed(self, text: str, language: str) -> NDArray[np.float32]:
        """A question's vector in the common space, shape (1, dimension); recent ones are kept."""
        key = (text, language)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            vector = self.space.project(self.encoder.encode([text], "query"), [language], "query")
            self._cache[key] = vector
            if len(self._cache) > _CACHED_QUERIES:
                self._cache.popitem(last=False)
            return vector

    def _browse(self, request: Request, query: Query, allowed: set[str] | None) -> Result:
        everything = self.store.browse()
        records = [record for record in everything if allowed is None or record in allowed]
        page = records[request.offset : request.offset + request.limit]
        rows = self.store.rows(page)
        hits = tuple(
            Hit(row.id, row.kind, row.title, row.summary, row.country, row.start, 0.0)
            for row in (rows[record] for record in page)
        )
        return Result(query, request, "match", len(records), hits, self._facets(set(everything), request, allowed))

    def _rank(self, query: Query, allowed: set[str] | None) -> tuple[list[_Scored], list[_Ranked]]:
        """Score the candidates of each language (two legs, fused, on the common scale), then merge them into records."""
        vector = self.embed(query.text, query.language)
        rows = None if allowed is None else self.store.passage_ids(allowed)
        lexical = self._lexical(query, allowed)
        scored = [self._score_language(language, vector, lexical.get(language, {}), rows) for language in self.index.languages]
        return scored, rank_records(scored, self.store.owners([passage for part in scored for passage in part.final]))

    def _lexical(self, query: Query, allowed: set[str] | None) -> dict[str, dict[int, float]]:
        """Language -> passage -> keyword coverage."""
        hits: list[LexicalHit] = self.store.lexical(expression(query), CANDIDATES * 2, PART_WEIGHT, allowed)
        frequencies, total = self.store.frequencies(query.keywords)
        counts = list(frequencies.values())
        found: dict[str, dict[int, float]] = {}
        for hit in hits:
            found.setdefault(hit.language, {})[hit.passage] = coverage(hit.score, counts, total)
        return found

    def _score_language(
        self, language: str, vector: NDArray[np.float32], lexical: Mapping[int, float], rows: Sequence[int] | None
    ) -> _Scored:
        dense = _pairs(*self.index.search(language, vector, CANDIDATES, rows))
        unseen = [passage for passage in lexical if passage not in dense]
        if unseen:
            dense |= _pairs(*self.index.search(language, vector, len(unseen), unseen))
        lexical = {passage: score for passage, score in lexical.items() if passage in dense}
        final = transport(convex(dense, lexical, LEXICAL_WEIGHT), dense)
        return _Scored(language, final, _ranks(dense), _ranks(lexical))

    def _hits(self, page: Sequence[_Ranked], scored: Sequence[_Scored], query: Query) -> tuple[Hit, ...]:
        by_passage = {passage: part for part in scored for passage in part.final}
        shown = {record: _shown(passages, by_passage) for record, _, passages in page}
        texts = self.store.passages([passage for passages in shown.values() for passage in passages])
        rows = self.store.rows([record for record, _, _ in page])
        terms = frozenset((*query.keywords, *query.parts))
        hits = []
        for record, score, passages in page:
            row = rows[record]
            hits.append(
                Hit(
                    id=record,
                    kind=row.kind,
                    title=row.title,
                    summary=row.summary,
                    country=row.country,
                    start=row.start,
                    score=round(score, 4),
                    legs=_legs(passages, by_passage),
                    passages=tuple(
                        self._hit_passage(texts[passage], by_passage[passage].final[passage], terms)
                        for passage in shown[record]
                    ),
                )
            )
        return tuple(hits)

    def _hit_passage(self, passage: Passage, score: float, terms: frozenset[str]) -> HitPassage:
        return HitPassage(
            language=passage.language,
            section=passage.section,
            part=passage.part,
            text=passage.text,
            highlights=tuple(highlights(passage.text, terms, self.segmenter)),
            score=round(score, 4),
            key=passage.key,
            twin=passage.twin,
        )

    def _facets(self, pool: set[str], request: Request, allowed: set[str] | None) -> dict[str, tuple[FacetValue, ...]]:
        """Counts of each value among the records of `pool` that pass all filters but the facet's own.

        `allowed` holds the records that pass all filters; only a facet with a choice has to ask without it.
        """
        values = self.store.facet_values(pool)
        facets = {}
        for facet in FACETS:
            chosen = request.filters.get(facet, ())
            passing = allowed
            if chosen:
                others = {name: kept for name, kept in request.filters.items() if name != facet}
                passing = self.store.matching(others, request.year_from, request.year_to)
            counted = {
                value: len(records if passing is None else records & passing) for value, records in values[facet].items()
            }
            counted |= {value: counted.get(value, 0) for value in chosen}
            facets[facet] = tuple(
                FacetValue(value, count, value in chosen)
                for value, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
                if count or value in chosen
            )
        return facets


def rank_records(scored: Sequence[_Scored], owners: Mapping[int, str]) -> list[_Ranked]:
    """Records by their best passage in any language: (record, score, its passages, best first).

    A passage without an owner was deleted after the index was made; it is passed over until the index is made anew.
    """
    passages: dict[str, list[tuple[float, int]]] = {}
    for part in scored:
        for passage, score in part.final.items():
            if passage in owners:
                passages.setdefault(owners[passage], []).append((score, passage))
    ranked = []
    for record, found in passages.items():
        found.sort(key=lambda pair: (-pair[0], pair[1]))
        ranked.append((record, found[0][0], [passage for _, passage in found]))
    return sorted(ranked, key=lambda row: (-row[1], row[0]))


def _check(request: Request) -> None:
    for facet, values in request.filters.items():
        if facet not in FACETS:
            raise QueryError(f"unknown facet {facet!r}; facets are {', '.join(FACETS)}")
        if any("\ud800" <= character <= "\udfff" for value in values for character in value):
            raise QueryError(f"a value of the facet {facet!r} is no text")
    if not 1 <= request.limit <= MAX_LIMIT:
        raise QueryError(f"limit must be from 1 to {MAX_LIMIT}")
    if not 0 <= request.offset <= 100_000:
        raise QueryError("offset must be from 0 to 100000")
    if any(not -MAX_YEAR <= year <= MAX_YEAR for year in (request.year_from, request.year_to) if year is not None):
        raise QueryError("a year has four digits")
    if request.year_from and request.year_to and request.year_from > request.year_to:
        raise QueryError(f"the years run backwards: {request.year_from} to {request.year_to}")


def evidence(ranked: Sequence[_Ranked], scored: Sequence[_Scored]) -> tuple[float, str]:
    """How sure the best record is, and the language of its best passage.

    Sureness is its cosine and, weighted, the best keyword coverage among its passages; 0 without a record.
    """
    if not ranked:
        return 0.0, "en"
    _, score, passages = ranked[0]
    best = max((part.lexical_rank[p][1] for part in scored for p in passages if p in part.lexical_rank), default=0.0)
    language = next(part.language for part in scored if passages[0] in part.final)
    return score + COVERAGE_EVIDENCE * best, language


def _verdict(query: Query, ranked: Sequence[_Ranked], scored: Sequence[_Scored]) -> str:
    sureness, language = evidence(ranked, scored)
    threshold = CLOSE[query.language, "th" if language == "th" else "en"]
    return "match" if sureness >= threshold else "no-close-precedent"


def _pairs(scores: NDArray[np.float32], ids: NDArray[np.int64]) -> dict[int, float]:
    return {int(key): float(score) for score, key in zip(scores[0], ids[0], strict=True) if key >= 0}


def _ranks(scores: Mapping[int, float]) -> dict[int, tuple[int, float]]:
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return {key: (rank, scores[key]) for rank, key in enumerate(order, 1)}


def _shown(passages: Sequence[int], by_passage: Mapping[int, _Scored]) -> list[int]:
    """The best passages of a record, one of each language first."""
    first: dict[str, int] = {}
    for passage in passages:
        first.setdefault(by_passage[passage].language, passage)
    shown = list(first.values())[:PASSAGES_SHOWN]
    return shown + [passage for passage in passages if passage not in shown][: PASSAGES_SHOWN - len(shown)]


def _legs(passages: Sequence[int], by_passage: Mapping[int, _Scored]) -> tuple[Leg, ...]:
    """The best rank of a record in each leg and language, best first."""
    best: dict[tuple[str, str], tuple[int, float]] = {}
    for passage in passages:
        part = by_passage[passage]
        for leg, ranks in (("meaning", part.dense_rank), ("keyword", part.lexical_rank)):
            if passage in ranks and ranks[passage] < best.get((leg, part.language), (1 << 30, 0.0)):
                best[leg, part.language] = ranks[passage]
    return tuple(
        Leg(leg, language, rank, round(score, 4))
        for (leg, language), (rank, score) in sorted(best.items(), key=lambda item: (item[1][0], item[0]))
    )
