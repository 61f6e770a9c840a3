"""Qdrant in local mode (no server): dense vectors and BM25 as sparse ones, fused by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastembed import SparseTextEmbedding
from qdrant_client import QdrantClient, models

from peers.protocol import Corpus, Embed


class Qdrant:
    def __init__(self, folder: Path, embed: Embed) -> None:
        self.folder, self.embed = folder, embed
        # A language without a stemmer goes without; then the model is code alone, and any folder stands for its files.
        self.words = SparseTextEmbedding("Qdrant/bm25", disable_stemmer=True, specific_model_path=str(folder))

    def index(self, corpus: Corpus) -> None:
        client = QdrantClient(path=str(self.folder / "qdrant"))
        client.create_collection(
            "passages",
            vectors_config={"meaning": models.VectorParams(size=corpus.vectors.shape[1], distance=models.Distance.COSINE)},
            sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
        words = self.words.embed(corpus.texts)
        client.upload_points(
            "passages",
            (
                models.PointStruct(id=row, vector={"meaning": vector.tolist(), "words": self._sparse(sparse)})
                for row, (vector, sparse) in enumerate(zip(corpus.vectors, words, strict=True))
            ),
        )
        client.close()

    def open(self) -> None:
        self.client = QdrantClient(path=str(self.folder / "qdrant"))

    def search(self, question: str, k: int) -> Sequence[int]:
        sparse = self._sparse(next(iter(self.words.query_embed(question))))
        found = self.client.query_points(
            "passages",
            prefetch=[
                models.Prefetch(query=self.embed(question).tolist(), using="meaning", limit=k),
                models.Prefetch(query=sparse, using="words", limit=k),
            ],
            query=models.FusionQuery(fusion=models.Fusion.RRF),
            limit=k,
        )
        return [int(point.id) for point in found.points]

    @staticmethod
    def _sparse(vector):  # type: ignore[no-untyped-def]
        return models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
