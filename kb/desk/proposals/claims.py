"""Candidates for claims: sentences that state figures."""

from __future__ import annotations

from kb.desk.proposals.context import Context
from kb.desk.proposals.records import Candidate
from kb.lint.figures import Figure, amounts
from kb.records import Claim
from kb.text.sentences import sentences

_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_TIMES = {6: "million", 9: "billion", 12: "trillion"}
_PERCENT_BEFORE = ("ร้อยละ", "ร้อยละ ")
_PERCENT_AFTER = ("%", " %", " per cent", " percent", " เปอร์เซ็นต์", "เปอร์เซ็นต์")


def claims(context: Context) -> list[Candidate]:
    """Each sentence with figures as a claim: its figures in English notation. Sources and basis are for the editor to say."""
    columns = context.parts.learnt.sections.columns("section")
    found: list[Candidate] = []
    for number in context.telling:
        unit = context.units[number]
        stated = amounts(unit.text)
        for start, end in _statements(unit.text):
            inside = [figure for figure in stated if start <= figure.start < end]
            if not inside:
                continue
            figures = tuple(dict.fromkeys(written(unit.text, figure) for figure in inside))
            features = (
                float(len(inside) > 1),
                float(max(figure.value for figure in inside) >= 13),
                float(any(one.endswith("%") for one in figures)),
                float(context.section_scores[number, columns["results"]]),
            )
            found.append(Candidate(Claim(len(found) + 1, (), "", figures), features, number, start, end, "pattern"))
    return found


def _statements(text: str) -> list[tuple[int, int]]:
    """Sentences; where clauses of Thai are cut at blanks, those with figures beside one another make one statement."""
    joined: list[tuple[int, int]] = []
    counted = [figure.start for figure in amounts(text)]
    for start, end in sentences(text):
        having = any(start <= at < end for at in counted)
        before = joined[-1] if joined else None
        if before and having and any(before[0] <= at < before[1] for at in counted) and _thai_gap(text, before[1], start):
            joined[-1] = (before[0], end)
        else:
            joined.append((start, end))
    return joined


def _thai_gap(text: str, end: int, start: int) -> bool:
    return "\n" not in text[end:start] and text[end - 1] not in ".!?" and not text[start].isascii()


def written(text: str, figure: Figure) -> str:
    """A figure in English notation: ๑.๓๗ ล้าน is 1.37 million, ร้อยละ ๗๙ is 79%, 2 พัน is 2,000."""
    number = figure.written.translate(_DIGITS)
    plain = number.replace(",", "")
    if not plain.replace(".", "", 1).isdigit():
        number = _in_words(figure)
    if text[: figure.start].endswith(_PERCENT_BEFORE) or text.startswith(_PERCENT_AFTER, figure.end):
        return f"{number}%"
    return number


def _in_words(figure: Figure) -> str:
    """A figure that was written with a word for its power of ten."""
    for power, word in sorted(_TIMES.items(), reverse=True):
        if figure.value >= 10**power:
            return f"{(figure.value / 10**power).normalize():,f} {word}"
    return f"{figure.value.normalize():,f}"
