"""Windows: where a text has them, that each is the vector of its own sentences, and what a question's nearest one is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_records import FLOOD_EN, FLOOD_TH, document, practice, put
from numpy.typing import NDArray

from kb.errors import VectorIndexError
from kb.index import Index
from kb.ingest.passages import LIMIT, WINDOW, cut, passages_of, window_spans, window_texts
from kb.records import Passage
from kb.repository import Repository
from kb.store import Store
from kb.windows import Windows, read_windows, write_windows

SENTENCES = tuple(
    f"The office number {place} told the people of village {place} about the great flood well in time." for place in range(6)
)
LONG = " ".join(SENTENCES)
DIMENSION = 32


# Where a text has them


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param(SENTENCES[0], 0, id="one sentence is its own window"),
        pytest.param("A. " * 20, 0, id="what fits into one window"),
        pytest.param(LONG, 6, id="sentences, of which no two fit together"),
        pytest.param(f"{FLOOD_TH} " * 6, 3, id="Thai, at its blanks"),
    ],
)
def test_a_text_of_several_parts_has_windows(text: str, expected: int) -> None:
    assert len(window_spans(text)) == expected


def test_windows_follow_one_another_and_leave_nothing_out() -> None:
    spans = window_spans(LONG)
    assert [LONG[start:end].strip() for start, end in spans] == list(SENTENCES)
    assert all(end - start <= WINDOW for start, end in spans)
    assert "".join(LONG[start:end] for start, end in spans).replace(" ", "") == LONG.replace(" ", "")


def test_a_window_is_read_with_its_title() -> None:
    (passage,) = cut(replace(document("file-long", LONG), title="Floods"))
    assert len(passage.text) < LIMIT
    assert window_texts(passage) == [f"Floods\n{sentence}" for sentence in SENTENCES]
    assert window_texts(replace(passage, context="")) == list(SENTENCES)


def test_documents_have_windows_and_practices_have_none(repository: Repository) -> None:
    two, one = {"th": LONG, "en": LONG}, {"en": LONG}
    windows = {
        name: [item.windows for item in passages_of(record, repository.segmenter) if item.passage.section != "facts"]
        for name, record in {
            "document": document("file-long", LONG),
            "two faces": practice("th-two", two),
            "one face": practice("th-one", one),
        }.items()
    }
    assert windows == {"document": [6], "two faces": [0, 0], "one face": [0]}


# The arrays


def _unit(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), dtype=np.float32)


def _blocks() -> list[tuple[list[int], NDArray[np.float32]]]:
    random = np.random.default_rng(3)
    return [
        ([2, 0, 3], _unit(random.normal(size=(5, DIMENSION)))),
        ([0], np.empty((0, DIMENSION), dtype=np.float32)),
        ([1, 2], _unit(random.normal(size=(3, DIMENSION)))),
    ]


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    write_windows(tmp_path, 8, DIMENSION, _blocks())
    return read_windows(tmp_path)


def test_the_nearest_window_of_each_passage(windows: Windows) -> None:
    vectors = np.concatenate([block for _, block in _blocks()])
    question = _unit(np.random.default_rng(4).normal(size=(1, DIMENSION)))
    own = {0: vectors[:2], 2: vectors[2:5], 4: vectors[5:6], 5: vectors[6:8]}
    order = np.array([5, 1, 0, 3, 4, 2])
    found = windows.nearest(question, order)
    for place, cosine in zip(order.tolist(), found.tolist(), strict=True):
        if place in own:
            assert cosine == pytest.approx(float((own[place] @ question[0]).max()), abs=0.01)
        else:
            assert np.isnan(cosine)


def test_passages_without_windows_have_no_nearest_one(windows: Windows) -> None:
    question = np.ones((1, DIMENSION), dtype=np.float32)
    assert np.isnan(windows.nearest(question, np.array([1, 3]))).all()
    assert windows.nearest(question, np.array([], dtype=np.int64)).tolist() == []


def test_no_windows_at_all_can_be_written_and_read(tmp_path: Path) -> None:
    write_windows(tmp_path, 0, DIMENSION, [([0, 0], np.empty((0, DIMENSION), dtype=np.float32))])
    found = read_windows(tmp_path)
    assert found.codes.shape == (0, DIMENSION)
    assert np.isnan(found.nearest(np.ones((1, DIMENSION), dtype=np.float32), np.array([0, 1]))).all()


# From the record to the index


@pytest.fixture
def store(repository: Repository) -> Iterator[Store]:
    with repository.store() as store:
        put(
            repository,
            store,
            (
                document("file-long", LONG),
                document("file-short", "Roads."),
                document("file-thai", f"{FLOOD_TH} " * 6, "th"),
                practice("th-two", {"th": FLOOD_TH, "en": FLOOD_EN}),
            ),
        )
        yield store


def test_each_window_of_the_index_is_the_vector_of_its_own_sentences(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    seen = 0
    for position, passage in _passages(index, store):
        first, last = index.windows.bounds[position : position + 2].tolist()
        record = store.document(passage.record)
        texts = window_texts(passage) if record is not None else []
        assert last - first == len(texts)
        if texts:
            raw = repository.encoder.encode(texts, "document")
            own = repository.space.project(raw, [passage.language] * len(raw), "document")
            kept = index.windows.codes[first:last] * index.windows.scales[first:last, None]
            np.testing.assert_allclose(kept, own, atol=0.01)
            seen += 1
    assert seen == 2
    assert index.windows.bounds[-1] == store.window_count(repository.encoder.fingerprint) == len(index.windows.codes) == 9


def _passages(index: Index, store: Store) -> Iterator[tuple[int, Passage]]:
    found = store.passages(index.catalogue.rows.tolist())
    return ((position, found[row]) for position, row in enumerate(index.catalogue.rows.tolist()))


def test_a_record_whose_windows_have_no_vectors_yet_is_one_that_misses_some(repository: Repository, store: Store) -> None:
    model = repository.encoder.fingerprint
    assert store.missing_vectors(model) == []
    store.database.execute("UPDATE vectors SET windows = NULL")
    store.database.conn.commit()
    assert store.missing_vectors(model) == ["file-long", "file-thai"]
    assert store.window_count(model) == 0
    with pytest.raises(VectorIndexError, match="2 records were embedded with another model or not at all"):
        repository.ensure_index(store)


def test_a_vector_without_windows_is_made_again_where_they_are_wanted(repository: Repository, store: Store) -> None:
    """A document may say what a practice with two faces says already."""
    again = replace(document("file-again", LONG), title="file-long")
    (item,) = passages_of(again, repository.segmenter)
    model = repository.encoder.fingerprint
    assert store.known_vectors([item.vector, "unknown"], model) == {item.vector: 6}
    plain = repository.encoder.encode(["x"], "document")[0]
    with store.transaction():
        store.put(again, [item], {item.vector: plain}, model)
    assert store.known_vectors([item.vector], model) == {item.vector: 6}  # a vector alone takes no windows away
