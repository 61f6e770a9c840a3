"""The derived index: what it is made from is checked, what is damaged is never searched, and it can always be made again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from made_records import document, practice, put, share
from numpy.typing import NDArray

from kb.encoder import FakeEncoder
from kb.errors import VectorIndexError
from kb.lexicon import WORDS, read_words
from kb.repository import Repository
from kb.search.answer import answer_as_json
from kb.search.engine import Request
from kb.search.suggest import ENTRIES, ORDER, read
from kb.space import HUB_NEIGHBOURS
from kb.store import Store
from kb.vectors import FORMAT, MANIFEST, Expected, build_index, open_index, read_manifest


@pytest.fixture
def store(repository: Repository) -> Iterator[Store]:
    """Three small records, with their index."""
    with repository.store() as store:
        put(repository, store)
        repository.ensure_index(store)
        yield store


def _rows(store: Store, language: str) -> dict[int, NDArray[np.float32]]:
    """Row id -> the stored vector of a passage of this language."""
    rows = store.indexed_rows(FakeEncoder.fingerprint, language)
    return {row: np.frombuffer(vector, dtype="<f4") for row, _, vector in rows}


@pytest.fixture
def expected(repository: Repository, store: Store) -> Expected:
    return repository.expected(store)


def test_the_index_holds_every_passage_once_in_its_language(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    languages = {language: len(_rows(store, language)) for language in ("en", "th")}
    assert languages == {"en": 5, "th": 4}  # of each face a summary and the facts; the document
    assert (index.languages, index.manifest.counts) == (sorted(languages), languages)
    for language, count in languages.items():
        scores, ids = index.search(language, repository.encoder.encode(["น้ำ"], "query"), 10)
        assert ids.shape == scores.shape == (1, count)
        assert {passage.language for passage in store.passages(ids[0].tolist()).values()} == {language}
        assert len(set(ids[0].tolist())) == count


def test_a_score_is_the_cosine_in_the_common_space_best_first(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    query = repository.space.project(repository.encoder.encode(["flags"], "query"), ["en"], "query")
    scores, ids = index.search("en", query, 10)
    rows = _rows(store, "en")
    passages = repository.space.project(np.stack([rows[row] for row in ids[0].tolist()]), ["en"] * len(rows), "document")
    np.testing.assert_allclose(scores[0], passages @ query[0], atol=1e-6)
    assert scores[0].tolist() == sorted(scores[0].tolist(), reverse=True)


@pytest.mark.parametrize(("allowed", "found"), [(1, 1), (0, 0)])
def test_a_restriction_leaves_only_these_rows(repository: Repository, store: Store, allowed: int, found: int) -> None:
    index = repository.ensure_index(store)
    rows = list(_rows(store, "en"))[:allowed]
    query = repository.encoder.encode(["flags"], "query")
    _, ids = index.search("en", query, 10, rows)
    assert [row for row in ids[0].tolist() if row >= 0] == rows
    assert len(rows) == found


def test_a_vector_is_the_passages_own_in_the_common_space(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    for language in ("th", "en"):
        for row, raw in _rows(store, language).items():
            expected = repository.space.project(raw.reshape(1, -1), [language], "document")
            vector = index.vector(language, row)
            assert vector is not None
            np.testing.assert_allclose(vector, expected, atol=1e-6)


def test_there_is_no_vector_of_a_passage_that_came_later_or_speaks_another_language(
    repository: Repository, store: Store
) -> None:
    index = repository.ensure_index(store)
    (thai, *_), (english, *_) = _rows(store, "th"), _rows(store, "en")
    put(repository, store, [document("file-new", "Another report.")])
    (new,) = store.passage_ids(["file-new"])
    assert index.vector("en", new) is None
    assert index.vector("en", thai) is None
    assert index.vector("vi", english) is None


def test_hubness_is_how_near_a_passage_is_to_questions_of_the_other_language(repository: Repository, store: Store) -> None:
    index = repository.ensure_index(store)
    for language, other in (("th", "en"), ("en", "th")):
        probes = repository.space.probes[other]
        for row in _rows(store, language):
            cosines = np.sort(probes @ index.vector(language, row)[0])
            assert index.hubness(language, row) == pytest.approx(cosines[-HUB_NEIGHBOURS:].mean(), abs=1e-6)
    assert index.hubness("en", 10**6) == 0.0  # a passage that came later


def test_the_manifest_says_what_the_index_was_made_from(repository: Repository, expected: Expected) -> None:
    manifest = repository.manifest()
    made_from = {name: getattr(manifest, name) for name in ("model", "space", "dimension", "text", "content")}
    assert Expected(**made_from) == expected
    assert manifest.format == FORMAT
    assert manifest.files.keys() == {"th.faiss", "en.faiss", "th.hubs.npy", "en.hubs.npy", WORDS, ENTRIES, ORDER}
    assert manifest.files.keys() | {MANIFEST} == {path.name for path in repository.index_folder.iterdir()}


def test_words_and_suggestions_lie_beside_the_index_and_are_those_of_the_database(repository: Repository, store: Store) -> None:
    put(repository, store, [practice("la-x", {"en": "Mangosteen export"}, country="LA")])
    index = repository.ensure_index(store)
    words = read_words(index.folder / WORDS)
    assert (words["mangosteen"], words["น้ำท่วม"]) == (1, 1)
    assert [entry.record for entry in read(index.folder).suggest("la-x en")] == ["la-x"]


def test_what_lies_beside_is_written_before_the_old_index_goes(
    repository: Repository, store: Store, expected: Expected
) -> None:
    def failing(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError(28, "No space left on device")

    before = sorted(path.name for path in repository.index_folder.iterdir())
    with pytest.raises(VectorIndexError, match=r"cannot be written .No space left on device.; check the rights and the space"):
        build_index(repository.index_folder, store, repository.space, expected, failing)
    assert sorted(path.name for path in repository.index_folder.iterdir()) == before
    assert sorted(path.name for path in repository.index_folder.parent.iterdir()) == [repository.index_folder.name]
    open_index(repository.index_folder, expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("model", "other-model@1", id="another model"),
        pytest.param("space", "other-model@1/space-0", id="another space"),
        pytest.param("dimension", 384, id="another dimension"),
        pytest.param("text", "2/pythainlp-9/abc", id="other words"),
        pytest.param("content", "0" * 64, id="other content"),
    ],
)
def test_an_index_made_from_something_else_is_not_opened(
    repository: Repository, expected: Expected, name: str, value: object
) -> None:
    with pytest.raises(VectorIndexError, match=f"was made from another {name}; run: kb rebuild"):
        open_index(repository.index_folder, replace(expected, **{name: value}))  # type: ignore[arg-type]


def _missing(folder: Path) -> None:
    shutil.rmtree(folder)


def _change(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes())) and None


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _manifest(**values: object) -> Callable[[Path], None]:
    return _change(MANIFEST, lambda data: json.dumps(json.loads(data) | values).encode())


DAMAGES = [
    pytest.param(_missing, "there is no index", id="folder deleted"),
    pytest.param(lambda folder: (folder / MANIFEST).unlink(), "there is no index", id="manifest deleted"),
    pytest.param(lambda folder: (folder / "th.faiss").unlink(), "missing or damaged", id="a language deleted"),
    pytest.param(_change("th.faiss", lambda data: data[:-1]), "is damaged", id="a byte short"),
    pytest.param(_change("en.faiss", lambda data: b""), "is damaged", id="empty file"),
    pytest.param(_change("en.faiss", lambda data: _flipped(data, len(data) // 2)), "is damaged", id="a bit in the middle"),
    pytest.param(_change("th.faiss", lambda data: _flipped(data, len(data) - 1)), "is damaged", id="the last bit"),
    pytest.param(_change("th.hubs.npy", lambda data: _flipped(data, len(data) - 1)), "is damaged", id="hubness changed"),
    pytest.param(lambda folder: (folder / WORDS).unlink(), "missing or damaged", id="words deleted"),
    pytest.param(_change(WORDS, lambda data: data.replace(b"1", b"2", 1)), "is damaged", id="words changed"),
    pytest.param(lambda folder: (folder / ORDER).unlink(), "missing or damaged", id="suggestions deleted"),
    pytest.param(_change(ENTRIES, lambda data: data[:-1]), "is damaged", id="suggestions cut"),
    pytest.param(_change(MANIFEST, lambda data: data[: len(data) // 2]), "manifest .* is damaged", id="manifest cut"),
    pytest.param(_change(MANIFEST, lambda data: b"[]"), "manifest .* is damaged", id="manifest of another shape"),
    pytest.param(_change(MANIFEST, lambda data: b"\xff\xfe"), "manifest .* is damaged", id="manifest no UTF-8"),
    pytest.param(_manifest(files=[]), "manifest .* is damaged", id="manifest with a list for a table"),
    pytest.param(_manifest(extra=1), "manifest .* is damaged", id="manifest with an unknown field"),
    pytest.param(_manifest(format=99), "has format 99, not", id="a later format"),
    pytest.param(_manifest(format=1), "has format 1, not 3", id="the format before words and suggestions"),
    pytest.param(_manifest(model="other"), "was made from another model", id="another model's"),
    pytest.param(_manifest(space="other"), "was made from another space", id="another space's"),
    pytest.param(_manifest(text="other"), "was made from another text", id="cut by other rules"),
    pytest.param(_manifest(content="other"), "was made from another content", id="of another database"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_a_bad_index_is_refused_then_rebuilt_with_a_word_why(
    repository: Repository, store: Store, expected: Expected, damage: Callable[[Path], Any], reason: str
) -> None:
    folder = repository.index_folder
    damage(folder)
    with pytest.raises(VectorIndexError, match=reason):
        open_index(folder, expected)
    notices: list[str] = []
    repository.ensure_index(store, notices.append)
    assert len(notices) == 1
    assert notices[0].endswith("; rebuilding it")
    assert "kb rebuild" not in notices[0]  # it is being done
    open_index(folder, expected)


def test_no_flipped_bit_of_the_manifest_leads_to_other_vectors(repository: Repository, expected: Expected) -> None:
    path = repository.index_folder / MANIFEST
    data = path.read_bytes()
    files = read_manifest(repository.index_folder).files
    refused = 0
    for at in range(len(data)):
        path.write_bytes(_flipped(data, at))
        try:
            opened = open_index(repository.index_folder, expected)
        except VectorIndexError:
            refused += 1
        else:  # a blank, or a count, which is shown only
            assert opened.manifest.files == files
    assert refused > len(data) * 0.8


def test_a_good_index_is_opened_without_a_word(repository: Repository, store: Store) -> None:
    before = (repository.index_folder / MANIFEST).stat().st_ino
    repository.ensure_index(store, pytest.fail)
    assert (repository.index_folder / MANIFEST).stat().st_ino == before


def test_a_changed_record_makes_the_index_outdated(repository: Repository, store: Store) -> None:
    put(repository, store, [document("file-new", "Another report.")])
    with pytest.raises(VectorIndexError, match="another content"):
        open_index(repository.index_folder, repository.expected(store))


def test_deleting_the_index_folder_changes_no_result(repository: Repository, store: Store) -> None:
    def ask() -> list[dict[str, Any]]:
        searcher = repository.searcher(store)
        return [answer_as_json(searcher.search(Request(text))) for text in ("ธงเตือนน้ำท่วม", "water meters", "")]

    before = ask()
    shutil.rmtree(repository.settings.index)
    assert ask() == before


def test_a_build_leaves_only_the_new_index(repository: Repository, store: Store, expected: Expected) -> None:
    folder = repository.index_folder
    (folder.parent / f".{folder.name}.killed").mkdir()  # what a killed build leaves behind
    (folder / "old.faiss").touch()
    store.remove("th-flood")
    store.remove("kh-water")
    manifest = build_index(folder, store, repository.space, repository.expected(store))
    assert manifest.counts == {"en": 1}  # a language without passages has no file
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]
    assert sorted(path.name for path in folder.iterdir()) == ["en.faiss", "en.hubs.npy", MANIFEST]


def test_an_empty_database_has_an_empty_index(repository: Repository) -> None:
    with share(repository).store() as store:
        assert repository.ensure_index(store).languages == []


def test_an_index_folder_that_cannot_be_made_is_one_error(
    repository: Repository, store: Store, expected: Expected, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VectorIndexError, match="set KB_INDEX to another folder"):
        build_index(tmp_path / "file" / "current", store, repository.space, expected)


def test_the_files_are_exact_flat_indexes(repository: Repository, store: Store) -> None:
    index = faiss.read_index(str(repository.index_folder / "th.faiss"))
    assert isinstance(faiss.downcast_index(index.index), faiss.IndexFlatIP)
    assert index.ntotal == len(_rows(store, "th"))
