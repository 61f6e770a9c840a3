"""A copy of the repository in which a change of the lists is tried before anybody sees it: the real steps on other files."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kb.desk.lists import Edit, ListError, write_change
from kb.overlay import Changes
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.store import Store

_ONE = threading.Lock()
"""One trial at a time in a process: each takes as much disk as the database."""


_PATIENCE = 20.0
"""Seconds that a second trial waits for the first."""
_PREFIX, _OLD = ".trial-", 3600
"""Seconds after which a copy was left by a process that was killed."""


@dataclass(frozen=True)
class Trial:
    """The copy, after the change."""

    repository: Repository
    searcher: Searcher


@contextmanager
def trial(repository: Repository, store: Store, edit: Edit, changes: Changes) -> Iterator[Trial]:
    """The repository as it would be with `edit` saved; `changes` are all changes with it, as `Lists.check` gives them.

    Database and index are copied into the data folder for as long as it lasts (vectors are linked where they can be), the
    records that the change touches are cut into words again, and the index is made by the steps that a saved change takes.
    """
    home = repository.settings.home
    _sweep(home)
    with _alone(), tempfile.TemporaryDirectory(dir=home, prefix=_PREFIX) as name:
        place = Path(name)
        settings = replace(repository.settings, home=place / "var", index=place / "index")
        settings.home.mkdir()
        with closing(sqlite3.connect(settings.database)) as copy:
            store.database.conn.backup(copy)
        for part in ("current", "cache"):
            _copy(repository.settings.index / part, settings.index / part)
        tried = Repository(settings, repository.encoder)
        tried.space = repository.space
        with tried.store() as own:
            write_change(own, edit, changes[edit.name][edit.key], None, "", "")
            tried.follow(own)
            yield Trial(tried, tried.searcher(own))


@contextmanager
def _alone() -> Iterator[None]:
    if not _ONE.acquire(timeout=_PATIENCE):
        raise ListError("Somebody else tries a change at this moment; send it again.")
    try:
        yield
    finally:
        _ONE.release()


def _sweep(home: Path) -> None:
    for left in home.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _OLD:
                shutil.rmtree(left)


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copytree(source, target, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    """A second name for a file, which is only ever replaced and never written to; a copy on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
