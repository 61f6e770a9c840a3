"""The parts of the desk over one repository, put together once."""

from __future__ import annotations

from functools import cached_property

from kb.desk.accounts import Accounts
from kb.desk.audit import Audit
from kb.desk.clock import Clock, present
from kb.desk.editing import Editing
from kb.desk.entries import Entries
from kb.desk.mismatches import TwinNames
from kb.desk.notices import Notices
from kb.desk.publishing import Publisher, Tools
from kb.desk.sessions import Sessions
from kb.desk.workflow import Rules, Workflow
from kb.repository import Repository
from kb.store import Store


class Desk:
    """Accounts, entries and everything that is done to them. One object serves all threads."""

    def __init__(self, repository: Repository, store: Store, clock: Clock = present) -> None:
        settings = repository.settings
        self.repository = repository
        self.store = store
        self.clock = clock
        self.audit = Audit(store, clock)
        self.accounts = Accounts(store, clock)
        self.sessions = Sessions(store, self.accounts, clock)
        self.entries = Entries(store, clock)
        self.notices = Notices(store, self.accounts, settings.public_url or f"http://{settings.host}:{settings.port}", clock)
        self.editing = Editing(store, lambda: repository.segmenter, clock)
        self.workflow = Workflow(store, Rules(bool(settings.two_eyes)), (self.notices,), clock)
        self.publisher = Publisher(store, self.workflow, lambda: self._tools, clock)

    @cached_property
    def twin_names(self) -> TwinNames:
        """Names that both faces of a case have to say."""
        return TwinNames(self.repository.termbase)

    @cached_property
    def _tools(self) -> Tools:
        return Tools(self.repository.encoder, self.repository.segmenter, self.repository.taxonomy)
