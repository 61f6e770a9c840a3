"""PDF by page: Thai as it was written, repaired where only one reading is possible, and flagged where not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from made_files import raw_pdf, thai_pdf

from kb.ingest.pdf import NO_TEXT
from kb.records import Document

Reading = Callable[[str, bytes], Document]

THAI_PAGES = (
    "ระบบเตือนภัยน้ำท่วมหาดใหญ่ เริ่มเมื่อวันที่ ๖ มิถุนายน ๒๕๕๔",
    "ผู้สูงอายุที่นั่งรออยู่ได้รับคำแนะนำทั้งหมด ค่าใช้จ่ายซึ่งคำนวณแล้วเป็นของรัฐ",
    "The city warns its people with flags and by telephone.",
)


def together(text: str) -> str:
    """Text without blanks: where a line is broken is the layout's choice."""
    return "".join(text.split())


def test_a_thai_pdf_is_read_page_by_page_as_it_was_written(read_bytes: Reading) -> None:
    document = read_bytes("paper.pdf", thai_pdf(*THAI_PAGES, title="รายงานการเตือนภัย"))
    assert [(part.number, part.kind, together(part.text)) for part in document.parts] == [
        (number, "page", together(text)) for number, text in enumerate(THAI_PAGES, 1)
    ]
    assert [part.doubts for part in document.parts] == [()] * len(THAI_PAGES)
    assert document.title == "รายงานการเตือนภัย"
    assert (document.language, document.date, document.format) == ("th", f"{2554 - 543}-06-06", "pdf")


@pytest.mark.parametrize(
    ("damaged", "repaired"),
    [
        ("ถ ึงประชาชน", "ถึงประชาชน"),  # a space before each mark
        ("ระบบน \u0e49าท่วม ค าน า ส าเร็จ", "ระบบน้ำท่วม คำนำ สำเร็จ"),  # sara am lost its nikhahit
        ("ที\uf70aประชุม", "ที่ประชุม"),  # a shifted tone mark of an old Thai font
        ("ทั้ทั้งหมดเริ่ริ่มแล้ว", "ทั้งหมดเริ่มแล้ว"),  # a syllable said again for its raised tone mark
        ("สถานที่ที่น้ำท่วม", "สถานที่ที่น้ำท่วม"),  # two words that only look doubled
    ],
)
def test_damage_with_one_possible_reading_is_repaired(read_bytes: Reading, damaged: str, repaired: str) -> None:
    (part,) = read_bytes("paper.pdf", raw_pdf(damaged)).parts
    assert (part.text, part.doubts) == (repaired, ())


@pytest.mark.parametrize(
    ("damaged", "doubt"),
    [
        ("ประชุม\ue123\ue124เมือง", "private-use"),  # glyphs of an unknown font
        ("ประชุม\ufffd\ufffdเมือง", "control"),  # characters that the producer could not name
        ("่ี้ ประชุม", "orphan-marks"),  # marks without a consonant
    ],
)
def test_damage_that_cannot_be_repaired_is_flagged_on_its_page_only(read_bytes: Reading, damaged: str, doubt: str) -> None:
    document = read_bytes("paper.pdf", raw_pdf("เทศบาลแจ้งประชาชน", damaged))
    assert document.parts[0].doubts == ()
    assert doubt in document.parts[1].doubts


def test_a_page_without_text_keeps_its_number_and_says_so(read_bytes: Reading) -> None:
    document = read_bytes("paper.pdf", raw_pdf("The first page", "", "The third page"))
    assert [(part.number, part.text, part.doubts) for part in document.parts] == [
        (1, "The first page", ()),
        (2, "", (NO_TEXT,)),
        (3, "The third page", ()),
    ]


@pytest.mark.parametrize(
    ("metadata", "title"),
    [
        ("แผนเตือนภัย", "แผนเตือนภัย"),
        ("", "Flood warning plan"),  # nothing is said: the first line
        ("Microsoft Word - Document1", "Flood warning plan"),  # a program's name is no title
        ("untitled", "Flood warning plan"),
    ],
)
def test_the_title_is_the_documents_own_or_its_first_line(read_bytes: Reading, metadata: str, title: str) -> None:
    assert read_bytes("paper.pdf", raw_pdf("7\nFlood warning plan\nText", title=metadata)).title == title
