"""The needs of every practice, found once and kept while its text stays the same."""

from __future__ import annotations

import threading

from kb.fit.needs import Finder, Need
from kb.fit.rules import Rules
from kb.store import Store


class NeedsBook:
    """Needs by practice, in memory. Safe to use from several threads."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[str, tuple[Need, ...]]] = {}

    @property
    def rules(self) -> Rules:
        return self._finder.rules

    def needs(self, store: Store) -> dict[str, tuple[Need, ...]]:
        """The needs of every practice of the store; only those that changed are read again."""
        hashes = store.practice_hashes()
        with self._lock:
            self._kept = {name: kept for name, kept in self._kept.items() if hashes.get(name) == kept[0]}
            for name in hashes.keys() - self._kept.keys():
                self._read(name, hashes[name], store)
            return {name: self._kept[name][1] for name in hashes if name in self._kept}

    def needs_of(self, name: str, store: Store) -> tuple[Need, ...]:
        """The needs of one practice; none where there is no such practice."""
        state = store.practice_hashes().get(name)
        if state is None:
            return ()
        with self._lock:
            if name not in self._kept or self._kept[name][0] != state:
                self._read(name, state, store)
            return self._kept[name][1] if name in self._kept else ()

    def _read(self, name: str, state: str, store: Store) -> None:
        practice = store.practice(name)
        if practice is not None:  # withdrawn since the hashes were read
            self._kept[name] = (state, self._finder.needs(practice))
