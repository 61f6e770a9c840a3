"""Fixtures of ingestion: reading bytes as a file of a name, and a folder of files to read in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pythainlp.corpus import thai_words

from kb.encoder import Encoder, FakeEncoder
from kb.ingest.readers import Source, document_id, read
from kb.records import Document, Practice
from kb.repository import Repository
from kb.settings import Settings
from kb.space import LanguageSpace, fit_space, parallel_pairs
from kb.taxonomy import Taxonomy
from kb.text.segment import Segmenter


@pytest.fixture(scope="session")
def is_word() -> Callable[[str], bool]:
    """Whether a Thai word is in the dictionary."""
    return thai_words().__contains__


@pytest.fixture(scope="session")
def read_bytes(taxonomy: Taxonomy, is_word: Callable[[str], bool]) -> Callable[[str, bytes], Practice | Document]:
    """Reads bytes as a file with the given name."""

    def reading(name: str, data: bytes) -> Practice | Document:
        path = Path("/files") / name
        return read(Source(path, data, document_id(path, path.parent)), taxonomy, is_word)

    return reading


@pytest.fixture(scope="session")
def fake_space() -> LanguageSpace:
    """The common space of the fake encoder."""
    return fit_space(FakeEncoder(), parallel_pairs())


@pytest.fixture
def open_repository(
    settings: Settings, segmenter: Segmenter, fake_space: LanguageSpace, taxonomy: Taxonomy
) -> Callable[..., Repository]:
    """Opens a repository in a data folder of the given name, with parts that take a second to build shared."""

    def opening(encoder: Encoder, name: str = "var", **changes: object) -> Repository:
        home = settings.home.parent / name
        repository = Repository(replace(settings, home=home, index=home.with_name(f"{name}-index"), **changes), encoder)
        repository.vocabulary.segmenter, repository.space, repository.vocabulary.taxonomy = segmenter, fake_space, taxonomy
        return repository

    return opening


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for files to read in."""
    place = tmp_path / "files"
    place.mkdir()
    return place
