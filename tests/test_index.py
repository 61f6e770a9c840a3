"""The derived index: what it is made from is checked, what is damaged is never searched, and it can always be made again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_records import document, practice, put, share

from kb import postings, windows
from kb.catalogue import ARRAYS, NAMES
from kb.encoder import FakeEncoder
from kb.errors import VectorIndexError
from kb.index import FORMAT, LOCK, MANIFEST, Expected, build_beside, build_index, open_index, read_manifest
from kb.lexicon import WORDS, read_words
from kb.postings import PIECES
from kb.repository import Repository
from kb.search.answer import answer_as_json
from kb.search.engine import Request
from kb.search.suggest import ENTRIES, ORDER, read
from kb.store import Store
from kb.vectors import HUBS

KEYWORDS = {*postings.files(), *postings.files(PIECES)}
TERMS, *_, POSITIONS, WEIGHTS = postings.files()
MADE = {ARRAYS, NAMES, *KEYWORDS, HUBS, windows.CODES, windows.SCALES, windows.BOUNDS}
"""What every index has, whatever the languages."""


@pytest.fixture
def store(repository: Repository) -> Iterator[Store]:
    """Three small records, with their index."""
    with repository.store() as store:
        put(repository, store)
        repository.ensure_index(store)
        yield store


def _neighbours(folder: Path) -> set[str]:
    """The folder and what an interrupted build left beside it; what is only remembered does not count."""
    return {path.name for path in folder.parent.iterdir()} - {"cache", LOCK}


@pytest.fixture
def expected(repository: Repository, store: Store) -> Expected:
    return repository.expected(store)


def test_the_manifest_says_what_the_index_was_made_from(repository: Repository, expected: Expected) -> None:
    manifest = repository.manifest()
    made_from = {name: getattr(manifest, name) for name in ("model", "space", "dimension", "text", "terms", "content")}
    assert Expected(**made_from) == expected
    assert manifest.format == FORMAT
    assert manifest.counts == {"en": 5, "th": 4}  # of each face a summary and the facts; the document
    assert manifest.files.keys() == {*MADE, "th.faiss", "en.faiss", WORDS, ENTRIES, ORDER}
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
    def failing(index: Path, folder: Path) -> None:
        (folder / "half").touch()
        raise OSError(28, "No space left on device")

    before = sorted(path.name for path in repository.index_folder.iterdir())
    with pytest.raises(VectorIndexError, match=r"cannot be written .No space left on device.; check the rights and the space"):
        build_index(repository.index_folder, store, repository.space, expected, repository.segmenter.pieces, failing)
    assert sorted(path.name for path in repository.index_folder.iterdir()) == before
    assert _neighbours(repository.index_folder) == {repository.index_folder.name}
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
    pytest.param(_change(HUBS, lambda data: _flipped(data, len(data) - 1)), "is damaged", id="hubness changed"),
    pytest.param(_change(windows.CODES, lambda data: _flipped(data, len(data) - 1)), "is damaged", id="a window changed"),
    pytest.param(_change(NAMES, lambda data: data.replace(b"kh-", b"kj-")), "is damaged", id="a record renamed"),
    pytest.param(_change(ARRAYS, lambda data: _flipped(data, len(data) // 2)), "is damaged", id="catalogue changed"),
    pytest.param(lambda folder: (folder / ARRAYS).unlink(), "missing or damaged", id="catalogue deleted"),
    pytest.param(_change(TERMS, lambda data: data.replace(b"flag", b"flog")), "is damaged", id="a word changed"),
    pytest.param(_change(WEIGHTS, lambda data: _flipped(data, len(data) - 1)), "is damaged", id="a weight changed"),
    pytest.param(lambda folder: (folder / POSITIONS).unlink(), "missing or damaged", id="keyword index deleted"),
    pytest.param(lambda folder: (folder / postings.files(PIECES)[0]).unlink(), "missing or damaged", id="pieces deleted"),
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
    pytest.param(_manifest(format=1), f"has format 1, not {FORMAT}", id="the format before words and suggestions"),
    pytest.param(_change(MANIFEST, lambda data: b'{"format": 3}'), f"has format 3, not {FORMAT}", id="an older shape"),
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


def test_no_flipped_bit_of_the_manifest_leads_to_another_index(
    repository: Repository, expected: Expected, tmp_path: Path
) -> None:
    path = repository.index_folder / MANIFEST
    data = path.read_bytes()
    good = read_manifest(repository.index_folder)
    refused = 0
    places = range(0, len(data), 3)
    for at in places:
        path.write_bytes(_flipped(data, at))
        try:
            opened = open_index(repository.index_folder, expected, tmp_path / "checked.json")
        except VectorIndexError:
            refused += 1
        else:  # a blank, a count, which is shown only, or the termbase, for which what lies beside is made anew
            assert replace(opened.manifest, counts=good.counts, terms=good.terms) == good
            assert opened.vectors.languages == sorted(good.counts)
    assert refused > len(places) * 0.7


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
    manifest = build_index(folder, store, repository.space, repository.expected(store), repository.segmenter.pieces)
    assert manifest.counts == {"en": 1}  # a language without passages has no file
    assert _neighbours(folder) == {folder.name}
    assert {path.name for path in folder.iterdir()} == {*MADE, "en.faiss", MANIFEST}


def test_an_empty_database_has_an_empty_index(repository: Repository) -> None:
    with share(repository).store() as store:
        index = repository.ensure_index(store)
    assert (index.vectors.languages, index.postings.total, list(index.catalogue.records)) == ([], 0, [])


def test_a_passage_without_a_vector_is_one_error_and_the_old_index_stays(
    repository: Repository, store: Store, expected: Expected
) -> None:
    before, other = repository.manifest(), replace(expected, model="other")
    with pytest.raises(VectorIndexError, match=r"[45] passages have no vector; run: kb rebuild"):
        build_index(repository.index_folder, store, repository.space, other, repository.segmenter.pieces)
    assert repository.manifest() == before


def test_an_index_folder_that_cannot_be_made_is_one_error(
    repository: Repository, store: Store, expected: Expected, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VectorIndexError, match="set KB_INDEX to another folder"):
        build_index(tmp_path / "file" / "current", store, repository.space, expected, repository.segmenter.pieces)


# Only what lies beside the vectors


def _made_beside(index: Path, folder: Path) -> None:
    assert (index / POSITIONS).exists()  # what is read from
    (folder / WORDS).write_text('{"new": 1}', encoding="utf-8")


def _state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_what_lies_beside_is_made_anew_without_the_vectors(repository: Repository, store: Store, expected: Expected) -> None:
    folder = repository.index_folder
    before, old = _state(folder), read_manifest(folder)
    changed = replace(expected, terms="changed")
    manifest = build_beside(folder, changed, _made_beside)
    after = _state(folder)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {WORDS, MANIFEST}
    assert read_words(folder / WORDS) == {"new": 1}
    assert replace(manifest, files=old.files, terms=old.terms) == old
    assert {name for name in old.files if manifest.files[name] != old.files[name]} == {WORDS}
    assert open_index(folder, changed).manifest == manifest == read_manifest(folder)
    assert _neighbours(folder) == {folder.name}


def test_an_index_that_is_open_reads_on_while_what_lies_beside_is_made_anew(
    repository: Repository, store: Store, expected: Expected, tmp_path: Path
) -> None:
    """The old folder's own files are never written to: another name of each still holds what it held."""
    folder, kept = repository.index_folder, tmp_path / "kept"
    kept.mkdir()
    for path in folder.iterdir():
        os.link(path, kept / path.name)
    before = _state(kept)
    opened = open_index(folder, expected)
    vector = opened.vectors.vectors("th", np.array([opened.catalogue.spans["th"][0]]))
    build_beside(folder, replace(expected, terms="changed"), _made_beside)
    assert _state(kept) == before
    np.testing.assert_array_equal(opened.vectors.vectors("th", np.array([opened.catalogue.spans["th"][0]])), vector)


def test_where_it_fails_the_index_stays_as_it_was(repository: Repository, store: Store, expected: Expected) -> None:
    def failing(index: Path, folder: Path) -> None:
        (folder / WORDS).write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    folder = repository.index_folder
    before = _state(folder)
    with pytest.raises(VectorIndexError, match="check the rights and the space left"):
        build_beside(folder, replace(expected, terms="changed"), failing)
    assert _state(folder) == before
    assert _neighbours(folder) == {folder.name}
    with pytest.raises(VectorIndexError, match="there is no index"):
        build_beside(folder / "nowhere", expected, _made_beside)


def test_a_changed_form_of_the_termbase_makes_only_the_suggestions_anew(repository: Repository, store: Store) -> None:
    folder = repository.index_folder
    before = _state(folder)
    entry = replace(repository.termbase[0], en=(*repository.termbase[0].en, "Quite another form"))
    fresh = share(Repository(repository.settings, FakeEncoder()))
    fresh.vocabulary.termbase = (entry, *repository.termbase[1:])
    assert (fresh.text_state, fresh.vocabulary.terms_state) != (repository.text_state, repository.vocabulary.terms_state)
    fresh.ensure_index(store, pytest.fail)
    after = _state(folder)
    changed = {name for name in after if after[name][2] != before[name][2]}
    assert {ENTRIES, MANIFEST} <= changed <= {ENTRIES, ORDER, MANIFEST}
    assert [item.text for item in read(folder).suggest("quite another")] == ["Quite another form"]


# Files that were compared before


@pytest.fixture
def checked(repository: Repository, expected: Expected, tmp_path: Path) -> Path:
    """What a first opening remembers."""
    path = tmp_path / "elsewhere" / "checked.json"
    open_index(repository.index_folder, expected, path)
    assert json.loads(path.read_bytes()).keys() == repository.manifest().files.keys()
    return path


def test_a_file_that_was_found_undamaged_is_not_read_whole_again(
    repository: Repository, expected: Expected, checked: Path
) -> None:
    """Words are only compared here: with time and size of before, a change of them goes unseen."""
    path = repository.index_folder / WORDS
    stat = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    open_index(repository.index_folder, expected, checked)
    with pytest.raises(VectorIndexError, match="is damaged"):
        open_index(repository.index_folder, expected)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_change(WORDS, lambda data: data.replace(b"1", b"2", 1)), id="changed, of the same size"),
        pytest.param(_change(WORDS, lambda data: data[:-1]), id="cut"),
        pytest.param(lambda folder: (folder / WORDS).unlink(), id="deleted"),
        pytest.param(lambda folder: shutil.copyfile(folder / ENTRIES, folder / WORDS), id="another file in its place"),
    ],
)
def test_a_file_that_changed_since_is_found(
    repository: Repository, expected: Expected, checked: Path, damage: Callable[[Path], Any]
) -> None:
    damage(repository.index_folder)
    with pytest.raises(VectorIndexError, match="damaged"):
        open_index(repository.index_folder, expected, checked)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="lost"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"{}", id="empty"),
        pytest.param(b'{"words.json": 1}', id="of another shape"),
        pytest.param(b"[1]", id="no table"),
    ],
)
def test_what_was_compared_before_may_be_lost_or_damaged(
    repository: Repository, expected: Expected, checked: Path, content: bytes | None
) -> None:
    before = checked.read_bytes()
    if content is None:
        checked.unlink()
    else:
        checked.write_bytes(content)
    open_index(repository.index_folder, expected, checked)
    assert checked.read_bytes() == before
