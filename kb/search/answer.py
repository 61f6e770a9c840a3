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
            "meaning": query.meaning,
            "filters": {name: list(values) for name, values in result.narrowed.filters.items() if values},
            "year_from": result.narrowed.year_from,
            "year_to": result.narrowed.year_to,
            "preferred": {name: list(values) for name, values in query.preferred.items()},
            "steps": [
                {"kind": step.kind, "said": step.said, "value": step.value, "applied": step.applied, "key": step.key}
                for step in query.steps
            ],
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
        "legs": [
            {"leg": leg.leg, "language": leg.language, "rank": leg.rank, "score": leg.score, "share": leg.share}
            for leg in hit.legs
        ],
        "passages": [_passage(passage) for passage in hit.passages],
        "missing": list(hit.missing),
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
        "why": passage.why,
        "matches": [
            {"start": match.start, "end": match.end, "text": match.text, "term": match.term, "form": match.form}
            for match in passage.matches
        ],
        "aligned": (
            {
                "lang": passage.aligned.language,
                "section": passage.aligned.section,
                "text": passage.aligned.text,
                "key": passage.aligned.key,
            }
            if passage.aligned
            else None
        ),
    }
