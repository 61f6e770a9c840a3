"""The load generator and its questions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from threading import Lock, Thread

import pytest
from bench_questions import distinct_questions
from open_loop import Outcome, Run
from serving import Step

CORPUS = Path(__file__).parent.parent.parent / "corpus"
STALL = 0.6


class _OneAtATime(BaseHTTPRequestHandler):
    """Answers one request at a time; `/slow` takes long, and all others wait behind it."""

    protocol_version = "HTTP/1.1"
    lock = Lock()

    def do_GET(self) -> None:
        with self.lock:
            time.sleep(STALL if self.path == "/slow" else 0)
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _OneAtATime) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def _run(port: int, paths: list[str], connections: int, give_up: float = 30.0) -> Outcome:
    job = {"host": "127.0.0.1", "port": port, "rate": 50, "connections": connections, "give_up": give_up, "paths": paths}
    return Run(job).outcome()


@pytest.mark.parametrize("connections", [1, 20])
def test_requests_behind_a_slow_answer_are_counted_from_when_they_were_due(port: int, connections: int) -> None:
    """With one connection a closed loop would send the others late and find each of them fast."""
    outcome = _run(port, ["/slow", *["/"] * 9], connections)
    assert outcome.latencies[0] >= STALL
    for number in range(1, 10):  # due a fiftieth of a second apart, and none answered before the slow one
        assert outcome.latencies[number] >= STALL - number / 50 - 0.05
    assert (outcome.received, outcome.failed, outcome.skipped) == (50, [], 0)


def test_an_error_is_told_and_a_server_that_fell_behind_is_let_alone(port: int) -> None:
    assert _run(port, ["/broken", "/"], 1).failed == ["status 500"]
    assert _run(port, ["/slow", *["/"] * 9], 1, give_up=STALL / 2).skipped == 9


@pytest.mark.parametrize(
    ("latencies", "failed", "skipped", "holds", "reason"),
    [
        ([10.0] * 99 + [900.0], [], 0, True, "one in a hundred may be slow"),
        ([10.0] * 90 + [900.0] * 10, [], 0, False, "one in ten may not"),
        ([10.0] * 100, ["status 429"], 0, False, "a refusal is no answer, however fast"),
        ([10.0] * 100, [], 3, False, "requests that were never sent are not fast"),
    ],
)
def test_a_rate_holds_where_all_were_answered_in_time(
    latencies: list[float], failed: list[str], skipped: int, holds: bool, reason: str
) -> None:
    step = Step(10, latencies, failed, skipped, 0, 0, 0, 0, 0, 0)
    assert step.holds(150) is holds, reason


def test_no_question_comes_twice_and_languages_take_turns() -> None:
    asked = list(islice(distinct_questions(CORPUS), 300))
    assert len({text for _, text in asked}) == len(asked)
    assert [language for language, _ in asked[:4]] == ["th", "en", "th", "en"]
    assert asked == list(islice(distinct_questions(CORPUS), 300))
