"""One's own account: language, password, second factor; and the inbox."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Annotated

import pyotp
import segno
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from markupsafe import Markup

from kb.desk.accounts import MAX_PASSWORD, MIN_PASSWORD, Account, AccountError, SignInError
from kb.desk.rights import Action
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, day, language_of, show
from web.render import say_in

router = APIRouter(include_in_schema=False)

ISSUER = "ASEAN good practices"


@dataclass(frozen=True)
class MyPage:
    account: Account
    least: int = MIN_PASSWORD
    error: str = ""


@dataclass(frozen=True)
class FactorPage:
    """A new secret, as text and as a QR code, and the field for the first code of it."""

    secret: str
    image: Markup
    error: str = ""


@dataclass(frozen=True)
class MessageView:
    id: int
    subject: str
    body: str
    made: str
    unread: bool
    link: str


@dataclass(frozen=True)
class InboxPage:
    messages: tuple[MessageView, ...]
    unread: int


@router.get("/{language}/desk/me")
def me(request: Request, seat: Seat = reads(Action.SIGNED_IN)) -> Response:
    return show(request, seat, "desk/me.html", MyPage(seat.account))


@router.post("/{language}/desk/me/language")
def own_language(
    request: Request, seat: Seat = writes(Action.SIGNED_IN), choice: Annotated[str, Form(max_length=2)] = ""
) -> Response:
    """The language of one's messages and mails."""
    if choice not in ("th", "en"):
        raise HTTPException(422, "Choose Thai or English.")
    seat.desk.accounts.change(seat.account.id, seat.account, language=choice)
    return back_to(request, "/me", "saved")


@router.post("/{language}/desk/me/password")
def own_password(
    request: Request,
    seat: Seat = writes(Action.SIGNED_IN),
    old: Annotated[str, Form(max_length=4 * MAX_PASSWORD)] = "",
    new: Annotated[str, Form(max_length=4 * MAX_PASSWORD)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """A new password: needs the old one (and the second factor), and ends all other sessions."""
    accounts = seat.desk.accounts
    try:
        accounts.sign_in(seat.account.email, old, code)
        accounts.set_password(seat.account.id, new, keep=seat.session.stored)
    except (AccountError, SignInError) as exc:
        problem = say_in(request, language_of(request))(str(exc))
        return show(request, seat, "desk/me.html", MyPage(seat.account, error=problem), 422)
    return back_to(request, "/me", "password")


@router.get("/{language}/desk/me/second-factor")
def second_factor(request: Request, seat: Seat = reads(Action.SIGNED_IN)) -> Response:
    return show(request, seat, "desk/second_factor.html", _factor(seat, seat.desk.accounts.begin_second_factor()))


@router.post("/{language}/desk/me/second-factor")
def confirm_second_factor(
    request: Request,
    seat: Seat = writes(Action.SIGNED_IN),
    secret: Annotated[str, Form(max_length=64)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Switch it on with a first code."""
    try:
        seat.desk.accounts.confirm_second_factor(seat.account.id, secret, code)
    except AccountError as exc:
        problem = say_in(request, language_of(request))(str(exc))
        fresh = secret if secret.isalnum() and len(secret) == 32 else seat.desk.accounts.begin_second_factor()
        return show(request, seat, "desk/second_factor.html", _factor(seat, fresh, problem), 422)
    return back_to(request, "/me", "saved")


@router.post("/{language}/desk/me/second-factor/off")
def second_factor_off(
    request: Request,
    seat: Seat = writes(Action.SIGNED_IN),
    old: Annotated[str, Form(max_length=4 * MAX_PASSWORD)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Switch it off: needs password and code, so that an open screen is not enough."""
    try:
        seat.desk.accounts.sign_in(seat.account.email, old, code)
    except SignInError as exc:
        problem = say_in(request, language_of(request))(str(exc))
        return show(request, seat, "desk/me.html", MyPage(seat.account, error=problem), 422)
    seat.desk.accounts.remove_second_factor(seat.account.id, seat.account)
    return back_to(request, "/me", "saved")


def _factor(seat: Seat, secret: str, error: str = "") -> FactorPage:
    address = pyotp.TOTP(secret).provisioning_uri(name=seat.account.email, issuer_name=ISSUER)
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=4, xmldecl=False, light="#fff", dark="#000", nl=False)
    return FactorPage(secret, Markup(out.getvalue().decode()), error)  # noqa: S704  # drawn here from our own text


@router.get("/{language}/desk/inbox")
def inbox(request: Request, seat: Seat = reads(Action.SIGNED_IN)) -> Response:
    say = say_in(request, language_of(request))
    views = tuple(
        MessageView(
            message.id, message.subject, message.body, day(message.made, say), message.read is None,
            f"/{say.language}/desk/entries/{message.entry}" if message.entry else "",
        )
        for message in seat.desk.notices.inbox(seat.account)
    )  # fmt: skip
    return show(request, seat, "desk/inbox.html", InboxPage(views, sum(view.unread for view in views)))


@router.post("/{language}/desk/inbox/read")
def read_inbox(request: Request, seat: Seat = writes(Action.SIGNED_IN)) -> Response:
    """Mark everything as read."""
    seat.desk.notices.mark_read(seat.account)
    return back_to(request, "/inbox", "saved")
