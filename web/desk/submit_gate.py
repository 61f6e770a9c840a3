"""Cases that are like a draft: side by side, and what the person says of each before the draft is submitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import JSONResponse, Response

from kb.desk.completeness import to_submit
from kb.desk.entries import Entry, EntryError
from kb.desk.gate import MAX_REASON, Decision, Near
from kb.desk.gate import language_of as language_of_draft
from kb.desk.rights import Action, RightsError, State, may
from kb.ingest.statements import CITATION
from kb.records import LANGUAGES, Practice
from web.desk.access import Seat, reads, writes
from web.desk.entry import Head, add_check, add_tab, facts_of, field_name, head
from web.desk.frame import back_to, language_of, show
from web.desk.submit_form import Typed, read_form
from web.limits import RateLimit
from web.pages import Say
from web.render import say_in, searcher_in

router = APIRouter(include_in_schema=False)
add_tab("similar", "Similar cases", Action.VIEW)

_ASKS = RateLimit(rate=1, burst=20)
"""Looks for similar cases while somebody types, of one account."""
_SHOWN = ("summary", "problem", "action")


@dataclass(frozen=True)
class Side:
    """A text of one of two cases, in its language."""

    text: str
    language: str


@dataclass(frozen=True)
class Pair:
    """The same section or fact of both cases. `agrees` is `None` for texts, which people compare themselves."""

    name: str
    own: Side
    other: Side
    agrees: bool | None = None


@dataclass(frozen=True)
class NearView:
    """A case beside the draft."""

    key: str
    title: Side
    url: str
    standing: str
    likeness: str
    alike: bool
    pairs: tuple[Pair, ...]
    lacks: str
    reason: str
    decided_by: str


@dataclass(frozen=True)
class SimilarPage:
    """`hidden` counts entries that are alike and that this account may not see; `submitting`: the draft waits for this."""

    head: Head
    here: str
    title: Side
    cases: tuple[NearView, ...]
    hidden: int
    submitting: bool
    may_decide: bool
    ready: bool
    too_short: bool
    error: str = ""
    limit: int = MAX_REASON


def visible(seat: Seat, near: Near) -> bool:
    """Whether this account may see a case: what readers see, and entries by the rights."""
    if near.record:
        return True
    entry = seat.desk.entries.get(near.entry)
    return entry is not None and may(seat.account, Action.VIEW, entry)


def submit(request: Request, seat: Seat, entry: Entry) -> Response:
    """Submit a complete draft, after whatever is very like it was looked at."""
    if _undecided(request, seat, entry):
        return back_to(request, f"/entries/{entry.number}/similar?submit=1")
    seat.desk.workflow.move(entry.number, State.SUBMITTED, seat.account)
    return back_to(request, f"/entries/{entry.number}", "handed-in")


def _undecided(request: Request, seat: Seat, entry: Entry) -> bool:
    return any(visible(seat, near) for near in seat.desk.gate.undecided(entry, searcher_in(request)))


def _check(request: Request, seat: Seat) -> Response | None:
    """Stops the entry page's own button for submitting where something is to be looked at first."""
    if _undecided(request, seat, seat.entry):
        return back_to(request, f"/entries/{seat.entry.number}/similar?submit=1")
    return None


add_check(_check)


@router.get("/{language}/desk/entries/{number}/similar")
def similar(
    request: Request,
    seat: Seat = reads(Action.VIEW),
    submit: Annotated[str, Query(max_length=2)] = "",
) -> Response:
    """What is like the draft, side by side."""
    return show(request, seat, "desk/submit_similar.html", _page(request, seat, submit == "1"))


def _page(request: Request, seat: Seat, submitting: bool, error: str = "") -> SimilarPage:
    say, entry, gate = say_in(request, language_of(request)), seat.entry, seat.desk.gate
    draft = seat.desk.entries.newest(entry)
    found = gate.near(draft, searcher_in(request), entry.number)
    decided = gate.decided(entry)
    seen = [near for near in found if visible(seat, near)]
    cases = tuple(_case(draft, near, decided.get(near.key), say) for near in seen)
    may_submit = seat.may(Action.SUBMIT)
    face = draft.faces.get(language_of_draft(draft))
    return SimilarPage(
        head=head(request, seat, say),
        here=f"/{say.language}/desk/entries/{entry.number}/similar",
        title=Side(face.title if face else "", language_of_draft(draft)),
        cases=cases,
        hidden=sum(near.alike for near in found if near not in seen),
        submitting=submitting and may_submit,
        may_decide=may_submit or seat.may(Action.PUBLISH),
        ready=may_submit and not to_submit(draft) and not any(case.alike and not case.decided_by for case in cases),
        too_short=not found,
        error=error,
    )


def _case(draft: Practice, near: Near, decision: Decision | None, say: Say) -> NearView:
    own_language = language_of_draft(draft)
    other_language = say.language if say.language in near.practice.faces else language_of_draft(near.practice)
    other = near.practice
    lacks = own_language not in other.faces and own_language in draft.faces
    return NearView(
        key=near.key,
        title=Side(other.title.get(other_language), other_language),
        url=f"/{say.language}/practices/{near.record}" if near.record else f"/{say.language}/desk/entries/{near.entry}",
        standing=say("Published") if near.record else say("At the desk, not published"),
        likeness=_likeness(near, say),
        alike=near.alike,
        pairs=(*_facts(draft, near, say), *_texts(draft, other, own_language, other_language, say)),
        lacks=say.tongue(own_language) if lacks else "",
        reason=decision.reason if decision else "",
        decided_by=decision.actor if decision else "",
    )


def _likeness(near: Near, say: Say) -> str:
    if near.very:
        return say("Very much alike")
    return say("Alike") if near.alike else say("On the same subject")


def _facts(draft: Practice, near: Near, say: Say) -> list[Pair]:
    own, other = dict(facts_of(draft, say)), dict(facts_of(near.practice, say))
    pairs = []
    for name in (*near.agrees, *near.differs):
        label = field_name(name, say)
        sides = [Side(", ".join(facts.get(label, ())), say.language) for facts in (own, other)]
        pairs.append(Pair(label, sides[0], sides[1], name in near.agrees))
    return pairs


def _texts(draft: Practice, other: Practice, own_language: str, other_language: str, say: Say) -> list[Pair]:
    """Their main sections; a draft is read in its language, the other one in the page's where it has that."""
    pairs = []
    for name in _SHOWN:
        texts = [
            Side(_plain(practice.faces[code].sections.get(name, "")) if code in practice.faces else "", code)
            for practice, language in ((draft, own_language), (other, other_language))
            for code in LANGUAGES
            if code == language
        ]
        if any(side.text for side in texts):
            pairs.append(Pair(field_name(name, say), texts[0], texts[1]))
    return pairs


def _plain(text: str) -> str:
    """The beginning of a section without its marks of claims."""
    return CITATION.sub("", text)[:1500]


@router.post("/{language}/desk/entries/{number}/similar/different")
def different(
    request: Request,
    seat: Seat = writes(Action.EDIT),
    other: Annotated[str, Form(max_length=150)] = "",
    reason: Annotated[str, Form(max_length=2 * MAX_REASON)] = "",
    submitting: Annotated[str, Form(max_length=2)] = "",
) -> Response:
    """Keep that this is a different case, with the reason."""
    try:
        _among(request, seat, other)
        seat.desk.gate.decide(seat.entry, other, reason, seat.account)
    except EntryError as exc:
        return _refused(request, seat, exc, submitting == "1")
    more = "submit=1&" if submitting == "1" else ""
    return back_to(request, f"/entries/{seat.entry.number}/similar?{more}done=saved")


@router.post("/{language}/desk/entries/{number}/similar/join")
def join(request: Request, seat: Seat = writes(Action.SUBMIT), other: Annotated[str, Form(max_length=150)] = "") -> Response:
    """Give the draft's text to the case that it tells, as its other face; the draft is withdrawn."""
    say = say_in(request, language_of(request))
    note = say("Joined with the case that tells the same, as its text in the other language.")
    try:
        _among(request, seat, other)
        seat.desk.joining.join(seat.entry, other, seat.account, note)
    except (EntryError, RightsError) as exc:
        return _refused(request, seat, exc)
    return back_to(request, f"/entries/{seat.entry.number}", "joined")


@router.post("/{language}/desk/entries/{number}/similar/submit")
def submit_after(request: Request, seat: Seat = writes(Action.SUBMIT)) -> Response:
    """Submit the draft once everything that is like it was looked at."""
    if to_submit(seat.desk.entries.newest(seat.entry)):
        return back_to(request, f"/entries/{seat.entry.number}/write?check=submit")
    return submit(request, seat, seat.entry)


def _among(request: Request, seat: Seat, other: str) -> None:
    """Raises `EntryError` for what the page did not show: nobody decides on cases that they may not see."""
    found = seat.desk.gate.near(seat.desk.entries.newest(seat.entry), searcher_in(request), seat.entry.number)
    if other not in {near.key for near in found if visible(seat, near)}:
        raise EntryError("There is no such case on this page any more; look at it again.")


def _refused(request: Request, seat: Seat, exc: Exception, submitting: bool = False) -> Response:
    say = say_in(request, language_of(request))
    status = 403 if isinstance(exc, RightsError) else 422
    return show(request, seat, "desk/submit_similar.html", _page(request, seat, submitting, say(str(exc))), status)


async def typed_draft(request: Request) -> Typed:
    form = await request.form()
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return Typed.of_form(str(form.get("face", "")), texts)


@router.post("/{language}/desk/similar")
def while_typing(
    request: Request,
    typed: Annotated[Typed, Depends(typed_draft)],
    seat: Seat = writes(Action.CREATE),
    number: Annotated[int, Form(ge=0, le=1 << 40)] = 0,
) -> Response:
    """What is like a text that is being typed, as JSON for a script."""
    say = say_in(request, language_of(request))
    if not _ASKS.allow(str(seat.account.id)):
        return JSONResponse({"error": say("Too many requests; wait a moment and try again.")}, 429)
    draft = read_form(typed, seat.desk.repository.taxonomy).practice
    found = seat.desk.gate.near(draft, searcher_in(request), number)
    views = [_case(draft, near, None, say) for near in found if near.alike and visible(seat, near)]
    cases = [{"title": v.title.text, "language": v.title.language, "url": v.url, "like": v.likeness} for v in views]
    return JSONResponse({"cases": cases}, headers={"Cache-Control": "no-store"})
