"""Which section of a case a heading announces, by the words of `kb/data/headings.tsv`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kb.text.normalise import normalise

OTHER = "-"
"""A heading whose text is no section of a case: references, contents, annexes."""

MAX_HEADING = 80
"""Characters of a line that may be a heading."""

MAX_BESIDE, MAX_BESIDE_THAI = 34, 20
"""Characters beside the heading word; Thai says a whole sentence in forty, and ends it with no full stop."""

_NUMBERING = re.compile(
    r"^\s*(?:#{1,6}\s+|\*\*)?(?:(?:\(?[\divx๐-๙]{1,4}(?:\.[\d๐-๙]{1,2})*[.):]|บทที่\s*[\d๐-๙]+|ส่วนที่\s*[\d๐-๙]+)\s*)?"
)
_TAIL = re.compile(r"[\s:：.*_#–—-]+$")
_ARTICLE = re.compile(r"^(?:the|our|key|main|project)\s+")
_AFTER = re.compile(r"(?:\s|$|[:,/(&–—-]|และ|ของ|ที่|ใน|จาก)")


@dataclass(frozen=True)
class HeadingWord:
    section: str
    word: str
    ends: bool
    """Whether a heading may also end with it: "Urban flooding: the problem"."""


def section_of(heading: str) -> str | None:
    """A section of a case, `OTHER`, or `None` where the words of the heading say nothing."""
    best = _best(_bare(heading))
    return best.section if best else None


def begins_text(line: str) -> bool:
    """Whether a line without marks that begins with a heading word says too much beside it to be a heading."""
    bare = _bare(line)
    best = _best(bare)
    return best is not None and len(bare) - len(best.word) > (MAX_BESIDE if bare.isascii() else MAX_BESIDE_THAI)


def _best(bare: str) -> HeadingWord | None:
    """The longest word that a heading in lower case is, begins or ends with."""
    if not bare or len(bare) > MAX_HEADING:
        return None
    found = (word for word in _words() if _names(word, bare) or _names(word, _ARTICLE.sub("", bare)))
    return max(found, key=lambda word: len(word.word), default=None)


def is_heading_word(line: str) -> bool:
    """Whether a whole line is one of the words, so that it is a heading wherever it stands."""
    bare = _bare(line)
    return any(word.word in (bare, _ARTICLE.sub("", bare)) for word in _words()) if bare else False


def _bare(line: str) -> str:
    """A line in lower case without numbering, Markdown marks and closing punctuation."""
    return _TAIL.sub("", _NUMBERING.sub("", normalise(line), count=1)).lower()


def _names(word: HeadingWord, bare: str) -> bool:
    if bare == word.word:
        return True
    if bare.startswith(word.word) and _AFTER.match(bare, len(word.word)):
        return True
    return word.ends and bare.endswith(word.word) and bool(re.search(r"[\s:–—-]$", bare[: -len(word.word)]))


@cache
def _words() -> tuple[HeadingWord, ...]:
    rows = files("kb").joinpath("data/headings.tsv").read_text(encoding="utf-8").splitlines()
    cells = [row.split("\t") for row in rows if row and not row.startswith("# ")]
    return tuple(HeadingWord(section, normalise(word).lower(), rest == ["ends"]) for section, _language, word, *rest in cells)
