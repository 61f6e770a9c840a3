"""More like this: records that say the same as a record, or as a text that a reader pastes, in either language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import QueryError
from kb.records import Bilingual, Kind
from kb.text.language import detect
from kb.text.normalise import normalise
from kb.text.sentences import pack, sentences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.search.engine import Searcher

MAX_TEXT = 20_000
"""Characters of a pasted text that are accepted: about six pages."""

MAX_PASSAGES = 24
"""Passages of a record or a text that are compared."""

_LENGTH = 700
_NEIGHBOURS = 100
_SECTIONS = ("summary", "problem", "action", "results", "lessons")


@dataclass(frozen=True)
class SimilarPassage:
    """The passage of a similar record that is nearest to a passage of the source."""

    language: str
    section: str
    part: int
    text: str
    key: str
    source: str
    """The source's own passage, as text."""
    score: float


@dataclass(frozen=True)
class Similar:
    """A similar record: `score` is the mean, over the source's passages, of the cosine of its nearest passage."""

    id: str
    kind: Kind
    title: Bilingual
    summary: Bilingual
    country: str | None
    start: int | None
    score: float
    passage: SimilarPassage


def similar_to_record(searcher: Searcher, record: str, limit: int = 5) -> list[Similar]:
    """Records like this one, best first, without itself; nothing for an unknown record or one without text."""
    with searcher.store.snapshot():
        catalogue, vectors = searcher.index.catalogue, searcher.index.vectors
        ordinal = catalogue.ordinal(record)
        if ordinal is None:
            return []
        positions = catalogue.positions_of(ordinal)
        rows = dict(zip(catalogue.rows[positions].tolist(), positions.tolist(), strict=True))
        passages = searcher.store.passages(list(rows))
        order = sorted(passages, key=lambda row: (_preference(passages[row].section), row))[:MAX_PASSAGES]
        own = [vectors.vectors(passages[row].language, np.array([rows[row]])) for row in order]
        return _ranked(searcher, own, [passages[row].text for row in order], limit, ordinal)


def similar_to_text(searcher: Searcher, text: str, limit: int = 5) -> list[Similar]:
    """Records like a pasted text. Raises `QueryError` for one without words or one that is too long."""
    if len(text) > MAX_TEXT:
        raise QueryError(f"The text is too long; paste at most {MAX_TEXT} characters.")
    normal = normalise(text)
    if not searcher.reader.segmenter.tokens(normal):
        raise QueryError("The text has no words; paste a page of your draft.")
    pieces = [normal[start:end] for start, end in pack(sentences(normal), _LENGTH)][:MAX_PASSAGES]
    raw = searcher.encoder.encode(pieces, "document")
    vectors = searcher.space.project(raw, [detect(piece) for piece in pieces], "document")
    with searcher.store.snapshot():
        return _ranked(searcher, list(vectors[:, None]), pieces, limit)


def _preference(section: str) -> int:
    """Sections that say what a case is about come first; a document's passages keep their order."""
    return _SECTIONS.index(section) if section in _SECTIONS else len(_SECTIONS)


def _ranked(
    searcher: Searcher, vectors: Sequence[NDArray[np.float32]], texts: Sequence[str], limit: int, left_out: int = -1
) -> list[Similar]:
    """Records by how near each passage of the source finds something in them."""
    if not vectors:
        return []
    queries = np.concatenate(vectors)
    near: list[dict[int, float]] = [{} for _ in texts]
    floors = np.full(len(texts), 1.0)
    for language in searcher.index.vectors.languages:
        scores, rows = searcher.index.vectors.search(language, queries, _NEIGHBOURS)
        for number in range(len(texts)):
            known = rows[number] >= 0
            near[number] |= {
                int(row): float(score) for row, score in zip(rows[number][known], scores[number][known], strict=True)
            }
            floors[number] = min(floors[number], float(scores[number][known].min(initial=1.0)))
    catalogue = searcher.index.catalogue
    totals: dict[int, float] = {}
    best: dict[int, tuple[float, int, int]] = {}
    for number, found in enumerate(near):
        nearest: dict[int, tuple[float, int]] = {}
        for row, score in found.items():
            record = int(catalogue.owners[row])
            if record != left_out:
                nearest[record] = max(nearest.get(record, (-1.0, 0)), (score, row))
        for record, (score, row) in nearest.items():
            totals[record] = totals.get(record, 0.0) + score - floors[number]
            best[record] = max(best.get(record, (-1.0, 0, 0)), (score, row, number))
    chosen = sorted(totals, key=lambda record: (-totals[record], record))[:limit]
    ids = {record: catalogue.records[record] for record in chosen}
    places = {record: int(catalogue.rows[best[record][1]]) for record in chosen}
    rows_of = searcher.store.rows(list(ids.values()))
    shown = searcher.store.passages(list(places.values()))
    mean_floor = float(floors.mean())
    return [
        Similar(
            row.id,
            row.kind,
            row.title,
            row.summary,
            row.country,
            row.start,
            round(totals[record] / len(texts) + mean_floor, 4),
            SimilarPassage(
                passage.language,
                passage.section,
                passage.part,
                passage.text,
                passage.key,
                texts[number],
                round(score, 4),
            ),
        )
        for record in chosen
        for score, _, number in [best[record]]
        if ids[record] in rows_of and places[record] in shown  # else deleted after the index was made
        for row, passage in [(rows_of[ids[record]], shown[places[record]])]
    ]
