"""Ids that moved or were withdrawn: what the file may say, what the lint finds, and that a running server follows it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from made_records import small_corpus

from kb.errors import CorpusError
from kb.lint import check_corpus
from kb.moved import Moved, MovedRecords, load_moved, moved_file
from kb.records import Bilingual
from kb.store import Store
from kb.taxonomy import load_taxonomy
from tests.conftest import CORPUS

GONE = "- {id: th-gone, day: 2026-05-31, th: ซ้ำกับกรณีอื่น, en: said the same as another case}\n"


def write(corpus: Path, text: str) -> Path:
    moved_file(corpus).write_text(text, encoding="utf-8")
    return corpus


def test_the_projects_own_file_is_read() -> None:
    assert moved_file(CORPUS).exists()
    assert all(entry.id == key for key, entry in load_moved(CORPUS).items())


def test_an_entry_moved_or_was_withdrawn(tmp_path: Path) -> None:
    assert load_moved(tmp_path) == {}, "without the file nothing moved"
    found = load_moved(write(tmp_path, "- {id: th-old, to: th-new, day: 2026-05-31}\n" + GONE))
    assert found["th-old"] == Moved("th-old", date(2026, 5, 31), "th-new", line=1)
    reason = Bilingual("ซ้ำกับกรณีอื่น", "said the same as another case")
    assert found["th-gone"] == Moved("th-gone", date(2026, 5, 31), None, reason, line=2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {to: th-new, day: 2026-05-31}", "no id"),
        ("- {id: th-old, to: th-new}", "no day"),
        ("- {id: th-old, to: th-new, day: May}", "no day"),
        ("- {id: th-old, day: 2026-05-31}", "neither where it is nor why"),
        ("- {id: th-old, day: 2026-05-31, en: only one language}", "neither where it is nor why"),
        ("- {id: th-old, to: [a], day: 2026-05-31}", "moved to no id"),
        ("- {id: th-old, new: th-new, day: 2026-05-31}", "unknown field 'new'"),
        ("- {id: th-a, to: th-b, day: 2026-05-31}\n- {id: th-a, to: th-c, day: 2026-05-31}", "stands twice"),
    ],
)
def test_an_entry_that_says_too_little_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CorpusError, match=says) as caught:
        load_moved(write(tmp_path, text))
    assert caught.value.line == text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {{id: th-old, to: {one}, day: 2026-05-31}}", ""),  # as it should be
        ("- {{id: {one}, to: {two}, day: 2026-05-31}}", "is in use"),
        ("- {{id: th-old, to: th-nowhere, day: 2026-05-31}}", "is no practice here"),
        ("- {{id: th-a, to: th-b, day: 2026-05-31}}\n- {{id: th-b, to: {one}, day: 2026-05-31}}", "which moved on"),  # a chain
        ("- {{id: th-a}}", "no day"),  # a file that cannot be read is a finding, not a crash
    ],
)
def test_the_lint_finds_entries_that_lead_nowhere(tmp_path: Path, text: str, says: str) -> None:
    corpus = small_corpus(CORPUS, tmp_path)
    one, two = sorted(path.stem for path in (corpus / "practices").glob("*/*.md"))[:2]
    write(corpus, text.format(one=one, two=two))
    found = [f for f in check_corpus(corpus, load_taxonomy(corpus)).findings if f.path == moved_file(corpus)]
    assert [says in finding.message and finding.error for finding in found] == ([True] if says else [])


def test_a_running_server_follows_the_file(tmp_path: Path) -> None:
    records = MovedRecords(tmp_path, Store(tmp_path / "kb.db"))
    assert records.find("th-gone") is None
    write(tmp_path, GONE)
    assert records.find("th-gone") is not None
    write(tmp_path, "[]\n")
    os.utime(moved_file(tmp_path), ns=(1, 1))
    assert records.find("th-gone") is None
