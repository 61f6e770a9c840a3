"""States of sections: kept with who and when, and what a save makes of them and of the faces that readers see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kb.desk.accounts import Account
from kb.desk.desk import Desk
from kb.desk.editing import Change, with_face_facts
from kb.desk.entries import Entry, StaleError, blank
from kb.desk.rights import Role
from kb.desk.section_store import SectionStates
from kb.desk.twins import SectionState, States, text_hash
from kb.records import Face, Lang, Practice
from kb.repository import Repository
from kb.store import Store

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
AT = "2026-03-01T09:00:00Z"
TH, EN = "เรือพาสำนักงานไปหาชาวบ้าน", "A boat brings the office."


def both(th: str = TH, en: str = EN) -> Practice:
    faces: dict[Lang, Face] = {"th": Face("th", "เรือ", {"summary": th}), "en": Face("en", "A boat", {"summary": en})}
    return replace(blank(), country="LA", faces=faces)


@pytest.fixture
def store(repository: Repository) -> object:
    with repository.store() as opened:
        yield opened


@pytest.fixture
def desk(repository: Repository, store: Store) -> Desk:
    return Desk(repository, store, lambda: NOW)


@pytest.fixture
def editor(desk: Desk) -> Account:
    return desk.accounts.add("editor@agency.example", "Nok", Role.EDITOR, "en")


@pytest.fixture
def entry(desk: Desk, editor: Account) -> Entry:
    return desk.entries.create(both(), editor)


def found(states: States, language: str, section: str = "summary") -> SectionState | None:
    return next((state for state in states if (state.language, state.section) == (language, section)), None)


def test_what_is_written_is_read_again(store: Store, entry: Entry, editor: Account) -> None:
    states = (
        SectionState("th", "summary", "original", "Nok", AT, text_hash(EN)),
        SectionState("en", "summary", "machine", "", AT, text_hash(TH)),
        SectionState("en", "title", "checked", "", "", ""),
    )
    kept = SectionStates(store)
    kept.write(entry.number, states, editor)
    assert set(kept.of(entry.number)) == set(states)
    assert kept.of(entry.number + 1) == ()


def test_a_state_that_is_left_out_is_forgotten(store: Store, entry: Entry, editor: Account) -> None:
    kept = SectionStates(store)
    kept.write(entry.number, (SectionState("th", "summary", "original", "Nok", AT, ""),), editor)
    kept.write(entry.number, (), editor)
    assert kept.of(entry.number) == ()


def test_a_colleagues_save_leaves_the_author_of_what_they_did_not_touch(desk: Desk, entry: Entry, editor: Account) -> None:
    second = desk.accounts.add("second@agency.example", "Dao", Role.EDITOR, "en")
    desk.editing.save(entry.number, Change(both(en="A boat."), 1), editor)
    after = desk.editing.save(entry.number, Change(both("เรือ", "A boat."), 2), second)
    states = SectionStates(desk.store).of(entry.number)
    assert [(state.language, state.by) for state in states if state.section == "summary"] == [("th", "Dao"), ("en", "Nok")]
    assert after.revision == 3


def test_an_edit_of_one_side_leaves_the_other_behind_with_what_changed(desk: Desk, entry: Entry, editor: Account) -> None:
    saved = desk.editing.save(entry.number, Change(both(en=EN + " Daily."), 1), editor)
    standings = desk.editing.standings(saved, desk.entries.newest(saved))
    assert standings["th", "summary"].standing == "behind"
    assert [(run.kind, run.text.strip()) for run in standings["th", "summary"].since if run.kind != "same"] == [
        ("added", "Daily.")
    ]
    assert standings["en", "summary"].standing == "in-step"
    assert standings["th", "title"].standing == "in-step"


def test_saying_that_both_agree_puts_them_in_step(desk: Desk, entry: Entry, editor: Account) -> None:
    changed = both(en=EN + " Daily.")
    desk.editing.save(entry.number, Change(changed, 1), editor)
    saved = desk.editing.save(entry.number, Change(changed, 2, agreed=("summary",)), editor)
    standings = desk.editing.standings(saved, changed)
    assert {item.standing for item in standings.values()} == {"in-step"}
    assert saved.revision == 2, "the same text is no new revision"


def test_a_stale_save_writes_neither_text_nor_states(desk: Desk, entry: Entry, editor: Account) -> None:
    desk.editing.save(entry.number, Change(both(en="First."), 1), editor)
    before = SectionStates(desk.store).of(entry.number)
    with pytest.raises(StaleError):
        desk.editing.save(entry.number, Change(both("ที่สอง", "Second."), 1), editor)
    assert SectionStates(desk.store).of(entry.number) == before
    assert desk.entries.required(entry.number).revision == 2


def test_a_save_forgets_the_draft_even_where_the_text_is_the_same(desk: Desk, entry: Entry, editor: Account) -> None:
    desk.entries.autosave(entry.number, 1, "{}", editor)
    desk.editing.save(entry.number, Change(both(), 1), editor)
    assert desk.entries.autosaved(entry.number, editor) is None


def test_an_older_revision_comes_back_as_a_new_one(desk: Desk, entry: Entry, editor: Account) -> None:
    desk.editing.save(entry.number, Change(both(en="Other."), 1), editor)
    restored = desk.editing.restore(entry.number, 1, 2, editor, "as it was")
    assert restored.revision == 3
    assert desk.entries.newest(restored).faces["en"].sections["summary"] == EN


def side(language: Lang, state: str, of: str) -> SectionState:
    return SectionState(language, "summary", state, "Nok", AT, text_hash(of))  # type: ignore[arg-type]


def title(language: Lang, state: str = "original") -> SectionState:
    return SectionState(language, "title", state, "Nok", AT, text_hash("A boat" if language == "th" else "เรือ"))  # type: ignore[arg-type]


FACES = [
    ("original", "original", EN, "original", False, None, "written by people and in step: nothing is said of the twin"),
    ("machine", "machine", EN, "machine", False, 2, "an engine's text names the revision that it was made from"),
    ("checked", "checked", EN, "human-checked", True, 2, "every side was checked"),
    ("checked", "original", EN, "human-checked", False, 2, "a part was never a translation, so nobody checked the whole"),
    ("machine", "checked", EN, "machine", False, 2, "machine while any section is"),
    ("original", "original", "older words", "original", False, 1, "behind: it has the twin's revision of before"),
    ("machine", "machine", "older words", "machine", False, 1, "behind, and an engine's"),
]


@pytest.mark.parametrize(("first", "second", "of", "state", "checked", "made_from", "why"), FACES)
def test_a_face_tells_readers_what_its_sections_are(
    first: str, second: str, of: str, state: str, checked: bool, made_from: int | None, why: str
) -> None:
    published = both(en="As it was.")
    practice = both()
    thai = replace(practice.faces["th"], state="machine" if state != "original" else "original")
    practice = replace(practice, faces={"th": thai, "en": practice.faces["en"]})
    states = (side("th", first, of), title("th", second), side("en", "original", TH), title("en"))
    face = with_face_facts(practice, states, published).faces["th"]
    assert (face.state, face.checked, face.made_from) == (state, checked, made_from), why
    assert face.revision == 1, "its own text is what was published"


def test_a_face_gets_a_new_revision_once_however_often_it_is_saved(desk: Desk, editor: Account, entry: Entry) -> None:
    published = both()
    once = with_face_facts(both(en="One."), (), published)
    twice = with_face_facts(
        replace(both(en="Two."), faces={**once.faces, "en": replace(once.faces["en"], sections={"summary": "Two."})}),
        (),
        published,
    )
    assert (once.faces["en"].revision, twice.faces["en"].revision) == (2, 2)
    back = with_face_facts(replace(twice, faces=published.faces), (), published)
    assert back.faces["en"].revision == 1, "taking the edit back is no new revision"
