"""Files, citations and briefings: each route parses, makes one paper, and sends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from kb.records import Practice
from kb.repository import Repository
from kb.store import Store
from web.addresses import base_url
from web.links import record_url
from web.pages import Say
from web.render import render_error, say_in, searcher_in
from web.routes import Language
from web.takeaway.briefing import MAX_CASES, MAX_NOTE, MAX_TITLE, Ask
from web.takeaway.citation import Reference, apa, bibtex, csl_json, reference, ris
from web.takeaway.fitting import Bench, briefing_file
from web.takeaway.handout import Handout, faces_shown, handout
from web.takeaway.pdf import practice_pdf
from web.takeaway.renderings import BusyError, Renderings
from web.takeaway.word_papers import practice_docx

router = APIRouter(include_in_schema=False)

MAX_FORM = 500_000
"""Bytes of a form: twenty notes of a thousand Thai letters, nine bytes a letter, and what stands around them."""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TYPES = {"pdf": PDF, "docx": DOCX}
_AUTHOR = "ASEAN good-practice repository"

_CITATIONS: dict[str, tuple[str, Callable[[Reference, str], str]]] = {
    "apa.txt": ("text/plain; charset=utf-8", lambda cited, language: apa(cited, language) + "\n"),
    "bib": ("application/x-bibtex; charset=utf-8", lambda cited, _: bibtex(cited)),
    "ris": ("application/x-research-info-systems; charset=utf-8", lambda cited, _: ris(cited)),
    "csl.json": ("application/vnd.citationstyles.csl+json; charset=utf-8", lambda cited, _: csl_json(cited)),
}


@dataclass(frozen=True)
class _Wanted:
    record: str
    view: str
    kind: str


@dataclass(frozen=True)
class _Form:
    """What was sent for a briefing, as it came."""

    records: tuple[str, ...]
    notes: tuple[str, ...]
    title: str


@router.get("/{language}/practices/{record}/cite.{style}")
def cite(request: Request, language: Language, record: str, style: str) -> Response:
    """How to cite a practice."""
    say = say_in(request, language.value)
    if style not in _CITATIONS:
        raise HTTPException(404, say("There is no such page."))
    practice = _practice(_store(request), record, say)
    kind, write = _CITATIONS[style]
    text = write(reference(practice, page_address(request, language.value, practice.id), today(), say), language.value)
    return Response(text, media_type=kind, headers=_named(f"{practice.id}.{style}", inline=style == "apa.txt"))


@router.get("/{language}/practices/{record}.pdf")
def pdf(request: Request, language: Language, record: str, view: str = "") -> Response:
    """A practice as a PDF file."""
    return _practice_file(request, language.value, _Wanted(record, view, "pdf"))


@router.get("/{language}/practices/{record}.docx")
def docx(request: Request, language: Language, record: str, view: str = "") -> Response:
    """A practice as a Word file."""
    return _practice_file(request, language.value, _Wanted(record, view, "docx"))


@router.get("/{language}/briefing.{kind}")
def briefing(
    request: Request,
    language: Language,
    kind: str,
    record: Annotated[list[str], Query(alias="id")] = [],  # noqa: B006  # FastAPI copies defaults
    title: str = "",
) -> Response:
    """A briefing on the cases of an address, without notes."""
    return _briefing(request, language.value, kind, _Form(tuple(record), (), title))


@router.post("/{language}/briefing.{kind}")
async def briefing_with_notes(request: Request, language: Language, kind: str) -> Response:
    """A briefing on the cases of a form, with the reader's notes; nothing of it is kept on disk."""
    say = say_in(request, language.value)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_FORM:
        return render_error(request, language.value, 413, say("The form is too large; shorten the notes."))
    async with request.form(max_files=0, max_fields=2 * MAX_CASES + 20) as sent:
        given = {name: tuple(str(value) for value in sent.getlist(name)) for name in ("id", "note", "title")}
    form = _Form(given["id"], given["note"], "".join(given["title"][:1]))
    return await run_in_threadpool(_briefing, request, language.value, kind, form)


def today() -> date:
    """The day where the server stands."""
    return datetime.now().astimezone().date()


def page_address(request: Request, language: str, record: str) -> str:
    """The absolute address of a practice's page, with the host that the reader used."""
    return base_url(request) + record_url(language, "practice", record)


def _practice_file(request: Request, language: str, wanted: _Wanted) -> Response:
    say = say_in(request, language)
    practice = _practice(_store(request), wanted.record, say)
    shown = faces_shown(practice, wanted.view if wanted.view in ("th", "en", "both") else "", language)
    if not shown:
        raise HTTPException(404, say("This case has no text in that language yet."))
    address = page_address(request, language, practice.id)
    paper = handout(practice, tuple(say_in(request, face) for face in shown), address, today())
    name = f"{practice.id}-{'-'.join(shown)}.{wanted.kind}"
    return _made(request, say, name, f"{wanted.kind} {paper!r}", lambda: _write(paper, wanted.kind, request))


def _write(paper: Handout, kind: str, request: Request) -> bytes:
    return practice_pdf(paper, _AUTHOR, _repository(request).segmenter) if kind == "pdf" else practice_docx(paper, _AUTHOR)


def _briefing(request: Request, language: str, kind: str, form: _Form) -> Response:
    say = say_in(request, language)
    if kind not in _TYPES:
        raise HTTPException(404, say("There is no such page."))
    ask = _asked(request, form, say)
    day = today()
    bench = Bench(_AUTHOR, _repository(request).segmenter, (say_in(request, "th"), say_in(request, "en")), day)
    name = f"briefing-{day.isoformat()}.{kind}"
    return _made(request, say, name, f"briefing {kind} {day} {ask!r}", lambda: briefing_file(ask, kind, bench))


def _asked(request: Request, form: _Form, say: Say) -> Ask:
    """The briefing that a form asks for. Raises 422 or 404 with a line on the first thing that is wrong."""
    records = tuple(dict.fromkeys(form.records))
    if not records:
        raise HTTPException(422, say("Choose at least one case for the briefing."))
    if len(records) > MAX_CASES:
        text = say("A briefing has at most {limit} cases; you chose {count}.")
        raise HTTPException(422, text.format(limit=MAX_CASES, count=len(records)))
    if len(form.notes) > len(form.records):
        raise HTTPException(422, say("There are more notes than cases."))
    longest = max((_length(note) for note in form.notes), default=0)
    if longest > MAX_NOTE:
        text = say("A note has at most {limit} characters; one of yours has {count}.")
        raise HTTPException(422, text.format(limit=MAX_NOTE, count=longest))
    if _length(form.title) > MAX_TITLE:
        text = say("A title has at most {limit} characters; yours has {count}.")
        raise HTTPException(422, text.format(limit=MAX_TITLE, count=_length(form.title)))
    notes: dict[str, str] = {}
    for record, note in zip(form.records, form.notes, strict=False):
        notes[record] = notes.get(record) or note
    store = _store(request)
    practices = tuple(_case(store, record, say) for record in records)
    return Ask(
        practices,
        tuple(notes.get(record, "") for record in records),
        tuple(page_address(request, say.language, record) for record in records),
        form.title,
    )


def _length(text: str) -> int:
    """Characters as a browser counts them against `maxlength`, where a line end is one."""
    return len(text.replace("\r\n", "\n"))


def _case(store: Store, record: str, say: Say) -> Practice:
    found = store.practice(record)
    if found is None:
        raise HTTPException(404, say("There is no case {id}; it may have been moved or withdrawn.").format(id=record[:60]))
    return found


def _practice(store: Store, record: str, say: Say) -> Practice:
    found = store.practice(record)
    if found is None:
        raise HTTPException(404, say("There is no such practice; it may have been moved or withdrawn."))
    return found


def _made(request: Request, say: Say, name: str, content: str, make: Callable[[], bytes]) -> Response:
    """A file, made now or kept from before; 503 where too many are being made."""
    renderings: Renderings = request.app.state.renderings
    try:
        made = renderings.get(content, make)
    except BusyError:
        text = say("Too many files are being made at this moment; try again in a few seconds.")
        busy = render_error(request, say.language, 503, text)
        busy.headers["Retry-After"] = "10"
        return busy
    return Response(made, media_type=_TYPES[name.rpartition(".")[2]], headers=_named(name))


def _named(name: str, inline: bool = False) -> dict[str, str]:
    """Headers of a file that is saved under this name. Search engines should list pages, not their copies."""
    kind = "inline" if inline else "attachment"
    return {"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(name)}", "X-Robots-Tag": "noindex"}


def _repository(request: Request) -> Repository:
    found: Repository = request.app.state.repository
    return found


def _store(request: Request) -> Store:
    return searcher_in(request).store
