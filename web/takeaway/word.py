"""Word files: paragraphs, headings, lists, tables and links in styles that hold Thai and Latin letters alike.

Thai is a complex script to Word: it takes its font, size and weight from other attributes than Latin text, and breaks lines at
words only where the language of complex scripts is Thai.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from web.takeaway.blocks import Block, Run
from web.takeaway.fonts import FAMILY
from web.takeaway.word_fonts import embed

ACCENT = RGBColor(0x12, 0x49, 0x6B)
SOFT = RGBColor(0x51, 0x60, 0x6A)
_HEADINGS = {"Title": 1.6, "Subtitle": 1.15, "Heading 1": 1.2}
"""Sizes against the text."""
_FONT_ATTRIBUTES = ("ascii", "hAnsi", "cs", "eastAsia")

Fill = Callable[[Any], None]
"""Writes into a paragraph."""


class WordPaper:
    """A Word file that is being written."""

    def __init__(self, title: str, author: str, size: float, tight: bool = False) -> None:
        """`size` is that of the text in points; a `tight` paper has narrow margins and close lines."""
        self.document = Document()
        self._styles(size, *((1.0, 0.12) if tight else (1.15, 0.35)))
        self._page(16 if tight else 20, 14 if tight else 18)
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = xml_safe(title)[:250], author, ""
        properties.created = properties.modified = datetime.now().astimezone()
        embed(self.document)

    def save(self) -> bytes:
        target = io.BytesIO()
        self.document.save(target)
        return target.getvalue()

    def paragraph(self, text: str = "", style: str = "Normal", place: Any = None, soft: bool = False) -> Any:
        """A paragraph at the end of the document, or of `place`, which may be a table cell."""
        made = (place or self.document).add_paragraph(style=style)
        if text:
            self.run(made, text, soft=soft)
        return made

    def run(self, paragraph: Any, text: str, look: Run | None = None, soft: bool = False) -> Any:
        """Text in a paragraph. Weight and slope are set for Latin and for Thai."""
        made = paragraph.add_run(xml_safe(text))
        if look and look.strong:
            made.font.bold = made.font.cs_bold = True
        if look and look.emphasis:
            made.font.italic = made.font.cs_italic = True
        if soft:
            made.font.color.rgb = SOFT
        return made

    def link(self, paragraph: Any, url: str, text: str) -> None:
        """A link to an address outside the file."""
        holder = OxmlElement("w:hyperlink")
        holder.set(qn("r:id"), paragraph.part.relate_to(xml_safe(url), RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        made = paragraph.add_run(xml_safe(text), style="Hyperlink")
        holder.append(made._r)
        paragraph._p.append(holder)

    def blocks(self, blocks: Sequence[Block], place: Any = None) -> None:
        """Paragraphs and list items; claim marks are raised numbers."""
        for block in blocks:
            style = "Normal" if not block.level else "List Bullet" if block.level == 1 else "List Bullet 2"
            if block.level and block.mark not in ("", "•"):
                paragraph = self.paragraph(f"{block.mark} ", "List Paragraph", place)
            else:
                paragraph = self.paragraph("", style, place)
            self.runs(paragraph, block.runs)

    def runs(self, paragraph: Any, runs: Sequence[Run]) -> None:
        for run in runs:
            if run.claim:
                paragraph.add_run(str(run.claim)).font.superscript = True
            elif run.url:
                self.link(paragraph, run.url, run.text)
            else:
                self.run(paragraph, run.text, run)

    def table(self, widths: Sequence[float], header: Sequence[str] = (), lined: bool = True) -> Any:
        """A table with columns of these widths in mm and, where given, a header row that is repeated on each page."""
        made = self.document.add_table(rows=0, cols=len(widths))
        made.autofit = False
        for column, width in zip(made.columns, widths, strict=True):
            column.width = Mm(width)
        properties = made._tbl.tblPr
        if lined:
            properties.find(qn("w:tblLayout")).addprevious(_borders())  # Word wants them in the order of the standard
        properties.find(qn("w:tblLayout")).addnext(_margins())
        if header:
            cells = self.row(made, widths)
            for cell, text in zip(cells, header, strict=True):
                self.run(first_paragraph(cell), text, Run("", strong=True))
            made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        return made

    def row(self, table: Any, widths: Sequence[float], whole: bool = True) -> list[Any]:
        """The cells of a new row; a `whole` one is not broken over pages."""
        row = table.add_row()
        if whole:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
            first_paragraph(cell).paragraph_format.space_after = Pt(1)
        return list(row.cells)

    def footer(self, text: str, pattern: str) -> None:
        """A foot on each page: a text, and the page's number in `pattern` with `{page}` and `{pages}`."""
        section = self.document.sections[0]
        paragraph = section.footer.paragraphs[0]
        width = section.page_width - section.left_margin - section.right_margin
        paragraph.paragraph_format.tab_stops.clear_all()
        paragraph.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT)
        self.run(paragraph, text + "\t", soft=True)
        before, _, rest = pattern.partition("{page}")
        between, _, after = rest.partition("{pages}")
        self.run(paragraph, before, soft=True)
        _field(paragraph, "PAGE")
        self.run(paragraph, between, soft=True)
        _field(paragraph, "NUMPAGES")
        self.run(paragraph, after, soft=True)

    def _page(self, side: int, end: int) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(side)
        section.top_margin = section.bottom_margin = Mm(end)

    def _styles(self, size: float, spacing: float, after: float) -> None:
        styles = self.document.styles
        _set_languages(styles.element)
        styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER).font.color.rgb = ACCENT
        styles["Hyperlink"].font.underline = True
        for style in styles:
            if style.type in (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER) and style.element.rPr is not None:
                _set_font(style)
        _set_font(styles["Normal"])
        for name, factor in {"Normal": 1.0, "Footer": 0.85, **_HEADINGS}.items():
            _set_size(styles[name], size * factor)
        for name in _HEADINGS:
            styles[name].font.color.rgb = ACCENT
            styles[name].font.bold = styles[name].font.cs_bold = name != "Subtitle"
            styles[name].font.italic = styles[name].font.cs_italic = False
            _close_letters(styles[name])
            styles[name].paragraph_format.space_before = Pt(0 if name == "Subtitle" else size * (spacing - 0.25))
            styles[name].paragraph_format.space_after = Pt(size * after)
        border = styles["Title"].element.pPr.find(qn("w:pBdr"))
        if border is not None:
            styles["Title"].element.pPr.remove(border)
        for name in ("Normal", "List Bullet", "List Bullet 2", "List Paragraph"):
            styles[name].paragraph_format.space_after = Pt(size * after)
        styles["Normal"].paragraph_format.line_spacing = spacing
        styles["Footer"].paragraph_format.tab_stops.clear_all()


def first_paragraph(cell: Any) -> Any:
    """The paragraph that a cell begins with."""
    return cell.paragraphs[0]


def drop_first(cell: Any) -> None:
    """Take away the empty paragraph of a cell that has others."""
    if len(cell.paragraphs) > 1:
        cell._tc.remove(cell.paragraphs[0]._p)


def xml_safe(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n" or (letter >= " " and letter not in "\ufffe\uffff"))


def _set_font(style: Any) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]  # fonts of a theme would go before ours
    for name in _FONT_ATTRIBUTES:
        fonts.set(qn(f"w:{name}"), FAMILY)


def _set_size(style: Any, points: float) -> None:
    style.font.size = Pt(round(points * 2) / 2)
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    thai = OxmlElement("w:szCs")
    thai.set(qn("w:val"), str(round(points * 2)))
    properties.find(qn("w:sz")).addnext(thai)


def _close_letters(style: Any) -> None:
    """Take away wide spacing, which tears Thai marks off their letters."""
    for spacing in style.element.get_or_add_rPr().findall(qn("w:spacing")):
        style.element.rPr.remove(spacing)


def _set_languages(styles: Any) -> None:
    """English for Latin letters, Thai for complex scripts, everywhere."""
    properties = styles.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:bidi"), "th-TH")


def _borders() -> Any:
    borders = OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "C9D3DA")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    return borders


def _margins() -> Any:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "70")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    return margins


def _field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = paragraph.add_run("1")
    run.font.color.rgb = SOFT
    field.append(run._r)
    paragraph._p.append(field)
