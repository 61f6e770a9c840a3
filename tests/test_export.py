"""Exporting loses nothing: what did not change is the same to the byte, and what was edited can be read in again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from made_records import CASES, document, passage_ids, put, share, small_corpus

from kb.corpus import dump_practice, practice_files, read_practice
from kb.encoder import FakeEncoder
from kb.errors import StoreError
from kb.export import export_practices
from kb.ingest.progress import Progress
from kb.records import Face
from kb.repository import Repository
from kb.settings import Settings
from kb.store import Store
from kb.taxonomy import Taxonomy

QUIET = Progress(quiet=True)
EDITED = "th-hat-yai-flood-warning"


@pytest.fixture
def own(corpus: Path, tmp_path: Path) -> Repository:
    """Four practices read in from a corpus folder that a test may change; one file has Windows line ends."""
    folder = small_corpus(corpus, tmp_path / "corpus")
    windows = folder / "practices" / "id" / "id-petabencana.md"
    windows.write_bytes(windows.read_bytes().replace(b"\n", b"\r\n"))
    settings = Settings(home=tmp_path / "var", index=tmp_path / "index", corpus=folder)
    repository = share(Repository(settings, FakeEncoder()))
    repository.ingest([folder / "practices"], QUIET)
    return repository


@pytest.fixture
def store(own: Repository) -> Iterator[Store]:
    with own.store() as store:
        yield store


def _folder(own: Repository) -> Path:
    return own.settings.corpus / "practices"


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Name -> bytes and inode of every file, hidden ones too."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_ino) for path in folder.rglob("*") if path.is_file()
    }


def _edit(store: Store) -> None:
    practice = store.practice(EDITED)
    assert practice is not None
    thai: Face = practice.faces["th"]
    changed = replace(thai, title="ระบบเตือนภัยน้ำท่วม: ชื่อใหม่", revision=thai.revision + 1)
    store.edit(replace(practice, faces={**practice.faces, "th": changed}))


def test_the_whole_corpus_is_exported_to_the_byte(fake_corpus_repository: Repository, corpus: Path, tmp_path: Path) -> None:
    with fake_corpus_repository.store() as store:
        written, same = export_practices(store, tmp_path)
    assert (len(written), same) == (176, [])
    for path in practice_files(corpus):
        exported = tmp_path / path.relative_to(corpus / "practices")
        assert exported.read_bytes() == path.read_bytes(), path.name
    assert len(_files(tmp_path)) == 176


def test_files_that_are_the_same_already_are_not_touched(own: Repository, store: Store) -> None:
    before = _files(_folder(own))
    assert export_practices(store, _folder(own)) == ([], list(CASES))
    assert _files(_folder(own)) == before


def test_only_what_was_edited_is_written_anew(own: Repository, store: Store, taxonomy: Taxonomy) -> None:
    before = _files(_folder(own))
    _edit(store)
    practice = store.practice(EDITED)
    assert practice is not None
    assert export_practices(store, _folder(own)) == ([EDITED], [case for case in CASES if case != EDITED])
    after = _files(_folder(own))
    changed = f"th/{EDITED}.md"
    assert {name for name in after if after[name] != before.get(name)} == {changed}
    assert after[changed][0] == dump_practice(practice).encode()
    assert read_practice(_folder(own) / changed, taxonomy) == practice


def test_after_an_export_reading_in_finds_no_conflict(own: Repository, store: Store) -> None:
    _edit(store)
    export_practices(store, _folder(own))
    assert not store.edited(EDITED)
    report = own.ingest([_folder(own)], QUIET)
    assert (report.failed, report.updated) == ({}, [EDITED])
    assert sorted(report.unchanged) == [case for case in CASES if case != EDITED]
    title = "ระบบเตือนภัยน้ำท่วม: ชื่อใหม่"
    assert store.rows([EDITED])[EDITED].title.th == title
    assert any(passage.context == title for passage in store.passages(passage_ids(store, EDITED)).values())
    assert export_practices(store, _folder(own)) == ([], list(CASES))


def test_without_an_export_an_edit_on_both_sides_is_a_conflict_and_changes_nothing(own: Repository, store: Store) -> None:
    _edit(store)
    path = _folder(own) / "th" / f"{EDITED}.md"
    path.write_text(path.read_text(encoding="utf-8").replace("confidence: high", "confidence: low"), encoding="utf-8")
    text, practice = path.read_text(encoding="utf-8"), store.practice(EDITED)
    report = own.ingest([_folder(own)], QUIET)
    assert "changed here and in the file" in report.failed[str(path)]
    assert (path.read_text(encoding="utf-8"), store.practice(EDITED)) == (text, practice)


def test_a_lost_file_is_written_again(own: Repository, store: Store) -> None:
    path = _folder(own) / "id" / "id-petabencana.md"
    data = path.read_bytes()
    path.unlink()
    assert export_practices(store, _folder(own))[0] == ["id-petabencana"]
    assert path.read_bytes() == data  # with its Windows line ends


def test_documents_are_not_exported(own: Repository, store: Store, tmp_path: Path) -> None:
    put(own, store, [document("file-report", "A report.")])
    export_practices(store, tmp_path / "out")
    assert sorted(path.stem for path in (tmp_path / "out").rglob("*.md")) == list(CASES)


def test_a_folder_that_cannot_be_written_is_one_error_and_the_edit_stays_marked(store: Store, tmp_path: Path) -> None:
    _edit(store)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        export_practices(store, tmp_path / "file")
    assert store.edited(EDITED)
