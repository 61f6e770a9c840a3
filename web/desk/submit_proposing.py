"""Proposals from a file, made once when it is handed in. What they are made with is kept as long as the index is the same."""

from __future__ import annotations

import logging
import threading

from fastapi import Request

from kb.desk.attachments import Attachment
from kb.desk.desk import Desk
from kb.desk.proposals.records import Proposal
from kb.desk.propose import ProposalParts, propose
from kb.desk.taking import Kept
from kb.errors import KbError
from kb.search.engine import Searcher
from web.render import searcher_in

_LOG = logging.getLogger(__name__)


class Proposing:
    """Proposes from documents, one at a time: two cores have enough to do with one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None
        self._parts: ProposalParts | None = None

    def propose(self, desk: Desk, searcher: Searcher, attachment: Attachment) -> Kept:
        """What is kept with a file from now on; no proposals where nothing was published yet that one could learn from."""
        document = desk.attachments.document(attachment)
        with self._lock:
            kept = Kept(Proposal(document.id, document.language, ()))
            try:
                if next(iter(searcher.store.practices()), None) is not None:
                    kept = Kept(propose(document, self._ready(searcher)))
            except KbError as exc:
                _LOG.warning("no proposals from a file: %s", exc)
            desk.attachments.keep_proposals(attachment, kept.to_json())
        return kept

    def _ready(self, searcher: Searcher) -> ProposalParts:
        if self._parts is None or self._searcher is not searcher:
            self._parts, self._searcher = ProposalParts.of(searcher), searcher
        return self._parts


_PROPOSING = Proposing()


def propose_from(request: Request, desk: Desk, attachment: Attachment) -> Kept:
    """Proposals from a file, as they were made before, or made now."""
    if stored := desk.attachments.proposals(attachment):
        return Kept.from_json(stored)
    return _PROPOSING.propose(desk, searcher_in(request), attachment)
