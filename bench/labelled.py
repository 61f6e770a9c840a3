"""Drafts of which it is known whether they tell a case of the corpus: what the gate against double cases is measured with.

Written by hand, in `tests/desk/duplicates`: rewordings as a contributor would hand them in, and descriptions of other cases,
told from facts of practices that are then left out of the corpus. Made of the corpus: each face against the other one, parts of
faces, and every practice with itself left out, so that all that is related to it must be told apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from kb.corpus import plain
from kb.records import LANGUAGES, Agency, Bilingual, Face, Lang, Practice

FOLDER = Path(__file__).parent.parent / "tests" / "desk" / "duplicates"

Kind = Literal[
    "reworded, same language", "reworded, other language", "other face", "part of a face", "another case", "itself left out"
]

_PART = 400


@dataclass(frozen=True)
class Draft:
    """A draft, the case that it tells (`None`: none), and among what it is looked for: practices with both faces or with one.

    `without` are practices that are taken out first; `near` those that must be told apart.
    """

    name: str
    kind: Kind
    practice: Practice
    case: str | None
    about: str
    among: Literal["both", "th", "en"] = "both"
    without: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()


def drafts(practices: Mapping[str, Practice]) -> list[Draft]:
    """All labelled drafts over these practices."""
    return [*reworded(), *others(), *made(practices)]


def reworded() -> Iterator[Draft]:
    """Rewordings by hand, among practices with both faces and among practices with the other one only."""
    for language in LANGUAGES:
        for row in rows(f"reworded-{language}.jsonl"):
            draft = Draft(row["id"], "reworded, same language", practice_of(row), row["case"], row["case"])
            yield draft
            yield replace(draft, kind="reworded, other language", among=other_of(language))


def others() -> Iterator[Draft]:
    """Descriptions of other cases by hand."""
    for row in rows("others.jsonl"):
        without, near = frozenset(row["without"]), frozenset(row["near"])
        about = min(without, default=row["id"])
        yield Draft(row["id"], "another case", practice_of(row), None, about, "both", without, near)


def made(practices: Mapping[str, Practice]) -> Iterator[Draft]:
    """Drafts made of the practices with two faces."""
    for key, practice in sorted(practices.items()):
        if len(practice.faces) < 2:
            continue
        near = frozenset(related.id for related in practice.related)
        for language in LANGUAGES:
            draw = drawn(f"{key} {language}")
            head = headed(practice, language, draw % 3)
            yield Draft(f"{key} {language}", "other face", head, key, key, other_of(language))
            among: Literal["both", "th", "en"] = "both" if draw % 2 else other_of(language)
            alone = frozenset((key,))
            yield Draft(f"{key} {language}", "itself left out", head, None, key, among, alone, near)
            yield Draft(f"{key} {language}", "part of a face", part_of(practice, language, draw % 4), key, key)


def headed(practice: Practice, language: Lang, told: int) -> Practice:
    """Title and summary of a face, and of the facts none (0), the state (1), or state, agencies, place and start (2)."""
    face = practice.faces[language]
    draft = blank(Face(language, face.title, {"summary": face.sections.get("summary", "")}))
    if told == 0:
        return draft
    if told == 1:
        return replace(draft, country=practice.country)
    agencies = tuple(Agency(one_side(agency.name, language)) for agency in practice.agencies)
    place = one_side(practice.place, language)
    return replace(draft, country=practice.country, agencies=agencies, place=place, start=practice.start)


def part_of(practice: Practice, language: Lang, part: int) -> Practice:
    """The title (0), the summary (1), or the beginning of problem (2) or action (3) in place of the summary, with the state."""
    face = practice.faces[language]
    if part == 0:
        return blank(Face(language, face.title, {}))
    text = plain(face.sections.get(("summary", "problem", "action")[part - 1], ""))[:_PART]
    return replace(blank(Face(language, "", {"summary": text})), country=practice.country)


def practice_of(row: Mapping[str, Any]) -> Practice:
    """A row of a file as a draft."""
    language = row["lang"]
    sections = {"summary": row["summary"]} if row["summary"] else {}
    draft = blank(Face(language, row["title"], sections))
    agency = row.get("agency")
    return replace(
        draft,
        country=row.get("country", ""),
        agencies=(Agency(sided(agency, language)),) if agency else (),
        place=sided(row.get("place", ""), language),
        start=row.get("start"),
    )


def without_face(practice: Practice, language: str) -> Practice:
    """A practice with only the face in this language, and its facts in that language."""
    return replace(
        practice,
        faces={code: face for code, face in practice.faces.items() if code == language},
        place=one_side(practice.place, language),
        agencies=tuple(replace(agency, name=one_side(agency.name, language)) for agency in practice.agencies),
        partners=tuple(one_side(partner, language) for partner in practice.partners),
        awards=tuple(replace(award, name=one_side(award.name, language)) for award in practice.awards),
    )


def blank(face: Face) -> Practice:
    """A draft of which only a face is known."""
    return Practice("", "", Bilingual("", ""), (), (), "", "", (), "", {face.language: face})


def one_side(text: Bilingual, language: str) -> Bilingual:
    return sided(text.th if language == "th" else text.en, language)


def sided(text: str, language: str) -> Bilingual:
    return Bilingual(text, "") if language == "th" else Bilingual("", text)


def other_of(language: Lang) -> Lang:
    return "en" if language == "th" else "th"


def drawn(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[1]


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
