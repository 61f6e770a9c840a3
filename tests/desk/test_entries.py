"""Entries: every version kept, nothing written over somebody else's text."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from desk_parts import complete, draft

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.entries import Entry, EntryError, StaleError
from kb.desk.rights import State
from kb.errors import StoreError
from kb.records import Practice


def retitled(practice: Practice, title: str) -> Practice:
    return replace(practice, faces={"en": replace(practice.faces["en"], title=title)})


def test_a_new_entry(desk: Desk, people: dict[str, Account]) -> None:
    entry = desk.entries.create(draft(), people["contributor"], "first")
    assert (entry.state, entry.revision, entry.owner, entry.country) == (State.DRAFT, 1, people["contributor"].id, "LA")
    assert desk.entries.newest(entry) == draft()
    assert entry.authors == {people["contributor"].id}


def test_every_version_is_kept_and_an_old_one_comes_back_as_a_new_one(desk: Desk, people: dict[str, Account]) -> None:
    entry = desk.entries.create(draft("One"), people["contributor"])
    entry = desk.entries.save(entry.number, draft("Two"), 1, people["editor"], "better")
    entry = desk.entries.restore(entry.number, 1, 2, people["second"], "no")
    assert entry.title_en == "One"
    assert [(number, author, reason) for number, author, _, reason in desk.entries.history(entry.number)] == [
        (3, people["second"].id, "no"),
        (2, people["editor"].id, "better"),
        (1, people["contributor"].id, ""),
    ]
    assert desk.entries.revision(entry.number, 2).practice.title.en == "Two"


def test_a_text_made_from_an_old_version_is_refused_and_changes_nothing(desk: Desk, people: dict[str, Account]) -> None:
    entry = desk.entries.create(draft("One"), people["contributor"])
    desk.entries.save(entry.number, draft("Two"), 1, people["editor"])
    with pytest.raises(StaleError) as refused:
        desk.entries.save(entry.number, draft("Mine"), 1, people["second"])
    assert refused.value.newest == 2
    assert desk.entries.required(entry.number).title_en == "Two"


def test_the_same_text_is_no_new_version(desk: Desk, people: dict[str, Account]) -> None:
    entry = desk.entries.create(draft(), people["contributor"])
    assert desk.entries.save(entry.number, draft(), 1, people["editor"]).revision == 1


def test_many_at_once_lose_nothing(desk: Desk, people: dict[str, Account]) -> None:
    """Each thread adds its own word and tries again on the newest version; every word has to be there at the end."""
    entry = desk.entries.create(draft("Words:"), people["contributor"])

    def add(word: str) -> None:
        while True:
            present = desk.entries.required(entry.number)
            text = desk.entries.newest(present)
            try:
                desk.entries.save(entry.number, retitled(text, f"{text.title.en} {word}"), present.revision, people["editor"])
                return
            except StaleError:
                continue

    words = [f"w{n}" for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, words))
    done = desk.entries.required(entry.number)
    assert sorted(done.title_en.split()[1:]) == sorted(words)
    assert done.revision == len(words) + 1


@pytest.mark.parametrize(
    ("state", "after"),
    [(State.APPROVED, State.IN_REVIEW), (State.PUBLISHED, State.DRAFT), (State.SUBMITTED, State.SUBMITTED)],
)
def test_a_changed_text_has_to_be_looked_at_again(desk: Desk, people: dict[str, Account], state: State, after: State) -> None:
    entry = desk.entries.create(draft(), people["contributor"])
    with desk.store.writing():
        desk.store.database.table("entries").update(entry.number, {"state": state.value})
    assert desk.entries.save(entry.number, draft("New"), 1, people["editor"]).state is after


def test_versions_cannot_be_changed_in_the_database(desk: Desk, people: dict[str, Account]) -> None:
    desk.entries.create(draft(), people["contributor"])
    for statement in ("UPDATE revisions SET data = '{}'", "DELETE FROM revisions"):
        with pytest.raises(StoreError, match="append-only"), desk.store.writing():
            desk.store.database.execute(statement)


def test_a_text_that_is_too_long_is_refused(desk: Desk, people: dict[str, Account]) -> None:
    with pytest.raises(EntryError, match="too long"):
        desk.entries.create(draft("x" * 1_000_001), people["contributor"])
    assert not desk.entries.listed()


def test_what_is_being_written_is_kept_for_each_person_until_it_is_saved(desk: Desk, people: dict[str, Account]) -> None:
    entry = desk.entries.create(draft(), people["contributor"])
    desk.entries.autosave(entry.number, 1, "mine", people["editor"])
    desk.entries.autosave(entry.number, 1, "mine, longer", people["editor"])
    desk.entries.autosave(entry.number, 1, "theirs", people["second"])
    kept = desk.entries.autosaved(entry.number, people["editor"])
    assert kept is not None
    assert (kept[0], kept[2]) == (1, "mine, longer")
    desk.entries.save(entry.number, draft("New"), 1, people["editor"])
    assert desk.entries.autosaved(entry.number, people["editor"]) is None
    assert desk.entries.autosaved(entry.number, people["second"]) is not None


def test_lists_by_state_and_owner(desk: Desk, people: dict[str, Account]) -> None:
    mine = desk.entries.create(draft("Mine"), people["contributor"])
    desk.entries.create(draft("Theirs"), people["stranger"])
    desk.workflow.move(mine.number, State.SUBMITTED, people["contributor"])
    titles = lambda found: [entry.title_en for entry in found]  # noqa: E731
    assert titles(desk.entries.listed([State.SUBMITTED])) == ["Mine"]
    assert titles(desk.entries.listed(owner=people["stranger"].id)) == ["Theirs"]
    assert desk.entries.counts() == {State.SUBMITTED: 1, State.DRAFT: 1}
    assert desk.entries.counts(people["stranger"].id) == {State.DRAFT: 1}


def published(desk: Desk, people: dict[str, Account], practice: Practice | None = None) -> Entry:
    """A practice that stands in the record without the desk's doing, and its entry."""
    desk.store.put(replace(practice or complete(), id="la-counters"), [], {}, "fake")
    return desk.entries.open("la-counters", people["editor"])


def test_the_entry_of_a_published_practice_is_made_once(desk: Desk, people: dict[str, Account]) -> None:
    entry = published(desk, people)
    assert (entry.state, entry.published, entry.owner, entry.practice) == (State.PUBLISHED, 1, None, "la-counters")
    assert desk.entries.open("la-counters", people["second"]).number == entry.number
    with pytest.raises(EntryError, match="there is no practice"):
        desk.entries.open("la-nothing", people["editor"])


def test_what_the_corpus_changed_becomes_a_version_unless_somebody_is_editing(desk: Desk, people: dict[str, Account]) -> None:
    entry = published(desk, people)
    assert published(desk, people, complete("From the corpus")).revision == 2
    desk.entries.save(entry.number, complete("At the desk"), 2, people["editor"])
    kept = published(desk, people, complete("From the corpus again"))
    assert (kept.revision, kept.title_en) == (3, "At the desk")
