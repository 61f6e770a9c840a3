"""Candidates for the place of a case, as it is named."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from kb.desk.proposals.context import Context
from kb.desk.proposals.records import Candidate
from kb.records import Bilingual

WHOLE = "nationwide"

_WHOLE = re.compile(
    r"\b(?:nationwide|countrywide|across the country|whole country|throughout the country)\b|ทั่วประเทศ", re.IGNORECASE
)
_ENGLISH = re.compile(
    r"\b(?:(?i:city|province|state|municipality|district|town|region)\sof\s(?P<of>[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,3})"
    r"|(?P<named>[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,3})\s(?i:city|province|state|municipality|district|regency|island|islands)\b)"
)
_THAI = re.compile(
    r"(?:จังหวัด|เทศบาลนคร|เทศบาลเมือง|เทศบาลตำบล|อำเภอ|ตำบล|เกาะ)"
    r"(?!ต่าง|ที่|อื่น|ทุก|ละ|นำร่อง|เดียวกัน|และ|หรือ|ได้|ต้อง|มี|ให้|เป็น|ของ|ใน|จะ|ตั้ง|ทำ|อยู่|ราว|กว่า|ใด|นี้|นั้น|เอง)"
    r"(?P<name>[ก-๎]{3,18})(?=[\s,.)(]|$)"
)
_NO_NAME = frozenset("The This Each Every One Any No A An Another That Its Their Our Old New Mother Capital Smart".split())


def places(context: Context) -> list[Candidate]:
    """Cities, provinces and "nationwide", each once, with how often and where they stand."""
    levels = context.labels("levels")
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    for kind, name, unit, start, end in _found(context):
        found.setdefault(name, []).append((kind, unit, start, end))
    candidates = [_everywhere(context, found.pop(WHOLE, []))]
    for name, spans in found.items():
        kind, unit, start, end = next((span for span in spans if span[1] >= 0), spans[0])
        features = (
            float(kind == 0),
            0.0,
            0.0,
            0.0,
            math.log1p(len(spans)),
            max(unit, 0) / len(context.units),
            float(any(span[1] < 0 for span in spans)),
            len(spans) / sum(map(len, found.values())),
            levels["local"][0] if "local" in levels else 0.0,
        )
        side = Bilingual("", name) if name.isascii() else Bilingual(name, "")
        candidates.append(Candidate(side, features, unit, start, end, "named" if kind == 0 else "pattern"))
    return candidates


def _everywhere(context: Context, spans: list[tuple[int, int, int, int]]) -> Candidate:
    """The whole of the likeliest country: by its words, or because the case reads like a national one."""
    levels, states = context.labels("levels"), context.labels("country")
    score, unit, _ = levels.get("national", (0.0, 0, 0.0))
    local = levels.get("local", (0.0, 0, 0.0))[0]
    country = max(states, key=lambda key: states[key][0], default="")
    label = context.parts.taxonomy["countries"][country].label if country else Bilingual("", "")
    value = Bilingual(f"ทั่วประเทศ{label.th}", f"{label.en}, nationwide".lstrip(", "))
    features = (0.0, 1.0, score, float(country == "ASEAN"), math.log1p(len(spans)), 0.0, 0.0, 0.0, -local)
    if spans:
        return Candidate(value, features, *spans[0][1:], "named")
    return Candidate(value, features, unit, 0, len(context.units[unit].text), "meaning")


def _found(context: Context) -> Iterator[tuple[int, str, int, int, int]]:
    """(kind, name, unit, start, end): 0 a city of the taxonomy, 1 the whole country, 2 a name that looks like a place."""
    for one in context.names:
        if one.mention.name.city:
            text = context.document.title if one.unit < 0 else context.units[one.unit].text
            yield 0, text[one.start : one.end], one.unit, one.start, one.end
    for number in context.telling:
        text = context.units[number].text
        for match in _WHOLE.finditer(text):
            yield 1, WHOLE, number, match.start(), match.end()
        for match in _ENGLISH.finditer(text):
            group = "of" if match["of"] else "named"
            if match[group].split()[0] in _NO_NAME:
                continue
            yield 2, match[group], number, match.start(group), match.end(group)
        for match in _THAI.finditer(text):
            yield 2, match[0], number, match.start(), match.end()
