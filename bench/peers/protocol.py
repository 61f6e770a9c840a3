"""What every adapter is, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Embed = Callable[[str], NDArray[np.float32]]
"""A question to its unit vector, shape (dimension,)."""


@dataclass(frozen=True)
class Corpus:
    """What is indexed: passages with their vectors, and the name of the set for a tool that cuts records itself."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]
    name: str


class Peer(Protocol):
    """A tool with a folder of its own. A new process calls `index`, later ones `open` and then `search`."""

    def __init__(self, folder: Path, embed: Embed) -> None: ...

    def index(self, corpus: Corpus) -> None:
        """Write an index of the passages into the folder."""
        ...

    def open(self) -> None:
        """Get ready to search what `index` wrote, in another process."""
        ...

    def search(self, question: str, k: int) -> Sequence[int] | Sequence[str]:
        """The best k passages by their number in the corpus, best first; a tool that groups them itself gives record ids."""
        ...


@dataclass(frozen=True)
class Entry:
    """Where an adapter is, the distribution whose version is told, and how the tool was set up."""

    module: str
    kind: str
    distribution: str
    settings: str
    vectors: bool = True


OURS = "this repository"

PEERS = {
    OURS: Entry("ours", "Ours", "", "production search: receipts, facets and highlights included, words by newmm and stems"),
    "txtai": Entry("txtai", "Txtai", "txtai", "content in SQLite, FAISS, hybrid (BM25, weights 0.5); words by Unicode rules"),
    "haystack": Entry(
        "haystack", "Haystack", "haystack-ai", "in memory, BM25L and embedding retriever, reciprocal rank fusion"
    ),
    "chroma": Entry(
        "chroma", "Chroma", "chromadb", "persistent, HNSW with cosine; no keyword ranking in the open-source edition"
    ),
    "lancedb": Entry("lancedb", "Lance", "lancedb", "full-text index `simple`, exact vectors, hybrid, reciprocal rank fusion"),
    "lancedb-icu": Entry("lancedb", "LanceIcu", "lancedb", "the same with the `icu` tokenizer, which cuts Thai into words"),
    "qdrant": Entry("qdrant", "Qdrant", "qdrant-client", "local mode, dense and fastembed BM25 without stemmer, RRF"),
    "bm25s": Entry("bm25", "Bm25s", "bm25s", "default tokens, English stop words", vectors=False),
    "bm25s-newmm": Entry("bm25", "Bm25sNewmm", "bm25s", "tokens of PyThaiNLP's newmm", vectors=False),
    "fts5": Entry("fts5", "Fts5", "", "SQLite, unicode61, any word, bm25()", vectors=False),
    "fts5-trigram": Entry("fts5", "Fts5Trigram", "", "SQLite, trigram, any three letters, bm25()", vectors=False),
    "faiss": Entry("faiss", "Faiss", "faiss-cpu", "sentence-transformers and an exact index by hand: the baseline"),
}
