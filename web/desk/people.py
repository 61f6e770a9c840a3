"""Accounts and the log, for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import Response, StreamingResponse

from kb.desk.accounts import MAX_EMAIL, MAX_NAME, Account, AccountError
from kb.desk.audit import Line
from kb.desk.rights import Action, Role
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, day, language_of, role_name, show
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)

LINES = 100


@dataclass(frozen=True)
class AccountsPage:
    accounts: tuple[Account, ...]
    roles: tuple[tuple[str, str], ...]
    error: str = ""
    email: str = ""
    name: str = ""


@dataclass(frozen=True)
class LogPage:
    lines: tuple[tuple[str, Line], ...]
    older: str


def _accounts_page(seat: Seat, say: Say, error: str = "", email: str = "", name: str = "") -> AccountsPage:
    roles = tuple((role.value, role_name(role.value, say)) for role in Role)
    return AccountsPage(tuple(seat.desk.accounts.all()), roles, error, email, name)


@router.get("/{language}/desk/accounts")
def accounts(request: Request, seat: Seat = reads(Action.ACCOUNTS)) -> Response:
    return show(request, seat, "desk/accounts.html", _accounts_page(seat, say_in(request, language_of(request))))


@router.post("/{language}/desk/accounts")
def add_account(
    request: Request,
    seat: Seat = writes(Action.ACCOUNTS),
    email: Annotated[str, Form(max_length=MAX_EMAIL + 50)] = "",
    name: Annotated[str, Form(max_length=MAX_NAME + 50)] = "",
    role: Annotated[str, Form(max_length=20)] = "",
    choice: Annotated[str, Form(max_length=2)] = "th",
) -> Response:
    """Make an account and mail its owner a link that sets the password."""
    say, desk = say_in(request, language_of(request)), seat.desk
    try:
        account = desk.accounts.add(email, name, _role(role), choice, seat.account)
    except AccountError as exc:
        page = _accounts_page(seat, say, say(str(exc)), email[:MAX_EMAIL], name[:MAX_NAME])
        return show(request, seat, "desk/accounts.html", page, 422)
    desk.notices.password_link(account, desk.accounts.link(account.id, invitation=True), invitation=True)
    return back_to(request, "/accounts", "added")


@router.post("/{language}/desk/accounts/{person}")
def change_account(
    request: Request,
    person: int,
    seat: Seat = writes(Action.ACCOUNTS),
    role: Annotated[str, Form(max_length=20)] = "",
    what: Annotated[str, Form(max_length=20)] = "role",
) -> Response:
    """Change a role, shut or open an account, take a lost second factor away, or mail a new link."""
    desk, say = seat.desk, say_in(request, language_of(request))
    account = desk.accounts.get(person)
    if account is None:
        raise HTTPException(404, "There is no such account.")
    try:
        if what == "role":
            desk.accounts.change(person, seat.account, role=_role(role))
        elif what in ("shut", "open"):
            desk.accounts.change(person, seat.account, disabled=what == "shut")
        elif what == "factor":
            desk.accounts.remove_second_factor(person, seat.account)
        elif what == "link":
            desk.notices.password_link(account, desk.accounts.link(person, invitation=True), invitation=True)
        else:
            raise AccountError("there is no such change")
    except AccountError as exc:
        return show(request, seat, "desk/accounts.html", _accounts_page(seat, say, say(str(exc))), 422)
    return back_to(request, "/accounts", "sent" if what == "link" else "saved")


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise AccountError("choose one of the roles") from None


@router.get("/{language}/desk/log")
def log(
    request: Request, seat: Seat = reads(Action.AUDIT), before: Annotated[int | None, Query(ge=1, le=1 << 60)] = None
) -> Response:
    """Who did what, the newest first."""
    say = say_in(request, language_of(request))
    lines = seat.desk.audit.lines(before=before, limit=LINES)
    older = f"/{say.language}/desk/log?before={lines[-1].id}" if len(lines) == LINES else ""
    return show(request, seat, "desk/log.html", LogPage(tuple((day(line.made, say), line) for line in lines), older))


@router.get("/{language}/desk/log.csv")
def log_csv(seat: Seat = reads(Action.AUDIT)) -> Response:
    """The whole log as a file."""
    headers = {"Content-Disposition": 'attachment; filename="log.csv"', "Cache-Control": "private, no-store"}
    return StreamingResponse(seat.desk.audit.export(), media_type="text/csv; charset=utf-8", headers=headers)
