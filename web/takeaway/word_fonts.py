"""Puts the font into a Word file, so that Thai looks the same on a computer that lacks it.

The font goes in as ECMA-376 part 4 wants it: its first 32 bytes are combined with a key that the font table names.
"""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement

from web.takeaway.fonts import FAMILY, font_file

_STYLES = {"Regular": "embedRegular", "Bold": "embedBold", "Italic": "embedItalic"}
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/font"
_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_HIDDEN = 32
"""Bytes at the beginning of the font that the key covers."""


def embed(document: Any) -> None:
    """Add the font's regular, bold and italic styles to a document of python-docx."""
    table = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    lines = []
    for number, (style, element) in enumerate(_STYLES.items(), 1):
        key, data = _hidden(style)
        part = Part(PackURI(f"/word/fonts/font{number}.odttf"), _CONTENT_TYPE, data, document.part.package)
        lines.append(f'<w:{element} r:id="{table.relate_to(part, _RELATION)}" w:fontKey="{key}"/>')
    table._blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {_SPACES}><w:font w:name="{FAMILY}">'
        f'<w:charset w:val="DE"/><w:family w:val="swiss"/><w:pitch w:val="variable"/>{"".join(lines)}</w:font></w:fonts>'
    ).encode()
    settings = document.settings.element
    zoom = settings.find("{*}zoom")
    settings.insert(0 if zoom is None else settings.index(zoom) + 1, OxmlElement("w:embedTrueTypeFonts"))


@lru_cache(maxsize=len(_STYLES))
def _hidden(style: str) -> tuple[str, bytes]:
    """The key of a style, always the same, and the font's bytes under it."""
    name = uuid.uuid5(uuid.NAMESPACE_DNS, f"{FAMILY}-{style}")
    key = name.bytes[::-1]
    data = bytearray(font_file(style).read_bytes())
    for place in range(_HIDDEN):
        data[place] ^= key[place % len(key)]
    return f"{{{str(name).upper()}}}", bytes(data)
