"""The form in which a case is written: its fields with help and an example, what was typed, and the draft that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from kb.desk.completeness import to_submit
from kb.desk.entries import blank
from kb.records import SECTIONS, Agency, Bilingual, Face, Lang, Practice
from kb.taxonomy import Taxonomy
from kb.text.years import to_buddhist_era, to_common_era
from web.desk.submit_help import help_of, name_of
from web.pages import Say

Shape = Literal["line", "lines", "text", "year", "country", "levels"]

TEXTS = tuple(name for name in SECTIONS if name != "questions")
FIELDS: Mapping[str, Shape] = {
    "title": "line", "country": "country", "agencies": "lines", "start": "year", "end": "year", "place": "line",
    "levels": "levels", **dict.fromkeys(TEXTS, "text"),
}  # fmt: skip
"""In the order of the form."""

MAX_LINE, MAX_LINES, MAX_TEXT = 300, 20, 20_000
"""Characters of a line, lines of the agencies, characters of a section."""

_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_YEAR = re.compile(r"(?:พ\.?ศ\.?|ค\.?ศ\.?|B\.?E\.?|C\.?E\.?)?\s*(\d{4})", re.IGNORECASE)
_FIRST, _LAST = 1900, 2100


@dataclass(frozen=True)
class Option:
    value: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class FieldView:
    """A field of the form: what was typed, what is wrong with it, and what somebody else saved there meanwhile."""

    name: str
    shape: Shape
    label: str
    help: str
    example: str
    needed: bool
    value: str
    options: tuple[Option, ...]
    limit: int
    rows: int
    language: str
    error: str = ""
    theirs: str = ""


@dataclass(frozen=True)
class Typed:
    """What was typed, by field, before anybody checked it."""

    face: Lang
    values: Mapping[str, str]

    @classmethod
    def of_practice(cls, practice: Practice, face: Lang) -> Typed:
        """The form's text of a draft; years in the era of the face."""
        own = practice.faces.get(face)
        values = {
            "title": own.title if own else "",
            "country": practice.country,
            "agencies": "\n".join(agency.name.get(face) for agency in practice.agencies),
            "start": _year_text(practice.start, face),
            "end": _year_text(practice.end, face),
            "place": practice.place.get(face),
            "levels": " ".join(practice.levels),
        }
        return cls(face, values | {name: own.sections.get(name, "") if own else "" for name in TEXTS})

    @classmethod
    def of_form(cls, face: str, items: Iterable[tuple[str, str]]) -> Typed:
        """What a browser sent; unknown names are left out, and levels that were ticked stand in one text."""
        values: dict[str, str] = {}
        for name, value in items:
            if name in FIELDS:
                value = value.replace("\r\n", "\n").replace("\x00", "")
                values[name] = f"{values[name]} {value}" if name == "levels" and name in values else value
        return cls("en" if face == "en" else "th", values)

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def anything(self) -> bool:
        """Whether something is written that would be a pity to lose."""
        return any(self.get(name).strip() for name in FIELDS)


@dataclass(frozen=True)
class Read:
    """A form that was read: the draft, and what is wrong by field (keys of messages)."""

    practice: Practice
    errors: Mapping[str, str]


def read_form(typed: Typed, taxonomy: Taxonomy, before: Practice | None = None) -> Read:
    """The draft that the form makes of the one before. A field with an error keeps what it was before."""
    practice, errors = before or blank(), _too_long(typed)
    face = practice.faces.get(typed.face) or Face(typed.face, "", {})
    sections = dict(face.sections)
    for name in TEXTS:
        if name not in errors:
            sections[name] = typed.get(name).strip()
    title = " ".join(typed.get("title").split()) if "title" not in errors else face.title
    country = typed.get("country").strip()
    years = {name: _year(typed.get(name)) for name in ("start", "end")}
    errors |= {name: "Write the year with four digits, such as 2561 or 2018." for name, year in years.items() if year == 0}
    if years["start"] and years["end"] and years["end"] < years["start"]:
        errors["end"] = "The case cannot end before it began."
    known = {
        "country": country if country in taxonomy["countries"] else "",
        "levels": tuple(value for value in typed.get("levels").split() if value in taxonomy["levels"]),
        "start": years["start"] or None,
        "end": years["end"] or None,
        "place": _two_sided(practice.place, " ".join(typed.get("place").split()), typed.face),
        "agencies": _agencies(practice, typed),
    }
    facts = {name: value for name, value in known.items() if name not in errors}
    own = replace(face, title=title, sections={name: text for name, text in sections.items() if text})
    return Read(replace(practice, **facts, faces={**practice.faces, typed.face: own}), errors)  # type: ignore[arg-type]


def _too_long(typed: Typed) -> dict[str, str]:
    errors = {
        name: "The text is too long; shorten it, or attach it as a file." for name in TEXTS if len(typed.get(name)) > MAX_TEXT
    }
    errors |= {name: "The line is too long; shorten it." for name in ("title", "place") if len(typed.get(name)) > MAX_LINE}
    lines = typed.get("agencies").strip().split("\n")
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        errors["agencies"] = "Too many or too long names; one agency a line, at most 20."
    return errors


def _year(text: str) -> int | None:
    """A year in the Common Era; `None` for nothing, 0 for what is no year."""
    text = text.translate(_DIGITS).strip()
    if not text:
        return None
    match = _YEAR.fullmatch(text)
    year = to_common_era(int(match[1])) if match else 0
    return year if _FIRST <= year <= _LAST else 0


def _year_text(year: int | None, face: Lang) -> str:
    return "" if year is None else str(to_buddhist_era(year) if face == "th" else year)


def _two_sided(before: Bilingual, text: str, face: Lang) -> Bilingual:
    """The text in the form's language; the other side stays, unless all was taken out."""
    if text == before.get(face):
        return before
    if not text:
        return Bilingual("", "")
    return replace(before, **{face: text})


def _agencies(practice: Practice, typed: Typed) -> tuple[Agency, ...]:
    """One agency a line; one that was there before keeps its name in the other language and its part. The first one leads."""
    known = {agency.name.get(typed.face): agency for agency in practice.agencies}
    names = dict.fromkeys(" ".join(line.split()) for line in typed.get("agencies").split("\n") if line.strip())
    made = [
        known.get(name) or Agency(_two_sided(Bilingual("", ""), name, typed.face), None if number else "lead")
        for number, name in enumerate(names)
    ]
    return tuple(made)


def gaps_of(practice: Practice) -> frozenset[str]:
    """Fields without which a draft cannot be submitted, and which are empty."""
    return frozenset(gap.field for gap in to_submit(practice))


def fields_of(
    typed: Typed, say: Say, errors: Mapping[str, str], needed_now: frozenset[str] = frozenset(), theirs: Typed | None = None
) -> tuple[FieldView, ...]:
    """The form. `errors` are told at their fields; so are `needed_now`, the gaps that keep a draft from being submitted."""
    return tuple(_field(name, shape, typed, say, errors, needed_now, theirs) for name, shape in FIELDS.items())  # fmt: skip


def _field(
    name: str, shape: Shape, typed: Typed, say: Say, errors: Mapping[str, str], needed_now: frozenset[str], theirs: Typed | None
) -> FieldView:
    text, example = help_of(name, say)
    error = say(errors[name]) if name in errors else (say("This is needed to submit the case.") if name in needed_now else "")
    other = theirs.get(name) if theirs is not None and theirs.get(name).strip() != typed.get(name).strip() else ""
    return FieldView(
        name=name,
        shape=shape,
        label=name_of(name, say),
        help=text,
        example=example,
        needed=name in NEEDED,
        value=typed.get(name),
        options=_options(name, typed, say),
        limit=MAX_TEXT if shape == "text" else MAX_LINE if shape == "line" else MAX_LINE * MAX_LINES,
        rows=3 if shape == "lines" else 4 if name == "summary" else 7,
        language=typed.face,
        error=error,
        theirs=other,
    )


NEEDED = frozenset({"title", "country", "agencies", "summary", "action"})


def _options(name: str, typed: Typed, say: Say) -> tuple[Option, ...]:
    if name not in ("country", "levels"):
        return ()
    chosen = typed.get(name).split()
    listed = "countries" if name == "country" else "levels"
    return tuple(Option(key, say.label(listed, key), key in chosen) for key in say.taxonomy[listed])
