"""Chroma: a persistent collection with its HNSW index."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

os.environ["ANONYMIZED_TELEMETRY"] = "False"

import chromadb
from chromadb.config import Settings

from peers.protocol import Corpus, Embed


class Chroma:
    def __init__(self, folder: Path, embed: Embed) -> None:
        self.folder, self.embed = str(folder), embed

    def index(self, corpus: Corpus) -> None:
        client = self._client()
        collection = client.create_collection("passages", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
        step = client.get_max_batch_size()
        for start in range(0, len(corpus.texts), step):
            rows = range(start, min(start + step, len(corpus.texts)))
            collection.add(
                ids=[str(row) for row in rows],
                documents=[corpus.texts[row] for row in rows],
                embeddings=corpus.vectors[rows.start : rows.stop],
            )

    def open(self) -> None:
        self.collection = self._client().get_collection("passages", embedding_function=None)

    def search(self, question: str, k: int) -> Sequence[int]:
        found = self.collection.query(query_embeddings=[self.embed(question)], n_results=k, include=["distances"])
        return [int(key) for key in found["ids"][0]]

    def _client(self):  # type: ignore[no-untyped-def]
        return chromadb.PersistentClient(path=self.folder, settings=Settings(anonymized_telemetry=False))
