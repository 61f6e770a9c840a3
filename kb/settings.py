"""Settings: defaults, then one TOML file, then `KB_*` environment variables; each value knows where it came from.

| setting | variable | default |
|---|---|---|
| home | KB_HOME | ./var (database, models, uploads) |
| index | KB_INDEX | ./index (derived; may be deleted) |
| corpus | KB_CORPUS | ./corpus |
| model | KB_MODEL | default (the offline multilingual-e5-small), a folder, or a hub id |
| host, port | KB_HOST, KB_PORT | 127.0.0.1, 8000 |
| max_file_mb | KB_MAX_FILE_MB | 64 |
| threads | KB_THREADS | 0: as many as there are cores |
| batch | KB_BATCH | 32 passages a step of the encoder |
| originals | KB_ORIGINALS | empty: no folder; readers may download the original files of documents that lie below it |
| count_readers | KB_COUNT_READERS | 1: count how often each case is opened; 0: do not |
| keep_unanswered | KB_KEEP_UNANSWERED | 1: keep questions that no case is close to, without personal data; 0: do not |
| runtime | KB_RUNTIME | auto (what `kb model` prepared), or torch (sentence-transformers itself) |
| public_url | KB_PUBLIC_URL | empty: whole addresses are taken from the request |
| contact | KB_CONTACT | empty: pages name no contact; a mail address or a web address |
| two_eyes | KB_TWO_EYES | 1: somebody who did not write an entry has to approve it; 0: an editor may publish alone |
| smtp | KB_SMTP | empty: mail stays in the outbox; or smtp://user@host:587, smtps://user@host:465 |
| smtp_password | KB_SMTP_PASSWORD | empty; never shown |
| mail_from | KB_MAIL_FROM | the sender's mail address; needed where smtp is set |
| oidc_issuer | KB_OIDC_ISSUER | empty; the address of an OpenID Connect service that people may sign in through |
| oidc_client, oidc_secret | KB_OIDC_CLIENT, KB_OIDC_SECRET | what the service knows this server by; the secret is never shown |
| oidc_name | KB_OIDC_NAME | Single sign-on: what the button calls the service |
| dev | KB_DEV | 0; 1 shows the page of the design |
| rate | KB_RATE | 20 requests a second on average for each address, six times as many at once; 0: no limit |

The TOML file is `kb.toml` in the working folder, or the one that KB_SETTINGS names.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kb.errors import SettingsError

DEFAULT_MODEL = "default"
MAX_OIDC_NAME = 60

_PUBLIC_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?/?")
_SMTP = re.compile(r"smtps?://(?:(?P<user>[^\s:@/]+)@)?(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?/?")
_ISSUER = re.compile(
    r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?|http://(?:localhost|127\.0\.0\.1)(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
)
_MAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+")
_CONTACT = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+|https?://[^\s<>()\[\]]+")


SECRET = frozenset({"smtp_password", "oidc_secret"})
"""Settings whose values are shown nowhere."""


@dataclass(frozen=True)
class Settings:
    home: Path = Path("var")
    index: Path = Path("index")
    corpus: Path = Path("corpus")
    model: str = DEFAULT_MODEL
    host: str = "127.0.0.1"
    port: int = 8000
    max_file_mb: int = 64
    threads: int = 0
    batch: int = 32
    runtime: str = "auto"
    originals: str = ""
    count_readers: int = 1
    public_url: str = ""
    contact: str = ""
    two_eyes: int = 1
    smtp: str = ""
    smtp_password: str = field(default="", repr=False)
    mail_from: str = ""
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = field(default="", repr=False)
    oidc_name: str = "Single sign-on"
    dev: int = 0
    rate: int = 20
    keep_unanswered: int = 1
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Setting name -> `default`, `file <path>` or `environment <variable>`."""

    @property
    def database(self) -> Path:
        return self.home / "kb.db"

    @property
    def reads(self) -> Path:
        """How often each case was opened; apart from the record, which the server only reads."""
        return self.home / "reads.db"

    @property
    def searches(self) -> Path:
        """Questions without a close precedent; apart from the record, and deleted after a while."""
        return self.home / "searches.db"

    @property
    def default_model_folder(self) -> Path:
        return self.home / "models" / "multilingual-e5-small"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment and the settings file; raises `SettingsError` for an unknown name or a bad value."""
    environment = os.environ if environment is None else environment
    known = {item.name: item.default for item in fields(Settings) if item.name != "origins"}
    values: dict[str, Any] = {}
    origins = dict.fromkeys(known, "default")
    named = environment.get("KB_SETTINGS", "")
    path = Path(named or "kb.toml")
    for name, value in _read_file(path, required=named != "").items():
        if name not in known:
            raise SettingsError(f"{path}: unknown setting {name!r}; known are {', '.join(known)}")
        values[name], origins[name] = value, f"file {path}"
    for name in known:
        variable = f"KB_{name.upper()}"
        if environment.get(variable, "") != "":
            values[name], origins[name] = environment[variable], f"environment {variable}"
    parsed = {name: _parse(name, value, known[name], origins[name]) for name, value in values.items()}
    settings = Settings(**parsed, origins=origins)
    _check(settings)
    return settings


def _read_file(path: Path, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        if required:
            raise SettingsError(f"KB_SETTINGS names {path}, which does not exist") from exc
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise SettingsError(f"{path} cannot be read as TOML: {exc}") from exc


def _parse(name: str, value: Any, default: Any, origin: str) -> Any:
    if isinstance(default, Path):
        try:
            return Path(str(value)).expanduser()
        except RuntimeError as exc:
            raise SettingsError(f"{name}: {value!r} names a home folder that does not exist ({origin})") from exc
    if isinstance(default, int):
        try:
            return int(str(value))  # a TOML 8000.5 or true is no whole number, though int() takes both
        except (TypeError, ValueError) as exc:
            raise SettingsError(f"{name} must be a whole number, not {value!r} ({origin})") from exc
    return str(value)


def _check(settings: Settings) -> None:
    for name, low, high in (
        ("port", 0, 65535),
        ("max_file_mb", 1, 4096),
        ("threads", 0, 1024),
        ("batch", 1, 4096),
        ("count_readers", 0, 1),
        ("two_eyes", 0, 1),
        ("keep_unanswered", 0, 1),
        ("dev", 0, 1),
        ("rate", 0, 100_000),
    ):
        if not low <= getattr(settings, name) <= high:
            raise SettingsError(f"{name} must be from {low} to {high} ({settings.origins.get(name, 'default')})")
    if settings.runtime not in ("auto", "torch"):
        origin = settings.origins.get("runtime", "default")
        raise SettingsError(f"runtime must be auto or torch, not {settings.runtime!r} ({origin})")
    for name, pattern, wanted in (
        ("public_url", _PUBLIC_URL, "http:// or https:// and a host, without a path"),
        ("contact", _CONTACT, "a mail address or a web address"),
    ):
        value = getattr(settings, name)
        if value and not pattern.fullmatch(value):
            raise SettingsError(f"{name} must be {wanted}, not {value!r} ({settings.origins.get(name, 'default')})")
    _check_mail(settings)
    if settings.oidc_issuer and not _ISSUER.fullmatch(settings.oidc_issuer):
        raise SettingsError(
            "oidc_issuer must be https:// and a host, with or without a path, such as https://id.agency.example"
        )
    if settings.oidc_issuer and not settings.oidc_client:
        raise SettingsError(
            "oidc_issuer is set but oidc_client is not; set KB_OIDC_CLIENT to the id that the service gave this server"
        )
    if not 0 < len(settings.oidc_name) <= MAX_OIDC_NAME:
        raise SettingsError(f"oidc_name must have 1 to {MAX_OIDC_NAME} characters")
    if settings.index.resolve() == settings.home.resolve() or settings.index.resolve() in settings.home.resolve().parents:
        raise SettingsError("home must not lie inside index: the index may be deleted at any moment; set KB_HOME or KB_INDEX")


def _check_mail(settings: Settings) -> None:
    """The messages repeat no value: an address may hold a password that does not belong there."""
    if settings.smtp and not _SMTP.fullmatch(settings.smtp):
        raise SettingsError(
            "smtp must be smtp:// or smtps://, a user and @ if it asks for one, and a host with or without a port, "
            f"such as smtp://user@host:587; a password belongs in KB_SMTP_PASSWORD ({settings.origins.get('smtp', 'default')})"
        )
    if settings.mail_from and not _MAIL.fullmatch(settings.mail_from):
        raise SettingsError(f"mail_from must be a mail address, not {settings.mail_from!r}")
    if settings.smtp and not settings.mail_from:
        raise SettingsError("smtp is set but mail_from is not; set KB_MAIL_FROM to the address that mail comes from")
