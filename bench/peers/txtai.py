"""txtai: content in SQLite, vectors in FAISS, BM25 beside them, scores added half and half (`hybrid`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from txtai import Embeddings

from peers.protocol import Corpus, Embed


class Txtai:
    def __init__(self, folder: Path, embed: Embed) -> None:
        self.folder, self.embed = folder, embed

    def index(self, corpus: Corpus) -> None:
        rows = {text: row for row, text in enumerate(corpus.texts)}
        known = Embeddings(self._settings(lambda texts: corpus.vectors[[rows[text] for text in texts]]))
        known.index((row, text, None) for row, text in enumerate(corpus.texts))
        known.config.pop("transform")  # a function cannot be saved
        known.save(str(self.folder / "index"))

    def open(self) -> None:
        self.embeddings = Embeddings()
        self.embeddings.load(
            str(self.folder / "index"),
            config=self._settings(lambda texts: np.stack([self.embed(text) for text in texts])),
        )

    def search(self, question: str, k: int) -> Sequence[int]:
        return [int(found["id"]) for found in self.embeddings.search(question, k)]

    @staticmethod
    def _settings(transform):  # type: ignore[no-untyped-def]
        return {"method": "external", "transform": transform, "content": True, "hybrid": True}
