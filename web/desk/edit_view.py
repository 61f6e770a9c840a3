"""What the editor's page shows: fields in both languages side by side, with states, mismatches and problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kb.corpus import RELATIONS, ROLES
from kb.desk.differences import Run
from kb.desk.mismatches import Mismatch, TwinNames, section_mismatches
from kb.desk.twins import SectionStanding, SectionState
from kb.records import HEADINGS, LANGUAGES, SECTIONS, Lang
from web.desk.access import Seat
from web.desk.edit_answers import LISTS, MANY, Answers
from web.desk.edit_reader import CONFIDENCES, MAX_SECTION, MAX_TEXT, MAX_TITLE, Problem
from web.desk.entry import Head, field_name
from web.desk.frame import day
from web.glance import role
from web.pages import Say

_AROUND = 40
"""Characters shown on either side of a word that the other face lacks."""

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MismatchView:
    """A word that stands on one side only, in its surroundings."""

    language: str
    start: int
    end: int
    before: str
    text: str
    after: str
    message: str


@dataclass(frozen=True)
class SideView:
    """One side of a section: its field and how it stands to its twin."""

    language: str
    name: str
    rows: int
    limit: int
    state: str
    standing: str
    behind: bool
    since: tuple[Run, ...]


@dataclass(frozen=True)
class SectionView:
    key: str
    heading: str
    sides: tuple[SideView, ...]
    mismatches: tuple[MismatchView, ...]
    may_agree: bool


@dataclass(frozen=True)
class RowView:
    """A row of a list: its number on the page, and the beginning of its fields' names."""

    number: int
    name: str


@dataclass(frozen=True)
class Trouble:
    """A line of the summary of problems."""

    target: str
    label: str
    message: str


@dataclass(frozen=True)
class Unsaved:
    """Text that was kept while writing and never saved."""

    when: str
    older: bool


@dataclass(frozen=True)
class Typed:
    """What the form holds, the revision that it was made from, and what is wrong with it."""

    answers: Answers
    base: int
    reason: str = ""
    problems: Mapping[str, Problem] = field(default_factory=dict)
    error: str = ""
    merged: bool = False
    """Whether somebody else's changes were brought into it just now."""


@dataclass(frozen=True)
class EditPage:
    head: Head
    typed: Typed
    sections: tuple[SectionView, ...]
    options: Mapping[str, Options]
    lists: Mapping[str, tuple[RowView, ...]]
    languages: tuple[str, str]
    summary: tuple[Trouble, ...]
    messages: Mapping[str, str]
    unsaved: Unsaved | None
    restored: bool
    may_set_id: bool
    needs_reason: bool
    limit: int = MAX_TEXT

    def value(self, name: str) -> str:
        return self.typed.answers.one(name)

    def chosen(self, name: str) -> tuple[str, ...]:
        return self.typed.answers.all(name)

    def problem(self, name: str) -> str:
        return self.messages.get(name, "")


def in_order(language: str) -> tuple[Lang, Lang]:
    """Both languages, that of the page first."""
    return ("th", "en") if language == "th" else ("en", "th")


@dataclass(frozen=True)
class Sides:
    """States and standings of an entry's newest revision, for people."""

    states: Mapping[tuple[Lang, str], SectionState]
    standings: Mapping[tuple[Lang, str], SectionStanding]


def sections_view(answers: Answers, sides: Sides, names: TwinNames, say: Say) -> tuple[SectionView, ...]:
    """The title and all sections of both faces."""
    whole = whole_texts(answers)
    headings = HEADINGS["th" if say.language == "th" else "en"]
    found = []
    for key in ("title", *SECTIONS):
        marks = section_mismatches(key, answers.one(f"th.{key}"), answers.one(f"en.{key}"), names, whole)
        both = all(answers.one(f"{lang}.{key}").strip() for lang in LANGUAGES)
        doubtful = any(
            (item := sides.standings.get((lang, key))) is not None and item.standing in ("behind", "machine-unchecked")
            for lang in LANGUAGES
        )
        found.append(
            SectionView(
                key,
                say("Title") if key == "title" else headings[key],
                tuple(_side(lang, key, answers, sides, say) for lang in in_order(say.language)),
                tuple(mismatch_view(mark, answers.one(f"{mark.language}.{key}"), say) for mark in marks),
                both and doubtful,
            )
        )
    return tuple(found)


def whole_texts(answers: Answers) -> dict[Lang, str]:
    return {lang: "\n".join(answers.one(f"{lang}.{key}") for key in ("title", *SECTIONS)) for lang in LANGUAGES}


def _side(language: Lang, key: str, answers: Answers, sides: Sides, say: Say) -> SideView:
    text = answers.one(f"{language}.{key}")
    state, item = sides.states.get((language, key)), sides.standings.get((language, key))
    lines = sum(1 + len(line) // 55 for line in text.split("\n"))
    return SideView(
        language=language,
        name=f"{language}.{key}",
        rows=2 if key == "title" else max(4, min(18, lines + 1)),
        limit=MAX_TITLE if key == "title" else MAX_SECTION,
        state=_state_text(state, say) if state else "",
        standing=_standing_text(item, say) if item else "",
        behind=item is not None and item.standing == "behind",
        since=item.since if item else (),
    )


def _state_text(state: SectionState, say: Say) -> str:
    names = {"original": say("Original"), "machine": say("Machine translation"), "checked": say("Translated and checked")}
    return " · ".join(part for part in (names[state.state], state.by, day(state.at, say)) if part)


def _standing_text(item: SectionStanding, say: Say) -> str:
    texts = {
        "in-step": "",
        "behind": say("Behind: the other side has changed since"),
        "missing": say("Not written yet"),
        "machine-unchecked": say("No person has checked this yet"),
    }
    return texts[item.standing]


def mismatch_view(mark: Mismatch, text: str, say: Say) -> MismatchView:
    """A mismatch with the words around it."""
    other = say.tongue("en" if mark.language == "th" else "th")
    message = say("{kind}: not said in {language}").format(kind=_kind(mark.kind, say), language=other)
    before = text[max(0, mark.start - _AROUND) : mark.start].split("\n")[-1]
    after = text[mark.end : mark.end + _AROUND].split("\n")[0]
    return MismatchView(mark.language, mark.start, mark.end, before, mark.text, after, message)


def _kind(kind: str, say: Say) -> str:
    names = {
        "figure": say("Figure"),
        "percentage": say("Percentage"),
        "money": say("Amount"),
        "year": say("Year"),
        "name": say("Name"),
    }
    return names[kind]


def options(say: Say) -> dict[str, Options]:
    """What can be chosen, by field; codes of the taxonomy with their labels."""
    lists = {
        "country": "countries", "levels": "levels", "status": "status", "priority": "priorities", "principles": "principles",
        "secondary_priorities": "priorities", "beneficiaries": "beneficiaries", "sdgs": "sdgs", "evidence": "evidence",
        "cost.band": "cost_bands", "basis": "bases",
    }  # fmt: skip
    found: dict[str, Options] = {
        name: tuple((str(code), say.label(codes, code)) for code in say.taxonomy[codes]) for name, codes in lists.items()
    }
    relations = {
        "adapted-from": say("Adapted from"), "inspired-by": say("Inspired by"), "replaced": say("Took the place of"),
        "replaced-by": say("Was replaced by"), "spread-to": say("Spread to"),
    }  # fmt: skip
    confidences = {"high": say("High"), "medium": say("Medium"), "low": say("Low")}
    return found | {
        "role": tuple((code, role(code, say)) for code in ROLES),
        "relation": tuple((code, relations[code]) for code in RELATIONS),
        "confidence": tuple((code, confidences[code]) for code in CONFIDENCES),
    }


def ticks_first(found: Options, chosen: Iterable[str]) -> Options:
    """Boxes with those that are ticked in front, in the order in which the practice has them, so that it stays."""
    labels = dict(found)
    kept = [code for code in chosen if code in labels]
    return tuple((code, labels[code]) for code in (*kept, *(code for code in labels if code not in kept)))


def edit_page(head: Head, typed: Typed, sides: Sides, seat: Seat, say: Say, **more: bool | Unsaved | None) -> EditPage:
    """The page of the form."""
    entry = seat.entry
    found = options(say)
    for name in MANY:
        found[name] = ticks_first(found[name], typed.answers.all(name))
    messages = {name: say(problem.message).format(**problem.places) for name, problem in typed.problems.items()}
    names = seat.desk.twin_names.of(typed.answers.one("country"))
    unsaved = more.get("unsaved")
    return EditPage(
        head=head,
        typed=typed,
        sections=sections_view(typed.answers, sides, names, say),
        options=found,
        lists={name: tuple(RowView(row + 1, f"{name}.{row}") for row in typed.answers.rows(name)) for name in LISTS},
        languages=in_order(say.language),
        summary=tuple(Trouble(field_id(name), label_of(name, say), message) for name, message in messages.items()),
        messages=messages,
        unsaved=unsaved if isinstance(unsaved, Unsaved) else None,
        restored=bool(more.get("restored")),
        may_set_id=entry.practice is None,
        needs_reason=entry.practice is not None,
    )


def field_id(name: str) -> str:
    """The `id` of a field on the page."""
    return "f-" + name.replace(".", "-")


def label_of(name: str, say: Say) -> str:
    """What a field is called, for the summary of problems: "Sources 2", "Results (Thai)"."""
    if name == "reason":
        return say("What you changed and why")
    first, _, rest = name.partition(".")
    if first in LANGUAGES:
        return f"{field_name(rest, say)} ({say.tongue(first)})"
    parts = rest.split(".") if rest else []
    row = f" {int(parts[0]) + 1}" if parts and parts[0].isdecimal() else ""
    language = f" ({say.tongue(parts[-1])})" if parts and parts[-1] in LANGUAGES else ""
    return field_name(first, say) + row + language
