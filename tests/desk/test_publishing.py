"""Publishing and withdrawing: the record and the entry agree at every moment, whatever is interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from desk_parts import complete, draft

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.entries import Entry, EntryError, StaleError
from kb.desk.publishing import NotReadyError
from kb.desk.rights import RightsError, State
from kb.errors import KbError
from kb.export import export_practices, export_withdrawn
from kb.ingest.progress import Progress
from kb.moved import load_moved
from kb.records import Bilingual, Practice
from kb.repository import Repository

REASON = Bilingual("ตัวเลขผิด", "The figures were wrong")


def approved(desk: Desk, people: dict[str, Account], practice: Practice) -> Entry:
    """An entry that somebody else than its author approved, whatever else approving asks for."""
    entry = desk.entries.create(practice, people["contributor"])
    for to, who in [(State.SUBMITTED, "contributor"), (State.IN_REVIEW, "reviewer")]:
        entry = desk.workflow.move(entry.number, to, people[who])
    with desk.store.writing():
        desk.store.database.table("entries").update(entry.number, {"state": "approved", "approved": entry.revision})
    return desk.entries.required(entry.number)


@pytest.fixture
def public(desk: Desk, people: dict[str, Account]) -> Entry:
    return desk.publisher.publish(approved(desk, people, complete()).number, people["editor"])


def test_what_is_published_is_what_was_approved(desk: Desk, public: Entry) -> None:
    assert (public.state, public.practice) == (State.PUBLISHED, "la-mobile-counters-for-remote-villages")
    assert desk.store.practice(public.practice) == replace(complete(), id=public.practice)
    assert not desk.store.missing_vectors(desk.repository.encoder.fingerprint)
    assert desk.store.edited(public.practice), "kb export has to write it"


def test_what_lacks_something_is_refused_and_says_what(desk: Desk, people: dict[str, Account]) -> None:
    entry = approved(desk, people, draft())
    with pytest.raises(NotReadyError) as refused:
        desk.publisher.publish(entry.number, people["editor"])
    assert {gap.field for gap in refused.value.gaps} >= {"levels", "priority", "sources"}
    assert desk.entries.required(entry.number).state is State.APPROVED


def test_a_text_that_nobody_approved_is_refused(desk: Desk, people: dict[str, Account]) -> None:
    entry = approved(desk, people, complete())
    desk.entries.save(entry.number, complete("Changed since"), 1, people["editor"])
    with pytest.raises(RightsError):
        desk.publisher.publish(entry.number, people["editor"])
    assert not desk.store.counts()["practices"]


def test_two_cases_of_one_title_get_two_addresses(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    other = desk.publisher.publish(approved(desk, people, complete()).number, people["editor"])
    assert other.practice == f"{public.practice}-2"


def test_a_long_or_odd_title_gives_a_plain_address(desk: Desk, people: dict[str, Account]) -> None:
    entry = approved(desk, people, complete("Ünïversal “counters” & " + "very " * 30 + "long"))
    published = desk.publisher.publish(entry.number, people["editor"]).practice
    assert published is not None
    assert published.startswith("la-n-versal-counters-very")
    assert len(published) <= 60


def test_an_edit_stays_unseen_until_it_is_published(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    edited = desk.entries.save(public.number, complete("A better title"), public.revision, people["second"])
    assert edited.state is State.DRAFT
    assert edited.public
    assert desk.store.practice(public.practice or "").title.en == complete().title.en  # type: ignore[union-attr]


def test_a_case_that_was_changed_outside_the_desk_is_not_overwritten(
    desk: Desk, people: dict[str, Account], public: Entry
) -> None:
    record = public.practice or ""
    entry = desk.entries.save(public.number, complete("From the desk"), public.revision, people["second"])
    with desk.store.writing():
        desk.store.database.table("entries").update(entry.number, {"state": "approved", "approved": entry.revision})
    desk.store.edit(replace(complete("From the corpus"), id=record))
    with pytest.raises(EntryError, match="changed outside the desk"):
        desk.publisher.publish(entry.number, people["editor"])
    assert desk.store.practice(record).title.en == "From the corpus"  # type: ignore[union-attr]


def test_an_edit_between_reading_and_writing_is_seen(desk: Desk, people: dict[str, Account]) -> None:
    """The text that is published is the one whose passages were made."""
    entry = approved(desk, people, complete())
    encoder = desk.repository.encoder
    inner = encoder.encode

    def edits_meanwhile(texts: list[str], role: str) -> object:
        desk.entries.save(entry.number, complete("Meanwhile"), 1, people["second"])
        return inner(texts, role)

    encoder.encode = edits_meanwhile  # type: ignore[method-assign,assignment]
    with pytest.raises(StaleError):
        desk.publisher.publish(entry.number, people["editor"])
    assert not desk.store.counts()["practices"]


@pytest.mark.parametrize("statement", range(1, 40, 3))
def test_interrupted_at_any_statement_the_old_or_the_new_state_stands(
    desk: Desk, people: dict[str, Account], statement: int
) -> None:
    entry = approved(desk, people, complete())
    before = desk.store.content_state()
    finished = _publish_with_progress(desk, people, entry, statement)
    record = desk.store.rows(["la-mobile-counters-for-remote-villages"])
    now = desk.entries.required(entry.number)
    assert bool(record) == (now.state is State.PUBLISHED) == finished
    assert (desk.store.content_state() == before) == (not finished)


def _publish_with_progress(desk: Desk, people: dict[str, Account], entry: Entry, statement: int) -> bool:
    """Publish, but fail the nth write to the database as a full disk would; whether it got through."""
    connection = desk.store.database.conn
    seen = 0

    def authorise(action: int, *_: object) -> int:
        nonlocal seen
        if action in (9, 18, 23):  # DELETE, INSERT, UPDATE
            seen += 1
            if seen == statement:
                return 1
        return 0

    connection.set_authorizer(authorise)
    try:
        desk.publisher.publish(entry.number, people["editor"])
    except KbError:
        return False
    finally:
        connection.set_authorizer(None)
    return True


def test_withdrawing_leaves_a_tombstone_with_the_reason(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    desk.publisher.withdraw(public.number, people["editor"], REASON)
    assert desk.store.practice(public.practice or "") is None
    stone = desk.store.tombstone(public.practice or "")
    assert stone is not None
    assert (stone.reason, stone.day.isoformat()) == (REASON, "2026-03-01")


def test_withdrawing_needs_a_reason_in_both_languages(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    with pytest.raises(EntryError, match="in Thai and in English"):
        desk.publisher.withdraw(public.number, people["editor"], Bilingual(" ", "why"))
    assert desk.store.practice(public.practice or "") is not None


def test_an_owner_discards_a_draft_but_not_what_readers_see(desk: Desk, people: dict[str, Account]) -> None:
    entry = desk.entries.create(draft(), people["contributor"])
    assert desk.publisher.withdraw(entry.number, people["contributor"], Bilingual("", "")).state is State.WITHDRAWN
    public = desk.publisher.publish(approved(desk, people, complete()).number, people["editor"])
    desk.entries.save(public.number, complete("Again"), public.revision, people["editor"])
    with pytest.raises(RightsError):
        desk.publisher.withdraw(public.number, people["contributor"], REASON)
    assert desk.store.practice(public.practice or "") is not None


def test_a_withdrawn_case_can_come_back_to_its_address(desk: Desk, people: dict[str, Account], public: Entry) -> None:
    desk.publisher.withdraw(public.number, people["editor"], REASON)
    entry = desk.workflow.move(public.number, State.DRAFT, people["editor"])
    with desk.store.writing():
        desk.store.database.table("entries").update(entry.number, {"state": "approved", "approved": entry.revision})
    again = desk.publisher.publish(entry.number, people["editor"])
    assert again.practice == public.practice
    assert desk.store.tombstone(public.practice or "") is None


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def test_out_by_export_and_in_by_ingestion_nothing_is_lost(
    desk: Desk, people: dict[str, Account], public: Entry, files: Path, repository: Repository
) -> None:
    before = desk.store.practice(public.practice or "")
    assert export_practices(desk.store, files)[0] == [public.practice]
    report = repository.ingest([files], Progress(quiet=True))
    assert not report.failed
    assert desk.store.practice(public.practice or "") == before
    assert not desk.store.edited(public.practice or "")
    assert desk.entries.open(public.practice or "", people["editor"]).revision == public.revision


def test_a_file_does_not_bring_a_withdrawn_case_back(
    desk: Desk, people: dict[str, Account], public: Entry, files: Path, repository: Repository
) -> None:
    export_practices(desk.store, files)
    desk.publisher.withdraw(public.number, people["editor"], REASON)
    report = repository.ingest([files], Progress(quiet=True))
    assert "was withdrawn here on 2026-03-01" in next(iter(report.failed.values()))
    assert desk.store.practice(public.practice or "") is None


@pytest.mark.parametrize("before", ["- {id: th-old, to: th-new, day: 2026-01-01}", "[]\n"])
def test_what_was_withdrawn_is_exported_as_such(
    desk: Desk, people: dict[str, Account], public: Entry, tmp_path: Path, before: str
) -> None:
    desk.publisher.withdraw(public.number, people["editor"], REASON)
    path = tmp_path / "moved.yaml"
    path.write_text(f"# what moved\n{before}", encoding="utf-8")
    assert export_withdrawn(desk.store, path) == [public.practice]
    assert export_withdrawn(desk.store, path) == [], "once"
    moved = load_moved(tmp_path)
    assert moved[public.practice or ""].reason == REASON
    assert set(moved) == {public.practice} | ({"th-old"} if before.startswith("-") else set())
