"""By hand: vectors in an exact FAISS index, nothing else. What most teams write first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss

from peers.protocol import Corpus, Embed


class Faiss:
    def __init__(self, folder: Path, embed: Embed) -> None:
        self.file, self.embed = str(folder / "vectors.faiss"), embed

    def index(self, corpus: Corpus) -> None:
        index = faiss.IndexFlatIP(corpus.vectors.shape[1])
        index.add(corpus.vectors)
        faiss.write_index(index, self.file)

    def open(self) -> None:
        self.known = faiss.read_index(self.file)

    def search(self, question: str, k: int) -> Sequence[int]:
        return self.known.search(self.embed(question).reshape(1, -1), k)[1][0].tolist()
