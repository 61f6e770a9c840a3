"""Haystack: the in-memory store, both retrievers, joined by reciprocal rank fusion; kept in a JSON file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from peers.protocol import Corpus, Embed


class Haystack:
    def __init__(self, folder: Path, embed: Embed) -> None:
        self.file, self.embed = str(folder / "store.json"), embed

    def index(self, corpus: Corpus) -> None:
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        rows = enumerate(zip(corpus.texts, corpus.vectors, strict=True))
        store.write_documents([Document(id=str(row), content=text, embedding=vector.tolist()) for row, (text, vector) in rows])
        store.save_to_disk(self.file)

    def open(self) -> None:
        store = InMemoryDocumentStore.load_from_disk(self.file)
        self.pipeline = Pipeline()
        self.pipeline.add_component("words", InMemoryBM25Retriever(store))
        self.pipeline.add_component("meaning", InMemoryEmbeddingRetriever(store))
        self.pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self.pipeline.connect("words", "joiner")
        self.pipeline.connect("meaning", "joiner")

    def search(self, question: str, k: int) -> Sequence[int]:
        asked = {
            "words": {"query": question, "top_k": k},
            "meaning": {"query_embedding": self.embed(question).tolist(), "top_k": k},
            "joiner": {"top_k": k},
        }
        return [int(document.id) for document in self.pipeline.run(asked)["joiner"]["documents"]]
