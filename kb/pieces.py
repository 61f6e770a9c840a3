"""A Unigram tokenizer over only those pieces of a vocabulary that a text can be made of.

Reading a vocabulary of 250,000 pieces takes most of a second, more than a whole search. The best split of a text depends only
on the pieces that occur in it, so those are looked up in a database, and the library's own tokenizer is built over them. The
result is the same, id by id; a process that encodes many texts reads the whole vocabulary instead.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_PIECES, _FRAME = "pieces.db", "frame.json"


def write_pieces(tokenizer: Path, folder: Path) -> bool:
    """Write a `tokenizer.json` apart: its pieces as a database, the rest as a frame.

    False, and nothing written, where it is no Unigram model whose special tokens, the unknown one among them, come first.
    """
    data = json.loads(tokenizer.read_text(encoding="utf-8"))
    model = data["model"]
    special = sorted(token["id"] for token in data["added_tokens"])
    if model.get("type") != "Unigram" or model.get("byte_fallback"):
        return False
    if special != list(range(len(special))) or model["unk_id"] not in special:
        return False
    vocabulary = model["vocab"]
    # The score of an unknown piece is derived from the lowest one, so the frame keeps that one too.
    lowest = min(range(len(vocabulary)), key=lambda number: vocabulary[number][1])
    kept = [*special, lowest] if lowest >= len(special) else special
    model["vocab"] = [vocabulary[number] for number in kept]
    data["kept"] = kept
    (folder / _FRAME).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with sqlite3.connect(folder / _PIECES) as database:
        database.execute("CREATE TABLE pieces (piece TEXT PRIMARY KEY, id INTEGER, score REAL) WITHOUT ROWID")
        rows = ((piece, number, score) for number, (piece, score) in enumerate(vocabulary) if number not in kept)
        database.executemany("INSERT INTO pieces VALUES (?, ?, ?)", rows)
        database.execute(f"PRAGMA user_version = {max(len(piece) for piece, _ in vocabulary)}")
    database.close()
    return True


class Pieces:
    """What `write_pieces` wrote, open for reading."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        frame = json.loads((folder / _FRAME).read_text(encoding="utf-8"))
        self._kept: list[int] = frame.pop("kept")
        self._unknown: int = frame["model"]["unk_id"]
        self._vocabulary: list[tuple[str, float]] = [(piece, score) for piece, score in frame["model"]["vocab"]]
        self._special = re.compile("|".join(re.escape(token["content"]) for token in frame["added_tokens"]))
        self._frame: Tokenizer = Tokenizer.from_str(json.dumps(frame))
        uri = f"{(folder / _PIECES).resolve().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._longest: int = self._database.execute("PRAGMA user_version").fetchone()[0]

    def ids(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """Token ids of each text with its special tokens, `limit` at most, as the whole tokenizer gives them."""
        from tokenizers import models

        found = self._found(texts)
        vocabulary = self._vocabulary + [(piece, score) for piece, _, score in found]
        numbers = self._kept + [number for _, number, _ in found]
        tokenizer = self._frame
        tokenizer.model = models.Unigram(vocabulary, unk_id=self._unknown, byte_fallback=False)
        tokenizer.enable_truncation(limit)
        return [[numbers[number] for number in tokenizer.encode(text).ids] for text in texts]

    def _found(self, texts: Sequence[str]) -> list[tuple[str, int, float]]:
        """The pieces that occur in the texts, with their ids and scores."""
        normaliser: Any = self._frame.normalizer
        splitter: Any = self._frame.pre_tokenizer
        bare = {part for text in texts for part in (text, *self._special.split(text))}  # a word begins after a special token
        normal = [normaliser.normalize_str(text) if normaliser else text for text in bare]
        parts = {part for text in normal for part, _ in splitter.pre_tokenize_str(text)} if splitter else set(normal)
        substrings = {
            part[start:end]
            for part in parts
            for start in range(len(part))
            for end in range(start + 1, min(start + self._longest, len(part)) + 1)
        }
        return self._database.execute(
            "SELECT piece, pieces.id, score FROM json_each(?) AS given JOIN pieces ON piece = given.value",
            [json.dumps(list(substrings), ensure_ascii=False)],
        ).fetchall()
