from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from thai_text import mixed_text

from kb.corpus import practice_files, read_practice
from kb.taxonomy import Taxonomy
from kb.text.damage import Repair, repair
from kb.text.normalise import PRIVATE_USE, SARA_AM, THAI_MARKS


@lru_cache(maxsize=1)
def dictionary() -> frozenset[str]:
    from pythainlp.corpus import thai_words

    return frozenset(thai_words())


def is_word(text: str) -> bool:
    return text in dictionary()


REPAIRED = [
    ("ถ ึง", "ถึง", 1, "a blank before a vowel mark"),
    ("น \u00a0้ำ", "น้ำ", 1, "more blanks, also no-break ones"),
    ("น ำ", "นำ", 1, "a blank before sara am"),
    ("ค าน า", "คำนำ", 2, "both sara am lost, although คาน is a word"),
    ("จ านวน", "จำนวน", 1, "one lost"),
    ("ระบบน ้าท่วม", "ระบบน้ำท่วม", 1, "one lost under a tone mark"),
    ("ความส าเร็จของการด าเนินงาน", "ความสำเร็จของการดำเนินงาน", 2, "two lost in a longer text"),
    ("ท\uf70aาน", "ท่าน", 1, "a tone mark of an old font"),
    ("ป\uf710\uf70bน", "ป\u0e31\u0e49น", 2, "a vowel and a tone of an old font"),
    ("\uf700านข้อมูล", "ฐานข้อมูล", 1, "a consonant without its foot"),
    ("ทั้ทั้งหมด", "ทั้งหมด", 1, "a syllable said again for its raised tone mark"),
]


@pytest.mark.parametrize(("text", "mended", "places", "reason"), REPAIRED, ids=[row[3] for row in REPAIRED])
def test_certain_damage_is_repaired(text: str, mended: str, places: int, reason: str) -> None:
    assert repair(text, is_word) == Repair(mended, places, ())


DOUBTFUL = [
    ("ปัญหาน า", "lost-sara-am", "น้ำ, นำ or นา: three words"),
    ("ถ ึงการย ้ายงาน", "lost-sara-am", "ย้าย or ย้ำ, where blanks stand before all marks"),
    ("และค าว่า", "lost-sara-am", "คาว is the longer word, คำว่า what was meant"),
    ("ท\uf8ffาน", "private-use", "a private-use character that no known font has"),
    ("น\ufffdำ", "control", "a replacement character"),
    ("ก\x02ข", "control", "a control character"),
    ("(cid:12)(cid:7)", "control", "glyph numbers instead of characters"),
    ("บท\n่าน", "orphan-marks", "a mark that begins a line"),
    ("มั้มั้ ที่ที่ นี้นี้", "doubled", "doubled syllables everywhere"),
]


@pytest.mark.parametrize(("text", "doubt", "reason"), DOUBTFUL, ids=[row[2] for row in DOUBTFUL])
def test_uncertain_damage_is_reported(text: str, doubt: str, reason: str) -> None:
    found = repair(text, is_word)
    assert found.doubts == (doubt,)
    assert found.damaged


INTACT = [
    ("ตา มา หา", "short words and blanks"),
    ("อยู่ต่อได้ด้วยอะไร", "two words that meet with the same letters"),
    ("พื้นที่ที่ดี", "a word that is meant twice"),
    ("บริการ e-Government 24 ชั่วโมง", "English and figures"),
    ("คน 3 กลุ่ม ๆ ละ 5", "signs"),
    ("", "nothing"),
]


@pytest.mark.parametrize(("text", "reason"), INTACT, ids=[row[1] for row in INTACT])
def test_good_text_is_left_alone(text: str, reason: str) -> None:
    assert repair(text, is_word) == Repair(text, 0, ())


@pytest.fixture(scope="module")
def thai_sections(corpus: Path, taxonomy: Taxonomy) -> list[str]:
    """Real Thai: every section of every Thai face."""
    return [
        section for path in practice_files(corpus) for section in read_practice(path, taxonomy).faces["th"].sections.values()
    ]


def test_no_section_of_the_corpus_is_changed_or_doubted(thai_sections: list[str]) -> None:
    for section in thai_sections:
        assert repair(section, is_word) == Repair(section, 0, ())


def test_old_fonts_are_undone_in_every_section(thai_sections: list[str]) -> None:
    shifted = {ord(thai): code for code, thai in PRIVATE_USE.items()}
    for section in thai_sections:
        assert repair(section.translate(shifted), is_word).text == section


def test_blanks_before_marks_are_undone_in_every_section(thai_sections: list[str]) -> None:
    for section in thai_sections:
        broken = "".join(f" {character}" if character in THAI_MARKS else character for character in section)
        assert repair(broken, is_word).text == section


def test_a_lost_sara_am_is_restored_or_doubted_and_never_wrong_in_silence(thai_sections: list[str]) -> None:
    repaired = [(section, repair(section.replace(SARA_AM, " า"), is_word)) for section in thai_sections if SARA_AM in section]
    assert [section for section, found in repaired if found.text != section and not found.damaged] == []
    whole = sum(found.text == section and not found.damaged for section, found in repaired)
    assert whole / len(repaired) > 0.9


def words_of(*words: str) -> Callable[[str], bool]:
    return frozenset(words).__contains__


@pytest.mark.parametrize(
    ("words", "restored", "doubts", "reason"),
    [
        (("กำ",), "กำ", (), "only the reading with sara am is a word"),
        (("กา",), "กา", (), "only the reading with sara aa is"),
        (("กำ", "กา"), "กำ", ("lost-sara-am",), "both are"),
        ((), "กำ", ("lost-sara-am",), "neither is: a name"),
    ],
)
def test_the_dictionary_decides_between_sara_am_and_sara_aa(
    words: tuple[str, ...], restored: str, doubts: tuple[str, ...], reason: str
) -> None:
    found = repair("ก า", words_of(*words))
    assert (found.text, found.doubts) == (restored, doubts)


@settings(deadline=None)
@given(mixed_text)
def test_any_text_can_be_repaired_and_no_known_old_glyph_is_left(text: str) -> None:
    found = repair(text, is_word)
    assert found.mended >= 0
    assert not set(found.text) & set(map(chr, PRIVATE_USE))
    assert found.damaged == bool(found.doubts)
