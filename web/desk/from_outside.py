"""The way from a public page to the desk, for those who work there. Nobody else's page changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from kb.desk.rights import Action, may
from kb.desk.sessions import form_token
from web.desk.access import COOKIE, MAX_TOKEN, signed_in
from web.pages import Say
from web.render import render_with


@dataclass(frozen=True)
class DeskDoor:
    """A form that opens a case at the desk."""

    url: str
    token: str


def for_the_desk(request: Request, record: str, page: Any, say: Say) -> Response | None:
    """The page of a practice with a button that opens it at the desk; `None` for everybody who may not read there.

    It is made for one person: no cache keeps it, and it has no tag.
    """
    account = signed_in(request)
    if account is None or not may(account, Action.READ_ALL):
        return None
    secret = request.cookies.get(COOKIE, "")[:MAX_TOKEN]
    door = DeskDoor(f"/{say.language}/desk/practices/{record}", form_token(secret))
    response = render_with(request, "practice.html", page, say, 200, desk=door)
    response.headers["Cache-Control"] = "private, no-store"
    return response
