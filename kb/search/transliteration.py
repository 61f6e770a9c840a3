"""Thai names and loan words of a question that the repository's texts have in Latin letters only: กษิต and Kasit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from kb.lexicon import Lexicon, common_english_words, common_thai_words, thai_stopwords
from kb.text.segment import Segmenter, Token
from kb.text.sounds import consonants, likeness, thai_skeletons

MAX_TOKENS = 4
"""Pieces that a name may have been cut into: เฮ|โร|โด|ทัส."""

MAX_WORDS = 3
"""Latin words that are taken for one name."""

_NEARLY_AS_GOOD = 0.03
_ENOUGH = {
    "rare": {2: 0.97, 3: 0.9, 4: 0.84},
    "mixed": {3: 0.95, 4: 0.9},
    "common": {3: 0.97, 4: 0.96},
}
"""The least likeness by the consonants that are heard, for pieces that are rare or no words, for both kinds next to one
another, and for words of everyday Thai, which sound like some English word by chance. What is not named is never enough."""

_ENOUGH_FOR_A_WORD = {2: 0.98, 3: 0.93, 4: 0.9}
"""The same where the Latin word is a common English one, as most of the texts' words are."""

_INFLECTED = ("ed", "ing", "ly")
"""Ends of English words that Thai does not borrow."""


@dataclass(frozen=True)
class Transliteration:
    """A name of the question, from token `first` up to `last`, and the repository's Latin words that sound like it."""

    said: str
    first: int
    last: int
    words: tuple[str, ...]
    likeness: float

    @property
    def sure(self) -> bool:
        """Whether it is hardly chance."""
        return self.likeness >= 0.9 and len(self.words) < MAX_WORDS


def transliterations(
    text: str, tokens: Sequence[Token], segmenter: Segmenter, lexicon: Lexicon, taken: Collection[int] = ()
) -> list[Transliteration]:
    """Names that the texts do not have in Thai, without overlaps, in the order of the question.

    `taken` are tokens that were understood otherwise.
    """
    found = [
        heard
        for first, last in _spans(tokens, taken)
        if not all(lexicon.in_repository(token.term) for token in tokens[first:last])
        and (heard := _heard(text, tokens[first:last], first, lexicon, segmenter)) is not None
    ]
    chosen: list[Transliteration] = []
    for one in sorted(found, key=lambda one: (-one.likeness * consonants(one.said), one.first)):
        if all(one.last <= other.first or one.first >= other.last for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.first)


def warm(lexicon: Lexicon) -> None:
    """Load what is looked up here, so that no later question waits for it."""
    _ = lexicon.by_skeleton
    for words in (thai_stopwords, common_thai_words, common_english_words):
        words()


def _spans(tokens: Sequence[Token], taken: Collection[int]) -> Iterator[tuple[int, int]]:
    """Runs of up to `MAX_TOKENS` Thai pieces without a blank between them, as half-open spans of tokens."""
    stopwords = thai_stopwords()
    for first in range(len(tokens)):
        for last in range(first, min(first + MAX_TOKENS, len(tokens))):
            token = tokens[last]
            apart = last > first and token.start != tokens[last - 1].end
            abbreviated = len(token.term) < token.end - token.start
            if apart or abbreviated or not token.thai or token.term in stopwords or last in taken:
                break
            yield first, last + 1


def _heard(text: str, pieces: Sequence[Token], first: int, lexicon: Lexicon, segmenter: Segmenter) -> Transliteration | None:
    said = text[pieces[0].start : pieces[-1].end]
    heard = min(consonants(said), max(_ENOUGH["rare"]))
    if heard not in _ENOUGH["rare"]:
        return None
    near = {
        word: alike
        for skeleton in thai_skeletons(said)
        if len(skeleton) > 1
        for word in lexicon.by_skeleton.get(skeleton, ())
        if (alike := likeness(said, word)) >= _enough(word, heard)
    }
    if not near or (best := max(near.values())) < _ENOUGH[_kind(pieces, segmenter)].get(heard, 2.0):
        return None
    words = [word for word in near if near[word] >= best - _NEARLY_AS_GOOD]
    words.sort(key=lambda word: (-near[word], word))
    return Transliteration(said, first, first + len(pieces), tuple(words[:MAX_WORDS]), best)


def _enough(word: str, heard: int) -> float:
    """How alike a Latin word must be to a spelling with so many consonants."""
    if word not in common_english_words():
        return _ENOUGH["rare"][heard]
    return 2.0 if word.endswith(_INFLECTED) else _ENOUGH_FOR_A_WORD[heard]


def _kind(pieces: Sequence[Token], segmenter: Segmenter) -> str:
    """How common the pieces of a span are, as `_ENOUGH` tells them apart. A compound is as common as what it is made of."""
    common = sum(piece.term in common_thai_words() or bool(segmenter.parts(piece)) for piece in pieces)
    return "common" if common == len(pieces) else "mixed" if common else "rare"
