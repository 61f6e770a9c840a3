"""The door of the desk: who asks, whether they may, and whether a form is ours. Each route takes one `reads` or `writes`.

Rights themselves stand in `kb.desk.rights`; nothing else here decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Form, Header, HTTPException, Request, Response

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.entries import Entry
from kb.desk.rights import ON_ENTRIES, Action, RightsError, may, require
from kb.desk.sessions import LONGEST, Session, form_token, is_form_token

COOKIE = "kb_session"
VISIT = "kb_visit"
"""The cookie of somebody who is about to sign in: it proves that the form is ours, and is worth nothing else."""

MAX_TOKEN = 200
_NO_ENTRY = "There is no such entry."
FOREIGN = "This form is too old or comes from another site; reload the page and send it again."


class NotSignedInError(Exception):
    """A page of the desk was asked for by a visitor; `next_page` is where to go on after signing in."""

    def __init__(self, next_page: str) -> None:
        self.next_page = next_page


@dataclass(frozen=True)
class Seat:
    """Somebody at the desk, and the entry that the address names, if it names one."""

    desk: Desk
    account: Account
    session: Session
    secret: str
    found: Entry | None = None

    @property
    def entry(self) -> Entry:
        assert self.found is not None, "this route names no entry"
        return self.found

    def token(self) -> str:
        """A token for the forms of one page."""
        return form_token(self.secret)

    def may(self, action: Action) -> bool:
        return may(self.account, action, self.found)


class Access:
    """A dependency that lets those in who may. `writes` asks for a form's token as well."""

    def __init__(self, action: Action) -> None:
        self.action = action

    def _seat(self, request: Request) -> Seat:
        desk: Desk = request.app.state.desk
        token = request.cookies.get(COOKIE, "")[:MAX_TOKEN]
        session = desk.sessions.find(token)
        if session is None:
            raise NotSignedInError(_path(request) if request.method == "GET" else "")
        entry = self._entry(request, desk, session.account)
        try:
            require(session.account, self.action, entry)
        except RightsError as exc:
            raise HTTPException(403, str(exc)) from exc
        return Seat(desk, session.account, session, token, entry)

    def _entry(self, request: Request, desk: Desk, account: Account) -> Entry | None:
        """The entry of the address. One that the account may not even see is "not there", so that numbers tell nothing."""
        number = str(request.path_params.get("number", ""))
        if not number:
            if self.action in ON_ENTRIES:
                raise HTTPException(404, _NO_ENTRY)
            return None
        entry = desk.entries.get(int(number)) if number.isascii() and number.isdecimal() and len(number) < 18 else None
        if entry is None or not may(account, Action.VIEW, entry):
            raise HTTPException(404, _NO_ENTRY)
        return entry


class Reads(Access):
    def __call__(self, request: Request) -> Seat:
        return self._seat(request)


class Writes(Access):
    def __call__(
        self,
        request: Request,
        token: Annotated[str, Form(max_length=MAX_TOKEN)] = "",
        x_form_token: Annotated[str, Header(max_length=MAX_TOKEN)] = "",
    ) -> Seat:
        if request.method == "GET":
            raise AssertionError("a page that is read has no form; use reads")
        seat = self._seat(request)
        check_form(request, token or x_form_token, seat.secret)
        return seat


def reads(action: Action) -> Any:
    """For a page that is read."""
    return Depends(Reads(action))


def writes(action: Action) -> Any:
    """For a form that is sent: asks for its token too."""
    return Depends(Writes(action))


def check_form(request: Request, token: str, secret: str) -> None:
    """Refuses (403) a form that another site made: by what the browser says of its origin, and by its token."""
    origin = request.headers.get("origin", "")
    foreign = origin not in ("", "null") and urlsplit(origin).netloc != request.headers.get("host", "")
    if foreign or request.headers.get("sec-fetch-site") == "cross-site" or not is_form_token(token, secret):
        raise HTTPException(403, FOREIGN)


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie that scripts cannot read, that other sites' forms do not carry, and that travels encrypted where we do."""
    response.set_cookie(
        name, value, max_age=int(LONGEST.total_seconds()) if name == COOKIE else 3600, path="/",
        httponly=True, samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip


def signed_in(request: Request) -> Account | None:
    """The account of a request to any page, or `None`."""
    desk: Desk | None = getattr(request.app.state, "desk", None)
    token = request.cookies.get(COOKIE, "")[:MAX_TOKEN]
    session = desk.sessions.find(token) if desk is not None and token else None
    return session.account if session else None


def own_page(path: str) -> str:
    """A path of the desk to go on to, or nothing: never another site's address."""
    parts = urlsplit(path[:500])
    inside = not parts.scheme and not parts.netloc and path.startswith(("/th/desk", "/en/desk")) and "\\" not in path
    return path[:500] if inside and "\n" not in path and "\r" not in path else ""


def _path(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def sign_in_address(language: str, next_page: str) -> str:
    return f"/{language}/desk/sign-in" + (f"?next={quote(next_page, safe='')}" if next_page else "")
