"""What a practice is recognised by: the meaning and the wording of its title and summary, and the facts that it tells.

A signature is made of a draft at each keystroke and of every record once, so it keeps numbers and sets and no text but the few
that are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.corpus import plain
from kb.desk.marks import acronyms_in, figures_in, grams, initials_in, letters, names_in, squeezed, years_in
from kb.ingest.passages import tidy
from kb.records import LANGUAGES, Bilingual, Face, Lang, Practice
from kb.search.names import Names
from kb.text.normalise import normalise
from kb.text.segment import Segmenter
from kb.text.years import months

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEAD = 700
"""Characters of a summary that are compared: those of the first passage of a record."""

MAX_TEXT = 20_000
"""Characters of a face that are looked through for names and figures."""


_REMEMBERED = 4096


@dataclass(frozen=True)
class Vectors:
    """Unit vectors of a face in the common space, of shape (dimension,).

    `head` is that of its title and summary, `whole` the mean of all its passages.
    """

    head: NDArray[np.float32]
    whole: NDArray[np.float32]


@dataclass(frozen=True)
class FaceSignature:
    """A face: `head` are the pieces of title and summary, `title` those of the title alone; see `kb.desk.marks.grams`."""

    language: Lang
    vectors: Vectors
    head: NDArray[np.uint32]
    title: NDArray[np.uint32]
    text: str
    """Title and summary, squeezed."""


@dataclass(frozen=True)
class Signature:
    """A practice to compare. `names`, `figures`, `years` and `months` are of all its texts and facts.

    `countries` is its country or, where a draft does not tell it, those that its title and summary name. `agency_names` are the
    initials of its agencies and their entries in the termbase, `programmes` the programmes of the termbase that its title and
    summary name.
    """

    id: str
    practice: Practice
    """Without the sections but the summary."""
    faces: Mapping[Lang, FaceSignature]
    countries: frozenset[str]
    names: frozenset[str]
    agency_names: frozenset[str]
    programmes: frozenset[str]
    agencies: Mapping[Lang, tuple[str, ...]]
    places: Mapping[Lang, str]
    """Agencies and places, squeezed."""
    figures: frozenset[Decimal]
    years: frozenset[int]
    months: frozenset[tuple[int, int]]


def head_of(face: Face) -> str:
    """Title and beginning of the summary, as the encoder reads the first passage of a summary; empty where both are."""
    summary = tidy(plain(face.sections.get("summary", "")))[:HEAD]
    return f"{face.title}\n{summary}" if face.title and summary else face.title or summary


class Signer:
    """Makes signatures. Safe to use from several threads."""

    def __init__(self, names: Names, segmenter: Segmenter) -> None:
        self._names = names
        self._segmenter = segmenter
        self._mentions = lru_cache(maxsize=_REMEMBERED)(self._looked_up)  # agencies and places come again and again

    def sign(self, practice: Practice, vectors: Mapping[Lang, Vectors]) -> Signature:
        """The signature of a practice; faces without vectors have no text and are left out."""
        faces = {language: practice.faces[language] for language in LANGUAGES if language in vectors}
        texts = {language: _text_of(face) for language, face in faces.items()}
        heads = {language: normalise(head_of(face)) for language, face in faces.items()}
        agencies = [agency.name for agency in practice.agencies]
        agency_names = self._agency_names(agencies)
        named = [*agencies, practice.place, *practice.partners, *(award.name for award in practice.awards)]
        names = agency_names | self._marks(named)
        programmes: set[str] = set()
        mentioned: set[str] = set()
        for head in heads.values():
            terms, countries = self._mentions(head)
            names |= terms
            programmes |= self._of_domain(terms, "programme")
            mentioned |= countries
        for language, text in texts.items():
            names |= names_in(text, language)
        everything = "\n".join(texts.values())
        told = {year for year in (practice.start, practice.end) if year}
        return Signature(
            id=practice.id,
            practice=_slim(practice),
            faces={language: _face(face, heads[language], vectors[language]) for language, face in faces.items()},
            countries=frozenset((practice.country,)) if practice.country else frozenset(mentioned),
            names=frozenset(names),
            agency_names=frozenset(agency_names),
            programmes=frozenset(programmes),
            agencies=_by_language(agencies),
            places={language: squeezed(text) for language, text in _sides(practice.place)},
            figures=frozenset(figures_in(everything)),
            years=frozenset(years_in(everything) | told),
            months=frozenset(months(everything)),
        )

    def _marks(self, texts: Sequence[Bilingual]) -> set[str]:
        """Names, initials and terms of short texts."""
        found: set[str] = set()
        for text in texts:
            for language, side in _sides(text):
                found |= names_in(side, language) | initials_in(side) | self._mentions(normalise(side))[0]
        return found

    def _agency_names(self, agencies: Sequence[Bilingual]) -> set[str]:
        """Initials of agencies, written or to be made of their names, and their terms."""
        found: set[str] = set()
        for agency in agencies:
            for _, side in _sides(agency):
                found |= acronyms_in(side) | initials_in(side)
                found |= self._of_domain(self._mentions(normalise(side))[0], "agency")
        return found

    def _of_domain(self, terms: AbstractSet[str], domain: str) -> set[str]:
        return {term for term in terms if self._names.terms[term.removeprefix("term:")].domain == domain}

    def _looked_up(self, text: str) -> tuple[set[str], set[str]]:
        """Terms of the termbase, as names that both languages share, and countries, in a normal text."""
        mentions = self._names.find(text, self._segmenter.tokens(text))
        terms = {f"term:{mention.name.id}" for mention in mentions if mention.name.kind == "term"}
        return terms, {mention.name.id for mention in mentions if mention.name.kind == "country"}


def _face(face: Face, head: str, vectors: Vectors) -> FaceSignature:
    text = letters(head)
    return FaceSignature(face.language, vectors, grams(text), grams(squeezed(face.title)), text)


def _text_of(face: Face) -> str:
    return "\n".join((face.title, *map(plain, face.sections.values())))[:MAX_TEXT]


def _slim(practice: Practice) -> Practice:
    faces = {
        language: replace(face, sections={name: text for name, text in face.sections.items() if name == "summary"})
        for language, face in practice.faces.items()
    }
    return replace(practice, faces=faces, sources=(), claims=(), related=(), lineage=())


def _sides(text: Bilingual) -> list[tuple[Lang, str]]:
    return [(language, side) for language, side in (("th", text.th), ("en", text.en)) if side]  # type: ignore[misc]


def _by_language(texts: Sequence[Bilingual]) -> dict[Lang, tuple[str, ...]]:
    found: dict[Lang, list[str]] = {}
    for text in texts:
        for language, side in _sides(text):
            found.setdefault(language, []).append(squeezed(side))
    return {language: tuple(sides) for language, sides in found.items()}
