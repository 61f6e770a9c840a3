"""Accounts of the desk: passwords (argon2), lock-out, one-time links, a second factor. Readers need no account."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from kb.desk.audit import Audit
from kb.desk.clock import Clock, moment, present, stamp
from kb.desk.rights import Actor, Role
from kb.desk.sign_on import Person
from kb.errors import KbError
from kb.store import Store

MIN_PASSWORD = 12
MAX_PASSWORD = 200
MAX_NAME = 120
MAX_EMAIL = 254
MAX_FAILURES = 5
LOCKED = timedelta(minutes=15)
LINK_LIFE = timedelta(hours=2)
INVITATION_LIFE = timedelta(days=7)

_HASHING = threading.BoundedSemaphore(2)
"""Passwords that are hashed at once in this process: each takes 64 MiB, and many at once would be a way to fill the memory."""

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_COLUMNS = "id, email, name, role, language, totp IS NOT NULL, disabled, created, password IS NOT NULL"


class AccountError(KbError):
    """An account cannot be made or changed so; one line that says what to do."""


class SignInError(KbError):
    """Signing in failed. It does not tell whether the account exists."""


@dataclass(frozen=True)
class Account:
    """A person at the desk."""

    id: int
    email: str
    name: str
    role: Role
    language: str
    second_factor: bool = False
    disabled: bool = False
    created: str = ""
    has_password: bool = False


class Accounts:
    """The accounts of one database."""

    def __init__(self, store: Store, clock: Clock = present, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._audit = Audit(store, clock)
        self._decoy: str | None = None

    def add(self, email: str, name: str, role: Role, language: str, by: Actor | None = None) -> Account:
        """Make an account without a password; raises `AccountError` where the address is bad or taken."""
        email, name = email.strip(), " ".join(name.split())
        if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
            raise AccountError(f"{email[:80]!r} is no mail address; write it as name@agency.example")
        if not 0 < len(name) <= MAX_NAME:
            raise AccountError(f"a name of 1 to {MAX_NAME} characters is needed")
        if language not in ("th", "en"):
            raise AccountError("the language is th or en")
        with self._store.writing():
            if self.by_email(email) is not None:
                raise AccountError(f"there is an account for {email} already")
            row = {"email": email, "name": name, "role": role.value, "language": language, "created": stamp(self._clock())}
            self._store.database.table("accounts").insert(row)
            self._audit.write(by, "account-added", f"account:{email}", role=role.value)
        found = self.by_email(email)
        assert found is not None
        return found

    def get(self, number: int) -> Account | None:
        return self._one("id = ?", number)

    def by_email(self, email: str) -> Account | None:
        return self._one("email = ?", email.strip())

    def by_subject(self, subject: str) -> Account | None:
        """The account that is bound to a person of a sign-on service."""
        return self._one("subject = ?", subject)

    def all(self) -> list[Account]:
        return [_account(row) for row in self._store.database.execute(f"SELECT {_COLUMNS} FROM accounts ORDER BY name, id")]

    def names(self) -> dict[int, str]:
        """Names by id, for lists."""
        return dict(self._store.database.execute("SELECT id, name FROM accounts").fetchall())

    def change(self, number: int, by: Actor, **values: Any) -> None:
        """Change role, language, name, disabled or subject of an account; the last administrator stays one."""
        if unknown := set(values) - {"role", "language", "name", "disabled", "subject"}:
            raise AccountError(f"unknown field {sorted(unknown)[0]}")
        with self._store.writing():
            self._store.database.table("accounts").update(number, {k: _plain(v) for k, v in values.items()})
            left = self._value("SELECT count(*) FROM accounts WHERE role = 'administrator' AND NOT disabled", [])
            if left == 0:
                raise AccountError("the last administrator cannot be taken away; make another one first")
            if values.get("disabled"):
                self._store.database.execute("DELETE FROM sessions WHERE account = ?", [number])
            self._audit.write(by, "account-changed", f"account:{number}", **{k: _plain(v) for k, v in values.items()})

    # Passwords

    def set_password(self, number: int, password: str, keep: str = "") -> None:
        """Set a password and end the account's sessions, but for the one whose stored token is `keep`."""
        account = self.get(number)
        if account is None:
            raise AccountError("there is no such account")
        check_password(password, account)
        hashed = self._hash(password)
        with self._store.writing():
            self._store.database.table("accounts").update(number, {"password": hashed, "failures": 0, "locked_until": None})
            self._store.database.execute("DELETE FROM sessions WHERE account = ? AND token != ?", [number, keep])
            self._store.database.execute(
                "UPDATE one_time_links SET used = ? WHERE account = ? AND used IS NULL", [stamp(self._clock()), number]
            )
            self._audit.write(account, "password-set", f"account:{account.email}")

    def sign_in(self, email: str, password: str, code: str = "") -> Account:
        """The account, where password and second factor are right; raises `SignInError`, the same for every cause but a lock.

        Five failures in a row lock the account for a quarter of an hour; a right password does not open it before.
        """
        account = self.by_email(email[: MAX_EMAIL + 1])
        hashed = self._value("SELECT password FROM accounts WHERE id = ?", [account.id]) if account else None
        right = self._matches(hashed, password[: MAX_PASSWORD + 1])
        if account is None:
            raise SignInError("Address, password or code is wrong.")
        with self._store.writing():
            until = self._value("SELECT locked_until FROM accounts WHERE id = ?", [account.id])
            locked = until is not None and moment(until) > self._clock()
        if locked:
            raise SignInError("Too many failures; wait 15 minutes and try again, or set a new password.")
        if not right or account.disabled or (account.second_factor and not self._code_right(account.id, code)):
            self._failed(account)
            raise SignInError("Address, password or code is wrong.")
        renewed = self._hash(password) if hashed is not None and self._hasher.check_needs_rehash(hashed) else hashed
        with self._store.writing():
            self._store.database.table("accounts").update(account.id, {"failures": 0, "locked_until": None})
            if renewed != hashed:
                self._store.database.table("accounts").update(account.id, {"password": renewed})
            self._audit.write(account, "signed-in", f"account:{account.email}")
        return account

    def sign_on(self, person: Person) -> Account:
        """The account of somebody whom a sign-on service knows; raises `SignInError`.

        One that is not bound yet is found by the mail address that the service vouches for, and bound from then on. An account
        with a second factor of its own cannot come in without it.
        """
        account = self.by_subject(person.subject)
        with self._store.writing():
            if account is None and person.email:
                account = self.by_email(person.email)
                bound = account and self._value("SELECT subject FROM accounts WHERE id = ?", [account.id])
                account = None if bound else account
            if account is None or account.disabled:
                raise SignInError("There is no account for you here; ask an administrator to make one for your mail address.")
            if account.second_factor:
                raise SignInError("Your account has a second factor of its own; sign in with your password and its code.")
            self._store.database.table("accounts").update(account.id, {"subject": person.subject})
            self._audit.write(account, "signed-in", f"account:{account.email}", by="sign-on")
        return account

    def _matches(self, hashed: str | None, password: str) -> bool:
        """Whether the password is right; as slow where there is no account, so that time does not tell of one."""
        if self._decoy is None:
            self._decoy = self._hash(secrets.token_hex(16))
        try:
            with _HASHING:
                return self._hasher.verify(hashed or self._decoy, password) and hashed is not None
        except (Argon2Error, InvalidHashError):
            return False

    def _hash(self, password: str) -> str:
        with _HASHING:
            return self._hasher.hash(password)

    def _failed(self, account: Account) -> None:
        with self._store.writing():
            self._store.database.execute("UPDATE accounts SET failures = failures + 1 WHERE id = ?", [account.id])
            failures = self._value("SELECT failures FROM accounts WHERE id = ?", [account.id])
            if failures >= MAX_FAILURES:
                until = stamp(self._clock() + LOCKED)
                self._store.database.table("accounts").update(account.id, {"locked_until": until, "failures": 0})
            self._audit.write(None, "sign-in-failed", f"account:{account.email}", failures=failures)

    # One-time links

    def link(self, number: int, invitation: bool = False) -> str:
        """A token that sets the password once; of two hours, or a week for an invitation. Only its hash is stored."""
        token = secrets.token_urlsafe(32)
        expires = self._clock() + (INVITATION_LIFE if invitation else LINK_LIFE)
        with self._store.writing():
            self._store.database.table("one_time_links").insert(
                {"token": digest(token), "account": number, "expires": stamp(expires)}
            )
            self._audit.write(None, "link-made", f"account:{number}", invitation=invitation)
        return token

    def of_link(self, token: str) -> Account | None:
        """Whose password a token sets, or `None` where it is unknown, used or too old."""
        row = self._row("SELECT account, expires, used FROM one_time_links WHERE token = ?", [digest(token)])
        if row is None or row[2] is not None or moment(row[1]) <= self._clock():
            return None
        account = self.get(row[0])
        return account if account is not None and not account.disabled else None

    def redeem(self, token: str, password: str) -> Account:
        """Set the password of a one-time link's account, and use the link up; raises `AccountError`."""
        with self._store.writing():
            account = self.of_link(token)
            if account is None:
                raise AccountError("This link was used already or is too old; ask for a new one.")
            self.set_password(account.id, password)  # uses up this and all other links of the account
        return account

    # Second factor

    def begin_second_factor(self) -> str:
        """A new secret for an authenticator app; it holds once `confirm_second_factor` saw a code of it."""
        return pyotp.random_base32()

    def confirm_second_factor(self, number: int, secret: str, code: str) -> None:
        """Switch the second factor on; raises `AccountError` where the code is not the secret's."""
        if not re.fullmatch(r"[A-Z2-7]{32}", secret) or _step(secret, code, self._clock().timestamp()) is None:
            raise AccountError("The code is wrong; check the clock of your device and type the newest code.")
        with self._store.writing():
            self._store.database.table("accounts").update(number, {"totp": secret, "totp_step": 0})
            self._audit.write(self.get(number), "second-factor-on", f"account:{number}")

    def remove_second_factor(self, number: int, by: Actor) -> None:
        with self._store.writing():
            self._store.database.table("accounts").update(number, {"totp": None, "totp_step": 0})
            self._audit.write(by, "second-factor-off", f"account:{number}")

    def _code_right(self, number: int, code: str) -> bool:
        """Whether a code is the present one and was not used before."""
        with self._store.writing():
            secret, last = self._row("SELECT totp, totp_step FROM accounts WHERE id = ?", [number])
            step = _step(secret, code, self._clock().timestamp())
            if step is None or step <= last:
                return False
            self._store.database.table("accounts").update(number, {"totp_step": step})
        return True

    def _one(self, condition: str, value: Any) -> Account | None:
        row = self._row(f"SELECT {_COLUMNS} FROM accounts WHERE {condition}", [value])
        return _account(row) if row else None

    def _row(self, sql: str, values: list[Any]) -> Any:
        return self._store.database.execute(sql, values).fetchone()

    def _value(self, sql: str, values: list[Any]) -> Any:
        row = self._row(sql, values)
        return row[0] if row else None


def check_password(password: str, account: Account) -> None:
    """Raises `AccountError` where a password is too short, too long, of one letter, or the person's own name or address.

    Length is what counts (NIST SP 800-63B): no rule asks for capitals or signs.
    """
    if len(password) < MIN_PASSWORD:
        raise AccountError(f"The password has fewer than {MIN_PASSWORD} characters; a sentence of several words is good.")
    if len(password) > MAX_PASSWORD:
        raise AccountError(f"The password has more than {MAX_PASSWORD} characters; shorten it.")
    own = {account.email.casefold(), account.email.split("@")[0].casefold(), account.name.casefold()}
    if password.casefold() in own or len(set(password)) < 4:
        raise AccountError("The password is too easy to guess; choose another.")


def digest(token: str) -> str:
    """What is stored of a token: who reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _step(secret: str, code: str, seconds: float) -> int | None:
    """The time step that a code belongs to: the present one, or a neighbour for clocks that differ."""
    code = code.replace(" ", "")
    if not re.fullmatch(r"\d{6}", code):
        return None
    now = int(seconds) // 30
    return next((step for step in (now, now - 1, now + 1) if secrets.compare_digest(pyotp.HOTP(secret).at(step), code)), None)


def _account(row: Any) -> Account:
    return Account(row[0], row[1], row[2], Role(row[3]), row[4], bool(row[5]), bool(row[6]), row[7], bool(row[8]))


def _plain(value: Any) -> Any:
    if isinstance(value, Role):
        return value.value
    return int(value) if isinstance(value, bool) else value
