"""A search result as plain data for JSON: the contract of `kb search --json` and of the web API."""

from __future__ import annotations

from typing import Any

from kb.search.engine import Hit, HitPassage, Result


def answer_as_json(result: Result) -> dict[str, Any]:
    """The answer with every field of the contract; fields may be added, never renamed."""
    query = result.query
    request = result.request
    return {
        "query": query.original[:2000],
        "interpretation": {
            "text": query.text,
            "language": query.language,
            "keywords": list(query.keywords),
            "parts": list(query.parts),
            "truncated": query.truncated,
            "filters": {name: list(values) for name, values in request.filters.items() if values},
            "year_from": request.year_from,
            "year_to": request.year_to,
        },
        "verdict": result.verdict,
        "total": result.total,
        "limit": request.limit,
        "offset": request.offset,
        "hits": [_hit(hit) for hit in result.hits],
        "facets": {
            facet: [{"value": v.value, "count": v.count, "selected": v.selected} for v in values]
            for facet, values in result.facets.items()
        },
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "kind": hit.kind,
        "title": {"th": hit.title.th, "en": hit.title.en},
        "summary": {"th": hit.summary.th, "en": hit.summary.en},
        "country": hit.country,
        "start": hit.start,
        "score": hit.score,
        "legs": [{"leg": leg.leg, "language": leg.language, "rank": leg.rank, "score": leg.score} for leg in hit.legs],
        "passages": [_passage(passage) for passage in hit.passages],
    }


def _passage(passage: HitPassage) -> dict[str, Any]:
    return {
        "lang": passage.language,
        "section": passage.section,
        "part": passage.part,
        "text": passage.text,
        "highlights": [list(span) for span in passage.highlights],
        "score": passage.score,
        "key": passage.key,
        "twin": passage.twin,
    }
