"""A mail server, as the settings name it: one connection at a time, encrypted wherever the server can.

A user's password travels over an encrypted connection only. Three things can go wrong: `MailError`, the server itself fails;
`RefusedError`, it will never take this mail; `LaterError`, it does not take this mail now.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from kb.errors import KbError
from kb.settings import Settings

TIMEOUT = 10.0
"""Seconds for each step of a conversation."""
_PORTS = {"smtp": 25, "smtps": 465}


class MailError(KbError):
    """The server could not be reached, or does not let us in."""


class RefusedError(KbError):
    """The server will not take this mail, however often it is sent."""


class LaterError(KbError):
    """The server does not take this mail now, but may take it later, and others."""


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out. `sure` is whether the connection is encrypted from the start."""

    host: str
    port: int
    sender: str
    sure: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT


def mail_server(settings: Settings) -> MailServer | None:
    """The server of the settings, or `None` where there is none."""
    if not settings.smtp:
        return None
    parts = urlsplit(settings.smtp)
    user = unquote(parts.username or "")
    return MailServer(
        parts.hostname or "", parts.port or _PORTS[parts.scheme], settings.mail_from, parts.scheme == "smtps", user,
        settings.smtp_password,
    )  # fmt: skip


@contextmanager
def connected(server: MailServer, trusted: ssl.SSLContext | None = None) -> Iterator[smtplib.SMTP]:
    """A conversation with the server, signed in where it has a user; raises `MailError`. `trusted` says whom to believe."""
    context = trusted or ssl.create_default_context()
    try:
        with _opened(server, context) as connection:
            yield connection
    except smtplib.SMTPException as exc:
        raise MailError(f"mail server {server.host}:{server.port}: {_said(exc)}") from exc
    except OSError as exc:
        raise MailError(f"mail server {server.host}:{server.port} cannot be reached: {exc}") from exc


def _opened(server: MailServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.sure:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        connection.ehlo()
        encrypted = server.sure
        if not encrypted and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
            encrypted = True
        if server.user:
            if not encrypted:
                raise MailError(f"mail server {server.host}:{server.port} offers no encryption; the password is not sent")
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def deliver(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """Hand one mail over; raises `RefusedError` or `LaterError`, after which the conversation can go on.

    A refused sender is the operator's mistake and not the mail's, so it is tried again.
    """
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as exc:
        code, said = next(iter(exc.recipients.values()))
        raise _refusal(code, said) from exc
    except smtplib.SMTPSenderRefused as exc:
        raise LaterError(_said(exc)) from exc
    except smtplib.SMTPDataError as exc:
        raise _refusal(exc.smtp_code, exc.smtp_error) from exc


def _refusal(code: int, said: bytes | str) -> KbError:
    text = f"{code} {_text(said)}"
    return RefusedError(text) if 500 <= code < 600 else LaterError(text)


def _said(exc: smtplib.SMTPException) -> str:
    if isinstance(exc, smtplib.SMTPResponseException):
        return f"{exc.smtp_code} {_text(exc.smtp_error)}"
    return str(exc) or type(exc).__name__


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
