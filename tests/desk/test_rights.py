"""Who may do what. The table is written out by hand, so that a rule that changes has to be changed here too."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kb.desk.rights import ON_ENTRIES, RULES, Action, RightsError, Role, State, may, require

CONTRIBUTOR, REVIEWER, EDITOR, ADMINISTRATOR = Role
OWNER, AUTHOR, OTHER = 1, 2, 3


@dataclass(frozen=True)
class Someone:
    id: int
    role: Role


@dataclass(frozen=True)
class Thing:
    owner: int | None
    state: State
    authors: frozenset[int] = frozenset()


FIRST_ROLE = {
    Action.SIGNED_IN: CONTRIBUTOR, Action.CREATE: CONTRIBUTOR, Action.READ_ALL: REVIEWER, Action.PLAN: REVIEWER,
    Action.BULK: EDITOR, Action.TERMS: EDITOR, Action.ACCOUNTS: ADMINISTRATOR, Action.AUDIT: ADMINISTRATOR,
    Action.VIEW: REVIEWER, Action.EDIT: EDITOR, Action.SUBMIT: EDITOR, Action.COMMENT: REVIEWER, Action.TAKE: REVIEWER,
    Action.REVIEW: REVIEWER, Action.CHECK_CLAIMS: REVIEWER, Action.ASSIGN: EDITOR, Action.PUBLISH: EDITOR,
    Action.WITHDRAW: EDITOR,
}  # fmt: skip
"""The lowest role that may do it to anything, somebody else's too."""


def test_every_action_has_a_rule_and_a_row_here() -> None:
    assert set(RULES) == set(Action) == set(FIRST_ROLE)


@pytest.mark.parametrize("action", sorted(set(Action) - ON_ENTRIES))
@pytest.mark.parametrize("role", Role)
def test_rights_that_need_no_entry(action: Action, role: Role) -> None:
    assert may(Someone(OTHER, role), action) == (list(Role).index(role) >= list(Role).index(FIRST_ROLE[action]))


@pytest.mark.parametrize("action", Action)
def test_visitors_may_nothing(action: Action) -> None:
    assert not may(None, action, Thing(None, State.SUBMITTED))


@pytest.mark.parametrize("action", sorted(ON_ENTRIES))
@pytest.mark.parametrize("role", Role)
def test_somebody_elses_entry(action: Action, role: Role) -> None:
    state = State.SUBMITTED if action is not Action.SUBMIT else State.DRAFT
    wanted = list(Role).index(role) >= list(Role).index(FIRST_ROLE[action])
    assert may(Someone(OTHER, role), action, Thing(OWNER, state)) == wanted


@pytest.mark.parametrize("action", sorted(ON_ENTRIES))
def test_an_action_on_an_entry_needs_one(action: Action) -> None:
    assert not may(Someone(OTHER, ADMINISTRATOR), action)


OWN = [
    (Action.VIEW, set(State), "one's own entry can always be read"),
    (Action.EDIT, {State.DRAFT, State.CHANGES_REQUESTED}, "not while others look at it"),
    (Action.SUBMIT, {State.DRAFT, State.CHANGES_REQUESTED}, "once"),
    (Action.COMMENT, set(State), "answers to reviewers"),
    (Action.WITHDRAW, {State.DRAFT, State.CHANGES_REQUESTED}, "discard, but not what others work on"),
    (Action.TAKE, set(), "conflict of interest"),
    (Action.REVIEW, set(), "conflict of interest"),
    (Action.CHECK_CLAIMS, set(), "conflict of interest"),
    (Action.ASSIGN, set(), "no editor"),
    (Action.PUBLISH, set(), "no editor"),
]


@pytest.mark.parametrize(("action", "states", "reason"), OWN)
def test_a_contributors_own_entry(action: Action, states: set[State], reason: str) -> None:
    assert {state for state in State if may(Someone(OWNER, CONTRIBUTOR), action, Thing(OWNER, state))} == states, reason


@pytest.mark.parametrize("role", [REVIEWER, EDITOR, ADMINISTRATOR])
@pytest.mark.parametrize("action", [Action.TAKE, Action.REVIEW, Action.CHECK_CLAIMS])
@pytest.mark.parametrize("entry", [Thing(AUTHOR, State.SUBMITTED), Thing(OWNER, State.SUBMITTED, frozenset({AUTHOR}))])
def test_nobody_reviews_what_they_own_or_wrote(role: Role, action: Action, entry: Thing) -> None:
    with pytest.raises(RightsError, match="You wrote this entry"):
        require(Someone(AUTHOR, role), action, entry)
    require(Someone(OTHER, role), action, entry)


def test_the_reason_tells_a_state_from_a_right() -> None:
    with pytest.raises(RightsError, match="present state"):
        require(Someone(OTHER, EDITOR), Action.SUBMIT, Thing(OWNER, State.PUBLISHED))
    with pytest.raises(RightsError, match="ask an administrator"):
        require(Someone(OTHER, CONTRIBUTOR), Action.PUBLISH, Thing(OWNER, State.APPROVED))
