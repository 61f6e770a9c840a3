"""DOCX by heading and PPTX by slide, through python-docx and python-pptx."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kb.errors import ReadError
from kb.records import Document, Part
from kb.text.language import detect
from kb.text.years import parse_date

if TYPE_CHECKING:
    from kb.ingest.readers import Source

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CONTAINERS = frozenset(_W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"))
_UNSAID = frozenset(_W + name for name in ("pPr", "rPr", "del", "moveFrom")) | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
_DAMAGED = "the file is truncated or damaged; open it in Office and save it again"


def read_docx(source: Source) -> Document:
    """Sections by heading style; table rows become lines with ` | ` between the cells."""
    import docx

    try:
        document = docx.Document(io.BytesIO(source.data))
        sections = list(_docx_sections(document))
        title = (document.core_properties.title or "").strip()
    except Exception as exc:  # python-docx and lxml raise many kinds for one cause: the file is no sound DOCX
        raise ReadError(_DAMAGED) from exc
    parts = [
        Part(number, "section", heading, text)
        for number, (heading, text) in enumerate(((h, t) for h, t in sections if t or h), 1)
    ]
    return _document(source, "docx", title, [_filled(part) for part in parts])


def _docx_sections(document: Any) -> Iterator[tuple[str, str]]:
    from docx.oxml.table import CT_Tbl
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    heading, lines = "", []
    for element in _blocks(document.element.body):
        if isinstance(element, CT_Tbl):
            lines += list(_rows(Table(element, document).rows, lambda cell: _said(cell._tc)))
            continue
        block = Paragraph(element, document._body)
        text = _said(element).strip()
        # by name: in a Thai Word the ids of styles are translated, the names are not
        style = (block.style.name or "") if block.style is not None else ""
        if text and (style.startswith("Heading") or style == "Title"):
            if lines or heading:
                yield heading, "\n".join(lines)
            heading, lines = text, []
        elif text:
            lines.append(text)
    if lines or heading:
        yield heading, "\n".join(lines)


def _blocks(container: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, those in content controls too, which python-docx passes over."""
    for element in container:
        if element.tag in (_W + "p", _W + "tbl"):
            yield element
        elif element.tag in _CONTAINERS:
            yield from _blocks(element)


def _said(element: Any) -> str:
    """The text of an element with text boxes and tracked insertions, without deletions and copies for old readers."""
    pieces = []
    for child in element:
        if child.tag == _W + "t":
            pieces.append(child.text or "")
        elif child.tag in (_W + "br", _W + "cr"):
            pieces.append("\n")
        elif child.tag == _W + "tab":
            pieces.append(" ")
        elif child.tag == _W + "p":
            pieces.append(f"\n{_said(child)}\n" if len(pieces) else f"{_said(child)}\n")
        elif child.tag not in _UNSAID:
            pieces.append(_said(child))
    return "".join(pieces)


def read_pptx(source: Source) -> Document:
    """Slides with their title, text, tables and speaker's notes."""
    import pptx

    try:
        deck = pptx.Presentation(io.BytesIO(source.data))
        parts = [_slide(number, slide) for number, slide in enumerate(deck.slides, 1)]
        title = (deck.core_properties.title or "").strip()
    except Exception as exc:  # as above, for python-pptx
        raise ReadError(_DAMAGED) from exc
    if title in ("", "PowerPoint Presentation"):
        title = next((part.heading for part in parts if part.heading), "")
    return _document(source, "pptx", title, parts)


def _slide(number: int, slide: Any) -> Part:
    title = slide.shapes.title
    heading = " ".join(title.text_frame.text.split()) if title is not None and title.has_text_frame else ""
    lines = list(_shape_lines(shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        lines += [line for line in slide.notes_slide.notes_text_frame.text.splitlines() if line.strip()]
    return Part(number, "slide", heading, "\n".join(lines) or heading)


def _shape_lines(shapes: Iterable[Any]) -> Iterator[str]:
    for shape in shapes:
        if getattr(shape, "shapes", None) is not None:
            yield from _shape_lines(shape.shapes)
        elif shape.has_text_frame:
            # python-pptx gives a line break inside a paragraph as a vertical tab
            yield from (line.strip() for line in shape.text_frame.text.replace("\v", "\n").split("\n") if line.strip())
        elif getattr(shape, "has_table", False) and shape.has_table:
            yield from _rows(shape.table.rows, lambda cell: str(cell.text))


def _rows(rows: Iterable[Any], text: Callable[[Any], str]) -> Iterator[str]:
    for row in rows:
        merged = {cell._tc: " ".join(text(cell).split()) for cell in row.cells}  # a merged cell is given once a column
        if any(merged.values()):
            yield " | ".join(filter(None, merged.values()))


def _filled(part: Part) -> Part:
    return part if part.text else Part(part.number, part.kind, part.heading, part.heading)


def _document(source: Source, form: str, title: str, parts: list[Part]) -> Document:
    text = "\n".join(f"{part.heading}\n{part.text}" for part in parts).strip()
    if not text:
        raise ReadError("there is no text in it; nothing could be found by searching")
    dated = parse_date(text[:3000])
    first = next((part.heading or part.text.splitlines()[0] for part in parts if part.heading or part.text), "")
    return Document(
        id=source.id,
        title=(title or first)[:200] or source.path.stem,
        language=detect(text[:20_000]),
        format=form,
        parts=tuple(parts),
        date=dated.isoformat() if dated else "",
        source=source.path.name,
    )
