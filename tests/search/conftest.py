"""Searchers over the whole corpus: with the fake encoder, with the real model, and with one face of each practice only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from made_records import share

from kb.ingest.passages import cut, index_passage
from kb.records import LANGUAGES, Lang
from kb.repository import Repository
from kb.search.engine import Searcher


@pytest.fixture(scope="session")
def searcher(fake_corpus_repository: Repository) -> Iterator[Searcher]:
    """The whole corpus with the fake encoder: for everything but meaning."""
    with fake_corpus_repository.store(readonly=True) as store:
        yield share(fake_corpus_repository).searcher(store)


@pytest.fixture(scope="session")
def real_searcher(real_repository: Repository) -> Iterator[Searcher]:
    """The whole corpus, both faces, with the real model."""
    with real_repository.store(readonly=True) as store:
        yield real_repository.searcher(store)


@dataclass(frozen=True)
class OneFace:
    """Searchers over the corpus with only the faces of one language."""

    th: Searcher
    en: Searcher


@pytest.fixture(scope="session")
def one_face(real_repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneFace]:
    """The corpus twice, once without its English faces and once without its Thai ones; no text is embedded again."""
    thai, english = (_with_one_face(real_repository, code, tmp_path_factory.mktemp(code)) for code in LANGUAGES)
    with thai.store() as first, english.store() as second:
        yield OneFace(thai.searcher(first), english.searcher(second))


def _with_one_face(source: Repository, language: Lang, place: Path) -> Repository:
    own = Repository(replace(source.settings, home=place / "var", index=place / "index"), source.encoder)
    own.segmenter, own.space = source.segmenter, source.space
    with source.store(readonly=True) as full, own.store() as store:
        rows = full.database.execute("SELECT hash, vector FROM vectors")
        vectors = {key: np.frombuffer(value, dtype="<f4") for key, value in rows}
        for practice, text, _changed in full.practices():
            half = replace(practice, faces={language: practice.faces[language]})
            passages = [index_passage(passage, own.segmenter) for passage in cut(half)]
            needed = {item.vector: vectors[item.vector] for item in passages}
            store.put(half, passages, needed, source.encoder.fingerprint, text)
    return own
