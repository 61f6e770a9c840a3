"""The derived index: one FAISS index a language, the words of the texts, and a manifest that says what they were made from.

Everything here can be deleted and rebuilt from the database. A manifest that does not fit the database, the model, the text
version or the files beside it is never searched: `open_index` raises, and `ensure_index` rebuilds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.cache import work_folder
from kb.errors import VectorIndexError
from kb.space import LanguageSpace
from kb.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 3
MANIFEST = "manifest.json"
_STEP = 20_000


@dataclass(frozen=True)
class Manifest:
    """What an index was made from. `files` maps a file name to its SHA-256; `counts` a language to its vectors."""

    format: int
    model: str
    space: str
    dimension: int
    text: str
    content: str
    files: dict[str, str]
    counts: dict[str, int]


@dataclass(frozen=True)
class Expected:
    """What the running program needs an index to be made from."""

    model: str
    space: str
    dimension: int
    text: str
    content: str


class VectorIndex:
    """Searches unit vectors by inner product, a language at a time. Row ids are those of the `passages` table."""

    def __init__(
        self, indexes: Mapping[str, Any], hubs: Mapping[str, NDArray[np.float64]], manifest: Manifest, folder: Path
    ) -> None:
        self._indexes = indexes
        self._hubs: dict[str, dict[int, float]] = {
            language: dict(zip(rows.astype(int).tolist(), values.tolist(), strict=True))
            for language, (rows, values) in hubs.items()
        }
        self.manifest = manifest
        self.folder = folder
        """Where the files beside the index are."""

    @property
    def languages(self) -> list[str]:
        return sorted(self._indexes)

    def search(
        self, language: str, queries: NDArray[np.float32], limit: int, allowed: Sequence[int] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The best `limit` passages of a language for each query vector, higher scores first.

        `allowed` restricts to these row ids. Returns scores and row ids of shape (queries, k) with k <= limit; places that
        a restriction leaves empty hold the id -1.
        """
        import faiss

        index = self._indexes[language]
        limit = min(limit, index.ntotal)
        if allowed is None:
            return index.search(queries, limit)  # type: ignore[no-any-return]
        selector = faiss.IDSelectorBatch(np.asarray(allowed, dtype=np.int64))
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        return index.search(queries, limit, params=parameters)  # type: ignore[no-any-return]

    def hubness(self, language: str, row: int) -> float:
        """How near a passage is to any question in the other language; see `LanguageSpace.hubness`."""
        return self._hubs[language].get(row, 0.0)

    def vector(self, language: str, row: int) -> NDArray[np.float32] | None:
        """The vector of a passage, shape (1, dimension), or `None` where the index was made before the passage."""
        try:
            return self._indexes[language].reconstruct(row).reshape(1, -1)  # type: ignore[no-any-return]
        except (KeyError, RuntimeError):
            return None


def build_index(
    folder: Path, store: Store, space: LanguageSpace, expected: Expected, beside: Callable[[Path], None] | None = None
) -> Manifest:
    """Write the index of everything in the database into `folder`, in place of what was there.

    `beside` writes what else is derived from the database into the folder that it is given.
    """
    import faiss

    try:
        work = work_folder(folder)
    except OSError as exc:
        raise VectorIndexError(f"{folder.parent} cannot be written ({exc.strerror}); set KB_INDEX to another folder") from exc
    try:
        counts: dict[str, int] = {}
        for language in store.languages():
            index = faiss.IndexIDMap2(faiss.IndexFlatIP(expected.dimension))
            hubs = []
            for ids, vectors in _batches(store, expected, language):
                moved = space.project(vectors, [language] * len(vectors), "document")
                index.add_with_ids(moved, ids)
                hubs.append(np.stack([ids.astype(np.float64), space.hubness(moved, language).astype(np.float64)]))
            if index.ntotal:
                np.save(work / f"{language}.hubs.npy", np.concatenate(hubs, axis=1), allow_pickle=False)
                counts[language] = index.ntotal
                faiss.write_index(index, str(work / f"{language}.faiss"))
        if beside is not None:
            beside(work)
        files = {path.name: _sha256(path) for path in sorted(work.iterdir())}
        manifest = Manifest(FORMAT, **asdict(expected), files=files, counts=counts)
        (work / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        _swap(work, folder)
    except OSError as exc:
        raise VectorIndexError(f"{folder} cannot be written ({exc.strerror}); check the rights and the space left") from exc
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def open_index(folder: Path, expected: Expected) -> VectorIndex:
    """Load the index; raises `VectorIndexError` where it is missing, damaged, or made from something else."""
    manifest = read_manifest(folder)
    for name in ("model", "space", "dimension", "text", "content"):
        if getattr(manifest, name) != getattr(expected, name):
            raise VectorIndexError(f"the index in {folder} was made from another {name}; run: kb rebuild")
    import faiss

    indexes = {}
    hubs = {}
    for name, checksum in manifest.files.items():
        path = folder / name
        try:
            if _sha256(path) != checksum:
                raise VectorIndexError(f"{path} is damaged; run: kb rebuild")
            if path.suffix == ".faiss":
                indexes[path.stem] = faiss.read_index(str(path))
            elif path.name.endswith(".hubs.npy"):
                hubs[path.name.removesuffix(".hubs.npy")] = np.load(path, allow_pickle=False)
        except (OSError, RuntimeError, ValueError) as exc:
            raise VectorIndexError(f"{path} is missing or damaged; run: kb rebuild") from exc
    return VectorIndex(indexes, hubs, manifest, folder)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an index folder; raises `VectorIndexError` where there is none that this version understands."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**data)
        if not isinstance(manifest.files, dict) or not isinstance(manifest.counts, dict):
            raise TypeError("files and counts are tables")
    except FileNotFoundError as exc:
        raise VectorIndexError(f"there is no index in {folder}; run: kb rebuild") from exc
    except (OSError, ValueError, TypeError) as exc:
        raise VectorIndexError(f"the manifest in {folder} is damaged; run: kb rebuild") from exc
    if manifest.format != FORMAT:
        raise VectorIndexError(f"the index in {folder} has format {manifest.format}, not {FORMAT}; run: kb rebuild")
    return manifest


def _batches(store: Store, expected: Expected, language: str):  # type: ignore[no-untyped-def]
    ids: list[int] = []
    rows: list[bytes] = []
    for row, _record, vector in store.indexed_rows(expected.model, language):
        ids.append(row)
        rows.append(vector)
        if len(ids) == _STEP:
            yield np.asarray(ids, dtype=np.int64), _matrix(rows, expected.dimension)
            ids, rows = [], []
    if ids:
        yield np.asarray(ids, dtype=np.int64), _matrix(rows, expected.dimension)


def _matrix(rows: list[bytes], dimension: int) -> NDArray[np.float32]:
    return np.frombuffer(b"".join(rows), dtype="<f4").reshape(len(rows), dimension)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _swap(work: Path, folder: Path) -> None:
    """Put the finished folder in place. Keeps a `.gitkeep` or any other file that is not the index's own out of the way."""
    if not folder.exists():
        os.replace(work, folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent)) / "old"
    os.replace(folder, old)
    os.replace(work, folder)
    shutil.rmtree(old.parent, ignore_errors=True)
