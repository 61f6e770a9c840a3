"""The review of an entry: scores on the eight points, comments on its sections, and who reviews it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from kb.desk.comments import MAX_COMMENT, Place
from kb.desk.entries import EntryError
from kb.desk.reviews import MAX_REVIEW_NOTE, SCORES, Opinion, Recommendation, points
from kb.desk.rights import Action, RightsError, State
from web.desk.access import Seat, reads, writes
from web.desk.entry import Head, add_tab, head
from web.desk.frame import back_to, language_of, show
from web.desk.review_views import CommentView, ReviewView, comment_views, places, review_views
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)
add_tab("review", "Review", Action.COMMENT)

NOT_APPLICABLE = "na"
_MAX_CHOICE = 40
_UNSCORED = "Give each of the eight points a score, or mark it as not applicable."


@dataclass(frozen=True)
class PointField:
    """A point of the form with what was chosen (a score, `na`, or nothing yet)."""

    id: str
    name: str
    explanation: str
    chosen: str
    wrong: bool


@dataclass(frozen=True)
class ReviewForm:
    """`step` says that saving can move the entry as well; `revision` is the version that is judged."""

    revision: int
    points: tuple[PointField, ...]
    recommendation: str
    note: str
    step: bool
    limit: int = MAX_REVIEW_NOTE
    scores: tuple[int, ...] = SCORES


@dataclass(frozen=True)
class CommentForm:
    """`places` are (value, what the comment is about, the language of that)."""

    places: tuple[tuple[str, str, str], ...]
    text: str
    chosen: str
    limit: int = MAX_COMMENT


@dataclass(frozen=True)
class ReviewPage:
    """`own` says that this person wrote the entry; `candidates` are those who may be named its reviewer."""

    head: Head
    form: ReviewForm | None
    own: bool
    reviews: tuple[ReviewView, ...]
    open: tuple[CommentView, ...]
    settled: tuple[CommentView, ...]
    comment: CommentForm
    candidates: tuple[tuple[int, str], ...]
    reviewer: int | None
    error: str = ""
    error_at: str = ""


@dataclass(frozen=True)
class Sent:
    """What was sent and could not be taken, so that nothing is typed twice."""

    error: str = ""
    at: str = ""
    scores: Mapping[str, str] | None = None
    recommendation: str = ""
    note: str = ""
    comment: str = ""
    place: str = ""


def _page(request: Request, seat: Seat, sent: Sent | None = None) -> ReviewPage:
    say, desk, entry = say_in(request, language_of(request)), seat.desk, seat.entry
    sent = sent or Sent()
    comments = comment_views(desk.comments.of(entry.number), entry, desk.accounts.names(), say)
    people = [account for account in desk.accounts.all() if desk.workflow.can_review(account, entry)]
    return ReviewPage(
        head=head(request, seat, say),
        form=_form(seat, sent, say) if seat.may(Action.REVIEW) else None,
        own=seat.account.id in entry.authors or entry.owner == seat.account.id,
        reviews=tuple(review_views(desk.reviews.of(entry.number), desk.entries.text_revision(entry.number), seat, say)),
        open=tuple(comment for comment in comments if not comment.settled),
        settled=tuple(comment for comment in comments if comment.settled),
        comment=CommentForm(tuple(places(desk.entries.newest(entry), say)), sent.comment[:MAX_COMMENT], sent.place),
        candidates=tuple((person.id, person.name) for person in people) if seat.may(Action.ASSIGN) else (),
        reviewer=entry.reviewer,
        error=say(sent.error) if sent.error else "",
        error_at=sent.at,
    )


def _form(seat: Seat, sent: Sent, say: Say) -> ReviewForm:
    """The form with what was sent, else with this person's review of the present text, else empty."""
    entry = seat.entry
    known = seat.desk.reviews.current(entry, seat.account)
    chosen: Mapping[str, str] = sent.scores or {}
    if sent.scores is None and known is not None:
        chosen = {name: NOT_APPLICABLE if score is None else str(score) for name, score in known.opinion.scores.items()}
    fields = tuple(
        PointField(
            point.id, point.name.get(say.language), point.explanation.get(say.language), chosen.get(point.id, ""),
            sent.error == _UNSCORED and not chosen.get(point.id),
        )
        for point in points()
    )  # fmt: skip
    opinion = known.opinion if known is not None and sent.scores is None else None
    return ReviewForm(
        revision=entry.revision,
        points=fields,
        recommendation=opinion.recommendation.value if opinion else sent.recommendation,
        note=opinion.note if opinion else sent.note[:MAX_REVIEW_NOTE],
        step=entry.state is State.IN_REVIEW,
    )


def _refused(request: Request, seat: Seat, exc: Exception, sent: Sent) -> Response:
    status = 403 if isinstance(exc, RightsError) else 409 if str(exc).startswith("Someone else") else 422
    return show(request, seat, "desk/review.html", _page(request, seat, sent), status)


@router.get("/{language}/desk/entries/{number}/review")
def review(request: Request, seat: Seat = reads(Action.COMMENT)) -> Response:
    return show(request, seat, "desk/review.html", _page(request, seat))


@router.post("/{language}/desk/entries/{number}/review")
def save_review(
    request: Request,
    seat: Seat = writes(Action.REVIEW),
    revision: Annotated[int, Form(ge=1, le=1 << 40)] = 1,
    score: Annotated[tuple[str, ...], Form(max_length=20)] = (),
    recommendation: Annotated[str, Form(max_length=_MAX_CHOICE)] = "",
    note: Annotated[str, Form(max_length=2 * MAX_REVIEW_NOTE)] = "",
    step: Annotated[str, Form(max_length=_MAX_CHOICE)] = "",
) -> Response:
    """Keep a review of the version that was read, and take the step that it recommends where that was asked for.

    `score` holds pairs such as `ethics=4`, one for each point.
    """
    scores = dict(pair[:_MAX_CHOICE].partition("=")[::2] for pair in score)
    try:
        opinion = Opinion(_scores(scores), _recommendation(recommendation), note)
        seat.desk.review(seat.entry.number, revision, opinion, seat.account, bool(step))
    except (EntryError, RightsError) as exc:
        at = "scores" if str(exc) == _UNSCORED else "note" if "note" in str(exc) else "form"
        return _refused(request, seat, exc, Sent(str(exc), at, scores, recommendation, note))
    return back_to(request, f"/entries/{seat.entry.number}/review", "reviewed")


def _scores(chosen: Mapping[str, str]) -> dict[str, int | None]:
    """The scores of the form; raises `EntryError` where one is none."""
    if any(value not in (NOT_APPLICABLE, *map(str, SCORES)) for value in chosen.values()):
        raise EntryError(_UNSCORED)
    return {name: None if value == NOT_APPLICABLE else int(value) for name, value in chosen.items()}


def _recommendation(value: str) -> Recommendation:
    try:
        return Recommendation(value)
    except ValueError:
        raise EntryError("Choose what you recommend.") from None


@router.post("/{language}/desk/entries/{number}/comments")
def comment(
    request: Request,
    seat: Seat = writes(Action.COMMENT),
    place: Annotated[str, Form(max_length=_MAX_CHOICE)] = "",
    text: Annotated[str, Form(max_length=2 * MAX_COMMENT)] = "",
) -> Response:
    """Say something about a section (`summary-th`) or about the whole entry."""
    section, _, language = place.partition("-")
    try:
        seat.desk.comments.add(seat.entry.number, Place(section, language), text, seat.account)
    except EntryError as exc:
        return _refused(request, seat, exc, Sent(str(exc), "comment", comment=text, place=place))
    return back_to(request, f"/entries/{seat.entry.number}/review", "added")


@router.post("/{language}/desk/entries/{number}/comments/{one}")
def settle(
    request: Request, one: int, seat: Seat = writes(Action.COMMENT), what: Annotated[str, Form(max_length=10)] = "settle"
) -> Response:
    """Mark a comment as settled, or open it again."""
    try:
        seat.desk.comments.settle(seat.entry.number, one, seat.account, settled=what != "open")
    except EntryError as exc:
        return _refused(request, seat, exc, Sent(str(exc), "comments"))
    return back_to(request, f"/entries/{seat.entry.number}/review", "saved")


@router.post("/{language}/desk/entries/{number}/assign")
def assign(
    request: Request, seat: Seat = writes(Action.ASSIGN), reviewer: Annotated[int, Form(ge=0, le=1 << 40)] = 0
) -> Response:
    """Name the reviewer."""
    person = seat.desk.accounts.get(reviewer)
    try:
        if person is None:
            raise EntryError("Choose a person of the list.")
        seat.desk.workflow.assign(seat.entry.number, person, seat.account)
    except (EntryError, RightsError) as exc:
        return _refused(request, seat, exc, Sent(str(exc), "assign"))
    return back_to(request, f"/entries/{seat.entry.number}/review", "saved")
