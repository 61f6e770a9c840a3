"""A draft that tells a case which is there already, in the other language: it becomes that case's other face."""

from __future__ import annotations

from dataclasses import replace

from kb.desk.accounts import Account
from kb.desk.audit import Audit
from kb.desk.entries import Entries, Entry, EntryError
from kb.desk.gate import language_of
from kb.desk.notices import Notices
from kb.desk.rights import Action, Role, State, require
from kb.desk.workflow import Workflow
from kb.ingest.statements import CITATION
from kb.records import Practice
from kb.store import Store


class Joining:
    """Joins drafts of one desk to the entries of the cases that they tell."""

    def __init__(self, store: Store, workflow: Workflow, notices: Notices, entries: Entries, audit: Audit) -> None:
        self._store = store
        self._workflow = workflow
        self._notices = notices
        self._entries = entries
        self._audit = audit

    def join(self, draft: Entry, other: str, actor: Account, note: str) -> Entry:
        """Put the draft's face into a new revision of `other` (`practice:<id>` or `entry:<number>`) and withdraw the draft.

        Asks for the right to submit the draft: what is joined goes to an editor and not to readers. The files of the draft go
        along. Raises `EntryError` where the other one has a face in this language already.
        """
        with self._store.writing():
            draft = self._entries.required(draft.number)
            require(actor, Action.SUBMIT, draft)
            target = self._target(other, actor)
            own, theirs = self._entries.newest(draft), self._entries.newest(target)
            if language_of(own) in theirs.faces or not own.faces:
                raise EntryError("The other case has a text in this language already; hand in what it lacks as a comment.")
            reason = f"{language_of(own)}: entry {draft.number}"
            joined = self._entries.save(target.number, joined_faces(theirs, own), target.revision, actor, reason)
            self._store.database.execute("UPDATE attachments SET entry = ? WHERE entry = ?", [joined.number, draft.number])
            self._workflow.move(draft.number, State.WITHDRAWN, actor, note)
            self._audit.write(actor, "entry-joined", f"entry:{joined.number}", draft=draft.number)
            for account in self._notices_to(actor):
                self._notices.tell(account, "joined", joined, actor=actor.name)
        return joined

    def _target(self, other: str, actor: Account) -> Entry:
        kind, _, name = other.partition(":")
        if kind == "practice":
            return self._entries.open(name, actor)
        target = self._entries.get(int(name)) if name.isascii() and name.isdecimal() and len(name) < 18 else None
        if target is None or target.state is State.WITHDRAWN:
            raise EntryError("There is no such entry.")
        require(actor, Action.VIEW, target)
        return target

    def _notices_to(self, actor: Account) -> list[Account]:
        return [one for one in self._notices.people() if one.role is Role.EDITOR and not one.disabled and one.id != actor.id]


def joined_faces(case: Practice, draft: Practice) -> Practice:
    """The case with the draft's face beside its own; sources and claims of the draft come after those of the case."""
    language = language_of(draft)
    face = draft.faces[language]
    claims = max((claim.number for claim in case.claims), default=0)
    sources = len(case.sources)
    texts = {name: CITATION.sub(lambda mark: f"[^{int(mark[1]) + claims}]", text) for name, text in face.sections.items()}
    moved = tuple(
        replace(claim, number=claim.number + claims, sources=tuple(number + sources for number in claim.sources))
        for claim in draft.claims
    )
    faces = {**case.faces, language: replace(face, sections=texts)}
    return replace(case, faces=faces, sources=case.sources + draft.sources, claims=case.claims + moved)
