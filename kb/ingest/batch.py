"""Files in batches: their passages are embedded together and written in one transaction."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.ingest.embedding import embed
from kb.ingest.prepare import Outcome
from kb.ingest.report import Parts
from kb.store import IndexedPassage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST, BUFFER = 128, 512
"""Passages of the first batch, so that the encoder starts soon, and of a full one: sorted by length, 512 passages fill the
encoder's own batches to 96 %, 256 to 95 % and 64 to 90 %, and a run that is killed loses at most two batches of work."""

FILES = 512
"""Files that a batch holds at most, so that a run over known files goes on showing where it is."""


@dataclass
class Batch:
    """Files in order, and the vectors of those of their passages that had none, with their windows, by hash."""

    outcomes: list[Outcome] = field(default_factory=list)
    passages: int = 0
    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    written: bool = False


def batched(outcomes: Iterable[Outcome]) -> Generator[Batch, None, None]:
    """Files collected until there are passages enough; the same files always make the same batches."""
    batch, enough = Batch(), FIRST
    for outcome in outcomes:
        batch.outcomes.append(outcome)
        batch.passages += len(outcome.passages)
        if batch.passages >= enough or len(batch.outcomes) >= FILES:
            yield batch
            batch, enough = Batch(), min(2 * enough, BUFFER)
    if batch.outcomes:
        yield batch


def embedded(batches: Iterable[Batch], parts: Parts) -> Generator[Batch, None, None]:
    """The batches with their vectors. What an earlier one holds is not embedded twice, written or not."""
    waiting: list[Batch] = []
    for batch in batches:
        waiting = [earlier for earlier in waiting if not earlier.written]
        unwritten = {key: len(rows) - 1 for earlier in waiting for key, rows in earlier.vectors.items()}
        batch.vectors = _vectors([passage for outcome in batch.outcomes for passage in outcome.passages], unwritten, parts)
        waiting.append(batch)
        yield batch


def _vectors(passages: Sequence[IndexedPassage], unwritten: Mapping[str, int], parts: Parts) -> dict[str, NDArray[np.float32]]:
    """Vectors of the passages that have none yet, or not those of their windows, by hash.

    `unwritten` tells of the vectors that are on their way how many windows each has.
    """
    known = parts.store.known_vectors([item.vector for item in passages], parts.encoder.fingerprint)
    return embed((item for item in passages if not _has(item, known) and not _has(item, unwritten)), parts.encoder)


def _has(item: IndexedPassage, known: Mapping[str, int]) -> bool:
    return item.vector in known and (not item.windows or known[item.vector] == item.windows)
