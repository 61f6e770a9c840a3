"""Mail that waits or failed, for administrators. Bodies are not shown: they may hold one-time links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from kb.desk.mail import Outbox, Waiting
from kb.desk.rights import Action
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, day, language_of, show
from web.render import say_in

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class MailPage:
    """Mails with their days in words; `next_try` is empty where one was given up. `sends` is whether a mail server is set."""

    rows: tuple[Waiting, ...]
    sends: bool


@router.get("/{language}/desk/mail")
def mail(request: Request, seat: Seat = reads(Action.ACCOUNTS)) -> Response:
    say = say_in(request, language_of(request))
    rows = tuple(
        replace(item, made=day(item.made, say), next_try="" if item.given_up else day(item.next_try, say))
        for item in Outbox(seat.desk.store, seat.desk.clock).waiting()
    )
    return show(request, seat, "desk/mail.html", MailPage(rows, bool(seat.desk.repository.settings.smtp)))


@router.post("/{language}/desk/mail")
def try_again(
    request: Request, seat: Seat = writes(Action.ACCOUNTS), mail: Annotated[int, Form(ge=0, le=1 << 40)] = 0
) -> Response:
    """Try one mail again, or all (0)."""
    Outbox(seat.desk.store, seat.desk.clock).try_again(seat.account, mail or None)
    return back_to(request, "/mail", "again")
