"""The index follows the database while a server runs, one process at a time, and a failure is no end."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from desk_parts import complete

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.upkeep import Upkeep, one_at_a_time
from kb.errors import StoreError
from kb.repository import Repository
from kb.search.engine import Request
from kb.store import Store


def publish(desk: Desk, people: dict[str, Account], title: str) -> str:
    entry = desk.entries.create(complete(title), people["contributor"])
    with desk.store.writing():
        desk.store.database.table("entries").update(entry.number, {"state": "approved", "approved": 1})
    return desk.publisher.publish(entry.number, people["editor"]).practice or ""


def test_the_index_follows_what_is_published_and_withdrawn(
    repository: Repository, desk: Desk, people: dict[str, Account]
) -> None:
    publish(desk, people, "Night markets")
    repository.ensure_index(desk.store)
    before = repository.opened(desk.store)
    record = publish(desk, people, "Floating clinics")
    assert record not in {hit.id for hit in before.search(Request("Floating clinics")).hits}
    Upkeep(repository).once(desk.store)
    after = repository.opened(desk.store)
    assert after.search(Request("Floating clinics")).hits[0].id == record


def test_an_index_that_is_right_is_left_alone(repository: Repository, desk: Desk, people: dict[str, Account]) -> None:
    publish(desk, people, "Night markets")
    upkeep = Upkeep(repository)
    upkeep.once(desk.store)
    before = repository.index_folder.stat().st_ino
    upkeep.once(desk.store)
    assert repository.index_folder.stat().st_ino == before


def test_one_process_works_and_the_others_leave_it_to_it(
    repository: Repository, desk: Desk, people: dict[str, Account]
) -> None:
    publish(desk, people, "Night markets")
    with one_at_a_time(repository.settings.home / "upkeep.lock") as mine:
        assert mine
        with one_at_a_time(repository.settings.home / "upkeep.lock") as also_mine:
            assert not also_mine
        Upkeep(repository).once(desk.store)
        assert not repository.index_folder.exists()
    Upkeep(repository).once(desk.store)
    assert repository.index_folder.exists()


def test_a_chore_that_fails_is_told_once_and_keeps_no_other_from_its_turn(
    repository: Repository, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[Path] = []

    def fails(_: Store) -> None:
        raise StoreError("the disk is full; make room")

    upkeep = Upkeep(repository, [fails, lambda store: done.append(store.path)])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            upkeep.once(desk.store)
    assert len(done) == 3
    assert [record.getMessage() for record in caplog.records] == ["the disk is full; make room"]


def test_the_thread_ends_when_it_is_asked_to(repository: Repository, desk: Desk) -> None:
    seen = threading.Event()
    upkeep = Upkeep(repository, [lambda _: seen.set()], every=0.01)
    upkeep.start()
    assert seen.wait(60)
    upkeep.stop()
    assert "upkeep" not in {thread.name for thread in threading.enumerate()}
