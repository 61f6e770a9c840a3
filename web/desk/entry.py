"""One entry: where it stands, what it says, its versions, and the moves that this person may make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from markupsafe import Markup

from kb.desk.completeness import Gap, to_submit
from kb.desk.entries import EntryError
from kb.desk.publishing import MAX_REASON, NotReadyError
from kb.desk.rights import Action, RightsError, State
from kb.desk.workflow import MAX_NOTE
from kb.records import HEADINGS, LANGUAGES, SECTIONS, Bilingual, Practice
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, day, language_of, show, state_name
from web.markdown import render as markdown
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Tab:
    """A part of an entry's pages."""

    url: str
    name: str
    here: bool


@dataclass(frozen=True)
class Head:
    """What stands above every page of an entry."""

    number: int
    title: str
    title_language: str
    state: str
    public_url: str
    owner: str
    reviewer: str
    due: str
    tabs: tuple[Tab, ...]


@dataclass(frozen=True)
class SectionView:
    key: str
    heading: str
    html: Markup


@dataclass(frozen=True)
class FaceView:
    language: str
    title: str
    sections: tuple[SectionView, ...]


@dataclass(frozen=True)
class Move:
    """A step that can be taken now: the state it leads to and the word on its button."""

    to: str
    name: str
    needs_note: bool


@dataclass(frozen=True)
class EntryPage:
    head: Head
    faces: tuple[FaceView, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    moves: tuple[Move, ...]
    gaps: tuple[str, ...]
    may_publish: bool
    may_withdraw: bool
    public: bool
    review_first: bool
    """Whether a review by this person is what an approval waits for."""
    error: str = ""
    note: str = ""
    limit: int = MAX_NOTE


_TABS: list[tuple[str, str, Action]] = [("", "Text", Action.VIEW)]
"""Part of an entry's address, its name, and the right that it needs. Pages of other parts add theirs with `add_tab`."""


def add_tab(part: str, name: str, action: Action) -> None:
    """Give the pages of every entry one more part."""
    if (part, name, action) not in _TABS:
        _TABS.append((part, name, action))


Check = Callable[[Request, Seat], Response | None]
_CHECKS: list[Check] = []
"""What is looked at before an entry is submitted: each may lead the person to a page of its own first."""


def add_check(check: Check) -> None:
    """Look at one more thing before an entry is submitted."""
    if check not in _CHECKS:
        _CHECKS.append(check)


def head(request: Request, seat: Seat, say: Say) -> Head:
    """What stands above every page of an entry."""
    entry = seat.entry
    path = request.url.path.rstrip("/").split(f"/entries/{entry.number}", 1)[1].strip("/").split("/")[0]
    names = seat.desk.accounts.names()
    own, other = (entry.title_th, entry.title_en) if say.language == "th" else (entry.title_en, entry.title_th)
    base = f"/{say.language}/desk/entries/{entry.number}"
    return Head(
        number=entry.number,
        title=own or other or say("Entry {number}, without a title").format(number=entry.number),
        title_language=say.language if own or not other else ("en" if say.language == "th" else "th"),
        state=state_name(entry.state.value, say),
        public_url=f"/{say.language}/practices/{entry.practice}" if entry.public and entry.practice else "",
        owner=names.get(entry.owner, "") if entry.owner else say("From the corpus"),
        reviewer=names.get(entry.reviewer, "") if entry.reviewer else "",
        due=day(entry.due, say),
        tabs=tuple(
            Tab(f"{base}/{part}" if part else base, say(name), part == path) for part, name, action in _TABS if seat.may(action)
        ),
    )


def gap_text(gap: Gap, say: Say) -> str:
    """What is missing, for people."""
    if gap.kind == "format":
        return say("The corpus format refuses it: {problem}").format(problem=gap.text)
    if gap.kind == "refuted":
        return say("Claim {number} was found unsupported or wrong: change it or take it out.").format(number=gap.text)
    name = field_name(gap.field, say)
    return f"{name} ({say.tongue(gap.language)})" if gap.language else name


def field_name(field: str, say: Say) -> str:
    """The name of a section or a fact."""
    if field in SECTIONS:
        return HEADINGS["th" if say.language == "th" else "en"][field]
    names = {
        "title": say("Title"), "country": say("Country"), "agencies": say("Agencies"), "levels": say("Level of government"),
        "status": say("Status"), "priority": say("Priority"), "principles": say("Governance principles"),
        "evidence": say("Evidence"), "sources": say("Sources"), "place": say("Place"), "id": say("Address"),
        "secondary_priorities": say("Further priorities"), "beneficiaries": say("Beneficiaries"), "sdgs": say("SDGs"),
        "start": say("Begun"), "end": say("Ended"), "cost": say("Cost"), "partners": say("Partners"), "awards": say("Awards"),
        "study_visit": say("Study visit"), "lineage": say("Lineage"), "related": say("Related cases"),
        "verification": say("Verification"), "verified": say("Verified by"), "confidence": say("Confidence"),
        "claims": say("Claims"), "faces": say("Faces"),
    }  # fmt: skip
    return names.get(field, field)


def faces_of(practice: Practice) -> tuple[FaceView, ...]:
    """Both faces as HTML, each under headings in its own language."""
    return tuple(
        FaceView(
            code,
            practice.faces[code].title,
            tuple(
                SectionView(key, HEADINGS[code][key], markdown(practice.faces[code].sections[key], "", f"{code}-claim"))
                for key in SECTIONS
                if practice.faces[code].sections.get(key)
            ),
        )
        for code in LANGUAGES
        if code in practice.faces
    )


def facts_of(practice: Practice, say: Say) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The shared facts that are known, for a table."""
    lang = say.language
    rows: list[tuple[str, tuple[str, ...]]] = [
        ("country", (say.label("countries", practice.country),) if practice.country else ()),
        ("place", (practice.place.get(lang),) if practice.place.get(lang) else ()),
        ("agencies", tuple(agency.name.get(lang) for agency in practice.agencies)),
        ("levels", tuple(say.facet("level", value) for value in practice.levels)),
        ("start", (str(practice.start),) if practice.start else ()),
        ("end", (str(practice.end),) if practice.end else ()),
        ("status", (say.facet("status", practice.status),) if practice.status else ()),
        ("priority", (say.facet("priority", practice.priority),) if practice.priority else ()),
        ("principles", tuple(say.facet("principle", value) for value in practice.principles)),
        ("evidence", (say.label("evidence", practice.evidence),) if practice.evidence else ()),
        ("sources", tuple(source.title for source in practice.sources)),
    ]
    return tuple((field_name(name, say), values) for name, values in rows if values)


def _page(request: Request, seat: Seat, error: str = "", note: str = "") -> EntryPage:
    say, entry = say_in(request, language_of(request)), seat.entry
    publisher = seat.desk.publisher
    practice = publisher.prepared(entry)
    gaps = publisher.gaps(entry, seat.desk.repository.taxonomy) if seat.may(Action.PUBLISH) else to_submit(practice)
    ways = seat.desk.workflow.ways(entry, seat.account)
    return EntryPage(
        head=head(request, seat, say),
        faces=faces_of(practice),
        facts=facts_of(practice, say),
        moves=tuple(
            Move(to.value, _move_name(to, say), to is State.CHANGES_REQUESTED)
            for to in ways
            if to not in (State.PUBLISHED, State.WITHDRAWN)
        ),
        gaps=tuple(gap_text(gap, say) for gap in gaps),
        may_publish=State.PUBLISHED in ways,
        may_withdraw=State.WITHDRAWN in ways and (not entry.public or seat.may(Action.PUBLISH)),
        public=entry.public,
        review_first=entry.state is State.IN_REVIEW and seat.may(Action.REVIEW) and State.APPROVED not in ways,
        error=error,
        note=note,
    )


def _move_name(to: State, say: Say) -> str:
    names = {
        State.SUBMITTED: say("Submit for review"),
        State.IN_REVIEW: say("Take for review"),
        State.CHANGES_REQUESTED: say("Ask for changes"),
        State.APPROVED: say("Approve"),
        State.DRAFT: say("Open for editing again"),
    }
    return names[to]


def _refused(request: Request, seat: Seat, exc: Exception, note: str = "") -> Response:
    say = say_in(request, language_of(request))
    status = 403 if isinstance(exc, RightsError) else 409
    return show(request, seat, "desk/entry.html", _page(request, seat, say(str(exc)), note), status)


@router.get("/{language}/desk/entries/{number}")
def entry(request: Request, seat: Seat = reads(Action.VIEW)) -> Response:
    return show(request, seat, "desk/entry.html", _page(request, seat))


@router.post("/{language}/desk/entries/{number}/move")
def move(
    request: Request,
    seat: Seat = writes(Action.VIEW),
    to: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=2 * MAX_NOTE)] = "",
) -> Response:
    """Take a step; the workflow asks for the right that the step needs."""
    wanted = next((state for state in State if state.value == to), None)
    try:
        if wanted is None or wanted in (State.PUBLISHED, State.WITHDRAWN):
            raise EntryError("there is no such step")
        if wanted is State.SUBMITTED and (gaps := to_submit(seat.desk.entries.newest(seat.entry))):
            raise NotReadyError(gaps)
        if wanted is State.SUBMITTED and seat.may(Action.SUBMIT):
            for check in _CHECKS:
                if (elsewhere := check(request, seat)) is not None:
                    return elsewhere
        seat.desk.workflow.move(seat.entry.number, wanted, seat.account, note)
    except (EntryError, RightsError) as exc:
        return _refused(request, seat, exc, note[:MAX_NOTE])
    return back_to(request, f"/entries/{seat.entry.number}", "moved")


@router.post("/{language}/desk/entries/{number}/publish")
def publish(request: Request, seat: Seat = writes(Action.PUBLISH)) -> Response:
    """Show the approved version to readers."""
    try:
        seat.desk.publisher.publish(seat.entry.number, seat.account)
    except (EntryError, RightsError) as exc:
        return _refused(request, seat, exc)
    return back_to(request, f"/entries/{seat.entry.number}", "published")


@router.post("/{language}/desk/entries/{number}/withdraw")
def withdraw(
    request: Request,
    seat: Seat = writes(Action.WITHDRAW),
    reason_th: Annotated[str, Form(max_length=2 * MAX_REASON)] = "",
    reason_en: Annotated[str, Form(max_length=2 * MAX_REASON)] = "",
) -> Response:
    """Take the entry back; a public case leaves its reason at its address."""
    try:
        seat.desk.publisher.withdraw(seat.entry.number, seat.account, Bilingual(reason_th, reason_en))
    except (EntryError, RightsError) as exc:
        return _refused(request, seat, exc)
    return back_to(request, f"/entries/{seat.entry.number}", "withdrawn")
