"""Which section of a case each unit belongs to, by the heading above it, by what it says, and by its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from kb.desk.proposals.context import Context
from kb.desk.proposals.headings import OTHER
from kb.desk.proposals.learnt import CASE_SECTIONS
from kb.desk.proposals.records import Candidate


def sections(context: Context) -> list[list[Candidate]]:
    """For each telling unit one candidate a section."""
    columns = context.parts.learnt.sections.columns("section")
    scores = context.section_scores
    headed = any(context.units[number].announced not in (None, OTHER) for number in context.telling)
    found = []
    for place, number in enumerate(context.telling):
        unit = context.units[number]
        beside = [context.telling[at] for at in (place - 1, place + 1) if 0 <= at < len(context.telling)]
        candidates = []
        for section in CASE_SECTIONS:
            column = columns[section]
            near = sum(float(scores[other, column]) for other in beside) / max(len(beside), 1)
            relative = place / max(len(context.telling) - 1, 1)
            features = (
                float(unit.announced == section),
                float(scores[number, column]),
                0.0 if headed else near,
                float(section == "summary" and place == 0),
                float(section == "action" and unit.item),
                *(_place(section, relative) if not headed else (0.0, 0.0)),
                *(float(section == other) for other in CASE_SECTIONS[1:]),
            )
            why = "heading" if unit.announced == section else "meaning"
            candidates.append(Candidate(section, features, number, 0, len(unit.text), why))
        found.append(candidates)
    return found


def _place(section: str, relative: float) -> tuple[float, float]:
    """How far a unit is from where its section stands in a case as a rule, and the square of that."""
    middle = {"summary": 0.0, "problem": 0.1, "action": 0.3, "results": 0.5, "lessons": 0.7, "enabling": 0.8}.get(section, 0.95)
    return abs(relative - middle), (relative - middle) ** 2


def text_of(texts: Sequence[tuple[str, bool]]) -> str:
    """Units as Markdown: items as a list, paragraphs apart; (text, whether it is an item)."""
    lines: list[str] = []
    for number, (text, item) in enumerate(texts):
        if number and not (item and texts[number - 1][1]):
            lines.append("")
        lines.append(f"- {text}" if item else text)
    return "\n".join(lines)
