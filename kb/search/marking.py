"""The words of a question in a whole record, found as they are found in the passages of a result."""

from __future__ import annotations

from collections.abc import Mapping

from kb.search.engine import Searcher
from kb.search.query import Query
from kb.search.receipts import Matcher
from kb.text.highlight import joined, original_spans
from kb.text.normalise import normalise_with_offsets
from kb.text.segment import Segmenter

Spans = tuple[tuple[int, int], ...]


class Marker:
    """Marks the words of one question in texts: stop words are left out, and other names of a term and years are taken in."""

    def __init__(self, query: Query, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        self.matcher = Matcher(query, segmenter)

    def spans(self, text: str) -> Spans:
        """Half-open spans of `text` to mark, in order; words side by side are one span."""
        if not text.strip():
            return ()
        normal = normalise_with_offsets(text)
        tokens = self._segmenter.tokens(normal.text)
        matches = self.matcher.matches(text, [token.term for token in tokens], original_spans(text, normal, tokens))
        return tuple(joined(text, [(match.start, match.end) for match in matches]))


def marker(searcher: Searcher, question: str) -> Marker | None:
    """What marks a question's words, or `None` where it has none that could be marked."""
    query = searcher.read(question)
    return None if query.empty else Marker(query, searcher.reader.segmenter)


def document_marks(searcher: Searcher, record: str, texts: Mapping[int, str], found: Marker) -> dict[int, Spans]:
    """Part number -> spans of its text, for the parts of a document that hold a word of the question.

    The words of the passages are indexed already, so that a report of 300 pages need not be segmented again.
    """
    catalogue = searcher.index.catalogue
    ordinal = catalogue.ordinal(record)
    rows = [] if ordinal is None else catalogue.rows[catalogue.positions_of(ordinal)].tolist()
    spans: dict[int, list[tuple[int, int]]] = {}
    for passage in searcher.store.worded_passages(rows).values():
        matches = found.matcher.in_passage(passage)
        if matches:
            spans.setdefault(passage.part, []).extend(
                (passage.start + match.start, passage.start + match.end) for match in matches
            )
    return {part: tuple(joined(texts[part], places)) for part, places in sorted(spans.items()) if part in texts}
