"""The vectors: what a score is, restrictions, hubness, and what an inverted file costs against an exact search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest
from made_records import document, put
from numpy.typing import NDArray

from kb import vectors
from kb.catalogue import Catalogue
from kb.repository import Repository
from kb.space import HUB_NEIGHBOURS
from kb.store import Store
from kb.vectors import VectorIndex, make, read, write


@pytest.fixture
def store(repository: Repository) -> Iterator[Store]:
    """Three small records, with their index."""
    with repository.store() as store:
        put(repository, store)
        repository.ensure_index(store)
        yield store


def _stored(repository: Repository, store: Store, language: str) -> NDArray[np.float32]:
    """The vectors of a language's passages in the common space, in order of position."""
    raw = [np.frombuffer(row, dtype="<f4") for row in store.passage_vectors(repository.encoder.fingerprint, language)]
    return repository.space.project(np.stack(raw), [language] * len(raw), "document")


def test_the_index_holds_every_passage_once_in_its_language(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    assert index.vectors.languages == ["en", "th"]
    for language, count in (("en", 5), ("th", 4)):
        scores, found = index.vectors.search(language, repository.encoder.encode(["น้ำ"], "query"), 10)
        assert found.shape == scores.shape == (1, count)
        assert sorted(found[0].tolist()) == list(range(*index.catalogue.spans[language]))
        passages = store.passages(index.catalogue.rows[found[0]].tolist())
        assert len(passages) == count
        assert {passage.language for passage in passages.values()} == {language}


def test_a_score_is_the_cosine_in_the_common_space_best_first(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    query = repository.space.project(repository.encoder.encode(["flags"], "query"), ["en"], "query")
    scores, found = index.vectors.search("en", query, 10)
    places = found[0] - index.catalogue.spans["en"][0]
    np.testing.assert_allclose(scores[0], _stored(repository, store, "en")[places] @ query[0], atol=1e-6)
    assert scores[0].tolist() == sorted(scores[0].tolist(), reverse=True)


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_restriction_leaves_only_these_positions(repository: Repository, store: Store, language: str, count: int) -> None:
    index = repository.ensure_index(store)
    allowed = np.zeros(len(index.catalogue.rows), dtype=bool)
    chosen = list(range(*index.catalogue.spans[language]))[1::2][:count]
    allowed[chosen] = True
    _, found = index.vectors.search(language, repository.encoder.encode(["flags"], "query"), 10, allowed)
    assert sorted(place for place in found[0].tolist() if place >= 0) == chosen
    assert set(found[0].tolist()) <= {*chosen, -1}


def test_a_vector_is_the_passages_own_in_the_common_space(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    for language in ("th", "en"):
        places = np.arange(*index.catalogue.spans[language])
        own = _stored(repository, store, language)
        np.testing.assert_allclose(index.vectors.vectors(language, places), own, atol=1e-6)
        np.testing.assert_allclose(index.vectors.vectors(language, places[[2, 0]]), own[[2, 0]], atol=1e-6)


def test_a_passage_that_came_later_has_no_position_and_so_no_vector(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    before = {row for row, *_ in store.passage_rows()}
    put(repository, store, [document("file-new", "Another report.")])
    (new,) = {row for row, *_ in store.passage_rows()} - before
    assert index.catalogue.positions([new]).tolist() == []


def test_hubness_is_how_near_a_passage_is_to_questions_of_the_other_language(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    for language, other in (("th", "en"), ("en", "th")):
        probes = repository.space.probes[other]
        for place, vector in zip(range(*index.catalogue.spans[language]), _stored(repository, store, language), strict=True):
            cosines = np.sort(probes @ vector)
            assert index.vectors.hubs[place] == pytest.approx(cosines[-HUB_NEIGHBOURS:].mean(), abs=1e-6)


def test_few_passages_are_compared_every_one(repository: Repository, store: Store) -> None:
    assert isinstance(faiss.downcast_index(read(repository.index_folder / "th.faiss")), faiss.IndexFlatIP)


# Many passages

COUNT, DIMENSION, CLUSTERS, BEFORE = 3_000, 48, 60, 10
"""`BEFORE` passages of another language stand before those that are searched."""


def _unit(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


def _clustered() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Passages and questions that lie about the same centres."""
    random = np.random.default_rng(7)
    centres = random.normal(size=(CLUSTERS, DIMENSION))
    near = centres[random.integers(0, CLUSTERS, COUNT + 50)] + 0.5 * random.normal(size=(COUNT + 50, DIMENSION))
    vectors = _unit(near)
    return vectors[:COUNT], vectors[COUNT:]


PASSAGES, QUERIES = _clustered()


def _index(made: object) -> VectorIndex:
    """The vectors `made` as the second language of an index."""
    none = np.zeros(0, dtype=np.int64)
    spans = {"en": (0, BEFORE), "th": (BEFORE, BEFORE + COUNT)}
    catalogue = Catalogue([], spans, [], none, none, none, none, none, none, none, none, none)  # type: ignore[arg-type]
    first = make(BEFORE, DIMENSION, lambda: [PASSAGES[:BEFORE]])
    return VectorIndex({"en": first, "th": made}, np.zeros(BEFORE + COUNT, dtype=np.float32), catalogue)


def _blocks() -> Iterator[NDArray[np.float32]]:
    return iter(np.array_split(PASSAGES, 4))


@pytest.fixture(scope="module")
def exact() -> VectorIndex:
    return _index(make(COUNT, DIMENSION, _blocks))


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> VectorIndex:
    """An inverted file, of which a search looks into a part."""
    monkeypatch.setattr(vectors, "EXACT", COUNT - 1)
    monkeypatch.setattr(vectors, "PROBED", 64)
    made = make(COUNT, DIMENSION, _blocks)
    assert isinstance(made, faiss.IndexIVF)
    assert (made.ntotal, made.nlist > 64) == (COUNT, True)
    return _index(made)


def _recall(found: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    shared = [len(set(one) & (set(other) - {-1})) for one, other in zip(found.tolist(), wanted.tolist(), strict=True)]
    return sum(shared) / (wanted >= 0).sum()


def test_an_inverted_file_finds_what_an_exact_search_finds(exact: VectorIndex, cells: VectorIndex) -> None:
    scores, wanted = exact.search("th", QUERIES, 10)
    near, found = cells.search("th", QUERIES, 10)
    assert _recall(found, wanted) >= 0.98
    assert found.min() >= BEFORE
    np.testing.assert_allclose(near[:, 0], scores[:, 0], atol=0.02)
    assert np.all(np.diff(near, axis=1) <= 0)


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(0.5, id="half"),
        pytest.param(0.02, id="few"),
        pytest.param(0.001, id="a handful"),
        pytest.param(0.0, id="none"),
    ],
)
def test_a_restriction_finds_what_an_exact_search_with_it_finds(exact: VectorIndex, cells: VectorIndex, share: float) -> None:
    """The narrower it is, the more cells are looked into."""
    allowed = np.random.default_rng(11).random(BEFORE + COUNT) < share
    allowed[:BEFORE] = True  # another language's, which say nothing here
    _, wanted = exact.search("th", QUERIES, 10, allowed)
    _, found = cells.search("th", QUERIES, 10, allowed)
    for index in (wanted, found):
        known = index[index >= 0]
        assert known.size == 0 or (known.min() >= BEFORE and allowed[known].all())
    if (wanted >= 0).any():
        assert _recall(found, wanted) >= 0.98
    else:
        assert (found == -1).all()


@pytest.mark.parametrize("limit", [1, 10, COUNT, COUNT + 5])
@pytest.mark.parametrize("share", [None, 0.3, 0.001, 0.0])
def test_a_question_compared_with_every_passage_finds_what_a_search_finds(
    exact: VectorIndex, limit: int, share: float | None
) -> None:
    allowed = None if share is None else np.random.default_rng(5).random(BEFORE + COUNT) < share
    for query in QUERIES[:5]:
        scores, wanted = exact.search("th", query[None], limit, allowed)
        known = wanted[0] >= 0
        compared = exact.compare("th", query[None])
        found, cosines = compared.best(limit, allowed)
        assert found.tolist() == wanted[0][known].tolist()
        np.testing.assert_allclose(cosines, scores[0][known], atol=1e-6)
        np.testing.assert_array_equal(compared.cosines(found), cosines)


def test_a_question_compared_with_cells_finds_what_their_search_finds(cells: VectorIndex) -> None:
    allowed = np.random.default_rng(5).random(BEFORE + COUNT) < 0.02
    for passing in (None, allowed):
        scores, wanted = cells.search("th", QUERIES[:1], 30, passing)
        known = wanted[0] >= 0
        compared = cells.compare("th", QUERIES[:1])
        found, cosines = compared.best(30, passing)
        assert found.tolist() == wanted[0][known].tolist()
        np.testing.assert_array_equal(cosines, scores[0][known].astype(np.float64))
        np.testing.assert_allclose(compared.cosines(found), cosines, atol=1e-5)


def test_equal_passages_stand_in_order_of_position() -> None:
    made = make(4, 2, lambda: [np.array([[0, 1], [1, 0], [0, 1], [1, 0]], dtype=np.float32)])
    none = np.zeros(0, dtype=np.int64)
    catalogue = Catalogue([], {"th": (0, 4)}, [], none, none, none, none, none, none, none, none, none)  # type: ignore[arg-type]
    index = VectorIndex({"th": made}, np.zeros(4, dtype=np.float32), catalogue)
    found, cosines = index.compare("th", np.array([[0, 1]], dtype=np.float32)).best(4)
    assert (found.tolist(), cosines.tolist()) == ([0, 2, 1, 3], [1, 1, 0, 0])


def test_vectors_come_back_but_for_the_error_of_eight_bits(exact: VectorIndex, cells: VectorIndex) -> None:
    places = np.array([BEFORE + COUNT - 1, BEFORE, BEFORE + 1234])
    own = PASSAGES[places - BEFORE]
    np.testing.assert_array_equal(exact.vectors("th", places), own)
    step = (PASSAGES.max() - PASSAGES.min()) / 255
    found = cells.vectors("th", places)
    np.testing.assert_allclose(found, own, atol=float(step))
    assert not np.array_equal(found, own)


def test_an_inverted_file_is_read_as_it_was_written(cells: VectorIndex, tmp_path: Path) -> None:
    write(tmp_path, "th", cells._indexes["th"])
    again = _index(read(tmp_path / "th.faiss"))
    for one, other in zip(cells.search("th", QUERIES, 10), again.search("th", QUERIES, 10), strict=True):
        np.testing.assert_array_equal(one, other)
    places = np.array([BEFORE + 5, BEFORE + 2999])
    np.testing.assert_array_equal(again.vectors("th", places), cells.vectors("th", places))


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "th.faiss").write_bytes(b"no index")
    for name in ("th.faiss", "en.faiss"):
        with pytest.raises(RuntimeError):
            read(tmp_path / name)
