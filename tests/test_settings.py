from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from kb.errors import SettingsError
from kb.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a settings file."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_without_file_and_environment() -> None:
    settings = load_settings({})
    assert settings == Settings()
    assert set(settings.origins.values()) == {"default"}
    assert set(settings.origins) == {field.name for field in fields(Settings)} - {"origins"}
    assert settings.database == Path("var/kb.db")
    assert settings.default_model_folder == Path("var/models/multilingual-e5-small")


def test_environment_beats_file_beats_default(folder: Path) -> None:
    (folder / "kb.toml").write_text('home = "ข้อมูล"\nport = 8100\nbatch = 8\n', encoding="utf-8")
    settings = load_settings({"KB_PORT": "8200", "KB_MODEL": "", "OTHER": "1"})
    assert (settings.home, settings.port, settings.batch) == (Path("ข้อมูล"), 8200, 8)
    assert settings.origins["home"] == settings.origins["batch"] == "file kb.toml"
    assert settings.origins["port"] == "environment KB_PORT"
    assert settings.origins["model"] == "default"  # an empty variable is none


def test_file_named_by_the_environment(folder: Path) -> None:
    (folder / "kb.toml").write_text("port = 1\n", encoding="utf-8")
    (folder / "other.toml").write_text("port = 8300\n", encoding="utf-8")
    assert load_settings({"KB_SETTINGS": "other.toml"}).port == 8300
    assert load_settings({"KB_SETTINGS": ""}).port == 1


def test_every_setting_has_a_variable() -> None:
    values = {
        "KB_HOME": "/data", "KB_INDEX": "/fast", "KB_CORPUS": "/corpus", "KB_MODEL": "a/b", "KB_HOST": "0.0.0.0",
        "KB_PORT": "0", "KB_MAX_FILE_MB": "1", "KB_THREADS": "4", "KB_BATCH": "64", "KB_RUNTIME": "torch",
        "KB_ORIGINALS": "/files", "KB_COUNT_READERS": "0", "KB_KEEP_UNANSWERED": "0", "KB_PUBLIC_URL": "https://kb.example",
        "KB_CONTACT": "kb@agency.example", "KB_DEV": "1", "KB_RATE": "50", "KB_TWO_EYES": "0",
        "KB_SMTP": "smtp://desk@mail.example:587", "KB_SMTP_PASSWORD": "secret", "KB_MAIL_FROM": "desk@agency.example",
        "KB_OIDC_ISSUER": "https://id.agency.example/realms/desk", "KB_OIDC_CLIENT": "kb", "KB_OIDC_SECRET": "s",
        "KB_OIDC_NAME": "ThaiD",
    }  # fmt: skip
    settings = load_settings(values)
    reached = ("/files", 0, "https://kb.example", "kb@agency.example")
    assert settings == Settings(
        Path("/data"),
        Path("/fast"),
        Path("/corpus"),
        "a/b",
        "0.0.0.0",
        0,
        1,
        4,
        64,
        "torch",
        *reached,
        dev=1,
        rate=50,
        two_eyes=0,
        keep_unanswered=0,
        smtp="smtp://desk@mail.example:587",
        smtp_password="secret",
        mail_from="desk@agency.example",
        oidc_issuer="https://id.agency.example/realms/desk",
        oidc_client="kb",
        oidc_secret="s",
        oidc_name="ThaiD",
    )
    assert settings.origins == {name.removeprefix("KB_").lower(): f"environment {name}" for name in values}


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somchai")
    assert load_settings({"KB_HOME": "~/kb"}).home == Path("/home/somchai/kb")


BAD_ENVIRONMENT = [
    ({"KB_PORT": "eighty"}, ("port", "eighty", "KB_PORT"), "not a number"),
    ({"KB_PORT": "80.5"}, ("port", "80.5"), "not whole"),
    ({"KB_PORT": "65536"}, ("port", "0 to 65535", "KB_PORT"), "above the range"),
    ({"KB_PORT": "-1"}, ("port", "0 to 65535"), "below the range"),
    ({"KB_BATCH": "0"}, ("batch", "1 to 4096"), "no passage a step"),
    ({"KB_MAX_FILE_MB": "0"}, ("max_file_mb", "1 to 4096"), "no file could be read"),
    ({"KB_THREADS": "-2"}, ("threads", "0 to 1024"), "negative"),
    ({"KB_RATE": "-1"}, ("rate", "0 to 100000", "KB_RATE"), "0 is no limit; below it is a slip"),
    ({"KB_RUNTIME": "onnx"}, ("runtime", "auto or torch", "'onnx'", "KB_RUNTIME"), "no such runtime"),
    ({"KB_HOME": "index/var"}, ("home", "inside index", "KB_HOME"), "the index may be deleted at any moment"),
    ({"KB_HOME": "same", "KB_INDEX": "same"}, ("home", "inside index"), "one folder for both"),
    ({"KB_HOME": "x/../index/y"}, ("home", "inside index"), "the same by a detour"),
    ({"KB_HOME": "~nobody-of-this-name/kb"}, ("home", "KB_HOME"), "no such home folder"),
    ({"KB_PUBLIC_URL": "kb.example"}, ("public_url", "https://", "KB_PUBLIC_URL"), "an address without its scheme"),
    ({"KB_PUBLIC_URL": "https://kb.example/practices"}, ("public_url", "without a path"), "pages stand at the root"),
    ({"KB_PUBLIC_URL": "https://user@kb.example"}, ("public_url",), "a user name"),
    ({"KB_PUBLIC_URL": 'https://kb.example"><b>'}, ("public_url",), "markup"),
    ({"KB_OIDC_ISSUER": "http://id.agency.example", "KB_OIDC_CLIENT": "kb"}, ("oidc_issuer", "https://"), "unencrypted"),
    (
        {"KB_OIDC_ISSUER": "https://user:secret@id.example", "KB_OIDC_CLIENT": "kb"},
        ("oidc_issuer",),
        "a user name and a password",
    ),
    ({"KB_OIDC_ISSUER": "https://id.agency.example"}, ("oidc_client", "KB_OIDC_CLIENT"), "a service that does not know us"),
    ({"KB_OIDC_NAME": "x" * 61}, ("oidc_name", "60"), "a button too wide"),
    ({"KB_CONTACT": "the office"}, ("contact", "mail address", "KB_CONTACT"), "neither mail nor web"),
    ({"KB_CONTACT": "javascript:alert(1)@kb.example"}, ("contact",), "a script"),
    ({"KB_CONTACT": "a@b.example> <b"}, ("contact",), "more than an address"),
    ({"KB_SETTINGS": "missing.toml"}, ("KB_SETTINGS", "missing.toml"), "a named file must exist"),
    ({"KB_SETTINGS": "."}, (".", "TOML"), "a folder"),
]


@pytest.mark.parametrize(("environment", "said", "reason"), BAD_ENVIRONMENT, ids=[row[2] for row in BAD_ENVIRONMENT])
def test_bad_environment_is_refused_with_its_name(environment: dict[str, str], said: tuple[str, ...], reason: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(environment)
    assert all(part in str(error.value) for part in said)
    assert "\n" not in str(error.value)


BAD_FILES = [
    ("prot = 8000", ("kb.toml", "prot", "port"), "a misspelt name: the known ones are listed"),
    ("port = 'x'", ("port", "kb.toml"), "not a number"),
    ("port = 8000.5", ("port", "8000.5"), "a decimal is not cut off"),
    ("port = true", ("port", "True"), "true is not 1"),
    ("port = [1]", ("port",), "a list"),
    ("runtime = true", ("runtime", "'True'", "kb.toml"), "a runtime that is no name"),
    ("port = ", ("kb.toml", "TOML"), "not TOML"),
    ("origins = 1", ("origins",), "a field that is no setting"),
]


@pytest.mark.parametrize(("text", "said", "reason"), BAD_FILES, ids=[row[2] for row in BAD_FILES])
def test_bad_file_is_refused_with_its_name(folder: Path, text: str, said: tuple[str, ...], reason: str) -> None:
    (folder / "kb.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings({})
    assert all(part in str(error.value) for part in said)


def test_a_file_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "kb.toml").write_bytes('home = "น้ำ"'.encode("cp874"))
    with pytest.raises(SettingsError, match=r"kb\.toml"):
        load_settings({})


def test_index_inside_home_is_allowed() -> None:
    assert load_settings({"KB_HOME": "var", "KB_INDEX": "var/index"}).index == Path("var/index")
