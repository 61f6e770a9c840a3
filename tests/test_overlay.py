"""Which row holds where the desk and the file of a list both have one, and how the desk's go back into the files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from kb.list_files import export_lists, file_of
from kb.overlay import NO_CHANGES, TERMS, Change, changes_of, overlaid, read_changes
from kb.repository import Repository
from kb.store import Store
from kb.taxonomy import LISTS, load_taxonomy
from kb.termbase import load_termbase

OLD, NEW, OTHER = {"id": "a", "th": ["ก"]}, {"id": "a", "th": ["ข"]}, {"id": "a", "th": ["ค"]}

HOLDING = [
    ("not exported yet", OLD, Change(NEW, OLD), NEW, False),
    ("exported", NEW, Change(NEW, NEW), NEW, False),
    ("the file was edited after the export", OTHER, Change(NEW, NEW), OTHER, False),
    ("both were edited", OTHER, Change(NEW, OLD), NEW, True),
    ("both were edited alike", NEW, Change(NEW, OLD), NEW, False),
    ("new here", None, Change(NEW, None), NEW, False),
    ("taken out here", OLD, Change(None, OLD), None, False),
    ("taken out here, and the file edited", OTHER, Change(None, OLD), None, True),
    ("taken out of the file after the export", None, Change(NEW, NEW), None, False),
    ("put back into the file after the export", OLD, Change(None, None), OLD, False),
]


@pytest.mark.parametrize(("reason", "written", "change", "holds", "disputed"), HOLDING, ids=[row[0] for row in HOLDING])
def test_which_row_holds(reason: str, written: Any, change: Change, holds: Any, disputed: bool) -> None:
    rows = [(3, written)] if written else []
    assert [row for _, row in overlaid(rows, {"a": change})] == ([holds] if holds else []), reason
    assert change.disputed(written) is disputed


def test_rows_keep_their_places_and_new_ones_come_last() -> None:
    rows = [(1, {"id": "a"}), (2, {"id": "b"}), (5, {"id": "c"})]
    changes = {"b": Change({"id": "b", "en": ["x"]}, {"id": "b"}), "d": Change({"id": "d"}, None)}
    assert overlaid(rows, changes) == [(1, {"id": "a"}), (2, {"id": "b", "en": ["x"]}), (5, {"id": "c"}), (5, {"id": "d"})]


def test_without_a_database_nothing_was_changed(tmp_path: Path) -> None:
    assert changes_of(tmp_path / "kb.db") == ("", NO_CHANGES)


def put(store: Store, name: str, key: str, change: Change) -> None:
    from kb.desk.lists import Edit, write_change

    write_change(store, Edit(name, key, change.row), change, None, "why", "2026-01-01T00:00:00Z")


@pytest.fixture
def folder(tmp_path: Path, corpus: Path) -> Path:
    """A copy of the lists."""
    for name in ("taxonomy", "termbase"):
        shutil.copytree(corpus / name, tmp_path / "corpus" / name)
    return tmp_path / "corpus"


@pytest.mark.parametrize("name", [TERMS, *LISTS])
def test_a_changed_entry_goes_into_its_file_and_nothing_else_moves(folder: Path, repository: Repository, name: str) -> None:
    path = file_of(folder, name)
    before = path.read_text(encoding="utf-8")
    rows = yaml.safe_load(before)
    row = rows[len(rows) // 2]
    changed = {**row, "definition": {"th": 'คำ "อธิบาย": ก', "en": "a, b: [c] # d"}} if name != TERMS else {
        **row, "en": [*row["en"], 'A "quoted": form, [with] # signs'],
    }  # fmt: skip
    with repository.store() as store:
        put(store, name, str(row["id"]), Change(changed, row))
        assert export_lists(store, folder).written == (name,)
        after = path.read_text(encoding="utf-8")
        rows[len(rows) // 2] = changed
        assert yaml.safe_load(after) == rows
        kept = [line for line in before.splitlines() if line in after.splitlines()]
        assert len(before.splitlines()) - len(kept) <= len(row)
        comments = [line for line in before.splitlines() if line.startswith("#")]
        assert [line for line in after.splitlines() if line.startswith("#")] == comments
        assert export_lists(store, folder).written == ()
    load_taxonomy(folder)


def test_entries_that_come_and_go(folder: Path, repository: Repository) -> None:
    path = file_of(folder, TERMS)
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    new = {"id": "river-clinic", "domain": "health", "th": ["คลินิกเรือ"], "en": ["river clinic"]}
    with repository.store() as store:
        put(store, TERMS, "river-clinic", Change(new, None))
        put(store, TERMS, rows[0]["id"], Change(None, rows[0]))
        export_lists(store, folder)
        assert yaml.safe_load(path.read_text(encoding="utf-8")) == [*rows[1:], new]
        assert [entry.id for entry in load_termbase(folder)][-1] == "river-clinic"


def test_a_file_that_was_edited_too_is_left_alone(folder: Path, repository: Repository) -> None:
    path = file_of(folder, TERMS)
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    before = path.read_bytes()
    with repository.store() as store:
        theirs = {**rows[0], "en": ["Theirs"]}
        put(store, TERMS, rows[0]["id"], Change({**rows[0], "en": ["Ours"]}, theirs))
        found = export_lists(store, folder)
        assert (found.written, found.disputed) == ((), ((TERMS, rows[0]["id"]),))
        assert path.read_bytes() == before


def test_a_file_edited_after_the_export_is_the_newer_one(folder: Path, repository: Repository) -> None:
    path = file_of(folder, "levels")
    row = yaml.safe_load(path.read_text(encoding="utf-8"))[0]
    with repository.store() as store:
        put(store, "levels", row["id"], Change({**row, "en": "From the desk"}, row))
        export_lists(store, folder)
        path.write_text(path.read_text(encoding="utf-8").replace("From the desk", "From the file"), encoding="utf-8")
        labels = load_taxonomy(folder, None, read_changes(store.database.conn))["levels"]
    assert labels[row["id"]].label.en == "From the file"
