"""The record: migrations, transactions, what stays when a record is written again, its state, and damage."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import FLOOD_TH, RECORDS, WATER_EN, WATER_TH, document, in_order, passage_ids, practice, put
from sqlite_utils import Database

from kb.corpus import practice_files, read_practice
from kb.errors import StoreError
from kb.ingest.passages import cut, index_passage
from kb.migrations import migrations
from kb.records import Bilingual, Passage
from kb.repository import Repository
from kb.store import FileState, IndexedPassage, Store, facets_of
from kb.taxonomy import Taxonomy
from kb.text.normalise import normalise

NO_CONTENT = "0" * 64
"""The state of a database without passages."""


@pytest.fixture
def store(repository: Repository) -> Store:
    """The three small records, written with the fake encoder."""
    store = repository.store()
    put(repository, store)
    return store


def _ids(store: Store) -> dict[str, int]:
    """Passage key -> row id."""
    return dict(store.database.execute('SELECT "key", id FROM passages'))


def _holding(store: Store, expression: str) -> set[str]:
    """Records with a passage that an FTS5 expression matches."""
    return {passage.record for passage in store.passages(store.rows_with(expression)).values()}


def _write(repository: Repository, store: Store, record: object) -> list[IndexedPassage]:
    passages = [index_passage(passage, repository.segmenter) for passage in cut(record)]  # type: ignore[arg-type]
    vectors = repository.encoder.encode([item.passage.text for item in passages], "document")
    store.put(
        record,  # type: ignore[arg-type]
        passages,
        {item.vector: vector for item, vector in zip(passages, vectors, strict=True)},
        repository.encoder.fingerprint,
    )
    return passages


# Opening


def test_a_database_is_in_wal_mode_with_foreign_keys_on_in_every_thread(store: Store) -> None:
    found: list[tuple[str, int]] = []

    def look() -> None:
        database = store.database
        found.append(
            (
                database.execute("PRAGMA journal_mode").fetchone()[0],
                database.execute("PRAGMA foreign_keys").fetchone()[0],
            )
        )

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [("wal", 1), ("wal", 1)]
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.transaction():
        store.database.execute("INSERT INTO faces VALUES ('nobody', 'th', 'original', 1, NULL, 0)")


def test_migrations_are_applied_once(store: Store) -> None:
    log = "SELECT id, migration_set, name, applied_at FROM _sqlite_migrations"
    before = store.database.execute(log).fetchall()
    store.close()
    with Store(store.path) as again:
        assert again.database.execute(log).fetchall() == before
        assert [row[2] for row in before] == [migration.name for migration in migrations._migrations]
        assert again.counts()["practices"] == 2


def _of_a_former_version(path: Path, following: str) -> None:
    """A database as it was before the migration `following`, with one passage."""
    old = Database(path)
    migrations.apply(old, stop_before=following)
    summaries = dict.fromkeys(("title_th", "title_en", "summary_th", "summary_en", "data", "content_hash", "ingested_hash"), "")
    old["records"].insert({"id": "file-old", "kind": "document", **summaries})
    texts = dict.fromkeys(("key", "language", "section", "context", "vector"), "")
    numbers = dict.fromkeys(("part", "ordinal", "start", "end"), 0)
    row = {"record": "file-old", "text": "Old flags.", "words": "old flag", "parts": "2554"}
    old["passages"].insert(row | texts | numbers)
    old.close()


@pytest.mark.parametrize(
    "following",
    [
        pytest.param("m002_spans", id="from before the places of words were kept"),
        pytest.param("m004_phrases", id="from before ranking had an index of its own"),
    ],
)
def test_a_database_of_a_former_version_is_brought_up_to_date_when_it_is_opened_for_writing(
    tmp_path: Path, following: str
) -> None:
    path = tmp_path / "kb.db"
    _of_a_former_version(path, following)
    with pytest.raises(StoreError, match="older version; run: kb ingest"):
        Store(path, readonly=True)
    with Store(path) as store:
        assert in_order(store) == ["file-old"]
        (row,) = passage_ids(store, "file-old")
        assert store.rows_with('"old flag"') == [row]
        assert not store.has('"flag old"')
        assert not store.has('"2554"')  # a word part is no phrase
        ((words, spans),) = store.words([row]).values()
        assert (list(words), list(spans)) == ([], [])  # the next ingestion fills them
        assert store.meta("content") == store.content_state() == store.counted_content() != NO_CONTENT
    with Store(path, readonly=True) as reader:
        assert reader.content_state() != NO_CONTENT
    with Store(path) as store:
        store.remove("file-old")  # takes the words out of the new table
        assert not store.has('"old"')
        assert store.content_state() == NO_CONTENT


@pytest.mark.parametrize("readonly", [False, True])
def test_a_database_of_a_newer_version_is_refused_and_left_alone(store: Store, readonly: bool) -> None:
    row = ("kb", "m999_future", "2030-01-01")
    store.database.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", row)
    store.database.conn.commit()
    store.close()
    before = store.path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version \(m999_future\); update the program"):
        Store(store.path, readonly)
    assert store.path.read_bytes() == before


def test_reading_needs_a_database_that_is_there_and_up_to_date(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no database at .*; run: kb ingest"):
        Store(tmp_path / "kb.db", readonly=True)
    (tmp_path / "kb.db").touch()
    with pytest.raises(StoreError, match="older version; run: kb ingest"):
        Store(tmp_path / "kb.db", readonly=True)


def test_a_reader_cannot_write(store: Store) -> None:
    store.close()
    with Store(store.path, readonly=True) as reader, pytest.raises(StoreError, match="cannot be opened"):
        reader.set_meta("text_state", "changed")


# Damage


def _overwritten(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(b"not a database at all" * 50 + data[1050:])


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _foreign_file(path: Path) -> None:
    path.write_text("น้ำท่วม " * 500, encoding="utf-8")


def _foreign_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY)")
    connection.close()


def _foreign_records(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE records (id INTEGER PRIMARY KEY)")
    connection.close()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _read_everything(store: Store) -> None:
    list(store.practices())
    records = in_order(store)
    store.rows(records)
    list(store.facet_rows())
    rows = passage_ids(store, *records)
    store.words(rows)
    store.passages_by_key([passage.key for passage in store.passages(rows).values()])
    store.two_faced()
    store.titled("flood")
    store.rows_with('"flag"')
    store.has('"flag"')
    store.records_holding({"flag"})
    list(store.texts())
    list(store.passage_words())
    list(store.passage_vectors("fake-ngrams-1", "th"))
    store.content_state()
    store.files()
    store.counts()


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(_overwritten, "is damaged", id="header overwritten"),
        pytest.param(_truncated, "is damaged", id="cut in half"),
        pytest.param(_foreign_file, "is damaged", id="no database"),
        pytest.param(_foreign_database, "belongs to another program", id="another program's"),
        pytest.param(_foreign_records, "belongs to another program", id="another program's, with a table of our name"),
        pytest.param(_folder, "cannot be opened", id="a folder"),
    ],
)
def test_a_damaged_or_foreign_database_gives_one_clear_error(
    store: Store, damage: Callable[[Path], None], reason: str, readonly: bool
) -> None:
    store.close()
    damage(store.path)
    with pytest.raises(StoreError, match=reason) as caught, Store(store.path, readonly) as opened:
        _read_everything(opened)
    assert str(store.path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_damage_anywhere_in_the_file_is_never_another_error(store: Store, tmp_path: Path) -> None:
    store.close()
    whole = store.path.read_bytes()
    path = tmp_path / "kb.db"
    garbage = random.Random(7).randbytes(4096)
    refused = 0
    for page in range(len(whole) // 4096):
        path.write_bytes(whole[: page * 4096] + garbage + whole[(page + 1) * 4096 :])
        try:
            with Store(path, readonly=True) as opened:
                _read_everything(opened)
        except StoreError as exc:  # a page that holds nothing yet may pass
            refused += "\n" not in str(exc)
    assert refused > len(whole) // 4096 / 3


# Writing


def test_a_failed_transaction_leaves_nothing(repository: Repository) -> None:
    with repository.store() as store:
        with contextlib.suppress(RuntimeError), store.transaction():
            put(repository, store)
            assert store.counts()["practices"] == 2
            raise RuntimeError
        assert set(store.counts().values()) == {0}
        assert not store.has('"flag"')


def test_a_record_that_cannot_be_written_whole_is_not_written_at_all(repository: Repository, store: Store) -> None:
    changed = document("file-report", "A new text about bridges.")
    good = [index_passage(passage, repository.segmenter) for passage in cut(changed)]
    bad = replace(good[0], passage=replace(good[0].passage, key="second", text=None))  # type: ignore[arg-type]
    before = (store.document("file-report"), _ids(store), store.content_state())
    with pytest.raises(StoreError, match="NOT NULL"):
        store.put(changed, [*good, bad], {}, "fake-ngrams-1")
    assert (store.document("file-report"), _ids(store), store.content_state()) == before
    assert not store.has('"bridg"')


def test_unchanged_passages_keep_their_row_ids_and_others_never_get_one_back(repository: Repository, store: Store) -> None:
    before = _ids(store)
    changed = practice("th-flood", {"th": FLOOD_TH, "en": "Quite another text."})
    _write(repository, store, changed)
    after = _ids(store)
    kept = before.keys() & after.keys()
    own = {tuple(key.split("/")[1:3]) for key in kept if key.startswith("th-flood")}
    assert own == {("th", "summary"), ("th", "facts"), ("en", "facts")}
    assert all(before[key] == after[key] for key in kept)
    assert min(after[key] for key in after.keys() - kept) > max(before.values())


def test_a_rewritten_record_is_found_by_its_new_words_only(repository: Repository, store: Store) -> None:
    _write(repository, store, document("file-report", "A study of bridges."))
    assert _holding(store, '"bridg"') == {"file-report"}
    assert not store.has('"budget"')


def test_a_removed_record_takes_everything_with_it(store: Store) -> None:
    store.put_file(FileState("/files/flood.md", "0", "th-flood", None))
    store.remove("th-flood")
    store.remove("th-flood")  # a second time is no error
    tables = ("facets", "faces", "passages")
    left = {table: store.database.execute(f"SELECT count(*) FROM {table} WHERE record = 'th-flood'").fetchone()[0]
            for table in tables}  # fmt: skip
    assert left == dict.fromkeys(tables, 0)
    assert store.practice("th-flood") is None
    assert not store.has('"น้ำท่วม"')
    assert store.files()["/files/flood.md"].record is None


def test_every_practice_comes_back_as_it_was_put(fake_corpus_repository: Repository, corpus: Path, taxonomy: Taxonomy) -> None:
    with fake_corpus_repository.store(readonly=True) as store:
        for path in practice_files(corpus):
            assert store.practice(path.stem) == read_practice(path, taxonomy)
            assert store.document(path.stem) is None


def test_a_document_comes_back_as_it_was_put(store: Store) -> None:
    assert store.document("file-report") == RECORDS[2]
    assert store.practice("file-report") is None


def test_an_edit_is_remembered_until_it_is_exported(store: Store) -> None:
    edited = replace(RECORDS[0], status="failed")
    assert not store.edited("th-flood")
    store.edit(edited)  # type: ignore[arg-type]
    assert store.edited("th-flood")
    assert store.practice("th-flood") == edited
    store.mark_exported("th-flood", "text")
    assert not store.edited("th-flood")
    assert [(item.id, text, changed) for item, text, changed in store.practices()] == [
        ("kh-water", None, False),
        ("th-flood", "text", False),
    ]


def test_a_record_knows_when_it_came_in_and_when_it_changed(repository: Repository, store: Store) -> None:
    def dates() -> tuple[str, str]:
        return next((entry.added, entry.changed) for entry in store.dated() if entry.id == "th-flood")

    flood = store.practice("th-flood")
    assert flood is not None
    old = "2020-01-01T00:00:00Z"
    assert dates()[0] == dates()[1] > old
    with store.transaction():
        store.database.execute("UPDATE records SET added = ?, changed = ?", [old, old])
    put(repository, store, [flood])
    assert dates() == (old, old), "the same content again is no change"
    put(repository, store, [replace(flood, place=Bilingual("ที่อื่น", "Elsewhere"))])
    assert dates()[0] == old < dates()[1], "another content is"
    with store.transaction():
        store.database.execute("UPDATE records SET changed = ?", [old])
    store.edit(replace(flood, evidence="audit-or-statistics"))
    assert dates()[0] == old < dates()[1], "and so is an edit"


def test_the_newest_day_comes_first_and_within_a_day_the_newest_beginning(repository: Repository, store: Store) -> None:
    put(repository, store, [practice("aa-old", {"en": "Old."}, start=1990), practice("aa-none", {"en": "None."}, start=None)])
    with store.transaction():
        store.database.execute("UPDATE records SET added = '2020-01-01T09:00:00Z'")
        store.database.execute("UPDATE records SET added = '2020-01-01T23:00:00Z' WHERE id = 'aa-old'")
        store.database.execute("UPDATE records SET added = '2020-01-02T00:00:00Z' WHERE id = 'aa-none'")
    order = [entry.id for entry in store.dated() if entry.kind == "practice"]
    assert order[0] == "aa-none", "came a day later"
    assert order[-1] == "aa-old", "came later the same day, but began earlier"


def test_records_of_an_older_database_get_the_day_on_which_it_learns_to_note_it(tmp_path: Path) -> None:
    _of_a_former_version(tmp_path / "kb.db", "m002_spans")
    with Store(tmp_path / "kb.db") as store:
        assert all(entry.added > "2026" and entry.changed > "2026" for entry in store.dated())
        assert [entry.id for entry in store.dated()] == ["file-old"]


def test_vectors_of_another_model_are_missing_and_swept(repository: Repository, store: Store) -> None:
    model = repository.encoder.fingerprint
    hashes = [row[0] for row in store.database.execute("SELECT vector FROM passages ORDER BY 1")]
    assert store.known_vectors(hashes, model).keys() == set(hashes)
    assert store.missing_vectors(model) == []
    assert store.missing_vectors("other") == ["file-report", "kh-water", "th-flood"]
    own = len(passage_ids(store, "kh-water"))
    store.remove("kh-water")
    store.sweep(model)
    assert store.counts()["vectors"] == len(hashes) - own > 0
    store.sweep("other")
    assert store.counts()["vectors"] == 0


def test_equal_contents_have_equal_states_in_whatever_order_they_came(tmp_path: Path, repository: Repository) -> None:
    states = []
    for name, records in (("one", RECORDS), ("two", RECORDS[::-1])):
        with Store(tmp_path / name / "kb.db") as store:
            put(repository, store, records)
            states.append(store.content_state())
            store.remove("kh-water")
            states.append(store.content_state())
    assert states[0] == states[2]
    assert states[1] == states[3] != states[0]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database for made passages."""
    with Store(tmp_path_factory.mktemp("bare") / "kb.db") as store:
        yield store


def _made(record: str, part: int, text: str) -> IndexedPassage:
    key = f"{record}/en/section/{part}"
    return IndexedPassage(Passage(key, record, "en", "section", part, 0, text, 0, len(text), "", None), text, "", text, b"")


TEXTS = st.dictionaries(st.integers(0, 3), st.sampled_from(["a", "b", "c"]))
"""Parts of a record, each with its text."""
WRITES = st.lists(st.tuples(st.sampled_from(["put", "passages", "remove", "fail"]), st.sampled_from(["x", "y", "z"]), TEXTS))


@settings(deadline=None, max_examples=40)
@given(WRITES)
def test_the_state_that_is_kept_up_is_that_of_a_recount(bare: Store, writes: list[tuple[str, str, dict[int, str]]]) -> None:
    for record in in_order(bare):
        bare.remove(record)
    assert bare.content_state() == NO_CONTENT
    model: dict[str, dict[int, str]] = {}
    for how, record, texts in writes:
        passages = [_made(record, part, text) for part, text in texts.items()]
        if how == "remove":
            bare.remove(record)
            model.pop(record, None)
        elif how == "fail":
            with contextlib.suppress(RuntimeError), bare.transaction():
                bare.put(document(record, ""), passages, {}, "none")
                raise RuntimeError
        elif how == "put":
            bare.put(document(record, ""), passages, {}, "none")
            model[record] = texts
        elif record in model:
            bare.put_passages(record, passages, {}, "none")
            model[record] = texts
        assert bare.content_state() == bare.counted_content()
    keyed = {(record, part): text for record, texts in model.items() for part, text in texts.items()}
    assert (bare.content_state() == NO_CONTENT) is (keyed == {})
    assert {(p.record, p.part): p.text for p in bare.passages([row for row, *_ in bare.passage_rows()]).values()} == keyed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({0: "a"}, {0: "b"}, id="another text"),
        pytest.param({0: "a"}, {1: "a"}, id="another place"),
        pytest.param({0: "a"}, {0: "a", 1: "a"}, id="one more"),
        pytest.param({0: "a", 1: "b"}, {0: "b", 1: "a"}, id="the same texts, exchanged"),
    ],
)
def test_other_contents_have_another_state(bare: Store, one: dict[int, str], other: dict[int, str]) -> None:
    states = []
    for texts in (one, other):
        bare.put(document("x", ""), [_made("x", part, text) for part, text in texts.items()], {}, "none")
        states.append(bare.content_state())
    assert states[0] != states[1]


# Reading


def test_facets_are_those_of_the_record() -> None:
    assert facets_of(practice("la-x", {"en": WATER_EN}, country="LA", start=1999, secondary_priorities=("a", "b"))) == {
        ("kind", "practice"), ("country", "LA"), ("status", "active"), ("level", "local"), ("language", "en"),
        ("priority", "crisis-and-disaster-management"), ("priority", "a"), ("priority", "b"),
        ("principle", "participation"), ("decade", f"{1999 // 10 * 10}"),
    }  # fmt: skip
    assert facets_of(document("file-x", FLOOD_TH, "th")) == {("kind", "document"), ("language", "th")}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param('"flag"', {"th-flood", "file-report"}, id="a word"),
        pytest.param('"colour flag"', {"th-flood"}, id="words next to one another"),
        pytest.param('"flag colour"', set(), id="in this order"),
        pytest.param('"th flood en"', {"th-flood"}, id="words of a title"),
        pytest.param('"ธง สี"', {"th-flood"}, id="Thai words"),
        pytest.param('{words} : "2561"', {"th-flood"}, id="in the words, where the facts name the year"),
        pytest.param('{words} : "2554"', set(), id="not in the parts"),
        pytest.param('"น้ำท่วม"', {"th-flood"}, id="a Thai word, whole"),
        pytest.param('"น้ำท่วม" OR "meter"', {"th-flood", "kh-water", "file-report"}, id="any of the words"),
    ],
)
def test_passages_that_an_expression_matches(repository: Repository, store: Store, expression: str, expected: set[str]) -> None:
    put(repository, store, [document("file-year", "Opened in 2011.")])
    assert _holding(store, expression) == expected
    assert store.has(expression) is bool(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("water", {"kh-water"}, id="a word of a title"),
        pytest.param("KH-WAT", {"kh-water"}, id="any part of one, capitals or not"),
        pytest.param("ตลาด", {"file-ตลาด"}, id="Thai"),
        pytest.param("th", {"th-flood", "kh-water"}, id="in several titles"),
        pytest.param("100%", {"file-100%"}, id="a per cent sign is itself"),
        pytest.param("_", set(), id="and so is an underscore"),
        pytest.param("\\", {"file-\\"}, id="and a backslash"),
        pytest.param("' OR 1=1 --", set(), id="never SQL"),
    ],
)
def test_records_with_a_text_in_a_title(repository: Repository, store: Store, text: str, expected: set[str]) -> None:
    put(repository, store, [document("file-ตลาด", FLOOD_TH, "th"), document("file-100%", "x"), document("file-\\", "x")])
    assert store.titled(text) == expected


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        pytest.param({"น้ำท่วม"}, {"th-flood"}, id="a Thai form inside the text"),
        pytest.param({"น้ำท่วม", "มาตรวัดน้ำ"}, {"th-flood", "kh-water"}, id="any of them"),
        pytest.param({"ท่วมด้วยธง"}, {"th-flood"}, id="wherever words begin and end"),
        pytest.param({"ตลาดน้ำ"}, {"file-market"}, id="over a blank, and in other characters"),
        pytest.param({"ไม่มี"}, set(), id="nowhere"),
        pytest.param({"kh-waterth"}, {"kh-water"}, id="in a title"),
        pytest.param({"a.b"}, set(), id="a full stop is a full stop"),
        pytest.param(set(), set(), id="no form at all"),
    ],
)
def test_records_in_which_a_form_stands(repository: Repository, store: Store, forms: set[str], expected: set[str]) -> None:
    put(repository, store, [document("file-market", "ตลาด น\u0e4d\u0e49าริมคลอง aXb", "th")])
    assert store.records_holding(forms) == expected


def test_records_with_two_faces(repository: Repository, store: Store) -> None:
    put(repository, store, [practice("th-alone", {"th": FLOOD_TH})])
    assert store.two_faced() == {"th-flood", "kh-water"}


def test_more_records_than_one_statement_may_name(repository: Repository, store: Store) -> None:
    count = 1200  # more than two steps of 500
    with store.transaction():
        for number in range(count):
            store.put(document(f"file-{number}", ""), [], {}, repository.encoder.fingerprint)
    ids = [f"file-{number}" for number in range(count)]
    assert store.rows([*ids, "file-unknown"]).keys() == set(ids)
    put(repository, store, [document("file-text", " ".join(f"Sentence {number} of a long text." for number in range(count)))])
    rows = [row for row, *_ in store.passage_rows()]
    assert store.passages([*rows, *range(10**6, 10**6 + count)]).keys() == store.words(rows).keys() == set(rows)


def test_a_row_of_a_document_shows_its_opening_in_its_language(repository: Repository, store: Store) -> None:
    put(repository, store, [document("file-th", f"{FLOOD_TH}\n\nต่อ", "th", "2024-05-01")])
    row = store.rows(["file-th"])["file-th"]
    assert (row.kind, row.country, row.start) == ("document", None, 2024)
    assert row.title == Bilingual("file-th", "")
    assert row.summary == Bilingual(f"{FLOOD_TH} ต่อ", "")


def test_a_malformed_expression_is_one_error(store: Store) -> None:
    for read in (store.rows_with, store.has):
        with pytest.raises(StoreError, match="fts5"):
            read("AND (")


def test_words_of_a_passage_come_with_their_places_in_its_text(repository: Repository, store: Store) -> None:
    put(repository, store, [document("file-th", "เตือน\u200bน\u0e4d\u0e49าท่วม  ด้วยธง 3 สี", "th"), document("file-none", "…")])
    rows = passage_ids(store, *in_order(store))
    passages = store.passages(rows)
    found = store.words(rows)
    assert found.keys() == set(rows)
    for row, (words, spans) in found.items():
        text = passages[row].text
        said = [normalise(text[start:end]) for start, end in spans]
        assert words == [token.term for part in said for token in repository.segmenter.tokens(part)]
        assert [token.term for token in repository.segmenter.tokens(normalise(text))] == words
    texts = {passage.text: found[row] for row, passage in passages.items()}
    assert [list(own) for own in texts["…"]] == [[], []]
    assert store.words([]) == store.worded_passages([]) == {}
    both = store.worded_passages(rows)
    for row, passage in both.items():
        shown = {name: getattr(passages[row], name) for name in ("key", "language", "section", "part", "text", "start", "twin")}
        assert {name: getattr(passage, name) for name in shown} == shown
    placed = {row: passage.placed() for row, passage in both.items()}
    assert {row: (words, list(spans)) for row, (words, spans) in placed.items()} == {
        row: (words, list(spans)) for row, (words, spans) in found.items()
    }


def test_texts_are_those_of_all_passages_with_their_contexts(store: Store) -> None:
    texts = list(store.texts())
    assert len(texts) == store.counts()["passages"]
    assert f"th-flood th {FLOOD_TH}" in texts


def test_passages_by_key_are_those_that_are_there(store: Store) -> None:
    by_id = store.passages(passage_ids(store, "th-flood"))
    keys = [passage.key for passage in by_id.values()]
    assert store.passages_by_key([*keys, "nobody/th/summary/0/0/0"]) == {passage.key: passage for passage in by_id.values()}


def test_passages_stand_by_language_and_row_id_and_so_do_their_words_and_vectors(repository: Repository, store: Store) -> None:
    put(repository, store, [practice("th-late", {"th": WATER_TH, "en": WATER_EN})])  # its Thai passages come after English ones
    rows = list(store.passage_rows())
    assert [(language, row) for row, _, language, _ in rows] == sorted((language, row) for row, _, language, _ in rows)
    assert {language for _, _, language, _ in rows} == set(store.languages()) == {"th", "en"}
    passages = store.passages([row for row, *_ in rows])
    assert [(passages[row].record, passages[row].section) for row, *_ in rows] == [(row[1], row[3]) for row in rows]
    stored = dict(store.database.execute("SELECT id, words FROM passages"))
    assert [words for words, _ in store.passage_words()] == [stored[row] for row, *_ in rows]
    for code in ("th", "en"):
        own = [passages[row] for row, _, language, _ in rows if language == code]
        expected = repository.encoder.encode([f"{passage.context}\n{passage.text}" for passage in own], "document")
        vectors = list(store.passage_vectors(repository.encoder.fingerprint, code))
        np.testing.assert_array_equal(np.stack([np.frombuffer(vector, dtype="<f4") for vector in vectors]), expected)
        assert list(store.passage_vectors("other", code)) == []


def test_a_snapshot_does_not_see_what_others_write_meanwhile(store: Store) -> None:
    with store.snapshot():
        before = in_order(store)
        writer = threading.Thread(target=store.remove, args=["kh-water"])
        writer.start()
        writer.join()
        assert in_order(store) == before
        assert store.rows(before).keys() == set(before)
    assert in_order(store) == ["th-flood", "file-report"]
