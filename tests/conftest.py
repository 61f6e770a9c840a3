"""Fixtures that many tests share: repositories over temporary folders, with the fake encoder or the real model."""

from __future__ import annotations

from pathlib import Path

import hypothesis  # noqa: F401 - it looks for referrers of trio's generator, which a later `gc.freeze` would hide from it
import pytest

from kb.encoder import (
    FakeEncoder,
    RuntimeEncoder,
    SentenceTransformerEncoder,
    model_folder,
    open_encoder,
    open_sentence_transformer,
)
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.settings import Settings, load_settings
from kb.taxonomy import Taxonomy, load_taxonomy
from kb.termbase import load_termbase, thai_words
from kb.text.segment import Segmenter

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
QUIET = Progress(quiet=True)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The project's own corpus folder."""
    return CORPUS


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(CORPUS)


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """A segmenter with the project's termbase."""
    return Segmenter(thai_words(load_termbase(CORPUS)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings over an empty data folder, with the project's corpus."""
    return Settings(home=tmp_path / "var", index=tmp_path / "index", corpus=CORPUS)


@pytest.fixture
def repository(settings: Settings) -> Repository:
    """An empty repository with the fake encoder."""
    return Repository(settings, FakeEncoder())


@pytest.fixture(scope="session")
def fake_corpus_repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The whole corpus, read in with the fake encoder; tests must not change it."""
    place = tmp_path_factory.mktemp("fake")
    repository = Repository(Settings(home=place / "var", index=place / "index", corpus=CORPUS), FakeEncoder())
    repository.ingest([CORPUS / "practices"], QUIET)
    return repository


@pytest.fixture(scope="session")
def prepared() -> Settings:
    """Settings over the project's data folder, where `kb model` prepared the real model (`make test` runs that first)."""
    return Settings(home=ROOT / load_settings().home)


@pytest.fixture(scope="session")
def encoder(prepared: Settings) -> RuntimeEncoder | SentenceTransformerEncoder:
    """The real model, as a search uses it."""
    return open_encoder(prepared)


@pytest.fixture(scope="session")
def transformer(prepared: Settings) -> SentenceTransformerEncoder:
    """The real model, run by sentence-transformers."""
    return open_sentence_transformer(prepared)


@pytest.fixture(scope="session")
def real_model(prepared: Settings) -> Path:
    """The folder of the real model."""
    folder = model_folder(prepared)
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def real_repository(
    tmp_path_factory: pytest.TempPathFactory, encoder: RuntimeEncoder | SentenceTransformerEncoder
) -> Repository:
    """The whole corpus, read in with the real model; tests must not change it."""
    place = tmp_path_factory.mktemp("real")
    repository = Repository(Settings(home=place / "var", index=place / "index", corpus=CORPUS), encoder)
    repository.ingest([CORPUS / "practices"], QUIET)
    return repository
