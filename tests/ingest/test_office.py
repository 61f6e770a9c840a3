"""DOCX by heading with tables, and PPTX by slide with notes, tables and groups; in Thai and English."""

from __future__ import annotations

from collections.abc import Callable

import docx
import pptx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from made_files import saved, word_file
from pptx.util import Cm

from kb.records import Document

Reading = Callable[[str, bytes], Document]


def test_a_word_file_is_read_by_its_headings_with_its_tables(read_bytes: Reading) -> None:
    data = word_file(
        ("Title", "ระบบเตือนภัยน้ำท่วม"),
        ("Normal", "รายงาน ณ วันที่ ๖ มิถุนายน ๒๕๕๔"),
        ("Heading 1", "ปัญหา"),
        ("Normal", "น้ำท่วมทุกปี"),
        ("Heading 2", "Results"),
        ("List Bullet", "People move in time."),
        table=[["ไตรมาส", "ข้อความ", "เวลา"], ["1", "4,217", "4,217"]],  # equal cells side by side are two cells
    )
    document = read_bytes("paper.docx", data)
    assert [(part.heading, part.text) for part in document.parts] == [
        ("ระบบเตือนภัยน้ำท่วม", "รายงาน ณ วันที่ ๖ มิถุนายน ๒๕๕๔"),
        ("ปัญหา", "น้ำท่วมทุกปี"),
        ("Results", "People move in time.\nไตรมาส | ข้อความ | เวลา\n1 | 4,217 | 4,217"),
    ]
    assert document.title == "ระบบเตือนภัยน้ำท่วม"
    assert (document.language, document.date) == ("th", f"{2554 - 543}-06-06")


@pytest.mark.parametrize(
    ("blocks", "own", "title"),
    [
        ([("Heading 1", "ปัญหา"), ("Normal", "x")], "แผนเตือนภัย", "แผนเตือนภัย"),  # the file's own title comes first
        ([("Heading 1", "ปัญหา"), ("Normal", "x")], "", "ปัญหา"),
        ([("Normal", "แผนเตือนภัย"), ("Normal", "x")], "", "แผนเตือนภัย"),  # no heading: the first line
    ],
)
def test_the_title_of_a_word_file(read_bytes: Reading, blocks: list[tuple[str, str]], own: str, title: str) -> None:
    assert read_bytes("paper.docx", word_file(*blocks, title=own)).title == title


def test_headings_are_known_by_name_where_a_translated_word_gives_other_ids(read_bytes: Reading) -> None:
    file = docx.Document()
    file.styles["Heading 1"].element.set(qn("w:styleId"), "1")
    paragraph = file.add_paragraph("ปัญหา")
    paragraph.style = file.styles["Heading 1"]
    file.add_paragraph("น้ำท่วมทุกปี")
    document = read_bytes("paper.docx", saved(file))
    assert [(part.heading, part.text) for part in document.parts] == [("ปัญหา", "น้ำท่วมทุกปี")]


def test_a_merged_cell_is_said_once(read_bytes: Reading) -> None:
    file = docx.Document()
    table = file.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "ผลลัพธ์"
    table.cell(1, 0).text, table.cell(1, 1).text = "2565", "4,217"
    assert read_bytes("paper.docx", saved(file)).parts[0].text == "ผลลัพธ์\n2565 | 4,217"


def test_inserted_text_counts_deleted_text_does_not_and_framed_text_is_kept(read_bytes: Reading) -> None:
    file = docx.Document()
    paragraph = file.add_paragraph("เทศบาลแจ้ง")
    for tag, holder, text in (("w:ins", "w:t", "ประชาชน"), ("w:del", "w:delText", "เจ้าหน้าที่")):
        change, run, said = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(holder)
        said.text = text
        run.append(said)
        change.append(run)
        paragraph._p.append(change)
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    content.append(file.add_paragraph("ชื่อโครงการในกรอบของแม่แบบ")._p)
    control.append(content)
    file.element.body.insert(1, control)
    assert read_bytes("paper.docx", saved(file)).parts[0].text == "เทศบาลแจ้งประชาชน\nชื่อโครงการในกรอบของแม่แบบ"


def slides() -> bytes:
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "ระบบเตือนภัย\vน้ำท่วม"
    first.placeholders[1].text = "6 มิถุนายน 2554\nPeople move\vin time."
    first.notes_slide.notes_text_frame.text = "ผู้บรรยาย: เล่าเรื่องธงสามสี"
    second = deck.slides.add_slide(deck.slide_layouts[6])
    grid = second.shapes.add_table(2, 3, Cm(1), Cm(1), Cm(9), Cm(3)).table
    for row, values in enumerate((("ไตรมาส", "ข้อความ", "เวลา"), ("1", "4,217", "4,217"))):
        for column, value in enumerate(values):
            grid.cell(row, column).text = value
    outer = second.shapes.add_group_shape()
    outer.shapes.add_textbox(Cm(1), Cm(5), Cm(5), Cm(1)).text_frame.text = "ธงเขียว"
    inner = outer.shapes.add_group_shape()
    inner.shapes.add_textbox(Cm(1), Cm(6), Cm(5), Cm(1)).text_frame.text = "Red flag: leave"
    deck.slides.add_slide(deck.slide_layouts[6])
    return saved(deck)


def test_slides_are_read_with_titles_tables_groups_and_notes(read_bytes: Reading) -> None:
    document = read_bytes("deck.pptx", slides())
    assert [(part.number, part.kind, part.heading, part.text) for part in document.parts] == [
        (
            1,
            "slide",
            "ระบบเตือนภัย น้ำท่วม",
            "6 มิถุนายน 2554\nPeople move\nin time.\nผู้บรรยาย: เล่าเรื่องธงสามสี",
        ),
        (2, "slide", "", "ไตรมาส | ข้อความ | เวลา\n1 | 4,217 | 4,217\nธงเขียว\nRed flag: leave"),
        (3, "slide", "", ""),  # a picture only: the numbers of the slides after it hold
    ]
    assert (document.title, document.language, document.date) == ("ระบบเตือนภัย น้ำท่วม", "th", f"{2554 - 543}-06-06")


def test_a_slide_with_a_title_only_is_found_by_it(read_bytes: Reading) -> None:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "คำถามและคำตอบ"
    (part,) = read_bytes("deck.pptx", saved(deck)).parts
    assert (part.heading, part.text) == ("คำถามและคำตอบ", "คำถามและคำตอบ")
