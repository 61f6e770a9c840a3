"""An open-loop load generator: requests leave at a constant rate, whatever the answers do. A process of its own.

    python bench/open_loop.py < job.json        {"host", "port", "rate", "connections", "give_up", "paths": [...]}

Answers with JSON: latencies in seconds in the order of sending, bytes received, what was not answered with 200, how late the
latest request left, and the processor time of the generator itself.

Latency counts from the moment at which a request was due, not from when it was sent: where all connections wait for the server,
the waiting of those that are due meanwhile is counted as well, so a slow answer cannot hide the ones behind it (coordinated
omission). Load generators in common packages (`wrk`, `hey`, `locust`) wait for an answer before they ask again.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

_KEPT = 2.0
"""Seconds after which an idle connection is opened anew: the server closes them after five."""

_LEAD = 0.2
"""Seconds until the first request is due: all threads are up by then."""


@dataclass
class Outcome:
    """What came of the requests of one run, in the order in which they were due; seconds."""

    latencies: list[float]
    received: int = 0
    failed: list[str] = field(default_factory=list)
    latest: float = 0.0
    """How long after its due time the latest request was sent."""
    generator_seconds: float = 0.0
    """Processor time of this process."""
    wall: float = 0.0
    skipped: int = 0
    """Requests that were not sent any more because an answer had taken longer than `give_up`."""


class Run:
    """One rate, until all paths are asked for."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._address = (job["host"], job["port"])
        self._paths: list[str] = job["paths"]
        self._interval = 1 / job["rate"]
        self._connections: int = job["connections"]
        self._give_up: float = job["give_up"]
        self._lock = threading.Lock()
        self._next = 0
        self._over = False
        self._outcome = Outcome([-1.0] * len(self._paths))

    def outcome(self) -> Outcome:
        """Run to the end."""
        began, used = time.monotonic(), time.process_time()
        self._start = began + _LEAD
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcome = self._outcome
        outcome.wall = time.monotonic() - self._start
        outcome.generator_seconds = time.process_time() - used
        outcome.skipped = outcome.latencies.count(-1.0)
        outcome.latencies = [seconds for seconds in outcome.latencies if seconds >= 0]
        return outcome

    def _work(self) -> None:
        """One connection: takes the next request that is due, again and again."""
        with closing(http.client.HTTPConnection(*self._address, timeout=60)) as connection:
            self._ask_all(connection)

    def _ask_all(self, connection: http.client.HTTPConnection) -> None:
        used = 0.0
        while True:
            with self._lock:
                number, self._next = self._next, self._next + 1
            if number >= len(self._paths) or self._over:
                return
            due = self._start + number * self._interval
            time.sleep(max(due - time.monotonic(), 0))
            sent = time.monotonic()
            if sent - used > _KEPT:
                connection.close()
            failure, size = _ask(connection, self._paths[number])
            used = time.monotonic()
            seconds = used - due
            with self._lock:
                self._over = self._over or seconds > self._give_up
                self._outcome.latencies[number] = seconds
                self._outcome.received += size
                self._outcome.latest = max(self._outcome.latest, sent - due)
                if failure:
                    self._outcome.failed.append(failure)


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[str, int]:
    """What went wrong ("" for nothing), and the bytes of the answer, compressed as they came."""
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        size = len(response.read())
    except (OSError, http.client.HTTPException) as exc:
        connection.close()
        return type(exc).__name__, 0
    return ("" if response.status == 200 else f"status {response.status}"), size


if __name__ == "__main__":
    print(json.dumps(asdict(Run(json.load(sys.stdin)).outcome())))
