"""Mail goes out to a real server on this machine: once, encrypted where a password is, and for a day where it fails."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from click.testing import CliRunner

from kb.cli import main
from kb.desk.mail import BATCH, DELAYS, GIVEN_UP, REST, Mail, Mailer, Outbox, written
from kb.desk.smtp import MailError, MailServer, mail_server
from kb.desk.texts import Text
from kb.errors import SettingsError
from kb.repository import Repository
from kb.settings import Settings, load_settings
from tests.desk.review_world import World, made_world

PASSWORD = "a long enough password"


@dataclass
class Box:
    """Keeps the mail that a server takes; `answers` are what it says to a recipient instead, by address."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    users: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # the name is the server's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.users.append(given.login)
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)


@pytest.fixture
def world(repository: Repository) -> Iterator[World]:
    with repository.store() as store:
        yield made_world(repository, store)


@pytest.fixture
def box() -> Box:
    return Box()


Start = Callable[..., MailServer]


@pytest.fixture
def start(box: Box) -> Iterator[Start]:
    """Starts a mail server on a free port and says where it is."""
    running = []

    def begin(**options: object) -> MailServer:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(box, hostname="127.0.0.1", port=port, **options)  # type: ignore[arg-type]
        controller.start()
        running.append(controller)
        return MailServer("localhost", port, "desk@a.example", timeout=5)

    yield begin
    for controller in running:
        controller.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(the server's side, the side of a client that trusts it) of a certificate for localhost."""
    place = tmp_path_factory.mktemp("certificate")
    key, made = place / "key.pem", place / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    extra = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(made)]
    subprocess.run([*command.split(), *extra], check=True, capture_output=True)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(made, key)
    return server, ssl.create_default_context(cafile=str(made))


def put(world: World, recipient: str = "somchai@a.example", subject: str = "เชิญตรวจ", body: str = "เรียน ท่าน\n") -> None:
    world.desk.notices.send(recipient, Text(subject, body))


def waiting(world: World) -> list[tuple[str, int, bool]]:
    return [(mail.recipient, mail.tries, mail.given_up) for mail in Outbox(world.store, world.clock).waiting()]


def test_a_mail_in_thai_arrives_whole(world: World, start: Start, box: Box) -> None:
    put(world, subject='ขอให้แก้ไขกรณี "ทราฟฟี่ฟองดูว์"', body="เรียน คุณสมชาย\n\nกรุณาแก้ไข\n")
    Mailer(start(), world.clock)(world.store)
    (mail,) = box.mails
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == ("somchai@a.example", "desk@a.example", "auto-generated")
    assert mail["Subject"] == 'ขอให้แก้ไขกรณี "ทราฟฟี่ฟองดูว์"'
    assert mail.get_content().replace("\r\n", "\n") == "เรียน คุณสมชาย\n\nกรุณาแก้ไข\n"
    assert mail["Message-ID"].endswith("@a.example>")
    assert waiting(world) == []
    assert world.store.database.execute("SELECT body FROM outbox").fetchall() == [("",)]  # it might hold a one-time link


def test_one_mail_goes_out_once_though_two_servers_send(world: World, repository: Repository, start: Start, box: Box) -> None:
    for number in range(3):
        put(world, f"person-{number}@a.example")
    with repository.store() as other:
        mine = Outbox(world.store, world.clock).claim()
        Mailer(start(), world.clock)(other)
        assert mine is not None
        assert sorted(mail["To"] for mail in box.mails) == ["person-1@a.example", "person-2@a.example"]
        Mailer(start(), world.clock)(other)
    assert len(box.mails) == 2
    assert waiting(world) == [("person-0@a.example", 1, False)]  # tried again where its server died


def test_a_full_outbox_goes_out_in_goes(world: World, start: Start, box: Box) -> None:
    for number in range(BATCH + 2):
        put(world, f"person-{number}@a.example")
    mailer = Mailer(start(), world.clock)
    mailer(world.store)
    assert len(box.mails) == BATCH
    mailer(world.store)
    assert len(box.mails) == BATCH + 2


def test_a_failing_server_is_tried_for_a_day_with_growing_delays(world: World, caplog: pytest.LogCaptureFixture) -> None:
    put(world)
    mailer = Mailer(MailServer("127.0.0.1", 9, "desk@a.example", timeout=1), world.clock)  # nothing listens there
    assert sum(DELAYS, timedelta()) == timedelta(days=1)
    assert list(DELAYS) == sorted(DELAYS)
    for tries, delay in enumerate(DELAYS, 1):
        with pytest.raises(MailError, match="cannot be reached"):
            mailer(world.store)
        assert waiting(world) == [("somchai@a.example", tries, False)]
        world.clock.now += delay - timedelta(seconds=1)
        mailer(world.store)  # not yet
        assert waiting(world) == [("somchai@a.example", tries, False)]
        world.clock.move(seconds=1)
    with caplog.at_level(logging.ERROR), pytest.raises(MailError):
        mailer(world.store)
    assert waiting(world) == [("somchai@a.example", len(DELAYS) + 1, True)]
    assert "given up" in caplog.text
    world.clock.move(days=400)
    mailer(world.store)
    assert waiting(world) == [("somchai@a.example", len(DELAYS) + 1, True)]


def test_a_server_that_fails_is_left_alone_for_a_while(world: World) -> None:
    put(world)
    put(world, "second@a.example")
    mailer = Mailer(MailServer("127.0.0.1", 9, "desk@a.example", timeout=1), world.clock)
    with pytest.raises(MailError):
        mailer(world.store)
    mailer(world.store)
    assert [tries for _, tries, _ in waiting(world)] == [0, 1]
    world.clock.now += REST
    with pytest.raises(MailError):
        mailer(world.store)
    assert [tries for _, tries, _ in waiting(world)] == [1, 1]


@pytest.mark.parametrize(
    ("answer", "given_up"),
    [
        ("550 no such person", True),  # it will never be taken
        ("451 come back later", False),  # a server that greylists takes the next try
    ],
)
def test_one_bad_recipient_does_not_stop_the_others(world: World, start: Start, box: Box, answer: str, given_up: bool) -> None:
    box.answers["gone@a.example"] = answer
    put(world, "gone@a.example")
    put(world)
    Mailer(start(), world.clock)(world.store)
    assert [mail["To"] for mail in box.mails] == ["somchai@a.example"]
    assert waiting(world) == [("gone@a.example", 1, given_up)]
    assert answer in Outbox(world.store, world.clock).waiting()[0].problem


def test_trying_again_starts_anew(world: World, start: Start, box: Box) -> None:
    box.answers["gone@a.example"] = "550 no such person"
    put(world, "gone@a.example")
    mailer, outbox = Mailer(start(), world.clock), Outbox(world.store, world.clock)
    mailer(world.store)
    box.answers.clear()
    outbox.try_again(world.who("administrator"), outbox.waiting()[0].id)
    mailer(world.store)
    assert [mail["To"] for mail in box.mails] == ["gone@a.example"]


@pytest.mark.parametrize(
    ("recipient", "subject"),
    [("a@a.example\r\nBcc: all@a.example", "Hello"), ("a@a.example", "Hello\r\nBcc: all@a.example"), ("not an address", "x")],
)
def test_nobody_adds_headers(world: World, start: Start, box: Box, recipient: str, subject: str) -> None:
    put(world, recipient, subject)
    put(world)
    Mailer(start(), world.clock)(world.store)
    assert [mail["To"] for mail in box.mails] == ["somchai@a.example"]
    assert [given_up for _, _, given_up in waiting(world)] == [True]
    with pytest.raises(ValueError):  # noqa: PT011  # the standard library says it in several ways
        written(Mail(1, recipient, subject, "", "2026-11-22T09:00:00Z", 1), "desk@a.example")


def test_encrypted_where_offered_and_the_password_only_then(
    world: World, start: Start, box: Box, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    mine, trusted = certificate
    place = start(tls_context=mine, require_starttls=True, auth_required=True, authenticator=box.authenticate)
    put(world)
    with pytest.raises(MailError, match="530"):
        raise_problem(world, Mailer(place, world.clock, trusted))
    again(world)
    Mailer(replace(place, user="desk", password=PASSWORD), world.clock, trusted)(world.store)
    assert (len(box.mails), box.users) == (1, [b"desk"])
    put(world)
    with pytest.raises(MailError, match="535"):
        Mailer(replace(place, user="desk", password="wrong"), world.clock, trusted)(world.store)
    again(world)
    with pytest.raises(MailError, match="certificate"):  # a server that nobody vouches for gets no password
        Mailer(replace(place, user="desk", password=PASSWORD), world.clock)(world.store)
    assert len(box.mails) == 1
    assert PASSWORD not in Outbox(world.store, world.clock).waiting()[0].problem


def raise_problem(world: World, mailer: Mailer) -> None:
    """Send, and raise what the outbox has written down."""
    mailer(world.store)
    raise MailError(Outbox(world.store, world.clock).waiting()[0].problem)


def again(world: World) -> None:
    Outbox(world.store, world.clock).try_again(world.who("administrator"))


def test_no_password_over_an_open_line(world: World, start: Start, box: Box) -> None:
    place = start(auth_require_tls=False, authenticator=box.authenticate)
    put(world)
    with pytest.raises(MailError, match="no encryption"):
        Mailer(replace(place, user="desk", password=PASSWORD), world.clock)(world.store)
    assert (box.mails, box.users) == ([], [])


def test_encrypted_from_the_start(
    world: World, box: Box, start: Start, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    place = start(ssl_context=certificate[0])
    put(world)
    Mailer(replace(place, sure=True), world.clock, certificate[1])(world.store)
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("smtp://mail.a.example", ("mail.a.example", 25, False, "")),
        ("smtp://desk%40a.example@mail.a.example:587", ("mail.a.example", 587, False, "desk@a.example")),
        ("smtps://desk@mail.a.example", ("mail.a.example", 465, True, "desk")),
    ],
)
def test_the_server_of_the_settings(address: str, wanted: tuple[str, int, bool, str]) -> None:
    server = mail_server(Settings(smtp=address, mail_from="desk@a.example", smtp_password=PASSWORD))
    assert server is not None
    assert (server.host, server.port, server.sure, server.user) == wanted
    assert PASSWORD not in repr(server)


@pytest.mark.parametrize(
    "values",
    [
        {"KB_SMTP": "mail.a.example", "KB_MAIL_FROM": "desk@a.example"},
        {"KB_SMTP": "smtp://desk:hidden-word@mail.a.example", "KB_MAIL_FROM": "desk@a.example"},
        {"KB_SMTP": "smtp://mail.a.example"},
        {"KB_SMTP": "smtp://mail.a.example", "KB_MAIL_FROM": "desk@a.example\nBcc: x@a.example"},
    ],
)
def test_settings_that_are_refused_without_telling_secrets(
    values: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as refused:
        load_settings(values)
    assert "hidden-word" not in str(refused.value)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_status_tells_no_password(options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path))
    monkeypatch.setenv("KB_SMTP", "smtp://desk@a.example")
    monkeypatch.setenv("KB_MAIL_FROM", "desk@a.example")
    monkeypatch.setenv("KB_SMTP_PASSWORD", PASSWORD)
    shown = CliRunner().invoke(main, ["status", *options]).output
    assert "smtp://desk@a.example" in shown
    assert "***" in shown
    assert PASSWORD not in shown


def test_waiting_mail_shows_no_body(world: World) -> None:
    put(world, body="https://a.example/one-time-link")
    assert "one-time-link" not in repr(Outbox(world.store, world.clock).waiting())
    assert Outbox(world.store, world.clock).waiting()[0].next_try != GIVEN_UP
