"""All routes of the desk, in the order in which they are looked at."""

from __future__ import annotations

from fastapi import FastAPI

from web.desk import coverage, entry, home, me, people, sign_in, table, unanswered

ROUTERS = (
    sign_in.router,
    home.router,
    me.router,
    people.router,
    entry.router,
    coverage.router,
    unanswered.router,
    table.router,
)


def include(app: FastAPI) -> None:
    """Add the desk to the application."""
    for router in ROUTERS:
        app.include_router(router)
