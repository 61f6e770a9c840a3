"""Whether database, desk and index agree: for `kb check --index`, after a crash or out of doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kb.desk.entries import Entries
from kb.desk.lists import Lists
from kb.desk.rights import State
from kb.errors import VectorIndexError
from kb.index import open_index
from kb.overlay import read_changes
from kb.repository import Repository
from kb.store import Store, content_hash


def disagreements(repository: Repository, store: Store) -> Iterator[str]:
    """One line for each thing that does not fit."""
    yield from _database(store)
    yield from _entries(store)
    yield from _lists(repository, store)
    yield from _index(repository, store)


def _lists(repository: Repository, store: Store) -> Iterator[str]:
    lists = Lists(repository.settings.corpus, repository.vocabulary.cache, store)
    for name, changes in read_changes(store.database.conn).items():
        for key in changes:
            if lists.is_disputed(name, key):
                yield f"lists: {name}:{key} was changed at the desk and in its file; save it at the desk to decide"


def _database(store: Store) -> Iterator[str]:
    for (problem,) in store.database.execute("PRAGMA integrity_check").fetchall():
        if problem != "ok":
            yield f"database: {problem}"
    for table, *_ in store.database.execute("PRAGMA foreign_key_check").fetchall():
        yield f"database: a row of {table} names something that is not there"
    if store.content_state() != store.counted_content():
        yield "database: the checksum of its content is not that of its passages; run: kb rebuild"


def _entries(store: Store) -> Iterator[str]:
    """Each published entry is what readers see, each withdrawn one is gone, and nobody reads what was not published."""
    entries = Entries(store)
    for entry in entries.listed(limit=-1):
        record = store.practice(entry.practice) if entry.practice else None
        if entry.state is State.WITHDRAWN and record is not None and entry.published is not None:
            yield f"entry {entry.number}: withdrawn, but readers still see {entry.practice}"
        if not entry.public:
            continue
        if record is None:
            yield f"entry {entry.number}: published as {entry.practice}, which is not there"
            continue
        published = entries.revision(entry.number, entry.published or 1).practice
        if content_hash(replace(published, id=record.id)) != content_hash(record) and store.edited(record.id):
            yield f"entry {entry.number}: readers see another text of {entry.practice} than the one that was published"


def _index(repository: Repository, store: Store) -> Iterator[str]:
    missing = store.missing_vectors(repository.encoder.fingerprint)
    if missing:
        yield f"database: {len(missing)} records have passages without a vector, such as {missing[0]}; run: kb rebuild"
    try:
        index = open_index(repository.index_folder, repository.expected(store))
    except VectorIndexError as exc:
        yield f"index: {exc}"
        return
    passages, indexed = store.counts()["passages"], sum(index.manifest.counts.values())
    if passages != indexed:
        yield f"index: it holds {indexed} passages, the database {passages}; run: kb rebuild"
