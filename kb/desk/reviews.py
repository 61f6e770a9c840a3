"""Reviews: what somebody who did not write an entry thinks of one version of it, on the eight points of the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from kb.desk.audit import Audit
from kb.desk.clock import Clock, present, stamp
from kb.desk.entries import Entries, Entry, EntryError, StaleError
from kb.desk.rights import Action, Actor, require
from kb.records import Bilingual
from kb.store import Store

MAX_REVIEW_NOTE = 4000
SCORES = (1, 2, 3, 4, 5)


class Recommendation(StrEnum):
    APPROVE = "approve"
    CHANGES = "changes"
    REJECT = "reject"


@dataclass(frozen=True)
class Point:
    """One of the points that a case is scored on, with a line that says what it asks."""

    id: str
    name: Bilingual
    explanation: Bilingual


@dataclass(frozen=True)
class Opinion:
    """What a reviewer gives: a score of `SCORES` for each point, or `None` where it does not apply."""

    scores: Mapping[str, int | None]
    recommendation: Recommendation
    note: str = ""


@dataclass(frozen=True)
class Review:
    """An opinion on one revision, by whom and when."""

    id: int
    entry: int
    revision: int
    reviewer: int
    made: str
    opinion: Opinion


class Reviews:
    """The reviews of one database. They are added to and never changed: of one reviewer's several the newest counts."""

    def __init__(self, store: Store, clock: Clock = present) -> None:
        self._store = store
        self._clock = clock
        self._entries = Entries(store, clock)
        self._audit = Audit(store, clock)

    def add(self, number: int, revision: int, opinion: Opinion, actor: Actor) -> None:
        """Keep an opinion on the newest revision.

        Raises `RightsError` for those who wrote the entry, `StaleError` where a newer revision came in between, and
        `EntryError` where a point has no score or the author would not know what to do.
        """
        opinion = _checked(opinion)
        with self._store.writing():
            entry = self._entries.required(number)
            require(actor, Action.REVIEW, entry)
            if entry.revision != revision:
                raise StaleError(entry.revision)
            self._store.database.table("reviews").insert({
                "entry": number, "revision": revision, "reviewer": actor.id, "made": stamp(self._clock()),
                "scores": json.dumps(dict(opinion.scores), sort_keys=True),
                "recommendation": opinion.recommendation.value, "note": opinion.note,
            })  # fmt: skip
            said = opinion.recommendation.value
            self._audit.write(actor, "entry-reviewed", f"entry:{number}", revision=revision, recommendation=said)

    def of(self, number: int) -> list[Review]:
        """The newest review of each reviewer of each revision, the newest first."""
        sql = """SELECT id, entry, revision, reviewer, made, scores, recommendation, note FROM reviews
                 WHERE id IN (SELECT max(id) FROM reviews WHERE entry = ? GROUP BY revision, reviewer) ORDER BY id DESC"""
        return [_review(row) for row in self._store.database.execute(sql, [number])]

    def current(self, entry: Entry, actor: Actor) -> Review | None:
        """This person's review of the present text; that somebody verified the entry meanwhile does not make it an old one."""
        since = self._entries.text_revision(entry.number)
        return next((item for item in self.of(entry.number) if item.reviewer == actor.id and item.revision >= since), None)

    def approves(self, entry: Entry, actor: Actor) -> bool:
        """Whether this person has reviewed the present text and recommends to approve it."""
        review = self.current(entry, actor)
        return review is not None and review.opinion.recommendation is Recommendation.APPROVE


def _checked(opinion: Opinion) -> Opinion:
    """The opinion in its stored form; raises `EntryError`."""
    if set(opinion.scores) != {point.id for point in points()}:
        raise EntryError("Give each of the eight points a score, or mark it as not applicable.")
    if any(score is not None and score not in SCORES for score in opinion.scores.values()):
        raise EntryError("A score is a whole number from 1 to 5.")
    note = opinion.note.strip()
    if len(note) > MAX_REVIEW_NOTE:
        raise EntryError("The note is too long; shorten it.")
    if opinion.recommendation is not Recommendation.APPROVE and not note:
        raise EntryError("Say in the note why, so that the author knows what to do.")
    return Opinion(dict(opinion.scores), opinion.recommendation, note)


def _review(row: Any) -> Review:
    return Review(row[0], row[1], row[2], row[3], row[4], Opinion(json.loads(row[5]), Recommendation(row[6]), row[7]))


@lru_cache(maxsize=1)
def points() -> tuple[Point, ...]:
    """The eight points in order, from `kb/data/review_points.yaml`."""
    data = yaml.safe_load(files("kb").joinpath("data/review_points.yaml").read_text(encoding="utf-8"))
    return tuple(Point(item["id"], Bilingual(**item["name"]), Bilingual(**item["explanation"])) for item in data)
