"""What tests of the desk share: a clock that they move, a quick hasher, and texts of entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher

from kb.desk.entries import blank
from kb.records import Agency, Bilingual, Face, Practice, Source

PASSWORD = "seven horses cross the river"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hasher that costs nothing, for tests only."""


class HandClock:
    """The present time, as tests set it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def draft(title: str = "Mobile counters for remote villages") -> Practice:
    """What a contributor hands in: one face, with a country and an agency."""
    sections = {"summary": "A boat brings the district office to the villages.", "action": "Two clerks travel with a printer."}
    return replace(
        blank(),
        country="LA",
        agencies=(Agency(Bilingual("สำนักงานแขวง", "Provincial office"), "lead"),),
        faces={"en": Face("en", title, sections)},
    )


def complete(title: str = "Mobile counters for remote villages") -> Practice:
    """An entry that can be published."""
    face = draft(title).faces["en"]
    sections = {
        "summary": face.sections["summary"],
        "problem": "The office is a day away.",
        "action": face.sections["action"],
        "results": "More births are registered.",
        "lessons": "Go in the dry season.",
        "enabling": "A boat and a clerk.",
        "resources": "Fuel.",
        "transfer": "Wherever there is a river.",
        "questions": "- How can a counter travel?\n- Who pays for the boat?",
    }
    return replace(
        draft(title),
        place=Bilingual("แขวงหลวงพระบาง", "Luang Prabang"),
        levels=("provincial",),
        status="implemented",
        priority="service-delivery",
        principles=("responsiveness",),
        evidence="agency",
        sources=(Source("Annual report", "Provincial office", 2024),),
        faces={"en": replace(face, sections=sections)},
    )
