"""One reader a kind of file: each gives a practice or a document with pages, slides or sections, or raises `ReadError`.

A file is read by what it holds, not by what its name says; where the two disagree it is refused.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb.corpus import is_practice, parse_practice
from kb.errors import CorpusError, ReadError
from kb.records import Document, Practice
from kb.taxonomy import Taxonomy

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_RATIO = 200
"""A packed file that unpacks to more than this many times its size, and to more than 16 MiB, is taken for a bomb."""

DOCUMENT_PREFIX = "doc-"
"""How the ids of documents begin; those of practices begin with a country."""

Content = Literal["text", "html", "pdf", "docx", "pptx"]

SUFFIXES: Mapping[str, Content] = {
    ".md": "text",
    ".markdown": "text",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Source:
    """A file's bytes with its place: `path` as given, `id` for the document that it becomes."""

    path: Path
    data: bytes
    id: str


def can_read(path: Path) -> bool:
    """Whether the name has one of the endings that a reader stands for."""
    return path.suffix.lower() in SUFFIXES


def load(path: Path, root: Path, max_bytes: int) -> Source:
    """Read a file's bytes; raises `ReadError` where it cannot be read, is empty, or is larger than `max_bytes`."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ReadError("not a regular file; give a file or a folder")
        if size > max_bytes:
            raise ReadError(f"{size / 1e6:.0f} MB is more than the limit; split it, or raise KB_MAX_FILE_MB")
        data = path.read_bytes()
    except OSError as exc:
        raise ReadError(f"cannot be opened ({exc.strerror}); check that it exists and its rights") from exc
    if not data.strip(b"\0 \t\r\n"):
        raise ReadError("the file is empty; remove it, or save it again")
    return Source(path, data, document_id(path, root))


def document_id(path: Path, root: Path) -> str:
    """A stable id from the file's place below `root`: a readable part and a checksum."""
    place = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40].strip("-")
    return f"{DOCUMENT_PREFIX}{slug + '-' if slug else ''}{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def read(source: Source, taxonomy: Taxonomy, is_word: Callable[[str], bool]) -> Practice | Document:
    """Read a file as what its content is; `is_word` tells Thai dictionary words, for repairing PDFs.

    Raises `ReadError`, or `CorpusError` for a practice that breaks the corpus format.
    """
    content = _sniff(source)
    expected = SUFFIXES.get(source.path.suffix.lower())
    if expected is not None and content != expected and not (expected == "text" and content == "html"):
        raise ReadError(f"named {source.path.suffix} but holds {content}; give it the right ending")
    if content == "text":
        return _read_text(source, taxonomy)
    if content == "html":
        from kb.ingest.html import read_html

        return read_html(source)
    if content == "pdf":
        from kb.ingest.pdf import read_pdf

        return read_pdf(source, is_word)
    from kb.ingest.office import read_docx, read_pptx

    return read_docx(source) if content == "docx" else read_pptx(source)


def _read_text(source: Source, taxonomy: Taxonomy) -> Practice | Document:
    from kb.ingest.plain import decode, read_markdown, read_plain

    text = decode(source.data).replace("\r\n", "\n")
    if source.path.suffix.lower() in (".md", ".markdown"):
        if is_practice(text):
            _check_utf8(source)
            return parse_practice(text, source.path, taxonomy)
        return read_markdown(source, text)
    return read_plain(source, text)


def _check_utf8(source: Source) -> None:
    """A practice is kept as it was written, so its encoding is not guessed."""
    try:
        source.data.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = source.data[: exc.start].count(b"\n") + 1
        raise CorpusError(source.path, line, "the file is not UTF-8", "save it as UTF-8 in your editor") from exc


def _sniff(source: Source) -> Content:
    """What the bytes are; raises `ReadError` for what no reader stands for."""
    data = source.data
    if data.lstrip().startswith(b"%PDF-") or (source.path.suffix.lower() == ".pdf" and b"%PDF-" in data[:1024]):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _sniff_zip(source)
    if data.startswith(_OLE):
        raise ReadError("an encrypted or old Office file; save it as .docx or .pptx without a password")
    if _HTML_START.match(data[:4096]):
        return "html"
    if _is_binary(data):
        raise ReadError("binary data; only text, Markdown, HTML, PDF, DOCX and PPTX can be read")
    if source.path.suffix.lower() in (".html", ".htm", ".xhtml"):
        return "html" if b"<" in data else "text"
    return "text"


def _sniff_zip(source: Source) -> Content:
    import io

    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED_BYTES or (unpacked > 16 << 20 and unpacked > MAX_RATIO * len(source.data)):
                raise ReadError(f"unpacks to {unpacked / 1e6:.0f} MB, which looks like a zip bomb; it is not opened")
            names = {entry.filename for entry in entries}
            if any(entry.flag_bits & 1 for entry in entries):
                raise ReadError("the file is encrypted; save it without a password")
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as exc:  # by what is damaged
        raise ReadError("the file is truncated or damaged; fetch or save it again") from exc
    if "word/document.xml" in names:
        return "docx"
    if "ppt/presentation.xml" in names:
        return "pptx"
    raise ReadError("a packed file that is neither DOCX nor PPTX; unpack it first")


def _is_binary(data: bytes) -> bool:
    """Whether the bytes are no text in any encoding that is read: control characters, or NUL outside UTF-16."""
    from kb.ingest.plain import unmarked_utf16

    head = data[:8192]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", errors="replace")
    elif encoding := unmarked_utf16(head):
        text = head.decode(encoding, errors="replace")
    else:
        text = head.decode("latin-1")
    return "\0" in text or len(_CONTROL.findall(text)) > 0.01 * len(text)
