"""From files to passages with their words: all that is done to a file before its passages are embedded."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb.errors import ConflictError, CorpusError, ReadError
from kb.ingest.passages import passages_of
from kb.ingest.readers import DOCUMENT_PREFIX, Source, document_id, load, read
from kb.ingest.report import Parts
from kb.records import Document, Practice
from kb.store import FileState, IndexedPassage


@dataclass(frozen=True)
class Unchanged:
    """A file that is known as it is."""

    record: str
    passages: Sequence[IndexedPassage] = ()


@dataclass(frozen=True)
class Refused:
    """A file that could not be read, and why; `state` where there is no earlier reading to keep."""

    path: str
    reason: str
    state: FileState | None
    passages: Sequence[IndexedPassage] = ()


@dataclass(frozen=True)
class Prepared:
    """A file that was read. `replaced` is the other record that the file was before, which goes; `text` a practice's source."""

    state: FileState
    before: FileState | None
    record: Practice | Document
    passages: Sequence[IndexedPassage]
    text: str | None
    replaced: str | None


@dataclass(frozen=True)
class Refreshed:
    """A stored record that was cut and segmented again."""

    record: str
    passages: Sequence[IndexedPassage]


Outcome = Unchanged | Refused | Prepared | Refreshed


def prepared(
    files: Iterable[tuple[Path, Path]], parts: Parts, known: Mapping[str, FileState]
) -> Generator[Unchanged | Refused | Prepared, None, None]:
    """What becomes of each (file, root), in order. `known` are the files that were read before, by path."""
    owners = {state.record: state.path for state in known.values() if state.record is not None}
    for path, root in files:
        yield _prepare(path, root, parts, known.get(str(path)), owners)


def refreshed(records: Iterable[str], parts: Parts) -> Generator[Refreshed, None, None]:
    """Stored records with their passages made again; without any where a record is gone meanwhile."""
    for record in records:
        found = parts.store.practice(record) or parts.store.document(record)
        if found is not None:
            yield Refreshed(record, passages_of(found, parts.segmenter))


def changed_here(record: str) -> str:
    """What is said of a record that was changed here and in its file."""
    return f"{record} was changed here and in the file; nothing was changed: run kb export to see this side, then choose"


def _prepare(
    path: Path, root: Path, parts: Parts, before: FileState | None, owners: dict[str, str]
) -> Unchanged | Refused | Prepared:
    """Read one file. `owners` remembers which file each id came from."""
    name = str(path)
    checksum = ""
    try:
        source = load(path, root, parts.max_bytes)
        checksum = hashlib.sha256(source.data).hexdigest()
        if before is not None and before.sha256 == checksum and before.record is not None:
            owners[before.record] = name
            return Unchanged(before.record)
        record = _read(source, parts, before, owners)
    except (ReadError, CorpusError, ConflictError) as exc:
        reason = f"line {exc.line}: {exc.problem}; {exc.remedy}" if isinstance(exc, CorpusError) else str(exc)
        kept = before is not None and before.record is not None
        return Refused(name, reason, None if kept else FileState(name, checksum, None, reason))
    owners[record.id] = name
    replaced = before.record if before is not None and before.record != record.id else None
    text = source.data.decode("utf-8-sig") if isinstance(record, Practice) else None
    state = FileState(name, checksum, record.id, None)
    return Prepared(state, before, record, passages_of(record, parts.segmenter), text, replaced)


def _read(source: Source, parts: Parts, before: FileState | None, owners: Mapping[str, str]) -> Practice | Document:
    """The file's record; raises `ReadError` where another file has its id, `ConflictError` after a change here."""
    known = before.record if before is not None else None
    record = read(_with_free_id(source, known, owners), parts.taxonomy, parts.is_word)
    if owner := _owner(record.id, source.path, owners):
        raise ReadError(f"the id {record.id} is taken by {owner}; give one of the two another id")
    if gone := parts.store.tombstone(record.id):
        raise ConflictError(
            f"{record.id} was withdrawn here on {gone.day}; remove the file, or open the case again at the desk"
        )
    for changed in {record.id, known or record.id}:
        if parts.store.edited(changed):
            raise ConflictError(changed_here(changed))
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
