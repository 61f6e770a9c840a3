"""Verifications that end: found in time, told to the editors once, and listed on the desk until somebody renews them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kb.desk.accounts import Account, Accounts
from kb.desk.clock import Clock, present
from kb.desk.notices import Notices
from kb.desk.rights import Role
from kb.records import Bilingual
from kb.store import Store
from kb.text.years import format_date

SOON = timedelta(days=30)
_TOLD = "desk-renewals-told"
_NAMED = 20
"""Cases that a message names; more are counted."""


@dataclass(frozen=True)
class Renewal:
    """A published case whose verification has ended or ends soon. `entry` is its entry's number, where it has one."""

    practice: str
    title: Bilingual
    until: date
    entry: int | None

    def ended(self, today: date) -> bool:
        """Whether it does not hold any more; it holds on its last day."""
        return self.until < today


def renewals(store: Store, today: date) -> list[Renewal]:
    """Cases to verify again, the oldest verification first."""
    until = "CASE WHEN json_valid(records.data) THEN json_extract(records.data, '$.verified.until') END"  # as the index has it
    sql = f"""SELECT records.id, records.title_th, records.title_en, {until}, entries.number
              FROM records LEFT JOIN entries ON entries.practice = records.id
              WHERE {until} <= ? AND records.kind = 'practice' ORDER BY {until}, records.id"""
    rows = store.database.execute(sql, [(today + SOON).isoformat()])
    return [Renewal(row[0], Bilingual(row[1], row[2]), date.fromisoformat(row[3]), row[4]) for row in rows]


class RenewalNotices:
    """Tells the editors once a day of what has newly ended, or newly ends soon: each case once for each of the two."""

    def __init__(self, store: Store, accounts: Accounts, notices: Notices, clock: Clock = present) -> None:
        self._store = store
        self._accounts = accounts
        self._notices = notices
        self._clock = clock

    def tell(self) -> None:
        today = self._clock().date()
        with self._store.writing():
            told = json.loads(self._store.meta(_TOLD) or "{}")
            if told.get("day") == today.isoformat():
                return
            found = renewals(self._store, today)
            stages = {item.practice: _stage(item, today) for item in found}
            news = [item for item in found if told.get("stages", {}).get(item.practice) != stages[item.practice]]
            for account in self._accounts.all():
                if news and account.role is Role.EDITOR and not account.disabled:
                    self._notices.tell(account, "renewals", note=_listed(news, today, account))
            state = {"day": today.isoformat(), "stages": stages}
            self._store.set_meta(_TOLD, json.dumps(state, ensure_ascii=False, sort_keys=True))


def _stage(item: Renewal, today: date) -> str:
    """What was told of a case: until when it holds, and whether that is over. A renewed case is a new one."""
    return f"{item.until} {'ended' if item.ended(today) else 'soon'}"


def _listed(items: Sequence[Renewal], today: date, account: Account) -> str:
    """A line for each case in the reader's language, ended ones first as they are sorted."""
    thai = account.language == "th"
    lines = []
    for item in items[:_NAMED]:
        day, title = format_date(item.until, account.language), item.title.get(account.language)
        if thai:
            lines.append(f"- {title}: {'สิ้นผลแล้วเมื่อ' if item.ended(today) else 'มีผลถึง'} {day}")
        else:
            lines.append(f"- {title}: {'ended on' if item.ended(today) else 'holds until'} {day}")
    if len(items) > _NAMED:
        rest = len(items) - _NAMED
        lines.append(f"และอีก {rest} กรณี" if thai else f"and {rest} more")
    return "\n".join(lines)
