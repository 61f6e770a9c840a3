"""What every page of the desk has around it: who is signed in, what waits for them, and where they can go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from kb.desk.rights import Action, may
from kb.text.years import format_date
from web.desk.access import Seat
from web.pages import Say
from web.render import render_with, say_in

_PLACES = (
    ("", "Desk", Action.SIGNED_IN),
    ("new", "New entry", Action.CREATE),
    ("inbox", "Inbox", Action.SIGNED_IN),
    ("coverage", "Coverage", Action.PLAN),
    ("unanswered", "Unanswered searches", Action.PLAN),
    ("table", "Tables", Action.BULK),
    ("terms", "Terms and lists", Action.TERMS),
    ("accounts", "Accounts", Action.ACCOUNTS),
    ("mail", "Mail", Action.ACCOUNTS),
    ("log", "Log", Action.AUDIT),
    ("me", "My account", Action.SIGNED_IN),
)
"""Page below /desk, its name, and the right that it needs."""


@dataclass(frozen=True)
class Place:
    url: str
    name: str
    here: bool
    count: int = 0


@dataclass(frozen=True)
class Frame:
    """`token` is for the forms of the page; `notice` tells what was just done."""

    name: str
    role: str
    places: tuple[Place, ...]
    token: str
    notice: str = ""


NOTICES = {
    "saved": "Saved.",
    "moved": "Done.",
    "sent": "Sent.",
    "created": "The entry was made.",
    "published": "Published. Search finds it in a few seconds.",
    "withdrawn": "Withdrawn.",
    "password": "Your new password holds.",
    "added": "Added.",
    "removed": "Removed.",
    "reviewed": "The review is kept.",
    "checked": "The check is kept.",
    "again": "Tried again in a moment.",
    "verified": "Verified. Publish the entry so that readers see it.",
    "handed-in": "Handed in. A reviewer looks at it; you get a message of what follows.",
    "joined": "Joined with the other case. An editor checks the text before readers see it; this draft is withdrawn.",
    "taken": "The accepted values stand in the draft. Go through the form and fill in what is missing.",
    "table": "The table was brought in.",
    "undone": "The table was undone.",
    "list-saved": "Saved. Search and pages follow within seconds.",
}
"""What a page may tell after a form was sent, by the name in its address (`?done=`)."""


def role_name(role: str, say: Say) -> str:
    names = {
        "contributor": say("Contributor"),
        "reviewer": say("Reviewer"),
        "editor": say("Editor"),
        "administrator": say("Administrator"),
    }
    return names[role]


def state_name(state: str, say: Say) -> str:
    names = {
        "draft": say("Draft"),
        "submitted": say("Submitted"),
        "in_review": say("In review"),
        "changes_requested": say("Changes requested"),
        "approved": say("Approved"),
        "published": say("Published"),
        "withdrawn": say("Withdrawn"),
    }
    return names[state]


def day(stored: str | None, say: Say) -> str:
    """A stored moment as a day in the era of the page, with the time in UTC."""
    if not stored:
        return ""
    return f"{format_date(date.fromisoformat(stored[:10]), say.language)} {stored[11:16]} UTC"


def frame(request: Request, seat: Seat, say: Say) -> Frame:
    path = request.url.path.split("/desk", 1)[1].strip("/").split("/")[0]
    unread = seat.desk.notices.unread(seat.account)
    places = tuple(
        Place(f"/{say.language}/desk" + (f"/{name}" if name else ""), say(text), path == name, unread if name == "inbox" else 0)
        for name, text, action in _PLACES
        if may(seat.account, action)
    )
    notice = NOTICES.get(request.query_params.get("done", ""), "")
    return Frame(
        seat.account.name, role_name(seat.account.role.value, say), places, seat.token(), say(notice) if notice else ""
    )


def show(request: Request, seat: Seat, template: str, page: Any, status: int = 200) -> Response:
    """A page of the desk; no browser or proxy keeps it."""
    say = say_in(request, language_of(request))
    response = render_with(request, template, page, say, status, frame=frame(request, seat, say))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def language_of(request: Request) -> str:
    return "en" if request.url.path.startswith("/en/") else "th"


def back_to(request: Request, page: str, done: str = "") -> Response:
    """To a page of the desk after a form was sent, so that reloading sends nothing again."""
    query = f"?done={done}" if done else ""
    return RedirectResponse(f"/{language_of(request)}/desk{page}{query}", 303)
