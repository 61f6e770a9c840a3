"""PDF by page, through PDFium, which honours the text beside the glyphs; damaged Thai is repaired."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kb.errors import ReadError
from kb.records import Document, Part
from kb.text.damage import repair
from kb.text.language import detect
from kb.text.years import parse_date

if TYPE_CHECKING:
    from kb.ingest.readers import Source

MAX_PAGES = 5000
_TAIL = 4096
_CUT = "the file is truncated or no valid PDF; fetch or save it again"
NO_TEXT = "no-text"


def read_pdf(source: Source, is_word: Callable[[str], bool]) -> Document:
    """Pages with their text; a page without text, or with damage that could not be repaired, says so in its doubts."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(source.data)
    except pdfium.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise ReadError("the file is encrypted; save it without a password") from exc
        raise ReadError(_CUT) from exc
    try:
        if b"%%EOF" not in source.data[-_TAIL:]:  # PDFium would mend it and lose pages without a word
            raise ReadError(_CUT)
        if len(document) > MAX_PAGES:
            raise ReadError(f"{len(document)} pages are more than {MAX_PAGES}; split the file")
        parts = [_read_page(document, number, is_word) for number in range(len(document))]
        title = str(document.get_metadata_dict().get("Title") or "").strip()
    finally:
        document.close()
    if not any(part.text for part in parts):
        raise ReadError("no page has a text layer (a scan?); run it through text recognition first")
    if len(title) <= 3 or title.lower().startswith(("microsoft word", "untitled")):
        title = _first_line(parts, source)
    text = "\n".join(part.text for part in parts)
    dated = parse_date(text[:3000])
    return Document(
        id=source.id,
        title=title,
        language=detect(text[:20_000]),
        format="pdf",
        parts=tuple(parts),
        date=dated.isoformat() if dated else "",
        source=source.path.name,
    )


def _read_page(document, index: int, is_word: Callable[[str], bool]) -> Part:  # type: ignore[no-untyped-def]
    import pypdfium2 as pdfium

    try:
        page = document[index]
        textpage = page.get_textpage()
        text = textpage.get_text_bounded()
        textpage.close()
        page.close()
    except pdfium.PdfiumError:
        return Part(index + 1, "page", "", "", ("unreadable",))
    if not text.strip():
        return Part(index + 1, "page", "", "", (NO_TEXT,))
    mended = repair(text.replace("\r\n", "\n"), is_word)
    return Part(index + 1, "page", "", mended.text.strip(), mended.doubts)


def _first_line(parts: list[Part], source: Source) -> str:
    for part in parts:
        for line in part.text.splitlines():
            if len(line.strip()) >= 8:
                return line.strip()[:200]
    return source.path.stem
