"""Thai and Latin spellings of one name sound alike, those of different words do not; skeletons lead from one to the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.sounds import MAX_SKELETONS, consonants, latin_skeletons, likeness, thai_skeletons

ALIKE = [
    pytest.param("กษิต", "Kasit", id="a Thai name"),
    pytest.param("ภิรมย์", "Piromya", id="a letter under a thanthakhat that is written out"),
    pytest.param("ผลชีวิน", "Phalajivin", id="spelt by its Sanskrit form"),
    pytest.param("สมคิด", "Somkhit", id="spelt by its sound"),
    pytest.param("วิเชียร", "Wichian", id="a final r that is said as n"),
    pytest.param("ธรรมศาสตร์", "Thammasat", id="two silent letters, and รร without n"),
    pytest.param("สุพรรณ", "Suphan", id="รร with n"),
    pytest.param("ทรงพล", "Songphon", id="ทร said as s"),
    pytest.param("ศรีสะเกษ", "Si Sa Ket", id="ศร said without r"),
    pytest.param("บุรีรัมย์", "Buriram", id="a province"),
    pytest.param("บิสมาร์ก", "Bismarck", id="a silent letter in the middle that is heard abroad"),
    pytest.param("เฮโรโดทัส", "Herodotus", id="vowels written before their consonant"),
    pytest.param("บาเลนเซีย", "Valencia", id="v written as b"),
    pytest.param("เดนเวอร์", "Denver", id="v written as w"),
    pytest.param("แจ็กสัน", "Jackson", id="j and ck"),
    pytest.param("เหงียน", "Nguyễn", id="marks of Vietnamese"),
    pytest.param("แซนด์บ็อกซ์", "sandbox", id="a loan word with x"),
    pytest.param("แดชบอร์ด", "dashboard", id="sh before b"),
]


@pytest.mark.parametrize(("thai", "latin"), ALIKE)
def test_two_spellings_of_one_name_are_alike_and_share_a_skeleton(thai: str, latin: str) -> None:
    assert likeness(thai, latin) >= 0.8
    assert latin_skeletons([latin.replace(" ", "")])[0] in thai_skeletons(thai)


@pytest.mark.parametrize(
    ("thai", "latin"),
    [("กรุงเทพมหานคร", "Bangkok"), ("น้ำท่วม", "flood"), ("กษิต", "Pluto"), ("บุรีรัมย์", "Burma"), ("กษิต", ""), ("", "Kasit")],
)
def test_different_words_are_not(thai: str, latin: str) -> None:
    assert likeness(thai, latin) < 0.8


def test_the_better_spelling_is_more_alike() -> None:
    """ด is d and ต is t; ค is kh and ก is k."""
    assert likeness("ดานัง", "Danang") > likeness("ดานัง", "Tanang") > likeness("ดานัง", "Manang")
    assert likeness("คีรี", "Khiri") > likeness("คีรี", "Giri")


@pytest.mark.parametrize(("thai", "heard"), [("กษิต", 3), ("ภิรมย์", 3), ("อา", 0), ("เฮโร", 1), ("ทรัมป์", 2)])
def test_heard_consonants_are_counted_without_silent_and_weak_ones(thai: str, heard: int) -> None:
    assert consonants(thai) == heard


def test_skeletons_of_many_words_are_those_of_each() -> None:
    words = ["Kasit", "Nguyễn", "x-ray", "", "xylophone", "Philippines", "question"]  # the last one is said with ch
    together = latin_skeletons(words)
    assert together == [skeleton for word in words for skeleton in latin_skeletons([word])]
    assert together == ["KST", "GN", "SL", "", "SLPN", "PLPNS", "KSN"]


@given(st.text(alphabet=[chr(code) for code in range(0x0E01, 0x0E5C)] + list("aZ \n"), max_size=40), st.text(max_size=40))
def test_any_text_can_be_compared(thai: str, latin: str) -> None:
    assert 0.0 <= likeness(thai, latin) <= 1.0
    assert 1 <= len(thai_skeletons(thai)) <= MAX_SKELETONS
