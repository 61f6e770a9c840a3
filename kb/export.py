"""Writes the published practices back as corpus files, without loss."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import yaml

from kb.corpus import dump_practice
from kb.errors import StoreError
from kb.moved import load_moved
from kb.store import Store

_EMPTY_LIST = re.compile(r"^\[\]\s*\Z", re.MULTILINE)


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


def export_withdrawn(store: Store, path: Path) -> list[str]:
    """Add what was withdrawn at the desk to the corpus's list of moved records; returns the ids that were added."""
    known = load_moved(path.parent)
    new = [stone for stone in store.tombstones() if stone.id not in known]
    if new:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        before = _EMPTY_LIST.sub("", before)
        lines = [
            yaml.safe_dump(
                [{"id": stone.id, "day": stone.day, "th": stone.reason.th, "en": stone.reason.en}],
                allow_unicode=True, default_flow_style=False, sort_keys=False, width=10_000,
            )
            for stone in new
        ]  # fmt: skip
        _write(path, before + ("" if not before or before.endswith("\n") else "\n") + "".join(lines))
    return [stone.id for stone in new]


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
