"""A small desk for tests of reviews, evidence and mail: an empty repository with people, a set clock, and an entry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from kb.corpus import read_practice
from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.entries import Entry
from kb.desk.reviews import Opinion, Recommendation, points
from kb.desk.rights import Role, State
from kb.records import Practice
from kb.repository import Repository
from kb.store import Store


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class World:
    """A desk with its people and an entry that the contributor wrote."""

    desk: Desk
    store: Store
    clock: SetClock
    people: dict[str, Account]
    entry: int

    def who(self, role: str) -> Account:
        return self.people[role]

    def now(self) -> Entry:
        """The entry as it stands."""
        return self.desk.entries.required(self.entry)

    def to_review(self) -> Entry:
        """Submit the entry and let the reviewer take it."""
        self.desk.workflow.move(self.entry, State.SUBMITTED, self.who("contributor"))
        return self.desk.workflow.move(self.entry, State.IN_REVIEW, self.who("reviewer"))

    def change(self, old: str, new: str, role: str = "contributor", language: str = "th") -> Entry:
        """Replace words in one face, as a new revision."""
        entry = self.now()
        practice = self.desk.entries.newest(entry)
        face = practice.faces[language]  # type: ignore[index]
        sections = {key: text.replace(old, new) for key, text in face.sections.items()}
        assert sections != face.sections, f"{old} is not in the text"
        practice = replace(practice, faces={**practice.faces, language: replace(face, sections=sections)})
        return self.desk.entries.save(self.entry, practice, entry.revision, self.who(role))


def made_world(repository: Repository, store: Store) -> World:
    clock = SetClock()
    desk = Desk(repository, store, clock)
    people = {
        name: desk.accounts.add(f"{name}@a.example", name.title(), Role(name.split("-")[0]), language)
        for name, language in (
            ("contributor", "th"), ("reviewer", "en"), ("reviewer-2", "en"), ("editor", "en"), ("administrator", "en"),
        )
    }  # fmt: skip
    entry = desk.entries.create(fondue(repository), people["contributor"])
    return World(desk, store, clock, people, entry.number)


def fondue(repository: Repository) -> Practice:
    """A practice with two faces and seven claims."""
    path = repository.settings.corpus / "practices" / "th" / "th-traffy-fondue.md"
    return read_practice(path, repository.taxonomy)


def opinion(recommendation: Recommendation = Recommendation.APPROVE, note: str = "") -> Opinion:
    return Opinion({point.id: 4 for point in points()}, recommendation, note)
