"""Signing in and out, and setting a password through a one-time link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kb.desk.accounts import MAX_EMAIL, MAX_PASSWORD, MIN_PASSWORD, Account, AccountError, SignInError
from kb.desk.desk import Desk
from kb.desk.rights import Action
from kb.desk.sessions import form_token
from web.desk.access import COOKIE, MAX_TOKEN, VISIT, Seat, check_form, own_page, set_cookie, signed_in, writes
from web.desk.frame import back_to
from web.limits import RateLimit
from web.render import render_with, say_in
from web.routes import Language

router = APIRouter(include_in_schema=False)

_TRIES = RateLimit(rate=0.2, burst=20)
"""Attempts to sign in, or to ask for a link, of one address: 20 at once, then one in five seconds."""


@dataclass(frozen=True)
class SignInPage:
    token: str
    email: str = ""
    next_page: str = ""
    error: str = ""
    notice: str = ""
    service: str = ""
    """What the sign-on service is called, where there is one."""


@dataclass(frozen=True)
class ForgottenPage:
    token: str
    sent: bool = False
    error: str = ""


@dataclass(frozen=True)
class PasswordPage:
    """Where a one-time link leads; without `email` the link does not work any more."""

    token: str
    link: str
    email: str
    least: int = MIN_PASSWORD
    error: str = ""


def desk_of(request: Request) -> Desk:
    """The desk, before anybody is known."""
    found: Desk = request.app.state.desk
    return found


def shown(request: Request, language: str, template: str, make: Any, status: int = 200) -> Response:
    """A page with a form for a visitor; `make` gets the form's token."""
    secret = request.cookies.get(VISIT, "")[:MAX_TOKEN] or secrets.token_urlsafe(32)
    response = render_with(request, template, make(form_token(secret)), say_in(request, language), status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    set_cookie(request, response, VISIT, secret)
    return response


def _checked(request: Request, token: str) -> None:
    check_form(request, token, request.cookies.get(VISIT, "")[:MAX_TOKEN])


def slowly(request: Request) -> bool:
    """Whether this address may try again now."""
    return _TRIES.allow(request.client.host if request.client else "")


@router.get("/{language}/desk/sign-in")
def sign_in_form(request: Request, language: Language, next: str = "", done: str = "") -> Response:  # noqa: A002  # its name in the address
    """The form; somebody who is signed in goes on at once."""
    if signed_in(request):
        return RedirectResponse(own_page(next) or f"/{language.value}/desk", 303)
    say = say_in(request, language.value)
    service = desk_of(request).sign_on.name
    notice = say("Your new password holds; sign in with it.") if done == "password" else ""
    return shown(
        request, language.value, "desk/sign_in.html", lambda token: SignInPage(token, "", own_page(next), "", notice, service)
    )


@router.post("/{language}/desk/sign-in")
def sign_in(
    request: Request,
    language: Language,
    email: Annotated[str, Form(max_length=MAX_EMAIL + 50)] = "",
    password: Annotated[str, Form(max_length=4 * MAX_PASSWORD)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
    token: Annotated[str, Form(max_length=MAX_TOKEN)] = "",
    next: Annotated[str, Form(max_length=500)] = "",  # noqa: A002
) -> Response:
    """Sign in; the session gets a new token, so one that was planted in the browser before is worth nothing."""
    _checked(request, token)
    desk, say = desk_of(request), say_in(request, language.value)
    try:
        if not slowly(request):
            raise SignInError("Too many failures; wait 15 minutes and try again, or set a new password.")
        account = desk.accounts.sign_in(email, password, code)
    except SignInError as exc:
        problem = say(str(exc))
        page = lambda form: SignInPage(form, email[:MAX_EMAIL], own_page(next), problem, service=desk.sign_on.name)  # noqa: E731
        return shown(request, language.value, "desk/sign_in.html", page, 401)
    response = RedirectResponse(own_page(next) or f"/{account.language}/desk", 303)
    begin_session(request, response, account)
    return response


def begin_session(request: Request, response: Response, account: Account) -> None:
    """Give the browser a new session; one that it had before ends."""
    desk = desk_of(request)
    if before := request.cookies.get(COOKIE, "")[:MAX_TOKEN]:
        desk.sessions.end(before)
    set_cookie(request, response, COOKIE, desk.sessions.begin(account))
    response.delete_cookie(VISIT, path="/")


@router.post("/{language}/desk/sign-out")
def sign_out(request: Request, seat: Seat = writes(Action.SIGNED_IN)) -> Response:
    """End the session, in the database too."""
    seat.desk.sessions.end(request.cookies.get(COOKIE, "")[:MAX_TOKEN])
    response = back_to(request, "/sign-in")
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/{language}/desk/forgotten")
def forgotten_form(request: Request, language: Language) -> Response:
    return shown(request, language.value, "desk/forgotten.html", ForgottenPage)


@router.post("/{language}/desk/forgotten")
def forgotten(
    request: Request,
    language: Language,
    email: Annotated[str, Form(max_length=MAX_EMAIL + 50)] = "",
    token: Annotated[str, Form(max_length=MAX_TOKEN)] = "",
) -> Response:
    """Mail a one-time link, where there is such an account; the page says the same where there is none."""
    _checked(request, token)
    desk = desk_of(request)
    if not slowly(request):
        problem = say_in(request, language.value)("Too many requests; wait a moment and try again.")
        return shown(request, language.value, "desk/forgotten.html", lambda form: ForgottenPage(form, False, problem), 429)
    account = desk.accounts.by_email(email)
    if account is not None and not account.disabled:
        desk.notices.password_link(account, desk.accounts.link(account.id), invitation=False)
    return shown(request, language.value, "desk/forgotten.html", lambda form: ForgottenPage(form, True))


@router.get("/{language}/desk/password/{link}")
def password_form(request: Request, language: Language, link: str) -> Response:
    account = desk_of(request).accounts.of_link(link[:MAX_TOKEN])
    page = lambda form: PasswordPage(form, link[:MAX_TOKEN], account.email if account else "")  # noqa: E731
    return shown(request, language.value, "desk/password.html", page, 200 if account else 410)


@router.post("/{language}/desk/password/{link}")
def set_password(
    request: Request,
    language: Language,
    link: str,
    password: Annotated[str, Form(max_length=4 * MAX_PASSWORD)] = "",
    token: Annotated[str, Form(max_length=MAX_TOKEN)] = "",
) -> Response:
    """Set the password; the link is used up, and every session of the account ends."""
    _checked(request, token)
    accounts = desk_of(request).accounts
    try:
        accounts.redeem(link[:MAX_TOKEN], password)
    except AccountError as exc:
        account, problem = accounts.of_link(link[:MAX_TOKEN]), say_in(request, language.value)(str(exc))
        page = lambda form: PasswordPage(form, link[:MAX_TOKEN], account.email if account else "", error=problem)  # noqa: E731
        return shown(request, language.value, "desk/password.html", page, 422)
    return RedirectResponse(f"/{language.value}/desk/sign-in?done=password", 303)
