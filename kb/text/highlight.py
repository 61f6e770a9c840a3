"""Places of words in the original text, widened to whole character clusters, and the joining of matched ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex

from kb.text.normalise import Normalised
from kb.text.segment import Token

_CLUSTER = regex.compile(r"\X")
_GAP = regex.compile("[ \t\u00a0\u200b\u2060\ufeff]*")


def original_spans(text: str, normalised: Normalised, tokens: Iterable[Token]) -> list[tuple[int, int]]:
    """Half-open spans of `text`, as it is written, of the tokens of its normal form; never inside a character cluster.

    The spans are in order and do not overlap: where two words share a cluster, the first one has it.
    """
    spans = []
    at = 0
    starts = bytearray(len(text) + 1)
    for cluster in _CLUSTER.finditer(text):
        starts[cluster.start()] = 1
    for token in tokens:
        start, end = _whole_clusters(text, starts, *normalised.original_span(token.start, token.end))
        start = max(start, at)
        at = max(end, start)
        spans.append((start, at))
    return spans


def joined(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, with those that touch or have only blanks between them made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and (start <= found[-1][1] or _GAP.fullmatch(text, found[-1][1], start)):
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _whole_clusters(text: str, starts: bytearray, start: int, end: int) -> tuple[int, int]:
    """Widen a span to the character clusters it touches, then drop invisible characters at its end.

    `starts` has a one where a cluster begins.
    """
    while start > 0 and not starts[start]:
        start -= 1
    while end < len(text) and not starts[end]:
        end += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "\u200b\ufeff\u2060"):
        end -= 1
    return start, end
