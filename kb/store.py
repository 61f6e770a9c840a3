"""The record: SQLite through sqlite-utils, in WAL mode, with foreign keys on.

Everything about one record is written in one transaction: the record, its passages with their segmented words, their vectors
and the file it came from. Each thread that uses a `Store` gets a connection of its own.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from sqlite_utils import Database

from kb.errors import StoreError
from kb.migrations import migrations
from kb.records import Bilingual, Document, Kind, Passage, Practice
from kb.text.normalise import normalise
from kb.text.spans import Spans, placed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydantic import TypeAdapter

FACETS = ("country", "priority", "principle", "level", "status", "language", "kind", "decade")
"""Facets of a record, in the order in which they are shown."""

_BUSY_SECONDS = 30.0
_CHUNK = 500

_CONTENT = "content"
_CONTENT_BITS = 256

T = TypeVar("T")


@dataclass(frozen=True)
class IndexedPassage:
    """A passage with what the indexes hold of it: segmented words (of its context, then of its text), word parts, the hash of
    the text that is embedded, the packed places of the text's words (see `kb.text.spans`), and how many windows it has."""

    passage: Passage
    words: str
    parts: str
    vector: str
    spans: bytes
    windows: int = 0


@dataclass(frozen=True)
class FileState:
    """A file that was read in: its checksum, the record it became, or the reason why it did not."""

    path: str
    sha256: str
    record: str | None
    reason: str | None


@dataclass(frozen=True)
class RecordRow:
    """What a list shows of a record."""

    id: str
    kind: Kind
    country: str | None
    start: int | None
    end: int | None
    title: Bilingual
    summary: Bilingual


@dataclass(frozen=True)
class RecordDates:
    """When a record came into the database, and when what it says last changed; UTC in ISO 8601."""

    id: str
    kind: Kind
    added: str
    changed: str


@dataclass(frozen=True)
class Tombstone:
    """A record that was withdrawn here: on which day, and why."""

    id: str
    day: date
    reason: Bilingual


@dataclass(frozen=True)
class Standing:
    """What a record is sorted by: the year it began and its grade of evidence; a document has no grade."""

    start: int | None
    evidence: str | None


class WordedPassage(NamedTuple):
    """What is shown of a passage (see `Passage`), with its indexed words and their places as they are stored."""

    key: str
    language: str
    section: str
    part: int
    text: str
    start: int
    twin: str | None
    words: str
    spans: bytes

    def placed(self) -> tuple[list[str], Spans]:
        """The indexed words of the text, and where they stand in it."""
        return placed(self.words, self.spans)


class Store:
    """The database in one file. Use as a context manager, or call `close`."""

    def __init__(self, path: Path, readonly: bool = False) -> None:
        self._path = path
        self._readonly = readonly
        self._local = threading.local()
        self._open: list[Database] = []
        self._lock = threading.Lock()
        if readonly and not path.exists():
            raise StoreError(f"there is no database at {path}; run: kb ingest")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(f"{path.parent} cannot be made ({exc.strerror}); set KB_HOME to another folder") from exc
        try:
            with _translated(path):
                self._prepare(self.database)
        except StoreError:
            self.close()
            raise

    def _prepare(self, database: Database) -> None:
        """Bring the schema up to date; a database of a newer version is left as it is."""
        known = {migration.name for migration in migrations._migrations}
        applied = {item.name for item in migrations.applied(database)}
        if not applied and set(database.table_names()) - {migrations.migrations_table}:
            raise StoreError(f"{self._path} belongs to another program; move it away, or set KB_HOME to another folder")
        if newer := applied - known:
            raise StoreError(f"{self._path} is from a newer version ({', '.join(sorted(newer))}); update the program")
        if not self._readonly:
            database.enable_wal()
            migrations.apply(database)
            if self.meta(_CONTENT) is None:
                self.set_meta(_CONTENT, self.counted_content())
        elif migrations.pending(database):
            raise StoreError(f"{self._path} is from an older version; run: kb ingest")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for database in self._open:
                database.close()
            self._open.clear()
        self._local = threading.local()

    @property
    def path(self) -> Path:
        return self._path

    @property
    def database(self) -> Database:
        """This thread's connection."""
        existing: Database | None = getattr(self._local, "database", None)
        if existing is not None:
            return existing
        with _translated(self._path):
            mode = "ro" if self._readonly else "rwc"
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=_BUSY_SECONDS,
                check_same_thread=False,
            )
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            database = Database(connection)
        self._local.database = database
        with self._lock:
            self._open.append(database)
        return database

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all."""
        with _translated(self._path), self.database.atomic():
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that takes the writers' lock at once, so that what is read inside still holds when it is written."""
        with _translated(self._path):
            if self.database.conn.in_transaction:
                with self.database.atomic():
                    yield
                return
            self.database.conn.execute("BEGIN IMMEDIATE")
            with self._settled():
                yield

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """Commit what was begun, or take it back."""
        connection = self.database.conn
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see one state of the database, whatever other threads write meanwhile."""
        with self.transaction():
            yield

    # Records

    def put(
        self,
        record: Practice | Document,
        passages: Sequence[IndexedPassage],
        vectors: Mapping[str, NDArray[np.float32]],
        model: str,
        source_text: str | None = None,
        edited: bool = False,
    ) -> None:
        """Insert or replace a record with its passages and the vectors that are new: by hash, the passage's own, of shape
        (dimension,), or with those of its windows below it, of shape (1 + windows, dimension).

        Passages that did not change keep their row ids, so that their places in the vector index hold. `edited` says that the
        record comes from here and not from a file: it counts as changed here until it is exported.
        """
        content = content_hash(record)
        with self.transaction():
            database = self.database
            read_in = self._read_in(record.id) if edited else {"ingested_hash": content, "source_text": source_text}
            database.table("records").upsert(
                _record_row(record) | {"content_hash": content} | read_in | self._dates(record.id, content), pk="id"
            )
            database.execute("DELETE FROM facets WHERE record = ?", [record.id])
            database.conn.executemany(
                "INSERT INTO facets (record, facet, value) VALUES (?, ?, ?)",
                [(record.id, facet, value) for facet, value in sorted(facets_of(record))],
            )
            database.execute("DELETE FROM faces WHERE record = ?", [record.id])
            if isinstance(record, Practice):
                database.table("faces").insert_all(
                    {
                        "record": record.id,
                        "language": face.language,
                        "state": face.state,
                        "revision": face.revision,
                        "made_from": face.made_from,
                        "checked": int(face.checked),
                    }
                    for face in record.faces.values()
                )
            self._put_vectors(vectors, model)
            self._put_passages(record.id, passages)

    def _read_in(self, record: str) -> dict[str, str | None]:
        """What is known of the file that a record was read from; of a new one, that there was none."""
        row = self._one("SELECT ingested_hash, source_text FROM records WHERE id = ?", [record])
        return {"ingested_hash": row[0], "source_text": row[1]} if row else {"ingested_hash": "", "source_text": None}

    def _dates(self, record: str, content: str) -> dict[str, str]:
        """What to write down of when a record came in and changed, given its content now."""
        stored = self._one("SELECT content_hash FROM records WHERE id = ?", [record])
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if stored is None:
            return {"added": now, "changed": now}
        return {} if stored[0] == content else {"changed": now}

    def put_passages(
        self,
        record: str,
        passages: Sequence[IndexedPassage],
        vectors: Mapping[str, NDArray[np.float32]],
        model: str,
    ) -> None:
        """Replace only what is derived of a record: its passages, words and vectors."""
        with self.transaction():
            self._put_vectors(vectors, model)
            self._put_passages(record, passages)

    def _put_vectors(self, vectors: Mapping[str, NDArray[np.float32]], model: str) -> None:
        rows = ((key, np.atleast_2d(vector)) for key, vector in vectors.items())
        self.database.conn.executemany(
            """
            INSERT INTO vectors (hash, model, vector, windows) VALUES (?, ?, ?, ?)
            ON CONFLICT (hash, model) DO UPDATE SET windows = excluded.windows WHERE excluded.windows IS NOT NULL
            """,
            [
                (key, model, row[0].astype("<f4").tobytes(), row[1:].astype("<f2").tobytes() if len(row) > 1 else None)
                for key, row in rows
            ],
        )

    def _put_passages(self, record: str, passages: Sequence[IndexedPassage]) -> None:
        new = {item.passage.key: item.vector for item in passages}
        stored = self._contents_of(record)
        self.database.conn.executemany('DELETE FROM passages WHERE "key" = ?', [(key,) for key in stored.keys() - new])
        self._move_content(stored.items(), new.items())
        self.database.table("passages").upsert_all(
            (
                {
                    "key": item.passage.key,
                    "record": record,
                    "language": item.passage.language,
                    "section": item.passage.section,
                    "part": item.passage.part,
                    "ordinal": item.passage.ordinal,
                    "text": item.passage.text,
                    "start": item.passage.start,
                    "end": item.passage.end,
                    "context": item.passage.context,
                    "twin": item.passage.twin,
                    "words": item.words,
                    "parts": item.parts,
                    "vector": item.vector,
                    "spans": item.spans,
                    "windows": item.windows,
                }
                for item in passages
            ),
            pk="key",
        )

    def remove(self, record: str) -> None:
        """Delete a record with all that hangs on it; nothing happens where there is none."""
        with self.transaction():
            self._move_content(self._contents_of(record).items(), ())
            self.database.execute("DELETE FROM records WHERE id = ?", [record])

    def _contents_of(self, record: str) -> dict[str, str]:
        """The keys of a record's passages, each with the hash of the text that is embedded."""
        return dict(self._rows('SELECT "key", vector FROM passages WHERE record = ?', [record]))

    def practice(self, record: str) -> Practice | None:
        """The practice with this id, or `None`."""
        row = self._one("SELECT data FROM records WHERE id = ? AND kind = 'practice'", [record])
        return _practices().validate_json(row[0]) if row else None

    def document(self, record: str) -> Document | None:
        """The document with this id, or `None`."""
        row = self._one("SELECT data FROM records WHERE id = ? AND kind = 'document'", [record])
        return _documents().validate_json(row[0]) if row else None

    def practices(self) -> Iterator[tuple[Practice, str | None, bool]]:
        """All practices by id, each with the text it was read from and whether it was changed here since."""
        rows = self._rows(
            "SELECT data, source_text, content_hash != ingested_hash FROM records WHERE kind = 'practice' ORDER BY id"
        )
        for data, source, changed in list(rows):
            yield _practices().validate_json(data), source, bool(changed)

    def practice_hashes(self) -> dict[str, str]:
        """Checksum of everything that each practice says, by id."""
        return dict(self._rows("SELECT id, content_hash FROM records WHERE kind = 'practice'"))

    def edit(self, practice: Practice) -> None:
        """Store an edited practice without its passages, marking it changed; `kb rebuild` or the next write indexes it."""
        with self.transaction():
            content = content_hash(practice)
            row = _record_row(practice) | {"content_hash": content} | self._dates(practice.id, content)
            self.database.table("records").update(practice.id, row)

    def edited(self, record: str) -> bool:
        """Whether the record was changed here after it was read in."""
        row = self._one("SELECT content_hash != ingested_hash FROM records WHERE id = ?", [record])
        return bool(row and row[0])

    # Withdrawn records

    def tombstone(self, record: str) -> Tombstone | None:
        """What stands where a withdrawn record stood, or `None`."""
        row = self._one("SELECT id, day, reason_th, reason_en FROM tombstones WHERE id = ?", [record])
        return Tombstone(row[0], date.fromisoformat(row[1]), Bilingual(row[2], row[3])) if row else None

    def tombstones(self) -> list[Tombstone]:
        """All of them, by id."""
        rows = self._rows("SELECT id, day, reason_th, reason_en FROM tombstones ORDER BY id")
        return [Tombstone(row[0], date.fromisoformat(row[1]), Bilingual(row[2], row[3])) for row in rows]

    def bury(self, tombstone: Tombstone) -> None:
        """Remove a record and leave a tombstone, so that no file brings it back unnoticed."""
        with self.transaction():
            self.remove(tombstone.id)
            row = {"id": tombstone.id, "day": tombstone.day.isoformat()}
            row |= {"reason_th": tombstone.reason.th, "reason_en": tombstone.reason.en}
            self.database.table("tombstones").upsert(row, pk="id")

    def unbury(self, record: str) -> None:
        """Take a tombstone away, because the record is back."""
        with self.transaction():
            self.database.execute("DELETE FROM tombstones WHERE id = ?", [record])

    def mark_exported(self, record: str, source_text: str) -> None:
        """The corpus file now holds this record as it is."""
        with self.transaction():
            self.database.execute(
                "UPDATE records SET ingested_hash = content_hash, source_text = ? WHERE id = ?", [source_text, record]
            )

    def rows(self, records: Sequence[str]) -> dict[str, RecordRow]:
        """List rows of these records, by id."""
        found: dict[str, RecordRow] = {}
        for chunk in _chunks(records):
            query = (
                'SELECT id, kind, country, start, "end", title_th, title_en, summary_th, summary_en '
                f"FROM records WHERE id IN ({_marks(chunk)})"
            )
            for row in self._rows(query, chunk):
                found[row[0]] = RecordRow(
                    row[0], row[1], row[2], row[3], row[4], Bilingual(row[5], row[6]), Bilingual(row[7], row[8])
                )
        return found

    def standings(self, records: Sequence[str]) -> dict[str, Standing]:
        """What these records are sorted by, by id."""
        found: dict[str, Standing] = {}
        for chunk in _chunks(records):
            sql = f"SELECT id, start, json_extract(data, '$.evidence') FROM records WHERE id IN ({_marks(chunk)})"
            found |= {record: Standing(start, evidence) for record, start, evidence in self._rows(sql, chunk)}
        return found

    def dated(self) -> list[RecordDates]:
        """When each record came in and last changed: newest day first, and within a day newest beginning first."""
        sql = """
            SELECT id, kind, added, changed FROM records
            ORDER BY substr(added, 1, 10) DESC, start IS NULL, start DESC, id
        """
        return [RecordDates(*row) for row in self._rows(sql)]

    def facet_values(self, records: Iterable[str]) -> dict[str, dict[str, set[str]]]:
        """Facet -> value -> which of `records` have it."""
        found: dict[str, dict[str, set[str]]] = {facet: {} for facet in FACETS}
        for chunk in _chunks(list(records)):
            sql = f"SELECT record, facet, value FROM facets WHERE record IN ({_marks(chunk)})"
            for record, facet, value in self._rows(sql, chunk):
                found[facet].setdefault(value, set()).add(record)
        return found

    # Passages

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by row id."""
        query = f"SELECT id, {_PASSAGE} FROM passages WHERE id IN "
        return {row[0]: Passage(*row[1:]) for row in self._chosen(query, ids)}

    def words(self, ids: Sequence[int]) -> dict[int, tuple[list[str], Spans]]:
        """Passage row id -> the indexed words of its text, and their places in it."""
        query = "SELECT id, words, spans FROM passages WHERE id IN "
        return {row: placed(words, packed) for row, words, packed in self._chosen(query, ids)}

    def worded_passages(self, ids: Sequence[int]) -> dict[int, WordedPassage]:
        """Passages by row id, with their words; both at once."""
        query = 'SELECT id, "key", language, section, part, text, start, twin, words, spans FROM passages WHERE id IN '
        return {row[0]: WordedPassage._make(row[1:]) for row in self._chosen(query, ids)}

    def _chosen(self, query: str, ids: Sequence[int]) -> Iterator[Any]:
        """The rows of a query that ends in `IN`, for these ids."""
        with _translated(self._path):
            for chunk in _chunks(ids):
                yield from self.database.execute(f"{query}({_marks(chunk)})", chunk).fetchall()

    def rows_with(self, expression: str) -> list[int]:
        """Row ids of the passages that an FTS5 expression matches."""
        return [row for (row,) in self._rows("SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?", [expression])]

    def has(self, expression: str) -> bool:
        """Whether any passage matches an FTS5 expression."""
        return self._one("SELECT 1 FROM passages_fts WHERE passages_fts MATCH ? LIMIT 1", [expression]) is not None

    def records_holding(self, forms: AbstractSet[str]) -> set[str]:
        """Records with a passage in which one of these texts stands, as it is written in normal form and without blanks."""
        if not forms:
            return set()
        wanted = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
        found: set[str] = set()
        for record, context, text in self.passage_texts():
            if record not in found and wanted.search(normalise(f"{context} {text}").replace(" ", "")):
                found.add(record)
        return found

    def titled(self, text: str) -> set[str]:
        """Records with this text in a title, capitals or not."""
        like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        sql = "SELECT id FROM records WHERE title_th LIKE ? ESCAPE '\\' OR title_en LIKE ? ESCAPE '\\'"
        return {record for (record,) in self._rows(sql, [like, like])}

    def passages_by_key(self, keys: Sequence[str]) -> dict[str, Passage]:
        """Passages by key."""
        found: dict[str, Passage] = {}
        for chunk in _chunks(keys):
            sql = f'SELECT id FROM passages WHERE "key" IN ({_marks(chunk)})'
            ids = [row[0] for row in self._rows(sql, chunk)]
            found |= {passage.key: passage for passage in self.passages(ids).values()}
        return found

    # What an index is made from

    def listing(self) -> Iterator[tuple[str, Kind, int | None]]:
        """Id, kind and start year of every record."""
        yield from self._rows("SELECT id, kind, start FROM records")

    def two_faced(self) -> set[str]:
        """Records with a Thai and an English face."""
        return {record for (record,) in self._rows("SELECT record FROM faces GROUP BY record HAVING count(*) = 2")}

    def facet_rows(self) -> Iterator[tuple[str, str, str]]:
        """Every record with a facet and a value."""
        yield from self._rows("SELECT record, facet, value FROM facets ORDER BY facet, value, record")

    def passage_rows(self) -> Iterator[tuple[int, str, str, str]]:
        """Row id, record, language and section of every passage, in order of position: by language, then by row id."""
        yield from self._rows("SELECT id, record, language, section FROM passages ORDER BY language, id")

    def passage_texts(self, record: str | None = None) -> Iterator[tuple[str, str, str]]:
        """Record, context and text of every passage, or of one record's."""
        condition, values = ("WHERE record = ?", [record]) if record is not None else ("", [])
        yield from self._rows(f"SELECT record, context, text FROM passages {condition}", values)

    def passage_words(self, *languages: str) -> Iterator[tuple[str, str]]:
        """Indexed words and word parts of every passage, or of those in these languages, in order of position."""
        for language in languages or self.languages():
            yield from self._rows("SELECT words, parts FROM passages WHERE language = ? ORDER BY id", [language])

    def passage_vectors(self, model: str, language: str) -> Iterator[bytes]:
        """The vectors of a language's passages as little-endian float32, in order of position."""
        sql = """
            SELECT vectors.vector FROM passages CROSS JOIN vectors ON vectors.hash = passages.vector AND vectors.model = ?
            WHERE language = ? ORDER BY passages.id
        """
        for (vector,) in self._rows(sql, [model, language]):
            yield vector

    def languages(self) -> list[str]:
        """Languages of the stored passages, in order."""
        return [row[0] for row in self._rows("SELECT DISTINCT language FROM passages ORDER BY 1")]

    def passage_windows(self, model: str, language: str) -> Iterator[bytes | None]:
        """The vectors of the windows of a language's passages as little-endian float16, in order of position."""
        sql = f"""
            SELECT CASE WHEN {_WHOLE} THEN vectors.windows END
            FROM passages CROSS JOIN vectors ON vectors.hash = passages.vector AND vectors.model = ?
            WHERE language = ? ORDER BY passages.id
        """
        for (windows,) in self._rows(sql, [model, language]):
            yield windows

    def window_count(self, model: str) -> int:
        """How many windows the passages have, of those whose vectors are there."""
        sql = f"""
            SELECT coalesce(sum(passages.windows), 0)
            FROM passages CROSS JOIN vectors ON vectors.hash = passages.vector AND vectors.model = ?
            WHERE passages.windows > 0 AND {_WHOLE}
        """
        return int(self._one(sql, [model])[0])

    def known_vectors(self, hashes: Sequence[str], model: str) -> dict[str, int]:
        """Which of these embedded texts have a vector of this model, and how many windows each has."""
        found: dict[str, int] = {}
        for chunk in _chunks(hashes):
            sql = f"""
                SELECT hash, coalesce(length(windows) * 2 / length(vector), 0) FROM vectors
                WHERE model = ? AND hash IN ({_marks(chunk)})
            """
            found |= dict(self._rows(sql, [model, *chunk]))
        return found

    def missing_vectors(self, model: str) -> list[str]:
        """Records with passages that have no vector of this model, or none for their windows."""
        sql = f"""
            SELECT DISTINCT record FROM passages WHERE NOT EXISTS
            (SELECT 1 FROM vectors WHERE vectors.hash = passages.vector AND vectors.model = ?
                AND (passages.windows = 0 OR {_WHOLE})) ORDER BY record
        """
        return [row[0] for row in self._rows(sql, [model])]

    def sweep(self, model: str) -> None:
        """Delete vectors that no passage uses or that are another model's."""
        with self.transaction():
            self.database.execute("DELETE FROM vectors WHERE model != ? OR hash NOT IN (SELECT vector FROM passages)", [model])

    def texts(self) -> Iterator[str]:
        """The texts of all passages, with their contexts."""
        for context, text in self._rows("SELECT context, text FROM passages"):
            yield f"{context} {text}"

    # Files and state

    def files(self) -> dict[str, FileState]:
        """All files that were read or refused, by path."""
        rows = self._rows("SELECT path, sha256, record, reason FROM files")
        return {row[0]: FileState(*row) for row in rows}

    def files_of(self, record: str) -> list[FileState]:
        """The files that a record was read from."""
        return [
            FileState(*row) for row in self._rows("SELECT path, sha256, record, reason FROM files WHERE record = ?", [record])
        ]

    def put_file(self, state: FileState) -> None:
        with self.transaction():
            self.database.table("files").upsert(
                {"path": state.path, "sha256": state.sha256, "record": state.record, "reason": state.reason}, pk="path"
            )

    def forget_file(self, path: str) -> None:
        with self.transaction():
            self.database.execute("DELETE FROM files WHERE path = ?", [path])

    def meta(self, name: str) -> str | None:
        row = self._one("SELECT value FROM meta WHERE name = ?", [name])
        return str(row[0]) if row else None

    def set_meta(self, name: str, value: str) -> None:
        with self.transaction():
            self.database.table("meta").upsert({"name": name, "value": value}, pk="name")

    def content_state(self) -> str:
        """A checksum of what is indexed: every passage's key and embedded text. Equal contents give equal states.

        It is kept up with each write: the sum of the passages' checksums, so that neither order nor number matters.
        """
        return self.meta(_CONTENT) or self.counted_content()

    def counted_content(self) -> str:
        """The same, counted anew from all passages."""
        rows = self._rows('SELECT "key", vector FROM passages')
        return _content_text(sum(_content_of(key, vector) for key, vector in rows))

    def _move_content(self, gone: Iterable[tuple[str, str]], come: Iterable[tuple[str, str]]) -> None:
        """Bring the checksum up to date after passages (key, embedded text) went and came."""
        total = int(self.content_state(), 16)
        total += sum(_content_of(*passage) for passage in come) - sum(_content_of(*passage) for passage in gone)
        self.set_meta(_CONTENT, _content_text(total))

    def counts(self) -> dict[str, int]:
        """Rows per kind of thing."""
        sources = {
            "practices": "records WHERE kind = 'practice'",
            "documents": "records WHERE kind = 'document'",
            "faces": "faces",
            "passages": "passages",
            "vectors": "vectors",
            "files": "files",
            "failed files": "files WHERE reason IS NOT NULL",
        }
        return {name: int(self._one(f"SELECT count(*) FROM {source}", [])[0]) for name, source in sources.items()}

    def _one(self, sql: str, parameters: Sequence[Any]) -> Any:
        return next(self._rows(sql, parameters), None)

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        with _translated(self._path):
            yield from self.database.execute(sql, parameters)


_WHOLE = "coalesce(length(vectors.windows), 0) * 2 = passages.windows * length(vectors.vector)"
"""SQL: a passage's windows have their vectors. They are kept with two bytes a number, passages with four."""

_PASSAGE = '"key", record, language, section, part, ordinal, text, start, "end", context, twin'


def facets_of(record: Practice | Document) -> set[tuple[str, str]]:
    """(facet, value) pairs of a record."""
    if isinstance(record, Document):
        return {("kind", "document"), ("language", record.language)}
    pairs = {("kind", "practice"), ("country", record.country), ("status", record.status)}
    pairs |= {("priority", value) for value in (record.priority, *record.secondary_priorities)}
    pairs |= {("principle", value) for value in record.principles}
    pairs |= {("level", value) for value in record.levels}
    pairs |= {("language", language) for language in record.faces}
    if record.start:
        pairs.add(("decade", str(record.start // 10 * 10)))
    return pairs


def practice_to_json(practice: Practice) -> str:
    """A practice as the database holds it; `practice_from_json` reads it back."""
    return _serialise(practice).decode()


def practice_from_json(data: str) -> Practice:
    """The practice of a text that `practice_to_json` wrote."""
    return _practices().validate_json(data)


def document_to_json(document: Document) -> str:
    return _serialise(document).decode()


def document_from_json(data: str) -> Document:
    return _documents().validate_json(data)


def content_hash(record: Practice | Document) -> str:
    """A checksum of everything that a record says."""
    return hashlib.sha256(_serialise(record)).hexdigest()


def _content_of(key: str, vector: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{key} {vector}".encode()).digest(), "big")


def _content_text(total: int) -> str:
    return f"{total % (1 << _CONTENT_BITS):064x}"


def _serialise(record: Practice | Document) -> bytes:
    return _practices().dump_json(record) if isinstance(record, Practice) else _documents().dump_json(record)


def _record_row(record: Practice | Document) -> dict[str, Any]:
    if isinstance(record, Practice):
        title, summary = record.title, record.summary
        country, start, end = record.country, record.start, record.end
    else:
        title = Bilingual(record.title, "") if record.language == "th" else Bilingual("", record.title)
        opening = " ".join(record.parts[0].text.split())[:300] if record.parts else ""
        summary = Bilingual(opening, "") if record.language == "th" else Bilingual("", opening)
        country, end = None, None
        start = int(record.date[:4]) if record.date else None
    return {
        "id": record.id,
        "kind": "practice" if isinstance(record, Practice) else "document",
        "country": country,
        "start": start,
        "end": end,
        "title_th": title.th,
        "title_en": title.en,
        "summary_th": summary.th,
        "summary_en": summary.en,
        "data": _serialise(record).decode(),
    }


@lru_cache(maxsize=1)
def _practices() -> TypeAdapter[Practice]:
    from pydantic import TypeAdapter

    return TypeAdapter(Practice)


@lru_cache(maxsize=1)
def _documents() -> TypeAdapter[Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _chunks(values: Sequence[T]) -> Iterator[list[T]]:
    for start in range(0, len(values), _CHUNK):
        yield list(values[start : start + _CHUNK])


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's errors as one line that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as exc:
        message = str(exc)
        if "locked" in message or "busy" in message:
            raise StoreError(f"{path} is in use by another run; wait for it to finish") from exc
        if "not a database" in message or "malformed" in message:
            raise StoreError(f"{path} is damaged ({message}); restore a backup, or move it away and run: kb ingest") from exc
        if any(part in message for part in ("unable to open", "readonly", "disk I/O")):
            raise StoreError(f"{path} cannot be opened ({message}); check the disk and the rights of KB_HOME") from exc
        raise StoreError(f"{path}: {message}") from exc
