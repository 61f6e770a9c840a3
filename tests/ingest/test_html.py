"""HTML: the main content by its headings, without what frames it; title, date and language of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.records import Document

Reading = Callable[[str, bytes], Document]

THAI = (
    "เทศบาลนครหาดใหญ่เปิดใช้ระบบเตือนภัยน้ำท่วมซึ่งรวบรวมระดับน้ำจากสถานีวัดในลุ่มน้ำคลองอู่ตะเภา แล้วแจ้งประชาชนด้วยธงสามสี",
    "ประชาชนจึงมีเวลาย้ายของขึ้นที่สูงก่อนน้ำมาถึงหลายชั่วโมง และศูนย์ประสานงานรู้ว่าชุมชนใดต้องการความช่วยเหลือก่อนชุมชนอื่น",
)
ENGLISH = (
    "The city of Hat Yai opened a flood warning system that gathers water levels upstream and warns people with flags.",
    "People now have several hours to move their belongings, and the centre knows which district needs help first.",
)


def page(lang: str, title: str, paragraphs: tuple[str, ...], frame: dict[str, str], head: str = "") -> str:
    """A page of a public agency as content systems write it."""
    return f"""<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>
      <header><nav><ul>{"".join(f'<li><a href="/x">{entry}</a></li>' for entry in frame["menu"].split("|"))}
      </ul></nav></header>
      <div id="cookie-banner" class="cookie-consent"><p>{frame["cookie"]}</p><button>OK</button></div>
      <main><article><h1>{title}</h1><p>{paragraphs[0]}</p><h2>{frame["heading"]}</h2><p>{paragraphs[1]}</p>
      <table><tr><th>{frame["cells"].split("|")[0]}</th><th>{frame["cells"].split("|")[1]}</th></tr>
      <tr><td>Q1</td><td>4,217</td></tr></table></article></main>
      <aside class="sidebar"><ul><li><a href="/x">{frame["aside"]}</a></li></ul></aside>
      <footer><p>{frame["footer"]}</p></footer><script>track("visitor")</script></body></html>"""


FRAMES = {
    "th": {
        "menu": "หน้าแรก|เกี่ยวกับเรา|แผนผังเว็บไซต์|ติดต่อเรา",
        "cookie": "เว็บไซต์นี้ใช้คุกกี้เพื่อพัฒนาประสบการณ์ที่ดี",
        "heading": "ผลลัพธ์",
        "cells": "ไตรมาส|จำนวนข้อความ",
        "aside": "ข่าวยอดนิยม",
        "footer": "สงวนลิขสิทธิ์ เทศบาลนครหาดใหญ่ โทรสาร 074 200 000",
    },
    "en": {
        "menu": "Home|About us|Site map|Contact us",
        "cookie": "This website uses cookies to improve your experience",
        "heading": "Results",
        "cells": "Quarter|Messages sent",
        "aside": "Most read stories",
        "footer": "Copyright Hat Yai City, all rights reserved, fax 074 200 000",
    },
}


@pytest.mark.parametrize(
    ("lang", "title", "paragraphs"),
    [("th", "ระบบเตือนภัยน้ำท่วมหาดใหญ่", THAI), ("en", "Flood warning in Hat Yai", ENGLISH)],
)
def test_a_page_keeps_its_content_and_loses_its_frame(
    read_bytes: Reading, lang: str, title: str, paragraphs: tuple[str, str]
) -> None:
    frame = FRAMES[lang]
    document = read_bytes("page.html", page(lang, title, paragraphs, frame).encode())
    text = "\n".join(f"{part.heading}\n{part.text}" for part in document.parts)
    assert (document.title, document.language, document.format) == (title, lang, "html")
    assert {part.heading for part in document.parts} >= {frame["heading"]}
    for kept in (*paragraphs, *frame["cells"].split("|"), "4,217"):
        assert kept in text
    for dropped in (*frame["menu"].split("|"), frame["cookie"], frame["footer"], frame["aside"], "track("):
        assert dropped not in text


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ("", "utf-8"),  # nothing is declared
        ('<meta charset="utf-8">', "utf-8-sig"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=TIS-620">', "tis-620"),
        ('<meta charset="windows-874">', "cp874"),
        ("<meta charset='tis-620'>", "utf-8"),  # a converted page whose declaration was left behind
        ("", "cp874"),
        ("", "utf-16"),
        ("", "utf-16-le"),
    ],
)
def test_a_thai_page_is_read_in_its_encoding(read_bytes: Reading, declared: str, encoding: str) -> None:
    html = page("th", "ระบบเตือนภัยน้ำท่วมหาดใหญ่", THAI, FRAMES["th"], declared)
    document = read_bytes("page.html", html.encode(encoding))
    assert document.title == "ระบบเตือนภัยน้ำท่วมหาดใหญ่"
    assert THAI[0] in "\n".join(part.text for part in document.parts)


@pytest.mark.parametrize(
    ("head", "opening", "date"),
    [
        ('<meta property="article:published_time" content="2011-06-06T08:00:00+07:00">', "", "2011-06-06"),
        ("", "วันที่ ๖ มิถุนายน ๒๕๕๔ ", f"{2554 - 543}-06-06"),  # Thai digits, Buddhist era
        ("", "6 มิ.ย. 54 ", f"{2554 - 543}-06-06"),
        (
            '<meta property="article:published_time" content="2554-06-06">',
            "",
            f"{2554 - 543}-06-06",
        ),  # B.E. as metadata
        ('<meta property="article:published_time" content="2554-06-06">', "7 มิถุนายน 2554 ", f"{2554 - 543}-06-06"),
        ("", "", ""),  # nothing says when: no date is made up
    ],
)
def test_dates_of_pages_are_read_in_both_eras(read_bytes: Reading, head: str, opening: str, date: str) -> None:
    html = page("th", "ระบบเตือนภัยน้ำท่วมหาดใหญ่", (opening + THAI[0], THAI[1]), FRAMES["th"], head)
    assert read_bytes("page.html", html.encode()).date == date


def test_a_page_without_a_title_is_named_after_its_heading_or_its_file(read_bytes: Reading) -> None:
    headed = f"<html><body><h1>Flood warning</h1><p>{ENGLISH[0]}</p><p>{ENGLISH[1]}</p></body></html>"
    assert read_bytes("page-7.html", headed.encode()).title == "Flood warning"
    bare = f"<html><body><p>{ENGLISH[0]}</p><p>{ENGLISH[1]}</p></body></html>"
    assert read_bytes("page-7.html", bare.encode()).title == "page-7"
