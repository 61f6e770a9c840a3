"""The commands `kb table ...`: practices as a spreadsheet, and what an edited one would change."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.errors import KbError
from kb.settings import load_settings

if TYPE_CHECKING:
    from kb.desk.table_preview import Preview
    from kb.records import Practice

PATH = click.Path(path_type=Path, dir_okay=False)


@click.group("table", epilog="Example:  kb table export cases.xlsx --country TH")
def table() -> None:
    """Practices as a table (.xlsx or .csv): write one, and check an edited one before it is brought in."""


@table.command("export", epilog="Example:  kb table export cases.xlsx --country TH")
@click.argument("file", type=PATH)
@click.option("--country", multiple=True, metavar="CODE", help="Only cases of this country; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def export(file: Path, country: tuple[str, ...], as_json: bool) -> None:
    """Write the practices of the database as a table with one row a case."""
    from kb.desk.table import write_table
    from kb.desk.table_files import FORMATS
    from kb.repository import Repository

    form = next((form for form in FORMATS if file.suffix.lower() == f".{form}"), None)
    if form is None:
        raise click.BadParameter(f"{file.name!r} ends neither in .xlsx nor in .csv.", param_hint="FILE")
    taxonomy = Repository(load_settings()).taxonomy
    codes = {code.upper() for code in country}
    if unknown := sorted(codes - set(taxonomy["countries"])):
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(taxonomy['countries'])}.", param_hint="--country")
    chosen = [practice for practice in _practices() if not codes or practice.country in codes]
    try:
        file.write_bytes(write_table(chosen, form, taxonomy))
    except OSError as exc:
        raise KbError(f"{file} cannot be written ({exc.strerror}); name another place") from exc
    click.echo(json.dumps({"file": str(file), "cases": len(chosen)}) if as_json else f"{len(chosen)} cases written to {file}")


@table.command("check", epilog="Example:  kb table check cases.xlsx")
@click.argument("file", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(file: Path, as_json: bool) -> None:
    """Tell what a table would change, and what is wrong with it. Nothing is changed."""
    from kb.desk.table import read_table
    from kb.desk.table_files import Limits
    from kb.desk.table_preview import preview
    from kb.repository import Repository

    try:
        with file.open("rb") as handle:
            data = handle.read(Limits().bytes + 1)
    except OSError as exc:
        raise KbError(f"{file} cannot be opened ({exc.strerror}); check the path") from exc
    read = read_table(data, file.name, Repository(load_settings()).taxonomy)
    found = preview(read, {practice.id: practice for practice in _practices()})
    click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(found)))
    sys.exit(1 if found.problems or found.conflicts else 0)


def _practices() -> list[Practice]:
    from kb.store import Store

    with Store(load_settings().database, readonly=True) as store:
        return [practice for practice, _, _ in store.practices()]


def _as_json(found: Preview) -> dict[str, object]:
    return {
        "new": [practice.id for practice in found.new],
        "changed": [{"id": c.after.id, "row": c.row, "fields": [d.key for d in c.differences]} for c in found.changed],
        "unchanged": len(found.unchanged),
        "conflicts": [{"id": c.id, "row": c.row, "reason": c.reason} for c in found.conflicts],
        "problems": [
            {"row": p.row, "column": p.column, "key": p.key, "th": p.message.th, "en": p.message.en} for p in found.problems
        ],
    }


def _lines(found: Preview) -> list[str]:
    lines = [f"{problem.column}{problem.row} {problem.key}: {problem.message.en}" for problem in found.problems]
    reasons = {"changed": "changed here since it was exported", "gone": "no longer here"}
    lines += [f"row {conflict.row} {conflict.id}: conflict, {reasons[conflict.reason]}" for conflict in found.conflicts]
    lines += [f"new: {practice.id}" for practice in found.new]
    lines += [f"changed: {c.after.id} ({', '.join(d.key for d in c.differences)})" for c in found.changed]
    return [
        *lines,
        f"new {len(found.new)}, changed {len(found.changed)}, unchanged {len(found.unchanged)}, "
        f"conflicts {len(found.conflicts)}, problems {len(found.problems)}",
    ]
