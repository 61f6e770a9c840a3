"""Receipts: which words of a passage a question matched, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.search.query import Query
from kb.store import WordedPassage
from kb.text.segment import Segmenter, Token

EXACT, INFLECTED, PART, YEAR, EXPANDED, CORRECTED = "exact", "inflected", "part", "year", "expanded", "corrected"
FORMS = (EXACT, INFLECTED, PART, YEAR, EXPANDED, CORRECTED)
"""How a word matched: as it was typed; as another form of it; inside a longer word, or without a part of it; as the year in the
other era; as another form of a term of the termbase; as the correction of what was typed."""

SHORTEST_WHOLE = 6
"""Letters of the shortest Thai word in which another is looked for."""


@dataclass(frozen=True)
class Match:
    """A matched word: the half-open span in the passage, the words there, the indexed word or term that it matched, and how."""

    start: int
    end: int
    text: str
    term: str
    form: str


class Matcher:
    """Finds the words of one question in passages."""

    def __init__(self, query: Query, segmenter: Segmenter) -> None:
        self._query = query
        self._segmenter = segmenter
        self._keywords = frozenset(query.keywords)
        self._years = frozenset(query.years)
        self._own_parts = frozenset(query.parts) - self._years
        self._parts = self._own_parts | frozenset(t for t in query.keywords if len(t) > 2 and not t.isascii())
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for expansion in query.expansions:
            for form in (*expansion.forms, expansion.own):
                self._by_first.setdefault(form[0], []).append((form, expansion.said))
        self._telling = self._keywords | self._years | self._own_parts | self._by_first.keys()
        """Words at which a match may begin; others can only hold one of the question's."""
        self._sought = tuple(self._telling | self._parts)
        self._inside: dict[str, str | None] = {}
        for forms in self._by_first.values():
            forms.sort(key=lambda item: -len(item[0]))

    def surface(self, term: str) -> str:
        """A word of the question as it was typed, by its indexed form."""
        text = self._query.text
        return next((text[token.start : token.end] for token in self._tokens if token.term == term), term)

    @cached_property
    def _tokens(self) -> Sequence[Token]:
        """The words of the question."""
        return self._segmenter.tokens(self._query.text)

    @cached_property
    def _surface(self) -> frozenset[str]:
        """Words of the question as they were typed, in lower case."""
        text = self._query.text
        return frozenset(text[token.start : token.end].lower() for token in self._tokens)

    def in_passage(self, passage: WordedPassage) -> list[Match]:
        """Matches in a passage as it is stored. One without a word of the question is not taken apart."""
        return self.matches(passage.text, *passage.placed()) if self.may_match(passage.words) else []

    def may_match(self, words: str) -> bool:
        """Whether anything of the question may stand among a passage's words, joined by blanks: quick, and never wrongly no."""
        for word in self._sought:  # noqa: SIM110 - `any` takes twice as long, for each of sixty passages
            if word in words:
                return True
        return False

    def matches(self, text: str, words: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[Match]:
        """Matches in a passage with these indexed words at these places, in order, without overlaps."""
        found = []
        until = 0
        for at in self._promising(words):
            if at < until:
                continue
            term = words[at]
            if term not in self._telling:
                if (part := self._part(term)) is not None:
                    start, end = spans[at]
                    found.append(Match(start, end, text[start:end], part, PART))
                continue
            sequence = next(
                (item for item in self._by_first.get(term, ()) if tuple(words[at : at + len(item[0])]) == item[0]), None
            )
            length = len(sequence[0]) if sequence else 1
            start, end = spans[at][0], spans[at + length - 1][1]
            if term in self._keywords and (sequence is None or length == 1):
                found.append(Match(start, end, text[start:end], term, self._form(text[start:end], term)))
            elif sequence is not None:
                own = all(word in self._keywords for word in sequence[0])
                found.append(Match(start, end, text[start:end], sequence[1], EXACT if own else EXPANDED))
            elif term in self._years:
                found.append(Match(start, end, text[start:end], term, YEAR))
            elif term in self._own_parts:
                found.append(Match(start, end, text[start:end], term, PART))
            until = at + length
        return found

    def _promising(self, words: Sequence[str]) -> list[int]:
        """Places at which a match may begin: few among the hundred words of a passage."""
        telling = self._telling
        if not self._parts:
            return [at for at, word in enumerate(words) if word in telling]
        return [at for at, word in enumerate(words) if word in telling or (len(word) >= SHORTEST_WHOLE and not word.isascii())]

    def _form(self, said: str, term: str) -> str:
        if term in self._query.corrected:
            return CORRECTED
        return EXACT if not said.isascii() or said.lower() in self._surface else INFLECTED

    def _part(self, word: str) -> str | None:
        """The word of the question that stands inside this long word, or `None`."""
        if word not in self._inside:
            inside = [part for part in self._parts if part in word and part != word]
            parts = self._segmenter.parts(Token(word, 0, len(word), thai=True)) if inside else ()
            self._inside[word] = next((part for part in inside if part in parts), None)
        return self._inside[word]
