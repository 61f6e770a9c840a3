"""Reads files in: incremental, one transaction a file, safe to interrupt at any moment.

A file is skipped when its checksum is known. What changed is cut into passages; only passages whose text is new are
embedded, many files' together so that the encoder works on full batches. The derived index is brought up to date at the
end; if a run is stopped before that, the next one, or the next search, notices and does it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from kb.encoder import Encoder
from kb.errors import ConflictError, CorpusError, ReadError, StoreError
from kb.ingest.passages import cut, embedded_text, index_passage
from kb.ingest.progress import Progress
from kb.ingest.readers import DOCUMENT_PREFIX, Source, can_read, document_id, load, read
from kb.records import Document, Practice
from kb.store import FileState, IndexedPassage, Store
from kb.taxonomy import Taxonomy
from kb.text.segment import Segmenter

BUFFER = 256
"""Passages that are collected before they are embedded together."""

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


@dataclass
class Report:
    """What a run did. Every list holds paths or ids; `failed` and `skipped` with the reason."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    embedded: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Parts:
    """What the pipeline works with."""

    store: Store
    encoder: Encoder
    segmenter: Segmenter
    taxonomy: Taxonomy
    text_state: str
    max_bytes: int
    is_word: Callable[[str], bool]


@dataclass
class _Prepared:
    """A file that was read, waiting for its vectors."""

    path: str
    sha256: str
    record: Practice | Document
    passages: list[IndexedPassage]
    source_text: str | None
    known: bool
    replaced: str | None
    """The other record that the file was before, which goes."""


def ingest(paths: Sequence[Path], parts: Parts, progress: Progress) -> Report:
    """Read `paths` (files and folders) in, and forget what lay in those folders before and is gone.

    Errors of single files go into the report and keep no other file out. Raises `ReadError` where a path does not exist
    or a folder that held files is empty all at once, and `StoreError` where another run is at work.
    """
    started = time.monotonic()
    report = Report()
    with exclusive(parts.store.path.parent):
        refresh(parts, progress, report)
        files = list(_walk(paths, report))
        _check_not_emptied(paths, files, parts.store)
        known = parts.store.files()
        buffer: list[_Prepared] = []
        owners = {state.record: state.path for state in known.values() if state.record is not None}
        with progress.stage("reading", len(files)) as stage:
            for path, root in files:
                prepared = _prepare(path, root, parts, known, owners, report)
                if prepared is not None:
                    buffer.append(prepared)
                    if sum(len(item.passages) for item in buffer) >= BUFFER:
                        _flush(buffer, parts, report)
                stage.advance(1, report.embedded)
            _flush(buffer, parts, report)
            stage.advance(0, report.embedded)
        _forget_missing(paths, {str(path) for path, _ in files}, parts.store, report)
        parts.store.sweep(parts.encoder.fingerprint)
    report.seconds = time.monotonic() - started
    return report


def refresh(parts: Parts, progress: Progress, report: Report) -> None:
    """Cut, segment and embed stored records again where the text rules, the termbase or the model changed.

    A change of the termbase touches only records whose text has a form that came or went.
    """
    store = parts.store
    stale = store.meta("text_state") != parts.text_state
    records = _outdated(parts) if stale else store.missing_vectors(parts.encoder.fingerprint)
    if records:
        with progress.stage("bringing stored records up to date", len(records)) as stage:
            for record in records:
                found = store.practice(record) or store.document(record)
                if found is not None:
                    passages = _passages(found, parts.segmenter)
                    vectors = _embed(passages, parts, report)
                    store.put_passages(record, passages, vectors, parts.encoder.fingerprint)
                    report.refreshed.append(record)
                stage.advance(1, report.embedded)
    if stale:
        with store.transaction():
            store.set_meta("text_state", parts.text_state)
            store.set_meta("thai_words", "\n".join(sorted(parts.segmenter.own_words)))


def _outdated(parts: Parts) -> list[str]:
    """Records whose words may differ now: all of them, or where only the termbase changed, those with a changed form."""
    store = parts.store
    before, known = store.meta("text_state"), store.meta("thai_words")
    everything = sorted(record for record, _, _ in store.listing())
    if not before or known is None or before.rpartition("/")[0] != parts.text_state.rpartition("/")[0]:
        return everything
    changed = parts.segmenter.own_words ^ set(known.split("\n"))
    touched = store.records_holding(changed)
    missing = set(store.missing_vectors(parts.encoder.fingerprint))
    return [record for record in everything if record in touched or record in missing]


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Hold the writers' lock of a data folder; raises `StoreError` where another run has it."""
    with (home / "ingest.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise StoreError(f"another ingestion is at work in {home}; wait for it to finish") from exc
        yield


def _walk(paths: Sequence[Path], report: Report) -> Iterator[tuple[Path, Path]]:
    """(file, root) for every readable file, in order, each once; loops, hidden and foreign files are left out."""
    seen: set[Path] = set()
    for given in paths:
        root = _absolute(given)
        if not root.exists():
            raise ReadError(f"{given} does not exist; check the path")
        if root.is_file():
            if root not in seen:
                seen.add(root)
                yield root, root.parent
            continue
        if not os.access(root, os.R_OK | os.X_OK):
            raise ReadError(f"{given} cannot be opened; check its rights")
        for path in _files_below(root, {_identity(root)}, report):
            if path not in seen:
                seen.add(path)
                if can_read(path):
                    yield path, root
                else:
                    report.skipped[str(path)] = "no reader for this kind of file"


def _files_below(folder: Path, trail: set[tuple[int, int]], report: Report) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as exc:
        report.failed[str(folder)] = f"cannot be opened ({exc.strerror}); check its rights"
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _SKIPPED_FOLDERS:
            continue
        try:
            if not entry.is_dir():
                entry.stat()
                yield entry
                continue
            identity = _identity(entry)
        except OSError as exc:
            report.failed[str(entry)] = f"cannot be opened ({exc.strerror}); a broken link, or its rights"
            continue
        if identity in trail:
            report.failed[str(entry)] = "a link that leads back into itself; remove it"
            continue
        yield from _files_below(entry, trail | {identity}, report)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _check_not_emptied(paths: Sequence[Path], files: Sequence[tuple[Path, Path]], store: Store) -> None:
    """An empty folder that was full before is a mistake, such as a disk that is not mounted: remove nothing."""
    roots = {root for _, root in files}
    for given in paths:
        root = _absolute(given)
        if root.is_dir() and root not in roots and any(_is_below(path, root) for path in store.files()):
            raise ReadError(f"{given} holds no readable file any more, so nothing was removed; check the path")


def _prepare(
    path: Path,
    root: Path,
    parts: Parts,
    known: dict[str, FileState],
    owners: dict[str, str],
    report: Report,
) -> _Prepared | None:
    """Read one file; `None` where it is unchanged or failed. `owners` remembers which file each id came from."""
    name = str(path)
    before = known.get(name)
    checksum = ""
    try:
        source = load(path, root, parts.max_bytes)
        checksum = hashlib.sha256(source.data).hexdigest()
        if before is not None and before.sha256 == checksum and before.record is not None:
            owners[before.record] = name
            report.unchanged.append(before.record)
            return None
        record = _read(source, parts, before, owners)
    except (ReadError, CorpusError, ConflictError) as exc:
        reason = f"line {exc.line}: {exc.problem}; {exc.remedy}" if isinstance(exc, CorpusError) else str(exc)
        report.failed[name] = reason
        if before is None or before.record is None:
            parts.store.put_file(FileState(name, checksum, None, reason))
        return None
    owners[record.id] = name
    if isinstance(record, Document):
        doubtful = [str(part.number) for part in record.parts if part.doubts]
        if doubtful:
            report.doubts[name] = f"text may be damaged on {record.parts[0].kind} {', '.join(doubtful)}"
    stored = parts.store.rows([record.id])
    replaced = before.record if before is not None and before.record != record.id else None
    text = source.data.decode("utf-8-sig") if isinstance(record, Practice) else None
    return _Prepared(name, checksum, record, _passages(record, parts.segmenter), text, record.id in stored, replaced)


def _read(source: Source, parts: Parts, before: FileState | None, owners: Mapping[str, str]) -> Practice | Document:
    """The file's record; raises `ReadError` where another file has its id, `ConflictError` after a change here."""
    known = before.record if before is not None else None
    record = read(_with_free_id(source, known, owners), parts.taxonomy, parts.is_word)
    if owner := _owner(record.id, source.path, owners):
        raise ReadError(f"the id {record.id} is taken by {owner}; give one of the two another id")
    for changed in {record.id, known or record.id}:
        if parts.store.edited(changed):
            raise ConflictError(
                f"{changed} was changed here and in the file; nothing was changed: run kb export to see this side, then choose"
            )
    return record


def _with_free_id(source: Source, known: str | None, owners: Mapping[str, str]) -> Source:
    """The source with the id that its document has already, or a longer one where another folder's file has its id."""
    if known is not None and known.startswith(DOCUMENT_PREFIX):
        return replace(source, id=known)
    if _owner(source.id, source.path, owners):
        return replace(source, id=document_id(source.path, Path("/")))
    return source


def _owner(record: str, path: Path, owners: Mapping[str, str]) -> str | None:
    """Another file that is there and has this id."""
    owner = owners.get(record)
    return owner if owner is not None and owner != str(path) and Path(owner).exists() else None


def _passages(record: Practice | Document, segmenter: Segmenter) -> list[IndexedPassage]:
    return [index_passage(passage, segmenter) for passage in cut(record)]


def _flush(buffer: list[_Prepared], parts: Parts, report: Report) -> None:
    """Embed what the buffer needs, then write its files, each in a transaction of its own."""
    vectors = _embed([passage for item in buffer for passage in item.passages], parts, report)
    for item in buffer:
        own = {passage.vector: vectors[passage.vector] for passage in item.passages if passage.vector in vectors}
        with parts.store.transaction():
            if item.replaced is not None:
                parts.store.remove(item.replaced)
            parts.store.put(item.record, item.passages, own, parts.encoder.fingerprint, item.source_text)
            parts.store.put_file(FileState(item.path, item.sha256, item.record.id, None))
        (report.updated if item.known else report.added).append(item.record.id)
    buffer.clear()


def _embed(passages: Iterable[IndexedPassage], parts: Parts, report: Report) -> dict[str, np.ndarray]:
    """Vectors of the passages that have none yet, by hash; sorted by length, so that batches hold little padding."""
    texts = {passage.vector: embedded_text(passage.passage) for passage in passages}
    missing = sorted(set(texts) - parts.store.known_vectors(list(texts), parts.encoder.fingerprint))
    missing.sort(key=lambda key: len(texts[key]))
    if not missing:
        return {}
    vectors = parts.encoder.encode([texts[key] for key in missing], "document")
    report.embedded += len(missing)
    return dict(zip(missing, vectors, strict=True))


def _forget_missing(paths: Sequence[Path], present: set[str], store: Store, report: Report) -> None:
    """Remove the records of files that lay below the given folders and are gone, and refused files that are gone."""
    roots = [_absolute(path) for path in paths if path.is_dir()]
    unread = [Path(path) for path in report.failed]
    files = store.files()
    holders = Counter(state.record for state in files.values())
    for state in files.values():
        gone = state.path not in present and any(_is_below(state.path, root) for root in roots)
        if not gone or state.path in report.failed or any(_is_below(state.path, folder) for folder in unread):
            continue
        if state.record is not None and store.edited(state.record):
            report.failed[state.path] = (
                f"{state.record} was changed here and its file is gone; nothing was changed: run kb export"
            )
            continue
        with store.transaction():
            if state.record is not None and holders[state.record] == 1:
                store.remove(state.record)
                report.removed.append(state.record)
            store.forget_file(state.path)
        holders[state.record] -= 1


def _absolute(path: Path) -> Path:
    """One name for one place: absolute, without `..`, links left as they are."""
    return Path(os.path.normpath(path.absolute()))


def _is_below(path: str, root: Path) -> bool:
    return path.startswith(str(root).rstrip("/") + "/")
