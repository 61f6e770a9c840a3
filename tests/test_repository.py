"""The parts together: what is derived follows the record, the model, the rules and the termbase, and says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_records import CASES, share, small_corpus

from kb.encoder import FakeEncoder
from kb.errors import StoreError, VectorIndexError
from kb.ingest.pipeline import exclusive
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.search.answer import answer_as_json
from kb.search.engine import Request
from kb.search.names import Names
from kb.settings import Settings
from kb.store import Store

QUIET = Progress(quiet=True)
QUESTIONS = ("", "ธงเตือนน้ำท่วม", "chat reports", "2553")


class OtherEncoder(FakeEncoder):
    """Another model."""

    fingerprint = "fake-ngrams-2"


@pytest.fixture
def own(corpus: Path, tmp_path: Path) -> Repository:
    """Four practices, read in from a corpus folder that a test may change."""
    folder = small_corpus(corpus, tmp_path / "corpus")
    settings = Settings(home=tmp_path / "var", index=tmp_path / "index", corpus=folder)
    repository = share(Repository(settings, FakeEncoder()))
    repository.ingest([folder / "practices"], QUIET)
    return repository


@pytest.fixture
def store(own: Repository) -> Iterator[Store]:
    with own.store() as store:
        yield store


def _answers(repository: Repository, store: Store) -> list[dict[str, Any]]:
    searcher = repository.searcher(store)
    return [answer_as_json(searcher.search(Request(text))) for text in QUESTIONS]


NEW_WORD = "- {id: flag-of-colour, domain: disaster, th: [ธงสีเตือนภัยน้ำท่วม], en: [coloured flag]}"


def _with_new_word(own: Repository, entry: str = NEW_WORD) -> Repository:
    """The same folders after an entry was added to the termbase."""
    path = own.settings.corpus / "termbase" / "terms.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8').rstrip()}\n{entry}\n", encoding="utf-8")
    fresh = Repository(own.settings, own.encoder)
    fresh.space = own.space
    return fresh


def test_ingesting_makes_database_and_index_and_a_second_time_changes_nothing(own: Repository) -> None:
    before = own.manifest()
    report = own.ingest([own.settings.corpus / "practices"], QUIET)
    assert sorted(report.unchanged) == list(CASES)
    assert (report.added, report.updated, report.embedded) == ([], [], 0)
    assert own.manifest() == before
    assert own.settings.database.parent not in own.index_folder.parents


def test_deleting_index_and_space_changes_no_answer(own: Repository, store: Store) -> None:
    before = _answers(own, store)
    shutil.rmtree(own.settings.index)
    shutil.rmtree(own.settings.home / "spaces", ignore_errors=True)
    assert _answers(Repository(own.settings, FakeEncoder()), store) == before


def test_rebuilding_changes_no_answer_and_embeds_nothing(own: Repository, store: Store) -> None:
    before = _answers(own, store)
    report = own.rebuild(QUIET)
    assert (sorted(report.refreshed), report.embedded) == (list(CASES), 0)
    assert _answers(own, store) == before


def test_each_model_learns_a_space_of_its_own(own: Repository) -> None:
    first, second = Repository(own.settings, FakeEncoder()), Repository(own.settings, OtherEncoder())
    assert first.space.fingerprint != second.space.fingerprint
    assert len(list((own.settings.home / "spaces").iterdir())) == 2


def test_vectors_of_another_model_are_never_searched_and_rebuilding_makes_them(own: Repository) -> None:
    other = share(Repository(own.settings, OtherEncoder()))
    with other.store() as store, pytest.raises(VectorIndexError, match="4 records were embedded with another model"):
        other.searcher(store)
    report = other.rebuild(QUIET)
    with other.store() as store:
        assert report.embedded == store.counts()["vectors"] > 0
        other.searcher(store)
    assert other.manifest().model == "fake-ngrams-2"


def test_a_word_added_to_the_termbase_asks_for_a_rebuild(own: Repository, store: Store) -> None:
    fresh = _with_new_word(own)
    assert fresh.text_state != own.text_state
    with pytest.raises(VectorIndexError, match="the termbase changed since the last ingestion; run: kb rebuild"):
        fresh.searcher(store)
    fresh.rebuild(QUIET)
    fresh.searcher(store)
    with pytest.raises(VectorIndexError):  # a program that still has the old words must not search the new ones
        own.searcher(store)


def test_ingesting_takes_a_changed_termbase_in_as_well(own: Repository, store: Store) -> None:
    fresh = _with_new_word(own)
    report = fresh.ingest([own.settings.corpus / "practices"], QUIET)
    assert (report.failed, report.refreshed, report.embedded) == ({}, [], 0)  # no record has the word
    result = fresh.searcher(store).search(Request("ธงสีเตือนภัยน้ำท่วม"))
    assert [step.key for step in result.query.steps] == ["term:flag-of-colour"]
    assert result.query.keywords == ("ธงสีเตือนภัยน้ำท่วม",)


def test_a_new_term_that_stands_in_a_record_is_found_there_after_the_next_ingestion(own: Repository, store: Store) -> None:
    fresh = _with_new_word(own, "- {id: city-report, domain: digital, th: [แจ้งปัญหาเมือง], en: [city problem report]}")
    faces = {practice.id: practice.faces["th"] for practice, _, _ in store.practices()}
    holding = [
        key for key, face in faces.items() if any("แจ้งปัญหาเมือง" in text for text in (face.title, *face.sections.values()))
    ]
    assert 0 < len(holding) < len(CASES)
    assert fresh.ingest([own.settings.corpus / "practices"], QUIET).refreshed == holding
    legs = {hit.id: {leg.leg for leg in hit.legs} for hit in fresh.searcher(store).search(Request("แจ้งปัญหาเมือง")).hits}
    assert sorted(record for record, found in legs.items() if "keyword" in found) == holding


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(NEW_WORD, id="a Thai word"),
        pytest.param("- {id: flag-of-colour, domain: disaster, th: [ธง สี], en: [coloured flag]}", id="no Thai word"),
    ],
)
def test_a_new_term_is_suggested_after_the_next_ingestion(own: Repository, store: Store, entry: str) -> None:
    assert own.searcher(store).suggester.suggest("coloured f") == []
    fresh = _with_new_word(own, entry)
    fresh.ingest([own.settings.corpus / "practices"], QUIET)
    assert [item.text for item in fresh.searcher(store).suggester.suggest("coloured f")] == ["coloured flag"]


def test_words_and_suggestions_are_those_of_the_records_that_are_here(own: Repository, store: Store) -> None:
    searcher = own.searcher(store)
    assert {entry.record for entry in searcher.suggester.suggest("Traffy", 50)} >= {"th-traffy-fondue"}
    assert searcher.reader.lexicon.in_repository("traffy")
    store.remove("th-traffy-fondue")
    after = own.searcher(store)
    assert "th-traffy-fondue" not in {entry.record for entry in after.suggester.suggest("Traffy", 50)}
    assert "traffy" not in after.reader.lexicon.counts


def test_an_index_left_behind_is_rebuilt_with_a_word_why(own: Repository, store: Store) -> None:
    store.remove(CASES[0])
    notices: list[str] = []
    index = own.ensure_index(store, notices.append)
    assert notices == [f"the index in {own.index_folder} was made from another content; rebuilding it"]
    assert index.manifest.content == store.content_state()


def test_two_writers_do_not_work_at_once(own: Repository) -> None:
    with exclusive(own.settings.home):
        for write in (own.rebuild, lambda quiet: own.ingest([own.settings.corpus / "practices"], quiet)):
            with pytest.raises(StoreError, match="another ingestion is at work"):
                write(QUIET)


def test_a_data_folder_can_be_moved(own: Repository, store: Store, tmp_path: Path) -> None:
    before = _answers(own, store)
    store.close()
    (tmp_path / "var").rename(tmp_path / "elsewhere")
    moved = share(Repository(replace(own.settings, home=tmp_path / "elsewhere"), FakeEncoder()))
    with moved.store(readonly=True) as again:
        assert _answers(moved, again) == before


def _again(repository: Repository) -> Repository:
    """The same folders in another process; only the space is given, which takes seconds to learn."""
    again = Repository(repository.settings, FakeEncoder())
    again.space = repository.space
    return again


@pytest.fixture
def kept(own: Repository) -> Path:
    """The names that another process left; `own` was given its names ready made."""
    assert _again(own).names.learnt
    return own.settings.index / "cache" / "names.json"


def test_names_are_read_when_the_index_is_made_and_no_search_reads_them_again(own: Repository) -> None:
    kept = own.settings.index / "cache" / "names.json"
    assert not kept.exists()
    shutil.rmtree(own.index_folder)
    with own.store() as store:
        _again(own).ensure_index(store)
    before = kept.read_bytes()
    names = _again(own).names
    assert not names.learnt
    assert names.words() == Names(own.taxonomy, own.termbase, own.segmenter).words()
    assert kept.read_bytes() == before
    assert sorted(path.name for path in kept.parent.glob(".*")) == []


@pytest.mark.parametrize("damage", [lambda at: at.unlink(), lambda at: at.write_text("{"), lambda at: at.write_text("[1]")])
def test_names_that_were_kept_may_be_lost_or_damaged(own: Repository, kept: Path, damage: Callable[[Path], object]) -> None:
    before = kept.read_bytes()
    damage(kept)
    assert _again(own).names.learnt
    assert kept.read_bytes() == before


@pytest.mark.usefixtures("kept")
def test_names_that_were_cut_by_other_rules_are_read_anew(own: Repository) -> None:
    """A word of the termbase changes how every form is cut."""
    changed = _with_new_word(own, "- {id: x, domain: disaster, th: [ธงเขียวเหลืองแดง], en: [x flag]}")
    assert changed.names.sequence("ธงเขียวเหลืองแดง") == ("ธงเขียวเหลืองแดง",)
    assert changed.names.learnt
    assert not _again(changed).names.learnt


def test_the_lists_of_the_corpus_follow_their_files(own: Repository) -> None:
    path = own.settings.corpus / "taxonomy" / "status.yaml"
    assert _again(own).taxonomy.label("status", "asleep", "th") == "asleep"
    assert list((own.settings.index / "cache").glob("status-*.json"))
    path.write_text(path.read_text(encoding="utf-8") + "- {id: asleep, th: หลับ, en: Asleep}\n", encoding="utf-8")
    assert _again(own).taxonomy.label("status", "asleep", "th") == "หลับ"


def test_a_warmed_searcher_has_read_the_dictionary_and_answers_the_same(own: Repository, store: Store) -> None:
    before = _answers(own, store)
    other = _again(own)
    with other.store() as second:
        searcher = other.searcher(second)
        searcher.warm()
        assert [answer_as_json(searcher.search(Request(text))) for text in QUESTIONS] == before
