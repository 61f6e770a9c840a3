"""A practice as the fields of its form. `practice_of(answers_of(practice)) == practice` for every practice (`edit_reader`)."""

from __future__ import annotations

from collections.abc import Iterator

from kb.records import LANGUAGES, Bilingual, Practice
from kb.text.years import ERA_OFFSET
from web.desk.edit_answers import MANY, Answers


def answers_of(practice: Practice, language: str) -> Answers:
    """The fields of a practice; years stand in the era of the page's language."""
    return Answers({name: tuple(texts) for name, texts in _fields(practice, language)})


def _fields(practice: Practice, language: str) -> Iterator[tuple[str, list[str]]]:
    for lang, face in practice.faces.items():
        yield f"{lang}.title", [face.title]
        for key, text in face.sections.items():
            yield f"{lang}.{key}", [text]
    for name in ("id", "country", "status", "priority", "evidence", "confidence"):
        yield name, [getattr(practice, name)]
    for name in ("start", "end"):
        yield name, [_year_text(getattr(practice, name), language)]
    for name in MANY:
        yield name, [str(code) for code in getattr(practice, name)]
    yield "cost.band", [practice.cost.band]
    for name, both in (("place", practice.place), ("cost", practice.cost.text), ("study_visit", practice.study_visit)):
        yield from _pair(name, both)
    yield from _lists(practice, language)


def _pair(name: str, text: Bilingual | None) -> Iterator[tuple[str, list[str]]]:
    for lang in LANGUAGES:
        yield f"{name}.{lang}", [getattr(text, lang) if text else ""]


def _lists(practice: Practice, language: str) -> Iterator[tuple[str, list[str]]]:
    for row, agency in enumerate(practice.agencies):
        yield from _pair(f"agencies.{row}", agency.name)
        yield f"agencies.{row}.role", [agency.role or ""]
    for row, partner in enumerate(practice.partners):
        yield from _pair(f"partners.{row}", partner)
    for row, award in enumerate(practice.awards):
        yield from _pair(f"awards.{row}", award.name)
        yield f"awards.{row}.year", [_year_text(award.year, language)]
    for row, item in enumerate(practice.lineage):
        yield f"lineage.{row}.relation", [item.relation]
        yield f"lineage.{row}.id", [item.id or ""]
        yield from _pair(f"lineage.{row}", item.text)
    for row, related in enumerate(practice.related):
        yield f"related.{row}.id", [related.id]
        yield from _pair(f"related.{row}", related.reason)
    for row, source in enumerate(practice.sources):
        yield f"sources.{row}.title", [source.title]
        yield f"sources.{row}.publisher", [source.publisher]
        yield f"sources.{row}.year", [_year_text(source.year, language)]
        yield f"sources.{row}.url", [source.url or ""]
        if source.copy:
            yield f"sources.{row}.copy", ["yes"]
    for row, claim in enumerate(practice.claims):
        yield f"claims.{row}.number", [str(claim.number)]
        yield f"claims.{row}.sources", [", ".join(map(str, claim.sources))]
        yield f"claims.{row}.basis", [claim.basis]
        yield f"claims.{row}.figures", ["\n".join(claim.figures)]
        yield from _pair(f"claims.{row}", claim.note)


def _year_text(year: int | None, language: str) -> str:
    if year is None:
        return ""
    return str(year + ERA_OFFSET) if language == "th" else str(year)
