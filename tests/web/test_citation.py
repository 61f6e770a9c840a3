"""Citations: the form in each language, and formats that other programs read back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from kb.records import Bilingual
from tests.web.papers import ADDRESS, DAY, IDS, practice, say
from web.takeaway.citation import Reference, apa, bibtex, csl_json, reference, ris
from web.takeaway.offer import LONGEST_LETTER, letter, take_away

TRAFFY = "th-traffy-fondue"
NASTY = Reference("x", "50% of {A} & B_c #1 $2 ~ ^ \\end", "en", "ชื่อ", "A & B", "Case", "https://a.example/x_y?q=%E0&r=1", DAY)


def cited(record: str, language: str) -> Reference:
    return reference(practice(record), ADDRESS + record, DAY, say(language))


def test_apa_in_english() -> None:
    assert apa(cited(TRAFFY, "en"), "en") == (
        "ASEAN good-practice repository. (n.d.). Traffy Fondue: reporting city problems through LINE, "
        "with every ticket open to view "
        f"(Case {TRAFFY}). Retrieved November 22, 2026, from {ADDRESS}{TRAFFY}"
    )


def test_apa_in_thai_has_thai_words_and_the_buddhist_era() -> None:
    assert apa(cited(TRAFFY, "th"), "th") == (
        "คลังแนวปฏิบัติที่ดีภาครัฐอาเซียน. (ม.ป.ป.). ทราฟฟี่ฟองดูว์ (Traffy Fondue) แจ้งปัญหาเมืองผ่าน LINE และเปิดให้ทุกคนติดตามได้ "
        f"(กรณี {TRAFFY}). สืบค้นเมื่อ 22 พฤศจิกายน 2569, จาก {ADDRESS}{TRAFFY}"
    )


def read_bibtex(text: str) -> dict[str, str]:
    """The fields of one entry, with escapes and braces taken away."""
    assert text.startswith("@misc{")
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}"), "braces are balanced"
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", text, re.MULTILINE))
    for name in {"author", "title", "note"} & set(fields):
        value = fields[name]
        value = value[1:-1] if name != "note" else value
        for escape, letter_ in (("textbackslash", "\\"), ("textasciitilde", "~"), ("textasciicircum", "^")):
            value = value.replace(f"\\{escape}{{}}", f"\0{letter_}")
        fields[name] = re.sub(r"\\([{}&%$#_])", r"\1", value).replace("\0", "")
    return fields


def read_ris(text: str) -> dict[str, str]:
    lines = text.removesuffix("\r\n").split("\r\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    assert lines[0].startswith("TY")
    assert lines[-1] == "ER  - "
    return dict(line.split("  - ", 1) for line in lines)


@pytest.mark.parametrize("given", [NASTY, *(cited(record, language) for record in IDS[::30] for language in ("th", "en"))])
def test_other_programs_read_back_what_was_written(given: Reference) -> None:
    bib, tags, (item,) = read_bibtex(bibtex(given)), read_ris(ris(given)), json.loads(csl_json(given))
    assert bib["title"] == tags["TI"] == item["title"] == given.title
    assert bib["author"] == tags["AU"].removesuffix(",") == item["author"][0]["literal"] == given.repository
    assert bib["url"] == tags["UR"] == item["URL"] == given.address
    assert bib["urldate"] == "2026-11-22"
    assert tags["Y2"] == "2026/11/22/"
    assert item["accessed"] == {"date-parts": [[2026, 11, 22]]}
    assert tags["TT"] == given.other_title
    assert bib["note"].endswith(given.other_title)
    assert bib["language"] == {"th": "thai", "en": "english"}[given.language]


def test_a_title_cannot_add_a_line_or_a_field() -> None:
    given = replace(NASTY, title="a\r\nER  - \r\nTY  - BOOK", id="i\n}")
    assert read_ris(ris(replace(given, id="i")))["TI"] == "a ER - TY - BOOK"
    assert bibtex(given).startswith("@misc{i--,\n")


def test_a_case_without_a_face_in_the_language_is_cited_by_its_own_title() -> None:
    given = practice(TRAFFY)
    only_thai = replace(given, faces={"th": given.faces["th"]})
    one = reference(only_thai, ADDRESS, DAY, say("en"))
    assert (one.title, one.language, one.other_title) == (given.title.th, "th", "")


@pytest.mark.parametrize("record", IDS[::10])
@pytest.mark.parametrize("language", ["th", "en"])
def test_a_letter_has_both_titles_and_the_address(record: str, language: str) -> None:
    given = practice(record)
    made = take_away(given, ADDRESS + record, DAY, say(language)).mail
    assert re.fullmatch(r"mailto:\?[A-Za-z0-9%&=._~-]+", made), "percent-encoded throughout"
    fields = parse_qs(urlsplit(made).query, strict_parsing=True)
    own, other = (given.title.th, given.title.en) if language == "th" else (given.title.en, given.title.th)
    assert fields["body"] == [f"{own}\r\n{other}\r\n{ADDRESS}{record}\r\n"]
    assert fields["subject"][0] in (f"{own} / {other}", own)


def test_the_subject_of_a_letter_is_cut_to_one_language_before_it_gets_too_long() -> None:
    short, long = (letter(Bilingual("ก" * count, "b" * count), ADDRESS, "th") for count in (40, 90))
    assert " / " in unquote(short)
    assert len(short) <= LONGEST_LETTER
    assert " / " not in unquote(long)
