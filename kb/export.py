"""Writes the published practices back as corpus files, without loss."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kb.corpus import dump_practice
from kb.errors import StoreError
from kb.store import Store


def export_practices(store: Store, folder: Path) -> tuple[list[str], list[str]]:
    """Write every practice below `folder`; returns the ids that were written and those whose file was the same already.

    A practice that was not changed since it was read in is written as the very text it was read from. After this the files
    and the database agree, so the next ingestion finds no conflict.
    """
    written, same = [], []
    for practice, source, changed in store.practices():
        text = source if source is not None and not changed else dump_practice(practice)
        path = folder / practice.country.lower() / f"{practice.id}.md"
        if _holds(path, text):
            same.append(practice.id)
        else:
            _write(path, text)
            written.append(practice.id)
        if changed:
            store.mark_exported(practice.id, text)
    return written, same


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old text or the new one, never half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as exc:
        raise StoreError(f"{path} cannot be written ({exc.strerror}); check the rights and the space left") from exc
