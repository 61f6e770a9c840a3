"""SQLite's own full-text search: any word of the question, ranked by bm25()."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from peers.protocol import Corpus, Embed


class Fts5:
    tokenizer = "unicode61"

    def __init__(self, folder: Path, embed: Embed) -> None:  # noqa: ARG002 - it has no use for vectors
        self.file = folder / "fts5.db"

    def index(self, corpus: Corpus) -> None:
        with sqlite3.connect(self.file) as database:
            database.execute(f"CREATE VIRTUAL TABLE passages USING fts5(text, tokenize = '{self.tokenizer}')")
            rows = enumerate(corpus.texts)
            database.executemany("INSERT INTO passages (rowid, text) VALUES (?, ?)", rows)

    def open(self) -> None:
        self.database = sqlite3.connect(self.file)

    def search(self, question: str, k: int) -> Sequence[int]:
        words = " OR ".join(f'"{word}"' for word in self.words(question))
        if not words:
            return []
        sql = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages) LIMIT ?"
        return [row for (row,) in self.database.execute(sql, (words, k))]

    def words(self, question: str) -> list[str]:
        return [word.replace('"', "") for word in re.split(r"[\s\"]+", question) if re.search(r"\w", word)]


class Fts5Trigram(Fts5):
    tokenizer = "trigram"

    def words(self, question: str) -> list[str]:
        stretches = super().words(question)
        return list(dict.fromkeys(text[at : at + 3] for text in stretches for at in range(len(text) - 2)))
