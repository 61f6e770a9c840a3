"""The files of an entry: a list, download, and what is proposed from each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, Response

from kb.desk.attachments import MAX_ATTACHMENTS, Attachment
from kb.desk.entries import StaleError
from kb.desk.rights import Action
from kb.desk.taking import Evidence, Kept, Taken, evidence_of, take
from kb.desk.uploads import UploadError
from web.desk.access import Seat, reads, writes
from web.desk.entry import Head, add_tab, head
from web.desk.frame import back_to, day, language_of, show
from web.desk.submit_proposals import ProposalsPage, choices_of, groups_of
from web.desk.submit_proposing import propose_from
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)
add_tab("files", "Files", Action.VIEW)


@dataclass(frozen=True)
class FileView:
    id: int
    name: str
    url: str
    size: str
    made: str
    by: str
    proposals: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class FilesPage:
    head: Head
    here: str
    files: tuple[FileView, ...]
    may_add: bool
    most_megabytes: int
    most_files: int = MAX_ATTACHMENTS
    error: str = ""


@router.get("/{language}/desk/entries/{number}/files")
def listed(request: Request, seat: Seat = reads(Action.VIEW)) -> Response:
    """All files of an entry."""
    return show(request, seat, "desk/submit_files.html", page(request, seat))


def page(request: Request, seat: Seat, error: str = "") -> FilesPage:
    say, names = say_in(request, language_of(request)), seat.desk.accounts.names()
    here = f"/{say.language}/desk/entries/{seat.entry.number}/files"
    return FilesPage(
        head=head(request, seat, say),
        here=here,
        files=tuple(_file(seat, one, here, names, say) for one in seat.desk.attachments.of(seat.entry.number)),
        may_add=seat.may(Action.EDIT),
        most_megabytes=seat.desk.attachments.max_bytes // 1_000_000,
        error=error,
    )


def _file(seat: Seat, one: Attachment, here: str, names: dict[int, str], say: Say) -> FileView:
    stored = seat.desk.attachments.proposals(one)
    evidence = evidence_of(Kept.from_json(stored), one.id) if stored else ()
    proposals = f"{here}/{one.id}/proposals" if seat.may(Action.EDIT) else ""
    return FileView(
        one.id, one.name, f"{here}/{one.id}", _size(one.bytes, say), day(one.made, say), names.get(one.author, ""),
        proposals, evidence,
    )  # fmt: skip


def _size(count: int, say: Say) -> str:
    if count >= 100_000:
        return say("{count} MB").format(count=f"{count / 1e6:.1f}")
    return say("{count} kB").format(count=count // 1000 + 1)


def _number(text: str) -> int:
    """A number that a browser sent, or 0."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _attachment(seat: Seat, file: str) -> Attachment:
    """A file of this entry; 404 for any other, so that numbers tell nothing."""
    try:
        return seat.desk.attachments.required(seat.entry.number, _number(file))
    except UploadError as exc:
        raise HTTPException(404, str(exc)) from exc


@router.get("/{language}/desk/entries/{number}/files/{file}")
def download(file: str, seat: Seat = reads(Action.VIEW)) -> Response:
    """The file as it was handed in: always to save, never shown by the browser, whatever it holds."""
    attachment = _attachment(seat, file)
    try:
        path = seat.desk.attachments.path(attachment)
    except UploadError as exc:
        raise HTTPException(404, str(exc)) from exc
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


@router.post("/{language}/desk/entries/{number}/files/{file}/remove")
def remove(request: Request, file: str, seat: Seat = writes(Action.EDIT)) -> Response:
    """Take a file out of an entry."""
    try:
        seat.desk.attachments.remove(_attachment(seat, file), seat.account)
    except UploadError as exc:
        say = say_in(request, language_of(request))
        return show(request, seat, "desk/submit_files.html", page(request, seat, say(str(exc))), 409)
    return back_to(request, f"/entries/{seat.entry.number}/files", "removed")


@router.get("/{language}/desk/entries/{number}/files/{file}/proposals")
def proposals(request: Request, file: str, seat: Seat = reads(Action.EDIT)) -> Response:
    """Each proposed value with its passage, to accept, change or leave out."""
    return show(request, seat, "desk/submit_proposals.html", _proposals(request, seat, _attachment(seat, file)))


def _proposals(request: Request, seat: Seat, attachment: Attachment, error: str = "") -> ProposalsPage:
    say = say_in(request, language_of(request))
    kept = propose_from(request, seat.desk, attachment)
    document = seat.desk.attachments.document(attachment)
    here = f"/{say.language}/desk/entries/{seat.entry.number}"
    return ProposalsPage(
        head=head(request, seat, say),
        here=f"{here}/files/{attachment.id}/proposals",
        write=f"{here}/write",
        name=attachment.name,
        download=f"{here}/files/{attachment.id}",
        language=kept.proposal.language,
        groups=groups_of(kept, document, seat.desk.entries.newest(seat.entry), say),
        base=seat.entry.revision,
        cut=kept.proposal.cut,
        doubts=any(part.doubts for part in document.parts),
        pages=len(document.parts),
        error=error,
    )


async def _texts(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/{language}/desk/entries/{number}/files/{file}/proposals")
def accept(
    request: Request, file: str, sent: Annotated[dict[str, str], Depends(_texts)], seat: Seat = writes(Action.EDIT)
) -> Response:
    """Put what was accepted into the draft, and keep which passages its claims rest on."""
    desk, entry, attachment = seat.desk, seat.entry, _attachment(seat, file)
    kept = propose_from(request, desk, attachment)
    write = f"/entries/{entry.number}/write?face={'th' if kept.proposal.language == 'th' else 'en'}"
    choices = choices_of(kept.proposal, sent, desk.repository.taxonomy)
    if not choices:
        return back_to(request, write)
    draft = take(desk.entries.newest(entry), desk.attachments.document(attachment), kept.proposal, choices)
    base = _number(sent.get("base", ""))
    try:
        with desk.store.writing():
            saved = desk.entries.save(entry.number, draft.practice, base, seat.account, attachment.name)
            taken = tuple(Taken(one.index, saved.revision, draft.claims.get(one.index, 0)) for one in choices)
            desk.attachments.keep_proposals(attachment, Kept(kept.proposal, kept.taken + taken).to_json())
    except StaleError as exc:
        say = say_in(request, language_of(request))
        return show(request, seat, "desk/submit_proposals.html", _proposals(request, seat, attachment, say(str(exc))), 409)
    return back_to(request, f"{write}&done=taken")
