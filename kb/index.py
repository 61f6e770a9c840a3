"""The derived index: catalogue, keywords, vectors, and a manifest that says what they were made from.

Everything here can be deleted and rebuilt from the database. A manifest that does not fit the database, the model, the text
version or the files beside it is never searched: `open_index` raises, and `Repository.ensure_index` rebuilds.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kb import vectors
from kb.cache import read_json, work_folder, write_json
from kb.catalogue import Catalogue, build_catalogue, read_catalogue, write_catalogue
from kb.errors import VectorIndexError
from kb.postings import PIECES, Postings, build_postings, read_postings, write_postings
from kb.space import LanguageSpace
from kb.store import Store
from kb.vectors import HUBS, VectorIndex
from kb.windows import Windows, read_windows, write_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 6
MANIFEST = "manifest.json"
LOCK = ".build.lock"

PART_WEIGHT = 0.3
"""Weight of a word part against a whole word in BM25."""

_STEP = 20_000

T = TypeVar("T")

Pieces = Callable[[str], tuple[str, ...]]
"""Cuts an indexed word into its smallest words: `Segmenter.pieces`."""

Beside = Callable[[Path, Path], None]
"""Reads the index in the first folder, and writes what else is derived from database and termbase into the second."""


@dataclass(frozen=True)
class Manifest:
    """What an index was made from. `files` maps a file name to its SHA-256; `counts` a language to its vectors."""

    format: int
    model: str
    space: str
    dimension: int
    text: str
    terms: str
    content: str
    files: dict[str, str]
    counts: dict[str, int]


@dataclass(frozen=True)
class Expected:
    """What the running program needs an index to be made from. `terms` are the termbase's; they stand only in what lies beside
    the vectors."""

    model: str
    space: str
    dimension: int
    text: str
    terms: str
    content: str


@dataclass(frozen=True)
class Index:
    """An index that is open. `pieces` are those of Thai words, and count its passages from the first Thai one."""

    catalogue: Catalogue
    postings: Postings
    pieces: Postings
    vectors: VectorIndex
    windows: Windows
    manifest: Manifest
    folder: Path
    """Where the files beside the index are."""


def build_index(
    folder: Path, store: Store, space: LanguageSpace, expected: Expected, pieces: Pieces, beside: Beside | None = None
) -> Manifest:
    """Write the index of everything in the database into `folder`, in place of what was there."""
    with _filled(folder) as work, store.snapshot():
        catalogue = build_catalogue(store)
        write_catalogue(work, catalogue)
        write_postings(work, build_postings(store.passage_words(), PART_WEIGHT))
        write_postings(work, build_postings(_in_pieces(store, pieces), 0.0), PIECES)
        hubs = np.empty(len(catalogue.rows), dtype=np.float32)
        for language, (first, last) in catalogue.spans.items():
            blocks = partial(_moved, store, space, expected, language, hubs[first:last])
            index = vectors.make(last - first, expected.dimension, blocks)
            if index.ntotal != last - first:
                raise VectorIndexError(f"{last - first - index.ntotal} passages have no vector; run: kb rebuild")
            vectors.write(work, language, index)
        np.save(work / HUBS, hubs, allow_pickle=False)
        windows = _windows(store, space, expected, catalogue)
        write_windows(work, store.window_count(expected.model), expected.dimension, windows)
        if beside is not None:
            beside(work, work)
        counts = {language: last - first for language, (first, last) in catalogue.spans.items()}
        manifest = Manifest(FORMAT, **asdict(expected), files=_checksums(work), counts=counts)
        _write_manifest(work, manifest)
    return manifest


def build_beside(folder: Path, expected: Expected, beside: Beside) -> Manifest:
    """Make anew only what lies beside the vectors, for a termbase that changed. Raises `VectorIndexError`."""
    before = read_manifest(folder)
    with _filled(folder) as work:
        for name in before.files:
            os.link(folder / name, work / name)
        with tempfile.TemporaryDirectory(dir=work) as fresh:  # a linked file must be replaced, not written to
            beside(work, Path(fresh))
            for path in Path(fresh).iterdir():
                os.replace(path, work / path.name)
        manifest = replace(before, terms=expected.terms, files=_checksums(work))
        _write_manifest(work, manifest)
    return manifest


def open_index(folder: Path, expected: Expected, checked: Path | None = None) -> Index:
    """Load the index; raises `VectorIndexError` where it is missing, damaged, or made from something else.

    `checked` is a file that remembers which files were found undamaged, so that they are not read whole each time.
    """
    manifest = read_manifest(folder)
    for name in ("model", "space", "dimension", "text", "content"):
        if getattr(manifest, name) != getattr(expected, name):
            raise VectorIndexError(f"the index in {folder} was made from another {name}; run: kb rebuild")
    _check(folder, manifest, checked)
    try:
        catalogue = read_catalogue(folder)
        postings, small = read_postings(folder), read_postings(folder, PIECES)
        indexes = {language: vectors.read(folder / f"{language}.faiss") for language in manifest.counts}
        hubs: NDArray[np.float32] = np.load(folder / HUBS, allow_pickle=False)
        windows = read_windows(folder)
    except (OSError, RuntimeError, ValueError, KeyError) as exc:
        raise VectorIndexError(f"a file in {folder} is missing or damaged; run: kb rebuild") from exc
    return Index(catalogue, postings, small, VectorIndex(indexes, hubs, catalogue), windows, manifest, folder)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an index folder; raises `VectorIndexError` where there is none that this version understands."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if isinstance(data, dict) and data.get("format") != FORMAT:
            raise VectorIndexError(f"the index in {folder} has format {data.get('format')}, not {FORMAT}; run: kb rebuild")
        manifest = Manifest(**data)
        if not isinstance(manifest.files, dict) or not isinstance(manifest.counts, dict):
            raise TypeError("files and counts are tables")
    except FileNotFoundError as exc:
        raise VectorIndexError(f"there is no index in {folder}; run: kb rebuild") from exc
    except (OSError, ValueError, TypeError) as exc:
        raise VectorIndexError(f"the manifest in {folder} is damaged; run: kb rebuild") from exc
    return manifest


def _check(folder: Path, manifest: Manifest, checked: Path | None) -> None:
    """Compare every file with its checksum, but for those that were compared before and did not change since."""
    stored = read_json(checked) if checked else None
    known = stored if isinstance(stored, dict) else {}
    seen: dict[str, Any] = {}
    for name, checksum in manifest.files.items():
        path = folder / name
        try:
            state = path.stat()
            stamp = [checksum, state.st_size, state.st_mtime_ns, state.st_ino]
            if known.get(name) != stamp and _sha256(path) != checksum:
                raise VectorIndexError(f"{path} is damaged; run: kb rebuild")
        except OSError as exc:
            raise VectorIndexError(f"{path} is missing or damaged; run: kb rebuild") from exc
        seen[name] = stamp
    if checked and seen != known:
        write_json(checked, seen)


def _in_pieces(store: Store, pieces: Pieces) -> Iterator[tuple[str, str]]:
    """The pieces of the words of every Thai passage, in order of position, as `build_postings` takes words."""
    cut: dict[str, str] = {}
    for words, _ in store.passage_words("th"):
        listed = words.split()
        for word in listed:
            if word not in cut:
                cut[word] = " ".join(pieces(word))
        yield " ".join(map(cut.__getitem__, listed)), ""


def _moved(
    store: Store, space: LanguageSpace, expected: Expected, language: str, hubs: NDArray[np.float32]
) -> Iterator[NDArray[np.float32]]:
    """The vectors of a language in the common space, in order of position, block by block; fills `hubs` on the way."""
    done = 0
    for block in _blocks(store.passage_vectors(expected.model, language)):
        raw = np.frombuffer(b"".join(block), dtype="<f4").reshape(len(block), expected.dimension)
        moved = space.project(raw, [language] * len(raw), "document")
        hubs[done : done + len(raw)] = space.hubness(moved, language)
        done += len(raw)
        yield moved


def _windows(
    store: Store, space: LanguageSpace, expected: Expected, catalogue: Catalogue
) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """How many windows each passage has, and their vectors in the common space, in order of position, block by block."""
    size = 2 * expected.dimension
    for language in catalogue.spans:
        for block in _blocks(store.passage_windows(expected.model, language)):
            raw = np.frombuffer(b"".join(row for row in block if row), dtype="<f2").reshape(-1, expected.dimension)
            counts = [len(row) // size if row else 0 for row in block]
            yield counts, space.project(raw.astype(np.float32), [language] * len(raw), "document")


def _blocks(rows: Iterator[T]) -> Iterator[list[T]]:
    block: list[T] = []
    for row in rows:
        block.append(row)
        if len(block) == _STEP:
            yield block
            block = []
    if block:
        yield block


def _checksums(folder: Path) -> dict[str, str]:
    return {path.name: _sha256(path) for path in sorted(folder.iterdir())}


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write_manifest(work: Path, manifest: Manifest) -> None:
    (work / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", encoding="utf-8")


@contextmanager
def _filled(folder: Path) -> Iterator[Path]:
    """A folder to fill, which is put in the place of `folder` when that is done. One process fills at a time."""
    with ExitStack() as held:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            fcntl.flock(held.enter_context((folder.parent / LOCK).open("w")), fcntl.LOCK_EX)
            work = work_folder(folder)
        except OSError as exc:
            raise VectorIndexError(
                f"{folder.parent} cannot be written ({exc.strerror}); set KB_INDEX to another folder"
            ) from exc
        try:
            yield work
            _swap(work, folder)
        except OSError as exc:
            raise VectorIndexError(f"{folder} cannot be written ({exc.strerror}); check the rights and the space left") from exc
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _swap(work: Path, folder: Path) -> None:
    """Put the finished folder in place. Keeps a `.gitkeep` or any other file that is not the index's own out of the way."""
    if not folder.exists():
        os.replace(work, folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent)) / "old"
    os.replace(folder, old)
    os.replace(work, folder)
    shutil.rmtree(old.parent, ignore_errors=True)
