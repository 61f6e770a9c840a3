"""Where the states of sections are kept: one row for each side of each section of an entry."""

from __future__ import annotations

from kb.desk.accounts import Account
from kb.desk.twins import SectionState, SideState, States
from kb.records import Lang
from kb.store import Store

_STATES: tuple[SideState, ...] = ("original", "machine", "checked")
_LANGUAGES: dict[str, Lang] = {"th": "th", "en": "en"}


class SectionStates:
    """The states of sections of one database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, entry: int) -> States:
        """What is noted of an entry's sections; `by` is empty where a machine wrote or nobody is known."""
        sql = """
            SELECT s.language, s.section, s.state, coalesce(a.name, ''), s.made, coalesce(s.twin, '')
            FROM section_states AS s LEFT JOIN accounts AS a ON a.id = s.author
            WHERE s.entry = ? ORDER BY s.section, s.language DESC
        """
        return tuple(
            SectionState(_LANGUAGES[row[0]], row[1], _state(row[2]), row[3], row[4], row[5])
            for row in self._store.database.execute(sql, [entry])
        )

    def write(self, entry: int, states: States, who: Account | None) -> None:
        """Make `states` what is noted. What is new in them is the work of `who` (`None`: a machine).

        A state that names nobody stays nobody's: it was taken from the face and only the twin's text was noted with it.
        """
        with self._store.writing():
            before = {(state.language, state.section): state for state in self.of(entry)}
            kept = {(state.language, state.section) for state in states}
            for language, section in before.keys() - kept:
                self._store.database.execute(
                    "DELETE FROM section_states WHERE entry = ? AND language = ? AND section = ?", [entry, language, section]
                )
            for state in states:
                old = before.get((state.language, state.section))
                if state != old:
                    self._put(entry, state, old, who)

    def _put(self, entry: int, state: SectionState, old: SectionState | None, who: Account | None) -> None:
        row: dict[str, str | int | None] = {
            "entry": entry, "language": state.language, "section": state.section, "state": state.state,
            "made": state.at, "twin": state.twin_hash,
        }  # fmt: skip
        same_hand = old is not None and (old.by, old.at) == (state.by, state.at)
        if not same_hand:
            row["author"] = who.id if who is not None and state.by == who.name else None
        self._store.database.table("section_states").upsert(row, pk=("entry", "language", "section"))


def _state(stored: str) -> SideState:
    return next(state for state in _STATES if state == stored)
