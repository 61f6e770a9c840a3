"""Tables that wait for their confirmation: one file an account, a day at most. No name that a person gives reaches the disk."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from kb.cache import read_json
from kb.errors import KbError

HELD_SECONDS = 24 * 3600
MAX_NAME = 120


class HeldTableError(KbError):
    """The file is not there any more."""


@dataclass(frozen=True)
class Upload:
    """A file and the name that its sender's machine gave it."""

    name: str
    data: bytes


class HeldTables:
    """Files below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, account: int, upload: Upload) -> None:
        """Keep a file in place of the account's last one."""
        self.sweep()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(self._data(account), upload.data)
        self._write(self._about(account), json.dumps({"name": upload.name[:MAX_NAME]}).encode())

    def get(self, account: int) -> Upload:
        """The account's file; raises `HeldTableError` where there is none, or it is too old."""
        self.sweep()
        about = read_json(self._about(account))
        try:
            return Upload(str(about["name"] if about else ""), self._data(account).read_bytes())
        except (OSError, TypeError, KeyError) as exc:
            raise HeldTableError("The uploaded table is no longer here; upload it again.") from exc

    def forget(self, account: int) -> None:
        for path in (self._data(account), self._about(account)):
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what was not confirmed within a day."""
        for path in self._folder.glob("table-*"):
            try:
                if time.time() - path.stat().st_mtime > HELD_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue

    def _data(self, account: int) -> Path:
        return self._folder / f"table-{account}.bin"

    def _about(self, account: int) -> Path:
        return self._folder / f"table-{account}.json"

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        """Whole or not at all, readable by the server alone."""
        beside = path.with_suffix(path.suffix + ".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(data)
        beside.replace(path)
