"""Signatures of many practices, ready to be compared with a draft: arrays for the first look, signatures for the second."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.desk.sameness import Overlap
from kb.desk.signatures import FaceSignature, Signature, Signer, Vectors, head_of
from kb.encoder import Encoder
from kb.records import LANGUAGES, Lang, Practice
from kb.search.engine import Searcher
from kb.space import LanguageSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray


_COMMON = 2
"""A mark that more than one in so many practices has brings none of them up."""


@dataclass(frozen=True)
class Reading:
    """What makes a signature of a draft: the encoder, the common space, and the reader of names."""

    encoder: Encoder
    space: LanguageSpace
    signer: Signer

    @classmethod
    def of(cls, searcher: Searcher) -> Reading:
        """With the parts of a searcher."""
        return cls(searcher.encoder, searcher.space, Signer(searcher.reader.names, searcher.reader.segmenter))

    def sign(self, drafts: Sequence[Practice]) -> list[Signature]:
        """Signatures of drafts; their titles and summaries are embedded, all at once. Faces without either are left out."""
        heads = [
            (place, language, head)
            for place, draft in enumerate(drafts)
            for language in LANGUAGES
            if language in draft.faces and (head := head_of(draft.faces[language]).strip())
        ]
        found: list[dict[Lang, Vectors]] = [{} for _ in drafts]
        if heads:
            raw = self.encoder.encode([head for _, _, head in heads], "document")
            moved = self.space.project(raw, [language for _, language, _ in heads], "document")
            for (place, language, _), vector in zip(heads, moved, strict=True):
                found[place][language] = Vectors(vector, vector)
        return [self.signer.sign(draft, vectors) for draft, vectors in zip(drafts, found, strict=True)]


class Signatures:
    """Practices to compare drafts with. Never changes: `beside` makes another one with more."""

    def __init__(self, reading: Reading, signatures: Iterable[Signature], hashes: Mapping[str, str] | None = None) -> None:
        """`hashes` names the content that published practices had, so that they need not be read again."""
        self.reading = reading
        self.all = tuple(signatures)
        self.hashes = hashes or {}

    @classmethod
    def of(cls, searcher: Searcher, before: Signatures | None = None) -> Signatures:
        """All published practices of the index, with the vectors that it has: nothing is embedded.

        Some 15 ms each; with the signatures `before` a change only those are read that changed.
        """
        reading = before.reading if before and before.reading.encoder is searcher.encoder else Reading.of(searcher)
        known = {one.id: one for one in before.all} if before and reading is before.reading else {}
        with searcher.store.snapshot():
            vectors = _vectors(searcher)
            hashes = searcher.store.practice_hashes()
            same = {key for key in known if before and hashes.get(key, "") == before.hashes.get(key)}
            if same:
                changed = [searcher.store.practice(key) for key in sorted(hashes.keys() - same)]
            else:
                changed = [practice for practice, _, _ in searcher.store.practices()]
        fresh = {
            practice.id: reading.signer.sign(practice, vectors[practice.id])
            for practice in changed
            if practice is not None and practice.id in vectors
        }
        kept = [key for key in sorted(hashes) if key in fresh or (key in same and key in vectors)]
        return cls(reading, (fresh.get(key) or known[key] for key in kept), hashes)

    def beside(self, drafts: Sequence[Practice]) -> Signatures:
        """These and other drafts, which take the place of practices with their ids."""
        new = {draft.id for draft in drafts}
        kept = [one for one in self.all if one.id not in new]
        return Signatures(self.reading, [*kept, *self.reading.sign(drafts)], self.hashes)

    def rarity(self, marks: AbstractSet[Any]) -> float:
        """How much names, months or figures tell: 1 for each that a single practice has, less for each that more have."""
        most = math.log1p(max(len(self.all), 1))
        return sum((math.log1p(len(self.all) / max(self._having.get(mark, 1), 1)) / most) ** 2 for mark in marks)

    def overlap(self, draft: Signature) -> Overlap:
        """What compares the wording of a draft's faces with that of faces here.

        It gives the root of the cosine of two sets of pieces, each piece weighed by how rare it is; the root because a reworded
        text shares few.
        """
        own = {face.language: self._weight(face.head) for face in draft.faces.values()}

        def overlapping(mine: FaceSignature, theirs: FaceSignature) -> float:
            shared = np.intersect1d(mine.head, theirs.head, assume_unique=True)
            if not len(shared):
                return 0.0
            return math.sqrt(self._weight(shared) / math.sqrt(own[mine.language] * self._weights[id(theirs)]))

        return overlapping

    def _weight(self, grams: NDArray[np.uint32]) -> float:
        """The squared weight of pieces of text, shape (n,): a rare one weighs more than one that all have."""
        spread, weights = self._grams
        if not len(spread):
            return float(len(grams))
        places = np.minimum(np.searchsorted(spread, grams), len(spread) - 1)
        return float(np.where(spread[places] == grams, weights[places], self._unknown).sum())

    def nearest(self, draft: Signature, count: int) -> list[int]:
        """Places in `all` of the practices that a draft may be one case with: nearest in meaning, or with most in common."""
        if not self.all or not draft.faces:
            return []
        queries = np.stack([face.vectors.head for face in draft.faces.values()])
        vectors, owners = self._stacked
        meaning = np.full(len(self.all), -1.0)
        np.maximum.at(meaning, owners, (vectors @ queries.T).max(axis=1))
        common = np.zeros(len(self.all))
        for mark in marks_of(draft):
            places = self._places.get(mark)
            if places is not None and len(places) * _COMMON <= len(self.all):
                common[places] += math.log1p(len(self.all) / len(places)) ** 2
        best = [np.argsort(-scores, kind="stable")[:count] for scores in (meaning, common)]
        return [int(place) for place in np.unique(np.concatenate(best))]

    @cached_property
    def _weights(self) -> dict[int, float]:
        """The squared weight of the wording of each face, by the identity of its signature."""
        return {id(face): self._weight(face.head) for one in self.all for face in one.faces.values()}

    @cached_property
    def _having(self) -> dict[Any, int]:
        """How many practices have a mark."""
        return {mark: len(places) for mark, places in self._places.items()}

    @cached_property
    def _places(self) -> dict[Any, NDArray[np.int64]]:
        """Which practices have a mark."""
        found: dict[Any, list[int]] = {}
        for place, one in enumerate(self.all):
            for mark in marks_of(one):
                found.setdefault(mark, []).append(place)
        return {mark: np.array(places) for mark, places in found.items()}

    @cached_property
    def _grams(self) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
        """Every piece of text, sorted, and its squared weight."""
        heads = [face.head for one in self.all for face in one.faces.values()]
        pieces, counts = np.unique(np.concatenate(heads) if heads else np.empty(0, dtype=np.uint32), return_counts=True)
        return pieces, np.log1p(len(heads) / counts) ** 2

    @cached_property
    def _unknown(self) -> float:
        """The squared weight of a piece of text that no face here has."""
        return math.log1p(sum(len(one.faces) for one in self.all)) ** 2

    @cached_property
    def _stacked(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Vectors of all faces, shape (2 * faces, dimension), and the places of their practices."""
        rows = [
            (vector, place)
            for place, one in enumerate(self.all)
            for face in one.faces.values()
            for vector in (face.vectors.head, face.vectors.whole)
        ]
        return np.stack([vector for vector, _ in rows]), np.array([place for _, place in rows], dtype=np.int64)


def marks_of(signature: Signature) -> Iterator[Any]:
    """Names, months and figures of a practice: what two texts seldom share by chance."""
    yield from signature.names
    yield from signature.months
    yield from signature.figures


def _vectors(searcher: Searcher) -> Mapping[str, dict[Lang, Vectors]]:
    """Vectors of the faces of every record: of the first passage of the summary, and the mean of all passages."""
    catalogue, vectors = searcher.index.catalogue, searcher.index.vectors
    summaries: dict[tuple[str, int], int] = {}
    for position, (_, _, language, section) in enumerate(searcher.store.passage_rows()):
        if section == "summary":
            summaries.setdefault((language, int(catalogue.owners[position])), position)
    found: dict[str, dict[Lang, Vectors]] = {}
    for language in LANGUAGES:
        if language not in catalogue.spans:
            continue
        first, last = catalogue.spans[language]
        moved = vectors.vectors(language, np.arange(first, last))
        owners = catalogue.owners[first:last]
        sums = np.zeros((len(catalogue.records), moved.shape[1]))
        np.add.at(sums, owners, moved)
        for owner in np.unique(owners[~catalogue.documents[owners]]).tolist():
            mean = (sums[owner] / max(float(np.linalg.norm(sums[owner])), 1e-9)).astype(np.float32)
            place = summaries.get((language, owner))
            head = mean if place is None else moved[place - first]
            found.setdefault(catalogue.records[owner], {})[language] = Vectors(head, mean)
    return found
