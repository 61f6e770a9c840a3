"""Writing a case in one language: a draft from the first save on, kept while it is typed, submitted when it is complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import JSONResponse, Response

from kb.desk.entries import Entry, StaleError, blank
from kb.desk.gate import language_of as language_of_draft
from kb.desk.rights import Action
from kb.records import LANGUAGES, Lang
from web.desk.access import Seat, reads, writes
from web.desk.entry import Head, add_tab, head
from web.desk.frame import back_to, day, language_of, show
from web.desk.submit_form import FieldView, Typed, fields_of, gaps_of, read_form
from web.desk.submit_gate import submit
from web.desk.submit_help import name_of
from web.desk.submit_routes import KeepingRoute
from web.render import say_in

router = APIRouter(include_in_schema=False, route_class=KeepingRoute)
add_tab("write", "Simple form", Action.EDIT)

_FORM = "write"
"""Marks what this form keeps unsaved; pages of other forms keep theirs in the same place."""


@dataclass(frozen=True)
class WritePage:
    """The form. Without `head` there is no entry yet: the first save makes one."""

    head: Head | None
    action: str
    similar: str
    autosave: str
    discard: str
    face: str
    fields: tuple[FieldView, ...]
    errors: tuple[tuple[str, str, str], ...]
    base: int
    number: int
    unsaved: str = ""
    stale: bool = False
    other_faces: tuple[tuple[str, str], ...] = ()
    files: str = ""


async def sent(request: Request) -> Typed:
    """What a browser sent of the form."""
    form = await request.form()
    face = form.get("face", "")
    return Typed.of_form(str(face), [(name, value) for name, value in form.multi_items() if isinstance(value, str)])


Sent = Annotated[Typed, Depends(sent)]
Step = Annotated[str, Form(max_length=20)]
Base = Annotated[int, Form(ge=0, le=1 << 40)]


@router.get("/{language}/desk/new/write")
def new_form(request: Request, seat: Seat = reads(Action.CREATE), face: Annotated[str, Query(max_length=5)] = "th") -> Response:
    """An empty form, in the language of the face that is written."""
    say = say_in(request, language_of(request))
    typed = Typed("en" if face == "en" else "th", {})
    here = f"/{say.language}/desk/new/write"
    page = WritePage(
        None, here, f"/{say.language}/desk/similar", "", "", typed.face, fields_of(typed, say, {}), (), 0, 0,
        other_faces=tuple((f"{here}?face={code}", say.tongue(code)) for code in LANGUAGES if code != typed.face),
    )  # fmt: skip
    return show(request, seat, "desk/submit_write.html", page)


@router.post("/{language}/desk/new/write")
def first_save(request: Request, typed: Sent, seat: Seat = writes(Action.CREATE), step: Step = "save") -> Response:
    """Make the draft, whatever of it is right; the rest is kept as it was typed."""
    if not typed.anything:
        return back_to(request, f"/new/write?face={typed.face}")
    draft = read_form(typed, seat.desk.repository.taxonomy, blank()).practice
    made = seat.desk.entries.create(draft, seat.account)
    return _saved(request, seat, made, typed, step, made.revision)


@router.get("/{language}/desk/entries/{number}/write")
def form(
    request: Request,
    seat: Seat = reads(Action.EDIT),
    face: Annotated[str, Query(max_length=5)] = "",
    check: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The form of a draft, with what was typed and not saved; `check=submit` tells what is missing."""
    return show(request, seat, "desk/submit_write.html", _page(request, seat, face, check == "submit"))


def _page(request: Request, seat: Seat, face: str, submitting: bool) -> WritePage:
    say, entry = say_in(request, language_of(request)), seat.entry
    practice = seat.desk.entries.newest(entry)
    chosen: Lang = face if face in LANGUAGES else language_of_draft(practice)
    stored = Typed.of_practice(practice, chosen)
    base, made, typed = _unsaved(seat, entry, chosen) or (entry.revision, "", stored)
    read = read_form(typed, seat.desk.repository.taxonomy, practice)
    stale = base != entry.revision
    fields = fields_of(
        typed, say, read.errors, gaps_of(read.practice) if submitting else frozenset(), stored if stale else None
    )
    here = f"/{say.language}/desk/entries/{entry.number}"
    return WritePage(
        head=head(request, seat, say),
        action=f"{here}/write",
        similar=f"/{say.language}/desk/similar",
        autosave=f"{here}/write/autosave",
        discard=f"{here}/write/discard" if made else "",
        face=chosen,
        fields=fields,
        errors=tuple((field.name, name_of(field.name, say), field.error) for field in fields if field.error),
        base=entry.revision,
        number=entry.number,
        unsaved=day(made, say) if made else "",
        stale=stale,
        other_faces=tuple((f"{here}/write?face={code}", say.tongue(code)) for code in practice.faces if code != chosen),
        files=f"{here}/files",
    )


def _unsaved(seat: Seat, entry: Entry, face: Lang) -> tuple[int, str, Typed] | None:
    """(revision that it was made from, when, what) this person typed in this form and did not save."""
    kept = seat.desk.entries.autosaved(entry.number, seat.account)
    if kept is None:
        return None
    said = json.loads(kept[2])
    if not isinstance(said, dict) or said.get("form") != _FORM or said.get("face") != face:
        return None
    return kept[0], kept[1], Typed(face, dict(said["values"]))


def _keep(seat: Seat, entry: Entry, typed: Typed, base: int) -> None:
    values: Mapping[str, str] = dict(typed.values)
    said = json.dumps({"form": _FORM, "face": typed.face, "values": values}, ensure_ascii=False)
    seat.desk.entries.autosave(entry.number, base, said, seat.account)


@router.post("/{language}/desk/entries/{number}/write")
def save(request: Request, typed: Sent, seat: Seat = writes(Action.EDIT), step: Step = "save", base: Base = 0) -> Response:
    """Save a revision; where somebody else saved one meanwhile, both are shown."""
    entry = seat.entry
    if not typed.values:
        return back_to(request, f"/entries/{entry.number}/write")
    before = seat.desk.entries.newest(entry)
    read = read_form(typed, seat.desk.repository.taxonomy, before)
    try:
        saved = seat.desk.entries.save(entry.number, read.practice, base, seat.account)
    except StaleError:
        _keep(seat, entry, typed, base)
        return back_to(request, f"/entries/{entry.number}/write?face={typed.face}")
    return _saved(request, seat, saved, typed, step, saved.revision)


def _saved(request: Request, seat: Seat, entry: Entry, typed: Typed, step: str, base: int) -> Response:
    """Where to go after a save: to what is wrong, to cases that are alike, to the submitted entry, or back to the form."""
    here = f"/entries/{entry.number}/write?face={typed.face}"
    read = read_form(typed, seat.desk.repository.taxonomy, seat.desk.entries.newest(entry))
    if read.errors:
        _keep(seat, entry, typed, base)
        return back_to(request, here)
    seat.desk.entries.forget_autosave(entry.number, seat.account)
    if step == "similar":
        return back_to(request, f"/entries/{entry.number}/similar")
    if step != "submit":
        return back_to(request, f"{here}&done=saved")
    if gaps_of(read.practice):
        return back_to(request, f"{here}&check=submit")
    return submit(request, seat, entry)


@router.post("/{language}/desk/entries/{number}/write/autosave")
def autosave(typed: Sent, seat: Seat = writes(Action.EDIT), base: Base = 0) -> Response:
    """Keep what is being typed, apart from the revisions."""
    _keep(seat, seat.entry, typed, base)
    return JSONResponse({"kept": True}, headers={"Cache-Control": "no-store"})


@router.post("/{language}/desk/entries/{number}/write/discard")
def discard(request: Request, seat: Seat = writes(Action.EDIT)) -> Response:
    """Throw away what was typed and not saved."""
    seat.desk.entries.forget_autosave(seat.entry.number, seat.account)
    return back_to(request, f"/entries/{seat.entry.number}/write")
