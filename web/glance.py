"""At a glance: what a reader asks of a case within a minute, and what more is known of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kb.desk.checks import Tally
from kb.records import Practice
from kb.text.years import format_date, to_buddhist_era
from web.pages import Say

HALTED = ("stopped", "failed")
"""States of a practice that a reader must not miss."""


@dataclass(frozen=True)
class FactView:
    """A fact with its values, what they mean, and whether it deserves care (`warn`), trust (`good`), or is prose (`told`)."""

    name: str
    values: tuple[str, ...]
    note: str = ""
    mood: str = ""
    url: str = ""
    link: str = ""
    language: str = ""
    """The language of the values, where it is not that of the page."""


def glance(practice: Practice, say: Say, today: date, checks: Tally | None = None) -> tuple[FactView, ...]:
    """Where, who, when, in which state, how much, for whom, on what evidence, and who stands behind it. "Not known" is said of
    the years and of money, because a reader who plans the same looks for them."""
    country = say.label("countries", practice.country)
    where = " · ".join(dict.fromkeys(filter(None, (country, practice.place.get(say.language)))))
    return (
        FactView(say("Where"), (where,), ", ".join(say.label("levels", level) for level in practice.levels)),
        FactView(say("Who"), tuple(_agencies(practice, say))),
        FactView(say("When"), (period(practice, say),), _other_era(practice, say)),
        FactView(
            say("Status"),
            (say.label("status", practice.status),),
            _definition("status", practice.status, say),
            "warn" if practice.status in HALTED else "",
        ),
        _cost(practice, say),
        FactView(
            say("For whom"),
            tuple(say.label("beneficiaries", who) for who in practice.beneficiaries) or (say("not known"),),
        ),
        _evidence(practice, say),
        _verification(practice, say, today, checks),
    )


def more_facts(practice: Practice, say: Say) -> tuple[FactView, ...]:
    """What else is known; nothing is shown of what is not."""
    awards = (award.name.get(say.language) + (f" ({say.year(award.year)})" if award.year else "") for award in practice.awards)
    facts = (
        FactView(say("Priority"), _labels("priorities", [practice.priority, *practice.secondary_priorities], say)),
        FactView(say("Governance principle"), _labels("principles", practice.principles, say)),
        FactView(say("Sustainable Development Goals"), tuple(f"{n} {say.label('sdgs', str(n))}" for n in practice.sdgs)),
        FactView(say("Partners"), tuple(partner.get(say.language) for partner in practice.partners)),
        FactView(say("Awards"), tuple(awards)),
    )
    return tuple(fact for fact in facts if any(fact.values))


def period(practice: Practice, say: Say) -> str:
    """The years in both eras where the page is Thai."""
    if practice.start is None:
        return say("not known") if practice.end is None else say("until {year}").format(year=say.year(practice.end))
    if practice.end is None:
        return say("since {year}").format(year=say.year(practice.start))
    if practice.end == practice.start:
        return say.year(practice.start)
    return f"{say.year(practice.start)} - {say.year(practice.end)}"


def bases(practice: Practice, say: Say) -> tuple[tuple[str, str, int], ...]:
    """(who says so, what that means, how many claims), most frequent first."""
    counted = Counter(claim.basis for claim in practice.claims)
    return tuple((say.label("bases", basis), _definition("bases", basis, say), count) for basis, count in counted.most_common())


def role(code: str | None, say: Say) -> str:
    """What an agency did, in words; empty where that is not known."""
    names = {
        "lead": say("in charge"),
        "developer": say("developer"),
        "partner": say("partner agency"),
        "funder": say("funder"),
    }
    return names.get(code or "", "")


def _agencies(practice: Practice, say: Say) -> Iterator[str]:
    for agency in practice.agencies:
        name, part = agency.name.get(say.language), role(agency.role, say)
        yield f"{name} ({part})" if part else name


def _other_era(practice: Practice, say: Say) -> str:
    """On an English page, the years in the Buddhist era as well: Thai papers that cite the case use it."""
    if say.language == "th":
        return ""
    span = dict.fromkeys(str(to_buddhist_era(year)) for year in (practice.start, practice.end) if year)
    return "B.E. " + " - ".join(span) if span else ""


def _cost(practice: Practice, say: Say) -> FactView:
    known = practice.cost.band != "unknown"
    band = say.label("cost_bands", practice.cost.band) if known else say("not known")
    return FactView(say("How much"), (band,), practice.cost.text.get(say.language))


def _evidence(practice: Practice, say: Say) -> FactView:
    """The grade, what it means, and how many statements rest on whose word."""
    counts = ", ".join(f"{label} {count}" for label, _, count in bases(practice, say))
    return FactView(
        say("Evidence"),
        (say.label("evidence", practice.evidence),),
        _definition("evidence", practice.evidence, say),
        url="#claims" if practice.claims else "",
        link=say("{count} statements with figures: {bases}").format(count=len(practice.claims), bases=counts),
    )


def _verification(practice: Practice, say: Say, today: date, checks: Tally | None) -> FactView:
    """Who confirmed the case and until when; where nobody did, that."""
    verified = practice.verified
    name = say("Verified by")
    support = {
        "high": say("The sources read support the facts well."),
        "medium": say("The sources read support most of the facts."),
        "low": say("The sources read support the facts only in part."),
    }[practice.confidence]
    if practice.verification != "confirmed":
        compiled = say("Compiled from public sources; not yet confirmed by the agency.")
        return FactView(name, (say("nobody yet"),), f"{compiled} {support}", "warn")
    if verified is None:
        unknown = say("On which day and until when is not recorded.")
        return FactView(name, (say("Confirmed by the agency."),), f"{unknown} {support}", "good")
    on, until = (format_date(day, say.language) if day else "" for day in (verified.day, verified.until))
    lapsed = verified.until is not None and verified.until < today
    term = say("No end was set.")
    if verified.until:
        pattern = say("This held until {day} and has not been renewed.") if lapsed else say("This holds until {day}.")
        term = pattern.format(day=until)
    note = " ".join(filter(None, (say("Confirmed on {day}.").format(day=on), _checked(checks, say), term)))
    return FactView(name, (verified.by.get(say.language),), note, "warn" if lapsed else "good")


def _checked(checks: Tally | None, say: Say) -> str:
    """How many of the statements with figures that stand there now were confirmed, where that was checked here."""
    if checks is None or checks.open == checks.claims:
        return ""
    pattern = say("Of {count} statements with figures, {confirmed} were confirmed and {plausible} found plausible.")
    return pattern.format(count=checks.claims, confirmed=checks.confirmed, plausible=checks.plausible)


def _labels(taxonomy: str, values: Sequence[str], say: Say) -> tuple[str, ...]:
    return tuple(say.label(taxonomy, value) for value in values)


def _definition(taxonomy: str, value: str, say: Say) -> str:
    term = say.taxonomy[taxonomy].get(value)
    return term.definition.get(say.language) if term else ""
