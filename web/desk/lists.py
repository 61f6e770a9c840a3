"""Termbase and taxonomy at the desk: lists, one entry's form, what a change would do, and its history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from kb.desk.effects import effect
from kb.desk.lists import NAMES, OPEN, ChangedMeanwhileError, Edit, ListError, Lists, ReasonError
from kb.desk.rights import Action
from kb.desk.saved_queries import MAX_TEXT, SavedQueries
from kb.overlay import TERMS, Row
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, language_of, show
from web.desk.list_forms import Fields, fields_of, row_of, sent
from web.desk.list_views import NEW, QueriesPage, Typed, above, effect_page, entry_page, list_page, said
from web.render import say_in, searcher_in

router = APIRouter(include_in_schema=False)

MAX_QUERY = 200
_NONE = "There is no such list or entry."


def _lists(seat: Seat) -> Lists:
    repository = seat.desk.repository
    repository.take_vocabulary(seat.desk.store)
    return Lists(repository.settings.corpus, repository.vocabulary.cache, seat.desk.store, seat.desk.clock)


def _known(name: str) -> str:
    if name not in NAMES:
        raise HTTPException(404, _NONE)
    return name


@router.get("/{language}/desk/terms/queries")
def queries(request: Request, seat: Seat = reads(Action.TERMS)) -> Response:
    """The questions that are kept an eye on."""
    return _queries(request, seat)


def _queries(request: Request, seat: Seat, error: str = "", text: str = "", status: int = 200) -> Response:
    page = QueriesPage(tuple(SavedQueries(seat.desk.store).all()), error, text, MAX_TEXT)
    return show(request, seat, "desk/saved_queries.html", page, status)


@router.post("/{language}/desk/terms/queries")
def change_queries(
    request: Request,
    seat: Seat = writes(Action.TERMS),
    text: Annotated[str, Form(max_length=MAX_TEXT * 20)] = "",
    remove: Annotated[int, Form(ge=0, le=1 << 40)] = 0,
) -> Response:
    """Keep one more question, or one less."""
    kept, say = SavedQueries(seat.desk.store, seat.desk.clock), say_in(request, language_of(request))
    if remove:
        kept.remove(remove, seat.account)
        return back_to(request, "/terms/queries", "removed")
    try:
        kept.add(text, seat.account)
    except ListError as exc:
        return _queries(request, seat, said(exc, say), text[:MAX_TEXT], 422)
    return back_to(request, "/terms/queries", "added")


@router.get("/{language}/desk/terms")
def terms(
    request: Request,
    seat: Seat = reads(Action.TERMS),
    q: Annotated[str, Query(max_length=MAX_QUERY)] = "",
    domain: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """The termbase, and the way to the other lists."""
    say = say_in(request, language_of(request))
    return show(request, seat, "desk/terms.html", list_page(TERMS, _lists(seat), say, q, domain, page))


@router.get("/{language}/desk/terms/{name}")
def one_list(
    request: Request,
    name: str,
    seat: Seat = reads(Action.TERMS),
    q: Annotated[str, Query(max_length=MAX_QUERY)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """One list of the taxonomy."""
    say = say_in(request, language_of(request))
    return show(request, seat, "desk/terms.html", list_page(_known(name), _lists(seat), say, q, "", page))


@router.get("/{language}/desk/terms/{name}/{key}")
def entry(
    request: Request,
    name: str,
    key: str,
    seat: Seat = reads(Action.TERMS),
    version: Annotated[int, Query(ge=0, le=1 << 40)] = 0,
) -> Response:
    """The form of an entry, or of a new one; `version` fills it from the history."""
    lists = _lists(seat)
    row = _row(lists, name, key)
    shown = row
    if version:
        shown = next((item.row for item in lists.history(name, key) if item.id == version), None) or row
    return _form(request, seat, lists, (name, key), fields_of(name, shown))


def _row(lists: Lists, name: str, key: str) -> Row | None:
    """The present row; `None` for a new entry, and for one that was taken out and has a history."""
    row = lists.rows(_known(name)).get(key)
    gone = key == NEW if name in OPEN else False
    if row is None and not gone and not lists.revision(name, key):
        raise HTTPException(404, _NONE)
    return row


def _form(
    request: Request, seat: Seat, lists: Lists, at: tuple[str, str], fields: Fields, error: str = "", status: int = 200
) -> Response:
    page = entry_page(lists, *at, fields, say_in(request, language_of(request)), error)
    return show(request, seat, "desk/term.html", page, status)


async def _form_data(request: Request) -> FormData:
    return await request.form()


@router.post("/{language}/desk/terms/{name}/{key}")
def change(
    request: Request,
    name: str,
    key: str,
    form: Annotated[FormData, Depends(_form_data)],
    seat: Seat = writes(Action.TERMS),
    do: Annotated[str, Form(max_length=10)] = "effect",
    revision: Annotated[int, Form(ge=0, le=1 << 40)] = 0,
) -> Response:
    """Show what a change would do (`effect`), go back to the form with it (`edit`), or save it (`save`)."""
    lists = _lists(seat)
    before = _row(lists, name, key)
    typed = Typed(name, key, sent(form, name, before), revision, form.get("gone") == "1")
    if do == "edit":
        return _form(request, seat, lists, (name, key), typed.fields)
    try:
        edit = _edit(typed, lists, before, seat)
        if do != "save":
            return _effect(request, seat, lists, typed, edit)
        lists.save(edit, typed.fields["reason"], seat.account)
    except ReasonError as exc:
        return _effect(request, seat, lists, typed, edit, exc)
    except ListError as exc:
        status = 409 if isinstance(exc, ChangedMeanwhileError) else 422
        return _form(request, seat, lists, (name, key), typed.fields, said(exc, say_in(request, language_of(request))), status)
    seat.desk.repository.take_vocabulary(seat.desk.store)
    return back_to(request, f"/terms/{name}/{edit.key}" if edit.row is not None else above(name), "list-saved")


def _edit(typed: Typed, lists: Lists, before: Row | None, seat: Seat) -> Edit:
    if typed.key == NEW and typed.place in lists.rows(typed.name):
        raise ListError("There is an entry with this id already.")
    row = None if typed.gone else row_of(typed.name, typed.place, typed.fields, before, seat.desk.store)
    return Edit(typed.name, typed.place, row, typed.revision)


def _effect(request: Request, seat: Seat, lists: Lists, typed: Typed, edit: Edit, error: ListError | None = None) -> Response:
    say, desk = say_in(request, language_of(request)), seat.desk
    found = effect(desk.repository, searcher_in(request), lists, edit, SavedQueries(desk.store).all())
    page = effect_page(typed, edit, found, say, said(error, say) if error else "")
    return show(request, seat, "desk/term_effect.html", page, 422 if error else 200)
