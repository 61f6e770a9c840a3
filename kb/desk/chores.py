"""What a server does in the background beside the index: mail, reminders, verifications that end, and forgetting."""

from __future__ import annotations

import time
from collections.abc import Callable

from kb.desk.desk import Desk
from kb.desk.mail import Mailer
from kb.desk.reminders import Reminders
from kb.desk.renewals import RenewalNotices
from kb.desk.smtp import mail_server
from kb.desk.upkeep import Chore
from kb.repository import Repository
from kb.store import Store

MINUTE, HOUR = 60.0, 3600.0


def chores(repository: Repository) -> tuple[Chore, ...]:
    """The chores of a server. Without a mail server in the settings mail stays in the outbox."""
    server = mail_server(repository.settings)
    mail = (Mailer(server),) if server else ()

    def remind(store: Store) -> None:
        desk = Desk(repository, store)
        Reminders(store, desk.accounts, desk.notices, desk.clock).tell()

    def renew(store: Store) -> None:
        desk = Desk(repository, store)
        RenewalNotices(store, desk.accounts, desk.notices, desk.clock).tell()

    def forget(store: Store) -> None:
        Desk(repository, store).notices.forget_old()

    return (Seldom(remind, MINUTE), Seldom(renew, HOUR), Seldom(forget, HOUR), *mail)


class Seldom:
    """A chore that is done at the first look and then once in so many seconds."""

    def __init__(self, chore: Chore, every: float, now: Callable[[], float] = time.monotonic) -> None:
        self._chore = chore
        self._every = every
        self._now = now
        self._next = 0.0

    def __call__(self, store: Store) -> None:
        now = self._now()
        if now >= self._next:
            self._next = now + self._every
            self._chore(store)
