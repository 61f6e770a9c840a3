"""More like this: the score against its formula, what is never proposed, pasted text in either language, and bad input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import FLOOD_EN, FLOOD_TH, RECORDS, WATER_EN, WATER_TH, document, in_order, passage_ids, practice, put
from numpy.typing import NDArray

from kb.encoder import FakeEncoder, Role
from kb.errors import QueryError
from kb.records import LANGUAGES, Bilingual, Lang, Practice
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.search.similar import MAX_PASSAGES, MAX_TEXT, similar_to_record, similar_to_text
from kb.text.normalise import normalise

if TYPE_CHECKING:
    from conftest import OneFace

MORE = (
    *RECORDS,
    practice("ph-flood", {"en": "Flags in three colours warn the city of floods."}, country="PH", start=2001),
    document("file-empty", ""),
)


class Remembering(FakeEncoder):
    """The fake encoder, which remembers what it embedded last."""

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        self.seen = list(texts)
        return super().encode(texts, role)


@pytest.fixture
def repository_of_more(repository: Repository) -> Repository:
    with repository.store() as store:
        put(repository, store, MORE)
    return repository


@pytest.fixture
def made(repository_of_more: Repository) -> Iterator[Searcher]:
    """A searcher over so few passages that each record's nearest one is known for every source."""
    with repository_of_more.store() as store:
        yield repository_of_more.searcher(store)


def passage_vectors(searcher: Searcher, record: str) -> dict[str, NDArray[np.float32]]:
    """The texts of a record's passages with their indexed vectors, of shape (1, dimension)."""
    catalogue, vectors = searcher.index.catalogue, searcher.index.vectors
    passages = searcher.store.passages(passage_ids(searcher.store, record))
    return {item.text: vectors.vectors(item.language, catalogue.positions([row])) for row, item in passages.items()}


def vectors_of(searcher: Searcher, record: str) -> NDArray[np.float32]:
    """The indexed vectors of a record's passages."""
    return np.concatenate(list(passage_vectors(searcher, record).values()))


def mean_of_nearest(sources: NDArray[np.float32], targets: NDArray[np.float32]) -> float:
    """The mean, over the sources, of the cosine of the nearest target."""
    return float((sources @ targets.T).max(axis=1).mean())


# Like a record


def test_a_score_is_the_mean_of_the_nearest_cosines_best_first(made: Searcher) -> None:
    sources = vectors_of(made, "th-flood")
    expected = {key: mean_of_nearest(sources, vectors_of(made, key)) for key in ("kh-water", "file-report", "ph-flood")}
    found = similar_to_record(made, "th-flood")
    assert {item.id: item.score for item in found} == pytest.approx(expected, abs=1e-4)
    assert [item.id for item in found] == sorted(expected, key=lambda key: -expected[key])


@pytest.mark.parametrize("limit", [1, 3, 30])
def test_a_record_is_never_like_itself_nor_its_other_face(searcher: Searcher, limit: int) -> None:
    for record in in_order(searcher.store):
        found = similar_to_record(searcher, record, limit)
        assert len(found) == min(limit, len(in_order(searcher.store)) - 1)
        assert record not in [item.id for item in found]
        assert not any(item.passage.key.startswith(f"{record}/") for item in found)
        assert len({item.id for item in found}) == len(found)
        assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def test_what_is_shown_is_the_nearest_pair_of_passages(made: Searcher) -> None:
    item = next(item for item in similar_to_record(made, "th-flood") if item.id == "ph-flood")
    assert (item.kind, item.country, item.start) == ("practice", "PH", 2001)
    assert (item.title, item.summary) == (Bilingual("", "ph-flood en"), Bilingual("", MORE[3].faces["en"].sections["summary"]))
    assert item.passage.key.startswith(f"ph-flood/{item.passage.language}/{item.passage.section}/{item.passage.part}/")
    sources = passage_vectors(made, "th-flood")
    cosines = {text: mean_of_nearest(vector, vectors_of(made, "ph-flood")) for text, vector in sources.items()}
    assert item.passage.source == max(cosines, key=lambda text: cosines[text])
    assert item.passage.score == pytest.approx(max(cosines.values()), abs=1e-4)


@pytest.mark.parametrize(
    "record", [pytest.param("nobody", id="an unknown record"), pytest.param("file-empty", id="a record without text"), ""]
)
def test_nothing_is_like_a_record_that_says_nothing(made: Searcher, record: str) -> None:
    assert similar_to_record(made, record) == []


def test_records_that_came_or_went_after_the_index_was_made_are_passed_over(
    made: Searcher, repository_of_more: Repository
) -> None:
    made.store.remove("ph-flood")
    put(repository_of_more, made.store, [document("file-new", FLOOD_EN)])
    assert {item.id for item in similar_to_record(made, "th-flood")} == {"kh-water", "file-report"}
    assert similar_to_record(made, "file-new") == []


# Like a text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(FLOOD_TH, "th-flood", id="Thai"),
        pytest.param(FLOOD_EN, "th-flood", id="English"),
        pytest.param(WATER_TH, "kh-water", id="other Thai"),
        pytest.param(WATER_EN, "kh-water", id="other English"),
        pytest.param(f"{WATER_TH}\n\n{WATER_EN}", "kh-water", id="both languages"),
        pytest.param("การประปา\u200bติดมาตรวัดน\u0e4d\u0e49าทุกหลังและลดน\u0e4d\u0e49าสูญเสีย", "kh-water", id="damaged Thai"),
        pytest.param("municipal budgets, meters and flags in an annual report", "file-report", id="a document"),
    ],
)
def test_a_pasted_text_finds_who_says_the_same(made: Searcher, text: str, expected: str) -> None:
    first = similar_to_text(made, text)[0]
    assert first.id == expected
    assert first.passage.key.startswith(expected)


def test_a_pasted_text_is_moved_into_the_common_space_by_the_language_of_each_piece(made: Searcher) -> None:
    for text, language in ((FLOOD_TH, "th"), (FLOOD_EN, "en")):
        source = made.space.project(FakeEncoder().encode([text], "document"), [language], "document")
        expected = {
            key: mean_of_nearest(source, vectors_of(made, key)) for key in ("th-flood", "kh-water", "file-report", "ph-flood")
        }
        found = similar_to_text(made, text)
        assert {item.id: item.score for item in found} == pytest.approx(expected, abs=1e-4)
        assert {item.passage.source for item in found} == {text}


def test_a_pasted_text_may_be_a_record_that_is_here(searcher: Searcher) -> None:
    case = searcher.store.practice("th-traffy-fondue")
    assert case is not None
    for language in LANGUAGES:
        assert similar_to_text(searcher, case.faces[language].sections["action"])[0].id == case.id


def test_of_a_long_text_only_the_first_passages_are_compared(made: Searcher) -> None:
    made.encoder = Remembering()
    similar_to_text(made, (f"{FLOOD_EN} " * 1000)[:MAX_TEXT])
    assert len(made.encoder.seen) == MAX_PASSAGES


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "has no words; paste a page of your draft", id="nothing"),
        pytest.param(" \n\t\u200b", "has no words", id="blanks"),
        pytest.param("?! … 😀 ๆ", "has no words", id="no letter and no digit"),
        pytest.param("น" * (MAX_TEXT + 1), f"at most {MAX_TEXT} characters", id="too long"),
    ],
)
def test_a_text_that_cannot_be_compared_is_one_error(made: Searcher, text: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason) as caught:
        similar_to_text(made, text)
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300), st.integers(1, 5))
def test_any_text_with_a_word_is_compared_and_any_other_refused(searcher: Searcher, text: str, limit: int) -> None:
    if searcher.reader.segmenter.tokens(normalise(text)):
        assert len(similar_to_text(searcher, text, limit)) == limit
    else:
        with pytest.raises(QueryError, match="has no words"):
            similar_to_text(searcher, text, limit)


def test_an_empty_repository_has_nothing_alike(repository: Repository) -> None:
    with repository.store() as store:
        put(repository, store, ())
        searcher = repository.searcher(store)
        assert similar_to_text(searcher, FLOOD_EN) == similar_to_record(searcher, "th-flood") == []


# Meaning


@pytest.mark.model
@pytest.mark.parametrize(
    ("own", "other"), [pytest.param("th", "en", id="Thai page"), pytest.param("en", "th", id="English page")]
)
@pytest.mark.parametrize("record", ["th-hat-yai-flood-warning", "ph-4ps-cash-transfer", "kh-ppwsa", "sg-tracetogether"])
def test_a_page_finds_the_case_that_exists_in_the_other_language_only(
    one_face: OneFace, record: str, own: Lang, other: Lang
) -> None:
    case: Practice | None = getattr(one_face, own).store.practice(record)
    assert case is not None
    sections = case.faces[own].sections
    page = "\n\n".join(sections[name] for name in ("summary", "problem", "action"))
    first = similar_to_text(getattr(one_face, other), page)[0]
    assert (first.id, first.passage.language) == (record, other)
