"""One honest progress display: a bar on a terminal, plain lines elsewhere, nothing where it is not wanted."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

_PLAIN_SECONDS = 5.0


class Stage(Protocol):
    def advance(self, files: int, embedded: int) -> None:
        """`files` more are done; `embedded` passages have been embedded in the whole run so far."""
        ...


class Progress:
    """Shows stages on `stream`: `auto` draws a bar only on a terminal."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Stage]:
        """Show a stage with `total` files while the block runs."""
        if self._quiet or not total:
            yield _Silent()
        elif self._stream.isatty():
            with _Bar(name, total, self._stream) as bar:
                yield bar
        else:
            lines = _Lines(name, total, self._stream)
            yield lines
            lines.close()


class _Silent:
    def advance(self, files: int, embedded: int) -> None:
        pass


class _Bar:
    """A tqdm bar over files, with the passages embedded so far and their speed."""

    def __init__(self, name: str, total: int, stream: TextIO) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, desc=name, unit="file", file=stream, dynamic_ncols=True, mininterval=0.2)
        self._started = time.monotonic()

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def advance(self, files: int, embedded: int) -> None:
        speed = embedded / max(time.monotonic() - self._started, 1e-6)
        self._bar.set_postfix_str(f"{embedded} passages, {speed:.1f}/s", refresh=False)
        self._bar.update(files)


class _Lines:
    """A line every few seconds: counts, speed and time left."""

    def __init__(self, name: str, total: int, stream: TextIO) -> None:
        self._name, self._total, self._stream = name, total, stream
        self._done = 0
        self._embedded = 0
        self._last = (-1, -1)
        self._started = self._shown = time.monotonic()

    def advance(self, files: int, embedded: int) -> None:
        self._done += files
        self._embedded = embedded
        if time.monotonic() - self._shown >= _PLAIN_SECONDS:
            self._show()

    def close(self) -> None:
        if (self._done, self._embedded) != self._last:
            self._show()

    def _show(self) -> None:
        now = time.monotonic()
        self._shown = now
        self._last = (self._done, self._embedded)
        elapsed = max(now - self._started, 1e-6)
        left = elapsed / self._done * (self._total - self._done) if self._done else float("nan")
        remaining = f", {left:.0f} s left" if 0 < self._done < self._total else ""
        print(
            f"{self._name}: {self._done}/{self._total} files, {self._embedded} passages embedded "
            f"({self._embedded / elapsed:.1f}/s){remaining}",
            file=self._stream,
            flush=True,
        )
