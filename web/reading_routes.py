"""Pages of one record: a practice, a document, its original file, and addresses that stay good when an id changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from kb.desk.evidence import Evidence
from kb.moved import Moved
from kb.records import Practice
from kb.search.engine import Searcher
from kb.search.marking import document_marks, marker
from kb.search.similar import similar_to_record
from kb.text.years import format_date
from web.addresses import base_url
from web.counts import ReadCounts, by_a_person
from web.desk.from_outside import for_the_desk
from web.document_pages import Asked, document_page
from web.head import HEADERS_ONLY
from web.i18n import preferred_language
from web.links import MAX_MARKED, record_url
from web.originals import MEDIA_TYPES, original_of, unchanged
from web.pages import Say
from web.reading import VIEWS, Reading, Surroundings, practice_page
from web.render import render, say_in, searcher_in
from web.routes import Language

router = APIRouter(include_in_schema=False)

MAX_ID = 120
MAX_PAGE = 100_000
_Asked = Annotated[str, Query(max_length=4 * MAX_MARKED)]
_NO_PRACTICE = "There is no such practice; it may have been moved or withdrawn."
_NO_DOCUMENT = "There is no such document; it may have been removed."


@dataclass(frozen=True)
class GonePage:
    """A case that was withdrawn: since when and why, in both languages, the reader's first."""

    id: str
    day: str
    reasons: tuple[tuple[str, str], ...]


@router.get("/practices/{record}")
def stable_practice(request: Request, record: str) -> Response:
    """The address without a language, for citing: to the reader's own."""
    return _in_own_language(request, "practice", record)


@router.get("/documents/{record}")
def stable_document(request: Request, record: str) -> Response:
    """The same for a document."""
    return _in_own_language(request, "document", record)


def _in_own_language(request: Request, kind: str, record: str) -> Response:
    language = preferred_language(request.headers.get("accept-language", ""))
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(record_url(language, kind, record[:MAX_ID]) + query, 302, headers={"Vary": "Accept-Language"})


@router.get("/{language}/practices/{record}")
def practice(request: Request, language: Language, record: str, view: str = "", q: _Asked = "") -> Response:
    """A practice with one face or both, and the words of a question marked."""
    say = say_in(request, language.value)
    view = view if view in VIEWS else ""
    searcher = searcher_in(request)
    found = searcher.store.practice(record)
    if found is None:
        return _elsewhere(request, record, view, say)
    reading = _reading(searcher, view, q)
    ids = [item.id for item in found.related] + [item.id for item in found.lineage if item.id]
    similar = similar_to_record(searcher, record)
    checks = Evidence(searcher.store).tally_for_readers(found) if found.verified else None
    around = Surroundings(
        searcher.store.rows(ids), similar, _today(), _counted(request, found), _address(request, found.id), checks
    )
    page = practice_page(found, reading, around, say)
    return for_the_desk(request, found.id, page, say) or render(request, "practice.html", page, say)


def _reading(searcher: Searcher, view: str, question: str) -> Reading:
    question = question[:MAX_MARKED].strip()
    found = marker(searcher, question) if question else None
    return Reading(view, question if found else "", found)


def _counted(request: Request, found: Practice) -> tuple[int, date] | None:
    """Count this opening, if a person opens the case, and tell how often it was opened."""
    counts: ReadCounts | None = request.app.state.counts
    if counts is None:
        return None
    if HEADERS_ONLY not in request.scope and by_a_person(request.headers, request.url.path):
        counts.add(found.id)
    opened = counts.opened(found.id)
    return (opened.times, opened.since) if opened else None


def _elsewhere(request: Request, record: str, view: str, say: Say) -> Response:
    """Where an id that is no practice leads: to its new address, to a document, or to why it was withdrawn."""
    moved: Moved | None = request.app.state.moved.find(record)
    if moved is not None and moved.to is not None:
        return RedirectResponse(record_url(say.language, "practice", moved.to, view=view), 301)
    if moved is not None:
        own = ("th", moved.reason.th), ("en", moved.reason.en)
        reasons = own if say.language == "th" else own[::-1]
        day = format_date(moved.day, say.language).replace(" ", "\u00a0")  # one line: the day, its month and its year
        page = GonePage(record, day, reasons)
        return render(request, "gone.html", page, say, 410)
    if searcher_in(request).store.document(record) is not None:
        return RedirectResponse(record_url(say.language, "document", record), 301)
    raise HTTPException(404, _NO_PRACTICE)


@router.get("/{language}/documents/{record}")
def document(
    request: Request,
    language: Language,
    record: str,
    page: Annotated[int, Query(ge=0, le=MAX_PAGE)] = 0,
    go: Annotated[str, Query(max_length=10)] = "",
    q: _Asked = "",
) -> Response:
    """A document with its text by page; `go` is what was typed into "go to page" and leads to that page's place."""
    say = say_in(request, language.value)
    searcher = searcher_in(request)
    found = searcher.store.document(record)
    if found is None:
        raise HTTPException(404, _NO_DOCUMENT)
    if go:
        number = int(go) if go.isdecimal() else 0
        page = min((part.number for part in found.parts), key=lambda part: abs(part - number), default=0)
        return RedirectResponse(record_url(language.value, "document", record, f"p{page}", page=page, query=q), 303)
    question = q[:MAX_MARKED].strip()
    marking = marker(searcher, question) if question else None
    texts = {part.number: part.text for part in found.parts}
    spans = document_marks(searcher, record, texts, marking) if marking else None
    may = original_of(record, searcher.store, request.app.state.repository.settings) is not None
    asked = Asked(page, question if marking else "", spans, may)
    return render(request, "document.html", document_page(found, asked, say), say)


@router.get("/{language}/documents/{record}/original")
def original(request: Request, language: Language, record: str) -> Response:  # noqa: ARG001  # checks the address
    """The file that a document was read from, as a download, where the operator allows it."""
    searcher = searcher_in(request)
    found = original_of(record, searcher.store, request.app.state.repository.settings)
    data = unchanged(*found) if found else None
    if found is None or data is None:
        raise HTTPException(404, "The original file of this document cannot be had here.")
    return Response(data, headers=_download(found[0], record))


def _download(path: PurePath, record: str) -> dict[str, str]:
    """Headers that make a browser save a file, never show it; the name is plain in the old form, and whole in the new one."""
    suffix = path.suffix.lower()
    plain = "".join(letter for letter in record + suffix if letter.isascii() and (letter.isalnum() or letter in "-._"))
    return {
        "Content-Type": MEDIA_TYPES.get(suffix, "application/octet-stream"),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(path.name, safe='')}",
        "X-Robots-Tag": "noindex",
    }


def _address(request: Request, record: str) -> str:
    """The stable address of a practice, whole."""
    return f"{base_url(request)}/practices/{quote(record)}"


def _today() -> date:
    return datetime.now(UTC).date()
