"""How often a case is opened: by people as far as can be told, added up over threads and processes, nothing else kept."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.encoder import FakeEncoder
from kb.repository import Repository
from web.app import create_app
from web.counts import Opened, ReadCounts, by_a_person

CASE = "th-traffy-fondue"
PATH = f"/th/practices/{CASE}"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("headers", "person", "why"),
    [
        ({"user-agent": FIREFOX}, True, "a reader"),
        ({"user-agent": FIREFOX, "referer": "https://kb.example/th/?q=x"}, True, "from the results"),
        ({"user-agent": FIREFOX, "referer": "https://kb.example/th/practices/th-other"}, True, "from another case"),
        (
            {"user-agent": FIREFOX, "referer": "https://kb.example/practices/xth-traffy-fondue"},
            True,
            "an id that ends the same",
        ),
        ({"user-agent": FIREFOX, "referer": f"https://kb.example{PATH}?view=both"}, False, "another view of the same case"),
        ({"user-agent": FIREFOX, "referer": f"https://kb.example/en/practices/{CASE}"}, False, "the other language"),
        ({"user-agent": FIREFOX, "sec-purpose": "prefetch;prerender"}, False, "fetched ahead"),
        ({"user-agent": FIREFOX, "purpose": "prefetch"}, False, "fetched ahead, as older browsers say it"),
        ({}, False, "a program that does not name itself"),
        ({"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, False, "a crawler"),
        ({"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, False, "a crawler"),
        ({"user-agent": "facebookexternalhit/1.1"}, False, "a link preview"),
        ({"user-agent": "curl/8.5.0"}, False, "a program"),
        ({"user-agent": "python-requests/2.32"}, False, "a program"),
        ({"user-agent": "Mozilla/5.0 (Linux; Android 9; CUBOT_X19)"}, True, "a phone whose maker is called so"),
    ],
)
def test_people_are_told_from_programs(headers: dict[str, str], person: bool, why: str) -> None:
    assert by_a_person(headers, PATH) is person, why


def test_what_is_held_is_told_before_it_is_written_and_survives(tmp_path: Path) -> None:
    months = iter([datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)])
    counts = ReadCounts(tmp_path / "reads.db", now=lambda: next(months))
    assert counts.opened("a") is None
    counts.add("a")
    assert counts.opened("a") == Opened(1, date(2026, 1, 1))
    assert not (tmp_path / "reads.db").exists(), "a reader waits for no disk"
    counts.flush()
    counts.add("a")
    counts.close()
    again = ReadCounts(tmp_path / "reads.db")
    assert again.opened("a") == Opened(2, date(2026, 1, 1))
    assert again.opened("b") is None


def test_the_file_holds_numbers_by_case_and_month_and_nothing_else(tmp_path: Path) -> None:
    counts = ReadCounts(tmp_path / "reads.db", now=lambda: datetime(2026, 3, 5, 14, 3, tzinfo=UTC))
    for record in ("a", "b", "a"):
        counts.add(record)
    counts.close()
    with sqlite3.connect(tmp_path / "reads.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        assert tables == ["opened"]
        assert database.execute("SELECT * FROM opened").fetchall() == [("a", "2026-03", 2), ("b", "2026-03", 1)]
    database.close()


def test_threads_lose_no_opening(tmp_path: Path) -> None:
    counts = ReadCounts(tmp_path / "reads.db")

    def read() -> None:
        for number in range(200):
            counts.add("a")
            if number % 40 == 0:
                counts.flush()

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts.close()
    opened = ReadCounts(tmp_path / "reads.db").opened("a")
    assert opened is not None
    assert opened.times == 1600


def _one_process(path: Path) -> None:
    counts = ReadCounts(path)
    for _ in range(50):
        counts.add("a")
        counts.flush()


def test_processes_add_to_one_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_one_process, args=(tmp_path / "reads.db",)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    opened = ReadCounts(tmp_path / "reads.db").opened("a")
    assert opened is not None
    assert opened.times == 100


def test_where_nothing_can_be_written_counts_are_held_for_later(tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    counts = ReadCounts(folder / "reads.db")
    counts.add("a")
    counts.flush()
    folder.mkdir()
    counts.close()
    assert ReadCounts(folder / "reads.db").opened("a") is not None


def test_a_damaged_file_keeps_nobody_from_reading(tmp_path: Path) -> None:
    (tmp_path / "reads.db").write_bytes(b"no database" * 100)
    counts = ReadCounts(tmp_path / "reads.db")
    counts.add("a")
    counts.flush()
    assert counts.opened("a") is None


def test_a_page_counts_its_readers_and_says_so(app: FastAPI, client: TestClient, tmp_path: Path) -> None:
    before = app.state.counts
    app.state.counts = ReadCounts(tmp_path / "reads.db", now=lambda: datetime(2026, 3, 5, tzinfo=UTC))
    try:
        client.get(PATH, headers={"user-agent": "Googlebot/2.1"})
        assert "เปิดอ่าน" not in client.get(PATH, headers={"user-agent": "Googlebot/2.1"}).text
        assert "เปิดอ่าน 1 ครั้งตั้งแต่เดือนมีนาคม 2569" in client.get(PATH, headers={"user-agent": FIREFOX}).text
        page = client.get(f"/en/practices/{CASE}", headers={"user-agent": FIREFOX})
        assert "Opened 2 times since March 2026." in page.text
        assert "Openings are counted, not people" in page.text
        assert "set-cookie" not in page.headers
        assert client.get("/en/practices/no-such", headers={"user-agent": FIREFOX}).status_code == 404
        assert app.state.counts.opened("no-such") is None, "addresses that do not exist fill no file"
    finally:
        app.state.counts.close()
        app.state.counts = before


def test_a_server_writes_what_it_holds_when_it_stops_and_counts_nothing_where_it_is_switched_off(
    app: FastAPI,
) -> None:
    given = app.state.repository.settings
    for switch, expected in ((1, True), (0, False)):
        settings = replace(given, count_readers=switch)
        assert (create_app(Repository(settings, FakeEncoder())).state.counts is not None) is expected
    started = create_app(Repository(given, FakeEncoder()))
    with TestClient(started) as running:
        before = started.state.counts.opened("asean-pemna")
        running.get("/en/practices/asean-pemna", headers={"user-agent": FIREFOX})
    after = ReadCounts(given.reads).opened("asean-pemna")
    assert after is not None
    assert after.times == (before.times if before else 0) + 1
