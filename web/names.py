"""Names that a line of Thai must not break in: a browser's dictionary lacks the names of the termbase."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from markupsafe import Markup

from kb.termbase import TermEntry
from web.markdown import spoken

DOMAINS = frozenset({"agency", "programme", "asean"})
"""Domains of the termbase whose entries are names."""

SHORT, LONGEST = 12, 18
"""Letters, without vowels and tones above and below: names up to `SHORT` stay whole in every column, longer ones where there is
room, and those above `LONGEST` may break, or a window of 320 px would have to scroll."""

_LEAST = 4
"""Letters that a browser may break between at all."""

_THAI = re.compile("[\u0e01-\u0e2e]")
_BEFORE, _AFTER = "(?<![\u0e40-\u0e44])", "(?![\u0e30-\u0e3a\u0e45\u0e47-\u0e4e])"
"""A name does not begin or end within a syllable's cluster of marks."""


class WholeNames:
    """Marks names in Thai texts of pages; one pattern for all names of a termbase, made when it is first asked for."""

    def __init__(self, termbase: Callable[[], tuple[TermEntry, ...]] = tuple) -> None:
        self._termbase = termbase
        self._made: tuple[tuple[TermEntry, ...], re.Pattern[str] | None] = ((), None)

    def __call__(self, text: str, language: str) -> Markup:
        """Escaped text of this language, its names in `<span class="whole">`; other languages as `spoken` marks them."""
        pattern = self._pattern() if language == "th" else None
        return spoken(text, language) if pattern is None else Markup("").join(self._pieces(text, pattern))

    def _pattern(self) -> re.Pattern[str] | None:
        termbase = self._termbase()
        if termbase is not self._made[0]:
            self._made = (termbase, _pattern(termbase))
        return self._made[1]

    def _pieces(self, text: str, pattern: re.Pattern[str]) -> Iterator[Markup | str]:
        at = 0
        for match in pattern.finditer(text):
            kind = "whole" if letters(match[0]) <= SHORT else "whole long"
            yield text[at : match.start()]
            yield Markup('<span class="{}">{}</span>').format(kind, match[0])
            at = match.end()
        yield text[at:]


def _pattern(termbase: Iterable[TermEntry]) -> re.Pattern[str] | None:
    forms = {form for entry in termbase if entry.domain in DOMAINS for form in entry.th if _is_kept(form)}
    return re.compile(f"{_BEFORE}(?:{'|'.join(_by_first_letter(forms))}){_AFTER}") if forms else None


def _by_first_letter(forms: set[str]) -> Iterator[str]:
    """Alternatives of a pattern, the longest of each letter first: a place in a text is compared with few names."""
    longest_first = sorted(forms, key=lambda form: (form[0], -len(form), form))
    for first, same in groupby(longest_first, key=itemgetter(0)):
        yield f"{re.escape(first)}(?:{'|'.join(re.escape(form[1:]) for form in same)})"


def letters(text: str) -> int:
    """Characters that take room in a line."""
    return sum(not unicodedata.combining(char) and unicodedata.category(char) != "Mn" for char in text)


def _is_kept(form: str) -> bool:
    return bool(_THAI.search(form)) and _LEAST <= letters(form) <= LONGEST
