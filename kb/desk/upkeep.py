"""Work in the background of each server: the index follows the database, and mail goes out.

Several servers may run over one data folder: a lock on a file lets one of them work, and the others find the new index in
place. What was begun and not ended when a process died is seen as undone by the next one, because what is to be done is read
from the database and not remembered.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kb.errors import KbError
from kb.repository import Repository
from kb.store import Store

EVERY = 1.0
"""Seconds between two looks."""

_LOG = logging.getLogger(__name__)

Chore = Callable[[Store], None]


class Upkeep:
    """A thread that looks every second whether something is to be done, until it is stopped."""

    def __init__(self, repository: Repository, chores: Sequence[Chore] = (), every: float = EVERY) -> None:
        self._repository = repository
        self._chores = chores
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._told = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the present piece of work."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        with self._repository.store() as store:
            while not self._stop.wait(self._every):
                self.once(store)

    def once(self, store: Store) -> None:
        """Look, and do what is to be done; a failure is logged once and tried again."""
        for chore in (self._words, self._index, *self._chores):
            try:
                chore(store)
            except KbError as exc:
                if str(exc) != self._told:
                    self._told = str(exc)
                    _LOG.warning("%s", exc)
            except Exception:  # noqa: BLE001  # background work must not end with one failure
                _LOG.exception("background work failed")

    def _words(self, store: Store) -> None:
        self._repository.take_vocabulary(store)

    def _index(self, store: Store) -> None:
        """Whoever has the lock does it, with the words of now: another server may have taken newer ones over since `_words`."""
        if self._repository.is_current(store):
            return
        with one_at_a_time(self._repository.settings.home / "upkeep.lock") as mine:
            if mine and not self._repository.take_vocabulary(store):
                self._repository.follow(store)


@contextmanager
def one_at_a_time(path: Path) -> Iterator[bool]:
    """Whether this process is the one that works now."""
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
