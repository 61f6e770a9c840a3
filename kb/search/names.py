"""Names in a question: states and regions, priorities, levels of government, and the terms of the termbase.

A name is found as a sequence of indexed words, so that plurals, dots in abbreviations and blanks make no difference. Where
names overlap the longest one counts: `Bank of Thailand` is no wish for Thailand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kb.lexicon import english_words, latin_words
from kb.search.query import is_shouted
from kb.taxonomy import Taxonomy
from kb.termbase import TermEntry
from kb.text.normalise import normalise
from kb.text.segment import Segmenter, Token

LISTS = {"country": "countries", "region": "regions", "priority": "priorities", "level": "levels"}
"""Kinds of names, and the taxonomy's list of each."""


@dataclass(frozen=True)
class Name:
    """What a form stands for: a kind of `LISTS` or `term`, and an id.

    `cautious` forms mean other things as well; a `city` stands for its state.
    """

    kind: str
    id: str
    cautious: bool = False
    city: bool = False


@dataclass(frozen=True)
class Mention:
    """A name at its place in a text; `first` and `last` count tokens, half-open."""

    name: Name
    start: int
    end: int
    first: int
    last: int


class Names:
    """All names, ready to be found.

    `known` are forms that were read before: form -> (normal form, indexed words). `forms_read` are all, and `learnt` tells
    whether there are new ones among them.
    """

    def __init__(
        self,
        taxonomy: Taxonomy,
        termbase: Sequence[TermEntry],
        segmenter: Segmenter,
        known: Mapping[str, tuple[str, Sequence[str]]] = MappingProxyType({}),
    ) -> None:
        self.terms = {entry.id: entry for entry in termbase}
        self._segmenter = segmenter
        self._known = known
        self.forms_read: dict[str, tuple[str, Sequence[str]]] = {}
        self._by_first: dict[str, dict[tuple[str, ...], list[tuple[Name, str]]]] = {}
        self._ids: dict[tuple[str, str], str] = {}
        for kind, listed in LISTS.items():
            for term in taxonomy[listed].values():
                self._ids[kind, term.id.lower()] = term.id
                for form in (term.label.th, term.label.en, *term.names):
                    self._add(Name(kind, term.id), form)
                for form in term.cities:
                    self._add(Name(kind, term.id, city=True), form)
        for facet, listed in (("status", "status"), ("principle", "principles")):
            for term in taxonomy[listed].values():
                for form in (term.id, term.label.th, term.label.en, *term.names):
                    self._ids[facet, normalise(form).lower()] = term.id
        for entry in termbase:
            for form in (*entry.th, *entry.en):
                self._add(Name("term", entry.id, form in entry.ambiguous), form)

    def _add(self, name: Name, form: str) -> None:
        sequence = self.sequence(form)
        if sequence:
            known = self._by_first.setdefault(sequence[0], {}).setdefault(sequence, [])
            known.append((name, form))
            self._ids.setdefault((name.kind, self._read(form)[0].lower()), name.id)

    def sequence(self, form: str) -> tuple[str, ...]:
        """The indexed words of a form."""
        return tuple(self._read(form)[1])

    @property
    def learnt(self) -> bool:
        return not self.forms_read.keys() <= self._known.keys()

    def _read(self, form: str) -> tuple[str, Sequence[str]]:
        """Normal form and indexed words."""
        if form not in self.forms_read:
            self.forms_read[form] = self._known.get(form) or self._segmented(normalise(form))
        return self.forms_read[form]

    def _segmented(self, normal: str) -> tuple[str, Sequence[str]]:
        return normal, [token.term for token in self._segmenter.tokens(normal)]

    def identify(self, kind: str, form: str) -> str | None:
        """The id that a form or an id of this kind stands for, or `None`."""
        return self._ids.get((kind, normalise(form).lower()))

    def find(self, text: str, tokens: Sequence[Token]) -> list[Mention]:
        """Names in `text`, longest first from the left; one that means several things is found once for each."""
        found: list[Mention] = []
        at = 0
        shouting = is_shouted(text)
        while at < len(tokens):
            mentions = self._at(text, tokens, at, shouting)
            found += mentions
            at = mentions[0].last if mentions else at + 1
        return found

    def _at(self, text: str, tokens: Sequence[Token], at: int, shouting: bool) -> list[Mention]:
        """The longest names that begin at a token."""
        choices = self._by_first.get(tokens[at].term, {})
        for sequence in sorted(choices, key=len, reverse=True):
            last = at + len(sequence)
            if tuple(token.term for token in tokens[at:last]) != sequence:
                continue
            start, end = tokens[at].start, tokens[last - 1].end
            said = text[start:end]
            meant = [(name, form) for name, form in choices[sequence] if _is_meant(said, form, shouting)]
            exact = {name.id for name, form in meant if normalise(form) == said}
            names = dict.fromkeys(
                name
                for name, form in meant
                if (name.id not in exact or normalise(form) == said) and not _in_figures(name, text, start, end)
            )
            if names:
                return [Mention(name, start, end, at, last) for name in names]
        return []

    def words(self) -> frozenset[str]:
        """Every single word of a name, in lower case; words in Latin letters as they are written, not their stems."""
        words: set[str] = set()
        for choices in self._by_first.values():
            for sequence, named in choices.items():
                words.update(word for word in sequence if not word.isascii())
                for _, form in named:
                    words |= latin_words(form)
        return frozenset(words)

    def forms(self, entry: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(form, its indexed words) of a termbase entry, each sequence once."""
        seen: set[tuple[str, ...]] = set()
        for form in (*self.terms[entry].th, *self.terms[entry].en):
            sequence = self.sequence(form)
            if sequence and sequence not in seen:
                seen.add(sequence)
                yield form, sequence


def is_acronym(form: str) -> bool:
    """Whether a form is made of initials: OPDC, 4Ps, ก.พ.ร., อสม."""
    bare = form.replace(".", "").replace(" ", "")
    if bare.isascii():
        return 2 <= len(bare) <= 8 and sum(character.isupper() or character.isdigit() for character in bare) * 2 > len(bare)
    return len(bare) <= 6 and all("\u0e01" <= character <= "\u0e2e" for character in bare)


def _is_meant(said: str, form: str, shouting: bool) -> bool:
    """Whether words that look like a form are it: an acronym that is also an English word (WHO, IT) has to be in capitals."""
    if not is_acronym(form) or not form.isascii() or said.isupper():
        return not (shouting and form.isascii() and is_acronym(form) and form.lower() in english_words())
    return said.lower() not in english_words()


def _in_figures(name: Name, text: str, start: int, end: int) -> bool:
    """Whether a cautious form stands in a date: ก.พ. 2566."""
    around = (text[:start].rstrip()[-1:], text[end:].lstrip()[:1])
    return name.cautious and any(character.isdecimal() for character in around)


def kinds(mentions: Iterable[Mention], kind: str) -> list[Mention]:
    """The mentions of one kind."""
    return [mention for mention in mentions if mention.name.kind == kind]
