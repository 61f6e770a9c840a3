"""What a question asks for: its words, its language, what was understood of it, and the keyword expressions made from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType

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

_THAI_STOPWORDS = frozenset(
    """ของ ที่ ใน มี อะไร ให้ ได้ การ ความ เป็น คือ ไม่ มิ ว่า ไป มา จะ ต้อง ควร อาจ คง เคย กำลัง แล้ว ยัง อยู่ ไว้ ขึ้น ลง เข้า ออก ถูก เอง กัน
    และ หรือ แต่ ก็ จึง ถ้า หาก เมื่อ เพราะ เนื่องจาก เพื่อ เพื่อให้ ทำให้ ดังนั้น ทั้งนี้ โดย โดยที่ ด้วย กับ แก่ แด่ ต่อ จาก ตั้งแต่ จน จนถึง ถึง สู่ ตาม บน ณ
    สำหรับ เกี่ยวกับ นอกจาก เช่น เช่นกัน ได้แก่ อย่าง แบบ กว่า มาก ที่สุด ยิ่ง นัก พอ แค่ เพียง เท่านั้น เลย อีก ทั้ง ทุก บาง ต่าง ต่างๆ แต่ละ ล้วน
    ผ่าน ระหว่าง รวมทั้ง รวมถึง ตลอดจน แม้ แม้ว่า ขณะที่
    ย่อม ละ แห่ง อัน ดัง ดังกล่าว ซึ่ง นี้ นั้น โน้น ผู้ พวก สิ่ง เรื่อง ใคร ใด ไหน ที่ไหน แห่งใด สิ่งใด อย่างใด กี่ เท่าไร เท่าไหร่ เท่าใด เมื่อไร เมื่อไหร่ เมื่อใด
    อย่างไร ยังไง ทำไม ไหม มั้ย หรือไม่ บ้าง ฉัน ผม ดิฉัน เรา เขา มัน ท่าน คุณ อยาก ขอ ช่วย หน่อย นะ ครับ ค่ะ คะ จ้ะ สิ ล่ะ น่า ซะ เถอะ""".split()
)
"""Words that only hold a sentence together. Lists for other purposes hold many with a meaning, as กลุ่ม, เปิดเผย and รับรอง."""


@dataclass(frozen=True)
class Step:
    """One thing that was understood of a question: `said` are its words, `value` what they were read as.

    `kind` is one of `keyboard`, `spelling`, `years`, `country`, `region`, `priority`, `level`, `term`, `transliteration`,
    `phrase`, `exclusion`, `field`. A step that is not `applied` was taken back by the reader, or is only offered.
    """

    kind: str
    said: str
    value: str
    applied: bool = True

    @property
    def key(self) -> str:
        """Names the step, for taking it back (`undo`) or for applying one that is only offered (`redo`)."""
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True)
class Expansion:
    """Other forms of a term or name of the question; each form as its indexed words.

    `entry` is the termbase's, and empty for a name that is written in the other script.
    """

    entry: str
    said: str
    own: tuple[str, ...]
    forms: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Query:
    """A question as it was understood.

    `text` is the normal form that is searched for, and `meaning` what the encoder reads; `terms` are its indexed words, `weak`
    those among them that carry no meaning of their own; `parts` are parts of long words and years in the other era; `pieces`
    are the smallest words that the keywords are made of; `corrected` are words that the reader typed otherwise.
    """

    original: str
    text: str
    language: str
    terms: tuple[str, ...]
    weak: frozenset[str]
    parts: tuple[str, ...]
    truncated: bool
    meaning: str = ""
    pieces: tuple[str, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    corrected: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    title: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    preferred: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    year_from: int | None = None
    year_to: int | None = None
    steps: tuple[Step, ...] = ()
    topic: Query | None = None
    """The same question without the words that became a filter: what is asked of records whose state and year are known."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search for: no letter and no digit."""
        return not self.terms

    @property
    def keywords(self) -> tuple[str, ...]:
        """The words that the keyword leg looks for: the strong ones, or all where there are only weak ones."""
        return _strong(self.terms, self.weak)

    @property
    def years(self) -> tuple[str, ...]:
        """The years among its parts."""
        return tuple(part for part in self.parts if part.isdecimal())


def parse_query(text: str, segmenter: Segmenter) -> Query:
    """Read a question word by word. Anything goes: control characters, only punctuation, emoji, thousands of characters."""
    head = text[: 4 * MAX_CHARACTERS]
    normal = normalise(head).replace("\n", " ")
    read = normal[:MAX_CHARACTERS]
    words = words_of(read, segmenter.tokens(read), segmenter)
    return Query(
        original=text.encode("utf-8", "replace").decode(),  # a lone surrogate cannot be written anywhere
        text=read,
        language=query_language(read),
        terms=words.terms,
        weak=words.weak,
        parts=words.parts,
        truncated=len(text) > len(head) or len(normal) > len(read),
        meaning=read,
        pieces=words.pieces,
    )


@dataclass(frozen=True)
class Words:
    """The words of a question: see `Query`."""

    terms: tuple[str, ...]
    weak: frozenset[str]
    parts: tuple[str, ...]
    pieces: tuple[str, ...]


def words_of(text: str, tokens: Sequence[Token], segmenter: Segmenter) -> Words:
    """Sort the tokens of a question into words, weak words, parts and pieces."""
    tokens = tokens[:MAX_TERMS]
    parts = [part for token in tokens for part in segmenter.parts(token) if len(part) >= PART_SHARE * len(token.term)]
    parts += [str(to_buddhist_era(year.ce) if year.era == "ce" else year.ce) for year in years(text)]
    terms = tuple(dict.fromkeys(token.term for token in tokens))
    shouting = is_shouted(text)
    weak = frozenset(token.term for token in tokens if _is_weak(token, text, shouting))
    pieces = tuple(dict.fromkeys(piece for word in _strong(terms, weak) for piece in segmenter.pieces(word)))
    return Words(
        terms,
        weak,
        tuple(part for part in dict.fromkeys(parts) if part not in terms),
        _strong(pieces, _THAI_STOPWORDS),
    )


def _strong(words: tuple[str, ...], weak: Set[str]) -> tuple[str, ...]:
    """The words without the weak ones, or all where there are only weak ones."""
    return tuple(word for word in words if word not in weak) or words


def query_language(text: str) -> str:
    """`th` where at least a quarter of the letters are Thai, else `en`: a Thai question may be full of English names."""
    counts = script_counts(text)
    total = sum(counts.values())
    return "th" if total and counts.get("th", 0) / total >= 0.25 else "en"


def is_shouted(text: str) -> bool:
    """Whether a text of several words is in capitals throughout, so that capitals mark no acronym."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) > 2 and all(word.isupper() for word in words)


def phrase(terms: Iterable[str]) -> str:
    """The FTS5 expression of words that stand next to one another in the text."""
    return '{words} : "' + " ".join(term.replace('"', '""') for term in terms) + '"'


def _is_weak(token: Token, text: str, shouting: bool) -> bool:
    """Whether a word carries no meaning of its own; an acronym in capitals (WHO, IT) does."""
    if token.thai:
        return token.term in _THAI_STOPWORDS
    if token.term not in _ENGLISH_STOPWORDS:
        return False
    said = text[token.start : token.end]
    return shouting or not (said.isupper() and len(said) > 1)
