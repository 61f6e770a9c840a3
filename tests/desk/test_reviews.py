"""Reviews come before approvals, hold for the text that was read, and are nobody's who wrote it; comments are settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kb.desk.comments import MAX_COMMENT, Place
from kb.desk.entries import EntryError, StaleError
from kb.desk.reviews import Recommendation, points
from kb.desk.rights import RightsError, State
from kb.repository import Repository
from tests.desk.review_world import World, made_world, opinion


@pytest.fixture
def world(repository: Repository) -> Iterator[World]:
    with repository.store() as store:
        yield made_world(repository, store)


def test_eight_points_in_both_languages() -> None:
    assert [point.id for point in points()] == (
        "relevance participation collaboration ethics replicability effectiveness efficiency sustainability".split()
    )
    assert all(
        text for point in points() for text in (point.name.th, point.name.en, point.explanation.th, point.explanation.en)
    )


def test_approving_needs_a_review_of_this_text_by_this_reviewer(world: World) -> None:
    entry, reviewer = world.to_review(), world.who("reviewer")

    def approve(by: str = "reviewer") -> None:
        world.desk.workflow.move(world.entry, State.APPROVED, world.who(by))

    with pytest.raises(EntryError, match="Write a review"):
        approve()
    assert State.APPROVED not in world.desk.workflow.ways(entry, reviewer)
    world.desk.reviews.add(world.entry, 1, opinion(Recommendation.CHANGES, "Say who paid."), reviewer)
    with pytest.raises(EntryError, match="Write a review"):
        approve()
    world.desk.reviews.add(world.entry, 1, opinion(), reviewer)
    assert State.APPROVED in world.desk.workflow.ways(world.now(), reviewer)
    with pytest.raises(EntryError, match="Write a review"):
        approve("reviewer-2")  # another's review is not theirs
    world.change("17,811", "17,812", "editor")
    with pytest.raises(EntryError, match="Write a review"):
        approve()  # the text is another one
    world.desk.reviews.add(world.entry, 2, opinion(), reviewer)
    approve()
    assert (world.now().state, world.now().approved) == (State.APPROVED, 2)


@pytest.mark.parametrize("role", ["contributor", "editor"])
def test_who_wrote_may_not_review(world: World, role: str) -> None:
    """The owner, and an editor who changed the text."""
    world.to_review()
    world.change("17,811", "17,812", "editor")
    with pytest.raises(RightsError):
        world.desk.reviews.add(world.entry, 2, opinion(), world.who(role))
    assert world.desk.reviews.of(world.entry) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(opinion(), scores={"ethics": 3}), "each of the eight"),
        (replace(opinion(), scores={point.id: 6 for point in points()}), "from 1 to 5"),
        (opinion(Recommendation.CHANGES, "  "), "Say in the note why"),
        (opinion(Recommendation.REJECT), "Say in the note why"),
        (opinion(note="x" * 4001), "too long"),
    ],
)
def test_opinions_that_are_refused(world: World, wrong: object, message: str) -> None:
    world.to_review()
    with pytest.raises(EntryError, match=message):
        world.desk.reviews.add(world.entry, 1, wrong, world.who("reviewer"))  # type: ignore[arg-type]


def test_a_review_of_an_older_version_is_refused(world: World) -> None:
    world.to_review()
    world.change("17,811", "17,812", "editor")
    with pytest.raises(StaleError):
        world.desk.reviews.add(world.entry, 1, opinion(), world.who("reviewer"))


def test_a_score_may_not_apply_and_the_newest_review_counts(world: World) -> None:
    world.to_review()
    reviewer = world.who("reviewer")
    scores = {point.id: None if point.id == "ethics" else 5 for point in points()}
    world.desk.reviews.add(world.entry, 1, opinion(), reviewer)
    world.desk.reviews.add(world.entry, 1, replace(opinion(Recommendation.REJECT, "Not public."), scores=scores), reviewer)
    (review,) = world.desk.reviews.of(world.entry)
    assert review.opinion.scores == scores
    assert not world.desk.reviews.approves(world.now(), reviewer)


def test_review_and_step_are_one(world: World) -> None:
    """Asking for changes moves the entry with the note; where the step fails the review is not kept either."""
    world.to_review()
    ask = opinion(Recommendation.CHANGES, "Say who paid.")
    world.desk.review(world.entry, 1, ask, world.who("reviewer"), step=True)
    assert world.now().state is State.CHANGES_REQUESTED
    subjects = [message.kind for message in world.desk.notices.inbox(world.who("contributor"))]
    assert subjects[0] == "moved-changes_requested"
    world.desk.workflow.move(world.entry, State.SUBMITTED, world.who("contributor"))
    before = len(world.desk.reviews.of(world.entry))
    with pytest.raises(RightsError):  # submitted, not taken: there is no step to approval
        world.desk.review(world.entry, 1, opinion(), world.who("reviewer-2"), step=True)
    assert len(world.desk.reviews.of(world.entry)) == before


def test_a_rejection_goes_to_the_editors(world: World) -> None:
    world.to_review()
    world.desk.review(world.entry, 1, opinion(Recommendation.REJECT, "It never ran."), world.who("reviewer"), step=True)
    assert world.now().state is State.IN_REVIEW
    message = world.desk.notices.inbox(world.who("editor"))[0]
    assert message.kind == "review-reject"
    assert "It never ran." in message.body


def test_assigning(world: World) -> None:
    world.desk.workflow.move(world.entry, State.SUBMITTED, world.who("contributor"))
    editor = world.who("editor")
    with pytest.raises(EntryError, match="cannot review"):
        world.desk.workflow.assign(world.entry, world.who("contributor"), editor)
    world.desk.accounts.change(world.who("reviewer-2").id, world.who("administrator"), disabled=True)
    shut = world.desk.accounts.get(world.who("reviewer-2").id)
    assert shut is not None
    with pytest.raises(EntryError, match="cannot review"):
        world.desk.workflow.assign(world.entry, shut, editor)
    with pytest.raises(RightsError):
        world.desk.workflow.assign(world.entry, world.who("reviewer"), world.who("reviewer"))
    moved = world.desk.workflow.assign(world.entry, world.who("reviewer"), editor)
    assert (moved.state, moved.reviewer) == (State.IN_REVIEW, world.who("reviewer").id)
    assert world.desk.notices.inbox(world.who("reviewer"))[0].kind == "assigned"


def test_comments_are_written_settled_and_opened_again(world: World) -> None:
    world.to_review()
    comments, reviewer, owner = world.desk.comments, world.who("reviewer"), world.who("contributor")
    comments.add(world.entry, Place("summary", "th"), " ใครเป็นผู้ส่งเรื่อง ", reviewer)
    comments.add(world.entry, Place(), "All figures are new.", owner)
    assert [(item.place, item.text) for item in comments.of(world.entry)] == [
        (Place("summary", "th"), "ใครเป็นผู้ส่งเรื่อง"), (Place(), "All figures are new."),
    ]  # fmt: skip
    assert world.desk.notices.inbox(owner)[0].kind == "commented"
    assert world.desk.notices.inbox(reviewer)[0].kind == "commented"
    first = comments.of(world.entry)[0].id
    comments.settle(world.entry, first, owner)
    last = comments.of(world.entry)[1]
    assert (last.id, last.resolver) == (first, owner.id)
    comments.settle(world.entry, first, reviewer, settled=False)
    assert comments.of(world.entry)[0].resolved is None


def test_comments_that_are_refused(world: World) -> None:
    add, reviewer = world.desk.comments.add, world.who("reviewer")
    for place, text in (
        (Place(), " "),
        (Place(), "x" * (MAX_COMMENT + 1)),
        (Place("nowhere", "th"), "x"),
        (Place("summary", "fr"), "x"),
        (Place("", "th"), "x"),
    ):
        with pytest.raises(EntryError):
            add(world.entry, place, text, reviewer)
    stranger = world.desk.accounts.add("other@a.example", "Other", world.who("contributor").role, "en")
    with pytest.raises(RightsError):
        add(world.entry, Place(), "x", stranger)
    world.desk.comments.add(world.entry, Place(), "x", reviewer)
    other = world.desk.entries.create(world.desk.entries.newest(world.now()), stranger)
    with pytest.raises(EntryError, match="no such comment"):
        world.desk.comments.settle(other.number, world.desk.comments.of(world.entry)[0].id, stranger)
