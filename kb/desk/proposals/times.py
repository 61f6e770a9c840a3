"""Candidates for the years in which a case began and ended."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from kb.desk.proposals.context import Context
from kb.desk.proposals.records import Candidate
from kb.text.sentences import sentences
from kb.text.years import years

_BEGUN = re.compile(
    r"\b(?:beg[au]n|start(?:ed|s)?|launch\w*|introduc\w+|establish\w*|creat\w+|found(?:ed|ing)|set up|adopt\w*"
    r"|open(?:ed|s)?|since|pilot\w*|enact\w*|in force|effective|came into|rolled out|inaugurat\w*|issued|formed"
    r"|approved|signed)\b"
    r"|เริ่ม|เปิดตัว|เปิดใช้|เปิดให้บริการ|เปิดศูนย์|นำร่อง|ตั้งแต่|จัดตั้ง|ก่อตั้ง|ตั้งขึ้น|ประกาศใช้|มีผลใช้บังคับ|มีผลบังคับ|ริเริ่ม|ออกกฎหมาย|อนุมัติ|ลงนาม|ตราขึ้น|ตราพระราช",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\b(?:end(?:ed|s)?|clos\w+|abolish\w*|until|stopp\w+|terminat\w+|complet\w+|dissol\w+|repeal\w*|scrap\w*|cancel\w*"
    r"|wound up|expired?|discontinu\w+|replaced|suspended|finish\w*|ran (?:from|to))\b"
    r"|ยุติ|ยกเลิก|ยุบ|สิ้นสุด|ปิดตัว|ปิดโครงการ|จนถึง|เสร็จสิ้น|แล้วเสร็จ|หมดอายุ|ระงับ|แทนที่",
    re.IGNORECASE,
)
_FACT = re.compile(r"\b(?:by|reached|survey|report\w*|according|figures?|data)\b|รายงาน|ข้อมูล|สำรวจ|ณ\s|ตามตัวเลข", re.IGNORECASE)
_RANGE_END = re.compile(r"(?:\d{4}\)?\s*(?:[-–]|to|ถึง|and)\s*(?:พ\.ศ\.|ค\.ศ\.|ปี)?\s*)$", re.IGNORECASE)
_NEAR = 70


@dataclass
class _Said:
    """What is known of one year: places and cues."""

    unit: int
    start: int
    end: int
    order: int
    count: int = 0
    begun: float = 0.0
    ended: float = 0.0
    fact: float = 0.0
    ranged: float = 0.0
    title: float = 0.0
    action: float = -9.0
    quoted_for: float = -1.0


def years_of(context: Context, field: Literal["start", "end"]) -> list[Candidate]:
    """Each year that the document names, with how it is spoken of; the value is the year CE."""
    said = _said(context, field)
    if not said:
        return []
    first, last = min(said), max(said)
    by_count = max(one.count for one in said.values())
    ranked = sorted(said)
    candidates = []
    for year, one in said.items():
        features = (
            one.begun,
            one.ended,
            one.fact,
            one.ranged,
            one.title,
            float(year == first),
            float(year == last),
            ranked.index(year) / len(ranked),
            float(one.order == 0),
            math.log1p(one.order),
            one.count / by_count,
            one.action,
            float(any(earlier >= year - 1 and earlier < year for earlier in said)),
        )
        candidates.append(Candidate(year, features, one.unit, one.start, one.end, "pattern"))
    return candidates


def _said(context: Context, field: str) -> dict[int, _Said]:
    columns = context.parts.learnt.sections.columns("section")
    said: dict[int, _Said] = {}
    for number in context.telling:
        unit = context.units[number]
        for first, last in sentences(unit.text):
            sentence = unit.text[first:last]
            for mention in years(sentence):
                one = said.setdefault(mention.ce, _Said(number, first, last, len(said)))
                around = sentence[max(0, mention.start - _NEAR) : mention.start], sentence[mention.end : mention.end + 40]
                begun = 1.0 if _BEGUN.search(around[0]) else 0.6 if _BEGUN.search(around[1]) else 0.0
                ended = 1.0 if _ENDED.search(around[0]) else 0.6 if _ENDED.search(around[1]) else 0.0
                cue = begun if field == "start" else ended
                if cue > one.quoted_for:
                    one.unit, one.start, one.end, one.quoted_for = number, first, last, cue
                one.count += 1
                one.begun, one.ended = max(one.begun, begun), max(one.ended, ended)
                one.fact = max(one.fact, float(bool(_FACT.search(around[0]))))
                one.ranged = max(one.ranged, float(bool(_RANGE_END.search(sentence[: mention.start]))))
                scores = context.section_scores[number]
                one.action = max(one.action, float(scores[columns["action"]] - scores[columns["problem"]]))
    for mention in years(context.document.title):
        if mention.ce in said:
            said[mention.ce].title = 1.0
    return said
