"""The way of an entry, step by step, by people with and without the right."""

from __future__ import annotations

import pytest
from desk_parts import HandClock, draft

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.entries import Entry, EntryError
from kb.desk.rights import RightsError, State
from kb.desk.workflow import MOVES, Rules, Workflow


@pytest.fixture
def entry(desk: Desk, people: dict[str, Account]) -> Entry:
    return desk.entries.create(draft(), people["contributor"])


WAY = [
    (State.SUBMITTED, "contributor"),
    (State.IN_REVIEW, "reviewer"),
    (State.CHANGES_REQUESTED, "reviewer"),
    (State.SUBMITTED, "contributor"),
    (State.IN_REVIEW, "reviewer"),
]


def go(desk: Desk, people: dict[str, Account], entry: Entry, *steps: tuple[State, str]) -> Entry:
    for to, who in steps:
        entry = desk.workflow.move(entry.number, to, people[who], "please add the year")
    return entry


def test_the_way_there_and_back(desk: Desk, people: dict[str, Account], entry: Entry) -> None:
    moved = go(desk, people, entry, *WAY)
    assert (moved.state, moved.reviewer) == (State.IN_REVIEW, people["reviewer"].id)
    log = [line.action for line in desk.audit.lines(f"entry:{entry.number}")]
    assert log[0] == "entry-in_review"
    assert len(log) == len(WAY) + 1


WRONG = [
    ([], State.SUBMITTED, "stranger", "somebody else's draft"),
    ([], State.IN_REVIEW, "reviewer", "not submitted yet"),
    ([], State.APPROVED, "editor", "not reviewed"),
    ([(State.SUBMITTED, "contributor")], State.IN_REVIEW, "contributor", "one's own entry"),
    ([(State.SUBMITTED, "contributor")], State.SUBMITTED, "contributor", "twice"),
    (WAY, State.APPROVED, "contributor", "no reviewer"),
    (WAY, State.PUBLISHED, "editor", "not approved"),
    (WAY, State.WITHDRAWN, "contributor", "others are working on it"),
]


@pytest.mark.parametrize(("steps", "to", "who", "reason"), WRONG)
def test_steps_that_are_refused_change_nothing(
    desk: Desk, people: dict[str, Account], entry: Entry, steps: list[tuple[State, str]], to: State, who: str, reason: str
) -> None:
    before = go(desk, people, entry, *steps)
    with pytest.raises(RightsError):
        desk.workflow.move(entry.number, to, people[who], "note")
    assert desk.entries.required(entry.number) == before, reason


def test_what_a_person_is_offered_is_what_is_allowed(desk: Desk, people: dict[str, Account], entry: Entry) -> None:
    go(desk, people, entry, *WAY)
    here = desk.entries.required(entry.number)
    offered = {name: set(desk.workflow.ways(here, account)) for name, account in people.items()}
    assert offered["contributor"] == offered["stranger"] == set()
    assert offered["reviewer"] == {State.CHANGES_REQUESTED}, "no approval without a review"
    assert offered["editor"] == {State.CHANGES_REQUESTED, State.WITHDRAWN}


def test_asking_for_changes_says_which(desk: Desk, people: dict[str, Account], entry: Entry) -> None:
    go(desk, people, entry, *WAY)
    with pytest.raises(EntryError, match="Say what has to be changed"):
        desk.workflow.move(entry.number, State.CHANGES_REQUESTED, people["reviewer"], "  ")


def test_a_step_has_a_day_until_which_the_next_is_due(
    desk: Desk, people: dict[str, Account], entry: Entry, clock: HandClock
) -> None:
    assert go(desk, people, entry, *WAY[:2]).due == "2026-03-15T09:00:00Z"
    clock.forward(days=1)
    assert go(desk, people, entry, WAY[2]).due == "2026-04-01T09:00:00Z"


def test_those_whose_turn_it_is_are_told_in_their_language(desk: Desk, people: dict[str, Account], entry: Entry) -> None:
    desk.accounts.change(people["reviewer"].id, people["administrator"], language="th")
    go(desk, people, entry, *WAY[:1])
    told = {name for name, account in people.items() if desk.notices.inbox(account)}
    assert told == {"reviewer", "editor", "second", "administrator"}
    (message,) = desk.notices.inbox(people["reviewer"])
    assert "Mobile counters for remote villages" in message.subject
    assert message.subject.startswith("มีกรณีรอตรวจ")
    assert f"/th/desk/entries/{entry.number}" in message.body
    mails = desk.store.database.execute("SELECT recipient FROM outbox ORDER BY 1").fetchall()
    assert len(mails) == 4


def test_an_editor_names_a_reviewer_but_nobody_who_wrote_it(desk: Desk, people: dict[str, Account], entry: Entry) -> None:
    go(desk, people, entry, *WAY[:1])
    with pytest.raises(EntryError, match="cannot review"):
        desk.workflow.assign(entry.number, people["contributor"], people["editor"])
    desk.entries.save(entry.number, draft("Changed"), 1, people["second"])
    with pytest.raises(EntryError, match="or they wrote it"):
        desk.workflow.assign(entry.number, people["second"], people["editor"])
    assert desk.workflow.assign(entry.number, people["reviewer"], people["editor"]).state is State.IN_REVIEW


def test_without_the_rule_of_two_an_editor_goes_straight_on(desk: Desk, people: dict[str, Account], entry: Entry) -> None:
    alone = Workflow(desk.store, Rules(two_eyes=False), (), desk.clock)
    assert State.PUBLISHED in alone.ways(entry, people["editor"])
    assert State.PUBLISHED not in desk.workflow.ways(entry, people["editor"])


def test_no_way_leads_past_the_review() -> None:
    assert {come for come, to in MOVES if to is State.PUBLISHED} == {State.APPROVED}
