"""Signing in through another service: the way there, and the way back."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from kb.desk.accounts import SignInError
from kb.desk.sign_on import MAX_KEPT, SignOnError, Started
from web.addresses import base_url
from web.desk.access import own_page, set_cookie, signed_in
from web.desk.sign_in import SignInPage, begin_session, desk_of, shown, slowly
from web.render import say_in
from web.routes import Language

router = APIRouter(include_in_schema=False)

COOKIE = "kb_sign_on"
"""What the browser keeps while it is at the service; see `kb.desk.sign_on.Started`."""

BACK = "/th/desk/sign-on/back"
"""Where the service sends people: one address, because each has to be registered there. The language is kept apart."""


@router.get("/{language}/desk/sign-on")
def there(request: Request, language: Language, next: str = "") -> Response:  # noqa: A002  # its name in the address
    """To the service. Somebody who is signed in goes on at once."""
    desk = desk_of(request)
    if not desk.sign_on.name:
        raise HTTPException(404)
    if signed_in(request):
        return RedirectResponse(own_page(next) or f"/{language.value}/desk", 303)
    try:
        if not slowly(request):
            raise SignInError("Too many failures; wait 15 minutes and try again, or set a new password.")
        address, started = desk.sign_on.begin(base_url(request) + BACK, language.value, own_page(next))
    except (SignOnError, SignInError) as exc:
        return _refused(request, language.value, own_page(next), str(exc))
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    set_cookie(request, response, COOKIE, started.packed())
    return response


@router.get("/{language}/desk/sign-on/back")
def back(request: Request, language: Language, code: str = "", state: str = "", error: str = "") -> Response:
    """From the service; what the browser kept shows that it was sent there from here, and is used up."""
    desk = desk_of(request)
    if not desk.sign_on.name:
        raise HTTPException(404)
    started = Started.unpacked(request.cookies.get(COOKIE, "")[:MAX_KEPT])
    spoken = "en" if started is not None and started.language == "en" else language.value
    next_page = own_page(started.next_page) if started else ""
    try:
        if not slowly(request):
            raise SignInError("Too many failures; wait 15 minutes and try again, or set a new password.")
        person = desk.sign_on.finish(base_url(request) + BACK, started, {"code": code, "state": state, "error": error})
        account = desk.accounts.sign_on(person)
    except (SignOnError, SignInError) as exc:
        response = _refused(request, spoken, next_page, str(exc))
    else:
        response = RedirectResponse(next_page or f"/{account.language}/desk", 303)
        begin_session(request, response, account)
    response.delete_cookie(COOKIE, path="/")
    return response


def _refused(request: Request, language: str, next_page: str, problem: str) -> Response:
    said = say_in(request, language)(problem)
    name = desk_of(request).sign_on.name
    page = lambda form: SignInPage(form, "", next_page, said, service=name)  # noqa: E731
    return shown(request, language, "desk/sign_in.html", page, 401)
