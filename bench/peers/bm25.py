"""bm25s: words alone, with its own tokens and with PyThaiNLP's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s

from peers.protocol import Corpus, Embed


class Bm25s:
    def __init__(self, folder: Path, embed: Embed) -> None:  # noqa: ARG002 - it has no use for vectors
        self.folder = str(folder / "bm25s")

    def index(self, corpus: Corpus) -> None:
        retriever = bm25s.BM25()
        retriever.index(self.tokens(list(corpus.texts)), show_progress=False)
        retriever.save(self.folder)

    def open(self) -> None:
        self.retriever = bm25s.BM25.load(self.folder)

    def search(self, question: str, k: int) -> Sequence[int]:
        found = self.retriever.retrieve(self.tokens([question]), k=k, show_progress=False)
        return [int(row) for row, score in zip(found.documents[0], found.scores[0], strict=True) if score > 0]

    def tokens(self, texts: list[str]):  # type: ignore[no-untyped-def]
        return bm25s.tokenize(texts, stopwords="en", return_ids=False, show_progress=False)


class Bm25sNewmm(Bm25s):
    def tokens(self, texts: list[str]):  # type: ignore[no-untyped-def]
        from pythainlp.tokenize import word_tokenize

        return [word_tokenize(text.lower(), engine="newmm", keep_whitespace=False) for text in texts]
