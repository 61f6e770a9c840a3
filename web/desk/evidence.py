"""The evidence of an entry: each claim beside its sources, what a checker found, and the verification of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from kb.desk.checks import Checked, Finding, Tally, Verdict, tally
from kb.desk.entries import EntryError, StaleError
from kb.desk.evidence import HOLDS, MAX_CHECK_NOTE, MAX_QUOTE, MAX_VERIFIER, ChangedError, Verification
from kb.desk.rights import Action, RightsError
from kb.desk.source_passages import source_passage
from kb.records import Bilingual
from kb.text.years import format_date
from web.desk.access import Seat, reads, writes
from web.desk.entry import Head, add_tab, head
from web.desk.evidence_views import ClaimBox, claim_box
from web.desk.frame import back_to, language_of, show
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)
add_tab("evidence", "Evidence", Action.COMMENT)


@dataclass(frozen=True)
class VerifyForm:
    """Who verifies, in both languages, and until when; `revision` is the version that is stamped."""

    revision: int
    by_th: str
    by_en: str
    until: str
    first: str
    limit: int = MAX_VERIFIER


@dataclass(frozen=True)
class EvidencePage:
    """`summary` are (verdict, how many, mood); `verified` says who stands behind the newest version."""

    head: Head
    claims: tuple[ClaimBox, ...]
    summary: tuple[tuple[str, int, str], ...]
    opened: int
    """The claim whose form is open: the one that was sent, or the first that nobody has checked; 0: none."""
    may_check: bool
    own: bool
    files: tuple[tuple[int, str], ...]
    verified: str
    verify: VerifyForm | None
    error: str = ""
    error_at: str = ""
    note_limit: int = MAX_CHECK_NOTE
    quote_limit: int = MAX_QUOTE


@dataclass(frozen=True)
class Sent:
    """What was sent and could not be taken."""

    error: str = ""
    at: str = ""
    claim: int = 0
    finding: Finding | None = None
    by: Bilingual | None = None
    until: str = ""


def _page(request: Request, seat: Seat, sent: Sent | None = None) -> EvidencePage:
    say, desk, entry = say_in(request, language_of(request)), seat.desk, seat.entry
    sent = sent or Sent()
    practice, checked = desk.entries.newest(entry), desk.evidence.of(entry)
    files = desk.evidence.attachments(entry.number)
    counts, may_check = tally(checked), seat.may(Action.CHECK_CLAIMS)
    boxes = []
    for item in checked:
        passage = source_passage(item.claimed.claim.figures, files)
        typed = sent.finding if item.claimed.claim.number == sent.claim else None
        boxes.append(claim_box(practice, item, passage, typed, seat, say))
    return EvidencePage(
        head=head(request, seat, say),
        claims=tuple(boxes),
        summary=summary(counts, say),
        opened=sent.claim or _next_open(checked),
        may_check=may_check,
        own=seat.account.id in entry.authors or entry.owner == seat.account.id,
        files=tuple((file.id, file.name) for file in files),
        verified=_verified(seat, say),
        verify=_verify_form(seat, sent) if may_check and counts.sound else None,
        error=say(sent.error) if sent.error else "",
        error_at=sent.at,
    )


def summary(counts: Tally, say: Say) -> tuple[tuple[str, int, str], ...]:
    """(in words, how many, mood) of each verdict that was given, and of what is open."""
    rows = (
        (say("confirmed"), counts.confirmed, "good"),
        (say("plausible"), counts.plausible, "good"),
        (say("unsupported"), counts.unsupported, "warn"),
        (say("wrong"), counts.wrong, "warn"),
        (say("not checked"), counts.open, ""),
    )
    return tuple(row for row in rows if row[1])


def _verified(seat: Seat, say: Say) -> str:
    verified = seat.desk.entries.newest(seat.entry).verified
    if verified is None:
        return ""
    day, by = format_date(verified.day, say.language), verified.by.get(say.language)
    until = format_date(verified.until, say.language) if verified.until else say("no end")
    return say("Verified by {name} on {day}; holds until: {until}.").format(name=by, day=day, until=until)


def _verify_form(seat: Seat, sent: Sent) -> VerifyForm:
    today = seat.desk.clock().date()
    by = sent.by or Bilingual(seat.account.name, seat.account.name)
    until = sent.until or (today + HOLDS).isoformat()
    return VerifyForm(seat.entry.revision, by.th, by.en, until, today.isoformat())


def _refused(request: Request, seat: Seat, exc: Exception, sent: Sent) -> Response:
    status = 403 if isinstance(exc, RightsError) else 409 if isinstance(exc, (ChangedError, StaleError)) else 422
    return show(request, seat, "desk/evidence.html", _page(request, seat, sent), status)


@router.get("/{language}/desk/entries/{number}/evidence")
def evidence(request: Request, seat: Seat = reads(Action.COMMENT)) -> Response:
    return show(request, seat, "desk/evidence.html", _page(request, seat))


@router.post("/{language}/desk/entries/{number}/evidence/{claim}")
def check(
    request: Request,
    claim: int,
    seat: Seat = writes(Action.CHECK_CLAIMS),
    key: Annotated[str, Form(max_length=64)] = "",
    verdict: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=2 * MAX_CHECK_NOTE)] = "",
    quote: Annotated[str, Form(max_length=2 * MAX_QUOTE)] = "",
    attachment: Annotated[int, Form(ge=0, le=1 << 40)] = 0,
) -> Response:
    """Keep what was found for a claim, and go on to the first one that nobody has checked."""
    typed = None
    try:
        typed = Finding(_verdict(verdict), note, quote, attachment or None)
        seat.desk.evidence.record(seat.entry.number, claim, key, typed, seat.account)
    except (EntryError, RightsError) as exc:
        return _refused(request, seat, exc, Sent(str(exc), f"claim-{claim}", claim, typed))
    after = _next_open(seat.desk.evidence.of(seat.entry))
    address = f"/{language_of(request)}/desk/entries/{seat.entry.number}/evidence?done=checked"
    return RedirectResponse(address + (f"#claim-{after}" if after else ""), 303)


def _verdict(value: str) -> Verdict:
    try:
        return Verdict(value)
    except ValueError:
        raise EntryError("Choose what you found.") from None


def _next_open(checked: tuple[Checked, ...]) -> int:
    """The first claim that nobody has checked as it stands, or 0."""
    return next((item.claimed.claim.number for item in checked if item.check is None), 0)


@router.post("/{language}/desk/entries/{number}/verify")
def verify(
    request: Request,
    seat: Seat = writes(Action.CHECK_CLAIMS),
    revision: Annotated[int, Form(ge=1, le=1 << 40)] = 1,
    by_th: Annotated[str, Form(max_length=2 * MAX_VERIFIER)] = "",
    by_en: Annotated[str, Form(max_length=2 * MAX_VERIFIER)] = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Stamp the newest version as verified."""
    by = Bilingual(by_th, by_en)
    try:
        seat.desk.evidence.verify(seat.entry.number, revision, Verification(by, _day(until)), seat.account)
    except (EntryError, RightsError) as exc:
        return _refused(request, seat, exc, Sent(str(exc), "verify", by=by, until=until))
    return back_to(request, f"/entries/{seat.entry.number}/evidence", "verified")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise EntryError("Give the last day as a date.") from None
