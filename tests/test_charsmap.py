from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.normalizers import Precompiled

from kb.charsmap import precompiled_charsmap
from kb.encoder import SentenceTransformerEncoder
from kb.model import read_weights, weights_path

TABLES = [
    ({}, "an empty table"),
    ({ord("A"): "a"}, "one ASCII letter"),
    ({0x0E33: "\u0e4d\u0e32"}, "sara am into two characters"),
    ({0x200B: "", 0xFEFF: "", 0xAD: ""}, "empty replacements"),
    ({0x3000: " ", 0xA0: " ", 0x2003: " "}, "several characters with one replacement"),
    ({0x3392: "MHz", 0xFB03: "ffi"}, "longer replacements"),
    ({0x1F1E6: "A", 0x10FFFF: "end", 0x10000: ""}, "four bytes, and the very last code point"),
    ({code: chr(code + 1) for code in range(0x0E01, 0x0E2F)}, "neighbours with one prefix in UTF-8"),
    (dict.fromkeys(range(1, 32), ""), "control characters"),
    ({0x7F: "x", 0x80: "y", 0x7FF: "z", 0x800: "", 0xFFFF: "w"}, "the borders between lengths in UTF-8"),
    ({ord("a"): "", ord("b"): "a", ord("c"): "bc"}, "a replacement is not replaced again"),
]


def normalised(table: dict[int, str], text: str) -> str:
    return Precompiled(precompiled_charsmap(table)).normalize_str(text)


@pytest.mark.parametrize(("table", "reason"), TABLES, ids=[row[1] for row in TABLES])
def test_every_key_is_replaced_and_its_neighbours_are_not(table: dict[int, str], reason: str) -> None:
    normalizer = Precompiled(precompiled_charsmap(table))
    around = {code + step for code in table for step in (-1, 0, 1, 64)} | {0x20, 0x41, 0x0E01, 0x4E00}
    for code in sorted(around & {*range(1, 0xD800), *range(0xE000, 0x110000)}):
        assert normalizer.normalize_str(chr(code)) == table.get(code, chr(code)), hex(code)


code_points = st.one_of(st.integers(1, 0xD7FF), st.integers(0xE000, 0x10FFFF), st.integers(0x0E00, 0x0E7F))


@settings(deadline=None)
@given(
    st.dictionaries(
        code_points, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3), max_size=60
    )
)
def test_any_table_is_read_back_by_the_tokenizers_library(table: dict[int, str]) -> None:
    normalizer = Precompiled(precompiled_charsmap(table))
    for code, replacement in table.items():
        assert normalizer.normalize_str(chr(code)) == replacement


def test_a_replacement_in_a_sentence() -> None:
    assert normalised({0x0E33: "\u0e4d\u0e32", 0x200B: ""}, "น้ำ\u200bท่วม") == "น้\u0e4d\u0e32ท่วม"


def test_the_code_point_zero_is_left_out() -> None:
    assert precompiled_charsmap({0: "x", 65: "a"}) == precompiled_charsmap({65: "a"})


def test_a_table_of_thousands_is_exact() -> None:
    table = {code: ("" if code % 3 == 0 else chr(code ^ 1)) for code in range(0x1000, 0x4000)}
    normalizer = Precompiled(precompiled_charsmap(table))
    assert all(normalizer.normalize_str(chr(code)) == table.get(code, chr(code)) for code in range(0x0F00, 0x4100))


@pytest.mark.model
def test_every_code_point_is_read_as_the_table_of_the_model_says() -> None:
    table = read_weights(memoryview(weights_path().read_bytes()))[0].normalisation
    normalizer = Precompiled(precompiled_charsmap(table))
    every = (code for code in range(1, 0x110000) if not 0xD800 <= code < 0xE000)
    wrong = [hex(code) for code in every if normalizer.normalize_str(chr(code)) != table.get(code, chr(code))]
    assert wrong == []


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "same", "reason"),
    [
        ("น้ำท่วม", "น\u0e49\u0e4d\u0e32ท่วม", "sara am whole and in two characters"),
        ("ＡＳＥＡＮ ２０２４", "ASEAN 2024", "full-width forms"),
        ("ﬁnance", "finance", "a ligature"),
    ],
)
def test_the_model_reads_both_spellings_as_the_same_pieces(
    transformer: SentenceTransformerEncoder, text: str, same: str, reason: str
) -> None:
    tokenizer: Tokenizer = transformer.load().tokenizer.backend_tokenizer
    assert text != same
    assert tokenizer.encode(text).ids == tokenizer.encode(same).ids


@pytest.mark.model
def test_the_pieces_of_the_model_hold_sara_am_in_two_characters(transformer: SentenceTransformerEncoder) -> None:
    """Why text for the model is not brought into our normal form, and pieces are not compared with our words."""
    tokens = "".join(transformer.load().tokenizer.backend_tokenizer.encode("น้ำ คำ").tokens)
    assert "\u0e4d\u0e32" in tokens
    assert "\u0e33" not in tokens
