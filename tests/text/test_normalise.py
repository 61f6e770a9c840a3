from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thai_text import ZERO_WIDTH, damaged, mixed_text

from kb.text.normalise import NIKHAHIT, PRIVATE_USE, SARA_AA, THAI_DIGITS, normalise, normalise_with_offsets

NORMAL_FORMS = [
    ("น\u0e4d\u0e49\u0e32", "น้ำ", "nikhahit, tone, sara aa is one sara am after the tone"),
    ("น\u0e49\u0e4d\u0e32", "น้ำ", "the same with the tone first"),
    ("น\u0e33\u0e49", "น้ำ", "a tone typed after sara am"),
    ("น้ำ", "น้ำ", "what is right stays"),
    ("คําสั่ง", "คำสั่ง", "a sara am that NFKC has split comes together again"),
    ("\u0e40\u0e40ม่น้ำ", "แม่น้ำ", "sara e twice looks like sara ae"),
    ("\u0e40\u200b\u0e40ก", "แก", "also with something invisible in between"),
    ("ท\u0e48\u0e35", "ที่", "tone before vowel"),
    ("ก\u0e48\u0e38", "กุ่", "tone before the vowel below"),
    ("ที่\u0e48", "ที่", "a tone typed twice"),
    ("กิ\u0e34น", "กิน", "a vowel typed twice"),
    (
        "ก\u0e34\u0e37\u0e34",
        "ก\u0e34\u0e37",
        "two vowels in turn: each once",
    ),
    ("น\u0e49\u0e48า", "น้า", "two tones: the first is kept"),
    ("น\u0e33\u0e4d\u0e32", "นำ", "sara am, then the same in two characters"),
    ("น้ำ\u200bท่วม", "น้ำท่วม", "a zero-width space, as many Thai pages have"),
    ("\ufeffรัฐ\u00adบาล", "รัฐบาล", "byte order mark and soft hyphen"),
    ("พ.ศ. ๒๕๖๗", "พ.ศ. 2567", "Thai digits"),
    ("ท\uf70aาน", "ท่าน", "a shifted tone mark of an old font"),
    ("ป\uf710น", "ปัน", "a shifted vowel of an old font"),
    ("\uf700าน", "ฐาน", "a consonant without its foot"),
    ("“รัฐ” – ‘ดี’", "\"รัฐ\" - 'ดี'", "typographic quotes and dashes"),
    ("5‴", "5'''", "a triple prime unfolds into what has a plain form itself"),
    ("ＡＢＣ １２", "ABC 12", "full-width forms"),
    ("cafe\u0301", "café", "an accent and its letter"),
    ("a\u0323\u0302", "ậ", "Vietnamese with both accents apart"),
    ("\u1025\u102e", "\u1026", "a Burmese vowel that has a composed form"),
    ("ก  \t ข", "ก ข", "a run of blanks is one space"),
    ("ก \n\n ข", "ก\nข", "a run with a line break is one line break"),
    ("\u00a0ก\u3000", "ก", "blanks at the ends, of any kind"),
    ("ก\x00\x1b\x7fข", "กข", "control characters"),
    ("ຄຳ", "ຄຳ", "Lao sara am is no Thai one and stays whole"),
    ("\u200b \ufeff", "", "nothing that can be seen"),
]


@pytest.mark.parametrize(("text", "normal", "reason"), NORMAL_FORMS, ids=[row[2] for row in NORMAL_FORMS])
def test_normal_form(text: str, normal: str, reason: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("word", ["น้ำท่วม", "ความเหลื่อมล้ำ", "คำสั่ง", "Việt Nam", "café"])
def test_every_unicode_form_of_a_word_has_one_normal_form(word: str, form: str) -> None:
    assert normalise(unicodedata.normalize(form, word)) == word  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
def test_unicode_forms_alone_do_not_bring_sara_am_back(form: str) -> None:
    """Why there is a normal form of our own."""
    split = unicodedata.normalize("NFKD", "น้ำ")
    assert unicodedata.normalize(form, split) != "น้ำ"  # type: ignore[arg-type]
    assert normalise(split) == "น้ำ"


def test_agrees_with_pythainlp_on_its_own_repairs() -> None:
    from pythainlp.util import normalize

    for text in ("เเปลก", "นํ้า", "พรรค์", "ที่่", "แม่นํ้า"):
        assert normalise(text) == normalize(text)


def test_all_shifted_marks_of_old_fonts_are_mapped() -> None:
    assert sorted(PRIVATE_USE) == list(range(0xF700, 0xF71B))
    assert all(0x0E00 < ord(thai) < 0x0E4F for thai in PRIVATE_USE.values())


def test_no_character_has_a_second_normal_form() -> None:
    assigned = (chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs"))
    normal = ((character, normalise(f"\u0e01{character}\u0e32a")) for character in assigned)
    assert [hex(ord(character)) for character, once in normal if normalise(once) != once] == []


@settings(deadline=None)
@given(mixed_text)
def test_normal_form_of_the_normal_form_is_itself(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@settings(deadline=None)
@given(mixed_text)
def test_offsets_never_decrease_and_lie_in_the_original(text: str) -> None:
    normal = normalise_with_offsets(text)
    assert len(normal.offsets) == len(normal.text) + 1
    assert all(first <= second for first, second in pairwise(normal.offsets))
    assert normal.offsets[0] >= 0
    assert normal.offsets[-1] <= len(text)


@settings(deadline=None)
@given(mixed_text)
def test_spans_map_into_the_original_in_order(text: str) -> None:
    normal = normalise_with_offsets(text)
    for at in range(len(normal.text)):
        start, end = normal.original_span(at, at + 1)
        assert 0 <= start <= end <= len(text)
        assert normal.original_span(at, at) == (start, start)
    if normal.text:
        start, end = normal.original_span(0, len(normal.text))
        assert normalise(text[start:end]) == normal.text


@settings(deadline=None)
@given(mixed_text)
def test_nothing_that_has_two_spellings_is_left(text: str) -> None:
    normal = normalise(text)
    assert NIKHAHIT + SARA_AA not in normal
    assert "\u0e40\u0e40" not in normal
    assert not set(normal) & {*ZERO_WIDTH, *map(chr, THAI_DIGITS), *map(chr, PRIVATE_USE)}
    assert normal == normal.strip(" \n")
    assert "  " not in normal
    assert " \n" not in normal
    assert "\n " not in normal


@settings(deadline=None)
@given(damaged())
def test_damaged_words_become_the_words_that_were_meant(pair: tuple[str, str]) -> None:
    good, bad = pair
    assert normalise(bad) == normalise(good)


@settings(deadline=None)
@given(damaged())
def test_words_of_damaged_text_map_back_to_their_own_characters(pair: tuple[str, str]) -> None:
    good, bad = pair
    normal = normalise_with_offsets(bad)
    at = 0
    for word in good.split():
        start, end = normal.original_span(at, at + len(word))
        assert normalise(bad[start:end]) == word
        at += len(word) + 1


OFFSETS = [
    ("น\u0e4d\u0e49\u0e32ท่วม", "น้ำ", "น\u0e4d\u0e49\u0e32", "four characters became three"),
    ("เเม่น้ำ", "แม่", "เเม่", "two became one"),
    ("พ.ศ.\u200b๒๕๖๗", "2567", "๒๕๖๗", "digits change, something invisible goes before them"),
    ("  ก   ข", "ข", "ข", "blanks before it"),
    ("ราคา ½", "½", None, "a fraction unfolds and is found as its parts only"),
    ("㎏ มาก", "kg", "㎏", "one character became two"),
]


@pytest.mark.parametrize(("text", "part", "original", "reason"), OFFSETS, ids=[row[3] for row in OFFSETS])
def test_a_part_is_found_in_the_original(text: str, part: str, original: str | None, reason: str) -> None:
    normal = normalise_with_offsets(text)
    at = normal.text.find(part)
    if original is None:
        assert at == -1
    else:
        start, end = normal.original_span(at, at + len(part))
        assert text[start:end] == original


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_english_changes_in_its_blanks_only(text: str) -> None:
    assert normalise(text) == " ".join(text.split())
