"""Questions of readers that no case is close to, by meaning, and a call for the cases that they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from kb.desk.asked import DAYS_KEPT, DAYS_SHOWN, AskedQuestions
from kb.desk.rights import Action
from kb.desk.unanswered import Call, Group, draft_call, placed
from kb.desk.unanswered_groups import UnansweredGroups
from kb.records import LANGUAGES
from kb.text.years import format_date
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, language_of, show
from web.links import record_url
from web.pages import Say
from web.render import say_in, searcher_in
from web.takeaway.word import WordPaper

router = APIRouter(include_in_schema=False)

MAX_TEXT = 400
SHOWN = 50
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Asking:
    """One wording, its language, and on how many days it was asked."""

    text: str
    language: str
    days: int


@dataclass(frozen=True)
class GroupView:
    """A group as it stands on the page; `nearest` is the nearest case's address, title and the title's language."""

    text: str
    language: str
    count: int
    days: int
    languages: str
    first: str
    last: str
    nearest: tuple[str, str, str] | None
    gaps: tuple[str, ...]
    others: tuple[Asking, ...]


@dataclass(frozen=True)
class UnansweredPage:
    """`kept` is false where this server keeps no questions."""

    groups: tuple[GroupView, ...]
    more: int
    kept: bool
    days_kept: int = DAYS_KEPT
    days_shown: int = DAYS_SHOWN


@dataclass(frozen=True)
class Letter:
    language: str
    name: str
    title: str
    body: str


@dataclass(frozen=True)
class CallPage:
    text: str
    letters: tuple[Letter, ...]


def _kept(request: Request) -> AskedQuestions | None:
    asked: AskedQuestions | None = request.app.state.asked
    return asked


def _groups(request: Request, seat: Seat) -> UnansweredGroups:
    """The groups of this server, made when they are first asked for."""
    state = request.app.state
    if not hasattr(state, "unanswered"):
        repository = seat.desk.repository
        state.unanswered = UnansweredGroups(repository.encoder, repository.space, seat.desk.clock)
    found: UnansweredGroups = state.unanswered
    return found


@router.get("/{language}/desk/unanswered")
def unanswered(request: Request, seat: Seat = reads(Action.PLAN)) -> Response:
    say, asked = say_in(request, language_of(request)), _kept(request)
    if asked is None:
        return show(request, seat, "desk/unanswered.html", UnansweredPage((), 0, kept=False))
    found = _groups(request, seat).placed(asked, searcher_in(request), seat.desk.store, seat.desk.radar())
    views = tuple(_view(group, seat, say) for group in found[:SHOWN])
    return show(request, seat, "desk/unanswered.html", UnansweredPage(views, max(len(found) - SHOWN, 0), kept=True))


@router.get("/{language}/desk/unanswered/call")
def call_again(request: Request, _: Seat = reads(Action.PLAN)) -> Response:
    """The address of a draft in another language: a draft is made anew from the list."""
    return back_to(request, "/unanswered")


@router.post("/{language}/desk/unanswered/call")
def call(
    request: Request,
    seat: Seat = writes(Action.PLAN),
    text: Annotated[str, Form(max_length=MAX_TEXT)] = "",
    form: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """A call for submissions for one group: as a page, as text, or as a Word file. Nothing is sent or kept."""
    say, asked = say_in(request, language_of(request)), _kept(request)
    group = _groups(request, seat).one(asked, text) if asked else None
    if group is None:
        raise HTTPException(404, "These questions are no longer in the list; reload it.")
    group = placed(group, searcher_in(request), seat.desk.radar(), seat.desk.store.practice)
    made = draft_call(group, seat.desk.repository.taxonomy)
    if form == "txt":
        whole = "\n\n".join(f"{made.title.get(code)}\n\n{made.body.get(code)}" for code in LANGUAGES)
        return _file(whole.encode(), "text/plain; charset=utf-8", "call.txt")
    if form == "docx":
        return _file(_word(made), _WORD, "call.docx")
    letters = tuple(Letter(code, say.tongue(code), made.title.get(code), made.body.get(code)) for code in LANGUAGES)
    return show(request, seat, "desk/call.html", CallPage(text, letters))


def _word(made: Call) -> bytes:
    paper = WordPaper(made.title.en, "", size=11)
    for code in LANGUAGES:
        paper.paragraph(made.title.get(code), "Title" if code == LANGUAGES[0] else "Heading 1")
        for line in made.body.get(code).split("\n"):
            if line.startswith("- "):
                paper.paragraph(line[2:], "List Bullet")
            elif line.strip():
                paper.paragraph(line)
    return paper.save()


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=kind, headers=headers)


def _view(group: Group, seat: Seat, say: Say) -> GroupView:
    nearest = None
    if group.nearest is not None and (row := seat.desk.store.rows([group.nearest.id]).get(group.nearest.id)):
        own, other = (row.title.th, row.title.en) if say.language == "th" else (row.title.en, row.title.th)
        nearest = (
            record_url(say.language, row.kind, row.id),
            own or other,
            say.language if own else ("en" if say.language == "th" else "th"),
        )
    return GroupView(
        text=group.representative.text,
        language=group.representative.language,
        count=group.count,
        days=group.days,
        languages=", ".join(say.tongue(code) for code in group.languages),
        first=format_date(group.first, say.language),
        last=format_date(group.last, say.language),
        nearest=nearest,
        gaps=tuple(f"{say.label('countries', country)}: {say.label('priorities', name)}" for country, name in group.gaps),
        others=tuple(Asking(text.text, text.language, text.days) for text in group.texts if text != group.representative),
    )
