"""The history of an entry: who saved what, when and why; what differs between two revisions; and going back to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from kb.desk.differences import practice_differences
from kb.desk.entries import MAX_REASON, EntryError, StaleError
from kb.desk.rights import Action
from web.desk.access import Seat, reads, writes
from web.desk.edit_conflict import ChangeView, base_of, change_views
from web.desk.entry import Head, add_tab, head
from web.desk.frame import back_to, day, language_of, show
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)
add_tab("history", "History", Action.VIEW)

_SHOWN = 100


@dataclass(frozen=True)
class RevisionView:
    number: int
    who: str
    when: str
    why: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class HistoryPage:
    """`changes` lead from revision `first` to `second`; both are 0 where there is one revision only."""

    head: Head
    revisions: tuple[RevisionView, ...]
    more: int
    first: int
    second: int
    changes: tuple[ChangeView, ...]
    newest: int
    may_restore: bool
    error: str = ""
    limit: int = MAX_REASON


def _page(request: Request, seat: Seat, first: int = 0, second: int = 0, error: str = "") -> HistoryPage:
    say, entry, desk = say_in(request, language_of(request)), seat.entry, seat.desk
    listed = desk.entries.history(entry.number)
    newest = listed[0][0]
    second = second if 0 < second <= newest else newest
    first = first if 0 < first <= newest else max(0, second - 1)
    changes: tuple[ChangeView, ...] = ()
    if first and first != second:
        before, after = base_of(seat, first), base_of(seat, second)
        changes = change_views(practice_differences(before, after, desk.repository.segmenter), say)
    names = desk.accounts.names()
    return HistoryPage(
        head=head(request, seat, say),
        revisions=tuple(
            RevisionView(
                number, names.get(author or 0, "") or say("From the corpus"), day(made, say), reason, _marks(seat, number, say)
            )
            for number, author, made, reason in listed[:_SHOWN]
        ),
        more=max(0, len(listed) - _SHOWN),
        first=first,
        second=second,
        changes=changes,
        newest=newest,
        may_restore=seat.may(Action.EDIT),
        error=error,
    )


def _marks(seat: Seat, number: int, say: Say) -> tuple[str, ...]:
    entry = seat.entry
    marks = []
    if number == entry.revision:
        marks.append(say("newest"))
    if number == entry.published and entry.public:
        marks.append(say("what readers see"))
    elif number == entry.approved:
        marks.append(say("approved"))
    return tuple(marks)


@router.get("/{language}/desk/entries/{number}/history")
def history(
    request: Request,
    seat: Seat = reads(Action.VIEW),
    first: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    second: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> Response:
    """All revisions, and the difference between two of them; of the last two where none are chosen."""
    return show(request, seat, "desk/edit_history.html", _page(request, seat, first, second))


@router.post("/{language}/desk/entries/{number}/history/restore")
def restore(
    request: Request,
    seat: Seat = writes(Action.EDIT),
    revision: Annotated[int, Form(ge=1, le=1_000_000_000)] = 0,
    base: Annotated[int, Form(ge=1, le=1_000_000_000)] = 0,
    reason: Annotated[str, Form(max_length=2 * MAX_REASON)] = "",
) -> Response:
    """Make an older revision the newest; the one that was newest stays in the history."""
    say = say_in(request, language_of(request))
    why = reason.strip() or say("Revision {number} restored").format(number=revision)
    try:
        seat.desk.editing.restore(seat.entry.number, revision, base, seat.account, why)
    except StaleError:
        error = say("Someone else saved this entry meanwhile; look at the newest revision before you restore.")
        return show(request, seat, "desk/edit_history.html", _page(request, seat, error=error), 409)
    except EntryError as exc:
        return show(request, seat, "desk/edit_history.html", _page(request, seat, error=say(str(exc))), 404)
    return back_to(request, f"/entries/{seat.entry.number}/history", "saved")
