"""A claim as the page of evidence shows it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from kb.desk.checks import Check, Checked, Finding
from kb.desk.source_passages import SourcePassage
from kb.records import Practice
from kb.text.language import detect
from web.desk.access import Seat
from web.desk.frame import day
from web.markdown import marked
from web.pages import Say


@dataclass(frozen=True)
class SourceLine:
    number: int
    text: str
    url: str


@dataclass(frozen=True)
class PassageView:
    """Words of an attached file, the claim's figures marked in them."""

    where: str
    text: Markup
    language: str
    found: str


@dataclass(frozen=True)
class FoundView:
    """What a checker found."""

    verdict: str
    mood: str
    line: str
    note: str
    quote: str
    quote_language: str
    file: str


@dataclass(frozen=True)
class ClaimBox:
    """A claim with its statements by language, who says so, the source's words, and what was found.

    `void` is what was found when it read otherwise. `chosen`, `note`, `quote` and `file` fill the form.
    """

    number: int
    key: str
    statements: tuple[tuple[str, tuple[str, ...]], ...]
    figures: str
    basis: str
    note: str
    sources: tuple[SourceLine, ...]
    passage: PassageView | None
    found: FoundView | None
    void: FoundView | None
    form: Finding | None


def verdict_name(value: str, say: Say) -> str:
    names = {
        "confirmed": say("confirmed"),
        "plausible": say("plausible"),
        "unsupported": say("unsupported"),
        "wrong": say("wrong"),
    }
    return names[value]


def claim_box(
    practice: Practice, item: Checked, passage: SourcePassage | None, typed: Finding | None, seat: Seat, say: Say
) -> ClaimBox:
    """One claim; `typed` is what was sent and could not be taken."""
    claim = item.claimed.claim
    named = [(number, practice.sources[number - 1]) for number in claim.sources if 0 < number <= len(practice.sources)]
    return ClaimBox(
        number=claim.number,
        key=item.claimed.key,
        statements=item.claimed.said,
        figures=", ".join(claim.figures),
        basis=say.label("bases", claim.basis) if claim.basis else "",
        note=claim.note.get(say.language) if claim.note else "",
        sources=tuple(
            SourceLine(number, ", ".join(filter(None, (s.title, s.publisher, str(s.year or "")))), _web_address(s.url))
            for number, s in named
        ),
        passage=_passage(passage, say) if passage else None,
        found=_found(item.check, seat, say) if item.check else None,
        void=_found(item.void, seat, say) if item.void else None,
        form=typed or (item.check.finding if item.check else None),
    )


def _web_address(url: str | None) -> str:
    """The address of a source; a draft may hold anything, so only the web's own schemes become links."""
    return url if url and url.lower().startswith(("https://", "http://")) else ""


def _passage(passage: SourcePassage, say: Say) -> PassageView:
    where = f"{passage.name}, {say.section(passage.part)} {passage.number}"
    found = say("{found} of {wanted} figures").format(found=passage.found, wanted=passage.wanted)
    return PassageView(where, marked(passage.text, passage.marks), _language(passage.text), found)


def _found(check: Check, seat: Seat, say: Say) -> FoundView:
    names = seat.desk.accounts.names()
    files = {file.id: file.name for file in seat.desk.evidence.attachments(seat.entry.number)}
    finding = check.finding
    return FoundView(
        verdict=verdict_name(finding.verdict.value, say),
        mood="good" if finding.verdict.value in ("confirmed", "plausible") else "warn",
        line=f"{names.get(check.checker, '')}, {day(check.made, say)}",
        note=finding.note,
        quote=finding.quote,
        quote_language=_language(finding.quote),
        file=files.get(finding.attachment or 0, ""),
    )


def _language(text: str) -> str:
    """The language of foreign words on the page, as an attribute: Thai and English are told apart."""
    found = detect(text)
    return "th" if found in ("th", "mixed") else found if found != "und" else "en"
