from __future__ import annotations

from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from thai_text import damaged, mixed_text

from kb.text.highlight import highlights
from kb.text.normalise import normalise
from kb.text.segment import Segmenter

MARKED = [
    ("วิทยุชุมชน", {"วิทย"}, [], "a word is not cut to mark its beginning"),
    ("วิทยุชุมชน", {"วิทยุ"}, ["วิทยุ"], "the whole word"),
    ("ลดความเหลื่อมล้ำในเมือง", {"เหลื่อมล้ำ"}, ["ความเหลื่อมล้ำ"], "a part of a word marks the whole word"),
    ("น\u0e4d\u0e49\u0e32ท่วมหนัก", {"น้ำท่วม"}, ["น\u0e4d\u0e49\u0e32ท่วม"], "sara am in two characters"),
    ("น้ำ\u200bท่วมหนัก", {"น้ำท่วม"}, ["น้ำ\u200bท่วม"], "a zero-width space inside"),
    ("\u200bน้ำท่วม\u200b หนัก", {"น้ำท่วม"}, ["น้ำท่วม"], "and none outside"),
    ("ในปี ๒๕๖๗ มี", {"2567"}, ["๒๕๖๗"], "Thai digits"),
    ("น้ำท่วม กรุงเทพมหานคร", {"น้ำท่วม", "กรุงเทพมหานคร"}, ["น้ำท่วม กรุงเทพมหานคร"], "neighbours are joined"),
    ("น้ำท่วม, กรุงเทพมหานคร", {"น้ำท่วม", "กรุงเทพมหานคร"}, ["น้ำท่วม", "กรุงเทพมหานคร"], "but not over a comma"),
    ("น้ำท่วม\nน้ำท่วม", {"น้ำท่วม"}, ["น้ำท่วม", "น้ำท่วม"], "nor over a line break"),
    ("สำนักงาน ก.พ.ร. กำหนด", {"กพร"}, ["ก.พ.ร."], "an abbreviation with its full stops"),
    ("Policies for OPDC", {"polici", "opdc"}, ["Policies", "OPDC"], "an English stem marks the word as it is written"),
    ("cafe\u0301s and more", {"cafés"}, ["cafe\u0301s"], "an accent apart stays with its letter"),
    ("น้ำท่วม", set(), [], "no terms"),
    ("", {"น้ำท่วม"}, [], "no text"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "terms", "marked", "reason"), MARKED, ids=[row[3] for row in MARKED])
def test_whole_words_of_the_original_are_marked(
    text: str, terms: set[str], marked: list[str], reason: str, segmenter: Segmenter
) -> None:
    assert [text[start:end] for start, end in highlights(text, terms, segmenter)] == marked


@settings(deadline=None)
@given(mixed_text, st.data())
def test_spans_are_apart_and_never_cut_a_cluster(segmenter: Segmenter, text: str, data: st.DataObject) -> None:
    found = sorted({token.term for token in segmenter.tokens(normalise(text))})
    terms = set(data.draw(st.lists(st.sampled_from(found)))) if found else {"น้ำ"}
    spans = highlights(text, terms, segmenter)
    edges = {0, len(text)} | {match.start() for match in regex.finditer(r"\X", text)}
    assert bool(spans) == bool(terms & set(found))
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert {start, end} <= edges
    for (_, end), (start, _) in pairwise(spans):
        assert end < start


@settings(deadline=None)
@given(damaged())
def test_marking_every_word_leaves_out_blanks_only(segmenter: Segmenter, pair: tuple[str, str]) -> None:
    _, bad = pair
    terms = {token.term for token in segmenter.tokens(normalise(bad))}
    spans = highlights(bad, terms, segmenter)
    marked = normalise(" ".join(bad[start:end] for start, end in spans))
    assert marked.split() == normalise(bad).split()


@settings(deadline=None)
@given(damaged())
def test_marks_of_damaged_text_are_whole_words_too(segmenter: Segmenter, pair: tuple[str, str]) -> None:
    good, bad = pair
    word = good.split()[0]
    terms = {token.term for token in segmenter.tokens(normalise(word))}
    for start, end in highlights(bad, terms, segmenter):
        assert {token.term for token in segmenter.tokens(normalise(bad[start:end]))} <= {
            token.term for token in segmenter.tokens(normalise(good))
        }
