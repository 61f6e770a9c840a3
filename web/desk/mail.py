"""Mail that waits or failed, for administrators. Bodies are not shown: they may hold one-time links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from kb.desk.mail import Outbox
from kb.desk.rights import Action
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, day, language_of, show
from web.render import say_in

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class MailRow:
    """`next_try` is empty for a mail that was given up."""

    id: int
    recipient: str
    subject: str
    made: str
    tries: int
    next_try: str
    problem: str


@dataclass(frozen=True)
class MailPage:
    """`sends` is whether a mail server is set."""

    rows: tuple[MailRow, ...]
    sends: bool


@router.get("/{language}/desk/mail")
def mail(request: Request, seat: Seat = reads(Action.ACCOUNTS)) -> Response:
    say = say_in(request, language_of(request))
    rows = tuple(
        MailRow(
            item.id, item.recipient, item.subject, day(item.made, say), item.tries,
            "" if item.given_up else day(item.next_try, say), item.problem,
        )
        for item in Outbox(seat.desk.store, seat.desk.clock).waiting()
    )  # fmt: skip
    return show(request, seat, "desk/mail.html", MailPage(rows, bool(seat.desk.repository.settings.smtp)))


@router.post("/{language}/desk/mail")
def try_again(
    request: Request, seat: Seat = writes(Action.ACCOUNTS), mail: Annotated[int, Form(ge=0, le=1 << 40)] = 0
) -> Response:
    """Try one mail again, or all (0)."""
    Outbox(seat.desk.store, seat.desk.clock).try_again(seat.account, mail or None)
    return back_to(request, "/mail", "again")
