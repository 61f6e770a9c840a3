"""The commands `kb user ...`: accounts of the desk from the command line, such as the first administrator."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from kb.errors import KbError
from kb.settings import load_settings

if TYPE_CHECKING:
    from kb.desk.accounts import Account, Accounts
    from kb.store import Store

ROLES = ("contributor", "reviewer", "editor", "administrator")


@click.group("user", epilog="Example:  kb user list")
def user() -> None:
    """Accounts of the desk: add, list, and give somebody a new link."""


@contextmanager
def _accounts() -> Iterator[tuple[Store, Accounts]]:
    from kb.desk.accounts import Accounts
    from kb.store import Store

    with Store(load_settings().database) as store:
        yield store, Accounts(store)


@user.command("add", epilog="Example:  kb user add somsri@agency.example --name 'สมศรี ใจดี' --role administrator")
@click.argument("email")
@click.option("--name", required=True, help="How others see the person.")
@click.option("--role", type=click.Choice(ROLES), default="contributor", show_default=True)
@click.option("--language", type=click.Choice(["th", "en"]), default="th", show_default=True, help="Of messages and mails.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of printing a link.")
def add(email: str, name: str, role: str, language: str, password_stdin: bool) -> None:
    """Make an account, and print a link with which its owner sets the password within a week."""
    from kb.desk.accounts import AccountError, check_password
    from kb.desk.rights import Role

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with _accounts() as (store, accounts), store.writing():
        account = accounts.add(email, name, Role(role), language)
        if password is None:
            _print_link(accounts, account)
            return
        try:
            check_password(password, account)
        except AccountError as exc:
            raise KbError(str(exc)) from exc
        accounts.set_password(account.id, password)
        click.echo(f"added {account.email} ({role})")


@user.command("link", epilog="Example:  kb user link somsri@agency.example")
@click.argument("email")
def link(email: str) -> None:
    """Print a new link with which an account's owner sets the password within a week."""
    with _accounts() as (_, accounts):
        account = accounts.by_email(email)
        if account is None:
            raise KbError(f"there is no account for {email}; see: kb user list")
        _print_link(accounts, account)


@user.command("list", epilog="Example:  kb user list")
def show() -> None:
    """List the accounts."""
    with _accounts() as (_, accounts):
        for account in accounts.all():
            marks = [mark for mark, on in (("second factor", account.second_factor), ("shut", account.disabled)) if on]
            click.echo("\t".join((account.email, account.role.value, account.name, ", ".join(marks))).rstrip())


def _print_link(accounts: Accounts, account: Account) -> None:
    settings = load_settings()
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    token = accounts.link(account.id, invitation=True)
    click.echo(f"{account.email} ({account.role.value}) sets the password at:\n{base}/{account.language}/desk/password/{token}")
