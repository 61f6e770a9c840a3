"""Files that the tests of ingestion make for themselves: PDF, DOCX, PPTX and packed ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from importlib.resources import files

import docx
import pptx
import typst

FONTS = str(files("fontpkg_sarabun").joinpath("files"))


def thai_pdf(*pages: str, title: str = "") -> bytes:
    """A real PDF with the Sarabun font and Thai shaping, one page for each text."""
    head = f'#set document(title: "{title}")\n' if title else ""
    source = f'{head}#set text(font: "Sarabun", lang: "th")\n' + "\n#pagebreak()\n".join(pages)
    return bytes(typst.compile(source.encode(), font_paths=[FONTS], ignore_system_fonts=True))


def raw_pdf(*pages: str, encrypted: bool = False, title: str = "") -> bytes:
    """A PDF by hand whose glyphs say just the given characters, damaged or not; an empty text is a page without any."""
    characters = sorted(set("".join(pages)))
    codes = {character: number for number, character in enumerate(characters, 1)}
    mapped = "\n".join(f"<{code:04x}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Said def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{mapped}\nendbfchar endcmap end end"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",  # the page tree, once the pages are known
        "<< /Type /Font /Subtype /Type0 /BaseFont /Said /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Said /DW 500 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(cmap),
        f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>",
    ]
    kids = []
    for text in pages:
        shown = [f"<{''.join(f'{codes[c]:04x}' for c in line)}> Tj 0 -14 Td" for line in text.split("\n") if line]
        objects.append(_stream("BT /F 10 Tf 20 800 Td " + " ".join(shown) + " ET"))
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 900 842] /Resources << /Font << /F 3 0 R >> >> "
            f"/Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    trailer = "/Root 1 0 R /Info 6 0 R"
    if encrypted:
        wrong = "41" * 32  # no password opens it, the empty one neither
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /O <{wrong}> /U <{wrong}> /P -4 >>")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<00> <00>]"
    return _assembled(objects, trailer)


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def _assembled(objects: Sequence[str], trailer: str) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} {trailer} >>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


def word_file(*blocks: tuple[str, str], table: Sequence[Sequence[str]] = (), title: str = "") -> bytes:
    """A DOCX from (style, text) paragraphs and a table after them."""
    document = docx.Document()
    document.core_properties.title = title
    for style, text in blocks:
        document.add_paragraph(text, style=style)
    if table:
        grid = document.add_table(rows=len(table), cols=len(table[0]))
        for row, values in zip(grid.rows, table, strict=True):
            for cell, value in zip(row.cells, values, strict=True):
                cell.text = value
    return saved(document)


def saved(file: docx.document.Document | pptx.presentation.Presentation) -> bytes:
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def packed(entries: dict[str, bytes], encrypted: bool = False) -> bytes:
    """A zip file; `encrypted` sets the flag that says so in both of its headers."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    data = bytearray(out.getvalue())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while encrypted and at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)
