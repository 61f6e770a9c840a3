"""A desk of its own over the shared application, and people who signed in, for tests of the curators' pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from kb.desk.desk import Desk
from kb.desk.rights import Role
from web.desk import sign_in
from web.limits import RateLimit

_PASSWORD = "seven horses cross the river"


class Visit:
    """Somebody at the desk, who fills forms as a browser does."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)

    def token(self, page: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.client.get(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, files: dict[str, tuple[str, bytes]] | None = None, **form: str) -> Response:
        return self.client.post(path, data={"token": self.token("/en/desk/me"), **form}, files=files)


@contextmanager
def visit(app: FastAPI, email: str, role: Role) -> Iterator[tuple[Desk, Visit]]:
    """A desk with a quick hasher, and a new account that signed in; the application gets its own desk back."""
    before, tries = app.state.desk, sign_in._TRIES
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    desk = Desk(app.state.repository, app.state.current.store, hasher=hasher)
    app.state.desk, sign_in._TRIES = desk, RateLimit(rate=1000, burst=10_000)
    account = desk.accounts.add(email, "A curator", role, "en")
    desk.accounts.set_password(account.id, _PASSWORD)
    visitor = Visit(app)
    form = {"token": visitor.token("/en/desk/sign-in"), "email": email, "password": _PASSWORD}
    assert visitor.client.post("/en/desk/sign-in", data=form).status_code == 303
    yield desk, visitor
    app.state.desk, sign_in._TRIES = before, tries
