"""A briefing: several practices on a few pages in both languages, Thai first, for a meeting or a decision."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from kb.records import LANGUAGES, Claim, Lang, Practice
from kb.text.language import detect
from kb.text.years import to_buddhist_era
from web.pages import Say
from web.takeaway.blocks import Block, Run
from web.takeaway.handout import both_eras, unshown
from web.takeaway.telling import Chosen, Detail, chosen, items

MAX_CASES = 20
MAX_NOTE = 1000
MAX_TITLE = 200
PAGES = 3
"""Pages that a briefing should not exceed while its cases can be told shorter."""

TITLED = 500
"""Characters of results from which on sources are given with their titles."""


@dataclass(frozen=True)
class Ask:
    """What a reader wants in the briefing: the cases in order, a note on each (may be empty), and a title (may be empty)."""

    practices: tuple[Practice, ...]
    notes: tuple[str, ...]
    addresses: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True)
class Text:
    language: str
    text: str


@dataclass(frozen=True)
class Part:
    """What is told under one label, such as what happened."""

    label: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Column:
    """A case in one language; the parts of both languages stand in the same order."""

    language: Lang
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Case:
    number: int
    titles: tuple[Text, ...]
    columns: tuple[Column, ...]
    note_label: str
    note: tuple[Text, ...]
    sources_label: str
    sources: tuple[Text, ...]
    address: str


@dataclass(frozen=True)
class Line:
    """A case's line in the table; each cell has one text for each language."""

    number: int
    titles: tuple[Text, ...]
    cells: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class Briefing:
    title: str
    heading: tuple[Text, ...]
    purpose: tuple[Text, ...]
    table: tuple[Text, ...]
    """The name of the table in both languages."""
    columns: tuple[tuple[Text, ...], ...]
    lines: tuple[Line, ...]
    cases: tuple[Case, ...]
    foot: tuple[Text, ...]
    unshown: tuple[Text, ...]
    """What to say where the fonts lack letters of a note."""
    page: str
    size: float


def briefing(ask: Ask, speakers: tuple[Say, ...], day: date, detail: Detail) -> Briefing:
    """The briefing with this much detail; `speakers` are Thai and English, in this order."""
    asked = clean(ask.title, MAX_TITLE)
    heading = (
        (Text(_tongue(asked), asked),)
        if asked
        else _both(speakers, lambda say: say("Briefing: good practices of ASEAN states"))
    )
    cases = zip(ask.practices, ask.notes, ask.addresses, strict=True)
    return Briefing(
        title=" / ".join(text.text for text in heading),
        heading=heading,
        purpose=(
            *_both(
                speakers,
                lambda say: say(
                    "{count} cases from the repository, for use in a meeting or as the basis of a decision. "
                    "Read a case in full before you rely on it: its address stands under it."
                ).format(count=len(ask.practices)),
            ),
            *_both(speakers, lambda say: say("Printed on {day}").format(day=both_eras(day, say.language))),
        ),
        table=_both(speakers, lambda say: say("The cases")),
        columns=tuple(_both(speakers, name) for name in _COLUMNS),
        lines=tuple(_line(number, practice, speakers) for number, practice in enumerate(ask.practices, 1)),
        cases=tuple(
            _case(number, practice, _Told(note, address, detail, speakers))
            for number, (practice, note, address) in enumerate(cases, 1)
        ),
        foot=_both(speakers, lambda say: say("Compiled from public sources. Texts: CC BY 4.0.")),
        unshown=_both(speakers, unshown),
        page=speakers[0]("Page {page} of {pages}"),
        size=detail.size,
    )


_COLUMNS: tuple[Callable[[Say], str], ...] = (
    lambda say: say("Case"),
    lambda say: say("Country"),
    lambda say: say("Begun"),
    lambda say: say("Status"),
    lambda say: say("Cost"),
    lambda say: say("Evidence"),
)


@dataclass(frozen=True)
class _Told:
    """What is told of a case beside what it says itself."""

    note: str
    address: str
    detail: Detail
    speakers: tuple[Say, ...]


def _line(number: int, practice: Practice, speakers: tuple[Say, ...]) -> Line:
    def coded(name: str, value: str) -> tuple[Text, ...]:
        return tuple(Text(say.language, say.label(name, value)) for say in speakers)

    start = practice.start
    year = (Text("und", f"{to_buddhist_era(start)} ({start})"),) if start else _both(speakers, lambda say: say("not known"))
    return Line(
        number,
        _titles(practice),
        (
            coded("countries", practice.country),
            year,
            coded("status", practice.status),
            coded("cost_bands", practice.cost.band),
            coded("evidence", practice.evidence),
        ),
    )


def _case(number: int, practice: Practice, told: _Told) -> Case:
    told_of = chosen(practice, told.detail)
    notes = tuple(line for line in clean(told.note, MAX_NOTE).split("\n") if line)
    say = told.speakers[0]
    return Case(
        number=number,
        titles=_titles(practice),
        columns=tuple(_column(practice, speaker, told_of) for speaker in told.speakers if speaker.language in practice.faces),
        note_label=say("Your note"),
        note=tuple(Text(_tongue(note), note) for note in notes),
        sources_label=say("Sources"),
        sources=_sources(practice, told_of, titled=told.detail.results >= TITLED),
        address=told.address,
    )


def _column(practice: Practice, say: Say, told: Chosen) -> Column:
    lang: Lang = "th" if say.language == "th" else "en"
    claims = {claim.number: claim for claim in practice.claims}
    bases = {number: say.label("bases", claim.basis) for number, claim in claims.items()}
    parts = (
        Part(say("What it is"), items(practice, lang, "summary")),
        Part(say("What happened"), tuple(_with_basis(block, bases) for block in told.results[lang])),
        Part(say("Lessons, and what to watch"), tuple(_with_basis(block, {}) for block in told.watch[lang])),
        Part(say("What a transfer needs"), tuple(_with_basis(block, {}) for block in told.transfer[lang])),
    )
    return Column(lang, tuple(part for part in parts if part.blocks))


def _with_basis(block: Block, bases: dict[int, str]) -> Block:
    """The item with who says so after it, in place of the marks of its claims."""
    said = dict.fromkeys(bases[run.claim] for run in block.runs if run.claim in bases)
    runs = tuple(run for run in block.runs if not run.claim)
    return Block((*runs, Run(f" [{', '.join(said)}]", emphasis=True)) if said else runs, block.level, block.mark)


def _sources(practice: Practice, told: Chosen, titled: bool) -> tuple[Text, ...]:
    """The sources of the claims that are told, or all where none is: publisher, year and, with room, title."""
    claims: dict[int, Claim] = {claim.number: claim for claim in practice.claims}
    claimed = {run.claim for blocks in told.results.values() for block in blocks for run in block.runs if run.claim in claims}
    numbers = {number for claim in claimed for number in claims[claim].sources} or range(1, len(practice.sources) + 1)
    named = [source for number, source in enumerate(practice.sources, 1) if number in numbers]
    years = (f" ({source.year})" if source.year else "" for source in named)
    lines = (
        f"{source.publisher}{year}" + (f", {source.title}" if titled else "") for source, year in zip(named, years, strict=True)
    )
    return tuple(Text(_tongue(line), line) for line in dict.fromkeys(lines))


def _titles(practice: Practice) -> tuple[Text, ...]:
    return tuple(Text(lang, practice.faces[lang].title) for lang in LANGUAGES if lang in practice.faces)


def _both(speakers: tuple[Say, ...], text: Callable[[Say], str]) -> tuple[Text, ...]:
    return tuple(Text(say.language, text(say)) for say in speakers)


def _tongue(text: str) -> str:
    """The language of a reader's own text; short ones in Latin script are taken as English."""
    found = detect(text)
    return found if found in LANGUAGES else "und"


def clean(text: str, limit: int) -> str:
    """A reader's text within `limit` characters, composed, without control characters other than line ends."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))[:limit]
    return "".join(
        letter for letter in composed if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs", "Cn")
    ).strip()
