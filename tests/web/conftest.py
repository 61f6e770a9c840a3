"""A running application over the whole corpus: in-process for pages, on a port for the browser."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.encoder import FakeEncoder
from kb.evaluate import index_records
from kb.ingest.progress import Progress
from kb.records import Document, Part
from kb.repository import Repository
from web.app import create_app, server
from web.limits import RateLimit

DOCUMENT = Document(
    "doc-proceedings-1",
    "รายงานการสัมมนา",
    "th",
    "pdf",
    (
        Part(1, "page", "", "การสัมมนาเรื่องการเตือนภัยน้ำท่วมจัดขึ้นที่กรุงเทพมหานคร"),
        Part(2, "page", "", "The second page is in English and speaks of drought."),
        Part(3, "page", "", "ข ้อความเสีย", ("orphan-marks",)),
    ),
    date="2021-01-22",
    source="proceedings.pdf",
)


LONG = Document(
    "doc-long-report",
    "A long report",
    "en",
    "pdf",
    tuple(
        Part(n, "page", "", f"Page {n} of the report. " + ("It speaks of drought." if n % 20 == 0 else "Nothing else."))
        for n in range(1, 61)
    ),
    source="long.pdf",
)
"""Sixty pages, of which 20, 40 and 60 speak of drought."""


@pytest.fixture(scope="session")
def app(fake_corpus_repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application over a copy of the corpus repository, with one document beside the practices."""
    place = tmp_path_factory.mktemp("web")
    given = fake_corpus_repository.settings
    shutil.copytree(given.home, place / "var")
    repository = Repository(replace(given, home=place / "var", index=place / "index"), FakeEncoder())
    with repository.store() as store:
        index_records([DOCUMENT, LONG], repository, store, Progress(quiet=True))
    return create_app(repository, limit=RateLimit(rate=1000, burst=100_000))


@pytest.fixture(scope="session")
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def address(app: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=10)
