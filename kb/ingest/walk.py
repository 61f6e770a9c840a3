"""Finds the files to read in: in order, each once, without hidden files, loops and what no reader stands for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from kb.errors import ReadError
from kb.ingest.readers import can_read
from kb.ingest.report import Report

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


def walk(paths: Sequence[Path], report: Report) -> Iterator[tuple[Path, Path]]:
    """(file, root) for every readable file, in order, each once; loops, hidden and foreign files are left out."""
    seen: set[Path] = set()
    for given in paths:
        root = absolute(given)
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


def absolute(path: Path) -> Path:
    """One name for one place: absolute, without `..`, links left as they are."""
    return Path(os.path.normpath(path.absolute()))


def is_below(path: str, root: Path) -> bool:
    """Whether a path lies in the folder `root` or deeper."""
    return path.startswith(str(root).rstrip("/") + "/")
