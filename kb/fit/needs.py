"""What a case says it needs: its facts, and sentences in which a rule's phrase stands. Nothing is inferred from meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kb.corpus import plain
from kb.fit.phrases import Pattern, Words, pattern
from kb.fit.rules import Precondition, Rules
from kb.records import LANGUAGES, Lang, Practice
from kb.text.normalise import normalise
from kb.text.segment import Segmenter
from kb.text.sentences import pack, paragraphs, sentences

VERSION = 1
"""Kept needs are found again when this changes: raise it with every change here that gives other needs for the same rules."""

SECTIONS = ("enabling", "resources", "transfer")
"""Sections that say what a case needs, the plainest first."""

NEAR_BEFORE, NEAR_AFTER = 5, 4
"""Words between a negation and the phrase that it takes back."""

UNIT = {"th": 160, "en": 0}
"""Thai clauses are joined up to so many characters: a requirement and what is required are often two of them."""

LONGEST_QUOTE = 320
"""Characters up to which a whole paragraph is a quote; of a longer one the sentence is quoted."""


@dataclass(frozen=True)
class Quote:
    """A passage that a need rests on: `paragraph` counts from 0 in its section; `found` is the phrase of the rule.

    Where the phrase stands in the other face only, `found` is empty and `text` is the whole aligned paragraph.
    """

    language: Lang
    section: str
    paragraph: int
    text: str
    found: str


@dataclass(frozen=True)
class Need:
    """A precondition that a case has. A need from facts has no quotes and carries the fact's values."""

    rule: str
    quotes: tuple[Quote, ...] = ()
    values: tuple[str, ...] = ()

    def quote(self, language: str) -> Quote:
        """The quote in `language` where it is one or is short; else the sentence in which the phrase stands."""
        own = next((quote for quote in self.quotes if quote.language == language), None)
        if own and (own.found or len(own.text) <= LONGEST_QUOTE):
            return own
        return next(quote for quote in self.quotes if quote.found)

    def around(self, language: str) -> Quote | None:
        """The aligned paragraph in `language`, where only a sentence in the other language can be quoted."""
        if self.quote(language).language == language:
            return None
        return next((quote for quote in self.quotes if quote.language == language), None)


@dataclass(frozen=True)
class _Unit:
    """A sentence of a face, cut into words; `shown` is what is quoted."""

    language: Lang
    section: str
    paragraph: int
    words: Words
    shown: str


@dataclass
class Finder:
    """Finds needs by the given rules. Make one and keep it: its phrases are cut into words once."""

    rules: Rules
    segmenter: Segmenter
    _known: dict[str, Pattern] = field(default_factory=dict)

    def needs(self, practice: Practice) -> tuple[Need, ...]:
        """The preconditions of a case in the order of the rules; one that it does not speak of is left out."""
        units = {lang: self._units(practice, lang) for lang in LANGUAGES if lang in practice.faces}
        found = []
        for rule in self.rules.preconditions:
            if rule.fact:
                values = _fact(practice, rule.fact)
                found += [Need(rule.id, values=values)] if values else []
            elif quotes := self._quotes(rule, practice, units):
                found.append(Need(rule.id, quotes))
        return tuple(found)

    def _quotes(self, rule: Precondition, practice: Practice, units: dict[Lang, list[_Unit]]) -> tuple[Quote, ...]:
        """The first sentence of each face that states the need; from the other face where one of them has none."""
        first = {lang: next((q for unit in mine if (q := self._stated(rule, unit))), None) for lang, mine in units.items()}
        quotes = [quote for quote in first.values() if quote]
        if len(quotes) == 1 and len(units) == 2:
            quotes += [aligned] if (aligned := _aligned(quotes[0], practice)) else []
        return tuple(quotes)

    def _stated(self, rule: Precondition, unit: _Unit) -> Quote | None:
        """The sentence as a quote if a phrase of the rule stands in it and nothing takes the phrase back."""
        lang = unit.language
        if self._any("unstated", unit):
            return None
        phrases = rule.anywhere[lang]
        if unit.section == "enabling":
            phrases = (*rule.conditions[lang], *phrases)
        elif not self._any("requirement", unit):
            return None
        for phrase in phrases:
            for place in self._pattern(phrase).places(unit.words):
                if not self._taken_back(unit, *place):
                    return Quote(lang, unit.section, unit.paragraph, unit.shown, phrase)
        return None

    def _any(self, cue: str, unit: _Unit) -> bool:
        return any(self._pattern(phrase).places(unit.words) for phrase in self.rules.cues[cue][unit.language])

    def _taken_back(self, unit: _Unit, start: int, end: int) -> bool:
        """Whether a negation stands right before the phrase or right after it."""
        cues = self.rules.cues
        before = (place for cue in cues["negation-before"][unit.language] for place in self._pattern(cue).places(unit.words))
        after = (place for cue in cues["negation-after"][unit.language] for place in self._pattern(cue).places(unit.words))
        return any(first < start and start - last <= NEAR_BEFORE and last <= end for first, last in before) or any(
            0 <= first - end <= NEAR_AFTER for first, _ in after
        )

    def _pattern(self, phrase: str) -> Pattern:
        if phrase not in self._known:
            self._known[phrase] = pattern(phrase, self.segmenter)
        return self._known[phrase]

    def _units(self, practice: Practice, lang: Lang) -> list[_Unit]:
        """The sentences of the sections that say what a case needs, in the order of `SECTIONS`."""
        units = []
        for section in SECTIONS:
            text = _text(practice, lang, section)
            for number, (start, end) in enumerate(paragraphs(text)):
                paragraph = text[start:end]
                spans = pack(sentences(paragraph), UNIT[lang])
                whole = section == "enabling" and len(paragraph) <= LONGEST_QUOTE
                for first, last in spans:
                    words = Words(self.segmenter.tokens(normalise(paragraph[first:last])))
                    shown = paragraph if whole else paragraph[first:last]
                    units.append(_Unit(lang, section, number, words, _clean(shown)))
        return units


def _text(practice: Practice, lang: Lang, section: str) -> str:
    return plain(practice.faces[lang].sections.get(section, ""))


def _clean(text: str) -> str:
    """A passage as it is quoted: no list mark, and no gap where a claim's mark stood."""
    text = re.sub(r" {2,}(?=[.,;:)])", "", text.removeprefix("- "))
    return re.sub(r"\s+", " ", text).strip()


def _fact(practice: Practice, fact: str) -> tuple[str, ...]:
    if fact == "level":
        return practice.levels
    return () if practice.cost.band == "unknown" else (practice.cost.band,)


def _aligned(quote: Quote, practice: Practice) -> Quote | None:
    """The same paragraph of the other face, where both faces have as many of them."""
    other: Lang = "en" if quote.language == "th" else "th"
    own, theirs = (_text(practice, lang, quote.section) for lang in (quote.language, other))
    places: Sequence[tuple[int, int]] = paragraphs(theirs)
    if len(places) != len(paragraphs(own)):
        return None
    start, end = places[quote.paragraph]
    return Quote(other, quote.section, quote.paragraph, _clean(theirs[start:end]), "")
