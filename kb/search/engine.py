"""The search itself, as a short list of steps over explicit parts. It writes nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from kb.encoder import Encoder
from kb.errors import QueryError
from kb.records import FACTS, Bilingual, Kind, Passage
from kb.search import suggest
from kb.search.calibration import calibration, log_odds, logistic
from kb.search.fuse import coverage, idf
from kb.search.query import Query, expanded_expression, expression, phrase
from kb.search.receipts import Match, Matcher
from kb.search.sorting import SORTS, in_order, near
from kb.search.suggest import Suggester
from kb.search.understand import Reader
from kb.space import QUESTION_ROLES, LanguageSpace
from kb.store import FACETS, Store
from kb.text.highlight import joined
from kb.vectors import VectorIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

CANDIDATES = 400
"""Passages that each leg returns for each language."""

PART_WEIGHT = 0.3
"""Weight of a word part against a whole word in BM25."""

HUBNESS = 0.35
"""Share of a passage's hubness that is taken away from its cosine with a question in the other language; chosen on public
sets."""

EXPANSION_WEIGHT = 0.6
"""Weight of other forms of a term (the termbase's) against the words that stand in the question."""

SUPPORT = 3
"""Passages of a record, for each language, that count beside the best one."""

SUPPORT_MEANING, SUPPORT_WORDS = 0.5, 4.0
"""How far a record moves towards the mean of its good passages, and what full keyword coverage of a further one adds, in
log-odds; chosen on development topics."""

PREFERENCE = 0.3
"""What a record gains in log-odds for each facet that the question names in words."""

PIVOTS = 3
"""Best passages of each language whose counterpart in the other language is looked for."""

PIVOT_MIN = 0.02
"""Probability below which a passage is no pivot."""

_PIVOT_NEIGHBOURS = 10

MISSING_SHOWN = 5
"""Nearest records of which the missing words are told where none is close."""

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
    undo: frozenset[str] = frozenset()
    """Keys of steps of the understanding that the reader took back; `all` takes every one back."""
    redo: frozenset[str] = frozenset()
    """Keys of steps that were only offered and are to be applied."""
    reader: str = ""
    """The reader's language, `th` or `en`: aligned passages are shown in it. Empty: the language of the question."""
    sort: str = "best"
    """`best`, `newest` or `evidence`; see `kb.search.sorting`. Without a question, `best` is newest first."""


@dataclass(frozen=True)
class Leg:
    """One reason why a record was found: which leg, in which language, at which rank (from 1), with which score, and its share
    of the record's evidence (all shares of a record add up to 1)."""

    leg: str
    language: str
    rank: int
    score: float
    share: float = 0.0


@dataclass(frozen=True)
class Aligned:
    """The passage of the other face that says the same as a passage shown, in the reader's language."""

    language: str
    section: str
    text: str
    key: str


@dataclass(frozen=True)
class HitPassage:
    """A passage shown with a hit; `highlights` are half-open spans of `text`, `matches` the words in them one by one.

    `why` is `words` where words of the question stand in it, else `meaning`.
    """

    language: str
    section: str
    part: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    score: float
    key: str
    twin: str | None
    matches: tuple[Match, ...] = ()
    why: str = "meaning"
    aligned: Aligned | None = None


@dataclass(frozen=True)
class Hit:
    """A record with its score (the probability that it answers the question), the legs that found it and its best passages.

    `missing` are words of the question that the record has in no form; filled for the nearest records where none is close.
    """

    id: str
    kind: Kind
    title: Bilingual
    summary: Bilingual
    country: str | None
    start: int | None
    score: float
    legs: tuple[Leg, ...] = ()
    passages: tuple[HitPassage, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class FacetValue:
    value: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Result:
    """The answer: `verdict` is `match` or `no-close-precedent`; `total` counts the records before paging.

    `narrowed` is the request with the filters that were read out of the question.
    """

    query: Query
    request: Request
    narrowed: Request
    verdict: str
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    sorted: int = 0
    """How many records were near enough to the best to be sorted otherwise than best first."""


@dataclass(frozen=True)
class Best:
    """The best record: its probability, the language in which it is judged, and how many of the question's words it has.

    That language is the question's own where the record has text in it, else that of the record's best passage.
    """

    record: str
    probability: float
    language: str
    words: int


@dataclass(frozen=True)
class _Scored:
    """Passages of one language: the probability that each answers the question, and what each leg gave."""

    language: str
    final: dict[int, float]
    dense_rank: dict[int, tuple[int, float]]
    lexical_rank: dict[int, tuple[int, float]]


_Ranked = tuple[str, float, list[int]]
"""A record, its score, and its passages, best first."""


class Searcher:
    """Everything that a search needs, ready. Safe to use from several threads."""

    def __init__(self, store: Store, index: VectorIndex, encoder: Encoder, space: LanguageSpace, reader: Reader) -> None:
        self.store = store
        self.index = index
        self.encoder = encoder
        self.space = space
        self.reader = reader
        self.calibration = calibration()
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[str, str], NDArray[np.float32]] = OrderedDict()

    @cached_property
    def suggester(self) -> Suggester:
        """What completes a question while it is typed; read when it is first used."""
        return suggest.read(self.index.folder)

    def warm(self) -> None:
        """Load what is loaded late beside the model: the dictionaries of both languages."""
        self.reader.segmenter.warm()
        self.reader.lexicon.is_word("warm")

    def search(self, request: Request) -> Result:
        """Answer a request; an empty question browses. Raises `QueryError` for a facet or page that makes no sense."""
        _check(request)
        with self.store.snapshot():
            return self._answer(request, self._read(request))

    def _answer(self, request: Request, query: Query) -> Result:
        narrowed = _narrowed(request, query)
        allowed = self._allowed(request, query)
        if query.empty:
            return self._browse(request, query, narrowed, allowed)
        scored, ranked = self._rank(query, allowed)
        pool = {record for record, _, _ in (ranked if allowed is None else self._rank(query, None)[1])}
        verdict = self._verdict(query, ranked, scored)
        head = 0 if request.sort == "best" else near([score for _, score, _ in ranked])
        page = self._sorted(ranked, head, request.sort)[request.offset : request.offset + request.limit]
        return Result(
            query=query,
            request=request,
            narrowed=narrowed,
            verdict=verdict,
            total=len(ranked),
            hits=self._hits(page, scored, query, request.reader or query.language, verdict),
            facets=self._facets(pool | {record for record, _, _ in ranked}, request, query, allowed),
            sorted=head,
        )

    def _sorted(self, ranked: list[_Ranked], head: int, sort: str) -> list[_Ranked]:
        """The first `head` records in another order, the others after them as they are."""
        if not head:
            return ranked
        rows = {row[0]: row for row in ranked[:head]}
        return [rows[record] for record in in_order(list(rows), sort, self.store.standings(list(rows)))] + ranked[head:]

    def rank(self, text: str, limit: int) -> tuple[str, list[tuple[str, float]]]:
        """Only the verdict and the best records with their scores, without passages, highlights and facets."""
        query = self._read(Request(text))
        allowed = self._allowed(Request(text), query)
        if query.empty:
            found = [record for record in self.store.browse() if allowed is None or record in allowed]
            return "match", [(record, 0.0) for record in found[:limit]]
        scored, ranked = self._rank(query, allowed)
        return self._verdict(query, ranked, scored), [(record, score) for record, score, _ in ranked[:limit]]

    def best(self, text: str) -> Best | None:
        """What is known of the best record for a question before the verdict, or `None` where there is none."""
        query = self._read(Request(text))
        if query.empty:
            return None
        scored, ranked = self._rank(query, self._allowed(Request(text), query))
        return self._best(query, ranked, scored)

    def legs(self, text: str) -> tuple[Query, dict[str, list[tuple[int, float, float]]]]:
        """What both legs say of a question: language -> (passage row, cosine, keyword coverage). For measurements."""
        query = self._read(Request(text))
        scored = self._score(query, self._allowed(Request(text), query))
        return query, {
            part.language: [
                (passage, cosine, part.lexical_rank.get(passage, (0, 0.0))[1])
                for passage, (_, cosine) in part.dense_rank.items()
            ]
            for part in scored
        }

    def read(self, text: str) -> Query:
        """What a question asks for, as a search reads it."""
        return self._read(Request(text))

    def embed(self, text: str, language: str) -> NDArray[np.float32]:
        """A question's vector in the common space, shape (1, dimension); recent ones are kept."""
        key = (text, language)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            vector = self.space.question(self.encoder.encode([text, text], QUESTION_ROLES), language)
            self._cache[key] = vector
            if len(self._cache) > _CACHED_QUERIES:
                self._cache.popitem(last=False)
            return vector

    def _read(self, request: Request) -> Query:
        """The question as it is searched for.

        Where a filter was read out of it and some record is known to pass, the words that named the filter are left out: every
        record that passes would match them. Documents of unknown state or year pass as well; for them alone, the words stay.
        """
        query = self._without_idle_phrases(self.reader.read(request.text, request.undo, request.redo))
        if query.topic is None:
            return query
        known = self.store.matching(query.filters, query.year_from, query.year_to)
        return query if known is not None and not known else replace(query.topic, phrases=query.phrases, steps=query.steps)

    def _without_idle_phrases(self, query: Query) -> Query:
        """A quoted phrase that no text has shuts nothing out: its words are looked for one by one, and the reader is told."""
        idle = [terms for terms in query.phrases if not self.store.records_with(phrase(terms))]
        if not idle:
            return query
        values = {" ".join(terms) for terms in idle}
        steps = tuple(
            replace(step, applied=False) if step.kind == "phrase" and step.value in values else step for step in query.steps
        )
        return replace(query, phrases=tuple(terms for terms in query.phrases if terms not in idle), steps=steps)

    def _allowed(self, request: Request, query: Query, without: str = "") -> set[str] | None:
        """The records that pass filters, quoted phrases, exclusions and words in the title; `None` where all do.

        What was read out of the question does not shut out documents of unknown state or year; what was chosen by hand does.
        `without` names a facet whose choice is left out.
        """
        chosen = [facet for facet, values in request.filters.items() if values]
        read = {facet: values for facet, values in query.filters.items() if facet not in chosen}
        years = (query.year_from, query.year_to) if (request.year_from, request.year_to) == (None, None) else (None, None)
        by_hand = {facet: values for facet, values in request.filters.items() if facet != without}
        needed = [
            self.store.matching(by_hand, request.year_from, request.year_to),
            self.store.matching(read, *years, lenient=True),
            *(self.store.records_with(phrase(terms)) for terms in query.phrases),
            self.store.titled(query.title) if query.title else None,
        ]
        allowed: set[str] | None = None
        for records in needed:
            if records is not None:
                allowed = records if allowed is None else allowed & records
        if query.excluded:
            refused = set().union(*(self.store.records_with(phrase(terms)) for terms in query.excluded))
            allowed = (set(self.store.browse()) if allowed is None else allowed) - refused
        return allowed

    def _browse(self, request: Request, query: Query, narrowed: Request, allowed: set[str] | None) -> Result:
        everything = self.store.browse()
        records = [record for record in everything if allowed is None or record in allowed]
        if request.sort == "evidence":
            records = in_order(records, request.sort, self.store.standings(records))
        page = records[request.offset : request.offset + request.limit]
        rows = self.store.rows(page)
        hits = tuple(
            Hit(row.id, row.kind, row.title, row.summary, row.country, row.start, 0.0)
            for row in (rows[record] for record in page)
        )
        facets = self._facets(set(everything), request, query, allowed)
        return Result(query, request, narrowed, "match", len(records), hits, facets)

    def _rank(self, query: Query, allowed: set[str] | None) -> tuple[list[_Scored], list[_Ranked]]:
        """Score the candidates of each language, let good ones raise their counterparts, and merge them into records."""
        rows = None if allowed is None else self.store.passage_ids(allowed)
        scored = self._score(query, allowed)
        owners = self.store.owners([passage for part in scored for passage in part.final])
        two_faced = self.store.two_faced(set(owners.values()))
        self._pivot(scored, owners, two_faced, rows)
        ranked = rank_records(scored, owners, two_faced, query.language)
        return scored, self._prefer(ranked, query)

    def _score(self, query: Query, allowed: set[str] | None) -> list[_Scored]:
        """The candidates of each language from both legs, with their probabilities."""
        vector = self.embed(query.meaning, query.language)
        rows = None if allowed is None else self.store.passage_ids(allowed)
        lexical = self._lexical(query, allowed)
        return [
            self._score_language(language, query.language, vector, lexical.get(language, {}), rows)
            for language in self.index.languages
        ]

    def _lexical(self, query: Query, allowed: set[str] | None) -> dict[str, dict[int, float]]:
        """Language -> passage -> keyword coverage: the question's own words, and below them the other forms of its terms."""
        frequencies, total = self.store.frequencies(query.keywords)
        counts = list(frequencies.values())
        found: dict[str, dict[int, float]] = {}
        for hit in self.store.lexical(expression(query), CANDIDATES * 2, PART_WEIGHT, allowed):
            found.setdefault(hit.language, {})[hit.passage] = coverage(hit.score, counts, total)
        if query.expansions:
            weight, commonest = self._expansion_scale(query, frequencies, total)
            for hit in self.store.lexical(expanded_expression(query), CANDIDATES, PART_WEIGHT, allowed):
                own = found.setdefault(hit.language, {})
                own[hit.passage] = min(own.get(hit.passage, 0.0) + weight * coverage(hit.score, commonest, total), 1.0)
        return found

    def _expansion_scale(self, query: Query, frequencies: Mapping[str, int], total: int) -> tuple[float, list[int]]:
        """How much full coverage of all expanded terms counts, and in about how many passages the commonest form of each is.

        They count for as much as the question's own words that they stand for, times `EXPANSION_WEIGHT`.
        """
        words = {word for expansion in query.expansions for form in expansion.forms for word in form}
        counts = self.store.frequencies(sorted(words))[0]
        commonest = [max(min(counts[word] for word in form) for form in expansion.forms) for expansion in query.expansions]
        own = {word for expansion in query.expansions for word in expansion.own}
        mass = sum(idf(frequencies[word], total) for word in query.keywords)
        share = sum(idf(frequencies[word], total) for word in query.keywords if word in own) / mass if mass else 0.0
        return EXPANSION_WEIGHT * min(share, 1.0), commonest

    def _score_language(
        self,
        language: str,
        asked: str,
        vector: NDArray[np.float32],
        lexical: Mapping[int, float],
        rows: Sequence[int] | None,
    ) -> _Scored:
        dense = _pairs(*self.index.search(language, vector, CANDIDATES, rows))
        unseen = [passage for passage in lexical if passage not in dense]
        if unseen:
            dense |= _pairs(*self.index.search(language, vector, len(unseen), unseen))
        lexical = {passage: score for passage, score in lexical.items() if passage in dense}
        same = language == asked
        if not same:
            dense = {passage: cosine - HUBNESS * self.index.hubness(language, passage) for passage, cosine in dense.items()}
        final = {
            passage: self.calibration.answers(same, cosine, lexical.get(passage, 0.0)) for passage, cosine in dense.items()
        }
        return _Scored(language, final, _ranks(dense), _ranks(lexical))

    def _pivot(
        self, scored: Sequence[_Scored], owners: Mapping[int, str], two_faced: AbstractSet[str], rows: Sequence[int] | None
    ) -> None:
        """Raise passages that say in another language what a good passage says: through it, a question reaches a text whose
        words it cannot match. Records with two faces need it not; they count with their better face anyway.
        """
        for part in scored:
            best = sorted(part.final, key=lambda key: (-part.final[key], key))[:PIVOTS]
            pivots = [p for p in best if part.final[p] >= PIVOT_MIN and p in owners and owners[p] not in two_faced]
            for other in scored:
                if other is not part:
                    self._raise_counterparts(part, other, pivots, owners, rows)

    def _raise_counterparts(
        self,
        part: _Scored,
        other: _Scored,
        pivots: Sequence[int],
        owners: Mapping[int, str],
        rows: Sequence[int] | None,
    ) -> None:
        for pivot in pivots:
            vector = self.index.vector(part.language, pivot)
            if vector is None:
                continue
            near = _pairs(*self.index.search(other.language, vector, _PIVOT_NEIGHBOURS, rows))
            near = {passage: score for passage, score in near.items() if passage in owners}
            if not near:
                continue
            first = max(near, key=lambda key: (near[key], -key))
            rest = [score for passage, score in near.items() if owners[passage] != owners[first]]
            lead = near[first] - max(rest, default=0.0)
            reached = part.final[pivot] * self.calibration.says_the_same(near[first], lead)
            if reached > other.final.get(first, 1.0):
                other.final[first] = reached

    def _verdict(self, query: Query, ranked: Sequence[_Ranked], scored: Sequence[_Scored]) -> str:
        """Whether the best record is close; a passage in a third language is judged like an English one."""
        best = self._best(query, ranked, scored)
        if best is None:
            return "no-close-precedent"
        threshold = self.calibration.close[query.language, "th" if best.language == "th" else "en"]
        close = self.calibration.is_precedent(best.probability, best.words) >= threshold
        return "match" if close else "no-close-precedent"

    def _best(self, query: Query, ranked: Sequence[_Ranked], scored: Sequence[_Scored]) -> Best | None:
        if not ranked:
            return None
        record, score, passages = ranked[0]
        spoken = {part.language: None for passage in passages for part in scored if passage in part.final}
        language = query.language if query.language in spoken else next(iter(spoken))
        return Best(record, score, language, len(query.keywords) - len(self._missing(query, record)))

    def _missing(self, query: Query, record: str) -> list[str]:
        """The question's words that a record has in no form: not as they are, inside a longer word, or as another term."""
        words, parts = self.store.record_words(record)
        had = {word for word in query.keywords if word in words or word in parts}
        for expansion in query.expansions:
            if any(words.issuperset(form) for form in expansion.forms):
                had.update(expansion.own)
        return [word for word in query.keywords if word not in had]

    def _prefer(self, ranked: list[_Ranked], query: Query) -> list[_Ranked]:
        """Put records that have what was named in words (a priority, a level of government) a little higher."""
        if not query.preferred:
            return ranked
        liked = {facet: self.store.matching({facet: values}, None, None) or set() for facet, values in query.preferred.items()}
        raised = [
            (record, _raised(score, PREFERENCE * sum(record in records for records in liked.values())), passages)
            for record, score, passages in ranked
        ]
        return sorted(raised, key=lambda row: (-row[1], row[0]))

    def _hits(
        self, page: Sequence[_Ranked], scored: Sequence[_Scored], query: Query, language: str, verdict: str
    ) -> tuple[Hit, ...]:
        by_passage = {passage: part for part in scored for passage in part.final}
        lists = self.store.in_section([record for record, _, _ in page], FACTS)
        shown = {record: _shown(passages, by_passage, lists) for record, _, passages in page}
        everything = [passage for passages in shown.values() for passage in passages]
        texts, words = self.store.passages(everything), self.store.words(everything)
        rows = self.store.rows([record for record, _, _ in page])
        matcher = Matcher(query, self.reader.segmenter)
        present = {passage.key for passage in texts.values()}
        twins = [p.twin for p in texts.values() if p.twin and p.twin not in present and p.language != language]
        aligned = {key: passage for key, passage in self.store.passages_by_key(twins).items() if passage.language == language}
        hits = []
        for number, (record, score, passages) in enumerate(page):
            lacking = self._missing(query, record) if verdict != "match" and number < MISSING_SHOWN else []
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
                    legs=_legs(passages, by_passage, query.language),
                    passages=tuple(
                        _hit_passage(
                            texts[passage],
                            by_passage[passage].final[passage],
                            matcher.matches(texts[passage].text, *words[passage]),
                            aligned.get(texts[passage].twin or ""),
                        )
                        for passage in shown[record]
                    ),
                    missing=tuple(matcher.surface(word) for word in lacking),
                )
            )
        return tuple(hits)

    def _facets(
        self, pool: set[str], request: Request, query: Query, allowed: set[str] | None
    ) -> dict[str, tuple[FacetValue, ...]]:
        """Counts of each value among the records of `pool` that pass all filters but the facet's own.

        `allowed` holds the records that pass all filters; only a facet with a choice has to ask without it.
        """
        values = self.store.facet_values(pool)
        facets = {}
        for facet in FACETS:
            chosen = request.filters.get(facet, ())
            passing = self._allowed(request, query, without=facet) if chosen else allowed
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


def rank_records(
    scored: Sequence[_Scored], owners: Mapping[int, str], two_faced: AbstractSet[str], asked: str
) -> list[_Ranked]:
    """Records by the probability that they answer a question in the language `asked`, with their passages, best first.

    The best passage decides. A record with two faces says everything twice, so its other good passages move it as well: see
    `_with_support`. A passage without an owner was deleted after the index was made; it is passed over until the next one.
    """
    found: dict[str, list[tuple[float, int, _Scored]]] = {}
    for part in scored:
        for passage, probability in part.final.items():
            if passage in owners:
                found.setdefault(owners[passage], []).append((probability, passage, part))
    ranked = []
    for record, rows in found.items():
        rows.sort(key=lambda row: (-row[0], row[1]))
        score = _with_support(rows, asked) if record in two_faced else rows[0][0]
        ranked.append((record, score, [passage for _, passage, _ in rows]))
    return sorted(ranked, key=lambda row: (-row[1], row[0]))


def _with_support(rows: Sequence[tuple[float, int, _Scored]], asked: str) -> float:
    """The probability of a record from its passages (probability, passage, its language's scores), best first.

    In log-odds: that of the best passage, moved part of the way from its cosine's term to the mean of the record's best cosine
    terms (each language counts alike), and up for the keyword coverage of further passages.
    """
    meanings: dict[str, list[float]] = {}
    coverages = []
    for _, passage, part in rows:
        weights = calibration().same if part.language == asked else calibration().cross
        meanings.setdefault(part.language, []).append(weights[0] + weights[1] * part.dense_rank.get(passage, (0, 0.0))[1])
        coverages.append(part.lexical_rank.get(passage, (0, 0.0))[1])
    best = meanings[rows[0][2].language][0]
    means = [fmean(sorted(values, reverse=True)[:SUPPORT]) for values in meanings.values()]
    further = sum(sorted(coverages, reverse=True)[1:SUPPORT])
    return _raised(rows[0][0], SUPPORT_MEANING * (fmean(means) - best) + SUPPORT_WORDS * further)


def _narrowed(request: Request, query: Query) -> Request:
    """The request with the filters that were read out of the question; what was chosen by hand comes first."""
    years = (request.year_from, request.year_to)
    return replace(
        request,
        filters={**query.filters, **{facet: values for facet, values in request.filters.items() if values}},
        year_from=query.year_from if years == (None, None) else request.year_from,
        year_to=query.year_to if years == (None, None) else request.year_to,
    )


def _check(request: Request) -> None:
    for facet, values in request.filters.items():
        if facet not in FACETS:
            raise QueryError(f"unknown facet {facet!r}; facets are {', '.join(FACETS)}")
        if any("\ud800" <= character <= "\udfff" for value in values for character in value):
            raise QueryError(f"a value of the facet {facet!r} is no text")
    if request.sort not in SORTS:
        raise QueryError(f"unknown order {request.sort[:40]!r}; orders are {', '.join(SORTS)}")
    if not 1 <= request.limit <= MAX_LIMIT:
        raise QueryError(f"limit must be from 1 to {MAX_LIMIT}")
    if not 0 <= request.offset <= 100_000:
        raise QueryError("offset must be from 0 to 100000")
    if any(not -MAX_YEAR <= year <= MAX_YEAR for year in (request.year_from, request.year_to) if year is not None):
        raise QueryError("a year has four digits")
    if request.year_from and request.year_to and request.year_from > request.year_to:
        raise QueryError(f"the years run backwards: {request.year_from} to {request.year_to}")


def _raised(probability: float, gain: float) -> float:
    return logistic((log_odds(probability), gain, 0.0), 1.0, 0.0) if gain else probability


def _hit_passage(passage: Passage, score: float, matches: Sequence[Match], aligned: Passage | None) -> HitPassage:
    return HitPassage(
        language=passage.language,
        section=passage.section,
        part=passage.part,
        text=passage.text,
        highlights=tuple(joined(passage.text, [(match.start, match.end) for match in matches])),
        score=round(score, 4),
        key=passage.key,
        twin=passage.twin,
        matches=tuple(matches),
        why="words" if matches else "meaning",
        aligned=Aligned(aligned.language, aligned.section, aligned.text, aligned.key) if aligned else None,
    )


def _pairs(scores: NDArray[np.float32], ids: NDArray[np.int64]) -> dict[int, float]:
    return {int(key): float(score) for score, key in zip(scores[0], ids[0], strict=True) if key >= 0}


def _ranks(scores: Mapping[int, float]) -> dict[int, tuple[int, float]]:
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return {key: (rank, scores[key]) for rank, key in enumerate(order, 1)}


def _shown(passages: Sequence[int], by_passage: Mapping[int, _Scored], lists: AbstractSet[int]) -> list[int]:
    """The best passages of a record, one of each language first; mere lists of names come last."""
    passages = sorted(passages, key=lambda passage: passage in lists)
    first: dict[str, int] = {}
    for passage in passages:
        first.setdefault(by_passage[passage].language, passage)
    shown = list(first.values())[:PASSAGES_SHOWN]
    return shown + [passage for passage in passages if passage not in shown][: PASSAGES_SHOWN - len(shown)]


def _legs(passages: Sequence[int], by_passage: Mapping[int, _Scored], asked: str) -> tuple[Leg, ...]:
    """The best rank of a record in each leg and language, best first, with its share of the evidence."""
    best: dict[tuple[str, str], tuple[int, float]] = {}
    for passage in passages:
        part = by_passage[passage]
        for leg, ranks in (("meaning", part.dense_rank), ("keyword", part.lexical_rank)):
            if passage in ranks and ranks[passage] < best.get((leg, part.language), (1 << 30, 0.0)):
                best[leg, part.language] = ranks[passage]
    same, cross = calibration().same, calibration().cross
    worth = {}
    for (leg, language), (_, score) in best.items():
        weights = same if language == asked else cross
        worth[leg, language] = weights[1 if leg == "meaning" else 2] * max(score, 0.0)
    total = sum(worth.values()) or 1.0
    return tuple(
        Leg(leg, language, rank, round(score, 4), round(worth[leg, language] / total, 4))
        for (leg, language), (rank, score) in sorted(best.items(), key=lambda item: (item[1][0], item[0]))
    )
