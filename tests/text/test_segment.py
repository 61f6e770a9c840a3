from __future__ import annotations

import gc
import re
import sqlite3
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thai_text import damaged, mixed_text

from kb.ingest.passages import embedded_text
from kb.migrations import FTS_TOKENIZER
from kb.records import Passage
from kb.termbase import load_termbase, thai_words
from kb.text import segment
from kb.text.normalise import normalise
from kb.text.segment import Segmenter, Token, stem
from kb.text.sentences import sentences as split


def words(text: str, segmenter: Segmenter) -> list[str]:
    return [token.term for token in segmenter.tokens(normalise(text))]


WORDS = [
    ("การจัดการน้ำท่วม", ["การ", "จัดการ", "น้ำท่วม"], "no spaces between Thai words"),
    ("น้ำท่วมกรุงเทพมหานคร", ["น้ำท่วม", "กรุงเทพมหานคร"], "two words that belong to readers' questions"),
    ("รัฐบาลดิจิทัล", ["รัฐบาลดิจิทัล"], r"vowel and tone marks are not \w in Python's re"),
    ("น\u0e4d\u0e49าท่วม", ["น้ำท่วม"], "sara am in two characters is the same word"),
    ("น้ำ\u200bท่วม", ["น้ำท่วม"], "a zero-width space does not cut"),
    ("งบ ๑,๒๓๔.๕ บาท", ["งบ", "1234.5", "บาท"], "a number is one word, in Arabic digits, without separators"),
    ("ก.พ.ร.", ["กพร"], "an abbreviation with full stops is one word"),
    ("กพร", ["กพร"], "and the same one without"),
    ("ก. พ. ร.", ["กพร"], "and with blanks"),
    ("สำนักงานก.พ.ร.", ["สำนักงาน", "กพร"], "and right after a word"),
    ("อสม. และ สปสช.", ["อสม", "และ", "สปสช"], "abbreviations with one full stop at their end"),
    ("อสม กับ สปสช", ["อสม", "กับ", "สปสช"], "the same ones without: the termbase keeps them whole"),
    ("อสม. กทม. รพ.สต.", ["อสม", "กทม", "รพสต"], "neighbouring abbreviations stay apart"),
    ("ก.พ.ร. ก.พ.", ["กพร", "กพ"], "also where each has full stops inside"),
    ("พ.ศ.2567", ["พศ", "2567"], "an era mark without a blank"),
    ("OPDC and the U.S.A.", ["opdc", "and", "the", "usa"], "acronyms are not stemmed"),
    ("Governments' services", ["govern", "servic"], "English words lose their endings"),
    ("the agency's services", ["the", "agenc", "servic"], "and the possessive"),
    ("5G, 3R, 4Ps", ["5g", "3r", "4ps"], "a name of a digit and a letter is one word"),
    ("COVID-19", ["covid", "19"], "a hyphen cuts"),
    ("Việt Nam", ["việt", "nam"], "accents stay"),
    ("บริการ e-Government", ["บริการ", "e", "govern"], "Thai and English in one phrase"),
    ("ลาว ລາວ", ["ลาว", "ລາ", "າວ"], "Lao has no segmenter: pairs of clusters"),
    ("เขมร ខ្មែរ", ["เขมร", "ខ្មែរ"], "and so has Khmer"),
    ("เล็ก ๆ ฯ !?", ["เล็ก"], "signs are no words"),
    ("", [], "nothing"),
]


@pytest.mark.parametrize(("text", "expected", "reason"), WORDS, ids=[row[2] for row in WORDS])
def test_words(text: str, expected: list[str], reason: str, segmenter: Segmenter) -> None:
    assert words(text, segmenter) == expected


@pytest.mark.parametrize("text", ["รัฐบาลดิจิทัล", "น้ำท่วม", "ผู้สูงอายุ"])
def test_python_word_pattern_would_cut_thai_where_this_does_not(segmenter: Segmenter, text: str) -> None:
    assert re.findall(r"\w+", text) != [text]
    assert words(text, segmenter) == [text]


PARTS = [
    ("ความเหลื่อมล้ำ", "เหลื่อมล้ำ", "the noun prefix is left out in a question"),
    ("ผู้สูงอายุ", "สูงอายุ", "the person prefix is left out"),
    ("รัฐบาลดิจิทัล", "ดิจิทัล", "the second half of a compound"),
    ("รัฐบาลดิจิทัล", "รัฐบาล", "the first half"),
    ("กรุงเทพมหานคร", "กรุงเทพ", "the short name of the city"),
    ("โรงพยาบาลส่งเสริมสุขภาพตำบล", "สุขภาพ", "a word in the middle"),
    ("น้ำท่วม", "น้ำ", "a short compound"),
]


@pytest.mark.parametrize(("word", "part", "reason"), PARTS, ids=[f"{row[1]}: {row[2]}" for row in PARTS])
def test_parts_of_long_dictionary_words(word: str, part: str, reason: str, segmenter: Segmenter) -> None:
    (token,) = segmenter.tokens(word)
    assert token.term == word
    assert part in segmenter.parts(token)


WITHOUT_PARTS = [
    ("น้ำ", "too short"),
    ("บาท", "too short"),
    ("government", "English has stems"),
    ("2567", "a number"),
]


@pytest.mark.parametrize(("word", "reason"), WITHOUT_PARTS)
def test_short_and_foreign_words_have_no_parts(word: str, reason: str, segmenter: Segmenter) -> None:
    (token,) = segmenter.tokens(word)
    assert segmenter.parts(token) == ()


@pytest.mark.parametrize("word", [row[0] for row in PARTS])
def test_parts_lie_inside_and_begin_no_mark(word: str, segmenter: Segmenter) -> None:
    (token,) = segmenter.tokens(word)
    parts = segmenter.parts(token)
    assert len(set(parts)) == len(parts)
    for part in parts:
        assert part in word
        assert part != word
        assert "\u0e01" <= part[0] <= "\u0e2e" or "\u0e40" <= part[0] <= "\u0e44"


PIECES = [
    ("ผู้สูงอายุ", ("ผู้", "สูง", "อายุ"), "three words"),
    ("ความโปร่งใส", ("ความ", "โปร่งใส"), "โปร่ง and ใส: the second is too short to be cut off"),
    ("ประชาชน", ("ประชาชน",), "no smaller words"),
    ("น้ำ", ("น้ำ",), "a short word"),
    ("government", ("government",), "a Latin word"),
    ("กพร", ("กพร",), "an acronym"),
]


@pytest.mark.parametrize(("word", "pieces", "reason"), PIECES, ids=[f"{row[0]}: {row[2]}" for row in PIECES])
def test_pieces_are_the_smallest_words(word: str, pieces: tuple[str, ...], reason: str, segmenter: Segmenter) -> None:
    assert segmenter.pieces(word) == pieces


@pytest.mark.parametrize("word", [row[0] for row in (*PARTS, *PIECES)])
def test_pieces_are_the_word_again_and_hold_no_others(word: str, segmenter: Segmenter) -> None:
    pieces = segmenter.pieces(word)
    assert "".join(pieces) == word
    assert [segmenter.pieces(piece) for piece in pieces] == [(piece,) for piece in pieces]


def test_terms_have_pieces_too() -> None:
    assert Segmenter(["ผู้สูงอายุติดเตียง"]).pieces("ผู้สูงอายุติดเตียง") == ("ผู้", "สูง", "อายุ", "ติด", "เตียง")


def test_extra_words_stay_whole() -> None:
    name = "ทราฟฟี่ฟองดูว์"
    assert words(name, Segmenter()) != [name]
    assert words(name, Segmenter([name])) == [name]


@pytest.mark.parametrize(
    ("word", "indexed", "reason"),
    [
        ("Policies", "polici", "English suffix"),
        ("policy", "polici", "so that singular and plural meet"),
        ("WHO", "who", "an acronym is not stemmed"),
        ("ASEAN", "asean", "nor a longer one"),
        ("Nghị", "nghị", "nor a word that is not English"),
        ("4Ps", "4ps", "nor a name with digits"),
        ("agency's", "agenc", "possessive"),
    ],
)
def test_indexed_form_of_latin_words(word: str, indexed: str, reason: str) -> None:
    assert stem(word) == indexed


@settings(deadline=None)
@given(mixed_text)
def test_tokens_are_ordered_and_lie_in_the_text(segmenter: Segmenter, text: str) -> None:
    normal = normalise(text)
    tokens = segmenter.tokens(normal)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(normal)
        assert token.term
        assert " " not in token.term
        segmenter.parts(token)
    for first, second in pairwise(tokens):
        assert first.start < second.start
        assert first.end <= second.end


@settings(deadline=None)
@given(mixed_text)
def test_every_thai_consonant_is_in_some_word(segmenter: Segmenter, text: str) -> None:
    normal = normalise(text)
    covered = {at for token in segmenter.tokens(normal) for at in range(token.start, token.end)}
    assert all(at in covered for at, character in enumerate(normal) if "\u0e01" <= character <= "\u0e2e")


@settings(deadline=None)
@given(damaged())
def test_damaged_typing_gives_the_same_words(segmenter: Segmenter, pair: tuple[str, str]) -> None:
    good, bad = pair
    assert words(bad, segmenter) == words(good, segmenter)


# The first texts are cut with small tries of their own words


@pytest.fixture(scope="module")
def warmed(corpus: Path) -> Segmenter:
    """A segmenter that has read the whole dictionary in."""
    segmenter = Segmenter(thai_words(load_termbase(corpus)))
    segmenter.warm()
    return segmenter


@pytest.fixture(scope="module")
def sentences(corpus: Path) -> list[str]:
    """Sentences of the corpus in normal form, those of every eleventh practice."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(corpus.glob("practices/*/*.md"))[::11])
    lines = [line for text in texts for line in text.splitlines()]
    return [normalise(line[start:end]) for line in lines for start, end in split(line)]


def cut(segmenter: Segmenter, text: str) -> list[tuple[Token, tuple[str, ...]]]:
    return [(token, segmenter.parts(token)) for token in segmenter.tokens(text)]


def fresh(warmed: Segmenter) -> Segmenter:
    return Segmenter(warmed.own_words)


@settings(deadline=None)
@given(mixed_text)
def test_a_first_text_is_cut_as_with_the_whole_dictionary(warmed: Segmenter, text: str) -> None:
    normal = normalise(text)
    assert cut(fresh(warmed), normal) == cut(warmed, normal)


@settings(deadline=None)
@given(st.data())
def test_a_first_sentence_is_cut_as_with_the_whole_dictionary(
    warmed: Segmenter, sentences: list[str], data: st.DataObject
) -> None:
    """Also one that is cut off anywhere, without its blanks."""
    sentence = data.draw(st.sampled_from(sentences)).replace(" ", "")
    start = data.draw(st.integers(0, len(sentence)))
    text = normalise(sentence[start : start + data.draw(st.integers(1, 200))])
    assert cut(fresh(warmed), text) == cut(warmed, text)


def test_many_sentences_one_after_another_are_cut_alike(warmed: Segmenter, sentences: list[str]) -> None:
    """The dictionary is read in on the way; before and after, words are the same."""
    assert sum(map(len, sentences)) > 20_000
    one = fresh(warmed)
    assert [cut(one, sentence) for sentence in sentences] == [cut(warmed, sentence) for sentence in sentences]


ALONE = [
    (["น้ำท่วม"], "a word"),
    (["กกกก"], "no word at all: the library's own dictionary must not step in"),
    (["ก"], "a letter"),
    (["ทราฟฟี่ฟองดูว์", "ทราฟ"], "a word that only the termbase has, and its beginning"),
    (["ความเหลื่อมล้ำ", "เหลื่อมล้ำ"], "a long word and its part"),
    (["ก" * 1999, "น้ำท่วม", "น้ำท่วม"], "texts on both sides of the limit"),
    (["การจัดการน้ำท่วม" * 200], "a text beyond the limit"),
]


@pytest.mark.parametrize(("texts", "reason"), ALONE, ids=[row[1] for row in ALONE])
def test_first_texts_give_the_same_words(texts: list[str], reason: str) -> None:
    first, whole = (Segmenter(["ทราฟฟี่ฟองดูว์"]) for _ in range(2))
    whole.warm()
    for text in texts:
        assert cut(first, text) == cut(whole, text)


def test_reading_the_dictionary_in_leaves_the_garbage_collector_as_it_was() -> None:
    for enabled in (False, True):
        (gc.enable if enabled else gc.disable)()
        try:
            Segmenter().warm()
            assert gc.isenabled() is enabled
        finally:
            gc.enable()


def test_a_segmenter_that_is_no_longer_used_goes_at_once_with_its_dictionary() -> None:
    own = Segmenter(["ทราฟฟี่ฟองดูว์"])
    own.warm()
    assert [part for token in own.tokens("ความเหลื่อมล้ำในสังคม") for part in own.parts(token)]
    dictionary = weakref.ref(own._whole_trie())
    gc.disable()  # nothing may have to be looked through for it: a termbase is edited while the server runs
    try:
        del own
        assert dictionary() is None
    finally:
        gc.enable()


def fts(tokenizer: str, text: str) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE VIRTUAL TABLE t USING fts5 (words, tokenize='{tokenizer}')")
    db.execute("INSERT INTO t VALUES (?)", (text,))
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, row)")
    return db


def matches(db: sqlite3.Connection, word: str) -> int:
    return int(db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (f'"{word}"',)).fetchone()[0])


PHRASES = [
    ("การจัดการน้ำท่วมในกรุงเทพมหานคร", "น้ำท่วม"),
    ("การจัดการน้ำท่วมในกรุงเทพมหานคร", "กรุงเทพมหานคร"),
    ("บริการของรัฐบาลดิจิทัล", "รัฐบาลดิจิทัล"),
    ("ลดความเหลื่อมล้ำของผู้สูงอายุ", "ผู้สูงอายุ"),
]


@pytest.mark.parametrize(("text", "word"), PHRASES)
def test_full_text_search_finds_words_that_were_segmented(text: str, word: str, segmenter: Segmenter) -> None:
    db = fts(FTS_TOKENIZER, " ".join(words(text, segmenter)))
    assert matches(db, word) == 1


@pytest.mark.parametrize(("text", "word"), PHRASES)
def test_full_text_search_of_unsegmented_text_finds_nothing(text: str, word: str) -> None:
    """The trap that segmentation avoids; with the tokenizer that keeps marks, a whole phrase is one word."""
    assert matches(fts("unicode61", text), word) == 0
    assert matches(fts(FTS_TOKENIZER, text), word) == 0


def test_full_text_index_holds_exactly_the_segmented_words(segmenter: Segmenter) -> None:
    found = words("การจัดการน้ำท่วมและความเหลื่อมล้ำ พ.ศ. ๒๕๖๗ by OPDC café ខ្មែរ \ue000", segmenter)
    db = fts(FTS_TOKENIZER, " ".join(found))
    assert [row[0] for row in db.execute("SELECT term FROM v ORDER BY term")] == sorted(set(found))


def test_default_tokenizer_of_sqlite_would_cut_at_marks(segmenter: Segmenter) -> None:
    db = fts("unicode61", "น้ำท่วม")
    assert [row[0] for row in db.execute("SELECT term FROM v")] != ["น้ำท่วม"]


@pytest.mark.parametrize("text", ["น้ำท่วม พ.ศ. ๒๕๖๗", "น\u0e4d\u0e49\u0e32ท่วม", "“Flood” – ２０２４"])
def test_the_model_is_given_the_text_as_it_was_written(text: str) -> None:
    """The model's own tokenizer normalises; half-normalised text would give other pieces than it was trained on."""
    passage = Passage("k", "r", "th", "summary", 0, 0, text, 0, len(text))
    assert embedded_text(passage) == text
    assert embedded_text(replace(passage, context="หัวข้อ")) == f"หัวข้อ\n{text}"


def test_words_are_stemmed_alike_in_many_threads() -> None:
    """A stemmer has a state: shared by threads, it gave one word's stem to another, for good where it was remembered."""
    words = [
        f"{begin}{end}"
        for begin in ("manag", "govern", "nation", "organ")
        for end in ("ing", "ers", "ational", "ement", "izes")
    ]
    expected = [stem(word) for word in words]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(20):
                segment._english_stem.cache_clear()
                assert list(pool.map(lambda _: [stem(word) for word in words], range(8))) == [expected] * 8
    finally:
        sys.setswitchinterval(before)
