"""`kb table`: a file for a spreadsheet program, and what an edited one would do, told with the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_records import small_corpus

from kb.cli import main
from kb.corpus import practice_files, read_practice
from kb.encoder import FakeEncoder
from kb.evaluate import index_records
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.settings import Settings
from kb.taxonomy import Taxonomy


@pytest.fixture
def kb(tmp_path: Path, corpus: Path, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs a command over a database with four cases."""
    folder = small_corpus(corpus, tmp_path / "corpus")
    settings = Settings(home=tmp_path / "var", index=tmp_path / "index", corpus=folder)
    repository = Repository(settings, FakeEncoder())
    with repository.store() as store:
        some = [read_practice(path, taxonomy) for path in practice_files(folder)]
        index_records(some, repository, store, Progress(quiet=True))
    for name, value in (("HOME", settings.home), ("INDEX", settings.index), ("CORPUS", folder)):
        monkeypatch.setenv(f"KB_{name}", str(value))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["table", *arguments])

    return run


def test_a_table_is_written_edited_and_checked(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "cases.csv"
    assert kb("export", str(file)).output.startswith("4 cases")
    assert kb("check", str(file)).exit_code == 0
    file.write_bytes(file.read_bytes().replace(b'"id-petabencana"', b'"id-other"', 1))
    told = kb("check", str(file))
    assert (told.exit_code, "row 3 id-other: conflict, no longer here" in told.output) == (1, True)


def test_one_country_only(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "cases.xlsx"
    assert json.loads(kb("export", str(file), "--country", "th", "--json").output)["cases"] == 2
    answer = json.loads(kb("check", str(file), "--json").output)
    assert (answer["unchanged"], answer["problems"], answer["changed"]) == (2, [], [])


def test_problems_and_changes_are_told_by_cell_and_field(kb, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "cases.csv"
    file.write_text("id,start\nid-petabencana,soon\nph-project-noah,1999\nth-new,2001\n", encoding="utf-8")
    told = kb("check", str(file))
    assert told.exit_code == 1
    assert told.output.splitlines()[:3] == [
        "B2 start: “soon” is no year; write four digits, CE or B.E., such as 2018 or 2561",
        "new: th-new",
        "changed: ph-project-noah (start)",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "cases.ods"), ".xlsx"),
        (("export", "cases.csv", "--country", "XX"), "XX"),
        (("export", "/no/such/place/cases.csv"), "name another place"),
        (("check", "/no/such/file.csv"), "check the path"),
    ],
)
def test_bad_use_is_one_line_and_status_2(kb, arguments: tuple[str, ...], said: str) -> None:  # type: ignore[no-untyped-def]
    told = kb(*arguments)
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert said in told.stderr
