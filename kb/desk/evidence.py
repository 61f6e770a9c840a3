"""Checks of evidence: somebody who did not write an entry compares each claim with its sources; together they verify a case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from kb.desk.audit import Audit
from kb.desk.checks import REFUTED, Check, Checked, Finding, Tally, Verdict, claimed, tally
from kb.desk.clock import Clock, present, stamp
from kb.desk.completeness import Gap
from kb.desk.entries import Entries, Entry, EntryError, StaleError
from kb.desk.rights import Action, Actor, require
from kb.desk.source_passages import Attachment
from kb.records import Bilingual, Practice, Verified
from kb.store import Store

MAX_CHECK_NOTE = 2000
MAX_QUOTE = 4000
MAX_VERIFIER = 200
HOLDS = timedelta(days=365)
"""How long a verification holds unless told otherwise."""
LONGEST = timedelta(days=5 * 366)


class ChangedError(EntryError):
    """The claim does not say any more what the checker read."""

    def __init__(self) -> None:
        super().__init__("The statement was changed meanwhile; read it again before you judge it.")


@dataclass(frozen=True)
class Verification:
    """Who stands behind a case, in both languages, and until when."""

    by: Bilingual
    until: date


class Evidence:
    """The checks of one database."""

    def __init__(self, store: Store, clock: Clock = present) -> None:
        self._store = store
        self._clock = clock
        self._entries = Entries(store, clock)
        self._audit = Audit(store, clock)

    def of(self, entry: Entry) -> tuple[Checked, ...]:
        """The claims of the newest revision with their checks."""
        return self.of_text(entry.number, self._entries.newest(entry))

    def of_text(self, number: int, practice: Practice) -> tuple[Checked, ...]:
        """The claims of a text of this entry. A check counts only where the claim says what it said when it was checked."""
        sql = """SELECT claim, said, verdict, note, quote, attachment, checker, revision, made
                 FROM claim_checks WHERE entry = ?"""
        known = {row[0]: (row[1], _check(row)) for row in self._store.database.execute(sql, [number])}
        found = []
        for item in claimed(practice):
            said, check = known.get(item.claim.number, ("", None))
            found.append(Checked(item, check) if said == item.key else Checked(item, None, check))
        return tuple(found)

    def tally_for_readers(self, practice: Practice) -> Tally | None:
        """How the checks of a published case stand; `None` where it was never on the desk."""
        sql = "SELECT number FROM entries WHERE practice = ?"
        row = self._store.database.execute(sql, [practice.id]).fetchone()
        return tally(self.of_text(row[0], practice)) if row else None

    def refuted(self, number: int, practice: Practice) -> tuple[Gap, ...]:
        """Claims that a checker found unsupported or wrong and that still say the same: what keeps a case from readers."""
        return tuple(
            Gap("claims", "refuted", text=str(item.claimed.claim.number))
            for item in self.of_text(number, practice)
            if item.check and item.check.finding.verdict in REFUTED
        )

    def record(self, number: int, claim: int, key: str, finding: Finding, actor: Actor) -> None:
        """Keep what was found for a claim that reads as `key` says.

        Raises `RightsError` for those who wrote the entry, `ChangedError` where the claim reads otherwise now, `EntryError`.
        """
        finding = _checked(finding)
        with self._store.writing():
            entry = self._entries.required(number)
            require(actor, Action.CHECK_CLAIMS, entry)
            keys = {item.claim.number: item.key for item in claimed(self._entries.newest(entry))}
            if keys.get(claim) != key:
                raise ChangedError
            if finding.attachment is not None and finding.attachment not in {item.id for item in self.attachments(number)}:
                raise EntryError("Choose a file of this entry.")
            self._store.database.table("claim_checks").upsert({
                "entry": number, "claim": claim, "said": key, "verdict": finding.verdict.value, "checker": actor.id,
                "revision": entry.revision, "made": stamp(self._clock()), "note": finding.note,
                "attachment": finding.attachment, "quote": finding.quote,
            }, pk=("entry", "claim"))  # fmt: skip
            told = {"claim": claim, "verdict": finding.verdict.value, "revision": entry.revision}
            self._audit.write(actor, "claim-checked", f"entry:{number}", **told)

    def verify(self, number: int, base: int, verification: Verification, actor: Actor) -> Entry:
        """Stamp an entry as verified, in a new revision made from `base`; each claim must have been found sound before.

        Raises `RightsError` for those who wrote the entry, `StaleError`, and `EntryError`.
        """
        by = Bilingual(" ".join(verification.by.th.split()), " ".join(verification.by.en.split()))
        today = self._clock().date()
        if not (by.th and by.en) or max(len(by.th), len(by.en)) > MAX_VERIFIER:
            raise EntryError("Say in Thai and in English who verifies the case, each in at most 200 characters.")
        if not today < verification.until <= today + LONGEST:
            raise EntryError("A verification holds until a day after today, at most five years from now.")
        with self._store.writing():
            entry = self._entries.required(number)
            require(actor, Action.CHECK_CLAIMS, entry)
            if entry.revision != base:
                raise StaleError(entry.revision)
            practice = self._entries.newest(entry)
            if not tally(self.of_text(number, practice)).sound:
                raise EntryError("Check every claim first; a case with unsupported or wrong claims cannot be verified.")
            practice = replace(practice, verification="confirmed", verified=Verified(by, today, verification.until))
            saved = self._entries.save_verified(number, practice, base, actor, f"Verified until {verification.until}")
            told = {"revision": saved.revision, "until": verification.until.isoformat()}
            self._audit.write(actor, "entry-verified", f"entry:{number}", **told)
        return saved

    def attachments(self, number: int) -> list[Attachment]:
        """The files of an entry with their text, oldest first."""
        sql = "SELECT id, name, text FROM attachments WHERE entry = ? ORDER BY id"
        return [Attachment(*row) for row in self._store.database.execute(sql, [number])]


def _checked(finding: Finding) -> Finding:
    note, quote = finding.note.strip(), finding.quote.strip()
    if len(note) > MAX_CHECK_NOTE or len(quote) > MAX_QUOTE:
        raise EntryError("The note or the quote is too long; shorten it.")
    if finding.verdict in REFUTED and not note:
        raise EntryError("Say in the note what is wrong, so that the author knows what to change.")
    return Finding(finding.verdict, note, quote, finding.attachment)


def _check(row: Any) -> Check:
    return Check(Finding(Verdict(row[2]), row[3], row[4], row[5]), row[6], row[7], row[8])
