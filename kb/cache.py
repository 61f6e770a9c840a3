"""Files of what was read or calculated before. Each may be deleted at any moment."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any


def read_json(path: Path) -> Any | None:
    """What `write_json` wrote, or `None` where there is no readable file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path: Path, value: Any, older: str = "") -> None:
    """Write a file that a reader sees whole or not at all; `older` is a pattern of files beside it that it replaces.

    Nothing is written where the value would not come back the same, but for tuples as lists, or where the folder cannot be
    written.
    """
    if not _is_plain(value):
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError, UnicodeEncodeError):
        data = json.dumps(value, ensure_ascii=False).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            for known in path.parent.glob(older) if older else ():
                known.unlink(missing_ok=True)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def work_folder(target: Path) -> Path:
    """A new folder beside `target`, to be filled and then put in its place; what an interrupted run left there is removed.

    Raises `OSError` where nothing can be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".{target.name}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))


def _is_plain(value: Any) -> bool:
    """Whether a value is made of what JSON knows: a date, a set or a number as a key is not."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float)
