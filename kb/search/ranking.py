"""From passages to records: each record's probability, and its passages, best first; all as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kb.catalogue import Catalogue
from kb.search.calibration import Calibration
from kb.search.candidates import Pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUPPORT = 3
"""Passages of a record, for each language, that count beside the best one."""

SUPPORT_MEANING, SUPPORT_WORDS = 0.5, 4.0
"""How far a record moves towards the mean of its good passages, and what full keyword coverage of a further one adds, in
log-odds; chosen on development topics."""


@dataclass(frozen=True)
class Ranking:
    """Records, best first: their ordinals and scores, and in `first` and `last` where their candidates stand in `places`, which
    are places in the pool, each record's best first."""

    pool: Pool
    records: NDArray[np.int64]
    scores: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.records)

    def passages(self, number: int) -> list[int]:
        """Places in the pool of the passages of the record at a rank (from 0), best first."""
        return self.places[self.first[number] : self.last[number]].tolist()  # type: ignore[no-any-return]

    def raised(self, gains: NDArray[np.float64]) -> Ranking:
        """The ranking with each record moved by so much in log-odds."""
        scores = np.where(gains != 0, moved(self.scores, gains), self.scores)
        return replace(self, scores=scores).taken(np.lexsort((self.records, -scores)))

    def taken(self, order: NDArray[np.int64]) -> Ranking:
        """The ranking in another order of its records."""
        return replace(
            self,
            records=self.records[order],
            scores=self.scores[order],
            first=self.first[order],
            last=self.last[order],
        )


def rank_records(pool: Pool, catalogue: Catalogue, asked: str, calibration: Calibration) -> Ranking:
    """Records by the probability that they answer a question in the language `asked`, with their passages, best first.

    The best passage decides. A record with two faces says everything twice, so its other good passages move it as well.
    """
    by_score = np.argsort(-pool.final, kind="stable")
    places = by_score[np.argsort(pool.owners[by_score], kind="stable")]
    first = _starts(pool.owners[places])
    records = pool.owners[places][first].astype(np.int64)
    best = places[first]
    scores = pool.final[best]
    two_faced = catalogue.two_faced[records]
    if two_faced.any():
        scores = np.where(two_faced, moved(scores, _support(pool, best, asked, calibration)), scores)
    last = np.append(first[1:], len(places))
    order = np.lexsort((records, -scores))
    return Ranking(pool, records[order], scores[order], first[order], last[order], places)


def moved(probabilities: NDArray[np.float64], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities moved in log-odds."""
    bounded = np.clip(probabilities, 1e-9, 1 - 1e-9)
    odds = np.log(bounded / (1 - bounded)) + gains
    return np.asarray(1 / (1 + np.exp(-odds)))


def _support(pool: Pool, best: NDArray[np.int64], asked: str, calibration: Calibration) -> NDArray[np.float64]:
    """How far its other passages move each record, in log-odds; `best` are the places of their best passages, by record.

    From the best passage's term of the cosine part of the way to the mean of the record's best terms (each language counts
    alike), and up for the keyword coverage of further passages.
    """
    same = np.array([name == asked for name in pool.names], dtype=bool)[pool.languages]
    constant = np.where(same, calibration.same[0], calibration.cross[0])
    meanings = constant + np.where(same, calibration.same[1], calibration.cross[1]) * pool.cosines
    by_face = np.lexsort((-meanings, pool.languages, pool.owners))
    faces = pool.owners[by_face].astype(np.int64) * len(pool.names) + pool.languages[by_face]
    first = _starts(faces)
    top = _within(faces) < SUPPORT
    means = np.add.reduceat(meanings[by_face] * top, first) / np.add.reduceat(top.astype(float), first)
    first = _starts(faces[first] // len(pool.names))
    means = np.add.reduceat(means, first) / np.diff(np.append(first, len(means)))
    by_words = np.lexsort((-pool.coverages, pool.owners))
    owners = pool.owners[by_words]
    rank = _within(owners)
    further = np.add.reduceat(pool.coverages[by_words] * ((rank > 0) & (rank < SUPPORT)), _starts(owners))
    return np.asarray(SUPPORT_MEANING * (means - meanings[best]) + SUPPORT_WORDS * further)


def _starts(keys: NDArray[np.generic]) -> NDArray[np.int64]:
    """Where each run of equal keys begins."""
    return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.empty(0, dtype=np.int64)


def _within(keys: NDArray[np.generic]) -> NDArray[np.int64]:
    """The place of each key within its run of equal keys, from 0."""
    first = _starts(keys)
    return np.arange(len(keys)) - np.repeat(first, np.diff(np.append(first, len(keys))))
