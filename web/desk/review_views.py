"""Reviews and comments as a page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kb.desk.comments import Comment
from kb.desk.entries import Entry
from kb.desk.reviews import Review, points
from kb.records import HEADINGS, LANGUAGES, SECTIONS, Lang, Practice
from web.desk.access import Seat
from web.desk.frame import day
from web.pages import Say


@dataclass(frozen=True)
class ReviewView:
    """`scores` are (point, score in words); `old` says that the text has changed since."""

    reviewer: str
    made: str
    revision: int
    old: bool
    recommendation: str
    mood: str
    scores: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class CommentView:
    """`about` is what it is about, in `about_language`."""

    id: int
    about: str
    about_language: str
    author: str
    made: str
    revision: int
    text: str
    settled: str


def recommendation_name(value: str, say: Say) -> str:
    names = {"approve": say("Approve"), "changes": say("Ask for changes"), "reject": say("Reject")}
    return names[value]


def review_views(reviews: Sequence[Review], text_revision: int, seat: Seat, say: Say) -> Iterator[ReviewView]:
    """The newest first."""
    names = seat.desk.accounts.names()
    for review in reviews:
        scores = review.opinion.scores
        yield ReviewView(
            reviewer=names.get(review.reviewer, ""),
            made=day(review.made, say),
            revision=review.revision,
            old=review.revision < text_revision,
            recommendation=recommendation_name(review.opinion.recommendation.value, say),
            mood="good" if review.opinion.recommendation.value == "approve" else "warn",
            scores=tuple(
                (point.name.get(say.language), _score(scores[point.id], say)) for point in points() if point.id in scores
            ),
            note=review.opinion.note,
        )


def _score(score: int | None, say: Say) -> str:
    return say("not applicable") if score is None else say("{score} of 5").format(score=score)


def comment_views(comments: Sequence[Comment], entry: Entry, names: Mapping[int, str], say: Say) -> tuple[CommentView, ...]:
    """In the order of `comments`."""
    return tuple(
        CommentView(
            id=comment.id,
            about=_heading(comment.place.section, comment.place.language, say),
            about_language=comment.place.language or say.language,
            author=names.get(comment.author, ""),
            made=day(comment.made, say),
            revision=0 if comment.revision == entry.revision else comment.revision,
            text=comment.text,
            settled=_settled(comment, names, say) if comment.resolved else "",
        )
        for comment in comments
    )


def _settled(comment: Comment, names: Mapping[int, str], say: Say) -> str:
    pattern = say("Settled by {name} on {day}")
    return pattern.format(name=names.get(comment.resolver or 0, ""), day=day(comment.resolved, say))


def places(practice: Practice, say: Say) -> Iterator[tuple[str, str, str]]:
    """(value, what a comment can be about, the language of that): the whole, then the sections that each face has."""
    yield "", say("The whole entry"), say.language
    for code in LANGUAGES:
        if code in practice.faces:
            have = [key for key in SECTIONS if practice.faces[code].sections.get(key)]
            yield from ((f"{key}-{code}", _heading(key, code, say), code) for key in ["title", *have])


def _heading(section: str, language: str, say: Say) -> str:
    """A section's heading in the language of its face; of the whole entry, that."""
    if not section:
        return say("The whole entry")
    code: Lang = "th" if language == "th" else "en"
    return {"th": "ชื่อเรื่อง", "en": "Title"}[code] if section == "title" else HEADINGS[code][section]
