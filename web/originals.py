"""The original file of a document, where the operator allows it: below one folder, and still the file that was read in."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kb.settings import Settings
from kb.store import Store

MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""Types that no browser runs as a page; anything else is sent as plain bytes."""


def original_of(record: str, store: Store, settings: Settings) -> tuple[Path, str] | None:
    """The file that a document was read from and its checksum, where it lies below `KB_ORIGINALS`; else `None`.

    The path comes from the ingestion, never from a reader; links in it are followed before its place is judged.
    """
    if not settings.originals:
        return None
    folder = Path(settings.originals).expanduser()
    for state in store.files_of(record):
        try:
            path, root = Path(state.path).resolve(strict=True), folder.resolve(strict=True)
        except (OSError, RuntimeError):  # RuntimeError: a link that leads back into itself
            continue
        if path.is_relative_to(root) and path.is_file():
            return path, state.sha256
    return None


def unchanged(path: Path, sha256: str) -> bytes | None:
    """The bytes of a file if they are still those that were read in, else `None`."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None
