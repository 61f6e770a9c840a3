"""Reading in is incremental, all-or-nothing for each file, and keeps what it cannot understand."""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contents import contents
from made_files import raw_pdf, thai_pdf, word_file
from made_records import in_order, passage_ids
from numpy.typing import NDArray

from kb.encoder import FakeEncoder, Role
from kb.errors import ReadError, StoreError
from kb.export import export_practices
from kb.ingest.pipeline import exclusive
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.search.engine import Request
from kb.termbase import thai_words
from kb.text.segment import Segmenter

Opening = Callable[..., Repository]

QUIET = Progress(quiet=True)
SOURCES = ("th/th-traffy-fondue.md", "sg/sg-tracetogether.md", "id/id-petabencana.md")
TRAFFY = "th-traffy-fondue"


class CountingEncoder(FakeEncoder):
    """The fake encoder, which remembers the passages it was given and can be told to fail at one."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.fails_at = ""

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        if self.fails_at and any(self.fails_at in text for text in texts):
            raise RuntimeError("out of memory")
        self.seen += texts if role == "document" else ()
        return super().encode(texts, role)


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def repository(open_repository: Opening, encoder: CountingEncoder) -> Repository:
    return open_repository(encoder)


@pytest.fixture
def practices(folder: Path, corpus: Path) -> Path:
    """A folder with three of the project's practices."""
    for name in SOURCES:
        (folder / name).parent.mkdir()
        shutil.copy(corpus / "practices" / name, folder / name)
    return folder


def files_of(repository: Repository) -> dict[str, str | None]:
    """Names of the files that are known, with the record that each became."""
    with repository.store() as store:
        return {Path(path).name: state.record for path, state in store.files().items()}


def found(repository: Repository, text: str) -> list[str]:
    with repository.store() as store:
        return [hit.id for hit in repository.searcher(store).search(Request(text)).hits]


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# What a run does


def test_a_folder_becomes_records_that_can_be_found(repository: Repository, practices: Path) -> None:
    (practices / "report.pdf").write_bytes(thai_pdf("รายงานทุเรียนหมอนทองส่งออก พ.ศ. ๒๕๖๗"))
    (practices / "paper.docx").write_bytes(word_file(("Heading 1", "Mangosteen export"), ("Normal", "A paper.")))
    (practices / "table.xlsx").write_bytes(b"PK")
    report = repository.ingest([practices], QUIET)
    documents = {name: record for name, record in files_of(repository).items() if name in ("report.pdf", "paper.docx")}
    assert sorted(report.added) == sorted([*(Path(name).stem for name in SOURCES), *documents.values()])
    assert (report.updated, report.unchanged, report.removed, report.failed) == ([], [], [], {})
    assert list(report.skipped) == [str(practices / "table.xlsx")]
    assert found(repository, "ทุเรียนหมอนทอง")[0] == documents["report.pdf"]
    assert found(repository, "mangosteen")[0] == documents["paper.docx"]
    assert found(repository, "ทราฟฟี่ฟองดูว์")[0] == TRAFFY


def test_an_unchanged_run_embeds_and_changes_nothing(repository: Repository, encoder: CountingEncoder, practices: Path) -> None:
    first = repository.ingest([practices], QUIET)
    assert first.embedded == len(encoder.seen) > 0
    before = contents(repository)
    encoder.seen.clear()
    second = repository.ingest([practices], QUIET)
    assert sorted(second.unchanged) == sorted(first.added)
    assert (second.added, second.updated, second.removed, second.refreshed, second.embedded) == ([], [], [], [], 0)
    assert encoder.seen == []
    assert contents(repository) == before


def test_touching_a_file_is_no_change(repository: Repository, encoder: CountingEncoder, practices: Path) -> None:
    repository.ingest([practices], QUIET)
    encoder.seen.clear()
    for path in practices.rglob("*.md"):
        os.utime(path, (0, 0))
    assert len(repository.ingest([practices], QUIET).unchanged) == len(SOURCES)
    assert encoder.seen == []


@pytest.mark.parametrize(("heading", "language"), [("## บทเรียน\n", "th"), ("## Lessons\n", "en")])
def test_a_changed_section_embeds_only_its_changed_passages(
    repository: Repository, encoder: CountingEncoder, practices: Path, heading: str, language: str
) -> None:
    repository.ingest([practices], QUIET)
    encoder.seen.clear()
    rewrite(practices / "th" / f"{TRAFFY}.md", heading, f"{heading}\nทุเรียนหมอนทอง durian\n")
    report = repository.ingest([practices], QUIET)
    assert report.updated == [TRAFFY]
    assert len(encoder.seen) == report.embedded >= 1
    with repository.store() as store:
        texts = store.passages(passage_ids(store, TRAFFY)).values()
    lessons = [p.text for p in texts if (p.section, p.language) == ("lessons", language)]
    assert all(any(embedded.endswith(text) for text in lessons) for embedded in encoder.seen)
    assert sum("ทุเรียนหมอนทอง" in text for text in encoder.seen) == 1


def test_the_result_of_an_update_is_that_of_a_fresh_run(
    repository: Repository, practices: Path, open_repository: Opening
) -> None:
    repository.ingest([practices], QUIET)
    rewrite(practices / "th" / f"{TRAFFY}.md", "## Lessons\n", "## Lessons\n\nA new lesson.\n")
    (practices / "sg" / "sg-tracetogether.md").unlink()
    repository.ingest([practices], QUIET)
    fresh = open_repository(CountingEncoder(), "fresh")
    fresh.ingest([practices], QUIET)
    assert contents(repository) == contents(fresh)


def test_equal_text_in_two_files_is_embedded_once(repository: Repository, encoder: CountingEncoder, folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("การเตือนภัยน้ำท่วม\nเทศบาลแจ้งประชาชน", encoding="utf-8")
    report = repository.ingest([folder], QUIET)
    assert len(report.added) == 2
    assert report.embedded == len(encoder.seen) == 1


def test_a_renamed_document_keeps_its_vectors_and_a_moved_practice_its_record(
    repository: Repository, encoder: CountingEncoder, practices: Path
) -> None:
    (practices / "report.txt").write_text("Mangosteen export\nA paper about fruit.", encoding="utf-8")
    repository.ingest([practices], QUIET)
    old = files_of(repository)["report.txt"]
    encoder.seen.clear()
    (practices / "report.txt").rename(practices / "fruit.txt")
    (practices / "moved").mkdir()
    (practices / "th" / f"{TRAFFY}.md").rename(practices / "moved" / f"{TRAFFY}.md")
    report = repository.ingest([practices], QUIET)
    files = files_of(repository)
    assert encoder.seen == []
    assert (report.added, report.updated, report.removed) == ([files["fruit.txt"]], [TRAFFY], [old])
    assert "report.txt" not in files
    assert files[f"{TRAFFY}.md"] == TRAFFY
    assert found(repository, "mangosteen")[0] == files["fruit.txt"]


def test_a_deleted_file_takes_its_record_passages_and_vectors_with_it(repository: Repository, practices: Path) -> None:
    (practices / "report.txt").write_text("Mangosteen export\nA paper about fruit.", encoding="utf-8")
    repository.ingest([practices], QUIET)
    record = files_of(repository)["report.txt"]
    (practices / "report.txt").unlink()
    report = repository.ingest([practices], QUIET)
    assert report.removed == [record]
    with repository.store() as store:
        counts = store.counts()
        assert store.document(record) is None
        assert passage_ids(store, record) == []
    assert (counts["practices"], counts["documents"], counts["files"]) == (len(SOURCES), 0, len(SOURCES))
    assert record not in found(repository, "mangosteen")


def test_other_folders_are_left_alone(repository: Repository, practices: Path) -> None:
    repository.ingest([practices], QUIET)
    (practices / "th" / f"{TRAFFY}.md").unlink()
    report = repository.ingest([practices / "sg"], QUIET)
    assert (report.unchanged, report.removed) == (["sg-tracetogether"], [])
    assert repository.ingest([practices / "sg" / "sg-tracetogether.md"], QUIET).removed == []
    assert repository.ingest([practices], QUIET).removed == [TRAFFY]


# What a run must not do


@pytest.mark.parametrize("left", ["nothing", "foreign files"])
def test_an_emptied_folder_removes_nothing(repository: Repository, practices: Path, left: str) -> None:
    repository.ingest([practices], QUIET)
    before = contents(repository)
    shutil.rmtree(practices)
    practices.mkdir()
    if left == "foreign files":
        (practices / "lost+found.dat").write_bytes(b"x")
    with pytest.raises(ReadError, match="holds no readable file any more, so nothing was removed; check the path"):
        repository.ingest([practices], QUIET)
    assert contents(repository) == before


def test_a_folder_that_is_linked_from_elsewhere_and_gone_removes_nothing(
    repository: Repository, practices: Path, tmp_path: Path
) -> None:
    (practices / "th").rename(tmp_path / "share")
    (practices / "th").symlink_to(tmp_path / "share")
    assert TRAFFY in repository.ingest([practices], QUIET).added
    (tmp_path / "share").rename(tmp_path / "away")
    report = repository.ingest([practices], QUIET)
    assert report.removed == []
    assert "a broken link, or its rights" in report.failed[str(practices / "th")]
    assert TRAFFY in found(repository, "ทราฟฟี่ฟองดูว์")


def test_a_path_that_does_not_exist_is_an_error(repository: Repository, folder: Path) -> None:
    with pytest.raises(ReadError, match="does not exist; check the path"):
        repository.ingest([folder / "nowhere"], QUIET)


def test_an_encoder_that_fails_in_the_middle_leaves_every_file_whole_or_untouched(
    repository: Repository, encoder: CountingEncoder, practices: Path, open_repository: Opening
) -> None:
    repository.ingest([practices], QUIET)
    before = contents(repository)
    for path in practices.rglob("*.md"):
        rewrite(path, "## Lessons\n", f"## Lessons\n\nA new lesson of {path.stem}.\n")
    encoder.fails_at = "A new lesson of sg-tracetogether"
    with pytest.raises(RuntimeError, match="out of memory"):
        repository.ingest([practices], QUIET)
    assert contents(repository) == before
    encoder.fails_at = ""
    assert sorted(repository.ingest([practices], QUIET).updated) == sorted(Path(name).stem for name in SOURCES)
    fresh = open_repository(CountingEncoder(), "fresh")
    fresh.ingest([practices], QUIET)
    assert contents(repository) == contents(fresh)


def test_two_runs_at_once_are_refused(repository: Repository, practices: Path) -> None:
    repository.ingest([practices], QUIET)
    with exclusive(repository.settings.home), pytest.raises(StoreError, match="another ingestion is at work"):
        repository.ingest([practices], QUIET)
    assert len(repository.ingest([practices], QUIET).unchanged) == len(SOURCES)


# Files that are refused keep no other file out


def bad_files(folder: Path) -> dict[str, str]:
    """Puts a file of every refused kind into a folder: its name, and what the report says of it."""
    pdf = raw_pdf("The city warns its people.")
    for name, data in (
        ("encrypted.pdf", raw_pdf("x", encrypted=True)),
        ("truncated.pdf", pdf[: len(pdf) // 2]),
        ("mislabelled.docx", pdf),
        ("text.pdf", b"The city warns its people."),
        ("program.txt", b"\x7fELF" + bytes(range(256)) * 4),
        ("empty.txt", b""),
        ("huge.txt", b"x" * 1_000_001),
        ("xx-broken.md", b"---\nid: xx-broken\nfaces:\n  th: {state: original, revision: 1}\n---\n\n# A {lang=th}\n"),
    ):
        (folder / name).write_bytes(data)
    (folder / "gone.txt").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.txt")
    (folder / "loop").symlink_to(folder)
    return {
        "encrypted.pdf": "encrypted",
        "truncated.pdf": "truncated",
        "mislabelled.docx": "holds pdf",
        "text.pdf": "holds text",
        "program.txt": "binary",
        "empty.txt": "empty",
        "huge.txt": "1 MB is more than the limit",
        "xx-broken.md": "line 7: the th face lacks สรุป",
        "gone.txt": "a broken link",
        "pipe.txt": "not a regular file",
        "loop": "a link that leads back into itself",
    }


def test_refused_files_are_reported_in_one_line_each_and_the_others_are_read(open_repository: Opening, practices: Path) -> None:
    reasons = bad_files(practices)
    (practices / "folder.txt").mkdir()  # a folder may be called anything
    (practices / "folder.txt" / "good.txt").write_text("Mangosteen export\nA paper.", encoding="utf-8")
    repository = open_repository(FakeEncoder(), max_file_mb=1)
    report = repository.ingest([practices], QUIET)
    assert {Path(path).name for path in report.failed} == set(reasons)
    for path, message in report.failed.items():
        assert reasons[Path(path).name] in message
        assert "\n" not in message
        assert ";" in message
    assert len(report.added) == len(SOURCES) + 1
    assert found(repository, "mangosteen")[0].startswith("doc-good-")


def test_a_file_that_became_unreadable_keeps_its_record_until_it_can_be_read_again(
    repository: Repository, practices: Path
) -> None:
    repository.ingest([practices], QUIET)
    before = contents(repository)
    path = practices / "th" / f"{TRAFFY}.md"
    good = path.read_text(encoding="utf-8")
    rewrite(path, "status: spread", "status: great")
    report = repository.ingest([practices], QUIET)
    (message,) = report.failed.values()
    line = good.splitlines().index("status: spread") + 1
    assert re.fullmatch(rf"line {line}: status 'great' is unknown; use one of: .+", message)
    assert contents(repository) == before
    path.write_text(good, encoding="utf-8")
    assert repository.ingest([practices], QUIET).failed == {}


def test_a_refused_file_is_tried_again_and_forgotten_when_it_is_gone(repository: Repository, practices: Path) -> None:
    path = practices / "report.txt"
    path.write_bytes(b"")
    for _ in range(2):
        assert list(repository.ingest([practices], QUIET).failed) == [str(path)]
    assert files_of(repository)["report.txt"] is None
    path.write_text("Mangosteen export", encoding="utf-8")
    assert len(repository.ingest([practices], QUIET).added) == 1
    path.write_bytes(b"")
    assert list(repository.ingest([practices], QUIET).failed) == [str(path)]
    path.unlink()
    repository.ingest([practices], QUIET)
    assert "report.txt" not in files_of(repository)


def test_two_practices_with_one_id_are_told_apart_by_refusing_the_second(repository: Repository, practices: Path) -> None:
    copy = practices / "zz" / f"{TRAFFY}.md"
    copy.parent.mkdir()
    shutil.copy(practices / "th" / f"{TRAFFY}.md", copy)
    for _ in range(2):  # in one run, and against what is stored
        report = repository.ingest([practices], QUIET)
        taken = practices / "th" / f"{TRAFFY}.md"
        assert report.failed == {str(copy): f"the id {TRAFFY} is taken by {taken}; give one of the two another id"}


def test_documents_of_one_name_in_two_folders_are_two_records(repository: Repository, tmp_path: Path) -> None:
    for name, fruit in (("a", "mangosteen"), ("b", "rambutan")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.txt").write_text(f"Export of {fruit}\nA paper.", encoding="utf-8")
    for paths in ([tmp_path / "a"], [tmp_path / "b"], [tmp_path / "a", tmp_path / "b"]):
        assert repository.ingest(paths, QUIET).failed == {}
    with repository.store() as store:
        assert store.counts()["documents"] == 2
    assert found(repository, "mangosteen")[0] != found(repository, "rambutan")[0]


@pytest.mark.parametrize("second", ["report.txt", "deep/.."])
def test_a_file_that_is_named_in_two_ways_is_one_record(repository: Repository, folder: Path, second: str) -> None:
    (folder / "deep").mkdir()
    path = folder / "report.txt"
    path.write_text("Export of mangosteen\nA paper.", encoding="utf-8")
    repository.ingest([folder.parent], QUIET)
    path.write_text("Export of rambutan\nA paper.", encoding="utf-8")
    report = repository.ingest([folder / second], QUIET)
    assert (len(report.updated), report.added, report.failed) == (1, [], {})
    assert found(repository, "mangosteen") == found(repository, "rambutan")


def test_a_document_that_becomes_a_practice_is_replaced(repository: Repository, folder: Path, corpus: Path) -> None:
    path = folder / f"{TRAFFY}.md"
    path.write_text("# ร่าง\n\nยังไม่ได้เขียน", encoding="utf-8")
    repository.ingest([folder], QUIET)
    shutil.copy(corpus / "practices" / "th" / path.name, path)
    assert repository.ingest([folder], QUIET).added == [TRAFFY]
    with repository.store() as store:
        assert in_order(store) == [TRAFFY]


def test_doubtful_pages_are_reported_and_still_found(repository: Repository, folder: Path) -> None:
    (folder / "paper.pdf").write_bytes(raw_pdf("The first page", "ประชุม\ue123เมือง mangosteen", ""))
    report = repository.ingest([folder], QUIET)
    assert report.doubts == {str(folder / "paper.pdf"): "text may be damaged on page 2, 3"}
    assert found(repository, "mangosteen") == report.added


# Entries that were edited here


def edit_summary(repository: Repository, text: str) -> None:
    with repository.store() as store:
        practice = store.practice(TRAFFY)
        assert practice is not None
        face = practice.faces["en"]
        faces = practice.faces | {"en": replace(face, sections=face.sections | {"summary": text})}
        store.edit(replace(practice, faces=faces))


@pytest.mark.parametrize("change", ["edited", "deleted", "turned into something else"])
def test_an_entry_that_was_changed_here_and_in_its_file_is_a_conflict_and_nothing_changes(
    repository: Repository, practices: Path, change: str
) -> None:
    repository.ingest([practices], QUIET)
    edit_summary(repository, "Edited here.")
    before = contents(repository)
    path = practices / "th" / f"{TRAFFY}.md"
    if change == "edited":
        rewrite(path, "## Lessons\n", "## Lessons\n\nEdited there.\n")
    elif change == "deleted":
        path.unlink()
    else:
        path.write_text("# ร่าง\n\nยังไม่ได้เขียน", encoding="utf-8")
    rewrite(practices / "sg" / "sg-tracetogether.md", "## Lessons\n", "## Lessons\n\nA new lesson.\n")
    report = repository.ingest([practices], QUIET)
    (message,) = report.failed.values()
    assert f"{TRAFFY} was changed here and" in message
    assert "nothing was changed: run kb export" in message
    assert report.updated == ["sg-tracetogether"]  # the others go on
    after = contents(repository)
    assert after["records"][TRAFFY] == before["records"][TRAFFY]


def test_an_entry_that_was_changed_here_only_stays_as_it_is(repository: Repository, practices: Path) -> None:
    repository.ingest([practices], QUIET)
    edit_summary(repository, "Edited here.")
    report = repository.ingest([practices], QUIET)
    assert (report.failed, len(report.unchanged)) == ({}, len(SOURCES))
    with repository.store() as store:
        practice = store.practice(TRAFFY)
    assert practice is not None
    assert practice.faces["en"].sections["summary"] == "Edited here."


def test_after_an_export_the_file_can_be_changed_again(repository: Repository, practices: Path) -> None:
    repository.ingest([practices], QUIET)
    edit_summary(repository, "Edited here.")
    with repository.store() as store:
        assert export_practices(store, practices)[0] == [TRAFFY]
    rewrite(practices / "th" / f"{TRAFFY}.md", "Edited here.", "Edited here and then there.")
    report = repository.ingest([practices], QUIET)
    assert (report.updated, report.failed) == ([TRAFFY], {})


# Rules of text


CITY_REPORT = "- {id: city-report, domain: digital, th: [แจ้งปัญหาเมือง], en: [city problem report]}\n"
"""A term that stands in one of the practices only."""


@pytest.fixture
def with_terms(open_repository: Opening, encoder: CountingEncoder, corpus: Path, tmp_path: Path) -> Callable[[str], Repository]:
    """Opens the data folder with a termbase of one's own, in a copy of the corpus folder's lists."""
    shutil.copytree(corpus / "taxonomy", tmp_path / "corpus" / "taxonomy")
    (tmp_path / "corpus" / "termbase").mkdir()

    def opening(terms: str) -> Repository:
        (tmp_path / "corpus" / "termbase" / "terms.yaml").write_text(terms, encoding="utf-8")
        repository = open_repository(encoder, corpus=tmp_path / "corpus")
        repository.vocabulary.segmenter = Segmenter(thai_words(repository.termbase))
        return repository

    return opening


def words_of(repository: Repository) -> dict[str, dict[str, str]]:
    """Record -> passage -> its indexed words."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in contents(repository)["passages"]:
        found[row["record"]][row["key"]] = row["words"]
    return found


FIRST = "- {id: flood, domain: disaster, th: [น้ำท่วม], en: [flood]}\n"


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        pytest.param(CITY_REPORT, [TRAFFY], id="a form that stands in one record"),
        pytest.param("- {id: a, domain: x, th: [คำที่ไม่มีในคลัง], en: [b]}\n", [], id="a form that stands nowhere"),
        pytest.param("- {id: a, domain: x, th: [แจ้ง ปัญหา], en: [city]}\n", [], id="a form with a blank, which is never whole"),
        pytest.param("- {id: a, domain: x, th: [คำที่ไม่มี], en: [Traffy Fondue]}\n", [], id="an English form"),
    ],
)
def test_a_changed_termbase_segments_only_records_with_a_changed_form_again_and_embeds_nothing(
    with_terms: Callable[[str], Repository], encoder: CountingEncoder, practices: Path, change: str, touched: list[str]
) -> None:
    repository = with_terms(FIRST)
    repository.ingest([practices], QUIET)
    before, vectors = words_of(repository), contents(repository)["vectors"]
    changed = with_terms(FIRST + change)
    assert changed.text_state != repository.text_state or not touched
    encoder.seen.clear()
    report = changed.ingest([practices], QUIET)
    assert report.refreshed == touched
    assert (len(report.unchanged), report.updated, report.embedded, encoder.seen) == (len(SOURCES), [], 0, [])
    after = words_of(changed)
    assert [record for record in after if after[record] != before[record]] == touched
    assert contents(changed)["vectors"] == vectors
    assert changed.ingest([practices], QUIET).refreshed == []


def test_a_form_that_is_taken_out_of_the_termbase_is_cut_again(
    with_terms: Callable[[str], Repository], encoder: CountingEncoder, practices: Path
) -> None:
    plain = with_terms(FIRST)
    plain.ingest([practices], QUIET)
    without = words_of(plain)
    assert "แจ้งปัญหาเมือง" not in " ".join(without[TRAFFY].values()).split()
    added = with_terms(FIRST + CITY_REPORT)
    added.ingest([practices], QUIET)
    assert "แจ้งปัญหาเมือง" in " ".join(words_of(added)[TRAFFY].values()).split()
    encoder.seen.clear()
    taken_out = with_terms(FIRST)
    assert taken_out.ingest([practices], QUIET).refreshed == [TRAFFY]
    assert words_of(taken_out) == without
    assert encoder.seen == []


def test_a_changed_termbase_gives_what_a_fresh_run_with_it_gives(
    with_terms: Callable[[str], Repository], practices: Path, open_repository: Opening
) -> None:
    with_terms(FIRST).ingest([practices], QUIET)
    changed = with_terms(FIRST + CITY_REPORT)
    changed.ingest([practices], QUIET)
    fresh = open_repository(CountingEncoder(), "fresh", corpus=changed.settings.corpus)
    fresh.vocabulary.segmenter = changed.segmenter
    fresh.ingest([practices], QUIET)
    assert contents(changed) == contents(fresh)


def test_a_termbase_that_changes_while_a_file_does_embeds_the_file_only(
    with_terms: Callable[[str], Repository], encoder: CountingEncoder, practices: Path
) -> None:
    with_terms(FIRST).ingest([practices], QUIET)
    rewrite(practices / "sg" / "sg-tracetogether.md", "## Lessons\n", "## Lessons\n\nA new lesson.\n")
    encoder.seen.clear()
    report = with_terms(FIRST + CITY_REPORT).ingest([practices], QUIET)
    assert (report.refreshed, report.updated) == ([TRAFFY], ["sg-tracetogether"])
    assert encoder.seen
    assert all("TraceTogether" in text for text in encoder.seen)


def test_changed_text_rules_segment_every_record_again_and_embed_nothing(
    repository: Repository, encoder: CountingEncoder, practices: Path
) -> None:
    """As after an update of the program: the database is from before places of words were kept."""
    repository.ingest([practices], QUIET)
    before = spans_of(repository)
    with repository.store() as store:
        version, _, rest = repository.text_state.partition("/")
        store.set_meta("text_state", f"{int(version) - 1}/{rest}")
        store.database.execute("UPDATE passages SET spans = x'', words = 'old'")
        store.database.conn.commit()
    encoder.seen.clear()
    report = repository.ingest([practices], QUIET)
    assert sorted(report.refreshed) == sorted(Path(name).stem for name in SOURCES)
    assert (report.embedded, encoder.seen) == (0, [])
    assert spans_of(repository) == before
    assert all(before.values())
    assert TRAFFY in found(repository, "ทราฟฟี่ฟองดูว์")


def spans_of(repository: Repository) -> dict[str, bytes]:
    with repository.store() as store:
        return dict(store.database.execute('SELECT "key", spans FROM passages'))


def test_another_model_embeds_stored_records_again(repository: Repository, practices: Path, open_repository: Opening) -> None:
    class OtherEncoder(CountingEncoder):
        fingerprint = "fake-ngrams-other"

    repository.ingest([practices], QUIET)
    with repository.store() as store:
        passages = store.counts()["vectors"]
    other = OtherEncoder()
    changed = open_repository(other)
    report = changed.ingest([practices], QUIET)
    assert sorted(report.refreshed) == sorted(Path(name).stem for name in SOURCES)
    assert report.embedded == len(other.seen) == passages
    with changed.store() as store:
        assert store.counts()["vectors"] == passages  # those of the old model are gone
    assert TRAFFY in found(changed, "ทราฟฟี่ฟองดูว์")


def test_stored_passages_know_their_twins(repository: Repository, practices: Path) -> None:
    repository.ingest([practices], QUIET)
    rows = {row["key"]: row for row in contents(repository)["passages"]}
    assert rows
    for row in rows.values():
        twin = rows[row["twin"]]
        assert (twin["record"], twin["section"]) == (row["record"], row["section"])
        assert {twin["language"], row["language"]} == {"th", "en"}
