"""Known words: those of the repository's texts and names, those of the dictionaries; how the former are counted and kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import document, practice, put

from kb.errors import VectorIndexError
from kb.lexicon import (
    Lexicon,
    build_words,
    common_thai_words,
    english_words,
    latin_words,
    read_words,
    thai_dictionary,
    thai_stopwords,
    write_words,
)
from kb.postings import build_postings
from kb.repository import Repository

LEXICON = Lexicon({"flood": 7, "น้ำท่วม": 5, "ธง": 2, "ok": 1, "2561": 3}, frozenset({"petabencana", "สปสช", "flood"}))

KNOWN = [
    ("flood", True, True, 7, "a word of the texts counts as often as it stands there, also where it is a name"),
    ("น้ำท่วม", True, True, 5, "a Thai one"),
    ("petabencana", True, True, 1, "a name that no text has counts as one"),
    ("สปสช", True, True, 1, "a Thai abbreviation"),
    ("drought", False, True, 0, "a word of the English dictionary"),
    ("ภัยแล้ง", False, True, 0, "a word of the Thai dictionary"),
    ("flod", False, False, 0, "a slip"),
    ("น้ำท่วน", False, False, 0, "a Thai slip"),
    ("kemendagri", False, False, 0, "a foreign name"),
    ("Flood", False, False, 0, "words are in lower case"),
]


@pytest.mark.parametrize(("word", "own", "known", "weight", "reason"), KNOWN, ids=[row[4] for row in KNOWN])
def test_words_that_are_known(word: str, own: bool, known: bool, weight: int, reason: str) -> None:
    assert (LEXICON.in_repository(word), LEXICON.is_word(word), LEXICON.weight(word)) == (own, known, weight)


def test_words_to_choose_from_are_of_one_script_and_not_too_short() -> None:
    assert LEXICON.thai == ("น้ำท่วม", "สปสช")
    assert LEXICON.latin == ("2561", "flood", "petabencana")


def test_the_fallback_has_the_dictionary_but_none_of_its_short_words() -> None:
    assert set(LEXICON.thai_fallback) == {word for word in thai_dictionary() if len(word) > 3}
    assert list(LEXICON.thai_fallback) == sorted(LEXICON.thai_fallback)


LATIN = [
    ("Flood warning", {"flood", "warning"}, "in lower case"),
    ("policy-makers", {"policy-makers", "policy", "makers"}, "the parts of a word with a hyphen too"),
    ("Jakarta's", {"jakarta's", "jakarta"}, "a single letter is no part"),
    ("e-Government", {"e-government", "government"}, "nor is one before the hyphen"),
    ("OPDC 4Ps COVID-19", {"opdc", "ps", "covid"}, "figures are no letters"),
    ("ระบบ Traffy Fondue", {"traffy", "fondue"}, "between Thai words"),
    ("a b", set(), "single letters"),
    ("'quoted' -dash-", {"quoted", "dash"}, "signs at the edges do not belong to the word"),
    ("", set(), "nothing"),
]


@pytest.mark.parametrize(("text", "words", "reason"), LATIN, ids=[row[2] for row in LATIN])
def test_words_in_latin_letters(text: str, words: set[str], reason: str) -> None:
    assert latin_words(text) == words


@given(st.text())
def test_a_latin_word_is_lower_case_and_stands_in_the_text(text: str) -> None:
    for word in latin_words(text):
        assert len(word) > 1
        assert word.isascii()
        assert word == word.lower()
        assert word in text.lower()


def test_the_repository_counts_passages_and_keeps_words_as_they_are_written(repository: Repository) -> None:
    """An English stem (`polici`) is no word that could be proposed; a Thai word comes with its parts."""
    records = (
        practice("th-x", {"th": "น้ำท่วมและน้ำท่วม", "en": "Policies of policy-makers, and Jakarta's policies of 2018"}),
        document("file-x", "Policy OPDC น้ำท่วม ความเหลื่อมล้ำ"),
    )
    with repository.store() as store:
        put(repository, store, records)
        counts = build_words(store, build_postings(store.passage_words(), 0.3))
    assert counts["น้ำท่วม"] == 2  # two passages, three times
    assert counts["policy"] == 2  # in `policy-makers` and by itself
    assert counts["policies"] == 1
    assert counts["jakarta"] == counts["jakarta's"] == counts["opdc"] == 1
    assert counts["ความเหลื่อมล้ำ"] == counts["เหลื่อมล้ำ"] == 1
    assert not {"polici", "citi", "2018", "2561"} & set(counts)


@given(st.dictionaries(st.sampled_from(["flood", "น้ำท่วม", "ก.พ.ร.", '"', "\u200b"]), st.integers(0, 10**6)))
def test_words_beside_an_index_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, counts: dict[str, int]
) -> None:
    path = tmp_path_factory.mktemp("words") / "words.json"
    write_words(path, counts)
    assert read_words(path) == counts


def test_the_file_does_not_depend_on_the_order_of_the_words(tmp_path: Path) -> None:
    write_words(tmp_path / "a", {"flood": 1, "น้ำท่วม": 2})
    write_words(tmp_path / "b", {"น้ำท่วม": 2, "flood": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


DAMAGED = [
    pytest.param(None, id="missing"),
    pytest.param(b"", id="empty"),
    pytest.param(b'{"flood": ', id="cut off"),
    pytest.param("{}".encode("utf-16"), id="not UTF-8"),
    pytest.param(b'["flood"]', id="a list"),
    pytest.param(b'{"flood": "many"}', id="a count that is no number"),
    pytest.param(b'{"flood": null}', id="no count"),
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_refused_with_its_name_and_the_remedy(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "words.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VectorIndexError, match=r"words\.json is missing or damaged; run: kb rebuild"):
        read_words(path)


def test_the_dictionaries_are_those_of_words_in_lower_case() -> None:
    assert {"government", "flood", "who", "it"} <= english_words()
    assert not {"goverment", "opdc", ""} & english_words()
    assert all(word == word.strip().lower() for word in english_words())
    assert {"น้ำท่วม", "รัฐบาล"} <= thai_dictionary()
    assert {"และ", "ที่", "คือ"} <= thai_stopwords()
    assert "น้ำท่วม" not in thai_stopwords()


def test_common_thai_words_are_those_that_pythainlp_counts_often_in_books_or_anywhere() -> None:
    from pythainlp.corpus import tnc, ttc

    books = {word for word, count in ttc.word_freqs() if count >= 30}
    anywhere = {word for word, count in tnc.unigram_word_freqs().items() if count >= 300}
    assert common_thai_words() == thai_dictionary() & (books | anywhere)
    assert len(common_thai_words()) > 5000
