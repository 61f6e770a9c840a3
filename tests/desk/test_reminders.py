"""People are reminded three days before a step is due and when it is overdue: those it concerns, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kb.desk.chores import Seldom
from kb.desk.reminders import Reminders
from kb.desk.reviews import Recommendation
from kb.desk.rights import State
from kb.desk.texts import kinds, texts_of
from kb.repository import Repository
from tests.desk.review_world import World, made_world, opinion


@pytest.fixture
def world(repository: Repository) -> Iterator[World]:
    with repository.store() as store:
        yield made_world(repository, store)


def reminded(world: World) -> dict[str, list[str]]:
    """Who got which reminders, after a look."""
    Reminders(world.store, world.desk.accounts, world.desk.notices, world.clock).tell()
    return {
        name: kinds
        for name, account in world.people.items()
        if (kinds := [m.kind for m in world.desk.notices.inbox(account)[::-1] if m.kind in ("due-soon", "overdue")])
    }


def submitted(world: World) -> None:
    world.desk.workflow.move(world.entry, State.SUBMITTED, world.who("contributor"))


def changes(world: World) -> None:
    world.to_review()
    ask = opinion(Recommendation.CHANGES, "Say who paid.")
    world.desk.review(world.entry, 1, ask, world.who("reviewer"), step=True)


@pytest.mark.parametrize(
    ("begin", "days", "soon", "overdue"),
    [
        (World.to_review, 14, {"reviewer"}, {"reviewer", "editor"}),  # the reviewer's turn
        (changes, 30, {"contributor"}, {"contributor", "editor"}),  # the author's
        (submitted, 14, {"editor"}, {"editor"}),  # nobody took it: the editors can name somebody
    ],
)
def test_reminders(world: World, begin: Callable[[World], object], days: int, soon: set[str], overdue: set[str]) -> None:
    begin(world)
    world.clock.move(days=days - 3, seconds=-1)
    assert reminded(world) == {}
    world.clock.move(seconds=1)
    once = {name: ["due-soon"] for name in soon}
    assert reminded(world) == once
    world.clock.move(days=2)
    assert reminded(world) == once
    world.clock.move(days=1)
    both = {name: [*once.get(name, []), "overdue"] for name in overdue}
    assert reminded(world) == both
    world.clock.move(days=100)
    assert reminded(world) == both


def test_a_new_term_is_reminded_of_again(world: World) -> None:
    world.to_review()
    world.clock.move(days=12)
    assert reminded(world) == {"reviewer": ["due-soon"]}
    world.desk.workflow.assign(world.entry, world.who("reviewer"), world.who("editor"))
    assert reminded(world) == {"reviewer": ["due-soon"]}
    world.clock.move(days=11)
    assert reminded(world) == {"reviewer": ["due-soon", "due-soon"]}


def test_reminders_name_the_day_and_go_by_mail(world: World) -> None:
    changes(world)
    world.clock.move(days=28)
    reminded(world)
    message = world.desk.notices.inbox(world.who("contributor"))[0]
    assert "22 ธันวาคม 2569" in message.body
    sql = "SELECT body FROM outbox WHERE recipient = 'contributor@a.example' ORDER BY id DESC LIMIT 1"
    assert world.store.database.execute(sql).fetchone()[0] == message.body


def test_shut_accounts_are_not_reminded(world: World) -> None:
    world.to_review()
    world.desk.accounts.change(world.who("reviewer").id, world.who("administrator"), disabled=True)
    world.clock.move(days=12)
    assert reminded(world) == {"editor": ["due-soon"]}  # the editors have to find somebody else


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_text_is_there_in_both_languages_and_fills(kind: str) -> None:
    for language in ("th", "en"):
        values = dict.fromkeys(("name", "title", "link", "actor", "note", "day"), "somebody")
        text = texts_of(kind, language).filled(**values)
        assert text.subject
        assert "{" not in text.subject + text.body


def test_seldom_waits_its_time() -> None:
    now, done = [100.0], []
    chore = Seldom(lambda store: done.append(store), 60, lambda: now[0])
    for moment in (100.0, 130.0, 159.0, 160.0, 161.0):
        now[0] = moment
        chore(None)  # type: ignore[arg-type]
    assert len(done) == 2
