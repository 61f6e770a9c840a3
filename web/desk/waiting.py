"""What waits for an editor beside the entries: cases whose verification has ended or ends soon."""

from __future__ import annotations

from dataclasses import dataclass

from kb.desk.renewals import renewals
from kb.desk.rights import Action, may
from kb.text.years import format_date
from web.desk.access import Seat
from web.pages import Say

MOST = 20


@dataclass(frozen=True)
class WaitingView:
    """A case to verify again. `url` leads to its evidence; where it has no entry yet, `practice` opens one."""

    title: str
    title_language: str
    when: str
    ended: bool
    url: str
    practice: str


def waiting(seat: Seat, say: Say) -> tuple[tuple[WaitingView, ...], int]:
    """(the first cases, how many more there are) for those who may read all entries."""
    if not may(seat.account, Action.READ_ALL):
        return (), 0
    today = seat.desk.clock().date()
    found = renewals(seat.desk.store, today)
    views = []
    for item in found[:MOST]:
        own = item.title.th if say.language == "th" else item.title.en
        pattern = say("verification ended on {day}") if item.ended(today) else say("verification holds until {day}")
        views.append(WaitingView(
            title=item.title.get(say.language),
            title_language=say.language if own else ("en" if say.language == "th" else "th"),
            when=pattern.format(day=format_date(item.until, say.language)),
            ended=item.ended(today),
            url=f"/{say.language}/desk/entries/{item.entry}/evidence" if item.entry else "",
            practice=item.practice,
        ))  # fmt: skip
    return tuple(views), max(0, len(found) - MOST)
