"""The search itself, as a short list of steps over explicit parts. It writes nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.encoder import Encoder
from kb.errors import QueryError
from kb.index import Index
from kb.records import Bilingual, Kind, Passage
from kb.search import suggest, transliteration
from kb.search.calibration import Calibration, calibration
from kb.search.candidates import Pool, brought_up, compare, gather, keyword_scores, pivot
from kb.search.query import Query, phrase
from kb.search.ranking import Ranking, rank_records
from kb.search.receipts import Match, Matcher
from kb.search.sorting import SORTS, in_order, near
from kb.search.suggest import Suggester
from kb.search.understand import Reader
from kb.space import QUESTION_ROLES, LanguageSpace
from kb.store import FACETS, Store, WordedPassage
from kb.text.highlight import joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

PREFERENCE = 0.3
"""What a record gains in log-odds for each facet that the question names in words."""

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


class Searcher:
    """Everything that a search needs, ready. Safe to use from several threads."""

    def __init__(self, store: Store, index: Index, encoder: Encoder, space: LanguageSpace, reader: Reader) -> None:
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

    def warm_rest(self) -> None:
        """Load what only some questions need: suggestions, and what a name is heard with. Takes a few tenths of a second."""
        _ = self.suggester
        transliteration.warm(self.reader.lexicon)

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
        ranking, everything = self._rank(query, allowed)
        everything[ranking.records] = True
        verdict = self._verdict(query, ranking)
        head = 0 if request.sort == "best" else near(ranking.scores)
        ranking = self._sorted(ranking, head, request.sort)
        return Result(
            query=query,
            request=request,
            narrowed=narrowed,
            verdict=verdict,
            total=len(ranking),
            hits=self._hits(ranking, request, query, verdict),
            facets=self._facets(everything, request, query, allowed),
            sorted=head,
        )

    def _sorted(self, ranking: Ranking, head: int, sort: str) -> Ranking:
        """The first `head` records in another order, the others after them as they are."""
        if not head:
            return ranking
        place = {ordinal: rank for rank, ordinal in enumerate(ranking.records[:head].tolist())}
        order = [place[ordinal] for ordinal in self._in_order(ranking.records[:head], sort).tolist()]
        return ranking.taken(np.array([*order, *range(head, len(ranking))]))

    def _in_order(self, ordinals: NDArray[Any], sort: str) -> NDArray[Any]:
        """Ordinals of records, newest or best proven first."""
        ids = {self.index.catalogue.records[ordinal]: ordinal for ordinal in ordinals.tolist()}
        return np.array(
            [ids[record] for record in in_order(list(ids), sort, self.store.standings(list(ids)))], dtype=ordinals.dtype
        )

    def rank(self, text: str, limit: int) -> tuple[str, list[tuple[str, float]]]:
        """Only the verdict and the best records with their scores, without passages, highlights and facets."""
        query = self._read(Request(text))
        allowed = self._allowed(Request(text), query)
        records = self.index.catalogue.records
        if query.empty:
            return "match", [(records[ordinal], 0.0) for ordinal in self._browsed(allowed)[:limit].tolist()]
        ranking, _ = self._rank(query, allowed)
        best = zip(ranking.records[:limit].tolist(), ranking.scores[:limit].tolist(), strict=True)
        return self._verdict(query, ranking), [(records[ordinal], score) for ordinal, score in best]

    def best(self, text: str) -> Best | None:
        """What is known of the best record for a question before the verdict, or `None` where there is none."""
        query = self._read(Request(text))
        if query.empty:
            return None
        return self._best(query, self._rank(query, self._allowed(Request(text), query))[0])

    def legs(self, text: str) -> tuple[Query, dict[str, list[tuple[str, float, float]]]]:
        """What both legs say of a question: language -> (record, cosine, coverage) of each passage. For measurements."""
        query = self._read(Request(text))
        pool = self._pool(query, self._allowed(Request(text), query))[0]
        rows = zip(pool.languages.tolist(), pool.owners.tolist(), pool.cosines.tolist(), pool.coverages.tolist(), strict=True)
        found: dict[str, list[tuple[str, float, float]]] = {name: [] for name in pool.names}
        for language, owner, cosine, words in rows:
            found[pool.names[language]].append((self.index.catalogue.records[owner], cosine, words))
        return query, found

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
        with self._lock:
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
        known = self.index.catalogue.matching(query.filters, query.year_from, query.year_to)
        return (
            query if known is not None and not known.any() else replace(query.topic, phrases=query.phrases, steps=query.steps)
        )

    def _without_idle_phrases(self, query: Query) -> Query:
        """A quoted phrase that no text has shuts nothing out: its words are looked for one by one, and the reader is told."""
        idle = [terms for terms in query.phrases if not self.store.has(phrase(terms))]
        if not idle:
            return query
        values = {" ".join(terms) for terms in idle}
        steps = tuple(
            replace(step, applied=False) if step.kind == "phrase" and step.value in values else step for step in query.steps
        )
        return replace(query, phrases=tuple(terms for terms in query.phrases if terms not in idle), steps=steps)

    def _allowed(self, request: Request, query: Query, without: str = "") -> NDArray[np.bool_] | None:
        """Which records pass filters, quoted phrases, exclusions and words in the title; `None` where all do.

        What was read out of the question does not shut out documents of unknown state or year; what was chosen by hand does.
        `without` names a facet whose choice is left out.
        """
        catalogue = self.index.catalogue
        chosen = [facet for facet, values in request.filters.items() if values]
        read = {facet: values for facet, values in query.filters.items() if facet not in chosen}
        years = (query.year_from, query.year_to) if (request.year_from, request.year_to) == (None, None) else (None, None)
        by_hand = {facet: values for facet, values in request.filters.items() if facet != without}
        needed = [
            catalogue.matching(by_hand, request.year_from, request.year_to),
            catalogue.matching(read, *years, lenient=True),
            *(catalogue.owning(self.store.rows_with(phrase(terms))) for terms in query.phrases),
            *(~catalogue.owning(self.store.rows_with(phrase(terms))) for terms in query.excluded),
            catalogue.mask(self.store.titled(query.title)) if query.title else None,
        ]
        masks = [mask for mask in needed if mask is not None]
        return np.logical_and.reduce(masks) if masks else None

    def _browsed(self, allowed: NDArray[np.bool_] | None) -> NDArray[np.int32]:
        """Ordinals of the records that pass, in the order of an empty query."""
        order = self.index.catalogue.browse
        return order if allowed is None else order[allowed[order]]

    def _browse(self, request: Request, query: Query, narrowed: Request, allowed: NDArray[np.bool_] | None) -> Result:
        found = self._browsed(allowed)
        if request.sort == "evidence":
            found = self._in_order(found, request.sort)
        page = [self.index.catalogue.records[ordinal] for ordinal in found[request.offset : request.offset + request.limit]]
        rows = self.store.rows(page)
        hits = tuple(
            Hit(row.id, row.kind, row.title, row.summary, row.country, row.start, 0.0)
            for row in (rows[record] for record in page if record in rows)
        )
        facets = self._facets(np.ones(len(self.index.catalogue.records), dtype=bool), request, query, allowed)
        return Result(query, request, narrowed, "match", len(found), hits, facets)

    def _rank(self, query: Query, allowed: NDArray[np.bool_] | None) -> tuple[Ranking, NDArray[np.bool_]]:
        """Score the candidates, let good ones raise their counterparts, and merge them into records.

        The mask has all records that the question brings up, whether they pass or not.
        """
        pool, everything = self._pool(query, allowed)
        pivot(pool, self.index, self.calibration)
        ranking = rank_records(pool, self.index.catalogue, query.language, self.calibration)
        return self._prefer(ranking, query), everything

    def _pool(self, query: Query, allowed: NDArray[np.bool_] | None) -> tuple[Pool, NDArray[np.bool_]]:
        """The candidates that pass, and which records the question brings up, whether they pass or not."""
        catalogue = self.index.catalogue
        vector = self.embed(query.meaning, query.language)
        compared = compare(vector, self.index)
        keywords = keyword_scores(query, self.index, self.store)
        passing = None if allowed is None else allowed[catalogue.owners]
        pool = gather(query, vector, compared, self.index, keywords, passing, self.calibration)
        everything = np.zeros(len(catalogue.records), dtype=bool)
        everything[pool.owners if allowed is None else brought_up(compared, self.index, keywords)] = True
        return pool, everything

    def _verdict(self, query: Query, ranking: Ranking) -> str:
        """Whether the best record is close; a passage in a third language is judged like an English one."""
        best = self._best(query, ranking)
        if best is None:
            return "no-close-precedent"
        threshold = self.calibration.close[query.language, "th" if best.language == "th" else "en"]
        close = self.calibration.is_precedent(best.probability, best.words) >= threshold
        return "match" if close else "no-close-precedent"

    def _best(self, query: Query, ranking: Ranking) -> Best | None:
        if not len(ranking):
            return None
        spoken = dict.fromkeys(ranking.pool.language(place) for place in ranking.passages(0))
        language = query.language if query.language in spoken else next(iter(spoken))
        ordinal = int(ranking.records[0])
        words = len(query.keywords) - len(self._missing(query, ordinal))
        return Best(self.index.catalogue.records[ordinal], float(ranking.scores[0]), language, words)

    def _missing(self, query: Query, ordinal: int) -> list[str]:
        """The question's words that a record has in no form: not as they are, inside a longer word, or as another term."""
        own = self.index.catalogue.positions_of(ordinal).astype(np.int32)

        def has(word: str) -> bool:
            holding = self.index.postings.holding(word)
            places = np.searchsorted(holding, own)
            return bool(len(holding)) and bool((holding[np.minimum(places, len(holding) - 1)] == own).any())

        had = {word for word in query.keywords if has(word)}
        for expansion in query.expansions:
            if any(all(map(has, form)) for form in expansion.forms):
                had.update(expansion.own)
        return [word for word in query.keywords if word not in had]

    def _prefer(self, ranking: Ranking, query: Query) -> Ranking:
        """Put records that have what was named in words (a priority, a level of government) a little higher."""
        liked = [self.index.catalogue.matching({facet: values}, None, None) for facet, values in query.preferred.items()]
        masks = [mask[ranking.records] for mask in liked if mask is not None]
        return ranking.raised(PREFERENCE * np.sum(masks, axis=0)) if masks else ranking

    def _hits(self, ranking: Ranking, request: Request, query: Query, verdict: str) -> tuple[Hit, ...]:
        numbers = range(request.offset, min(request.offset + request.limit, len(ranking)))
        passages = {number: ranking.passages(number) for number in numbers}
        legs = ranking.pool.legs([place for places in passages.values() for place in places])
        listed = self.index.catalogue.listed[ranking.pool.positions[[*legs]]] if legs else ()
        names = {place for place, mere in zip(legs, listed, strict=True) if mere}
        shown = {number: _shown(places, legs, names) for number, places in passages.items()}
        matcher = Matcher(query, self.reader.segmenter)
        everything = [place for places in shown.values() for place in places]
        details = self._details(everything, ranking.pool, matcher, request.reader or query.language)
        rows = self.store.rows([self._record(ranking, number) for number in numbers])
        hits = []
        for number in numbers:
            record = self._record(ranking, number)
            if record not in rows:  # deleted after the index was made
                continue
            row = rows[record]
            untold = verdict == "match" or number >= request.offset + MISSING_SHOWN
            lacking = [] if untold else self._missing(query, int(ranking.records[number]))
            hits.append(
                Hit(
                    id=record,
                    kind=row.kind,
                    title=row.title,
                    summary=row.summary,
                    country=row.country,
                    start=row.start,
                    score=round(float(ranking.scores[number]), 4),
                    legs=_legs(map(legs.__getitem__, passages[number]), query.language, self.calibration),
                    passages=tuple(details[place] for place in shown[number] if place in details),
                    missing=tuple(matcher.surface(word) for word in lacking),
                )
            )
        return tuple(hits)

    def _record(self, ranking: Ranking, number: int) -> str:
        return self.index.catalogue.records[int(ranking.records[number])]

    def _details(self, places: Sequence[int], pool: Pool, matcher: Matcher, reader: str) -> dict[int, HitPassage]:
        """The passages to show, by their place in the pool, with what matched in them and their twins for the reader."""
        rows = self.index.catalogue.rows[pool.positions[places]].tolist() if places else []
        found = self.store.worded_passages(rows)
        present = {passage.key for passage in found.values()}
        twins = [p.twin for p in found.values() if p.twin and p.twin not in present and p.language != reader]
        aligned = {key: passage for key, passage in self.store.passages_by_key(twins).items() if passage.language == reader}
        return {
            place: _hit_passage(passage, score, matcher.in_passage(passage), aligned.get(passage.twin or ""))
            for place, row, score in zip(places, rows, pool.final[places].tolist() if places else [], strict=True)
            if (passage := found.get(row))
        }

    def _facets(
        self, found: NDArray[np.bool_], request: Request, query: Query, allowed: NDArray[np.bool_] | None
    ) -> dict[str, tuple[FacetValue, ...]]:
        """Counts of each value among the records in a mask that pass all filters but the facet's own.

        `allowed` tells the records that pass all filters; only a facet with a choice has to ask without it.
        """
        catalogue = self.index.catalogue
        counts = catalogue.counts(found if allowed is None else found & allowed)
        facets = {}
        for facet in FACETS:
            chosen = request.filters.get(facet, ())
            counted = counts[facet]
            if chosen:
                passing = self._allowed(request, query, without=facet)
                counted = catalogue.counts(found if passing is None else found & passing)[facet]
                counted |= {value: counted.get(value, 0) for value in chosen}
            facets[facet] = tuple(
                FacetValue(value, count, value in chosen)
                for value, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
            )
        return facets


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


def _hit_passage(passage: WordedPassage, score: float, matches: Sequence[Match], aligned: Passage | None) -> HitPassage:
    return HitPassage(
        language=passage.language,
        section=passage.section,
        part=passage.part,
        text=passage.text,
        highlights=tuple(joined(passage.text, [(match.start, match.end) for match in matches])) if matches else (),
        score=round(score, 4),
        key=passage.key,
        twin=passage.twin,
        matches=tuple(matches),
        why="words" if matches else "meaning",
        aligned=Aligned(aligned.language, aligned.section, aligned.text, aligned.key) if aligned else None,
    )


def _shown(places: Sequence[int], legs: Mapping[int, tuple[str, int, float, int, float]], names: AbstractSet[int]) -> list[int]:
    """The best passages of a record, one of each language first; mere lists of names come last.

    `legs` are what `Pool.legs` tells of them, `names` the places of such lists.
    """
    places = sorted(places, key=names.__contains__) if names else places
    first: dict[str, int] = {}
    for place in places:
        first.setdefault(legs[place][0], place)
    shown = list(first.values())[:PASSAGES_SHOWN]
    return shown + [place for place in places if place not in shown][: PASSAGES_SHOWN - len(shown)]


def _legs(places: Iterable[tuple[str, int, float, int, float]], asked: str, calibration: Calibration) -> tuple[Leg, ...]:
    """The best rank of a record in each leg and language, best first, with its share of the evidence.

    `places` are what `Pool.legs` tells of its passages.
    """
    best: dict[tuple[str, str], tuple[int, float]] = {}
    for language, dense, cosine, lexical, covered in places:
        for leg, rank in (("meaning", (dense, cosine)), ("keyword", (lexical, covered))):
            if rank[0]:
                best[leg, language] = min(best.get((leg, language), rank), rank)
    worth = {}
    for (leg, language), (_, score) in best.items():
        weights = calibration.same if language == asked else calibration.cross
        worth[leg, language] = weights[1 if leg == "meaning" else 2] * max(score, 0.0)
    total = sum(worth.values()) or 1.0
    return tuple(
        Leg(leg, language, rank, round(score, 4), round(worth[leg, language] / total, 4))
        for (leg, language), (rank, score) in sorted(best.items(), key=lambda item: (item[1][0], item[0]))
    )
