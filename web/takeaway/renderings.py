"""Files that were made are kept for a while, and only a few are made at a time."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable


class BusyError(Exception):
    """Too many files are being made or waited for."""


class Renderings:
    """Makes at most `slots` files at once while `waiting` more may wait; keeps the latest up to `limit` bytes in memory."""

    def __init__(self, slots: int = 2, waiting: int = 8, limit: int = 32_000_000, patience: float = 20) -> None:
        self._places = threading.BoundedSemaphore(slots + waiting)
        self._slots = threading.BoundedSemaphore(slots)
        self._patience = patience
        self._limit = limit
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, content: str, make: Callable[[], bytes]) -> bytes:
        """The file for `content`, which says everything that it depends on. Raises `BusyError` where there is no place."""
        key = hashlib.sha256(content.encode()).hexdigest()
        if (known := self._known(key)) is not None:
            return known
        if not self._places.acquire(blocking=False):
            raise BusyError
        try:
            if not self._slots.acquire(timeout=self._patience):
                raise BusyError
            try:
                if (known := self._known(key)) is None:
                    known = make()
                    self._keep(key, known)
                return known
            finally:
                self._slots.release()
        finally:
            self._places.release()

    def _known(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: str, made: bytes) -> None:
        if len(made) > self._limit:
            return
        with self._lock:
            self._size += len(made) - len(self._kept.pop(key, b""))
            self._kept[key] = made
            while self._size > self._limit:
                self._size -= len(self._kept.popitem(last=False)[1])
