"""Files that people hand in: streamed to disk under their checksum, never under a name that somebody chose."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kb.desk.file_reading import SUFFIXES
from kb.errors import KbError

MAX_NAME = 120
UNKNOWN_KIND = "Only PDF, DOCX, PPTX, HTML and plain text files can be read; save the file in one of these forms."
_PIECE = 1 << 16
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


class UploadError(KbError):
    """A file cannot be taken; one line that says what to do."""


class Stream(Protocol):
    """Anything that gives bytes piece by piece."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Stored:
    """A file on disk: its checksum, which is its name there, and its size in bytes."""

    sha256: str
    bytes: int


class Uploads:
    """The folder of uploaded files. The same bytes are stored once."""

    def __init__(self, home: Path, max_bytes: int) -> None:
        self._folder = home / "uploads"
        self.max_bytes = max_bytes

    def receive(self, stream: Stream) -> Stored:
        """Write a stream to disk; raises `UploadError` as soon as it is longer than allowed, and leaves nothing behind then."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(prefix=".part-", dir=self._folder)  # only the server's own account may read it
        try:
            with os.fdopen(handle, "wb") as file:
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    if size > self.max_bytes:
                        raise UploadError("The file is too large.")
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if not size:
                raise UploadError("Choose a file first.")
            os.replace(name, self._folder / digest.hexdigest())
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)  # noqa: PTH108
            raise
        return Stored(digest.hexdigest(), size)

    def path(self, sha256: str) -> Path:
        """Where a file lies; raises `UploadError` for what is no checksum, so that no other path can be named."""
        if not _CHECKSUM.fullmatch(sha256):
            raise UploadError("There is no such file.")
        return self._folder / sha256

    def drop(self, sha256: str) -> None:
        """Remove a file that nothing names."""
        self.path(sha256).unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A file's name for people: no folders, no control or direction marks, no leading dots, of bounded length, its ending kept.

    It is shown and given back at download. On the server's disk the file has its checksum as its name.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(" " if character in '<>:"|?*;' else character for character in last if _is_plain(character))
    kept = " ".join(kept.split()).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:MAX_NAME] or "file"
    return f"{(stem.rstrip() or 'file')[: MAX_NAME - len(ending[:10]) - 1]}.{ending[:10]}"


def _is_plain(character: str) -> bool:
    """Letters, marks, digits, signs and blanks; no control, format (such as turning the direction), or private character."""
    return unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029"


def check_suffix(name: str) -> None:
    """Raises `UploadError` for a kind of file that is not taken."""
    if Path(name).suffix.lower() not in SUFFIXES:
        raise UploadError(UNKNOWN_KIND)
