"""Who may do what: the one place that says so, for pages, the API and the command line.

Roles stand above one another: an editor may do all that a reviewer may. A contributor's rights hold for what they own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kb.errors import KbError


class Role(StrEnum):
    CONTRIBUTOR = "contributor"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"


_RANK = {role: rank for rank, role in enumerate(Role)}


class State(StrEnum):
    """Where an entry stands on its way."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What can be done at the desk. Those from VIEW on are done to an entry."""

    SIGNED_IN = "signed-in"
    CREATE = "create"
    READ_ALL = "read-all"
    PLAN = "plan"
    BULK = "bulk"
    TERMS = "terms"
    ACCOUNTS = "accounts"
    AUDIT = "audit"
    VIEW = "view"
    EDIT = "edit"
    SUBMIT = "submit"
    COMMENT = "comment"
    TAKE = "take"
    REVIEW = "review"
    CHECK_CLAIMS = "check-claims"
    ASSIGN = "assign"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


class RightsError(KbError):
    """The account may not do this."""


class Actor(Protocol):
    """Who asks: an account."""

    @property
    def id(self) -> int: ...

    @property
    def role(self) -> Role: ...


class Owned(Protocol):
    """What is asked for: an entry with its owner and state."""

    @property
    def owner(self) -> int | None: ...

    @property
    def state(self) -> State: ...

    @property
    def authors(self) -> frozenset[int]: ...


@dataclass(frozen=True)
class Rule:
    """From which role on; what the owner may in any role, in which states; whether those who wrote it are shut out."""

    role: Role
    owner: bool = False
    owner_states: frozenset[State] = frozenset(State)
    not_own: bool = False
    states: frozenset[State] = frozenset(State)


_OPEN = frozenset({State.DRAFT, State.CHANGES_REQUESTED})
_UNDER_REVIEW = frozenset({State.SUBMITTED, State.IN_REVIEW, State.APPROVED})

RULES: Mapping[Action, Rule] = {
    Action.SIGNED_IN: Rule(Role.CONTRIBUTOR),
    Action.CREATE: Rule(Role.CONTRIBUTOR),
    Action.READ_ALL: Rule(Role.REVIEWER),
    Action.PLAN: Rule(Role.REVIEWER),
    Action.BULK: Rule(Role.EDITOR),
    Action.TERMS: Rule(Role.EDITOR),
    Action.ACCOUNTS: Rule(Role.ADMINISTRATOR),
    Action.AUDIT: Rule(Role.ADMINISTRATOR),
    Action.VIEW: Rule(Role.REVIEWER, owner=True),
    Action.EDIT: Rule(Role.EDITOR, owner=True, owner_states=_OPEN),
    Action.SUBMIT: Rule(Role.EDITOR, owner=True, states=_OPEN),
    Action.COMMENT: Rule(Role.REVIEWER, owner=True),
    Action.TAKE: Rule(Role.REVIEWER, not_own=True, states=frozenset({State.SUBMITTED})),
    Action.REVIEW: Rule(Role.REVIEWER, not_own=True, states=_UNDER_REVIEW),
    Action.CHECK_CLAIMS: Rule(Role.REVIEWER, not_own=True, states=frozenset(State) - {State.WITHDRAWN}),
    Action.ASSIGN: Rule(Role.EDITOR),
    Action.PUBLISH: Rule(Role.EDITOR, states=frozenset(State) - {State.WITHDRAWN}),
    Action.WITHDRAW: Rule(Role.EDITOR, owner=True, owner_states=_OPEN),
}
"""`not_own` is the conflict of interest: nobody reviews, checks or approves what they wrote."""

ON_ENTRIES = frozenset(action for action in Action if list(Action).index(action) >= list(Action).index(Action.VIEW))


def may(actor: Actor | None, action: Action, entry: Owned | None = None) -> bool:
    """Whether this account may do this, to this entry where the action is done to one."""
    if actor is None:
        return False
    rule = RULES[action]
    ranked = _RANK[actor.role] >= _RANK[rule.role]
    if action not in ON_ENTRIES:
        return ranked
    if entry is None or entry.state not in rule.states:
        return False
    own = entry.owner == actor.id
    if rule.not_own and (own or actor.id in entry.authors):
        return False
    return ranked or (rule.owner and own and entry.state in rule.owner_states)


def require(actor: Actor | None, action: Action, entry: Owned | None = None) -> None:
    """Raises `RightsError` where `may` says no, with the reason that a person can use."""
    if may(actor, action, entry):
        return
    rule = RULES[action]
    if actor is not None and entry is not None:
        if rule.not_own and (entry.owner == actor.id or actor.id in entry.authors):
            raise RightsError("You wrote this entry, so someone else has to review it.")
        if entry.state not in rule.states and _RANK[actor.role] >= _RANK[rule.role]:
            raise RightsError("This cannot be done in the entry's present state; reload the page.")
    raise RightsError("Your account may not do this; ask an administrator for the right.")
