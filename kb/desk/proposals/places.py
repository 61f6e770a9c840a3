"""Candidates for the place of a case, as it is named."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from kb.desk.proposals.context import Context
from kb.desk.proposals.records import Candidate
from kb.records import Bilingual

_WHOLE = re.compile(r"\b(?:nationwide|countrywide|across the country|whole country|throughout the country)\b|ทั่วประเทศ", re.IGNORECASE)
_ENGLISH = re.compile(
    r"\b(?:(?i:city|province|state|municipality|district|town|region)\sof\s(?P<of>[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,3})"
    r"|(?P<named>[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,3})\s(?i:city|province|state|municipality|district|regency|island|islands)\b)"
)
_THAI = re.compile(r"(?:จังหวัด|เทศบาลนคร|เทศบาลเมือง|เทศบาลตำบล|กรุง|นคร|รัฐ(?!บาล|มนตรี|สภา|ธรรม|วิสาหกิจ)|เมือง|อำเภอ|เกาะ|แขวง)(?P<name>[ก-๎]{2,16})(?=[\s,.)(]|$)")


def places(context: Context) -> list[Candidate]:
    """Cities, provinces and "nationwide", each once, with how often and where they stand."""
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    for kind, name, unit, start, end in _found(context):
        found.setdefault(name, []).append((kind, unit, start, end))
    candidates = []
    for name, spans in found.items():
        kind, unit, start, end = next((span for span in spans if span[1] >= 0), spans[0])
        features = (
            float(kind == 0),
            float(kind == 1),
            math.log1p(len(spans)),
            max(unit, 0) / len(context.units),
            float(any(span[1] < 0 for span in spans)),
            len(spans) / sum(map(len, found.values())),
        )
        side = Bilingual("", name) if name.isascii() else Bilingual(name, "")
        candidates.append(Candidate(side, features, unit, start, end, "named" if kind == 0 else "pattern"))
    return candidates


def _found(context: Context) -> Iterator[tuple[int, str, int, int, int]]:
    """(kind, name, unit, start, end): 0 a city that the taxonomy knows, 1 the whole country, 2 a name that looks like a place."""
    for one in context.names:
        if one.mention.name.city:
            text = context.document.title if one.unit < 0 else context.units[one.unit].text
            yield 0, text[one.start : one.end], one.unit, one.start, one.end
    for number in context.telling:
        text = context.units[number].text
        for match in _WHOLE.finditer(text):
            yield 1, match[0].lower(), number, match.start(), match.end()
        for match in _ENGLISH.finditer(text):
            group = "of" if match["of"] else "named"
            yield 2, match[group], number, match.start(group), match.end(group)
        for match in _THAI.finditer(text):
            yield 2, match[0], number, match.start(), match.end()
