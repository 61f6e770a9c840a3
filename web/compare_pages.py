"""Two to four cases side by side: every fact and every section, what is the same in all, and what only one of them has."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kb.cells import guarded
from kb.fit.judge import Fit
from kb.fit.rules import Rules
from kb.records import SECTIONS, Lang, Practice
from web.fit_pages import compact, counts_line, outcome_name
from web.links import record_url
from web.markdown import render
from web.pages import Link, Say
from web.takeaway.facts import facts as practice_facts

LEAST, MOST = 2, 4

_MARK = re.compile(r"\[\^\d+\]")
"""A cell that begins with one of these is read as a formula by spreadsheets."""


@dataclass(frozen=True)
class Value:
    """One value of a fact; `only` where no other of the compared cases has it, though they share another one."""

    text: str
    only: bool


@dataclass(frozen=True)
class Cell:
    """What one case has in a row: values of a fact, or the text of a section as HTML and as it was written."""

    values: tuple[Value, ...] = ()
    html: Markup | str = ""
    language: str = ""
    text: str = ""

    def plain(self) -> str:
        """All of it as text."""
        return self.text or "; ".join(value.text for value in self.values)


@dataclass(frozen=True)
class Row:
    """One field; where all cases say the same there is one cell."""

    name: str
    same: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Case:
    """A compared case; `without_url` leaves it out."""

    id: str
    link: Link
    title_th: str
    title_en: str
    without_url: str


@dataclass(frozen=True)
class ComparePage:
    """The table, and what was wrong with the address, if anything."""

    problems: tuple[str, ...]
    cases: tuple[Case, ...]
    rows: tuple[Row, ...]
    csv_url: str
    json_url: str
    order_url: str


@dataclass(frozen=True)
class Compared:
    """What is compared: the practices in order, and how each fits the context, where one was given."""

    practices: tuple[Practice, ...]
    fits: Mapping[str, Fit]
    fit: str
    """The context in its compact form."""


def compare_page(compared: Compared, problems: Sequence[str], rules: Rules, say: Say) -> ComparePage:
    """Build the page."""
    names = [practice.id for practice in compared.practices]

    def address(end: str, chosen: Sequence[str], *more: tuple[str, str]) -> str:
        pairs = [("id", name) for name in chosen] + ([("fit", compared.fit)] if compared.fit else []) + list(more)
        return f"/{say.language}/compare{end}?{compact(pairs)}"

    return ComparePage(
        problems=tuple(problems),
        cases=tuple(
            Case(
                practice.id,
                Link(
                    practice.title.get(say.language),
                    record_url(say.language, "practice", practice.id),
                    _face(practice, say),
                ),
                practice.title.th,
                practice.title.en,
                address("", [name for name in names if name != practice.id]) if len(names) > LEAST else "",
            )
            for practice in compared.practices
        ),
        rows=tuple(compare_rows(compared, rules, say)) if len(names) >= LEAST else (),
        csv_url=address(".csv", names),
        json_url=address(".json", names),
        order_url=address("", names, ("order", "fit")) if len(names) >= LEAST else "",
    )


def compare_rows(compared: Compared, rules: Rules, say: Say) -> list[Row]:
    """All facts, then how each case fits the context, then all sections that any of the cases has."""
    facts = [{fact.name: fact.values for fact in practice_facts(practice, say)} for practice in compared.practices]
    names = dict.fromkeys(name for of_case in facts for name in of_case)
    rows = [_fact_row(name, [of_case.get(name, ()) for of_case in facts]) for name in names]
    if compared.fit:
        fits = [compared.fits[practice.id] for practice in compared.practices]
        rows.append(_fact_row(say("Your context"), [_fit_values(fit, rules, say) for fit in fits]))
    told = {section for practice in compared.practices for face in practice.faces.values() for section in face.sections}
    return rows + [
        _row(say.section(section), [_text_cell(practice, section, say) for practice in compared.practices])
        for section in SECTIONS
        if section in told
    ]


def _fact_row(name: str, values: Sequence[tuple[str, ...]]) -> Row:
    if len({frozenset(of_case) for of_case in values}) == 1:
        values = [values[0]] * len(values)  # the same values in another order are the same
    spread = Counter(value for of_case in values for value in set(of_case))
    shared = any(count > 1 for count in spread.values())  # where all differ, marks on each value would say nothing more
    return _row(name, [Cell(tuple(Value(value, shared and spread[value] == 1) for value in of_case)) for of_case in values])


def _row(name: str, cells: Sequence[Cell]) -> Row:
    same = len({(cell.plain(), cell.language) for cell in cells}) == 1
    return Row(name, same, tuple(cells[:1] if same else cells))


def _fit_values(fit: Fit, rules: Rules, say: Say) -> tuple[str, ...]:
    labels = {rule.id: rule.label.get(say.language) for rule in rules.preconditions}
    lines = [f"{outcome_name(j.outcome, say)}: {labels[j.need.rule]}" for j in fit.judged if j.outcome != "unknown"]
    return (counts_line(fit, say), *lines)


def _face(practice: Practice, say: Say) -> Lang:
    """The language that a case's texts are shown in: the reader's where there is such a face."""
    own: Lang = "th" if say.language == "th" else "en"
    return own if own in practice.faces else next(iter(practice.faces))


def _text_cell(practice: Practice, section: str, say: Say) -> Cell:
    language = _face(practice, say)
    if section not in practice.faces[language].sections:
        language = next((lang for lang in practice.faces if section in practice.faces[lang].sections), language)
    text = _MARK.sub("", practice.faces[language].sections.get(section, "")).strip()
    return Cell(html=render(text, "", "") if text else "", language=language, text=text)


def compare_csv(compared: Compared, rules: Rules, say: Say) -> str:
    """The table as CSV with a byte-order mark, so that spreadsheets read Thai; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in (say("Field"), *(p.title.get(say.language) for p in compared.practices))])
    writer.writerow(["id", *(safe_cell(practice.id) for practice in compared.practices)])
    for row in compare_rows(compared, rules, say):
        cells = row.cells * len(compared.practices) if row.same else row.cells
        writer.writerow([safe_cell(row.name), *(safe_cell(cell.plain()) for cell in cells)])
    return "\ufeff" + out.getvalue()


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows as text: list marks become bullets, and what could begin a formula gets an apostrophe."""
    text = re.sub(r"^- ", "• ", text, flags=re.MULTILINE)
    return guarded(text)


def compare_json(compared: Compared, rules: Rules, say: Say) -> dict[str, Any]:
    """The table for a program: for each field whether all say the same, and each case's values or text."""
    names = [practice.id for practice in compared.practices]
    fields = []
    for row in compare_rows(compared, rules, say):
        cells = row.cells * len(names) if row.same else row.cells
        contents = [
            {"text": cell.text, "language": cell.language} if cell.text else [value.text for value in cell.values]
            for cell in cells
        ]
        fields.append({"name": row.name, "same": row.same, "cases": dict(zip(names, contents, strict=True))})
    titles = {practice.id: {"th": practice.title.th, "en": practice.title.en} for practice in compared.practices}
    return {"language": say.language, "titles": titles, "fields": fields}
