from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from thai_text import mixed_text

from kb.text.sentences import pack, paragraphs, sentences

CUT = [
    ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"], "English full stops"),
    ("He said \"no.\" She left.", ['He said "no."', "She left."], "a closing quote belongs to its sentence"),
    ("Dr. Chadchart and Mr. Lee met.", ["Dr. Chadchart and Mr. Lee met."], "English abbreviations"),
    ("The U.S. Agency, e.g. USAID, came.", ["The U.S. Agency, e.g. USAID, came."], "abbreviations with several stops"),
    ("It rose by 3.5 per cent. In 2018 it fell.", ["It rose by 3.5 per cent.", "In 2018 it fell."], "a decimal point"),
    ("ประชาชนแจ้งปัญหา ระบบส่งเรื่อง", ["ประชาชนแจ้งปัญหา", "ระบบส่งเรื่อง"], "a Thai clause ends with a blank"),
    ("มีเรื่อง 1,700 เรื่อง", ["มีเรื่อง 1,700 เรื่อง"], "not beside a figure"),
    ("ใน พ.ศ. 2561 (ค.ศ. 2018) เริ่มนำร่อง", ["ใน พ.ศ. 2561 (ค.ศ. 2018)", "เริ่มนำร่อง"], "not beside an era mark"),
    ("สำนักงาน ก.พ.ร. กำหนด", ["สำนักงาน ก.พ.ร. กำหนด"], "not beside an abbreviation"),
    ("คนต่าง ๆ ช่วยกัน", ["คนต่าง ๆ", "ช่วยกัน"], "not before the repetition mark"),
    ("เช่น ถนน และ ทางเท้า", ["เช่น ถนน", "และ ทางเท้า"], "not after a connective"),
    ("หัวข้อ\n\nเนื้อหา", ["หัวข้อ", "เนื้อหา"], "an empty line"),
    ("- หนึ่ง\n- สอง\n2. สาม", ["- หนึ่ง", "- สอง", "2. สาม"], "list items"),
    ("line one\nline two", ["line one\nline two"], "a wrapped line goes on"),
    ("  \n ", [], "only blanks"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "reason"), CUT, ids=[row[2] for row in CUT])
def test_text_is_cut_into_sentences(text: str, expected: list[str], reason: str) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@pytest.mark.parametrize("cut", [paragraphs, sentences])
@given(mixed_text)
def test_spans_are_ordered_trimmed_and_leave_out_blanks_only(cut, text: str) -> None:  # type: ignore[no-untyped-def]
    spans = cut(text)
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert all(not text[start:end].strip() for start, end in zip(edges[::2], edges[1::2], strict=True))


@given(mixed_text)
def test_sentences_do_not_cross_paragraphs(text: str) -> None:
    whole = paragraphs(text)
    assert all(any(first <= start and end <= last for first, last in whole) for start, end in sentences(text))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 50)), max_size=20), st.integers(-1, 120))
def test_packing_keeps_the_edges_and_the_limit(gaps: list[tuple[int, int]], limit: int) -> None:
    spans, at = [], 0
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    packed = pack(spans, limit)
    assert {start for start, _ in packed} <= {start for start, _ in spans}
    assert {end for _, end in packed} <= {end for _, end in spans}
    assert all(any(first <= start and end <= last for first, last in packed) for start, end in spans)
    assert all(end - start <= limit or (start, end) in spans for start, end in packed)
    for (start, _), (_, end) in pairwise(packed):
        assert end - start > limit or (start, end) not in spans


@given(mixed_text, st.integers(0, 60))
def test_packed_sentences_are_ordered_and_inside(text: str, limit: int) -> None:
    packed = pack(sentences(text), limit)
    assert all(0 <= start < end <= len(text) for start, end in packed)
    assert all(end <= start for (_, end), (start, _) in pairwise(packed))


PACKED = [
    ([(0, 5), (5, 10)], 10, [(0, 10)], "exactly the limit"),
    ([(0, 5), (6, 11)], 10, [(0, 5), (6, 11)], "the blank between counts"),
    ([(0, 30), (30, 31)], 10, [(0, 30), (30, 31)], "a long one stands alone"),
    ([], 10, [], "nothing"),
]


@pytest.mark.parametrize(("spans", "limit", "packed", "reason"), PACKED, ids=[row[3] for row in PACKED])
def test_packing(spans: list[tuple[int, int]], limit: int, packed: list[tuple[int, int]], reason: str) -> None:
    assert pack(spans, limit) == packed
