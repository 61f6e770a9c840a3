"""Reads a folder in, slowly, in a process that can be killed: `python killed_ingest.py CORPUS FOLDER`.

Loads everything once, then for each line `HOME MOMENT` on standard input starts a child that reads FOLDER into HOME. The
child is killed with SIGKILL after MOMENT seconds (`0.25s`) or just before its SQL statement number MOMENT (`120`); `-`
lets it run to its end. Each line is answered with the seconds and statements that it took, the signal that ended it, and
its exit status.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.encoder import FakeEncoder, Role
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.settings import Settings
from kb.store import Store


class SlowEncoder(FakeEncoder):
    """The fake encoder at a thousand passages a second, so that a run can be stopped while it embeds."""

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        vectors = super().encode(texts, role)
        time.sleep(0.001 * len(texts))
        return vectors


class CountingRepository(Repository):
    """A repository that counts its SQL statements in a pipe and ends the process before one of them."""

    counter: int
    last: int

    def store(self, readonly: bool = False) -> Store:
        store = super().store(readonly)
        done = 0

        def count(_: str) -> None:
            nonlocal done
            if done == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            os.write(self.counter, b".")

        store.database.conn.set_trace_callback(count)
        return store


def main() -> None:
    corpus, folder = map(Path, sys.argv[1:])
    encoder = SlowEncoder()
    warm = Repository(Settings(home=folder.parent / "warm", index=folder.parent / "warm-index", corpus=corpus), encoder)
    space, segmenter, taxonomy = warm.space, warm.segmenter, warm.taxonomy
    segmenter.tokens("น้ำท่วม")  # builds its dictionary, which every child then shares
    for line in sys.stdin:
        home, moment = line.split()
        reading, writing = os.pipe()
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(reading)
            settings = Settings(home=Path(home), index=Path(f"{home}-index"), corpus=corpus)
            repository = CountingRepository(settings, encoder)
            repository.space, repository.vocabulary.segmenter, repository.vocabulary.taxonomy = space, segmenter, taxonomy
            repository.counter, repository.last = writing, int(moment) if moment.isdigit() else -1
            repository.ingest([folder], Progress(quiet=True))
            os._exit(0)
        os.close(writing)
        if moment.endswith("s"):
            time.sleep(float(moment[:-1]))
            os.kill(child, signal.SIGKILL)
        with os.fdopen(reading, "rb") as pipe:
            statements = len(pipe.read())
        status = os.waitpid(child, 0)[1]
        print(time.monotonic() - started, statements, os.WTERMSIG(status), os.WEXITSTATUS(status), flush=True)


if __name__ == "__main__":
    main()
