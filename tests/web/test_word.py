"""Word files, really made and read back: styles, Thai settings, the font inside."""

from __future__ import annotations

import io
import uuid
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from kb.records import Face, Practice
from kb.text.segment import Segmenter
from tests.web.papers import ADDRESS, DAY, bare, practice, say
from web.takeaway.briefing import Ask, briefing
from web.takeaway.fonts import font_file
from web.takeaway.handout import faces_shown, handout
from web.takeaway.telling import DETAILS
from web.takeaway.word import xml_safe
from web.takeaway.word_papers import briefing_docx, practice_docx

TRAFFY = "th-traffy-fondue"
TABLE_ORDER = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook"]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def made(view: str, given: Practice | None = None) -> bytes:
    given = given or practice(TRAFFY)
    shown = faces_shown(given, view, "th")
    return practice_docx(handout(given, tuple(say(face) for face in shown), ADDRESS + TRAFFY, DAY), "ASEAN")


def a_briefing() -> bytes:
    cases = (practice(TRAFFY), practice("id-petabencana"))
    ask = Ask(cases, ("ใช้กับเทศบาล 😀 ລາວ", ""), tuple(ADDRESS + case.id for case in cases), "งานประชุม")
    return briefing_docx(briefing(ask, (say("th"), say("en")), DAY, DETAILS[0]), "ASEAN")


def whole_text(file: bytes) -> str:
    body = Document(io.BytesIO(file)).element.body
    return bare("".join(node.text or "" for node in body.iter(qn("w:t"))))


@pytest.mark.parametrize("view", ["th", "en", "both"])
def test_a_word_file_has_all_text_and_headings_that_navigation_finds(view: str) -> None:
    given = practice(TRAFFY)
    file = made(view)
    document = Document(io.BytesIO(file))
    headings = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]
    assert {"th": "ผลลัพธ์", "en": "Results", "both": "ผลลัพธ์ / Results"}[view] in headings
    assert document.core_properties.title == (given.title.en if view == "en" else given.title.th)
    text = whole_text(file)
    for face in given.faces.values():
        if view in (face.language, "both"):
            first = face.sections["problem"].split("[^")[0]
            assert bare(first) in text
            assert bare(face.title) in text
    assert all(bare(source.title) in text for source in given.sources)


@pytest.mark.parametrize("file", [made("th"), made("both"), a_briefing()], ids=["one", "both", "briefing"])
def test_thai_has_its_font_size_and_language_in_every_style(file: bytes) -> None:
    document = Document(io.BytesIO(file))
    language = document.styles.element.find(f".//{W}docDefaults//{W}lang")
    assert language.get(f"{W}bidi") == "th-TH"
    for name in ("Normal", "Title", "Heading 1"):
        properties = document.styles[name].element.rPr
        fonts = properties.find(f"{W}rFonts")
        assert dict(fonts.attrib) == {f"{W}{place}": "Sarabun" for place in ("ascii", "hAnsi", "cs", "eastAsia")}
        assert properties.find(f"{W}szCs").get(f"{W}val") == properties.find(f"{W}sz").get(f"{W}val")
    assert document.styles["Heading 1"].element.rPr.find(f"{W}bCs") is not None


@pytest.mark.parametrize("file", [made("th"), made("both"), a_briefing()], ids=["one", "both", "briefing"])
def test_the_font_is_inside_under_its_key(file: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        table = etree.fromstring(parts.read("word/fontTable.xml"))
        links = etree.fromstring(parts.read("word/_rels/fontTable.xml.rels"))
        targets = {link.get("Id"): link.get("Target") for link in links}
        settings = etree.fromstring(parts.read("word/settings.xml"))
        assert settings.find(f"{W}embedTrueTypeFonts") is not None
        for style, element in (("Regular", "embedRegular"), ("Bold", "embedBold"), ("Italic", "embedItalic")):
            entry = table.find(f".//{W}{element}")
            data = bytearray(parts.read("word/" + targets[entry.get(qn("r:id"))]))
            key = uuid.UUID(entry.get(f"{W}fontKey")).bytes[::-1]
            for place in range(32):
                data[place] ^= key[place % 16]
            assert bytes(data) == font_file(style).read_bytes()


@pytest.mark.parametrize("file", [made("th"), made("both"), a_briefing()], ids=["one", "both", "briefing"])
def test_tables_have_header_rows_and_the_order_that_word_insists_on(file: bytes) -> None:
    body = Document(io.BytesIO(file)).element.body
    for properties in body.iter(f"{W}tblPr"):
        names = [etree.QName(child).localname for child in properties]
        assert names == sorted(names, key=TABLE_ORDER.index)
    assert body.find(f".//{W}tblHeader") is not None
    links = [link.get(qn("r:id")) for link in body.iter(f"{W}hyperlink")]
    assert links
    assert all(links)


def test_pages_are_numbered_by_fields() -> None:
    footer = Document(io.BytesIO(made("th"))).sections[0].footer._element
    assert [field.get(f"{W}instr") for field in footer.iter(f"{W}fldSimple")] == ["PAGE", "NUMPAGES"]


def test_a_word_file_keeps_letters_that_the_font_lacks() -> None:
    assert "ใช้กับเทศบาล😀ລາວ" in whole_text(a_briefing())


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ufffeb", "a\x08b"])
def test_letters_that_xml_cannot_hold_are_left_out(text: str) -> None:
    assert xml_safe(text) == "ab"


def test_markdown_of_a_section_becomes_lists_bold_text_and_links(segmenter: Segmenter) -> None:
    face = Face("th", "ชื่อ", {"summary": "1. หนึ่ง **หนา**\n2. สอง\n\n- จุด [ที่](https://a.example/) [ลวง](javascript:x)[^1]"})
    file = made("th", replace(practice(TRAFFY), faces={"th": face}))
    document = Document(io.BytesIO(file))
    styles = {paragraph.text: paragraph.style.name for paragraph in document.paragraphs}
    assert styles["1. หนึ่ง หนา"] == styles["2. สอง"] == "List Paragraph"
    assert next(style for text, style in styles.items() if text.startswith("จุด")) == "List Bullet"
    bold = [run for paragraph in document.paragraphs for run in paragraph.runs if run.text == "หนา"]
    assert bold[0].font.bold
    assert bold[0].font.cs_bold
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        assert b"https://a.example/" in parts.read("word/_rels/document.xml.rels")
        assert b"javascript" not in parts.read("word/_rels/document.xml.rels")
