"""Proposals from a file as people read them: grouped by field, with the passage and how sure each is; and what they chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from kb.desk.proposals.records import Proposal, Proposed, Value
from kb.desk.propose import CLAIM_FIELD
from kb.desk.taking import Choice, Kept
from kb.records import SECTIONS, Agency, Bilingual, Claim, Cost, Document, Practice
from kb.taxonomy import Taxonomy
from kb.text.years import format_year
from web.desk.entry import Head, field_name
from web.desk.submit_form import MAX_LINE, MAX_TEXT
from web.markdown import marked
from web.pages import Say

Kind = Literal["one", "each", "text"]
"""Of a field: one value of several, any number of them, or texts that can be changed."""

SURE, LIKELY = 0.85, 0.6
"""Confidences from which a proposal is called sure and likely (`docs/desk.md` has how often those are right)."""

_AROUND = 160
_ONE = ("title", "country", "place", "start", "end", "status", "priority", "cost")
_CHANGED = ("title", "place")
_LISTS = {
    "country": "countries", "status": "status", "priority": "priorities", "levels": "levels", "principles": "principles",
    "secondary_priorities": "priorities",
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One proposal: what it says, how sure it is, the passage around it, and whether it is ticked at first."""

    index: int
    text: str
    language: str
    sure: str
    quote: Markup
    quote_language: str
    place: str
    why: str
    ticked: bool
    taken: bool


@dataclass(frozen=True)
class Group:
    """The proposals for a field; `others` are further values that may be chosen instead, `now` is what the draft has."""

    field: str
    name: str
    kind: Kind
    options: tuple[Option, ...]
    now: str
    others: tuple[tuple[str, str], ...]
    changeable: bool
    nothing_ticked: bool
    limit: int


@dataclass(frozen=True)
class ProposalsPage:
    head: Head
    here: str
    write: str
    name: str
    download: str
    language: str
    groups: tuple[Group, ...]
    base: int
    cut: bool
    doubts: bool
    pages: int
    error: str = ""


def groups_of(kept: Kept, document: Document, practice: Practice, say: Say) -> tuple[Group, ...]:
    """All proposals by field, in the order in which they were made."""
    by_field: dict[str, list[int]] = {}
    for index, proposed in enumerate(kept.proposal.proposed):
        by_field.setdefault(proposed.field, []).append(index)
    return tuple(_group(field, places, kept, document, practice, say) for field, places in by_field.items())


def _group(field: str, places: list[int], kept: Kept, document: Document, practice: Practice, say: Say) -> Group:
    kind = kind_of(field)
    taken = {one.index for one in kept.taken}
    now = _now(field, practice, kept.proposal.language, say)
    free = not now and not taken & set(places)
    options = []
    for rank, index in enumerate(places):
        proposed = kept.proposal.proposed[index]
        ticked = free and proposed.confidence >= (0.5 if kind == "text" else LIKELY) and (kind != "one" or rank == 0)
        options.append(_option(index, proposed, document, ticked, index in taken, say))
    shown = {kept.proposal.proposed[index].value for index in places}
    listed = say.taxonomy[_LISTS[field]] if kind == "one" and field in _LISTS else ()
    return Group(
        field=field,
        name=field_name(field, say),
        kind=kind,
        options=tuple(options),
        now=now,
        others=tuple((key, say.label(_LISTS[field], key)) for key in listed if key not in shown),
        changeable=field in _CHANGED,
        nothing_ticked=not any(option.ticked for option in options),
        limit=MAX_TEXT if kind == "text" else MAX_LINE,
    )


def kind_of(field: str) -> Kind:
    return "one" if field in _ONE else "text" if field in SECTIONS else "each"


def _option(index: int, proposed: Proposed, document: Document, ticked: bool, taken: bool, say: Say) -> Option:
    quote, place = _passage(proposed, document, say)
    language = document.language if document.language in ("th", "en") else "en"
    own_words = proposed.field in (*SECTIONS, "title", CLAIM_FIELD)
    return Option(
        index, value_text(proposed, say), language if own_words else say.language, _sure(proposed.confidence, say), quote,
        language, place, _why(proposed.why, say), ticked, taken,
    )  # fmt: skip


def value_text(proposed: Proposed, say: Say) -> str:
    """A value for people."""
    value = proposed.value
    if isinstance(value, Agency):
        return value.name.get(say.language)
    if isinstance(value, Bilingual):
        return value.get(say.language)
    if isinstance(value, Claim):
        return proposed.quote
    if isinstance(value, Cost):
        return f"{value.text.get(say.language)} ({say.label('cost_bands', value.band)})"
    if isinstance(value, int):
        return format_year(value, say.language)
    return say.label(_LISTS[proposed.field], value) if proposed.field in _LISTS else value


def _passage(proposed: Proposed, document: Document, say: Say) -> tuple[Markup, str]:
    """The passage with what the proposal rests on marked, and where it stands."""
    part = next((one for one in document.parts if one.number == proposed.part), None)
    if part is None or proposed.end <= proposed.start:
        return Markup(""), ""
    first, last = max(0, proposed.start - _AROUND), min(len(part.text), proposed.end + _AROUND)
    text = part.text[first:last]
    quote = marked(text, ((proposed.start - first, proposed.end - first),))
    names = {"page": say("Page {number}"), "slide": say("Slide {number}"), "section": say("Section {number}")}
    dots = (Markup("… ") if first else Markup("")), (Markup(" …") if last < len(part.text) else Markup(""))
    return dots[0] + quote + dots[1], names[part.kind].format(number=part.number)


def _sure(confidence: float, say: Say) -> str:
    return say("sure") if confidence >= SURE else say("likely") if confidence >= LIKELY else say("perhaps")


def _why(why: str, say: Say) -> str:
    names = {
        "heading": say("the heading above says so"),
        "meaning": say("published cases that read like this have it"),
        "named": say("the text names it"),
        "pattern": say("a date, an amount or a count in the text"),
        "title": say("the title of the document"),
    }
    return names.get(why, "")


def _now(field: str, practice: Practice, language: str, say: Say) -> str:
    """What the draft has in a field, so that nothing is replaced unseen."""
    face = practice.faces.get("th" if language == "th" else "en")
    if field in SECTIONS:
        return (face.sections.get(field, "") if face else "")[:300]
    if field == "title":
        return ""  # a new draft has the document's title already
    if field == CLAIM_FIELD:
        return ""
    value = getattr(practice, field)
    if isinstance(value, Bilingual):
        return value.get(say.language)
    if isinstance(value, Cost):
        return value.text.get(say.language)
    if isinstance(value, int):
        return format_year(value, say.language)
    if isinstance(value, str):
        return say.label(_LISTS[field], value) if value and field in _LISTS else value
    names = [one.name.get(say.language) if isinstance(one, Agency) else say.label(_LISTS[field], one) for one in value or ()]
    return ", ".join(names)


# What was chosen


def choices_of(proposal: Proposal, sent: Mapping[str, str], taxonomy: Taxonomy) -> tuple[Choice, ...]:
    """The accepted proposals of a form: ticked ones, and the chosen one of each field that has one value."""
    return tuple(_choices(proposal, sent, taxonomy))


def _choices(proposal: Proposal, sent: Mapping[str, str], taxonomy: Taxonomy) -> Iterator[Choice]:
    done = set()
    for index, proposed in enumerate(proposal.proposed):
        field = proposed.field
        if kind_of(field) != "one":
            if f"use-{index}" in sent and (value := _changed(proposed, sent.get(f"value-{index}"))):
                yield Choice(index, value)
            continue
        chosen = sent.get(f"choose-{field}", "")
        if chosen == str(index):
            if value := _changed(proposed, sent.get(f"value-{index}")):
                yield Choice(index, value)
        elif chosen == "other" and field not in done:
            done.add(field)
            other = sent.get(f"other-{field}", "")
            if field in _LISTS and other in taxonomy[_LISTS[field]]:
                yield Choice(index, other)


def _changed(proposed: Proposed, text: str | None) -> Value | None:
    """The value with the person's own words; `None` where they took all of them away."""
    if text is None or (proposed.field not in SECTIONS and proposed.field not in _CHANGED):
        return proposed.value
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()[:MAX_TEXT]
    if not text:
        return None
    if isinstance(proposed.value, Bilingual):
        return proposed.value if text in (proposed.value.th, proposed.value.en) else _replaced(text)
    return text if proposed.field in SECTIONS else " ".join(text.split())[:MAX_LINE]


def _replaced(text: str) -> Bilingual:
    """A place in the person's words; in the language of its letters."""
    thai = any("\u0e00" <= letter <= "\u0e7f" for letter in text)
    return Bilingual(text, "") if thai else Bilingual("", text)
