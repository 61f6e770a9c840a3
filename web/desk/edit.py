"""The two-face editor: one form for a practice in both languages, saved with the revision that it was made from."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from kb.desk.editing import Change
from kb.desk.entries import MAX_REASON, EntryError, StaleError
from kb.desk.mismatches import TwinNames, section_mismatches
from kb.desk.rights import Action
from kb.records import SECTIONS, Practice
from web.desk import edit_conflict
from web.desk.access import Seat, reads, writes
from web.desk.edit_answers import LISTS, Sent, SentForm, from_json, is_of_the_simple_form
from web.desk.edit_fields import answers_of
from web.desk.edit_reader import Parsed, Problem, practice_of
from web.desk.edit_view import Sides, Typed, Unsaved, edit_page, mismatch_view, whole_texts
from web.desk.entry import add_tab, head
from web.desk.frame import back_to, day, language_of, show
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)
add_tab("edit", "Edit", Action.EDIT)

_SIDES = ("title", *SECTIONS)


def _sides(seat: Seat, practice: Practice) -> Sides:
    editing = seat.desk.editing
    states = {(state.language, state.section): state for state in editing.states(seat.entry, practice)}
    return Sides(states, editing.standings(seat.entry, practice))


def _form(request: Request, seat: Seat, typed: Typed, status: int = 200, **more: bool | Unsaved | None) -> Response:
    say = say_in(request, language_of(request))
    sides = _sides(seat, seat.desk.entries.newest(seat.entry))
    page = edit_page(head(request, seat, say), typed, sides, seat, say, **more)
    return show(request, seat, "desk/edit.html", page, status)


@router.get("/{language}/desk/entries/{number}/edit")
def edit(request: Request, restore: str = "", seat: Seat = reads(Action.EDIT)) -> Response:
    """The form with the newest revision, or with what this person was writing and did not save."""
    say, entry = say_in(request, language_of(request)), seat.entry
    kept = seat.desk.entries.autosaved(entry.number, seat.account)
    answers = answers_of(seat.desk.entries.newest(entry), say.language)
    if kept is None or is_of_the_simple_form(kept[2]):
        return _form(request, seat, Typed(answers, entry.revision))
    base, when, data = kept
    if restore:
        return _form(request, seat, Typed(from_json(data), base), restored=True)
    return _form(request, seat, Typed(answers, entry.revision), unsaved=Unsaved(day(when, say), base != entry.revision))


@router.post("/{language}/desk/entries/{number}/edit")
def save(request: Request, sent: SentForm, seat: Seat = writes(Action.EDIT)) -> Response:
    """Save, or add a row to a list; whatever is wrong, the form comes back with everything that was typed."""
    typed = Typed(sent.answers, sent.base, sent.reason[:MAX_REASON])
    if sent.error:
        return _form(request, seat, replace(typed, error=say_in(request, language_of(request))(sent.error)), 413)
    verb, _, what = sent.do.partition(":")
    if verb == "add" and what in LISTS:
        return _form(request, seat, replace(typed, answers=sent.answers.with_row(what)))
    parsed = _read(sent, seat)
    agreed = (what,) if verb == "agree" and what in _SIDES else ()
    if not agreed and seat.entry.practice is not None and not sent.reason:
        parsed.problems["reason"] = Problem("Say in a few words what you changed and why.")
    if parsed.problems:
        return _form(request, seat, replace(typed, problems=parsed.problems), 422)
    return _saved(request, seat, typed, parsed.practice, agreed)


def _read(sent: Sent, seat: Seat) -> Parsed:
    """The practice that was typed, over the revision that it was made from."""
    base = edit_conflict.base_of(seat, sent.base)
    return practice_of(sent.answers, base, seat.desk.repository.taxonomy)


def _saved(request: Request, seat: Seat, typed: Typed, practice: Practice, agreed: tuple[str, ...]) -> Response:
    say = say_in(request, language_of(request))
    reason = typed.reason or (say("Both sides compared") if agreed else "")
    try:
        seat.desk.editing.save(seat.entry.number, Change(practice, typed.base, reason, agreed), seat.account)
    except StaleError:
        edit_conflict.keep(seat, typed)
        return edit_conflict.conflict(request, seat, typed, practice)
    except EntryError as exc:
        return _form(request, seat, replace(typed, error=say(str(exc))), 422)
    if agreed:
        path = f"/{say.language}/desk/entries/{seat.entry.number}/edit?done=saved#s-{agreed[0]}"
        return RedirectResponse(path, 303)
    return back_to(request, f"/entries/{seat.entry.number}/edit", "saved")


@router.post("/{language}/desk/entries/{number}/edit/resolve")
def resolve(request: Request, sent: SentForm, seat: Seat = writes(Action.EDIT)) -> Response:
    """Save what two people wrote as one text, as it was decided; or take it into the form to go on writing."""
    say = say_in(request, language_of(request))
    parsed = _read(sent, seat)
    if sent.error or parsed.problems:
        typed = Typed(sent.answers, sent.base, sent.reason, parsed.problems, say(sent.error))
        return _form(request, seat, typed, 422)
    decided = edit_conflict.decided(seat, sent, parsed.practice)
    typed = Typed(answers_of(decided.practice, say.language), decided.newest, sent.reason[:MAX_REASON])
    checked = practice_of(typed.answers, decided.practice, seat.desk.repository.taxonomy)
    if sent.do == "edit" or checked.problems:
        return _form(request, seat, replace(typed, merged=True, problems=checked.problems), 200)
    return _saved(request, seat, typed, decided.practice, ())


@router.post("/{language}/desk/entries/{number}/edit/discard")
def discard(request: Request, seat: Seat = writes(Action.EDIT)) -> Response:
    """Forget what was kept while writing."""
    seat.desk.entries.forget_autosave(seat.entry.number, seat.account)
    return back_to(request, f"/entries/{seat.entry.number}/edit")


@router.post("/{language}/desk/entries/{number}/autosave")
def autosave(request: Request, sent: SentForm, seat: Seat = writes(Action.EDIT)) -> Response:
    """Keep what is being written, apart from the revisions."""
    say = say_in(request, language_of(request))
    try:
        if sent.error:
            raise EntryError(sent.error)
        seat.desk.entries.autosave(seat.entry.number, sent.base, sent.answers.to_json(), seat.account)
    except EntryError as exc:
        return _private({"error": say(str(exc))}, 413)
    newest = seat.desk.entries.required(seat.entry.number).revision
    stale = say("Someone else has saved this entry meanwhile; your text and theirs will be brought together when you save.")
    return _private({"saved": True, "newer": stale if newest != sent.base else ""})


@router.post("/{language}/desk/entries/{number}/mismatches")
def mismatches(request: Request, sent: SentForm, seat: Seat = writes(Action.EDIT)) -> Response:
    """What one side of each section says and the other does not, with its place in that side's text."""
    say = say_in(request, language_of(request))
    names = seat.desk.twin_names.of(sent.answers.one("country"))
    return _private({"sections": {key: _marks(sent, key, names, say) for key in _SIDES}})


def _marks(sent: Sent, key: str, names: TwinNames, say: Say) -> list[dict[str, object]]:
    answers = sent.answers
    found = section_mismatches(key, answers.one(f"th.{key}"), answers.one(f"en.{key}"), names, whole_texts(answers))
    return [vars(mismatch_view(mark, answers.one(f"{mark.language}.{key}"), say)) for mark in found]


def _private(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status, headers={"Cache-Control": "private, no-store"})
