"""The parts of the desk over one repository, put together once."""

from __future__ import annotations

from datetime import date

from argon2 import PasswordHasher

from kb.desk.accounts import Account, Accounts
from kb.desk.attachments import Attachments
from kb.desk.audit import Audit
from kb.desk.clock import Clock, present
from kb.desk.comments import Comments
from kb.desk.editing import Editing
from kb.desk.entries import Entries
from kb.desk.evidence import Evidence
from kb.desk.gate import Gate
from kb.desk.joining import Joining
from kb.desk.mismatches import TwinNames
from kb.desk.notices import Notices
from kb.desk.publishing import Publisher, Tools
from kb.desk.radar import Radar, radar
from kb.desk.reviews import Opinion, Recommendation, Reviews
from kb.desk.rights import State
from kb.desk.sessions import Sessions
from kb.desk.sign_on import SignOn
from kb.desk.uploads import Uploads
from kb.desk.workflow import Rules, Workflow
from kb.overlay import read_state
from kb.repository import Repository
from kb.store import Store
from kb.taxonomy import Taxonomy


class Desk:
    """Accounts, entries and everything that is done to them. One object serves all threads."""

    def __init__(
        self, repository: Repository, store: Store, clock: Clock = present, hasher: PasswordHasher | None = None
    ) -> None:
        settings = repository.settings
        self.repository = repository
        self.store = store
        self.clock = clock
        self.audit = Audit(store, clock)
        self.accounts = Accounts(store, clock, hasher)
        self.sessions = Sessions(store, self.accounts, clock)
        self.sign_on = SignOn(settings)
        self.entries = Entries(store, clock)
        self.attachments = Attachments(store, Uploads(settings.home, settings.max_file_mb * 1_000_000), clock)
        self.notices = Notices(store, self.accounts, settings.public_url or f"http://{settings.host}:{settings.port}", clock)
        self.reviews = Reviews(store, clock)
        self.comments = Comments(store, self.notices, self.accounts, clock)
        self.evidence = Evidence(store, clock)
        self.editing = Editing(store, lambda: repository.segmenter, clock)
        self.workflow = Workflow(store, Rules(bool(settings.two_eyes)), (self.notices,), clock)
        self.gate = Gate(self.entries, self.audit)
        self.joining = Joining(store, self.workflow, self.notices, self.entries, self.audit)
        self.publisher = Publisher(store, self.workflow, self._tools, clock)
        self._twin_names = TwinNames()
        self._radar: tuple[object, Taxonomy, Radar] | None = None

    def review(self, number: int, revision: int, opinion: Opinion, actor: Account, step: bool) -> None:
        """Keep a review and, if `step`, move the entry as it recommends: both or neither. Editors are told of a rejection,
        which is theirs to decide. Raises what `Reviews.add` and `Workflow.move` raise."""
        ways = {Recommendation.APPROVE: State.APPROVED, Recommendation.CHANGES: State.CHANGES_REQUESTED}
        with self.store.writing():
            self.reviews.add(number, revision, opinion, actor)
            to = ways.get(opinion.recommendation)
            if to is None:
                self.notices.rejected(self.entries.required(number), actor, opinion.note)
            elif step:
                self.workflow.move(number, to, actor, opinion.note)

    @property
    def twin_names(self) -> TwinNames:
        """Names that both faces of a case have to say."""
        termbase = self.repository.termbase
        if self._twin_names.terms is not termbase:
            self._twin_names = TwinNames(termbase)
        return self._twin_names

    def radar(self) -> Radar:
        """The radar over the published cases of today; looked over again when a case, a list or the day changed."""
        today, taxonomy = self.clock().date(), self.repository.taxonomy
        dated = {row.id: row.changed for row in self.store.dated() if row.kind == "practice"}
        state = (today, sorted(self.store.practice_hashes().items()), sorted(dated.items()))
        if self._radar is None or self._radar[0] != state or self._radar[1] is not taxonomy:
            changed = {name: date.fromisoformat(day[:10]) for name, day in dated.items()}
            cases = (practice for practice, _, _ in self.store.practices())
            self._radar = (state, taxonomy, radar(cases, changed, taxonomy, today))
        return self._radar[2]

    def _tools(self) -> Tools:
        """With the newest words: a case that is published with older ones would not be found by the new ones."""
        state = read_state(self.store.database.conn)  # before the words: they may be newer, which is seen, but never older
        self.repository.take_vocabulary(self.store)
        words = self.repository.vocabulary
        return Tools(self.repository.encoder, words.segmenter, words.taxonomy, words.text_state, state)
