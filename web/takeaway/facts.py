"""The box at the top of a printed practice: a few facts in a fixed order, so that two languages stand line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.records import Bilingual, Practice
from web.glance import period
from web.pages import Say
from web.references import LATER


@dataclass(frozen=True)
class Fact:
    name: str
    values: tuple[str, ...]


def facts(practice: Practice, say: Say) -> tuple[Fact, ...]:
    """What is known of the practice, without empty lines."""
    came, later = (
        tuple(item.text for item in practice.lineage if (item.relation in LATER) is after) for after in (False, True)
    )
    lines = (
        Fact(say("Country"), (say.label("countries", practice.country),)),
        Fact(say("Place"), _texts([practice.place], say)),
        Fact(say("Level of government"), _codes("levels", practice.levels, say)),
        Fact(say("Agencies"), _texts([agency.name for agency in practice.agencies], say)),
        Fact(say("Years"), (period(practice, say),)),
        Fact(say("Status"), _codes("status", [practice.status], say)),
        Fact(say("Priority"), _codes("priorities", [practice.priority, *practice.secondary_priorities], say)),
        Fact(say("Governance principle"), _codes("principles", practice.principles, say)),
        Fact(say("For whom"), _codes("beneficiaries", practice.beneficiaries, say)),
        Fact(
            say("Sustainable Development Goals"),
            tuple(f"{goal} {say.label('sdgs', str(goal))}" for goal in practice.sdgs),
        ),
        Fact(say("Cost"), (*_codes("cost_bands", [practice.cost.band], say), *_texts([practice.cost.text], say))),
        Fact(say("Partners"), _texts(practice.partners, say)),
        Fact(say("Awards"), _awards(practice, say)),
        Fact(say("Study visit"), _texts([practice.study_visit] if practice.study_visit else [], say)),
        Fact(say("Came from"), _texts(came, say)),
        Fact(say("What came after"), _texts(later, say)),
        Fact(say("Evidence"), _codes("evidence", [practice.evidence], say)),
    )
    return tuple(line for line in lines if line.values)


def _texts(values: Sequence[Bilingual], say: Say) -> tuple[str, ...]:
    return tuple(text for text in (value.get(say.language) for value in values) if text)


def _codes(taxonomy: str, values: Sequence[str], say: Say) -> tuple[str, ...]:
    return tuple(say.label(taxonomy, value) for value in values)


def _awards(practice: Practice, say: Say) -> tuple[str, ...]:
    return tuple(
        award.name.get(say.language) + (f" ({say.year(award.year)})" if award.year else "") for award in practice.awards
    )
