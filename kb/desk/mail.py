"""The outbox: mail goes out in the background, one mail once, and is tried again for a day where the server does not take it.

A mail is claimed in a transaction before it is sent: its next try moves on, so that of two servers over one database only one
sends it. A server that dies between sending and writing that down sends it again; the mail's id is the same then, so that
programs that read mail can tell.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from kb.desk.audit import Audit
from kb.desk.clock import Clock, moment, present, stamp
from kb.desk.rights import Actor
from kb.desk.smtp import LaterError, MailError, MailServer, RefusedError, connected, deliver
from kb.store import Store

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 20, 45, 90, 180, 360, 730))
"""Between two tries; all of them are a day. Each is longer than a conversation can take."""
BATCH = 10
"""Mails in one go, because other work waits meanwhile."""
REST = timedelta(minutes=1)
"""How long a server that could not be reached is left alone."""
GIVEN_UP = "9999-12-31T23:59:59Z"
MAX_PROBLEM = 300

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mail:
    """A mail of the outbox. `tries` counts the present one."""

    id: int
    recipient: str
    subject: str
    body: str
    made: str
    tries: int


@dataclass(frozen=True)
class Waiting:
    """What an administrator sees of a mail that did not go out: never its body, which may hold a one-time link."""

    id: int
    recipient: str
    subject: str
    made: str
    tries: int
    next_try: str
    problem: str

    @property
    def given_up(self) -> bool:
        return self.next_try == GIVEN_UP


class Outbox:
    """The mail of one database that waits."""

    def __init__(self, store: Store, clock: Clock = present) -> None:
        self._store = store
        self._clock = clock
        self._audit = Audit(store, clock)

    def claim(self) -> Mail | None:
        """Take the next mail that is due, so that nobody else takes it; `None` where there is none."""
        now = self._clock()
        if not self._due(stamp(now)):
            return None  # without the writers' lock: this is asked every second
        with self._store.writing():
            due = self._due(stamp(now))
            if not due:
                return None
            mail = Mail(*due[0])
            delay = DELAYS[min(mail.tries, len(DELAYS)) - 1]
            values = {"tries": mail.tries, "next_try": stamp(now + delay)}
            self._store.database.table("outbox").update(mail.id, values)
        return mail

    def _due(self, now: str) -> list[tuple[int, str, str, str, str, int]]:
        sql = """SELECT id, recipient, subject, body, made, tries + 1 FROM outbox
                 WHERE sent IS NULL AND next_try <= ? ORDER BY next_try, id LIMIT 1"""
        return list(self._store.database.execute(sql, [now]))

    def sent(self, mail: Mail) -> None:
        """The mail is out. Its body is not kept: it may hold a one-time link."""
        with self._store.writing():
            values = {"sent": stamp(self._clock()), "problem": "", "body": ""}
            self._store.database.table("outbox").update(mail.id, values)

    def failed(self, mail: Mail, problem: str, final: bool = False) -> None:
        """The mail did not go out; after a day of tries, or where that is final, it is given up."""
        final = final or mail.tries > len(DELAYS)
        values = {"problem": " ".join(problem.split())[:MAX_PROBLEM]} | ({"next_try": GIVEN_UP} if final else {})
        with self._store.writing():
            self._store.database.table("outbox").update(mail.id, values)
        if final:
            _LOG.error("mail %d to %s is given up after %d tries: %s", mail.id, mail.recipient, mail.tries, values["problem"])

    def waiting(self, limit: int = 200) -> list[Waiting]:
        """Mail that did not go out yet, the newest first."""
        sql = """SELECT id, recipient, subject, made, tries, next_try, problem FROM outbox
                 WHERE sent IS NULL ORDER BY id DESC LIMIT ?"""
        return [Waiting(*row) for row in self._store.database.execute(sql, [limit])]

    def try_again(self, actor: Actor, mail: int | None = None) -> None:
        """Send one mail, or all that wait, as if they were new."""
        with self._store.writing():
            self._store.database.execute(
                "UPDATE outbox SET tries = 0, next_try = ? WHERE sent IS NULL AND (? IS NULL OR id = ?)",
                [stamp(self._clock()), mail, mail],
            )
            self._audit.write(actor, "mail-again", f"mail:{mail or 'all'}")


class Mailer:
    """Sends what is due; a chore of the background. A server that does not answer is left alone for a while."""

    def __init__(self, server: MailServer, clock: Clock = present, trusted: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._clock = clock
        self._trusted = trusted
        self._rests_until = ""

    def __call__(self, store: Store) -> None:
        """Send up to `BATCH` mails; what fails is written down with the mail. Raises `MailError` where the server failed."""
        if stamp(self._clock()) < self._rests_until:
            return
        outbox = Outbox(store, self._clock)
        mail = outbox.claim()
        if mail is None:
            return
        try:
            with connected(self._server, self._trusted) as connection:
                for left in reversed(range(BATCH)):
                    self._send(outbox, mail, connection)
                    mail = outbox.claim() if left else None
                    if mail is None:
                        return
        except MailError as exc:
            self._rests_until = stamp(self._clock() + REST)
            if mail is not None:
                outbox.failed(mail, str(exc))
            raise

    def _send(self, outbox: Outbox, mail: Mail, connection: smtplib.SMTP) -> None:
        """One mail; one that the server refuses does not stop the others."""
        try:
            deliver(connection, written(mail, self._server.sender))
        except RefusedError as exc:
            outbox.failed(mail, str(exc), final=True)
        except (ValueError, MessageError) as exc:
            outbox.failed(mail, f"the mail cannot be written: {exc}", final=True)
        except LaterError as exc:
            outbox.failed(mail, str(exc))
        else:
            outbox.sent(mail)


def written(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it travels. Raises `ValueError` where a header would hold a line break: nobody adds headers that way."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(moment(mail.made))
    message["Message-ID"] = f"<{mail.id}.{_digits(mail.made)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office notes in answer
    message.set_content(mail.body)
    return message


def _digits(stored: str) -> str:
    """The digits of a stored moment."""
    return "".join(filter(str.isdigit, stored))
