"""Repositories in which each practice has one face only: what a question finds there, it finds across languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from kb.ingest.passages import cut_practice, index_passage
from kb.records import LANGUAGES, Lang
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.settings import Settings


@dataclass(frozen=True)
class OneFace:
    """Searchers over the corpus with only the faces of one language."""

    th: Searcher
    en: Searcher


@pytest.fixture(scope="session")
def one_face(real_repository: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneFace]:
    """The corpus twice, once without its English faces and once without its Thai ones; the vectors are not made again."""
    repositories = {
        language: _with_one_face(real_repository, language, tmp_path_factory.mktemp(f"only-{language}"))
        for language in LANGUAGES
    }
    with repositories["th"].store() as thai, repositories["en"].store() as english:
        yield OneFace(repositories["th"].searcher(thai), repositories["en"].searcher(english))


def _with_one_face(source: Repository, language: Lang, place: Path) -> Repository:
    settings: Settings = replace(source.settings, home=place / "var", index=place / "index")
    own = Repository(settings, source.encoder)
    with source.store(readonly=True) as full, own.store() as store:
        vectors = {
            key: np.frombuffer(value, dtype="<f4") for key, value in full.database.execute("SELECT hash, vector FROM vectors")
        }
        for practice, text, _changed in full.practices():
            half = replace(practice, faces={language: practice.faces[language]})
            passages = [index_passage(passage, own.segmenter) for passage in cut_practice(half)]
            needed = {item.vector: vectors[item.vector] for item in passages}
            store.put(half, passages, needed, source.encoder.fingerprint, text)
    return own
