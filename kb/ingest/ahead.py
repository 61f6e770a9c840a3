"""Runs an iterator in a thread of its own, a few items ahead of its reader: one stage of a pipeline.

Threads are enough where the work of the next stage is done outside Python: the encoder calculates without holding Python's
lock, so the files after it are read meanwhile. docs/benchmarks.md, under "Reading in", has what was measured.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class _End(Generic[T]):
    """The last thing that a stage hands over: nothing more, or the error that ended it."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


@contextmanager
def ahead(items: Generator[T, None, None], name: str, depth: int = 1) -> Iterator[Iterator[T]]:
    """What `items` gives, in order, calculated in a thread that is at most `depth` finished items ahead.

    An error of `items` is raised where its items are read, after those before it. On leaving, for whatever reason, the thread
    has closed `items` and ended; it is asked to stop between two items.
    """
    slots = threading.Semaphore(depth)
    handed: SimpleQueue[T | _End[T]] = SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        error: BaseException | None = None
        try:
            while True:
                slots.acquire()  # before the item is made, so that no more than `depth` wait
                if stopped.is_set():
                    break
                try:
                    handed.put(next(items))
                except StopIteration:
                    break
            items.close()
        except BaseException as exc:  # noqa: BLE001  # it is the reader's, who is in another thread
            error = exc
        handed.put(_End(error))

    def read() -> Iterator[T]:
        while True:
            item = handed.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            slots.release()  # the next one is made while the reader works on this one
            yield item

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        yield read()
    finally:
        stopped.set()
        slots.release()
        thread.join()
