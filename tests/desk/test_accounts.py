"""Accounts: addresses, passwords, lock-out, one-time links, the second factor, and what the log says of them."""

from __future__ import annotations

import pyotp
import pytest
from desk_parts import PASSWORD, HandClock

from kb.desk.accounts import MAX_FAILURES, Account, AccountError, SignInError
from kb.desk.desk import Desk
from kb.desk.rights import Role
from kb.errors import StoreError


@pytest.fixture
def somsri(desk: Desk) -> Account:
    account = desk.accounts.add("Somsri@Agency.example", "  สมศรี   ใจดี ", Role.EDITOR, "th")
    desk.accounts.set_password(account.id, PASSWORD)
    return account


def test_an_account_as_it_was_made(somsri: Account) -> None:
    assert (somsri.email, somsri.name, somsri.role, somsri.language) == ("Somsri@Agency.example", "สมศรี ใจดี", Role.EDITOR, "th")


REFUSED = [
    ("somsri@agency.example", "x", "there is an account", "one account an address, capitals or not"),
    ("no address", "x", "is no mail address", "no at sign"),
    ("a@b\nBcc: c@d.example", "x", "is no mail address", "a second header in the mail"),
    ("a@b.example", " ", "a name of 1 to", "no name"),
    ("a@b.example", "x" * 121, "a name of 1 to", "too long a name"),
    ("a" * 250 + "@b.example", "x", "is no mail address", "too long an address"),
]


@pytest.mark.parametrize(("email", "name", "message", "reason"), REFUSED)
def test_accounts_that_are_refused(desk: Desk, somsri: Account, email: str, name: str, message: str, reason: str) -> None:
    with pytest.raises(AccountError, match=message):
        desk.accounts.add(email, name, Role.CONTRIBUTOR, "en")


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("short words", "fewer than 12"),
        ("x" * 201, "more than 200"),
        ("aaaaaaaaaaaaa", "too easy"),
        ("SOMSRI@agency.example", "too easy"),
    ],
)
def test_passwords_that_are_refused(desk: Desk, somsri: Account, password: str, message: str) -> None:
    with pytest.raises(AccountError, match=message):
        desk.accounts.set_password(somsri.id, password)


def test_signing_in(desk: Desk, somsri: Account) -> None:
    assert desk.accounts.sign_in("somsri@agency.EXAMPLE", PASSWORD).id == somsri.id


@pytest.mark.parametrize(
    ("email", "password"), [("nobody@agency.example", PASSWORD), ("somsri@agency.example", "wrong words here")]
)
def test_a_failure_does_not_tell_whether_the_account_exists(desk: Desk, somsri: Account, email: str, password: str) -> None:
    with pytest.raises(SignInError, match=r"^Address, password or code is wrong\.$"):
        desk.accounts.sign_in(email, password)


def test_failures_lock_an_account_even_for_the_right_password_until_time_has_passed(
    desk: Desk, somsri: Account, clock: HandClock
) -> None:
    for _ in range(MAX_FAILURES):
        with pytest.raises(SignInError, match="is wrong"):
            desk.accounts.sign_in(somsri.email, "wrong words here")
    with pytest.raises(SignInError, match="wait 15 minutes"):
        desk.accounts.sign_in(somsri.email, PASSWORD)
    clock.forward(minutes=15, seconds=1)
    assert desk.accounts.sign_in(somsri.email, PASSWORD).id == somsri.id


def test_a_success_forgets_the_failures_before(desk: Desk, somsri: Account) -> None:
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            with pytest.raises(SignInError, match="is wrong"):
                desk.accounts.sign_in(somsri.email, "wrong words here")
        desk.accounts.sign_in(somsri.email, PASSWORD)


def test_a_one_time_link_works_once(desk: Desk, somsri: Account) -> None:
    token, other = desk.accounts.link(somsri.id), desk.accounts.link(somsri.id)
    desk.accounts.redeem(token, "another sentence of words")
    assert desk.accounts.sign_in(somsri.email, "another sentence of words").id == somsri.id
    for used in (token, other):
        with pytest.raises(AccountError, match="used already"):
            desk.accounts.redeem(used, "a third sentence of words")
    with pytest.raises(SignInError):
        desk.accounts.sign_in(somsri.email, PASSWORD)


def test_a_refused_password_does_not_use_the_link_up(desk: Desk, somsri: Account) -> None:
    token = desk.accounts.link(somsri.id)
    with pytest.raises(AccountError, match="fewer than"):
        desk.accounts.redeem(token, "short")
    desk.accounts.redeem(token, "another sentence of words")


@pytest.mark.parametrize(("invitation", "hours"), [(False, 2), (True, 7 * 24)])
def test_a_link_ends(desk: Desk, somsri: Account, clock: HandClock, invitation: bool, hours: int) -> None:
    token = desk.accounts.link(somsri.id, invitation)
    clock.forward(hours=hours, seconds=-1)
    assert desk.accounts.of_link(token) is not None
    clock.forward(seconds=1)
    assert desk.accounts.of_link(token) is None


def test_no_token_and_no_password_stands_in_the_database(desk: Desk, somsri: Account) -> None:
    tokens = [desk.accounts.link(somsri.id), desk.sessions.begin(somsri)]
    stored = "\n".join(desk.store.database.conn.iterdump())
    assert not [secret for secret in (*tokens, PASSWORD) if secret in stored]


def test_a_new_password_ends_the_sessions(desk: Desk, somsri: Account) -> None:
    token = desk.sessions.begin(somsri)
    desk.accounts.set_password(somsri.id, "another sentence of words")
    assert desk.sessions.find(token) is None


def test_a_code_is_asked_for_and_works_once(desk: Desk, somsri: Account, clock: HandClock) -> None:
    secret = desk.accounts.begin_second_factor()
    code = lambda: pyotp.TOTP(secret).at(clock.now)  # noqa: E731
    with pytest.raises(AccountError, match="code is wrong"):
        desk.accounts.confirm_second_factor(somsri.id, secret, "000000" if code() != "000000" else "111111")
    desk.accounts.confirm_second_factor(somsri.id, secret, code())
    with pytest.raises(SignInError):
        desk.accounts.sign_in(somsri.email, PASSWORD)
    assert desk.accounts.sign_in(somsri.email, PASSWORD, code()).id == somsri.id
    with pytest.raises(SignInError):
        desk.accounts.sign_in(somsri.email, PASSWORD, code())  # somebody looked over the shoulder
    clock.forward(seconds=60)
    assert desk.accounts.sign_in(somsri.email, PASSWORD, code()).id == somsri.id
    desk.accounts.remove_second_factor(somsri.id, somsri)
    assert desk.accounts.sign_in(somsri.email, PASSWORD).id == somsri.id


def test_the_last_administrator_stays(desk: Desk, people: dict[str, Account]) -> None:
    administrator = people["administrator"]
    for change in ({"role": Role.EDITOR}, {"disabled": True}):
        with pytest.raises(AccountError, match="last administrator"):
            desk.accounts.change(administrator.id, administrator, **change)
    desk.accounts.change(people["second"].id, administrator, role=Role.ADMINISTRATOR)
    desk.accounts.change(administrator.id, people["second"], role=Role.EDITOR)


def test_a_shut_account_is_out_at_once(desk: Desk, people: dict[str, Account], somsri: Account) -> None:
    token = desk.sessions.begin(somsri)
    desk.accounts.change(somsri.id, people["administrator"], disabled=True)
    assert desk.sessions.find(token) is None
    assert desk.accounts.of_link(desk.accounts.link(somsri.id)) is None
    with pytest.raises(SignInError):
        desk.accounts.sign_in(somsri.email, PASSWORD)


def test_what_was_done_stands_in_the_log_and_cannot_be_changed(desk: Desk, somsri: Account) -> None:
    desk.accounts.sign_in(somsri.email, PASSWORD)
    actions = [line.action for line in desk.audit.lines()]
    assert actions == ["signed-in", "password-set", "account-added"]
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(StoreError, match="append-only"), desk.store.writing():
            desk.store.database.execute(statement)


def test_cells_of_the_log_that_a_spreadsheet_would_run_are_made_harmless(desk: Desk) -> None:
    desk.audit.write(None, "=cmd()", "+1", note="x")
    assert "'=cmd(),'+1" in "".join(desk.audit.export())
