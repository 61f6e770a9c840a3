"""Writes what the desk changed in the lists back into their files; comments, order and untouched entries keep their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kb.errors import StoreError
from kb.files import write_whole
from kb.overlay import TERMS, Change, Row, read_changes
from kb.store import Store
from kb.taxonomy import list_file
from kb.termbase import termbase_file
from kb.yaml_lists import load_numbered_rows, load_yaml

_WIDE = 1_000_000


@dataclass(frozen=True)
class ListsWritten:
    """Names of lists whose files were written, and (list, id) of entries that the file changed as well, which stay as there."""

    written: tuple[str, ...]
    disputed: tuple[tuple[str, str], ...]


def export_lists(store: Store, corpus: Path) -> ListsWritten:
    """Bring the files of the lists in step with the desk. Raises `CorpusError` or `StoreError` for a bad file."""
    written, disputed = [], []
    for name, changes in read_changes(store.database.conn).items():
        path = file_of(corpus, name)
        rows = {str(row["id"]): row for _, row in load_numbered_rows(path)} if path.exists() else {}
        disputed += [(name, key) for key, change in changes.items() if change.disputed(rows.get(key))]
        taken = {key: change for key, change in changes.items() if not change.disputed(rows.get(key))}
        wanted = {key: change.stands(rows.get(key)) for key, change in taken.items()}
        if any(row != rows.get(key) for key, row in wanted.items()):
            write_whole(path, _with(path, wanted, name == TERMS))
            written.append(name)
        _mark(store, name, taken)
    return ListsWritten(tuple(written), tuple(disputed))


def file_of(corpus: Path, name: str) -> Path:
    """The file of a list."""
    return termbase_file(corpus) if name == TERMS else list_file(corpus, name)


def _mark(store: Store, name: str, changes: Mapping[str, Change]) -> None:
    """Remember that the file agrees: a later edit of it is newer than the desk's."""
    with store.transaction():
        for key in changes:
            store.database.execute("UPDATE vocabulary SET base = row WHERE list = ? AND key = ?", [name, key])


def _with(path: Path, wanted: Mapping[str, Row | None], flow: bool) -> str:
    """The file's text with these entries in place of its own; `None` takes one out, new ones come last."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = text.splitlines(keepends=True)
    node, rows = load_yaml(text, path) if lines else (None, [])
    starts = [item.start_mark.line for item in node.value] if node is not None else []
    block = bool(rows) and not flow and not lines[starts[0]].lstrip("- ").startswith("{")
    out = lines[: starts[0]] if starts else lines
    for at, row in enumerate(rows or ()):
        end = starts[at + 1] if at + 1 < len(starts) else len(lines)
        own = _own(lines, starts[at], end)
        key = str(row["id"])
        if key not in wanted or wanted[key] == row:
            out += lines[starts[at] : own]
        elif (changed := wanted[key]) is not None:
            out.append(_entry(changed, block))
        out += lines[own:end]
    if out and not out[-1].endswith("\n"):
        out[-1] += "\n"
    known = {str(row["id"]) for row in rows or ()}
    out += [_entry(row, block) for key, row in wanted.items() if key not in known and row is not None]
    return _checked("".join(out), path, _expected(rows or (), wanted))


def _own(lines: Sequence[str], start: int, end: int) -> int:
    """Where an entry ends: comments and blank lines after it belong to the next one."""
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _entry(row: Row, block: bool) -> str:
    """An entry as the files have it: on one line, or with a field a line."""
    if not block:
        return f"- {yaml.safe_dump(row, allow_unicode=True, default_flow_style=True, sort_keys=False, width=_WIDE)}"
    fields = []
    for name, value in row.items():
        inline = isinstance(value, dict | list)
        dumped = yaml.safe_dump(
            value if inline else {name: value}, allow_unicode=True, default_flow_style=inline, sort_keys=False, width=_WIDE
        ).strip()
        fields.append(f"{name}: {dumped}" if inline else dumped)
    return "- " + "\n  ".join(fields) + "\n"


def _expected(rows: Sequence[Row], wanted: Mapping[str, Row | None]) -> list[Row]:
    held = [wanted.get(str(row["id"]), row) for row in rows]
    known = {str(row["id"]) for row in rows}
    added = [row for key, row in wanted.items() if key not in known]
    return [row for row in (*held, *added) if row is not None]


def _checked(text: str, path: Path, expected: list[Row]) -> str:
    _, found = load_yaml(text, path)
    if (found or []) != expected:
        raise StoreError(f"{path} could not be written so that it says the same; nothing was changed: edit it by hand")
    return text
