"""All routes of the desk, in the order in which they are looked at."""

from __future__ import annotations

from fastapi import FastAPI

from web.desk import (
    coverage,
    edit,
    edit_history,
    entry,
    evidence,
    home,
    lists,
    mail,
    me,
    people,
    reviews,
    sign_in,
    sign_on,
    submit,
    submit_files,
    submit_gate,
    submit_write,
    table,
    unanswered,
)

ROUTERS = (
    sign_in.router, sign_on.router, home.router, me.router, people.router, entry.router, edit.router, edit_history.router,
    reviews.router, evidence.router, mail.router,
    submit.router, submit_write.router, submit_gate.router, submit_files.router,
    coverage.router, unanswered.router, table.router, lists.router,
)  # fmt: skip


def include(app: FastAPI) -> None:
    """Add the desk to the application."""
    for router in ROUTERS:
        app.include_router(router)
