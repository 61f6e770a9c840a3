"""A desk over an empty repository with the fake encoder, people in every role, and a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_parts import QUICK, HandClock

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.rights import Role
from kb.repository import Repository


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(repository: Repository, clock: HandClock) -> Iterator[Desk]:
    with repository.store() as store:
        yield Desk(repository, store, clock, QUICK)


@pytest.fixture
def people(desk: Desk) -> dict[str, Account]:
    """One account in each role, a second contributor, and a second editor."""
    roles = {role.value: role for role in Role} | {"stranger": Role.CONTRIBUTOR, "second": Role.EDITOR}
    return {name: desk.accounts.add(f"{name}@agency.example", name, role, "en") for name, role in roles.items()}
