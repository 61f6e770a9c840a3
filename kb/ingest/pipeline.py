"""Reads files in: incremental, each file wholly or not at all, safe to interrupt at any moment.

A file is skipped when its checksum is known. What changed is cut into passages; only passages whose text is new are
embedded. Reading and embedding run in a thread each, ahead of writing: while the encoder works on one batch of files, the next
one is read and the one before is written, in one transaction. The derived index is brought up to date at the end; if a run
is stopped before that, the next one, or the next search, notices and does it.
"""

from __future__ import annotations

import fcntl
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import ReadError, StoreError
from kb.ingest.ahead import ahead
from kb.ingest.batch import Batch, batched, embedded
from kb.ingest.prepare import Outcome, Prepared, Refreshed, Refused, Unchanged, changed_here, prepared, refreshed
from kb.ingest.progress import Progress, Stage
from kb.ingest.report import Parts, Report
from kb.ingest.walk import absolute, is_below, walk
from kb.records import Document
from kb.store import Store
from kb.text.segment import Segmenter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Parts", "Report", "exclusive", "ingest", "refresh", "remember_words"]


def ingest(paths: Sequence[Path], parts: Parts, progress: Progress) -> Report:
    """Read `paths` (files and folders) in, and forget what lay in those folders before and is gone.

    Errors of single files go into the report and keep no other file out. Raises `ReadError` where a path does not exist
    or a folder that held files is empty all at once, and `StoreError` where another run is at work.
    """
    started = time.monotonic()
    report = Report()
    with exclusive(parts.store.path.parent):
        refresh(parts, progress, report)
        files = list(walk(paths, report))
        known = parts.store.files()
        _check_not_emptied(paths, files, known)
        with progress.stage("reading", len(files)) as stage:
            _run(prepared(files, parts, known), parts, report, stage)
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
            _run(refreshed(records, parts), parts, report, stage)
    if stale:
        remember_words(store, parts.text_state, parts.segmenter)


def remember_words(store: Store, text_state: str, segmenter: Segmenter) -> None:
    """Note with which words the texts of the database are cut, so that a change of them is seen."""
    with store.transaction():
        store.set_meta("text_state", text_state)
        store.set_meta("thai_words", "\n".join(sorted(segmenter.own_words)))


def _run(outcomes: Generator[Outcome, None, None], parts: Parts, report: Report, stage: Stage) -> None:
    """The pipeline: files become batches in one thread, batches get their vectors in a second, and are written in this one."""
    with ahead(_staged(outcomes, parts), "encoder") as batches:
        for batch in batches:
            _write(batch, parts, report)
            batch.written = True
            report.embedded += len(batch.vectors)
            stage.advance(len(batch.outcomes), report.embedded)


def _staged(outcomes: Generator[Outcome, None, None], parts: Parts) -> Generator[Batch, None, None]:
    with ahead(batched(outcomes), "reader") as batches:
        yield from embedded(batches, parts)


def _write(batch: Batch, parts: Parts, report: Report) -> None:
    """Write the files of a batch together, so that a crash leaves each of them wholly in or wholly out."""
    with parts.store.transaction():
        for outcome in batch.outcomes:
            if isinstance(outcome, Unchanged):
                report.unchanged.append(outcome.record)
            elif isinstance(outcome, Refused):
                _write_refused(outcome, parts.store, report)
            elif isinstance(outcome, Prepared):
                _write_prepared(outcome, batch, parts, report)
            else:
                parts.store.put_passages(outcome.record, outcome.passages, _own(outcome, batch), parts.encoder.fingerprint)
                report.refreshed.append(outcome.record)


def _write_refused(refused: Refused, store: Store, report: Report) -> None:
    report.failed[refused.path] = refused.reason
    if refused.state is not None:
        store.put_file(refused.state)


def _write_prepared(item: Prepared, batch: Batch, parts: Parts, report: Report) -> None:
    store, record = parts.store, item.record
    known = store.rows([record.id])
    for changed in {record.id, item.replaced or record.id}:
        if store.edited(changed):  # since the file was read
            report.failed[item.state.path] = changed_here(changed)
            return
    if isinstance(record, Document) and (doubtful := [str(part.number) for part in record.parts if part.doubts]):
        report.doubts[item.state.path] = f"text may be damaged on {record.parts[0].kind} {', '.join(doubtful)}"
    if item.replaced is not None:
        store.remove(item.replaced)
    store.put(record, item.passages, _own(item, batch), parts.encoder.fingerprint, item.text)
    store.put_file(item.state)
    (report.updated if known else report.added).append(record.id)


def _own(outcome: Prepared | Refreshed, batch: Batch) -> dict[str, NDArray[np.float32]]:
    """The new vectors of one file's passages."""
    return {passage.vector: batch.vectors[passage.vector] for passage in outcome.passages if passage.vector in batch.vectors}


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


def _check_not_emptied(paths: Sequence[Path], files: Sequence[tuple[Path, Path]], known: Iterable[str]) -> None:
    """An empty folder that was full before is a mistake, such as a disk that is not mounted: remove nothing."""
    roots = {root for _, root in files}
    for given in paths:
        root = absolute(given)
        if root.is_dir() and root not in roots and any(is_below(path, root) for path in known):
            raise ReadError(f"{given} holds no readable file any more, so nothing was removed; check the path")


def _forget_missing(paths: Sequence[Path], present: set[str], store: Store, report: Report) -> None:
    """Remove the records of files that lay below the given folders and are gone, and refused files that are gone."""
    roots = [absolute(path) for path in paths if path.is_dir()]
    unread = [Path(path) for path in report.failed]
    files = store.files()
    holders = Counter(state.record for state in files.values())
    for state in files.values():
        gone = state.path not in present and any(is_below(state.path, root) for root in roots)
        if not gone or state.path in report.failed or any(is_below(state.path, folder) for folder in unread):
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
