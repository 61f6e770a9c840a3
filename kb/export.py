"""Writes the published practices back as corpus files, without loss."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from kb.corpus import dump_practice
from kb.files import write_whole
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
            write_whole(path, text)
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
        write_whole(path, before + ("" if not before or before.endswith("\n") else "\n") + "".join(lines))
    return [stone.id for stone in new]


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
