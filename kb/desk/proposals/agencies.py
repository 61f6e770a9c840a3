"""Candidates for the agencies of a case: terms of the termbase, agencies of published cases, and names that look like one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kb.desk.proposals.context import Context
from kb.desk.proposals.records import Candidate
from kb.records import Agency, Bilingual
from kb.text.normalise import normalise

DOMAIN = "agency"
"""The domain of agencies in the termbase."""

MIN_NAME = 5
"""Characters of a known name that is looked for as it stands."""

_HEAD = (
    r"(?:Ministry|Department|Office|Authority|Agency|Commission|Committee|Council|Board|Bureau|Centre|Center|Institute|Corporation"
    r"|Secretariat|Administration|Directorate|Division|Government|Fund|Bank|Court|Police|Municipality|Company|Task Force)"
)
_ENGLISH = re.compile(
    rf"\b(?:(?:[A-Z][\w'’&-]*|of|and|for|the|on)\s(?=(?:[\w'’&-]+\s){{0,5}}{_HEAD}\b)){{0,6}}{_HEAD}\b"
    r"(?:\s(?:of|for|on)(?:\sthe)?(?:\s[A-Z][\w'’&-]*(?:,(?=\s[A-Z]))?(?:\s(?:and|of|for|the)(?=\s[A-Z]))?){1,7})?"
)
_THAI_HEADS = (
    r"(?:กระทรวง|กรม(?!ธรรม์)|สำนักงาน|เทศบาล(?:นคร|เมือง|ตำบล)?|องค์การบริหารส่วน(?:จังหวัด|ตำบล)|คณะกรรมการ|สถาบัน|ธนาคาร|สำนัก(?=นายก|ปลัด)|ศูนย์"
    r"|การไฟฟ้า|การประปา|รัฐบาล(?=กรุง|รัฐ|ท้องถิ่น|นคร|จังหวัด))"
)
_THAI = re.compile(f"(?P<head>{_THAI_HEADS})[ก-๎]{{3,60}}")
_THAI_END = re.compile(
    r"(?:ได้|เป็น|ที่|ซึ่ง|ให้|จึง|กับ|มี|ร่วม|โดย|ของ|จะ|ต้อง|ไม่|ระบุ|ประกาศ|เริ่ม|ทำ|เปิด|ใช้|พบ|ออก|จัด|และ|หรือ|รับผิดชอบ|รายงาน|ยัง|ใน|จาก|ต่อ|ส่ง|เห็น|ตั้ง(?!แต่))"
)
_BARE = re.compile(_THAI_HEADS + "|" + _HEAD + "s?", re.IGNORECASE)
_LEAD = re.compile(r"^(?:the|of|and|for|on)\s+", re.IGNORECASE)


@dataclass
class _Office:
    agency: Agency
    kind: int
    """0: a term, 1: an agency of a published case, 2: a name that looks like one."""
    country: str = ""
    places: list[tuple[int, int, int]] = field(default_factory=list)
    """(unit, start, end); unit -1 is the title."""


def agencies(context: Context) -> list[Candidate]:
    """Every agency that the document names, each once."""
    offices: dict[str, _Office] = {}
    for key, agency, kind, country, place in _found(context):
        office = offices.setdefault(key, _Office(agency, kind, country))
        office.places.append(place)
    likely = max(context.labels("country").items(), key=lambda item: item[1][0], default=("", (0.0, 0, 0.0)))[0]
    columns = context.parts.learnt.sections.columns("section")
    candidates = []
    for key, office in offices.items():
        units = [unit for unit, _, _ in office.places if unit >= 0]
        shown = next((place for place in office.places if place[0] >= 0), office.places[0])
        scores = context.section_scores[units] if units else context.section_scores[:1]
        features = (
            float(office.kind == 0),
            float(office.kind == 1),
            math.log1p(len(office.places)),
            (units[0] if units else 0) / len(context.units),
            float(len(units) < len(office.places)),
            float(bool(office.country) and office.country == likely),
            float(bool(office.country) and office.country != likely),
            float(scores[:, columns["action"]].max()),
            float(scores[:, columns["summary"]].max()),
            float(scores[:, columns["results"]].max()),
            float(any(other != key and key in other for other in offices)),
            len(office.agency.name.en or office.agency.name.th) / 50,
            math.log1p(_published(context, office.agency)),
            float(office.kind == 0 and not office.country),
        )
        candidates.append(Candidate(office.agency, features, *shown, "named" if office.kind < 2 else "pattern"))
    return candidates


def _published(context: Context, agency: Agency) -> int:
    """How many published practices have an agency of which this is the name, or a part of it."""
    name = normalise(agency.name.en or agency.name.th).lower()
    known = context.parts.agencies
    return sum(count for other, count in known.items() if name in other.name.en.lower() or name in other.name.th)


_Place = tuple[int, int, int]


def _found(context: Context) -> Iterator[tuple[str, Agency, int, str, _Place]]:
    """(key, agency, kind, country or nothing, place) of each mention; what a term covers is not found again as another kind."""
    taken: set[tuple[int, int]] = set()
    for one in context.names:
        name = one.mention.name
        entry = context.parts.names.terms.get(name.id) if name.kind == "term" else None
        if entry and entry.domain == DOMAIN and not name.cautious:
            taken |= {(one.unit, at) for at in range(one.start, one.end)}
            agency = Agency(Bilingual(entry.th[0], entry.en[0]))
            yield normalise(entry.en[0]).lower(), agency, 0, entry.country or "", (one.unit, one.start, one.end)
    for number in context.telling:
        text = context.units[number].text
        lowered = text.lower()
        for known in _known(context, number):
            for form in known_forms(known):
                at = lowered.find(form)
                if at >= 0 and (number, at) not in taken:
                    taken |= {(number, place) for place in range(at, at + len(form))}
                    yield normalise(known.name.en).lower(), known, 1, "", (number, at, at + len(form))
                    break
        for start, end in _patterns(text):
            if (number, start) not in taken and (number, end - 1) not in taken:
                said = text[start:end]
                side = Bilingual(said, "") if not said.isascii() and "\u0e01" <= said[0] <= "\u0e4e" else Bilingual("", said)
                yield normalise(said).lower(), Agency(side), 2, "", (number, start, end)


def _known(context: Context, number: int) -> Iterator[Agency]:
    """Agencies of published cases of which a form may stand in a unit."""
    lowered = context.units[number].text.lower()
    return (agency for agency in context.parts.agencies if any(form in lowered for form in known_forms(agency)))


def known_forms(agency: Agency) -> list[str]:
    """An agency's names as they may stand in a text, in lower case, without what is in brackets."""
    forms = (re.sub(r"\s*\([^)]*\)", "", name).strip().lower() for name in (agency.name.en, agency.name.th))
    return [form for form in forms if len(form) >= MIN_NAME and not _BARE.fullmatch(form)]


def _patterns(text: str) -> Iterator[tuple[int, int]]:
    """Spans of names that look like an agency's: more than its head word."""
    for match in _ENGLISH.finditer(text):
        lead = _LEAD.match(match[0])
        start = match.start() + (len(lead[0]) if lead else 0)
        if len(text[start : match.end()].split()) >= 2:
            yield start, match.end()
    for match in _THAI.finditer(text):
        head = len(match["head"])
        stop = _THAI_END.search(match[0], head)
        end = match.start() + stop.start() if stop else match.end()
        if end - match.start() - head >= 5:
            yield match.start(), end
