"""This repository: the production ingestion and search. It cuts, embeds and groups records itself, with its own runtime."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kb.evaluate import index_records
from kb.ingest.passages import cut, embedded_text, window_texts
from kb.ingest.progress import Progress
from kb.records import Document, Practice
from kb.repository import Repository
from kb.search.engine import Request
from kb.search.query import query_language
from kb.settings import load_settings
from peers.protocol import Corpus, Embed


def with_windows(records: Iterable[Practice | Document], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The vectors given for passages, and for their windows those of their passages: nothing was made for them."""
    found = {}
    for record in records:
        for passage in cut(record):
            found |= dict.fromkeys(window_texts(passage), given[embedded_text(passage)])
    return found | given


class Ours:
    def __init__(self, folder: Path, embed: Embed) -> None:
        self.folder, self.embed = folder, embed
        self.encoding = 0.0
        self.asked = ""
        self._production = Repository(load_settings())
        self._given: dict[str, np.ndarray] | None = None
        self._made = (folder / "made").exists()
        self._memory: dict[tuple[str, ...], np.ndarray] = {}

    def index(self, corpus: Corpus) -> None:
        from peers.datasets import open_dataset

        records = open_dataset(corpus.name).records
        if corpus.name.startswith("made:"):
            (self.folder / "made").touch()
            self._made = True
            self._given = with_windows(records, dict(zip(corpus.texts, corpus.vectors, strict=True)))
        started = time.perf_counter()
        own = self._repository()
        with own.store() as store:
            index_records(records, own, store, Progress(quiet=True))
            own.searcher(store)
        self.seconds = time.perf_counter() - started

    def open(self) -> None:
        own = self._repository()
        self.searcher = own.searcher(own.store(readonly=True))

    def search(self, question: str, k: int) -> Sequence[str]:  # noqa: ARG002 - records, not passages: ten are ten
        self.asked = question
        return [hit.id for hit in self.searcher.search(Request(question, limit=10)).hits]

    def know(self, questions: Sequence[str]) -> None:
        """Embed the questions now, so that only the search is measured later."""
        for question in questions:
            self.search(question, 10)

    def _repository(self) -> Repository:
        own = replace(self._production.settings, home=self.folder / "var", index=self.folder / "index")
        repository = Repository(own, self)
        repository.space = self._production.space
        return repository

    # The encoder that the search is given: the production one, timed and with a memory, or given vectors.

    @property
    def fingerprint(self) -> str:
        return "given" if self._made else self._production.encoder.fingerprint

    @property
    def dimension(self) -> int:
        return self._production.encoder.dimension

    def warm(self) -> None:
        if not self._made:
            self._production.encoder.warm()

    def encode(self, texts, role):  # type: ignore[no-untyped-def]
        if self._given is not None:
            return np.stack([self._given[text] for text in texts])
        if self._made:
            return self._as_asked(self.embed(self.asked))
        key = () if role == "document" else (*texts, str(role))
        if key not in self._memory:
            started = time.perf_counter()
            found = self._production.encoder.encode(texts, role)
            self.encoding += time.perf_counter() - started
            if not key:
                return found
            self._memory[key] = found
        return self._memory[key]

    def _as_asked(self, vector: np.ndarray) -> np.ndarray:
        """A made question's vector as the model would give it for each prompt: made ones lie among the passages."""
        language, means = query_language(self.asked), self._production.space.means
        asked = [vector - means["document", language] + means[role, language] for role in ("query", "statement")]
        return np.stack([one / np.linalg.norm(one) for one in asked]).astype(np.float32)
