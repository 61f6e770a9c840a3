"""The coverage radar: where the repository has cases and where it has none, and which cases are getting old.

One pass over the practices, with the days on which they changed given beside them: no question to the database for each case.
`kb.coverage` counts for the command line; this counts for people who plan what to look for next.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kb.records import LANGUAGES, Bilingual, Face, Lang, Practice
from kb.taxonomy import Taxonomy

SOON_DAYS = 90
"""A confirmation that ends within so many days is told as expiring."""
OLD_DAYS = 730
"""A case whose text did not change for longer, and that no valid confirmation stands behind, is old."""
THIN = 1
"""At most so many cases make a square thin."""

Gap = Literal["missing", "behind", "unchecked"]


@dataclass(frozen=True)
class Square:
    """A country and a main priority: cases by start year (`None`: not known) and by grade of evidence, and how fresh they are.

    `changed` is the newest day on which one of them changed, `None` where there is none or the day is not known. `confirmed`
    counts cases with a confirmation that holds today, `old` those that are old, `stopped` those that failed or were stopped.
    """

    country: str
    priority: str
    count: int
    years: Mapping[int | None, int]
    evidence: Mapping[str, int]
    changed: date | None
    confirmed: int
    old: int
    stopped: int

    @property
    def thin(self) -> bool:
        return self.count <= THIN


@dataclass(frozen=True)
class FaceGap:
    """A face that is missing, made from an older revision of the other one, or not yet checked by a native editor."""

    id: str
    title: Bilingual
    country: str
    language: Lang
    gap: Gap


@dataclass(frozen=True)
class Ending:
    """A confirmation that ended or ends soon; `days` from today, negative where it has ended."""

    id: str
    title: Bilingual
    country: str
    until: date
    days: int


@dataclass(frozen=True)
class Radar:
    """Squares for every country and priority of the taxonomy, also empty ones, in its order; then what needs hands.

    `years` are all start years, newest first, for the heads of columns. `ended` and `ending` have the earliest first.
    """

    day: date
    squares: tuple[Square, ...]
    years: tuple[int, ...]
    gaps: tuple[FaceGap, ...]
    ended: tuple[Ending, ...]
    ending: tuple[Ending, ...]
    cases: int

    def row(self, country: str) -> tuple[Square, ...]:
        """The squares of a country, one a priority."""
        return tuple(square for square in self.squares if square.country == country)

    def empty(self) -> tuple[tuple[str, str], ...]:
        """Countries and priorities without any case."""
        return tuple((square.country, square.priority) for square in self.squares if not square.count)

    def by_year(self, country: str, priority: str, year: int | None) -> int:
        """How many cases of a country and a priority began in a year."""
        return next((s.years.get(year, 0) for s in self.squares if (s.country, s.priority) == (country, priority)), 0)


def radar(practices: Iterable[Practice], changed: Mapping[str, date], taxonomy: Taxonomy, today: date) -> Radar:
    """Look over all cases once. `changed` has the day on which each last changed, by id; a case may be missing there."""
    places: dict[tuple[str, str], list[Practice]] = defaultdict(list)
    gaps: list[FaceGap] = []
    endings: list[Ending] = []
    for practice in practices:
        places[practice.country, practice.priority].append(practice)
        gaps += _gaps(practice)
        if practice.verified and practice.verified.until and (until := practice.verified.until) <= today + timedelta(SOON_DAYS):
            endings.append(Ending(practice.id, practice.title, practice.country, until, (until - today).days))
    endings.sort(key=lambda ending: (ending.until, ending.id))
    squares = tuple(
        _square((country, priority), places.get((country, priority), []), changed, today)
        for country in taxonomy["countries"]
        for priority in taxonomy["priorities"]
    )
    return Radar(
        day=today,
        squares=squares,
        years=tuple(sorted({p.start for held in places.values() for p in held if p.start is not None}, reverse=True)),
        gaps=tuple(gaps),
        ended=tuple(ending for ending in endings if ending.days < 0),
        ending=tuple(ending for ending in endings if ending.days >= 0),
        cases=sum(map(len, places.values())),
    )


def _square(place: tuple[str, str], held: list[Practice], changed: Mapping[str, date], today: date) -> Square:
    days = [changed[practice.id] for practice in held if practice.id in changed]
    return Square(
        *place,
        count=len(held),
        years=Counter(practice.start for practice in held),
        evidence=Counter(practice.evidence for practice in held),
        changed=max(days, default=None),
        confirmed=sum(_holds(practice, today) for practice in held),
        old=sum(_old(practice, changed.get(practice.id), today) for practice in held),
        stopped=sum(practice.status in ("stopped", "failed") for practice in held),
    )


def _holds(practice: Practice, today: date) -> bool:
    """Whether somebody confirmed the case and that has not ended."""
    if practice.verification != "confirmed":
        return False
    return practice.verified is None or practice.verified.until is None or practice.verified.until >= today


def _old(practice: Practice, changed: date | None, today: date) -> bool:
    return changed is not None and (today - changed).days > OLD_DAYS and not _holds(practice, today)


def _gaps(practice: Practice) -> list[FaceGap]:
    found: list[tuple[Lang, Gap]] = []
    for lang, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        face = practice.faces.get(lang)
        if face is None:
            found.append((lang, "missing"))
            continue
        if behind(face, practice.faces.get(other)):
            found.append((lang, "behind"))
        if not face.checked and face.state != "human-checked":
            found.append((lang, "unchecked"))
    return [FaceGap(practice.id, practice.title, practice.country, lang, gap) for lang, gap in found]


def behind(face: Face, other: Face | None) -> bool:
    """Whether a face was made from a revision of the other one that is no longer the newest."""
    return other is not None and face.made_from is not None and face.made_from < other.revision
