"""A run that is killed at any moment loses nothing: the next one comes to the same end as if nothing had happened."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from contents import contents

from kb.encoder import FakeEncoder
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.search.engine import Request
from kb.settings import Settings
from kb.space import LanguageSpace
from kb.taxonomy import Taxonomy
from kb.text.segment import Segmenter

SCRIPT = Path(__file__).with_name("killed_ingest.py")
SEED = 2554
PRACTICES = 8
BY_TIME, BY_STATEMENT = 4, 6  # ten moments
QUERIES = ("แจ้งเตือนน้ำท่วมให้ประชาชน", "complaints about city services", "ลดขั้นตอนการอนุญาต", "health volunteers")


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the signal that ended it (0 for none), its exit status, its length in seconds and statements."""

    seconds: float
    statements: int
    signal: int
    status: int


class Runner:
    """The process that reads in and is killed; see killed_ingest.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, home: Path, moment: str) -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{home} {moment}\n")
        self._process.stdin.flush()
        seconds, statements, ended, status = self._process.stdout.readline().split()
        return Outcome(float(seconds), int(statements), int(ended), int(status))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interruption")


@pytest.fixture(scope="module")
def folder(place: Path, corpus: Path) -> Path:
    """A copy of some of the project's practices."""
    target = place / "files"
    target.mkdir()
    chosen = random.Random(SEED).sample(sorted((corpus / "practices").glob("*/*.md")), PRACTICES)
    for path in chosen:
        shutil.copy(path, target)
    return target


@pytest.fixture(scope="module")
def runner(corpus: Path, folder: Path) -> Iterator[Runner]:
    command = [sys.executable, str(SCRIPT), str(corpus), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Runner(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def finish(
    folder: Path, corpus: Path, segmenter: Segmenter, fake_space: LanguageSpace, taxonomy: Taxonomy
) -> Callable[[Path], dict[str, Any]]:
    """Runs to the end in a data folder and tells all that it holds and what it finds."""

    def finishing(home: Path) -> dict[str, Any]:
        repository = Repository(Settings(home=home, index=Path(f"{home}-index"), corpus=corpus), FakeEncoder())
        repository.vocabulary.segmenter, repository.space, repository.vocabulary.taxonomy = segmenter, fake_space, taxonomy
        report = repository.ingest([folder], Progress(quiet=True))
        assert report.failed == {}
        return contents(repository) | {"answers": [answer(repository, query) for query in QUERIES]}

    return finishing


def answer(repository: Repository, query: str) -> list[tuple[str, float, list[str]]]:
    """Found records with their scores and the keys of their passages."""
    with repository.store() as store:
        result = repository.searcher(store).search(Request(query))
    return [(hit.id, round(hit.score, 6), [passage.key for passage in hit.passages]) for hit in result.hits]


@pytest.fixture(scope="module")
def whole(place: Path, runner: Runner) -> Outcome:
    """An uninterrupted run."""
    return runner.run(place / "whole", "-")


@pytest.fixture(scope="module")
def expected(place: Path, whole: Outcome, finish: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """What it left behind."""
    assert (whole.signal, whole.status) == (0, 0)
    return finish(place / "whole")


def test_an_uninterrupted_run_reads_everything(expected: dict[str, Any]) -> None:
    assert len(expected["records"]) == len(expected["files"]) == PRACTICES
    assert len(expected["vectors"]) > 20 * PRACTICES
    assert all(expected["answers"])


@pytest.mark.parametrize("number", range(BY_TIME))
def test_a_run_killed_at_a_random_time_is_completed_by_the_next(
    place: Path, runner: Runner, whole: Outcome, expected: dict[str, Any], finish: Callable[..., Any], number: int
) -> None:
    moment = (number + random.Random(SEED + number).random()) * whole.seconds / BY_TIME
    outcome = runner.run(place / f"time-{number}", f"{moment:.3f}s")
    # A run that was quicker than the first one may have come to its end before; that changes nothing below.
    assert (outcome.signal, outcome.status) in ((signal.SIGKILL, 0), (0, 0))
    assert finish(place / f"time-{number}") == expected


@pytest.mark.parametrize("number", range(BY_STATEMENT))
def test_a_run_killed_between_any_two_statements_is_completed_by_the_next(
    place: Path, runner: Runner, whole: Outcome, expected: dict[str, Any], finish: Callable[..., Any], number: int
) -> None:
    # Each kill falls into another stretch of the run; most lie within a transaction.
    last = int((number + random.Random(SEED + number).random()) * whole.statements / BY_STATEMENT)
    outcome = runner.run(place / f"statement-{number}", str(last))
    assert (outcome.signal, outcome.statements) == (signal.SIGKILL, last)
    assert finish(place / f"statement-{number}") == expected


def test_a_run_killed_again_and_again_still_comes_to_its_end(
    place: Path, runner: Runner, whole: Outcome, expected: dict[str, Any], finish: Callable[..., Any]
) -> None:
    moments = random.Random(SEED)
    for _ in range(2):
        runner.run(place / "again", str(moments.randrange(whole.statements // 2)))
    assert finish(place / "again") == expected
