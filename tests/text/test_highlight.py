"""Places of words in the text as it is written: whole character clusters, in order, and matched neighbours as one mark."""

from __future__ import annotations

from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from thai_text import damaged, mixed_text

from kb.text.highlight import joined, original_spans
from kb.text.normalise import normalise, normalise_with_offsets
from kb.text.segment import Segmenter, Token


def places(text: str, segmenter: Segmenter) -> list[tuple[Token, tuple[int, int]]]:
    """Each word of the normal form with its span in the text."""
    normal = normalise_with_offsets(text)
    tokens = segmenter.tokens(normal.text)
    return list(zip(tokens, original_spans(text, normal, tokens), strict=True))


def marked(text: str, terms: set[str], segmenter: Segmenter) -> list[str]:
    """What is marked where these terms matched."""
    spans = joined(text, [span for token, span in places(text, segmenter) if token.term in terms])
    return [text[start:end] for start, end in spans]


MARKED = [
    ("วิทยุชุมชน", {"วิทย"}, [], "a word is not cut to mark its beginning"),
    ("วิทยุชุมชน", {"วิทยุ"}, ["วิทยุ"], "the whole word"),
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
    ("ລາວ", {"ລາ", "າວ"}, ["ລາວ"], "overlapping pairs of clusters are one mark"),
    ("น้ำท่วม", set(), [], "no terms"),
    ("", {"น้ำท่วม"}, [], "no text"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "terms", "expected", "reason"), MARKED, ids=[row[3] for row in MARKED])
def test_whole_words_of_the_original_are_marked(
    text: str, terms: set[str], expected: list[str], reason: str, segmenter: Segmenter
) -> None:
    assert marked(text, terms, segmenter) == expected


def test_where_two_words_share_a_cluster_the_first_one_has_it(segmenter: Segmenter) -> None:
    """A Burmese vowel sign is drawn on the digit before it, and so is a Thai one that somebody typed there."""
    assert [span for _, span in places("7\u102d", segmenter)] == [(0, 2), (2, 2)]
    assert [span for _, span in places("7\u0e33กา", segmenter)] == [(0, 2), (2, 4)]


JOINED = [
    ("ab cd", [(0, 2), (3, 5)], [(0, 5)], "a blank between them"),
    ("abcd", [(0, 2), (2, 4)], [(0, 4)], "they touch"),
    ("ab\u00a0\t\u200bcd", [(0, 2), (5, 7)], [(0, 7)], "blanks of any kind, and what cannot be seen"),
    ("ab-cd", [(0, 2), (3, 5)], [(0, 2), (3, 5)], "a hyphen keeps them apart"),
    ("ab\ncd", [(0, 2), (3, 5)], [(0, 2), (3, 5)], "and so does a line break"),
    ("ab x cd", [(0, 2), (5, 7)], [(0, 2), (5, 7)], "and another word"),
    ("ab cd", [(3, 5), (0, 2)], [(0, 5)], "they come in any order"),
    ("abcdef", [(0, 5), (1, 3)], [(0, 5)], "one that lies in another does not shorten it"),
    ("abcdef", [(0, 3), (2, 5)], [(0, 5)], "they overlap"),
    ("ab", [(0, 2)], [(0, 2)], "only one"),
    ("ab", [], [], "none"),
]


@pytest.mark.parametrize(("text", "spans", "expected", "reason"), JOINED, ids=[row[3] for row in JOINED])
def test_spans_that_touch_are_one_mark(
    text: str, spans: list[tuple[int, int]], expected: list[tuple[int, int]], reason: str
) -> None:
    assert joined(text, spans) == expected


@settings(deadline=None)
@given(mixed_text)
def test_spans_are_apart_and_never_cut_a_cluster(segmenter: Segmenter, text: str) -> None:
    found = places(text, segmenter)
    edges = {0, len(text)} | {match.start() for match in regex.finditer(r"\X", text)}
    for _, (start, end) in found:
        assert 0 <= start <= end <= len(text)
        assert {start, end} <= edges
    for (_, (_, end)), (_, (start, _)) in pairwise(found):
        assert end <= start


@settings(deadline=None)
@given(mixed_text, st.data())
def test_joined_spans_cover_what_was_marked_and_blanks_only(segmenter: Segmenter, text: str, data: st.DataObject) -> None:
    found = [span for _, span in places(text, segmenter)]
    chosen = data.draw(st.lists(st.sampled_from(found))) if found else []
    spans = joined(text, chosen)
    covered = {at for start, end in spans for at in range(start, end)}
    wanted = {at for start, end in chosen for at in range(start, end)}
    assert wanted <= covered
    assert all(not normalise(text[at]) for at in covered - wanted)
    for (_, end), (start, _) in pairwise(spans):
        assert end < start


@settings(deadline=None)
@given(damaged())
def test_marking_every_word_leaves_out_blanks_only(segmenter: Segmenter, pair: tuple[str, str]) -> None:
    _, bad = pair
    terms = {token.term for token in segmenter.tokens(normalise(bad))}
    assert normalise(" ".join(marked(bad, terms, segmenter))).split() == normalise(bad).split()


@settings(deadline=None)
@given(damaged())
def test_each_span_of_damaged_text_holds_its_own_word(segmenter: Segmenter, pair: tuple[str, str]) -> None:
    _, bad = pair
    for token, (start, end) in places(bad, segmenter):
        assert [found.term for found in segmenter.tokens(normalise(bad[start:end]))] == [token.term]
