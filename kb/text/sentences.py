"""Paragraphs and sentence-like units. Thai has no full stop: its writers put a space between clauses and sentences."""

from __future__ import annotations

import re
from itertools import pairwise

_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•·‣]|\d{1,2}[.)])\s)")
_LATIN_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9\u0e00-\u0e7f])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|etc|e\.g|i\.e|cf|Inc|Ltd|Co|vol|pp?|al|approx|Gen|Col|Gov|Sen)|\b[A-Z]|[\u0e00-\u0e7f])\.$"
)
_NUMBER = re.compile(r"\d{1,2}\.")
_THAI_SPACE = re.compile(r"(?<=[\u0e01-\u0e4e\"')\]%\d])[ \t]+(?=[\u0e01-\u0e46\"'(\[])")
_THAI_KEEP_BEFORE = re.compile(
    r"(?:[\d(\[\"']|\.|ร้อยละ|พ\.ศ|ค\.ศ|ปี|ประมาณ|ราว|กว่า|เช่น|คือ|ที่|และ|หรือ|กับ|ของ|โดย|ใน|จาก|ถึง|เมื่อ|ได้แก่|นาย|นาง|นางสาว)$"
)
_THAI_KEEP_AFTER = re.compile(
    r"^(?:ๆ|ฯ|[\u0e01-\u0e2e]{1,4}\.|ล้าน|แสน|หมื่น|พัน|บาท|คน|แห่ง|เรื่อง|ครั้ง|ราย|ปี|วัน|เดือน|ชั่วโมง|นาที|กิโลเมตร|ดอลลาร์|เปอร์เซ็นต์|เขต)"
)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the paragraphs and list items of `text`, without blank edges."""
    spans = []
    start = 0
    for gap in [*_PARAGRAPH.finditer(text), None]:
        end = gap.start() if gap else len(text)
        spans.append(_trim(text, start, end))
        start = gap.end() if gap else end
    return [span for span in spans if span[0] < span[1]]


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of `text`; for Thai, of the clauses that a passage may end after.

    A Thai clause does not end beside a digit, an abbreviation, a unit, a connective or ๆ. The spans cover all that is not
    blank, in order.
    """
    spans = []
    for start, end in paragraphs(text):
        cuts = [start]
        for gap in _LATIN_END.finditer(text, start, end):
            numbered = _NUMBER.fullmatch(text, start, gap.start())
            if not numbered and not _ABBREVIATION.search(text, max(start, gap.start() - 12), gap.start()):
                cuts.append(gap.end())
        for gap in _THAI_SPACE.finditer(text, start, end):
            before = text[max(start, gap.start() - 12) : gap.start()]
            after = text[gap.end() : gap.end() + 12]
            if not _THAI_KEEP_BEFORE.search(before) and not _THAI_KEEP_AFTER.match(after):
                cuts.append(gap.end())
        cuts = [*sorted(set(cuts)), end]
        spans += [_trim(text, first, last) for first, last in pairwise(cuts)]
    return [span for span in spans if span[0] < span[1]]


def pack(spans: list[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """Join neighbouring spans while the whole stays within `limit` characters; a longer span stands alone."""
    packed: list[tuple[int, int]] = []
    for start, end in spans:
        if packed and end - packed[-1][0] <= limit:
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
    return packed


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
