"""Termbase and taxonomy at the desk: who may change what, what is refused, and what a change does before it is saved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from desk_parts import QUICK, HandClock, complete
from test_upkeep import publish

from kb.desk.accounts import Account
from kb.desk.consistency import disagreements
from kb.desk.desk import Desk
from kb.desk.effects import Effect, effect
from kb.desk.lists import ChangedMeanwhileError, Edit, ListError, Lists, ReasonError
from kb.desk.rights import RightsError, Role
from kb.desk.saved_queries import MAX_SAVED, SavedQueries
from kb.desk.upkeep import Upkeep
from kb.encoder import FakeEncoder
from kb.errors import StoreError
from kb.overlay import TERMS, Row
from kb.records import Face, Practice
from kb.repository import Repository
from kb.search.engine import Request
from kb.settings import Settings

CLINIC: Row = {"id": "river-clinic", "domain": "health", "th": ["คลินิกเรือกลางน้ำ"], "en": ["river clinic", "floating clinic"]}


@dataclass
class Office:
    """A desk over a corpus folder of its own, with two published cases."""

    repository: Repository
    desk: Desk
    people: dict[str, Account]
    lists: Lists

    def save(self, edit: Edit, who: str = "editor", reason: str = "readers asked for it") -> None:
        self.lists.save(edit, reason, self.people[who])

    def term(self, key: str) -> Row:
        return self.lists.rows(TERMS)[key]

    def effect(self, edit: Edit) -> Effect:
        saved = SavedQueries(self.desk.store).all()
        return effect(self.repository, self.repository.searcher(self.desk.store), self.lists, edit, saved)


def two_faced(title: str, summary: str) -> Practice:
    """A case that can be published, with this sentence in its Thai face."""
    english = complete(title)
    thai = dict.fromkeys(english.faces["en"].sections, "เรือออกจากท่าเช้าวันจันทร์") | {"summary": summary}
    return replace(
        english, faces={**english.faces, "th": Face("th", "หมอมากับน้ำ", {**thai, "questions": "- ใครจ่าย\n- ไปเมื่อใด"})}
    )


def put_out(desk: Desk, people: dict[str, Account], practice: Practice) -> None:
    entry = desk.entries.create(practice, people["contributor"])
    with desk.store.writing():
        desk.store.database.table("entries").update(entry.number, {"state": "approved", "approved": 1})
    desk.publisher.publish(entry.number, people["editor"])


@pytest.fixture
def office(tmp_path: Path, corpus: Path) -> Iterator[Office]:
    for name in ("taxonomy", "termbase", "fit"):
        shutil.copytree(corpus / name, tmp_path / "corpus" / name)
    settings = Settings(home=tmp_path / "var", index=tmp_path / "index", corpus=tmp_path / "corpus")
    repository = Repository(settings, FakeEncoder())
    with repository.store() as store:
        desk = Desk(repository, store, HandClock(), QUICK)
        people = {role.value: desk.accounts.add(f"{role.value}@agency.example", role.value, role, "en") for role in Role}
        people["second"] = desk.accounts.add("second@agency.example", "second", Role.EDITOR, "en")
        publish(desk, people, "Mobile counters")
        put_out(desk, people, two_faced("Clinics on boats", "คลินิกเรือกลางน้ำมาเดือนละสองครั้ง"))
        repository.ensure_index(store)
        yield Office(repository, desk, people, Lists(settings.corpus, settings.index / "cache", store, desk.clock))


def test_a_term_is_added_changed_and_taken_out_with_its_history(office: Office) -> None:
    office.save(Edit(TERMS, "river-clinic", CLINIC))
    first = office.lists.revision(TERMS, "river-clinic")
    assert office.term("river-clinic") == CLINIC
    office.save(Edit(TERMS, "river-clinic", {**CLINIC, "en": ["river clinic"]}, first), "second", "one form is enough")
    office.save(Edit(TERMS, "river-clinic", None, office.lists.revision(TERMS, "river-clinic")), reason="not a term")
    assert "river-clinic" not in office.lists.rows(TERMS)
    history = office.lists.history(TERMS, "river-clinic")
    assert [(item.who, item.reason, item.row is None) for item in history] == [
        ("editor", "not a term", True), ("second", "one form is enough", False), ("editor", "readers asked for it", False),
    ]  # fmt: skip
    assert [line.action for line in office.desk.audit.lines("terms:river-clinic")] == ["list-changed"] * 3


def test_versions_are_kept_by_the_database_itself(office: Office) -> None:
    office.save(Edit(TERMS, "river-clinic", CLINIC))
    for statement in ("UPDATE vocabulary_revisions SET row = NULL", "DELETE FROM vocabulary_revisions"):
        with pytest.raises(Exception, match="append-only"):
            office.desk.store.database.execute(statement)


def principle(office: Office) -> str:
    """A term that names an entry of the taxonomy."""
    return str(office.lists.rows("principles")["participation"]["term"])


REFUSED = [
    ("nothing changed", lambda o: Edit(TERMS, "bma", o.term("bma")), ListError, "Nothing was changed"),
    ("an older version was seen", lambda o: Edit(TERMS, "bma", {"id": "bma"}, 7), ChangedMeanwhileError, "meanwhile"),
    ("a list that the program knows", lambda o: Edit("status", "x", {"id": "x", "th": "ก", "en": "a"}), ListError, "their ids"),
    ("one of it taken out", lambda o: Edit("status", "pilot", None), ListError, "by their ids"),
    ("in use by a case", lambda o: Edit("priorities", "service-delivery", None), ListError, "in use"),
    ("in use by another list", lambda o: Edit(TERMS, principle(o), None), ListError, "in use"),
    ("a form of another entry", lambda o: Edit(TERMS, "x", {**CLINIC, "id": "x", "en": ["BMA"]}), ListError, "same form"),
    ("not a row of the list", lambda o: Edit(TERMS, "x", {"id": "x", "domain": "law"}), ListError, "lacks forms"),
    ("the id of another row", lambda o: Edit(TERMS, "x", {**CLINIC, "id": "bma"}), ListError, "bma"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "edit", "error", "said"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused_changes_nothing(office: Office, why: str, edit: object, error: type[ListError], said: str) -> None:
    with pytest.raises(error, match=said):
        office.save(edit(office))  # type: ignore[operator]
    assert office.lists.history(TERMS, "bma") == []
    assert not office.repository.take_vocabulary(office.desk.store)


@pytest.mark.parametrize("who", ["contributor", "reviewer"])
def test_only_editors_change_lists_and_searches(office: Office, who: str) -> None:
    with pytest.raises(RightsError):
        office.save(Edit(TERMS, "river-clinic", CLINIC), who)
    with pytest.raises(RightsError):
        SavedQueries(office.desk.store).add("flood", office.people[who])


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_change_needs_a_reason(office: Office, reason: str) -> None:
    with pytest.raises(ReasonError):
        office.save(Edit(TERMS, "river-clinic", CLINIC), reason=reason)


def found(office: Office, question: str) -> list[tuple[str, float]]:
    return office.repository.searcher(office.desk.store).rank(question, 10)[1]


def test_the_effect_is_what_saving_does(office: Office) -> None:
    """Readings, words and answers of the trial are those of the repository after the change."""
    queries = SavedQueries(office.desk.store, office.desk.clock)
    for text in ("floating clinic", "คลินิกเรือกลางน้ำ", "boat"):
        queries.add(text, office.people["editor"])
    edit = Edit(TERMS, "river-clinic", CLINIC)
    foreseen = office.effect(edit)
    before = {query.text: found(office, query.text) for query in queries.all()}
    assert not office.repository.take_vocabulary(office.desk.store)
    office.save(edit)
    Upkeep(office.repository).once(office.desk.store)
    after = {query.text: found(office, query.text) for query in queries.all()}
    assert office.repository.is_current(office.desk.store)
    for query in foreseen.queries:
        if query.saved:
            places = {place.record.id: (place.before, place.after) for place in query.places}
            ranks = [{record: rank for rank, (record, _) in enumerate(side[query.text], 1)} for side in (before, after)]
            assert places == {
                record: (ranks[0].get(record), ranks[1].get(record))
                for record in {*ranks[0], *ranks[1]}
                if ranks[0].get(record) != ranks[1].get(record)
            }
    unchanged = {query.text for query in queries.all()} - {query.text for query in foreseen.queries}
    assert all([record for record, _ in before[text]] == [record for record, _ in after[text]] for text in unchanged)
    assert "boat" in unchanged
    read = {query.text: query.readings for query in foreseen.queries}
    assert [(item.said, new) for item, new in read["floating clinic"]] == [("floating clinic", True)]
    assert (foreseen.recut, foreseen.words[0].record.id) == (1, "la-clinics-on-boats")
    assert "คลินิกเรือกลางน้ำ" in foreseen.words[0].after
    assert "คลินิกเรือกลางน้ำ" not in foreseen.words[0].before
    assert {(item.form, item.records, item.whole) for item in foreseen.forms} == {
        ("คลินิกเรือกลางน้ำ", 1, True), ("river clinic", 0, False), ("floating clinic", 0, False),
    }  # fmt: skip


def test_the_words_of_records_follow_in_the_database(office: Office) -> None:
    store = office.desk.store
    words = " ".join(word for word, _ in store.passage_words())
    assert "คลินิกเรือกลางน้ำ" not in words
    office.save(Edit(TERMS, "river-clinic", CLINIC))
    Upkeep(office.repository).once(store)
    assert "คลินิกเรือกลางน้ำ" in " ".join(word for word, _ in store.passage_words())
    assert list(disagreements(office.repository, store)) == []


def test_a_label_changes_for_its_cases_and_no_index_is_made(office: Office) -> None:
    row = office.lists.rows("priorities")["service-delivery"]
    edit = Edit("priorities", "service-delivery", {**row, "en": "Services for all"})
    foreseen = office.effect(edit)
    assert [(item.name, item.key, item.after and item.after.en, item.records) for item in foreseen.labels] == [
        ("priorities", "service-delivery", "Services for all", 2)
    ]
    before = office.repository.index_folder.stat().st_ino
    office.save(edit)
    Upkeep(office.repository).once(office.desk.store)
    assert office.repository.taxonomy["priorities"]["service-delivery"].label.en == "Services for all"
    assert office.repository.index_folder.stat().st_ino == before
    query = office.repository.searcher(office.desk.store).search(Request("Services for all"))
    assert [step.value for step in query.query.steps] == ["service-delivery"]


def test_a_trial_leaves_nothing_behind(office: Office) -> None:
    home = office.repository.settings.home
    before = sorted(path.name for path in home.iterdir())
    manifest = (office.repository.index_folder / "manifest.json").read_bytes()
    office.effect(Edit(TERMS, "river-clinic", CLINIC))
    assert sorted(path.name for path in home.iterdir()) == before
    assert (office.repository.index_folder / "manifest.json").read_bytes() == manifest
    assert "river-clinic" not in office.lists.rows(TERMS)


def test_another_server_takes_the_words_over(office: Office) -> None:
    other = Repository(office.repository.settings, FakeEncoder())
    with other.store() as store:
        mine, theirs = Upkeep(office.repository), Upkeep(other)
        theirs.once(store)
        office.save(Edit(TERMS, "river-clinic", CLINIC))
        mine.once(office.desk.store)
        made = other.index_folder.stat().st_ino
        theirs.once(store)
        assert other.index_folder.stat().st_ino == made, "the one that was made is taken, not made again or back"
        assert {"river-clinic"} <= {entry.id for entry in other.termbase}
        assert other.opened(store).read("floating clinic").expansions


def test_a_case_published_by_a_server_with_older_words_gets_the_new_ones(office: Office) -> None:
    """Its searcher may lag behind; what it writes does not."""
    other = Repository(office.repository.settings, FakeEncoder())
    with other.store() as store:
        late = Desk(other, store, office.desk.clock, QUICK)
        _ = other.segmenter
        office.save(Edit(TERMS, "river-clinic", CLINIC))
        put_out(late, office.people, two_faced("Boats", "คลินิกเรือกลางน้ำอีกลำ"))
    Upkeep(office.repository).once(office.desk.store)
    assert list(disagreements(office.repository, office.desk.store)) == []
    own = {row: record for row, record, _, _ in office.desk.store.passage_rows()}
    with_word = {own[row] for row in office.desk.store.rows_with('"คลินิกเรือกลางน้ำ"')}
    assert with_word == {"la-boats", "la-clinics-on-boats"}


def test_a_change_waits_for_an_ingestion_and_then_holds(office: Office) -> None:
    from kb.ingest.pipeline import exclusive

    office.save(Edit(TERMS, "river-clinic", CLINIC))
    office.repository.take_vocabulary(office.desk.store)
    with exclusive(office.repository.settings.home), pytest.raises(StoreError, match="another ingestion"):
        office.repository.follow(office.desk.store)
    Upkeep(office.repository).once(office.desk.store)
    assert office.repository.is_current(office.desk.store)


def test_an_edited_file_is_taken_over_and_a_broken_one_is_not(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    path = office.repository.settings.corpus / "termbase" / "terms.yaml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(
        f"{whole}- {{id: river-clinic, domain: health, th: [คลินิกเรือกลางน้ำ], en: [river clinic]}}\n", encoding="utf-8"
    )
    upkeep = Upkeep(office.repository)
    upkeep.once(office.desk.store)
    assert "river-clinic" in {entry.id for entry in office.repository.termbase}
    assert office.repository.is_current(office.desk.store)
    path.write_text(f"{whole}- {{id: broken\n", encoding="utf-8")
    upkeep.once(office.desk.store)
    assert "river-clinic" in {entry.id for entry in office.repository.termbase}
    assert "terms.yaml" in caplog.text


QUERIES = [("empty", "  "), ("too long", "x" * 301), ("there already", "flood")]


@pytest.mark.parametrize(("why", "text"), QUERIES, ids=[row[0] for row in QUERIES])
def test_searches_that_are_not_kept(office: Office, why: str, text: str) -> None:
    queries = SavedQueries(office.desk.store)
    queries.add("flood", office.people["editor"])
    with pytest.raises(ListError):
        queries.add(text, office.people["editor"])
    assert [query.text for query in queries.all()] == ["flood"]


def test_kept_searches_have_a_limit_and_can_go(office: Office) -> None:
    queries = SavedQueries(office.desk.store)
    for number in range(MAX_SAVED):
        queries.add(f"question {number}", office.people["editor"])
    with pytest.raises(ListError, match="At most"):
        queries.add("one more", office.people["editor"])
    queries.remove(queries.all()[0].number, office.people["editor"])
    queries.add("หนึ่งคำถาม", office.people["editor"])
    assert (queries.all()[-1].text, queries.all()[-1].language) == ("หนึ่งคำถาม", "th")
