"""The groups of unanswered questions, with what was worked out before kept: a page that is opened again costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from kb.desk.asked import DAYS_KEPT, Asked, AskedQuestions
from kb.desk.clock import Clock, present
from kb.desk.radar import Radar
from kb.desk.unanswered import Group, groups, placed
from kb.encoder import Encoder, Role
from kb.search.engine import Searcher
from kb.space import LanguageSpace
from kb.store import Store

PLACED = 50
"""Groups of which the nearest case is looked up; a list longer than that is not read to its end."""
_KEPT = 10_000


class Remembering:
    """An encoder that keeps the vectors of the texts that it was given, the newest some thousand."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[tuple[Role, str], NDArray[np.float32]] = {}

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def warm(self) -> None:
        self._encoder.warm()

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        """Vectors of shape (n, dimension), as the encoder itself would make them."""
        roles: Sequence[Role] = [role] * len(texts) if isinstance(role, str) else role
        wanted = list(zip(roles, texts, strict=True))
        new = [key for key in dict.fromkeys(wanted) if key not in self._vectors]
        if new:
            rows = self._encoder.encode([text for _, text in new], [one for one, _ in new])
            self._vectors |= dict(zip(new, rows, strict=True))
        found = np.stack([self._vectors[key] for key in wanted])
        for key in list(self._vectors)[: max(len(self._vectors) - _KEPT, 0)]:
            del self._vectors[key]
        return found


class UnansweredGroups:
    """Groups over the questions of one server. One thread works at a time; the others wait for what it finds."""

    def __init__(self, encoder: Encoder, space: LanguageSpace, clock: Clock = present) -> None:
        self._encoder = Remembering(encoder)
        self._space = space
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[Asked, ...] = ()
        self._groups: tuple[Group, ...] = ()

    def groups(self, asked: AskedQuestions) -> tuple[Group, ...]:
        """Groups of all that is kept, the most asked first, without their places."""
        kept = asked.since(self._clock().date() - timedelta(days=DAYS_KEPT))
        with self._lock:
            if kept != self._seen:
                self._groups, self._seen = groups(kept, self._encoder, self._space), kept
            return self._groups

    def placed(self, asked: AskedQuestions, searcher: Searcher, store: Store, seen: Radar) -> tuple[Group, ...]:
        """The same with the nearest case and the gaps of the first ones."""
        found = self.groups(asked)
        return (*(placed(group, searcher, seen, store.practice) for group in found[:PLACED]), *found[PLACED:])

    def one(self, asked: AskedQuestions, text: str) -> Group | None:
        """The group that a text stands for."""
        return next((group for group in self.groups(asked) if group.representative.text == text), None)
