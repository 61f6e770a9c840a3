"""Several processes that answer on one address: Python runs one thread at a time, so one process fills one core and a bit."""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
import sys

from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from kb.errors import KbError
from kb.repository import Repository
from kb.settings import Settings, load_settings
from web.app import create_app, server_config

_PATIENCE = 60
"""Seconds that a worker may be silent before it is taken for dead: a model takes more than the usual 5 on a busy machine."""


def run(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Serve until stopped. Each worker loads everything for itself; one that dies is started again.

    The model gets the cores divided by the workers, unless the setting `threads` says otherwise.
    """
    if not settings.threads:
        os.environ["KB_THREADS"] = str(max((os.cpu_count() or 1) // workers, 1))
    preparing = multiprocessing.get_context("spawn").Process(target=_prepare)  # its memory goes with it
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        sys.exit(preparing.exitcode)
    config = server_config("web.workers:application", factory=True, workers=workers, timeout_worker_healthcheck=_PATIENCE)
    Multiprocess(config, [listener]).run()


def _prepare() -> None:
    """Bring the index up to date once, before several processes want to."""
    repository = Repository(load_settings())
    try:
        with repository.store() as store:
            repository.ensure_index(store)
    except KbError as exc:
        print(f"kb: {exc}", file=sys.stderr)
        sys.exit(2)


def application() -> FastAPI:
    """What one worker serves, ready for questions."""
    repository = Repository(load_settings())
    repository.encoder.warm()
    app = create_app(repository)
    searcher = app.state.searcher
    searcher.warm()
    searcher.warm_rest()
    gc.freeze()  # what is loaded now stays: no collection has to look through it again
    return app
