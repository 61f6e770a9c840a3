"""Every kind of file becomes a record, and what cannot be read is refused in one line that says what to do."""

from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from made_files import packed, raw_pdf, word_file

from kb.errors import CorpusError, KbError, ReadError
from kb.ingest.readers import MAX_RATIO, SUFFIXES, Source, can_read, document_id, load, read
from kb.records import Document, Practice
from kb.taxonomy import Taxonomy

Reading = Callable[[str, bytes], Practice | Document]

PAGE = "<!doctype html><html><head><title>เตือนภัย</title></head><body><h1>เตือนภัย</h1><p>{}</p></body></html>"
LONG_THAI = "เทศบาลนครหาดใหญ่ติดตั้งระบบเตือนภัยน้ำท่วมและแจ้งประชาชนผ่านโทรศัพท์มือถือทุกครั้งที่ระดับน้ำสูงขึ้น " * 4


@pytest.mark.parametrize(
    ("name", "data", "form", "kind"),
    [
        ("report.txt", "เตือนภัยน้ำท่วม\nThe city warns its people.".encode(), "text", "section"),
        ("REPORT.TXT", b"The city warns its people.", "text", "section"),  # endings in capitals are common on Windows
        ("notes.md", "# เตือนภัย\n\nเทศบาลแจ้งประชาชน".encode(), "markdown", "section"),
        ("page.html", PAGE.format(LONG_THAI).encode(), "html", "section"),
        ("page.txt", PAGE.format(LONG_THAI).encode(), "html", "section"),  # a page saved under a text ending holds tags
        ("page.htm", b"\xef\xbb\xbf" + PAGE.format(LONG_THAI).encode(), "html", "section"),  # with a byte order mark
        ("paper.pdf", raw_pdf("The city warns its people."), "pdf", "page"),
        ("paper.docx", word_file(("Normal", "เทศบาลแจ้งประชาชน")), "docx", "section"),
        ("about-pdf.txt", b"Every such file begins with %PDF-1.7 and ends with a mark.", "text", "section"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_becomes_a_document_with_parts(read_bytes: Reading, name: str, data: bytes, form: str, kind: str) -> None:
    document = read_bytes(name, data)
    assert isinstance(document, Document)
    assert document.format == form
    assert document.source == name
    assert {part.kind for part in document.parts} == {kind}
    assert [part.number for part in document.parts] == list(range(1, len(document.parts) + 1))
    assert all(part.text for part in document.parts)


def test_a_markdown_file_that_names_faces_becomes_a_practice(read_bytes: Reading, corpus: Path) -> None:
    path = corpus / "practices" / "th" / "th-traffy-fondue.md"
    practice = read_bytes(path.name, path.read_bytes())
    assert isinstance(practice, Practice)
    assert practice.id == "th-traffy-fondue"
    assert set(practice.faces) == {"th", "en"}


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="Windows line ends"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="byte order mark"),
    ],
)
def test_a_practice_saved_by_a_windows_editor_is_the_same_practice(
    read_bytes: Reading, corpus: Path, rewrite: Callable[[bytes], bytes]
) -> None:
    path = corpus / "practices" / "th" / "th-traffy-fondue.md"
    data = path.read_bytes()
    assert read_bytes(path.name, rewrite(data)) == read_bytes(path.name, data)


@pytest.mark.parametrize("encoding", ["utf-16", "cp874"])
def test_a_practice_in_another_encoding_is_refused_and_not_guessed(read_bytes: Reading, corpus: Path, encoding: str) -> None:
    path = corpus / "practices" / "th" / "th-traffy-fondue.md"
    with pytest.raises(CorpusError, match="not UTF-8; save it as UTF-8"):
        read_bytes(path.name, path.read_text(encoding="utf-8").encode(encoding, errors="ignore"))


PDF = raw_pdf("The city warns its people.")
DOCX = word_file(("Normal", "The city warns its people."))

REFUSED = [
    ("encrypted.pdf", raw_pdf("x", encrypted=True), "encrypted; save it without a password"),
    ("encrypted.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted or old Office file; save it as"),
    ("old.pptx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted or old Office file; save it as"),
    ("locked.docx", packed({"word/document.xml": b"<x/>"}, encrypted=True), "encrypted; save it without a password"),
    ("cut.pdf", PDF[: len(PDF) // 2], "truncated or no valid PDF; fetch or save it again"),
    ("cut-late.pdf", PDF[:-20], "truncated or no valid PDF; fetch or save it again"),  # PDFium would open this one
    ("cut.docx", DOCX[: len(DOCX) // 2], "truncated or damaged; fetch or save it again"),
    ("newer.docx", DOCX.replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\x5a"), "truncated or damaged; fetch"),
    ("hollow.docx", packed({"word/document.xml": b"<w:document"}), "truncated or damaged; open it in Office"),
    ("hollow.pptx", packed({"ppt/presentation.xml": b"no XML"}), "truncated or damaged; open it in Office"),
    ("text.pdf", b"The city warns its people.", "named .pdf but holds text; give it the right ending"),
    ("page.pdf", PAGE.format("x").encode(), "named .pdf but holds html; give it the right ending"),  # a login page
    ("paper.docx", PDF, "named .docx but holds pdf; give it the right ending"),
    ("slides.pptx", DOCX, "named .pptx but holds docx; give it the right ending"),
    ("paper.txt", PDF, "named .txt but holds pdf; give it the right ending"),
    ("paper.md", DOCX, "named .md but holds docx; give it the right ending"),
    ("text.docx", "เทศบาลแจ้งประชาชน".encode(), "named .docx but holds text; give it the right ending"),
    ("text.html", "เทศบาลแจ้งประชาชน".encode(), "named .html but holds text; give it the right ending"),
    ("sheet.docx", packed({"xl/workbook.xml": b"<x/>"}), "neither DOCX nor PPTX; unpack it first"),
    ("program.txt", b"\x7fELF" + bytes(range(256)) * 4, "binary data; only text"),
    ("picture.html", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "binary data; only text"),
    ("frame.html", b"<html><body></body></html>", "no main text was found in the page; save the article itself"),
    ("scan.pdf", raw_pdf("", ""), "no page has a text layer (a scan?); run it through text recognition first"),
    ("blank.docx", word_file(), "there is no text in it; nothing could be found"),
    ("blank.md", b"---\na: 1\n---\n\n", "there is no text in it; nothing could be found"),
    ("utf16.txt", b"\xff\xfeA\x00B", "damaged UTF-16 text at byte 4; save it as UTF-8"),
    ("other.txt", bytes(range(0xC0, 0xFF)) * 3, "the encoding is not known; save it as UTF-8"),
]


@pytest.mark.parametrize(("name", "data", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_read_is_refused_in_one_line_that_says_what_to_do(
    read_bytes: Reading, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(ReadError) as caught:
        read_bytes(name, data)
    message = str(caught.value)
    assert reason in message
    assert "\n" not in message
    assert ";" in message  # what is wrong; what to do


def test_a_small_file_that_unpacks_to_hundreds_of_megabytes_is_not_opened(read_bytes: Reading, tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    chunk = bytes(1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as entry:
        for _ in range(300):
            entry.write(chunk)
    data = path.read_bytes()
    assert 300 * len(chunk) > MAX_RATIO * len(data)
    with pytest.raises(ReadError, match="unpacks to 315 MB, which looks like a zip bomb; it is not opened"):
        read_bytes(path.name, data)


@pytest.mark.parametrize("name", ["paper.pdf", "paper.docx", "page.html", "th-traffy-fondue.md"])
def test_a_file_that_is_damaged_anywhere_is_read_or_refused_and_never_stops_the_run(
    read_bytes: Reading, corpus: Path, name: str
) -> None:
    whole = {
        "paper.pdf": PDF,
        "paper.docx": DOCX,
        "page.html": PAGE.format(LONG_THAI).encode(),
        "th-traffy-fondue.md": (corpus / "practices" / "th" / "th-traffy-fondue.md").read_bytes(),
    }[name]
    chance = random.Random(2554)
    refused = 0
    for _ in range(30):
        damaged = bytearray(whole[: chance.choice([len(whole), chance.randrange(100, len(whole))])])
        for _ in range(chance.choice([1, 3, 20])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read_bytes(name, bytes(damaged))
        except KbError:  # any other error fails the test
            refused += 1
    assert refused


def test_an_entity_bomb_in_a_word_file_is_not_unfolded(read_bytes: Reading) -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 20}">' for n in range(8))
    xml = f'<!DOCTYPE d [<!ENTITY e0 "bomb">{entities}]><d>&e8;</d>'
    with pytest.raises(ReadError):
        read_bytes("bomb.docx", packed({"word/document.xml": xml.encode(), "[Content_Types].xml": b"<Types/>"}))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b""), "the file is empty; remove it"),
        (lambda path: path.write_bytes(b" \r\n\t\0\0"), "the file is empty; remove it"),  # blanks only
        (lambda path: path.write_bytes(b"x" * 1001), "more than the limit; split it, or raise KB_MAX_FILE_MB"),
        (lambda path: path.mkdir(), "not a regular file; give a file or a folder"),
        (lambda path: os.mkfifo(path), "not a regular file; give a file or a folder"),  # reading it would wait for ever
        (lambda path: path.symlink_to("nowhere"), "cannot be opened (No such file or directory); check that it exists"),
    ],
    ids=["empty", "blank", "oversized", "folder", "pipe", "broken link"],
)
def test_what_cannot_be_loaded_is_refused(tmp_path: Path, make: Callable[[Path], object], reason: str) -> None:
    path = tmp_path / "x.txt"
    make(path)
    with pytest.raises(ReadError) as caught:
        load(path, tmp_path, max_bytes=1000)
    assert reason in str(caught.value)


def test_a_file_of_just_the_limit_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"x" * 1000)
    assert load(path, tmp_path, max_bytes=1000).data == path.read_bytes()


def test_ids_are_stable_readable_and_differ_by_place() -> None:
    root = Path("/files")
    plain = document_id(root / "Flood report 2024.pdf", root)
    assert plain == document_id(Path("/elsewhere/Flood report 2024.pdf"), Path("/elsewhere"))
    assert plain.startswith("doc-flood-report-2024-")
    assert document_id(root / "รายงาน.pdf", root) != document_id(root / "สรุป.pdf", root)  # Thai names leave no slug
    assert document_id(root / "a" / "report.pdf", root) != document_id(root / "b" / "report.pdf", root)


@pytest.mark.parametrize(
    ("name", "readable"), [*((f"x{suffix}", True) for suffix in SUFFIXES), ("x.xlsx", False), ("x", False)]
)
def test_files_are_picked_by_their_ending(name: str, readable: bool) -> None:
    assert can_read(Path(name)) is readable


def test_a_file_without_a_known_ending_is_read_by_what_it_holds(taxonomy: Taxonomy) -> None:
    record = read(Source(Path("/files/paper"), PDF, "doc-paper"), taxonomy, lambda _: False)
    assert isinstance(record, Document)
    assert record.format == "pdf"
