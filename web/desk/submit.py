"""The door of submission: hand in a file, or write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from kb.desk.attachments import MAX_ATTACHMENTS, Received
from kb.desk.entries import blank
from kb.desk.rights import Action
from kb.desk.uploads import UploadError
from kb.records import LANGUAGES, Face, Lang
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, language_of, show
from web.desk.submit_proposing import propose_from
from web.desk.submit_routes import UploadRoute
from web.render import say_in

router = APIRouter(include_in_schema=False, route_class=UploadRoute)

Upload = Annotated[UploadFile | None, File()]


@dataclass(frozen=True)
class ChoosePage:
    """`faces` are the languages to write in, Thai first."""

    faces: tuple[tuple[str, str], ...]
    most_megabytes: int
    most_files: int = MAX_ATTACHMENTS
    error: str = ""


@router.get("/{language}/desk/new")
def choose(request: Request, seat: Seat = reads(Action.CREATE)) -> Response:
    """Hand in a file, or write."""
    return show(request, seat, "desk/submit.html", _page(request, seat))


def _page(request: Request, seat: Seat, error: str = "") -> ChoosePage:
    say = say_in(request, language_of(request))
    faces = tuple((code, say.tongue(code)) for code in LANGUAGES)
    return ChoosePage(faces, seat.desk.attachments.max_bytes // 1_000_000, error=error)


@router.post("/{language}/desk/new/file")
def hand_in(request: Request, seat: Seat = writes(Action.CREATE), file: Upload = None) -> Response:
    """Make a draft with this file, and propose its fields from the text."""
    try:
        received = receive(seat, file)
        made = seat.desk.entries.create(replace(blank(), faces=_titled(received)), seat.account)
        attached = seat.desk.attachments.add(made.number, received, seat.account)
    except UploadError as exc:
        say = say_in(request, language_of(request))
        return show(request, seat, "desk/submit.html", _page(request, seat, say(str(exc))), 422)
    propose_from(request, seat.desk, attached)
    return back_to(request, f"/entries/{made.number}/files/{attached.id}/proposals")


def receive(seat: Seat, file: UploadFile | None) -> Received:
    """A file that a form brought, on disk and read; raises `UploadError`."""
    if file is None or not file.filename:
        raise UploadError("Choose a file first.")
    return seat.desk.attachments.receive(file.filename, file.file)


def _titled(received: Received) -> dict[Lang, Face]:
    """The face of a new draft: the document's title in its language, so that the draft is found in lists."""
    language: Lang = "th" if received.document.language == "th" else "en"
    return {language: Face(language, " ".join(received.document.title.split())[:300], {})}


@router.post("/{language}/desk/entries/{number}/files/add")
def add(request: Request, seat: Seat = writes(Action.EDIT), file: Upload = None) -> Response:
    """One more file of an entry."""
    from web.desk.submit_files import page as files_page

    try:
        attached = seat.desk.attachments.add(seat.entry.number, receive(seat, file), seat.account)
    except UploadError as exc:
        say = say_in(request, language_of(request))
        return show(request, seat, "desk/submit_files.html", files_page(request, seat, say(str(exc))), 422)
    propose_from(request, seat.desk, attached)
    return back_to(request, f"/entries/{seat.entry.number}/files/{attached.id}/proposals")
