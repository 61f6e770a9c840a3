"""Plain text and Markdown: every encoding in use, and saved pages without their menus but with all of their content."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.errors import ReadError
from kb.ingest.plain import clean_lines, decode, split_headings
from kb.records import Document

Reading = Callable[[str, bytes], Document]

THAI = "การเตือนภัยน้ำท่วม ๖ มิถุนายน ๒๕๕๔\nเทศบาลแจ้งประชาชนด้วยโทรศัพท์"
ENGLISH = "Flood warning, 6 June 2011\nThe city warns its people by telephone."
BOTH = f"{THAI}\n{ENGLISH}"

ENCODED = [
    pytest.param(text, encoding, id=f"{encoding}-{name}")
    for name, text in (("th", THAI), ("en", ENGLISH), ("both", BOTH), ("unbroken-th", "น้ำท่วม" * 30))
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp874")
]


@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_text_is_the_same_from_every_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(THAI, "tis-620", id="tis-620: as windows-874, without its quotes and dashes"),
        pytest.param("“เตือนภัย” – น้ำท่วม…", "cp874", id="windows-874: typographic marks, which TIS-620 lacks"),
        pytest.param("The city’s plan – “early warning” – cost €2m", "cp1252", id="windows-1252: marks of a Word text"),
        pytest.param("Le café de la préfecture a été rénové à Phnom Penh", "cp1252", id="windows-1252: accents"),
        pytest.param("\ufeff" + THAI, "utf-16-be", id="utf-16 big-endian with its mark"),
    ],
)
def test_older_encodings_are_told_apart(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text.removeprefix("\ufeff")


def test_bytes_of_no_known_encoding_are_refused_and_never_guessed_into_other_letters() -> None:
    with pytest.raises(ReadError, match="save it as UTF-8"):
        decode("市政府建立了防洪预警系统，水位上升时用手机通知市民。".encode("gb18030"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be", "cp874"])
def test_a_file_in_any_encoding_becomes_a_thai_document(read_bytes: Reading, encoding: str) -> None:
    document = read_bytes("รายงาน.txt", THAI.encode(encoding))
    assert document.title == "การเตือนภัยน้ำท่วม ๖ มิถุนายน ๒๕๕๔"
    assert document.parts[0].text == "เทศบาลแจ้งประชาชนด้วยโทรศัพท์"
    assert (document.language, document.date) == ("th", "2011-06-06")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("ข่าว\nวันที่ ๖ มิถุนายน ๒๕๕๔", f"{2554 - 543}-06-06"),  # Buddhist era in Thai digits
        ("ข่าว\n6 มิ.ย. 54", f"{2554 - 543}-06-06"),  # a short Thai year is B.E.
        ("ข่าว\n8 กุมภาพันธ์ 2016", "2016-02-08"),  # a Thai month with a year of the Common Era
        ("01\nพฤษภาคม\n2562\nข่าว", f"{2562 - 543}-05-01"),  # a date stamp over three lines
        ("News\nJune 6, 2011", "2011-06-06"),
        ("News\nin the year 2011", ""),  # a year is no date
        ("ข่าว\n31 กุมภาพันธ์ 2562", ""),  # no such day
    ],
)
def test_dates_are_read_in_both_eras(read_bytes: Reading, text: str, date: str) -> None:
    assert read_bytes("news.txt", text.encode()).date == date


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("6 มิถุนายน 2554\nการเตือนภัยน้ำท่วม\nเนื้อหา", "การเตือนภัยน้ำท่วม"),  # a date is no title
        ("1.\nA new warning system\nText", "A new warning system"),  # nor a number
        ("ก ข\nค ง", "news"),  # nothing long enough: the file's name
    ],
)
def test_the_title_is_the_first_line_that_can_be_one(read_bytes: Reading, text: str, title: str) -> None:
    assert read_bytes("news.txt", text.encode()).title == title


THAI_TITLE = "เปิดระบบเตือนภัยน้ำท่วมหาดใหญ่"
THAI_BODY = (
    "เทศบาลนครหาดใหญ่เปิดใช้ระบบเตือนภัยน้ำท่วมซึ่งรวบรวมระดับน้ำจากสถานีวัดในลุ่มน้ำคลองอู่ตะเภา แล้วแจ้งประชาชนด้วยธงสามสีและข้อความสั้น",
    "ประชาชนจึงมีเวลาย้ายของขึ้นที่สูงก่อนน้ำมาถึงหลายชั่วโมง และศูนย์ประสานงานรู้ว่าชุมชนใดต้องการความช่วยเหลือก่อน",
)
ENGLISH_TITLE = "Hat Yai opens a flood warning system"
ENGLISH_BODY = (
    "The city of Hat Yai opened a flood warning system that gathers water levels upstream and warns people with flags.",
    "People now have several hours to move their belongings, and the centre knows which district needs help first.",
)

PAGES = [
    pytest.param(
        ["หน้าแรก", "เกี่ยวกับเรา", "ข่าวประชาสัมพันธ์", "บริการของเรา", "ติดต่อเรา", THAI_TITLE, "โดย งานป้องกันภัย"],
        THAI_BODY,
        ["แชร์", "จำนวนผู้เข้าชม 1,265", "สงวนลิขสิทธิ์ เทศบาลนครหาดใหญ่"],
        [THAI_TITLE, "โดย งานป้องกันภัย", *THAI_BODY],
        id="th: the title and writer stand right below the menu",
    ),
    pytest.param(
        ["Home", "Our work", "News", "Contact", "Search", ENGLISH_TITLE],
        ENGLISH_BODY,
        ["Share", "Print this page", "© 2024 Hat Yai City"],
        [ENGLISH_TITLE, *ENGLISH_BODY],
        id="en: an entry with unknown words goes with its menu",
    ),
    pytest.param(
        ["หน้าหลัก | ติดต่อ | ผังเว็บไซต์", "ข่าว >> ภาคใต้", THAI_TITLE, "8 กุมภาพันธ์ 2559 (จำนวนคนอ่าน 3943)"],
        THAI_BODY,
        ["เราใช้คุกกี้เพื่อพัฒนาประสิทธิภาพ และประสบการณ์ที่ดีในการใช้เว็บไซต์ของคุณ คุณสามารถจัดการได้โดยคลิกที่ปุ่ม" * 2, "ยอมรับทั้งหมด"],
        [THAI_TITLE, *THAI_BODY],
        id="th: menu row, trail, counter beside the date, and a long cookie notice",
    ),
    pytest.param(
        ["Skip to main content", ENGLISH_TITLE],
        ENGLISH_BODY,
        ["This website uses cookies to remember what you chose and to count its visitors.", "Accept all cookies"],
        [ENGLISH_TITLE, *ENGLISH_BODY],
        id="en: cookie banner",
    ),
    pytest.param(
        ["01", "พฤษภาคม", "2562", THAI_TITLE, "01", "พฤษภาคม", "2562", THAI_TITLE, "1,265"],
        THAI_BODY,
        [],
        [THAI_TITLE, *THAI_BODY],
        id="th: date stamps over three lines, title and counter twice",
    ),
    pytest.param(
        ["Share | Tweet | Print", THAI_TITLE],
        (THAI_BODY[0], "ธงเขียว: ปกติ", "ธงเหลือง: เฝ้าระวัง", "ธงแดง: อพยพ", "ข้อความสั้น", "หอกระจายข่าว", THAI_BODY[1]),
        ["สงวนลิขสิทธิ์"],
        [
            THAI_TITLE,
            THAI_BODY[0],
            "ธงเขียว: ปกติ",
            "ธงเหลือง: เฝ้าระวัง",
            "ธงแดง: อพยพ",
            "ข้อความสั้น",
            "หอกระจายข่าว",
            THAI_BODY[1],
        ],
        id="th: short lines between sentences are a list and no menu",
    ),
    pytest.param(
        ["Skip to main content", ENGLISH_TITLE],
        (ENGLISH_BODY[0], *(f"{n}. point {n}" for n in range(1, 8))),
        ["All rights reserved"],
        [ENGLISH_TITLE, ENGLISH_BODY[0], *(f"{n}. point {n}" for n in range(1, 8))],
        id="en: a numbered list that ends the text is kept",
    ),
]


@pytest.mark.parametrize(("above", "body", "below", "kept"), PAGES)
def test_a_saved_page_loses_its_frame_and_keeps_its_content(
    above: list[str], body: tuple[str, ...], below: list[str], kept: list[str]
) -> None:
    assert clean_lines("\n".join([*above, *body, *below])) == kept


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["ปี | งบประมาณ | ผู้รับบริการ", "2565 | 12 ล้านบาท | 4,000", "2566 | 15 ล้านบาท | 5,200"], id="table rows"),
        pytest.param(["ผู้เข้าร่วม", "นายสมชาย", "นางสาวสมหญิง", "นายวิชัย", "นางมาลี", "นายประเสริฐ"], id="a list of names"),
        pytest.param(["ถาม", "น้ำท่วมกี่วัน", "ตอบ", "7", "ถาม", "มีผู้เสียหายกี่ราย", "ตอบ", "12"], id="repeated and bare numbers"),
        pytest.param(["มีผู้เข้าชมงาน 3,000 คน", "กฎหมายคุ้มครองความเป็นส่วนตัว", "กิจกรรม", "อบรมอาสาสมัคร"], id="words of pages"),
        pytest.param(
            ["Home visits", "Nurses call", "on every family", "in their district", "once a month", "or more"],
            id="narrow",
        ),
        pytest.param(["The Act on privacy policy and copyright was passed in 2012."], id="a law about what footers speak of"),
        pytest.param(["โทรสาร 02 281 7882", "ถึง ผู้ว่าราชการจังหวัด", "เรื่อง การเตือนภัย"], id="a letter's head"),
    ],
)
def test_a_text_that_is_no_saved_page_keeps_every_line(lines: list[str]) -> None:
    assert clean_lines("\n".join(lines)) == lines


def test_a_page_of_nothing_but_menus_keeps_them_rather_than_vanish() -> None:
    menu = ["หน้าแรก", "ติดต่อเรา", "ผังเว็บไซต์", "สงวนลิขสิทธิ์"]
    assert clean_lines("\n".join(menu)) == menu


@pytest.mark.parametrize(
    ("line", "cleaned"),
    [
        ("……..– เน้นบริการเชิงรุก", "– เน้นบริการเชิงรุก"),  # leading dots stand for an indent on old pages
        (
            "\u200e  Flood\u00a0 \t warning \x07",
            "Flood warning",
        ),  # marks of direction, doubled blanks, a control character
        ("...", "..."),  # dots alone lead to nothing
    ],
)
def test_lines_are_cleaned_of_what_is_not_text(line: str, cleaned: str) -> None:
    assert clean_lines(line) == [cleaned]


def test_names_of_images_are_no_content() -> None:
    assert clean_lines("การปฏิรูประบบราชการ\nlogoweb_12\nbanner-2.JPG\nเนื้อหา") == ["การปฏิรูประบบราชการ", "เนื้อหา"]


@pytest.mark.parametrize(
    ("markdown", "sections"),
    [
        ("# ก\nหนึ่ง\n## ข\nสอง", [("ก", "หนึ่ง"), ("ข", "สอง")]),
        ("opening\n# A\none", [("", "opening"), ("A", "one")]),  # text before the first heading
        ("# A\n## B\none", [("B", "one")]),  # a heading without text of its own
        ("# A ##\none", [("A", "one")]),  # closed headings
        ("# A\n```\n# no heading\n```\none", [("A", "```\n# no heading\n```\none")]),  # within a code block
        ("# A", [("A", "A")]),  # a heading is all there is
        ("#no heading", [("", "#no heading")]),
    ],
)
def test_markdown_is_cut_at_its_headings(markdown: str, sections: list[tuple[str, str]]) -> None:
    parts = split_headings(markdown)
    assert [(part.heading, part.text) for part in parts] == sections
    assert [part.number for part in parts] == list(range(1, len(sections) + 1))


def test_a_markdown_document_has_title_language_and_date_without_its_front_matter(read_bytes: Reading) -> None:
    text = "---\ntitle: none\n---\n# การเตือนภัย\n\n6 มิถุนายน 2554\n\n## ผลลัพธ์\n\nแจ้งได้ก่อนหกชั่วโมง\n"
    document = read_bytes("notes.md", text.replace("\n", "\r\n").encode())
    assert (document.title, document.language, document.date) == ("การเตือนภัย", "th", f"{2554 - 543}-06-06")
    assert [part.heading for part in document.parts] == ["การเตือนภัย", "ผลลัพธ์"]
    assert "title: none" not in "".join(part.text for part in document.parts)
