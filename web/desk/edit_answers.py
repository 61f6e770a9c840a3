"""What a person typed into the form of an entry, as it was typed: names of fields with their texts.

A field of a face is named `th.summary`; of a list, `sources.0.title`; of a bilingual fact, `place.th`. Whatever is not such a
name is left out, so that nothing else travels through the form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from kb.errors import KbError
from kb.records import LANGUAGES, SECTIONS

LISTS: Mapping[str, tuple[str, ...]] = {
    "agencies": ("th", "en", "role"),
    "partners": ("th", "en"),
    "awards": ("th", "en", "year"),
    "lineage": ("relation", "id", "th", "en"),
    "related": ("id", "th", "en"),
    "sources": ("title", "publisher", "year", "url", "copy"),
    "claims": ("number", "sources", "basis", "figures", "th", "en"),
}
"""Lists of facts and the parts of their rows. Each row has a box `gone` too, which takes it out."""

MANY = ("levels", "principles", "secondary_priorities", "beneficiaries", "sdgs")
"""Facts with several codes: boxes to tick."""

SINGLE = (
    "id", "country", "place.th", "place.en", "start", "end", "status", "priority", "evidence", "confidence", "cost.band",
    "cost.th", "cost.en", "study_visit.th", "study_visit.en",
)  # fmt: skip

MOST_ROWS: Mapping[str, int] = {
    "agencies": 20, "partners": 25, "awards": 15, "lineage": 10, "related": 20, "sources": 40, "claims": 40,
}  # fmt: skip
"""Rows of each list. Together with the other fields they stay below the thousand that a form may have."""
MAX_CHARACTERS = 600_000
"""Of a whole form."""

_FACES = frozenset(f"{lang}.{key}" for lang in LANGUAGES for key in ("title", *SECTIONS))
_KNOWN = _FACES | frozenset(SINGLE) | frozenset(MANY)
_ROW = re.compile(r"(?P<list>[a-z_]+)\.(?P<row>\d{1,2})\.(?P<part>[a-z]+)")


class FormTooLongError(KbError):
    """More was sent than a form holds."""


@dataclass(frozen=True)
class Answers:
    """Fields with what was typed into them; a field with boxes has several texts."""

    fields: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        """The text of a field, empty where it was not sent."""
        found = self.fields.get(name, ())
        return found[0] if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())

    def rows(self, name: str) -> list[int]:
        """The numbers of a list's rows, in order; some may be missing."""
        prefix = f"{name}."
        numbers = {int(field.split(".")[1]) for field in self.fields if field.startswith(prefix)}
        return sorted(numbers)

    def with_row(self, name: str) -> Answers:
        """One more empty row at the end of a list; no more than `MOST_ROWS` of them."""
        rows = self.rows(name)
        number = rows[-1] + 1 if rows else 0
        if name not in LISTS or number >= MOST_ROWS[name]:
            return self
        empty = {f"{name}.{number}.{part}": ("",) for part in LISTS[name] if part != "copy"}
        if name == "claims":
            numbers = [int(text) for row in rows if (text := self.one(f"claims.{row}.number")).isdecimal() and len(text) < 5]
            empty[f"claims.{number}.number"] = (str(max(numbers, default=0) + 1),)
        return Answers({**self.fields, **empty})

    def to_json(self) -> str:
        return json.dumps({name: list(texts) for name, texts in self.fields.items()}, ensure_ascii=False)

    def pairs(self) -> list[tuple[str, str]]:
        """Every field and text, for hidden fields of another form."""
        return [(name, text) for name, texts in self.fields.items() for text in texts]


def from_json(data: str) -> Answers:
    """The answers of a text that `to_json` wrote; nothing where it is another text."""
    try:
        found = json.loads(data)
        return _answers((name, text) for name, texts in found.items() if isinstance(texts, list) for text in texts)
    except (ValueError, TypeError, AttributeError):
        return Answers({})


def is_of_the_simple_form(data: str) -> bool:
    """Whether a kept text was written in the simple form, which offers it itself; its fields are others."""
    try:
        found = json.loads(data)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("form") == "write"


def clean(text: str) -> str:
    """A text with line breaks as we write them and without characters that no page shows."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in text if letter in "\n\t" or (letter >= " " and letter != "\x7f"))


def is_field(name: str) -> bool:
    """Whether the form has a field of this name."""
    if name in _KNOWN:
        return True
    match = _ROW.fullmatch(name)
    if match is None or match["list"] not in LISTS or not match["row"].isascii():
        return False
    return (match["part"] in LISTS[match["list"]] or match["part"] == "gone") and int(match["row"]) < MOST_ROWS[match["list"]]


def _answers(pairs: Iterable[tuple[str, object]]) -> Answers:
    found: dict[str, list[str]] = {}
    left = MAX_CHARACTERS
    for name, text in pairs:
        if isinstance(text, str) and is_field(name):
            left -= len(text)
            if left < 0:
                raise FormTooLongError("The entry is too long; shorten it, or keep the long text as an attachment.")
            found.setdefault(name, []).append(clean(text))
    return Answers({name: tuple(texts) for name, texts in found.items()})


@dataclass(frozen=True)
class Sent:
    """A form that was sent: its answers and the fields around them, or why it cannot be read."""

    answers: Answers
    base: int
    reason: str
    do: str
    others: Mapping[str, str]
    error: str = ""


async def _sent(request: Request) -> Sent:
    form = await request.form()
    pairs = list(form.multi_items())
    others = {name: clean(text)[:20_000] for name, text in pairs if isinstance(text, str) and not is_field(name)}
    base = others.get("base", "")
    number = int(base) if base.isascii() and base.isdecimal() and len(base) < 10 else 0
    error = ""
    try:
        answers = _answers(pairs)
    except FormTooLongError as exc:
        answers, error = Answers({}), str(exc)
    return Sent(answers, number, " ".join(others.get("reason", "").split()), others.get("do", "")[:60], others, error)


SentForm = Annotated[Sent, Depends(_sent)]
