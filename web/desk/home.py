"""The desk's first page: what waits for this person, and lists of entries by state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kb.desk.entries import Entry, blank
from kb.desk.rights import Action, State, may
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, day, language_of, show, state_name
from web.desk.waiting import WaitingView, waiting
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)

PAGE = 50
MAX_PAGES = 10_000


@dataclass(frozen=True)
class Row:
    """An entry in a list."""

    url: str
    title: str
    title_language: str
    country: str
    state: str
    owner: str
    changed: str
    due: str
    late: bool


@dataclass(frozen=True)
class Tab:
    url: str
    name: str
    count: int
    here: bool


@dataclass(frozen=True)
class HomePage:
    """`mine` says that only one's own entries are listed; `find` opens an entry of a published case."""

    rows: tuple[Row, ...]
    tabs: tuple[Tab, ...]
    heading: str
    older: str
    newer: str
    may_open: bool
    waits: tuple[tuple[WaitingView, ...], int]
    """(what waits beside the entries, how much more there is)."""


def row(entry: Entry, names: dict[int, str], now: str, say: Say) -> Row:
    own, other = (entry.title_th, entry.title_en) if say.language == "th" else (entry.title_en, entry.title_th)
    shown = say.language if own else ("en" if say.language == "th" else "th")
    return Row(
        url=f"/{say.language}/desk/entries/{entry.number}",
        title=own or other or say("Entry {number}, without a title").format(number=entry.number),
        title_language=shown if own or other else say.language,
        country=say.label("countries", entry.country) if entry.country else "",
        state=state_name(entry.state.value, say),
        owner=names.get(entry.owner, "") if entry.owner else say("From the corpus"),
        changed=day(entry.changed, say),
        due=day(entry.due, say),
        late=entry.due is not None and entry.due < now,
    )


@router.get("/{language}/desk")
def home(
    request: Request,
    seat: Seat = reads(Action.SIGNED_IN),
    state: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=MAX_PAGES)] = 1,
) -> Response:
    """Entries that the person may see: all, or their own."""
    say, desk = say_in(request, language_of(request)), seat.desk
    owner = None if may(seat.account, Action.READ_ALL) else seat.account.id
    chosen = next((item for item in State if item.value == state), None)
    states = [chosen] if chosen else [item for item in State if item is not State.WITHDRAWN]
    found = desk.entries.listed(states, owner, PAGE + 1, (page - 1) * PAGE)
    names, now = desk.accounts.names(), desk.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    counts = desk.entries.counts(owner)
    here = f"/{say.language}/desk"
    everything = Tab(here, say("All"), sum(counts.values()) - counts.get(State.WITHDRAWN, 0), chosen is None)
    by_state = [
        Tab(f"{here}?state={item.value}", state_name(item.value, say), counts[item], chosen is item)
        for item in State
        if counts.get(item)
    ]
    tabs = (everything, *by_state)
    name = f"state={chosen.value}&" if chosen else ""
    view = HomePage(
        rows=tuple(row(entry, names, now, say) for entry in found[:PAGE]),
        tabs=tabs,
        heading=say("Your entries") if owner else say("Entries"),
        older=f"{here}?{name}page={page + 1}" if len(found) > PAGE else "",
        newer=f"{here}?{name}page={page - 1}" if page > 1 else "",
        may_open=owner is None,
        waits=waiting(seat, say),
    )
    return show(request, seat, "desk/home.html", view)


@router.post("/{language}/desk/practices/{record}")
def open_practice(request: Request, record: str, seat: Seat = writes(Action.READ_ALL)) -> Response:
    """The entry of a published case, made on first use."""
    return back_to(request, f"/entries/{seat.desk.entries.open(record[:120], seat.account).number}")


@router.post("/{language}/desk/new/blank")
def new_blank(request: Request, seat: Seat = writes(Action.CREATE)) -> Response:
    """An empty draft."""
    return back_to(request, f"/entries/{seat.desk.entries.create(blank(), seat.account).number}/edit")
