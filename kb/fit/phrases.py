"""Phrases as words of the segmenter: never a bare substring, so that "claw" holds no "law"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.text.normalise import normalise
from kb.text.segment import Segmenter, Token

GAP = 4
"""Words that may stand at most where a phrase has `...`."""


class Words:
    """The words of a sentence, with what tells quickly that a phrase cannot stand in it."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    @cached_property
    def joined(self) -> str:
        """All words with nothing between them."""
        return "".join(token.term for token in self.tokens)


@dataclass(frozen=True)
class Pattern:
    """A phrase cut into words: `pieces` follow one another with at most `GAP` words between."""

    said: str
    pieces: tuple[tuple[str, ...], ...]

    def places(self, words: Words) -> list[tuple[int, int]]:
        """Every place where the phrase begins, as half-open numbers of words."""
        if not all("".join(piece) in words.joined for piece in self.pieces):
            return []
        tokens = words.tokens
        return [(start, end) for start in range(len(tokens)) if (end := self._from(tokens, start))]

    def _from(self, words: Sequence[Token], start: int) -> int:
        """Where the phrase ends that begins with the word `start`; 0 where it does not begin there."""
        end = _piece(words, start, self.pieces[0])
        for piece in self.pieces[1:]:
            if not end:
                return 0
            last = min(end + GAP, len(words))
            end = next((found for at in range(end, last + 1) if (found := _piece(words, at, piece))), 0)
        return end


def pattern(phrase: str, segmenter: Segmenter) -> Pattern:
    """A phrase as it is looked for. Raises `ValueError` where it has no words."""
    pieces = tuple(tuple(token.term for token in segmenter.tokens(normalise(part))) for part in phrase.split("..."))
    if not pieces or not all(pieces):
        raise ValueError(f"the phrase {phrase!r} has no words")
    return Pattern(phrase, pieces)


def _piece(words: Sequence[Token], at: int, piece: tuple[str, ...]) -> int:
    """Where a piece ends that begins at a word. Thai words are compared joined: how a run is cut depends on its neighbours."""
    if at >= len(words):
        return 0
    if not words[at].thai:
        end = at + len(piece)
        return end if tuple(word.term for word in words[at:end]) == piece else 0
    wanted = "".join(piece)
    joined = ""
    for end in range(at, len(words)):
        joined += words[end].term
        if joined == wanted:
            return end + 1
        if not wanted.startswith(joined):
            break
    return 0
