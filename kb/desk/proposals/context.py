"""A document read once for all fields: its units with vectors, words and names, and what the learnt models say about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kb.desk.proposals.learnt import Corpus, Learnt, Ridge, hashed, learn, mean_vector
from kb.desk.proposals.units import Reading, Unit, units_of
from kb.records import Agency, Document
from kb.search.engine import Searcher
from kb.search.names import Mention, Names
from kb.taxonomy import Taxonomy
from kb.text.normalise import normalise_with_offsets
from kb.text.segment import Segmenter

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Embed(Protocol):
    """Texts with their languages to vectors of shape (texts, dimension) in the common space."""

    def __call__(self, texts: Sequence[str], languages: Sequence[str], /) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class ProposalParts:
    """Everything that proposing needs, ready: made once, used for many documents."""

    embed: Embed
    segmenter: Segmenter
    names: Names
    taxonomy: Taxonomy
    learnt: Learnt
    agencies: Mapping[Agency, int]
    """Agencies of published practices, as known names, with the number of practices that have them."""
    hidden_terms: frozenset[str] = field(default_factory=frozenset)
    """Terms of the termbase that are not used; for measuring."""

    @classmethod
    def of(cls, searcher: Searcher, corpus: Corpus | None = None, without: frozenset[str] = frozenset()) -> ProposalParts:
        """From a searcher over the published practices, but those `without`; takes some seconds."""
        corpus = corpus or Corpus.read(searcher)

        def embed(texts: Sequence[str], languages: Sequence[str], /) -> NDArray[np.float32]:
            return searcher.space.project(searcher.encoder.encode(list(texts), "document"), languages, "document")

        kept = [practice for key, practice in corpus.practices.items() if key not in without]
        known = Counter(replace(agency, role=None) for practice in kept for agency in practice.agencies)
        reader = searcher.reader
        return cls(embed, reader.segmenter, reader.names, reader.taxonomy, learn(corpus, without), known)


@dataclass(frozen=True)
class Found:
    """A name in a unit; `start` and `end` are offsets in the unit's text."""

    mention: Mention
    unit: int
    start: int
    end: int


@dataclass(frozen=True)
class Context:
    """One document with the parts."""

    document: Document
    parts: ProposalParts
    reading: Reading

    @classmethod
    def of(cls, document: Document, parts: ProposalParts) -> Context:
        return cls(document, parts, units_of(document))

    @property
    def units(self) -> tuple[Unit, ...]:
        return self.reading.units

    def text(self, part: int) -> str:
        """The text of the part with this number."""
        return next(one.text for one in self.document.parts if one.number == part)

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """Shape (units, dimension)."""
        return self.parts.embed([unit.text for unit in self.units], [unit.language for unit in self.units])

    @cached_property
    def _read(self) -> tuple[list[Counter[int]], list[Found]]:
        words: list[Counter[int]] = []
        names: list[Found] = []
        for number, text in enumerate((*(unit.text for unit in self.units), self.document.title)):
            normal = normalise_with_offsets(text)
            tokens = self.parts.segmenter.tokens(normal.text)
            at = number if number < len(self.units) else -1
            if at >= 0:
                words.append(hashed(token.term for token in tokens))
            names += [
                Found(mention, at, *normal.original_span(mention.start, mention.end))
                for mention in self.parts.names.find(normal.text, tokens)
                if mention.name.kind != "term" or mention.name.id not in self.parts.hidden_terms
            ]
        return words, names

    @property
    def words(self) -> list[Counter[int]]:
        """How often each hashed word stands in each unit."""
        return self._read[0]

    @property
    def names(self) -> list[Found]:
        """Names in order; those of the title last."""
        return self._read[1]

    @cached_property
    def telling(self) -> list[int]:
        """Units that say something of the case: all but those below headings such as References."""
        told = [number for number, unit in enumerate(self.units) if unit.announced != "-"]
        return told or list(range(len(self.units)))

    @cached_property
    def _vector(self) -> NDArray[np.float32]:
        """One vector for the whole, shape (1, dimension)."""
        return mean_vector(self.vectors[self.telling], [len(self.units[number].text) for number in self.telling])

    @cached_property
    def votes(self) -> NDArray[np.float32]:
        """The share of the nearest published faces with each target of the model of cases, shape (targets,)."""
        return self.parts.learnt.votes(self._vector)

    @cached_property
    def case_scores(self) -> NDArray[np.float32]:
        """What the whole document scores for each target of the model of cases, shape (targets,)."""
        words: Counter[int] = Counter()
        for number in self.telling:
            words.update(self.words[number])
        found: NDArray[np.float32] = self.parts.learnt.cases.scores(self._vector, [words])[0]
        return found

    @cached_property
    def unit_scores(self) -> NDArray[np.float32]:
        """The same of each unit alone, shape (units, targets): what a label rests on."""
        return self._scores(self.parts.learnt.cases)

    @cached_property
    def section_scores(self) -> NDArray[np.float32]:
        """How much each unit reads like each section, shape (units, sections)."""
        return self._scores(self.parts.learnt.sections)

    def _scores(self, ridge: Ridge) -> NDArray[np.float32]:
        return ridge.scores(self.vectors, self.words)

    def vote(self, name: str, value: str) -> float:
        """The share of the nearest published faces with a label; 0 for one that none has."""
        column = self.parts.learnt.cases.columns(name).get(value)
        return float(self.votes[column]) if column is not None else 0.0

    def labels(self, name: str) -> Mapping[str, tuple[float, int, float]]:
        """Value of a learnt field -> its score, the unit that speaks most for it, and its share among published practices."""
        cases = self.parts.learnt.cases
        return {
            value: (
                float(self.case_scores[column]),
                max(self.telling, key=lambda number, at=column: float(self.unit_scores[number, at])),  # type: ignore[misc]
                float(cases.means[column]),
            )
            for value, column in cases.columns(name).items()
        }
