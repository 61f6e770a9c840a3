"""Distinct questions for measurements: words as they stand in the corpus, with a term of the termbase, in both languages."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from kb.corpus import plain, practice_files, read_practice
from kb.taxonomy import load_taxonomy
from kb.termbase import load_termbase, thai_words
from kb.text.segment import Segmenter

SEED = 7
SECTIONS = ("problem", "action", "results")
WORDS = {"en": (4, 12), "th": (5, 15)}
"""Fewest and most words of running text in a question; those of the development topics have about as many tokens."""


def distinct_questions(corpus: Path, seed: int = SEED) -> Iterator[tuple[str, str]]:
    """(language, question) without end, Thai and English in turns; no question comes twice.

    Each is a term of the termbase and a stretch of words out of the running text of some practice, so no cache of whole
    questions helps, while words come as often as in the corpus.
    """
    taxonomy, terms = load_taxonomy(corpus), load_termbase(corpus)
    segmenter = Segmenter(thai_words(terms))
    named = {"th": [form for entry in terms for form in entry.th], "en": [form for entry in terms for form in entry.en]}
    texts: dict[str, list[str]] = {"th": [], "en": []}
    for path in practice_files(corpus):
        for language, face in read_practice(path, taxonomy).faces.items():
            texts[language] += [plain(face.sections[name]) for name in SECTIONS if face.sections.get(name)]
    draw, given = random.Random(seed), set[str]()
    while True:
        for language in ("th", "en"):
            question = _question(draw, draw.choice(named[language]), draw.choice(texts[language]), language, segmenter)
            if question not in given:
                given.add(question)
                yield language, question


def _question(draw: random.Random, term: str, text: str, language: str, segmenter: Segmenter) -> str:
    """A term, and some words that follow one another; Thai words stand without blanks."""
    count = draw.randint(*WORDS[language])
    if language == "en":
        words = re.findall(r"[A-Za-z][A-Za-z-]+", text)
        first = draw.randrange(max(len(words) - count, 1))
        return f"{term} {' '.join(words[first : first + count])}"
    tokens = [token for token in segmenter.tokens(text) if not token.term.isascii()]
    first = draw.randrange(max(len(tokens) - count, 1))
    some = tokens[first : first + count]
    return f"{term} {text[some[0].start : some[-1].end]}" if some else term
