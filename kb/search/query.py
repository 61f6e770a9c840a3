"""What a question asks for: its words, its language, and the keyword expression made from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kb.text.language import script_counts
from kb.text.normalise import normalise
from kb.text.segment import Segmenter, Token
from kb.text.years import to_buddhist_era, years

MAX_CHARACTERS = 1000
"""Characters of a question that are read; the model reads about 512 tokens at most."""

MAX_TERMS = 64

PART_SHARE = 0.6
"""A part of a query word is looked for only if it is most of the word: เหลื่อมล้ำ for ความเหลื่อมล้ำ, not น้ำ for น้ำท่วม."""

_ENGLISH_STOPWORDS = frozenset(
    """a an and are as at be been but by can could did do does doing for from had has have how i if in into is it its let
    may me might my of on or our should so such than that the their them then there these they this those to us was we
    were what when where which while who whom whose why will with would you your""".split()
)


@dataclass(frozen=True)
class Query:
    """A question as it was understood.

    `text` is the normal form that was read; `terms` are its indexed words, `weak` those among them that carry no meaning of
    their own; `parts` are parts of long words and years in the other era.
    """

    original: str
    text: str
    language: str
    terms: tuple[str, ...]
    weak: frozenset[str]
    parts: tuple[str, ...]
    truncated: bool

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search for: no letter and no digit."""
        return not self.terms

    @property
    def keywords(self) -> tuple[str, ...]:
        """The words that the keyword leg looks for: the strong ones, or all where there are only weak ones."""
        strong = tuple(term for term in self.terms if term not in self.weak)
        return strong or self.terms


def parse_query(text: str, segmenter: Segmenter) -> Query:
    """Understand a question. Anything goes: control characters, only punctuation, emoji, thousands of characters."""
    head = text[: 4 * MAX_CHARACTERS]
    normal = normalise(head).replace("\n", " ")
    read = normal[:MAX_CHARACTERS]
    tokens = segmenter.tokens(read)[:MAX_TERMS]
    parts = [part for token in tokens for part in segmenter.parts(token) if len(part) >= PART_SHARE * len(token.term)]
    parts += [str(to_buddhist_era(year.ce) if year.era == "ce" else year.ce) for year in years(read)]
    terms = tuple(dict.fromkeys(token.term for token in tokens))
    return Query(
        original=text.encode("utf-8", "replace").decode(),  # a lone surrogate cannot be written anywhere
        text=read,
        language=query_language(read),
        terms=terms,
        weak=frozenset(token.term for token in tokens if _is_weak(token)),
        parts=tuple(part for part in dict.fromkeys(parts) if part not in terms),
        truncated=len(text) > len(head) or len(normal) > len(read),
    )


def query_language(text: str) -> str:
    """`th` where at least a quarter of the letters are Thai, else `en`: a Thai question may be full of English names."""
    counts = script_counts(text)
    total = sum(counts.values())
    return "th" if total and counts.get("th", 0) / total >= 0.25 else "en"


def expression(query: Query) -> str:
    """The FTS5 expression of a query: any keyword in either column, or any word part. Every term is a quoted string."""
    quoted = ['"' + term.replace('"', '""') + '"' for term in (*query.keywords, *query.parts)]
    return " OR ".join(quoted)


def _is_weak(token: Token) -> bool:
    return token.term in _thai_stopwords() if token.thai else token.term in _ENGLISH_STOPWORDS


@lru_cache(maxsize=1)
def _thai_stopwords() -> frozenset[str]:
    from pythainlp.corpus import thai_stopwords

    return frozenset(thai_stopwords())
