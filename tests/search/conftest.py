"""Searchers: over a few practices with the fake encoder, over the whole corpus with the real model, and over one face only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from made_records import share
from questions import THAI
from small_words import COUNTS, TODAY

from kb.encoder import FakeEncoder
from kb.ingest.passages import cut, index_passage
from kb.ingest.progress import Progress
from kb.lexicon import Lexicon
from kb.records import LANGUAGES, Lang
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.search.names import Names
from kb.search.understand import Reader
from kb.settings import Settings
from kb.taxonomy import Taxonomy
from kb.termbase import load_termbase
from kb.text.segment import Segmenter

FEW = tuple(sorted(expected for _, expected in THAI))
"""Practices of the corpus whose passages are all candidates of any question, so that totals and counts are exact."""


@pytest.fixture(scope="session")
def few(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A few practices of all kinds with the fake encoder, for everything but meaning; tests must not change it."""
    place = tmp_path_factory.mktemp("few")
    repository = share(Repository(Settings(home=place / "var", index=place / "index", corpus=corpus), FakeEncoder()))
    files = [corpus / "practices" / key.partition("-")[0] / f"{key}.md" for key in FEW]
    assert repository.ingest(files, Progress(quiet=True)).failed == {}
    return repository


@pytest.fixture(scope="session")
def searcher(few: Repository) -> Iterator[Searcher]:
    """A searcher over the few practices."""
    with few.store(readonly=True) as store:
        yield few.searcher(store)


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
    own.vocabulary.segmenter, own.space = source.segmenter, source.space
    with source.store(readonly=True) as full, own.store() as store:
        rows = full.database.execute("SELECT hash, vector FROM vectors")
        vectors = {key: np.frombuffer(value, dtype="<f4") for key, value in rows}
        for practice, text, _changed in full.practices():
            half = replace(practice, faces={language: practice.faces[language]})
            passages = [index_passage(passage, own.segmenter) for passage in cut(half)]
            needed = {item.vector: vectors[item.vector] for item in passages}
            store.put(half, passages, needed, source.encoder.fingerprint, text)
    return own


@pytest.fixture(scope="session")
def names(taxonomy: Taxonomy, corpus: Path, segmenter: Segmenter) -> Names:
    return Names(taxonomy, load_termbase(corpus), segmenter)


@pytest.fixture(scope="session")
def lexicon(names: Names) -> Lexicon:
    """The words of a small repository and of all names."""
    return Lexicon(COUNTS, names.words())


@pytest.fixture(scope="session")
def reader(segmenter: Segmenter, taxonomy: Taxonomy, names: Names, lexicon: Lexicon) -> Reader:
    """What reads a question; to it, every day is the same one."""
    return Reader(segmenter, taxonomy, names, lexicon, today=lambda: TODAY)
