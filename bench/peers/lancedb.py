"""LanceDB: a table with a full-text index; its hybrid search fuses ranks. Vectors are searched exactly, as is its default."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import lancedb
import pyarrow as pa
from lancedb.query import MatchQuery

from peers.protocol import Corpus, Embed


class Lance:
    tokenizer = "simple"

    def __init__(self, folder: Path, embed: Embed) -> None:
        self.folder, self.embed = str(folder), embed

    def index(self, corpus: Corpus) -> None:
        flat = pa.array(corpus.vectors.reshape(-1), type=pa.float32())
        columns = {
            "id": pa.array(range(len(corpus.texts))),
            "text": pa.array(corpus.texts),
            "vector": pa.FixedSizeListArray.from_arrays(flat, corpus.vectors.shape[1]),
        }
        table = lancedb.connect(self.folder).create_table("passages", pa.table(columns))
        table.create_fts_index("text", base_tokenizer=self.tokenizer)

    def open(self) -> None:
        self.table = lancedb.connect(self.folder).open_table("passages")

    def search(self, question: str, k: int) -> Sequence[int]:
        words = MatchQuery(question, "text")  # a bare string with a quotation mark in it would be read as a phrase
        asked = self.table.search(query_type="hybrid").vector(self.embed(question)).text(words).distance_type("cosine")
        return asked.select(["id"]).limit(k).to_arrow()["id"].to_pylist()


class LanceIcu(Lance):
    tokenizer = "icu"
