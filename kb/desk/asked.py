"""What readers asked that no case is close to, without a trace of who asked.

A reader's words can tell who the reader is, so little is kept and less is shown:

* Only the day, the language and the text are written, once a day for each text: no address, no account, no time of day, no
  order, not how often. The file stands apart from the record.
* What looks like a person's data is taken out first: mail and web addresses, telephone and identity numbers, any long number,
  house numbers, names of users. A text that names a person after a title, or is longer than a question, is not kept at all.
* After `DAYS_KEPT` days a text is deleted.
* Texts are shown in groups of the same meaning only, and a group only where it was asked on `DAYS_SHOWN` different days
  (`kb.desk.unanswered`). To keep a text only from its second day on was considered: it would have to remember the first day
  in some form anyway, and would lose the need that ten readers put in ten ways, which is what the list is for.
* A question that was narrowed by hand is not kept: it has no answer because of its limits.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kb.text.normalise import normalise

DAYS_KEPT = 180
DAYS_SHOWN = 2
FLUSH_SECONDS = 5.0
MAX_CHARACTERS = 200
"""A longer text is no question but a letter or a draft, which may hold anything."""
MAX_A_DAY = 2000
"""Texts kept of one day, so that no flood of questions fills the disk."""

NO_PRECEDENT = "no-close-precedent"

_MAX_HELD = 500
_BUSY_SECONDS = 10.0
_GAP = " ... "
_LETTERS = re.compile(r"[^\W\d_]")
_REMOVED = (
    re.compile(r"\S+@\S+\.\S+"),
    re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
    re.compile(r"(?<!\w)@[\w.]+"),
    re.compile(r"\b[A-Z]{1,2}\d{6,9}\b"),  # passports
    re.compile(r"\d+(?:/\d+)+"),  # house numbers, days of birth
    re.compile(r"\+?\(?\d(?:[ .()\-]{0,3}\d){6,}"),  # telephone and identity numbers, however they are spaced
    re.compile(r"\d{5,}"),
)
_OFFICES = "ก|กฯ|จ้าง|ทะเบียน|อำเภอ|หน้า|แพทย์|ทหาร|ตำรวจ|ช่าง|ประกัน|ทุน|ท่า|ด่าน|พยาบาล|ฟ้า|รำ|แบบ|งาม"
_NAMED = (
    re.compile(rf"(?:^|[\s(])(?:นางสาว|นาย|นาง)(?!(?:{_OFFICES}))\s?[ก-๙]{{2,}}"),
    re.compile(r"(?:^|[\s(])(?:น\.ส\.|ด\.ช\.|ด\.ญ\.)\s?[ก-๙]{2,}"),
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mdm)\b\.?\s+[A-Z]\w+"),
    re.compile(r"\b(?:my name is|ชื่อ-?นามสกุล|ฉันชื่อ|ผมชื่อ|ดิฉันชื่อ)", re.IGNORECASE),
)
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS asked (
        text TEXT NOT NULL COLLATE NOCASE, language TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (text, day)
    ) WITHOUT ROWID
"""
_ADD = """
    INSERT OR IGNORE INTO asked (text, language, day)
    SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM asked WHERE day = ?3) < ?4
"""


@dataclass(frozen=True)
class Asked:
    """A text without personal data, its language, and a day on which somebody asked it."""

    text: str
    language: str
    day: date


def without_person(text: str) -> str:
    """The text in its normal form, without what looks like a person's data; empty where it should not be kept at all."""
    found, before = " ".join(normalise(text[: 4 * MAX_CHARACTERS]).split()), ""
    while found != before:  # what is left may look like a person's data in its turn
        before = found
        if len(found) > MAX_CHARACTERS or any(pattern.search(found) for pattern in _NAMED):
            return ""
        for pattern in _REMOVED:
            found = pattern.sub(_GAP, found)
        found = " ".join(normalise(found).split()).strip(" .")
    return found if len(_LETTERS.findall(found)) >= 3 else ""


class AskedQuestions:
    """Questions over one file, held in memory and written every few seconds. Safe to use from several threads.

    Where the file cannot be written, readers are answered all the same.
    """

    def __init__(self, path: Path, today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> None:
        self._path = path
        self._today = today
        self._held: set[Asked] = set()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def record(self, text: str, language: str, verdict: str) -> None:
        """Keep a question that was answered with "no close precedent"; anything else is let go."""
        kept = without_person(text) if verdict == NO_PRECEDENT else ""
        if not kept:
            return
        with self._lock:
            if len(self._held) < _MAX_HELD:
                self._held.add(Asked(kept, language, self._today()))
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what is held and delete what is too old; what cannot be written now is held for the next time."""
        with self._lock:
            held, self._held = self._held, set()
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        rows = [(one.text, one.language, one.day.isoformat(), MAX_A_DAY) for one in held]
        try:
            if rows or self._path.exists():
                with self._database() as database, database:
                    database.executemany(_ADD, sorted(rows))
                    database.execute("DELETE FROM asked WHERE day < ?", [self._oldest().isoformat()])
        except (sqlite3.Error, OSError):
            with self._lock:
                self._held |= set(list(held)[: _MAX_HELD - len(self._held)])

    def since(self, day: date) -> tuple[Asked, ...]:
        """Questions of a day and later, by text and day, what is held included; none where the file cannot be read."""
        self.flush()
        first = max(day, self._oldest()).isoformat()
        try:
            if not self._path.exists():
                return ()
            with self._database() as database:
                rows = database.execute("SELECT text, language, day FROM asked WHERE day >= ? ORDER BY text, day", [first])
                return tuple(Asked(text, language, date.fromisoformat(asked)) for text, language, asked in rows)
        except (sqlite3.Error, OSError):
            return ()

    def close(self) -> None:
        """Write what is held; for the end of a server."""
        self.flush()

    def _oldest(self) -> date:
        """The first day that is kept."""
        return self._today() - timedelta(days=DAYS_KEPT - 1)

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA secure_delete = ON")
            database.execute(_SCHEMA)
            yield database
