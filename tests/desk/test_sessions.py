"""Sessions end, and tokens of forms belong to their cookie."""

from __future__ import annotations

import pytest
from desk_parts import HandClock

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.sessions import form_token, is_form_token


def test_a_session_and_its_end(desk: Desk, people: dict[str, Account]) -> None:
    token = desk.sessions.begin(people["editor"])
    found = desk.sessions.find(token)
    assert found is not None
    assert found.account.id == people["editor"].id
    desk.sessions.end(token)
    assert desk.sessions.find(token) is None


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --"])
def test_a_token_that_is_none(desk: Desk, people: dict[str, Account], token: str) -> None:
    desk.sessions.begin(people["editor"])
    assert desk.sessions.find(token) is None


def test_a_session_that_is_used_lives_a_week_and_an_idle_one_eight_hours(
    desk: Desk, people: dict[str, Account], clock: HandClock
) -> None:
    used, idle = desk.sessions.begin(people["editor"]), desk.sessions.begin(people["reviewer"])
    for _ in range(23):
        clock.forward(hours=7)
        assert desk.sessions.find(used) is not None
    assert desk.sessions.find(idle) is None
    clock.forward(hours=7.5)
    assert desk.sessions.find(used) is None


def test_each_session_has_its_own_token(desk: Desk, people: dict[str, Account]) -> None:
    assert len({desk.sessions.begin(people["editor"]) for _ in range(10)}) == 10


def test_tokens_of_forms() -> None:
    one, two = form_token("secret"), form_token("secret")
    assert one != two, "the same token on every page could be guessed from compressed pages"
    assert is_form_token(one, "secret")
    for token, secret in [
        (one, "other"),
        (one[:-1], "secret"),
        ("", "secret"),
        (".", "secret"),
        (one, ""),
        (form_token(""), ""),
    ]:
        assert not is_form_token(token, secret)
