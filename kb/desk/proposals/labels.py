"""Candidates for what is chosen from a list of the taxonomy: priority, principles, levels, status, country."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from kb.desk.proposals.context import Context, Found
from kb.desk.proposals.money import currencies_in
from kb.desk.proposals.records import Candidate

_KIND_OF = {"priority": "priority", "secondary_priorities": "priority", "levels": "level"}
"""Fields of which the document may name a value, and the kind of that name."""


def labels(context: Context, field: str) -> list[Candidate]:
    """Every value of a learnt field: its score, how common it is, and how often the document names it."""
    named = _named(context, _KIND_OF.get(field, ""))
    candidates = []
    for value, (score, unit, share) in context.labels(field).items():
        share = min(max(share, 0.003), 0.997)
        mentions = named.get(value, [])
        features = (score, math.log(share / (1 - share)), math.log1p(len(mentions)), context.vote(field, value))
        candidates.append(_candidate(context, value, features, unit, "meaning"))
    return candidates


def statuses(context: Context) -> list[Candidate]:
    """Every status: as for other labels, and how often words stand in the document that tell of it."""
    text = "\n".join(context.units[number].text for number in context.telling)
    found = []
    for one in labels(context, "status"):
        cues = len(_CUES[str(one.value)].findall(text)) if one.value in _CUES else 0
        extra = (math.log1p(cues), float(one.value == "evaluated") * math.log1p(cues))
        found.append(Candidate(one.value, (*one.features, *extra), one.unit, one.start, one.end, one.why))
    return found


_CUES = {
    status: re.compile(words, re.IGNORECASE)
    for status, words in {
        "pilot": r"\bpilot(?:ed|s)?\b|นำร่อง|ทดลองใช้",
        "evaluated": r"\bevaluat\w+|\baudit\w*|\bstud(?:y|ies)\b|\bresearch\w*|\brandomi[sz]ed|\bindependent\w*"
        r"|ประเมิน|งานวิจัย|การศึกษา|นักวิจัย|ผู้ตรวจสอบ",
        "spread": r"\breplicat\w+|\bspread\b|\bscaled up\b|\bother (?:provinces|cities|municipalities|countries)\b"
        r"|ขยายผล|นำไปใช้ต่อ|ต้นแบบ",
        "completed": r"\b(?:project|programme) (?:ended|closed)\b|\bcompleted\b|\bclosed in\b|สิ้นสุด|เสร็จสิ้น|ปิดโครงการ",
        "stopped": r"\babolish\w*|\bscrapp\w+|\bdiscontinu\w+|\bterminat\w+|\bstopped\b|\bshut down\b|ยกเลิก|ยุบเลิก|ยุติ",
        "failed": r"\bfail\w*|\bdid not (?:work|reach|deliver)\b|\bcollaps\w+|ล้มเหลว|ไม่ได้ผล|ไม่เป็นไปตาม",
    }.items()
}
"""Words that tell of a status, wherever they stand."""


def secondary(context: Context) -> list[Candidate]:
    """Priorities beside the first: a value that is the likely first one is no second."""
    first = context.labels("priority")
    best = max((score for score, _, _ in first.values()), default=0.0)
    return [
        Candidate(
            one.value,
            (*one.features, first[str(one.value)][0] if str(one.value) in first else 0.0, float(_is_best(first, one, best))),
            one.unit,
            one.start,
            one.end,
            one.why,
        )
        for one in labels(context, "secondary_priorities")
    ]


def _is_best(first: object, one: Candidate, best: float) -> bool:
    return isinstance(first, dict) and str(one.value) in first and first[str(one.value)][0] == best


def countries(context: Context) -> list[Candidate]:
    """States by their names, their agencies and their money, and by what the text reads like."""
    named = _named(context, "country")
    agencies: dict[str, list[Found]] = {}
    for found in _terms(context):
        entry = context.parts.names.terms[found.mention.name.id]
        if entry.country and not found.mention.name.cautious:
            agencies.setdefault(entry.country, []).append(found)
    money = Counter(currencies_in(context))
    scores = context.labels("country")
    said = sum(map(len, named.values())) or 1
    candidates = []
    for country in context.parts.taxonomy["countries"]:
        own, offices = named.get(country, []), agencies.get(country, [])
        score, unit, share = scores.get(country, (0.0, 0, 0.003))
        features = (
            score,
            math.log(max(share, 0.003)),
            math.log1p(len(own)),
            len(own) / said,
            math.log1p(len(offices)),
            float(any(found.unit < 0 for found in own)),
            float(bool(money[country])),
            float(country == "TH" and context.document.language == "th"),
            float(country == "ASEAN"),
            context.vote("country", country),
        )
        place = next((found for found in (*own, *offices) if found.unit >= 0), None)
        if place:
            candidates.append(Candidate(country, features, place.unit, place.start, place.end, "named"))
        else:
            candidates.append(_candidate(context, country, features, unit, "meaning"))
    return candidates


def _terms(context: Context) -> Iterator[Found]:
    return (found for found in context.names if found.mention.name.kind == "term")


def _named(context: Context, kind: str) -> dict[str, list[Found]]:
    """Values of a kind that the document names, each with the places."""
    places: dict[str, list[Found]] = {}
    for found in context.names:
        if kind and found.mention.name.kind == kind:
            places.setdefault(found.mention.name.id, []).append(found)
    return places


def _candidate(context: Context, value: str, features: tuple[float, ...], unit: int, why: str) -> Candidate:
    return Candidate(value, features, unit, 0, len(context.units[unit].text), why)
