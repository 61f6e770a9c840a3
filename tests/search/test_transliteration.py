"""Thai names that the texts have in Latin letters only are heard; everyday words, and names that they have in Thai, are not."""

from __future__ import annotations

import pytest
from made_records import document, put

from kb.lexicon import Lexicon, common_english_words, common_thai_words
from kb.repository import Repository
from kb.search.engine import Request, Searcher
from kb.search.names import Names
from kb.search.transliteration import MAX_WORDS, Transliteration, transliterations
from kb.search.understand import LITERAL, Reader
from kb.taxonomy import Taxonomy
from kb.text.normalise import normalise
from kb.text.segment import Segmenter

LATIN = {
    "kasit": 2, "pluto": 2, "bismarck": 1, "herodotus": 1, "herodotos": 1, "valencia": 3, "dashboard": 4, "arunsaengkhai": 1,
    "engaged": 9, "education": 30, "teaching": 5, "brackish": 1, "fencing": 1, "framework": 12, "flood": 40, "dance": 2,
    "return": 3, "bangkok": 20, "kong": 1, "koch": 1,
}  # fmt: skip
THAI = {"ชัชชาติ": 2, "น้ำท่วม": 20}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(LATIN | THAI)


def heard(text: str, segmenter: Segmenter, lexicon: Lexicon) -> list[Transliteration]:
    text = normalise(text)
    return transliterations(text, segmenter.tokens(text), segmenter, lexicon)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("กษิต เกิดวันเดือนปีใด", {"กษิต": ("kasit",)}, id="a person"),
        pytest.param("ทำไมบิสมาร์กผลักดัน", {"บิสมาร์ก": ("bismarck",)}, id="a name that is cut into pieces"),
        pytest.param("เฮโรโดทัสเดินทางไปไหน", {"เฮโรโดทัส": ("herodotus", "herodotos")}, id="two spellings in the texts"),
        pytest.param("ภาษาทางการของแคว้นบาเลนเซีย", {"บาเลนเซีย": ("valencia",)}, id="a place after a common noun"),
        pytest.param("แดชบอร์ดภาครัฐ", {"แดชบอร์ด": ("dashboard",)}, id="a loan word"),
        pytest.param("หม่อมเจ้าอรุณแสงไข", {"อรุณแสงไข": ("arunsaengkhai",)}, id="a name made of everyday words"),
        pytest.param("หน่วยงานแห่งชาติประกาศแผ่นเสียง", {}, id="everyday words that sound like engaged, brackish and fencing"),
        pytest.param("ฤดูร้อนต้องเจออะไร", {}, id="and like return and dance"),
        pytest.param("น้ำท่วมกรุงเทพ", {}, id="words that mean the same but sound otherwise"),
        pytest.param("โขง", {}, id="too short to be told from chance"),
        pytest.param("kasit", {}, id="nothing in Thai"),
        pytest.param("", {}, id="nothing at all"),
    ],
)
def test_names_that_the_texts_have_in_latin_letters_are_heard(
    text: str, expected: dict[str, tuple[str, ...]], segmenter: Segmenter, lexicon: Lexicon
) -> None:
    found = heard(text, segmenter, lexicon)
    assert {one.said: set(one.words) for one in found} == {said: set(words) for said, words in expected.items()}


def test_a_name_that_a_text_has_in_thai_is_not(segmenter: Segmenter) -> None:
    words = {"kasit": 1, "pluto": 1}
    assert [one.words for one in heard("กษิต", segmenter, Lexicon(words))] == [("kasit",)]
    assert heard("กษิต", segmenter, Lexicon(words | {"กษิต": 1})) == []


def test_what_was_understood_otherwise_is_not(segmenter: Segmenter, lexicon: Lexicon) -> None:
    tokens = segmenter.tokens("กษิต")
    assert transliterations("กษิต", tokens, segmenter, lexicon)
    assert transliterations("กษิต", tokens, segmenter, lexicon, taken=range(len(tokens))) == []


def test_only_so_many_spellings_are_taken_and_then_none_is_sure(segmenter: Segmenter) -> None:
    found = heard("กษิต", segmenter, Lexicon(dict.fromkeys(["kasit", "kasid", "gasit", "kazit", "khasit"], 1)))
    assert len(found[0].words) == MAX_WORDS
    assert not found[0].sure
    assert heard("กษิต", segmenter, Lexicon({"kasit": 1}))[0].sure


@pytest.fixture
def reader(segmenter: Segmenter, taxonomy: Taxonomy, names: Names, lexicon: Lexicon) -> Reader:
    return Reader(segmenter, taxonomy, names, lexicon)


def test_it_is_a_step_that_can_be_taken_back(reader: Reader) -> None:
    query = reader.read("กษิต พลูโต")
    assert [(step.key, step.said, step.applied) for step in query.steps] == [
        ("transliteration:kasit", "กษิต", True),
        ("transliteration:pluto", "พลูโต", True),
    ]
    assert query.meaning == "กษิต (kasit) พลูโต (pluto)"
    assert query.text == "กษิต พลูโต"
    assert [(expansion.own, expansion.forms) for expansion in query.expansions] == [
        (("กษิต",), (("kasit",),)),
        (("พลูโต",), (("pluto",),)),
    ]
    without = reader.read("กษิต พลูโต", undo={"transliteration:kasit"})
    assert without.meaning == "กษิต พลูโต (pluto)"
    assert [step.applied for step in without.steps] == [False, True]
    assert reader.read("กษิต พลูโต", undo={LITERAL}).expansions == ()


def test_a_text_is_found_by_a_name_that_it_spells_in_the_other_script(repository: Repository) -> None:
    """With an encoder that knows no names: only the sound leads from one to the other."""
    texts = {
        "ambassador": "Kasit worked for Pluto and served as ambassador.",
        "fish": "The snakehead is a fish of rivers and ponds.",
        "roads": "Roads are repaired by the town within a week.",
    }
    with repository.store() as store:
        put(repository, store, [document(key, text) for key, text in texts.items()])
        searcher = repository.searcher(store)
        hit = searcher.search(Request("กษิต พลูโต")).hits[0]
        assert hit.id == "ambassador"
        matches = [match for passage in hit.passages for match in passage.matches]
        assert {match.text for match in matches} == {"Kasit", "Pluto"}
        without = searcher.search(Request("กษิต พลูโต", undo=frozenset({LITERAL}))).hits
        assert not [match for found in without for passage in found.passages for match in passage.matches]


def test_what_is_loaded_late_can_be_loaded_before_the_first_question(searcher: Searcher) -> None:
    lexicon = vars(searcher.reader.lexicon)
    for cleared in (common_thai_words, common_english_words):
        cleared.cache_clear()
    vars(searcher).pop("suggester", None)
    lexicon.pop("by_skeleton", None)
    searcher.warm_rest()
    assert common_thai_words.cache_info().currsize == common_english_words.cache_info().currsize == 1
    assert "suggester" in vars(searcher)
    assert "by_skeleton" in lexicon
