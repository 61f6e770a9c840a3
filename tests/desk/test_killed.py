"""A server that is killed while it publishes: nothing that it confirmed is lost, and record, entry and index agree.

KB_KILLS sets how often it is killed (3; the release check uses 50).
"""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from desk_parts import PASSWORD, complete

from kb.desk.accounts import Account
from kb.desk.consistency import disagreements
from kb.desk.desk import Desk
from kb.desk.entries import Entry
from kb.desk.rights import Role, State
from kb.records import Bilingual
from kb.repository import Repository
from kb.settings import Settings

ROOT = Path(__file__).parent.parent.parent
KILLS = int(os.environ.get("KB_KILLS", "3"))
LONGEST = 1.5
"""Seconds after which the server is killed at the latest; publishing takes a tenth of that."""

pytestmark = pytest.mark.model


@pytest.fixture
def home(tmp_path: Path, prepared: Settings) -> Settings:
    """A data folder of its own with the real model."""
    home = tmp_path / "var"
    home.mkdir()
    for name in ("models", "runtime", "spaces"):
        if (prepared.home / name).exists():
            (home / name).symlink_to((prepared.home / name).resolve())
    return Settings(home=home, index=tmp_path / "index", corpus=ROOT / "corpus")


@contextmanager
def served(settings: Settings) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """`kb serve` in a process of its own, ready for requests."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    known = {"KB_HOME": settings.home, "KB_INDEX": settings.index, "KB_CORPUS": settings.corpus, "KB_PORT": port}
    environment = os.environ | {name: str(value) for name, value in known.items()} | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "kb.cli", "serve"], env=environment, stdout=subprocess.DEVNULL)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    try:
        for _ in range(1200):
            with suppress(httpx.HTTPError):
                if client.get("/healthz").status_code == 200:
                    break
            time.sleep(0.1)
        yield client, process
    finally:
        client.close()
        process.kill()
        process.wait()


def signed_in(client: httpx.Client) -> str:
    """Sign in as the editor; returns a token for forms."""
    page = client.get("/en/desk/sign-in").text
    form = {"token": _token(page), "email": "editor@agency.example", "password": PASSWORD}
    assert client.post("/en/desk/sign-in", data=form).status_code == 303
    return _token(client.get("/en/desk/me").text)


def _token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def approved(desk: Desk, editor: Account, number: int) -> Entry:
    practice = complete(f"Counter number {number} on the river")
    entry = desk.entries.create(practice, desk.accounts.by_email("contributor@agency.example"))  # type: ignore[arg-type]
    with desk.store.writing():
        desk.store.database.table("entries").update(entry.number, {"state": "approved", "approved": 1})
    return entry


def test_killed_again_and_again(home: Settings) -> None:
    chance = random.Random(7)
    repository = Repository(home)
    with repository.store() as store:
        desk = Desk(repository, store)
        editor = desk.accounts.add("editor@agency.example", "Editor", Role.EDITOR, "en")
        desk.accounts.add("contributor@agency.example", "Contributor", Role.CONTRIBUTOR, "en")
        desk.accounts.set_password(editor.id, PASSWORD)
        first = approved(desk, editor, 0)
        desk.publisher.publish(first.number, editor)
        repository.ensure_index(store)
        confirmed: dict[int, State] = {first.number: State.PUBLISHED}
        for turn in range(1, KILLS + 1):
            entries = [approved(desk, editor, 10 * turn + n) for n in range(3)]
            with served(home) as (client, process):
                confirmed |= _work_until_killed(client, process, entries, chance.uniform(0.02, LONGEST))
            found = [problem for problem in disagreements(repository, store) if not problem.startswith("index")]
            assert not found, f"after kill {turn}"
            for number, state in confirmed.items():
                assert desk.entries.required(number).state is state, f"entry {number} lost its state at kill {turn}"
        with served(home) as (client, _):
            _wait_for_index(repository, store.content_state())
            assert not list(disagreements(repository, store))
            public = {entry.practice for entry in desk.entries.listed([State.PUBLISHED], limit=-1)}
            listed = client.get("/api/v1/search", params={"q": "counter on the river", "limit": 50}).json()["hits"]
            assert {hit["id"] for hit in listed} <= public
            assert first.practice or public


def _work_until_killed(
    client: httpx.Client, process: subprocess.Popen[bytes], entries: list[Entry], seconds: float
) -> dict[int, State]:
    """Publish each, and withdraw every other one, until the server is killed; what it confirmed."""
    token = signed_in(client)
    confirmed: dict[int, State] = {}
    killer = subprocess.Popen(
        [sys.executable, "-c", f"import os, time; time.sleep({seconds}); os.kill({process.pid}, {int(signal.SIGKILL)})"]
    )
    with suppress(httpx.HTTPError):
        for place, entry in enumerate(entries):
            if client.post(f"/en/desk/entries/{entry.number}/publish", data={"token": token}).status_code == 303:
                confirmed[entry.number] = State.PUBLISHED
            if place % 2:
                confirmed.pop(entry.number, None)  # between asking and answer either state is right
                form = {"token": token, "reason_th": "เหตุผล", "reason_en": "reason"}
                if client.post(f"/en/desk/entries/{entry.number}/withdraw", data=form).status_code == 303:
                    confirmed[entry.number] = State.WITHDRAWN
    killer.wait()
    return confirmed


def _wait_for_index(repository: Repository, content: str) -> None:
    for _ in range(600):
        with suppress(Exception):
            if repository.manifest().content == content:
                return
        time.sleep(0.1)
    pytest.fail("the index did not follow within a minute")


def test_the_check_sees_what_does_not_agree(home: Settings) -> None:
    """The consistency check itself: it sees what was tampered with."""
    repository = Repository(home)
    with repository.store() as store:
        desk = Desk(repository, store)
        editor = desk.accounts.add("editor@agency.example", "Editor", Role.EDITOR, "en")
        desk.accounts.add("contributor@agency.example", "Contributor", Role.CONTRIBUTOR, "en")
        entry = desk.publisher.publish(approved(desk, editor, 1).number, editor)
        gone = desk.publisher.publish(approved(desk, editor, 2).number, editor)
        stored = store.practice(gone.practice or "")
        assert stored is not None
        desk.publisher.withdraw(gone.number, editor, Bilingual("ก", "b"))
        repository.ensure_index(store)
        assert not list(disagreements(repository, store))
        store.edit(replace(store.practice(entry.practice or "") or stored, country="VN"))
        store.put(stored, [], {}, repository.encoder.fingerprint, edited=True)
        found = "\n".join(disagreements(repository, store))
        assert "readers see another text" in found
        assert "withdrawn, but readers still see" in found
