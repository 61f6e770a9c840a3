"""Tables brought in at the desk: one transaction, revisions, conflicts, undo."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from desk_parts import complete, draft
from review_world import opinion

from kb.desk.accounts import Account
from kb.desk.bulk import Bulk, ChangedMeanwhileError
from kb.desk.desk import Desk
from kb.desk.entries import Entry, EntryError
from kb.desk.held_tables import HELD_SECONDS, HeldTableError, HeldTables, Upload
from kb.desk.rights import State
from kb.desk.table import read_table, write_table
from kb.desk.table_preview import Step, preview
from kb.records import Bilingual

ID = "la-boat"


@pytest.fixture
def public(desk: Desk, people: dict[str, Account]) -> Entry:
    """A published case under the id `ID`."""
    entry = desk.entries.create(complete(), people["contributor"], wanted=ID)
    for to, who in ((State.SUBMITTED, "contributor"), (State.IN_REVIEW, "reviewer")):
        desk.workflow.move(entry.number, to, people[who])
    desk.reviews.add(entry.number, entry.revision, opinion(), people["reviewer"])
    desk.workflow.move(entry.number, State.APPROVED, people["reviewer"])
    return desk.publisher.publish(entry.number, people["editor"])


def stopped(desk: Desk) -> Step:
    before = Bulk(desk).present()[ID]
    return Step(ID, before, replace(before, status="stopped"))


def test_a_changed_row_becomes_an_edit_that_readers_do_not_see(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    batch = Bulk(desk).apply((stopped(desk),), people["editor"], "cases.xlsx")
    entry = desk.entries.required(public.number)
    assert (entry.state, entry.revision, entry.published) == (State.DRAFT, 2, 1)
    assert entry.authors == {people["editor"].id}, "who brought the table in may not approve it"
    shown = desk.store.practice(ID)
    assert shown is not None
    assert shown.status == "implemented"
    assert Bulk(desk).present()[ID].status == "stopped"
    assert (batch.new, batch.changed) == (0, 1)
    assert [line.target for line in desk.audit.lines() if line.action == "table-applied"] == [f"batch:{batch.id}"]


def test_a_new_row_becomes_a_draft_under_its_id(desk: Desk, people: dict[str, Account]) -> None:
    Bulk(desk).apply((Step("la-new", None, draft()),), people["editor"], "new.csv")
    [entry] = desk.entries.listed()
    assert entry.state is State.DRAFT
    assert Bulk(desk).present().keys() == {"la-new"}, "the same table again finds it there"
    assert desk.publisher.prepared(entry).id == "la-new"


def test_all_or_nothing(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    """The second row cannot be brought in, so the first is not either."""
    late = stopped(desk)
    desk.entries.save(public.number, replace(complete(), start=2020), 1, people["second"])
    with pytest.raises(ChangedMeanwhileError):
        Bulk(desk).apply((Step("la-new", None, draft()), late), people["editor"], "cases.xlsx")
    assert Bulk(desk).present().keys() == {ID}
    assert Bulk(desk).batches() == []


def test_undoing_puts_everything_back_as_it_stood(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    bulk = Bulk(desk)
    before = bulk.present()
    batch = bulk.apply((stopped(desk), Step("la-new", None, draft())), people["editor"], "cases.xlsx")
    assert bulk.undo(batch.id, people["second"]) == ()
    assert bulk.present() == before
    entry = desk.entries.required(public.number)
    assert (entry.state, entry.revision, entry.published, entry.approved) == (State.PUBLISHED, 3, 3, 3)
    with pytest.raises(EntryError, match="undone already"):
        bulk.undo(batch.id, people["editor"])


def test_undoing_leaves_what_somebody_worked_on_since(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    bulk = Bulk(desk)
    batch = bulk.apply((stopped(desk), Step("la-new", None, draft())), people["editor"], "cases.xlsx")
    desk.entries.save(public.number, replace(bulk.present()[ID], start=2019), 2, people["second"])
    [kept] = bulk.undo(batch.id, people["editor"])
    assert (kept.entry, kept.author) == (public.number, people["second"].id)
    assert bulk.present()[ID].start == 2019
    assert "la-new" not in bulk.present(), "the other row was undone all the same"


def test_a_withdrawn_cases_id_is_taken(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    desk.publisher.withdraw(public.number, people["editor"], Bilingual("ซ้ำ", "A duplicate."))
    assert Bulk(desk).taken([ID, "la-new"]) == {ID}
    with pytest.raises(ChangedMeanwhileError):
        Bulk(desk).apply((Step(ID, None, draft()),), people["editor"], "cases.xlsx")


def test_an_export_read_back_changes_nothing(desk: Desk, public: Entry) -> None:
    present = Bulk(desk).present()
    taxonomy = desk.repository.taxonomy
    found = preview(read_table(write_table(present.values(), "csv"), "cases.csv", taxonomy), present)
    assert found.unchanged == (public.practice,)
    assert not found.plan()


NAMES = [("../../etc/passwd", "a path"), ("x" * 5000, "long"), ("รายการ.xlsx", "Thai"), ("a\0b", "a nul")]


@pytest.mark.parametrize(("name", "reason"), NAMES)
def test_names_of_uploads_never_reach_the_disk(tmp_path: Path, name: str, reason: str) -> None:
    uploads = HeldTables(tmp_path / "uploads")
    uploads.keep(7, Upload(name, b"id\n"))
    assert {path.name for path in tmp_path.rglob("*")} == {"uploads", "table-7.bin", "table-7.json"}, reason
    assert uploads.get(7).data == b"id\n"


def test_an_upload_is_one_persons_and_lives_a_day(tmp_path: Path) -> None:
    uploads = HeldTables(tmp_path / "uploads")
    uploads.keep(7, Upload("a.csv", b"id\n"))
    with pytest.raises(HeldTableError):
        uploads.get(8)
    old = time.time() - HELD_SECONDS - 1
    os.utime(tmp_path / "uploads" / "table-7.bin", (old, old))
    with pytest.raises(HeldTableError):
        uploads.get(7)
