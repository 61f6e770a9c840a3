"""The needs of every practice, found once and kept while its text and the rules stay the same."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kb.cache import read_json, write_json
from kb.fit.needs import VERSION, Finder, Need, Quote
from kb.fit.rules import Rules
from kb.store import Store


class NeedsBook:
    """Needs by practice, in memory and in a file that may be deleted at any moment. Safe to use from several threads.

    `text_state` changes whenever the same text would give other words; with the rules it decides whether the file still holds.
    """

    def __init__(self, finder: Finder, text_state: str, path: Path) -> None:
        self._finder = finder
        self._path = path
        self._state = hashlib.sha256(f"{VERSION} {text_state} {finder.rules!r}".encode()).hexdigest()
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, tuple[Need, ...]]] = {}
        stored = read_json(path)
        if isinstance(stored, dict) and stored.get("state") == self._state:
            self._kept = {name: (text, tuple(map(_need, rows))) for name, (text, rows) in stored["needs"].items()}

    @property
    def rules(self) -> Rules:
        return self._finder.rules

    def needs(self, names: Iterable[str], store: Store) -> dict[str, tuple[Need, ...]]:
        """The needs of those of `names` that are practices of the store; only texts that changed are read again."""
        hashes = store.practice_hashes()
        wanted = [name for name in names if name in hashes]
        with self._lock:
            new = [name for name in wanted if self._kept.get(name, ("", ()))[0] != hashes[name]]
            for name in new:
                practice = store.practice(name)
                if practice is not None:  # withdrawn since the hashes were read
                    self._kept[name] = (hashes[name], self._finder.needs(practice))
            if new:
                self._keep(hashes)
            return {name: self._kept[name][1] for name in wanted if name in self._kept}

    def _keep(self, hashes: dict[str, str]) -> None:
        self._kept = {name: kept for name, kept in self._kept.items() if name in hashes}
        rows = {name: [text, [asdict(need) for need in needs]] for name, (text, needs) in self._kept.items()}
        write_json(self._path, {"state": self._state, "needs": rows})


def _need(row: dict[str, Any]) -> Need:
    return Need(row["rule"], tuple(Quote(**quote) for quote in row["quotes"]), tuple(row["values"]))
