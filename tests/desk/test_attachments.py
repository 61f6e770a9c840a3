"""Files that people hand in, the hostile ones above all: each guard has a file that gets past the others."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from desk_parts import draft

from kb.desk.accounts import Account
from kb.desk.attachments import MAX_ATTACHMENTS, REFUSALS, Attachments
from kb.desk.desk import Desk
from kb.desk.file_reading import MAX_TEXT, Limits, TooHeavyError, read_apart
from kb.desk.uploads import MAX_NAME, UploadError, Uploads, safe_name
from tests.ingest.made_files import packed, raw_pdf, thai_pdf, word_file

TEXT = "เทศบาลแจ้งเตือนน้ำท่วมด้วยธงสี\n\nThe city warns of floods.".encode()
BOMB = b"\0" * (20 << 20)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", BOMB)
    return out.getvalue()


def hidden_bomb() -> bytes:
    """A DOCX whose headers lie about how much it unpacks to."""
    data = bytearray(bomb())
    true, lie = len(BOMB).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    return bytes(data).replace(true, lie)


@pytest.fixture
def files(desk: Desk, tmp_path: Path) -> Attachments:
    return Attachments(desk.store, Uploads(tmp_path / "home", 3_000_000), desk.clock)


def folder(tmp_path: Path) -> list[str]:
    place = tmp_path / "home" / "uploads"
    return sorted(os.listdir(place)) if place.exists() else []


GOOD = [
    ("รายงาน.pdf", lambda: thai_pdf("เทศบาลแจ้งเตือนน้ำท่วม", "หน้าสอง"), "pdf"),
    ("report.docx", lambda: word_file(("Heading 1", "Results"), ("Normal", "Fewer floods.")), "docx"),
    ("notes.txt", lambda: TEXT, "text"),
    (
        "page.html",
        lambda: b"<html><body><article><h1>Floods</h1><p>" + b"The city warns of floods. " * 20 + b"</p></article>",
        "html",
    ),
]


@pytest.mark.parametrize(("name", "made", "form"), GOOD, ids=[row[0] for row in GOOD])
def test_files_of_each_kind_are_kept_with_their_text(
    desk: Desk, people: dict[str, Account], files: Attachments, tmp_path: Path, name: str, made: Callable[[], bytes], form: str
) -> None:
    data, entry = made(), desk.entries.create(draft(), people["contributor"])
    attached = files.add(entry.number, files.receive(name, io.BytesIO(data)), people["contributor"])
    assert (attached.name, attached.format, attached.bytes) == (name, form, len(data))
    assert files.path(attached).read_bytes() == data
    assert folder(tmp_path) == [attached.sha256]
    document = files.document(attached)
    assert document.parts
    assert all(part.text for part in document.parts)


HOSTILE = [
    ("bomb.docx", bomb, "The file is too heavy", "unpacks to two hundred times its size"),
    ("lying.docx", hidden_bomb, "The file is damaged", "says that it unpacks to little"),
    ("locked.pdf", lambda: raw_pdf("secret", encrypted=True), "The file is protected", "asks for a password"),
    ("locked.docx", lambda: packed({"word/document.xml": b"<x/>"}, encrypted=True), "The file is protected", "encrypted zip"),
    (
        "old.docx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
        "The file is protected",
        "an old or locked Office file",
    ),
    ("report.pdf", lambda: word_file(("Normal", "No PDF at all.")), "The file holds something else", "mislabelled"),
    ("report.txt", lambda: b"MZ\x90\x00" + bytes(range(256)) * 40, "Only PDF, DOCX", "a program called text"),
    ("cut.pdf", lambda: thai_pdf("หน้า")[:400], "The file is damaged", "the end is missing"),
    ("broken.docx", lambda: packed({"word/document.xml": b"<w:document"}), "The file is damaged", "no sound XML inside"),
    ("scan.pdf", lambda: raw_pdf("", ""), "The pages are pictures", "no text layer"),
    ("blank.txt", lambda: b" \n\0 ", "There is no text", "only blanks"),
    ("empty.txt", lambda: b"", "Choose a file first", "no bytes"),
    ("run.exe", lambda: TEXT, "Only PDF, DOCX", "a kind that is not taken"),
    ("practice.md", lambda: TEXT, "Only PDF, DOCX", "practice files are for kb ingest"),
    ("no-ending", lambda: TEXT, "Only PDF, DOCX", "no ending"),
    ("packed.docx", lambda: packed({"../../etc/passwd": b"x"}), "Only PDF, DOCX", "a zip with a path that climbs"),
    ("big.txt", lambda: b"a" * 3_000_001, "The file is too large", "one byte more than allowed"),
]


@pytest.mark.parametrize(("name", "made", "said", "why"), HOSTILE, ids=[f"{row[0]}: {row[3]}" for row in HOSTILE])
def test_hostile_files_are_refused_and_nothing_of_them_stays(
    files: Attachments, tmp_path: Path, name: str, made: Callable[[], bytes], said: str, why: str
) -> None:
    with pytest.raises(UploadError) as refused:
        files.receive(name, io.BytesIO(made()))
    assert str(refused.value).startswith(said), why
    assert str(refused.value) in REFUSALS, "people are told in their language"
    assert folder(tmp_path) == []


def test_a_stream_without_end_is_cut_off(files: Attachments, tmp_path: Path) -> None:
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(UploadError, match="too large"):
        files.receive("a.txt", stream)
    assert stream.given < 3_200_000
    assert folder(tmp_path) == []


def test_a_stream_that_breaks_leaves_nothing(files: Attachments, tmp_path: Path) -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.receive("a.txt", Broken())
    assert folder(tmp_path) == []


NAMES = [
    ("../../etc/passwd.txt", "passwd.txt", "climbs out of the folder"),
    ("C:\\Users\\me\\report.pdf", "report.pdf", "a whole Windows path"),
    ("/tmp/x/รายงานผล.pdf", "รายงานผล.pdf", "Thai stays"),
    (".htaccess.txt", "htaccess.txt", "no hidden file"),
    ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf", "no new line into a header"),
    ("invoice\u202efdp.txt", "invoicefdp.txt", "no turned direction that hides the ending"),
    ('a"b;c<d>.txt', "a b c d.txt", "nothing that quotes or marks up"),
    ("\x00\x01", "file", "nothing is left"),
    ("x" * 500 + ".pdf", "x" * (MAX_NAME - 4) + ".pdf", "cut, with its ending"),
]


@pytest.mark.parametrize(("given", "kept", "why"), NAMES, ids=[row[2] for row in NAMES])
def test_names_are_made_harmless(given: str, kept: str, why: str) -> None:
    assert safe_name(given) == kept, why
    assert safe_name(kept) == kept, "a safe name stays as it is"


@pytest.mark.parametrize("checksum", ["../kb.db", "a" * 63, "A" * 64, "", "a" * 64 + "\n", "/etc/passwd"])
def test_only_a_checksum_names_a_stored_file(tmp_path: Path, checksum: str) -> None:
    with pytest.raises(UploadError):
        Uploads(tmp_path, 10).path(checksum)


def test_stored_files_are_the_servers_alone(files: Attachments, tmp_path: Path) -> None:
    files.receive("a.txt", io.BytesIO(TEXT))
    place = tmp_path / "home" / "uploads"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}


# The process that reads


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    place = tmp_path / "stored"
    place.write_bytes(TEXT)
    return place


def test_a_reading_that_takes_too_long_is_killed(stored: Path) -> None:
    with pytest.raises(TooHeavyError, match="too long"):
        read_apart(stored, "a.txt", Limits(seconds=0.01))


def test_a_reading_that_needs_too_much_memory_is_stopped(stored: Path) -> None:
    assert read_apart(stored, "a.txt").parts
    with pytest.raises(TooHeavyError, match="memory"):
        read_apart(stored, "a.txt", Limits(memory=40))


def test_a_reading_that_writes_too_much_is_stopped(tmp_path: Path) -> None:
    long = tmp_path / "long"
    long.write_text("เทศบาลแจ้งเตือนน้ำท่วม\n\n" * 20_000, encoding="utf-8")
    assert read_apart(long, "a.txt").parts
    with pytest.raises(TooHeavyError):
        read_apart(long, "a.txt", Limits(output=1))


def test_text_without_measure_is_refused(tmp_path: Path) -> None:
    long = tmp_path / "long"
    long.write_text("น้ำ " * (MAX_TEXT // 4 + 10), encoding="utf-8")
    with pytest.raises(Exception, match="thousand pages"):
        read_apart(long, "a.txt")


def test_the_process_that_reads_learns_no_secret(stored: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An interpreter of our own making tells what it was given."""
    seen = tmp_path / "seen"
    spy = tmp_path / "python"
    spy.write_text(f"#!/bin/sh\nenv > {seen}\n")
    spy.chmod(0o755)
    monkeypatch.setenv("KB_MAIL_PASSWORD", "hunter2")
    monkeypatch.setattr("sys.executable", str(spy))
    with pytest.raises(TooHeavyError):
        read_apart(stored, "a.txt")
    assert "PATH=" in seen.read_text()
    assert "hunter2" not in seen.read_text()


# Entries and their files


def test_the_same_bytes_lie_once_and_go_with_their_last_entry(
    desk: Desk, people: dict[str, Account], files: Attachments, tmp_path: Path
) -> None:
    owner = people["contributor"]
    one, two = (desk.entries.create(draft(), owner).number for _ in range(2))
    first = files.add(one, files.receive("a.txt", io.BytesIO(TEXT)), owner)
    second = files.add(two, files.receive("b.txt", io.BytesIO(TEXT)), owner)
    assert files.add(one, files.receive("again.txt", io.BytesIO(TEXT)), owner) == first
    assert len(folder(tmp_path)) == 1
    files.remove(first, owner)
    assert files.path(second).read_bytes() == TEXT
    files.remove(second, owner)
    assert folder(tmp_path) == []


def test_an_entry_has_only_so_many_files(desk: Desk, people: dict[str, Account], files: Attachments, tmp_path: Path) -> None:
    owner = people["contributor"]
    entry = desk.entries.create(draft(), owner).number
    one = files.receive("0.txt", io.BytesIO(TEXT))
    for number in range(MAX_ATTACHMENTS):
        more = files._uploads.receive(io.BytesIO(b"%d" % number))
        files.add(entry, type(one)(f"{number}.txt", more, one.document), owner)
    with pytest.raises(UploadError, match="as many files"):
        files.add(entry, one, owner)
    assert one.stored.sha256 not in folder(tmp_path), "what was refused is not kept"


def test_a_file_belongs_to_its_entry_alone(desk: Desk, people: dict[str, Account], files: Attachments) -> None:
    owner = people["contributor"]
    own, other = (desk.entries.create(draft(), owner).number for _ in range(2))
    attached = files.add(own, files.receive("a.txt", io.BytesIO(TEXT)), owner)
    assert files.required(own, attached.id) == attached
    with pytest.raises(UploadError):
        files.required(other, attached.id)


def test_a_file_that_a_check_rests_on_stays(desk: Desk, people: dict[str, Account], files: Attachments) -> None:
    owner = people["contributor"]
    entry = desk.entries.create(draft(), owner).number
    attached = files.add(entry, files.receive("a.txt", io.BytesIO(TEXT)), owner)
    desk.store.database.table("claim_checks").insert({
        "entry": entry, "claim": 1, "said": "", "verdict": "confirmed", "checker": people["reviewer"].id, "revision": 1,
        "made": "2026-03-01T09:00:00Z", "note": "", "attachment": attached.id, "quote": "",
    })  # fmt: skip
    with pytest.raises(UploadError, match="stays"):
        files.remove(attached, owner)
    assert files.path(attached).is_file()
