"""Files that belong to an entry: where they lie, what they say, and what was taken from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.desk.audit import Audit
from kb.desk.clock import Clock, present, stamp
from kb.desk.file_reading import USUAL, Limits, read_apart
from kb.desk.rights import Actor
from kb.desk.uploads import UNKNOWN_KIND, Stored, Stream, UploadError, Uploads, check_suffix, safe_name
from kb.errors import ReadError
from kb.records import Document
from kb.store import Store, document_from_json, document_to_json

MAX_ATTACHMENTS = 20
"""Files of one entry."""

_COLUMNS = "id, entry, name, format, sha256, bytes, author, made"

_PROTECTED = "The file is protected with a password or of an old Office kind; save it as PDF, DOCX or PPTX without a password."
_HEAVY = "The file is too heavy to be read; split it, or save it again without pictures."
_SCANNED = "The pages are pictures without text (a scan); run it through text recognition first."
_MISLABELLED = "The file holds something else than its name says; give it the right ending."
_EMPTY = "There is no text in the file."

_CAUSES = (
    (r"encrypted", _PROTECTED),
    (r"zip bomb|too much memory|too long|thousand pages|pages are more", _HEAVY),
    (r"text layer", _SCANNED),
    (r"^named ", _MISLABELLED),
    (r"empty|no text|no main text", _EMPTY),
    (r"binary data|neither DOCX nor PPTX|practice file", UNKNOWN_KIND),
)
"""What the message of a reader holds, and why the file is refused, for people; the first that fits."""

_DAMAGED = "The file is damaged or cut off; open it, save it again and hand it in once more."
REFUSALS = (*(text for _, text in _CAUSES), _DAMAGED, "The file is too large.", "Choose a file first.")
"""Every reason for which a file is not taken, as people read it."""


@dataclass(frozen=True)
class Attachment:
    """A file of an entry without its text. `format` is what it holds, such as `pdf`."""

    id: int
    entry: int
    name: str
    format: str
    sha256: str
    bytes: int
    author: int
    made: str


@dataclass(frozen=True)
class Received:
    """A file that was taken and read, and belongs to no entry yet."""

    name: str
    stored: Stored
    document: Document


class Attachments:
    """The files of one database's entries."""

    def __init__(self, store: Store, uploads: Uploads, clock: Clock = present, limits: Limits = USUAL) -> None:
        self._store = store
        self._uploads = uploads
        self._clock = clock
        self._limits = limits
        self._audit = Audit(store, clock)

    @property
    def max_bytes(self) -> int:
        return self._uploads.max_bytes

    def receive(self, name: str, stream: Stream) -> Received:
        """Take a file and read its text in a process of its own; raises `UploadError`, and keeps nothing of it then."""
        name = safe_name(name)
        check_suffix(name)
        stored = self._uploads.receive(stream)
        try:
            return Received(name, stored, read_apart(self._uploads.path(stored.sha256), name, self._limits))
        except ReadError as exc:
            self._drop_unused(stored.sha256)
            raise UploadError(_cause(str(exc))) from exc

    def add(self, entry: int, received: Received, actor: Actor) -> Attachment:
        """Make a file one of an entry's; the same file again is the one that is there.

        Raises `UploadError` for one too many.
        """
        with self._store.writing():
            present_ones = self.of(entry)
            for one in present_ones:
                if one.sha256 == received.stored.sha256:
                    return one
            if len(present_ones) >= MAX_ATTACHMENTS:
                self._drop_unused(received.stored.sha256)
                raise UploadError("The entry has as many files as it may have; take one out first.")
            number = self._store.database.table("attachments").insert({
                "entry": entry, "name": received.name, "format": received.document.format, "sha256": received.stored.sha256,
                "bytes": received.stored.bytes, "author": actor.id, "made": stamp(self._clock()),
                "text": document_to_json(received.document), "proposals": "",
            }).last_pk  # fmt: skip
            self._audit.write(actor, "file-added", f"entry:{entry}", name=received.name, sha256=received.stored.sha256)
        assert isinstance(number, int)
        return self.required(entry, number)

    def of(self, entry: int) -> list[Attachment]:
        """The files of an entry, the oldest first."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM attachments WHERE entry = ? ORDER BY id", [entry])
        return [Attachment(*row) for row in rows]

    def required(self, entry: int, number: int) -> Attachment:
        """A file of this entry and no other; raises `UploadError` where there is none."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM attachments WHERE entry = ? AND id = ?", [entry, number])
        if not rows:
            raise UploadError("There is no such file.")
        return Attachment(*rows[0])

    def document(self, attachment: Attachment) -> Document:
        """What a file says, by page, slide or section."""
        return document_from_json(self._rows("SELECT text FROM attachments WHERE id = ?", [attachment.id])[0][0])

    def proposals(self, attachment: Attachment) -> str:
        """What was proposed from a file and taken from it, as `kb.desk.taking` wrote it; empty before the first time."""
        return str(self._rows("SELECT proposals FROM attachments WHERE id = ?", [attachment.id])[0][0])

    def keep_proposals(self, attachment: Attachment, data: str) -> None:
        with self._store.writing():
            self._store.database.table("attachments").update(attachment.id, {"proposals": data})

    def path(self, attachment: Attachment) -> Path:
        """Where the file lies; raises `UploadError` where it is gone."""
        path = self._uploads.path(attachment.sha256)
        if not path.is_file():
            raise UploadError("There is no such file.")
        return path

    def remove(self, attachment: Attachment, actor: Actor) -> None:
        """Take a file out of its entry; raises `UploadError` where a check of a claim rests on it."""
        with self._store.writing():
            if self._rows("SELECT 1 FROM claim_checks WHERE attachment = ? LIMIT 1", [attachment.id]):
                raise UploadError("A check of a claim rests on this file, so it stays.")
            self._store.database.execute("DELETE FROM attachments WHERE id = ?", [attachment.id])
            self._audit.write(
                actor, "file-removed", f"entry:{attachment.entry}", name=attachment.name, sha256=attachment.sha256
            )
            self._drop_unused(attachment.sha256)

    def _drop_unused(self, sha256: str) -> None:
        if not self._rows("SELECT 1 FROM attachments WHERE sha256 = ? LIMIT 1", [sha256]):
            self._uploads.drop(sha256)

    def _rows(self, sql: str, values: list[Any]) -> list[Any]:
        return list(self._store.database.execute(sql, values).fetchall())


def _cause(problem: str) -> str:
    """Why a file cannot be read, for people: one of `REFUSALS`."""
    return next((text for pattern, text in _CAUSES if re.search(pattern, problem)), _DAMAGED)
