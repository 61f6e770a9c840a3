"""How often each case is opened, by month: numbers only, nothing about who.

The counts have a small database of their own. They are held in memory and added to it every few seconds, so that no reader
waits for a disk; several processes may add to one file. Where the file cannot be written, pages are read all the same.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

FLUSH_SECONDS = 5.0
_BUSY_SECONDS, _READ_SECONDS = 10.0, 0.1
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS opened (
        record TEXT NOT NULL, month TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (record, month)
    ) WITHOUT ROWID
"""
_ADD = """
    INSERT INTO opened (record, month, times) VALUES (?, ?, ?)
    ON CONFLICT (record, month) DO UPDATE SET times = times + excluded.times
"""
_ROBOT = re.compile(
    r"(?<!cu)bot(?:\b|[/;_-])|crawl|spider|slurp|archiver|preview|facebookexternalhit|monitor|uptime|pingdom|lighthouse|headless"
    r"|^(?:curl|wget|python|go-http|java|okhttp|libwww|axios|node|ruby|php|perl|apache-http)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Opened:
    """How often a case was opened since the first day of the month in which counting began."""

    times: int
    since: date


def by_a_person(headers: Mapping[str, str], path: str) -> bool:
    """Whether a request is for someone who opens a case now: no program that names itself, no page fetched ahead, no browser
    that asks whether the page it has is still good, no change of language or view on the case's own page (told by the address
    that the browser came from, which is not kept)."""
    if by_a_program(headers) or "if-none-match" in headers:
        return False
    here = path[path.rindex("/practices/") :] if "/practices/" in path else path
    return not headers.get("referer", "").partition("?")[0].endswith(here)


def by_a_program(headers: Mapping[str, str]) -> bool:
    """Whether a request is by a program that names itself, or for a page that is fetched ahead."""
    agent = headers.get("user-agent", "")
    purposes = (headers.get("sec-purpose", ""), headers.get("purpose", ""), headers.get("x-moz", ""))
    ahead = any("prefetch" in purpose or "preview" in purpose for purpose in purposes)
    return not agent or ahead or _ROBOT.search(agent) is not None


class ReadCounts:
    """Counts over one file. Safe to use from several threads; `close` writes what is held."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now
        self._held: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def add(self, record: str) -> None:
        """Count one opening; it is written a little later."""
        with self._lock:
            self._held[record, self._now().strftime("%Y-%m")] += 1
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Add what is held to the file; what cannot be written now is held for the next time."""
        with self._lock:
            held, self._held = self._held, Counter()
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        if not held:
            return
        try:
            with self._database(_BUSY_SECONDS) as database, database:
                database.executemany(_ADD, [(record, month, times) for (record, month), times in sorted(held.items())])
        except (sqlite3.Error, OSError):
            with self._lock:
                self._held.update(held)

    def opened(self, record: str) -> Opened | None:
        """How often a case was opened, what is held included; `None` where it never was, or the file cannot be read."""
        times, first = 0, ""
        try:
            if self._path.exists():
                with self._database(_READ_SECONDS) as database:
                    row = "SELECT (SELECT sum(times) FROM opened WHERE record = ?), (SELECT min(month) FROM opened)"
                    times, first = database.execute(row, [record]).fetchone()
        except (sqlite3.Error, OSError):
            return None
        with self._lock:
            total = (times or 0) + sum(count for (held, _), count in self._held.items() if held == record)
            months = [month for _, month in self._held]
        since = min(filter(None, [first, *months]), default="")
        return Opened(total, date.fromisoformat(f"{since}-01")) if total else None

    def close(self) -> None:
        """Write what is held; for the end of a server."""
        self.flush()

    @contextmanager
    def _database(self, seconds: float) -> Iterator[sqlite3.Connection]:
        """A connection of this call's own: it is needed once in a few seconds, and reading takes less than a millisecond."""
        with closing(sqlite3.connect(self._path, timeout=seconds)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(_SCHEMA)
            yield database
