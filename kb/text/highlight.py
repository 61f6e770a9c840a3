"""Whole words of the original text that a query matched."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import regex

from kb.text.normalise import normalise_with_offsets
from kb.text.segment import Segmenter

_CLUSTER = regex.compile(r"\X")
_GAP = regex.compile("[ \t\u00a0\u200b\u2060\ufeff]*")


def highlights(text: str, terms: AbstractSet[str], segmenter: Segmenter) -> list[tuple[int, int]]:
    """Half-open spans of `text`, as given, whose words or word parts are in `terms`; never inside a character cluster.

    Neighbouring matches that touch, or have only blanks between them, are joined.
    """
    if not terms:
        return []
    normalised = normalise_with_offsets(text)
    spans = [
        normalised.original_span(token.start, token.end)
        for token in segmenter.tokens(normalised.text)
        if token.term in terms or any(part in terms for part in segmenter.parts(token))
    ]
    return _join(text, [_whole_clusters(text, start, end) for start, end in spans])


def _whole_clusters(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to the character clusters it touches, then drop invisible characters at its end."""
    while start > 0 and not _starts_cluster(text, start):
        start -= 1
    while end < len(text) and not _starts_cluster(text, end):
        end += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "\u200b\ufeff\u2060"):
        end -= 1
    return start, end


def _starts_cluster(text: str, at: int) -> bool:
    """Whether a character cluster begins at `at`; looking back a few characters is enough."""
    begin = max(0, at - 8)
    return any(begin + match.start() == at for match in _CLUSTER.finditer(text[begin : at + 1]))


def _join(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and (start <= joined[-1][1] or _GAP.fullmatch(text, joined[-1][1], start)):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
