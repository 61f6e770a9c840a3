"""Sessions of signed-in accounts, and tokens that prove that a form is ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from kb.desk.accounts import Account, Accounts, digest
from kb.desk.clock import Clock, moment, present, stamp
from kb.store import Store

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
_NOTED = timedelta(minutes=5)
"""How often the time of the last request is written down: not at each, or each would write."""


@dataclass(frozen=True)
class Session:
    """A signed-in account; `stored` is the hash of the token, which only the browser holds."""

    account: Account
    stored: str


class Sessions:
    """The sessions of one database."""

    def __init__(self, store: Store, accounts: Accounts, clock: Clock = present) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    def begin(self, account: Account) -> str:
        """A new session; returns its token. Always a new one, so that a token planted before signing in is worth nothing."""
        token, now = secrets.token_urlsafe(32), stamp(self._clock())
        with self._store.transaction():
            self._store.database.table("sessions").insert(
                {"token": digest(token), "account": account.id, "created": now, "seen": now}
            )
            oldest = stamp(self._clock() - LONGEST)
            self._store.database.execute("DELETE FROM sessions WHERE created < ?", [oldest])
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, or `None` where it is unknown, idle for too long, too old, or its account is shut."""
        if not token:
            return None
        stored = digest(token)
        row = self._store.database.execute("SELECT account, created, seen FROM sessions WHERE token = ?", [stored]).fetchone()
        if row is None:
            return None
        now = self._clock()
        if now - moment(row[1]) > LONGEST or now - moment(row[2]) > IDLE:
            self.end(token)
            return None
        account = self._accounts.get(row[0])
        if account is None or account.disabled:
            return None
        if now - moment(row[2]) > _NOTED:
            with self._store.transaction():
                self._store.database.execute("UPDATE sessions SET seen = ? WHERE token = ?", [stamp(now), stored])
        return Session(account, stored)

    def end(self, token: str) -> None:
        with self._store.transaction():
            self._store.database.execute("DELETE FROM sessions WHERE token = ?", [digest(token)])


def form_token(secret: str) -> str:
    """A token for one form, of the secret in the reader's cookie: another at each page, so that compressed pages leak none."""
    nonce = secrets.token_hex(8)
    return f"{nonce}.{_signed(secret, nonce)}"


def is_form_token(token: str, secret: str) -> bool:
    """Whether a form's token was made with this secret."""
    nonce, _, signature = token.partition(".")
    return bool(secret) and hmac.compare_digest(signature.encode(), _signed(secret, nonce).encode())


def _signed(secret: str, nonce: str) -> str:
    return hmac.new(secret.encode(), f"form {nonce}".encode(), hashlib.sha256).hexdigest()
