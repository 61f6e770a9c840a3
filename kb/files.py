"""Files that a reader finds whole at every moment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kb.errors import StoreError


def write_whole(path: Path, text: str) -> None:
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
