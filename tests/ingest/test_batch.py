"""Batches: full ones of bounded size, always the same, and nothing embedded twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from kb.encoder import FakeEncoder, Role
from kb.ingest.batch import BUFFER, FILES, FIRST, batched
from kb.ingest.prepare import Unchanged
from kb.ingest.progress import Progress
from kb.repository import Repository
from kb.store import IndexedPassage

QUIET = Progress(quiet=True)
ONE = cast("IndexedPassage", None)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([FIRST - 1, 1, 5], [FIRST, 5], id="the first is small, so that the encoder starts soon"),
        pytest.param([FIRST, 2 * FIRST, BUFFER, BUFFER], [FIRST, 2 * FIRST, BUFFER, BUFFER], id="they grow to the full size"),
        pytest.param([5 * BUFFER, 1], [5 * BUFFER, 1], id="one file is never parted"),
        pytest.param([0] * (FILES + 3), [0, 0], id="known files have no passages and are handed on too"),
    ],
)
def test_files_are_collected(sizes: Sequence[int], expected: Sequence[int]) -> None:
    batches = list(batched(Unchanged(str(number), [ONE] * size) for number, size in enumerate(sizes)))
    assert [batch.passages for batch in batches] == expected
    assert [item.record for batch in batches for item in batch.outcomes if isinstance(item, Unchanged)] == [
        str(number) for number in range(len(sizes))
    ]


class Noting(FakeEncoder):
    """The fake encoder, which remembers how much it was given at once."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        self.seen += texts if role == "document" else ()
        return super().encode(texts, role)


def test_text_that_stands_in_many_batches_is_embedded_once(open_repository: Callable[..., Repository], folder: Path) -> None:
    encoder = Noting()
    repository = open_repository(encoder)
    for number in range(3 * FIRST):
        (folder / f"{number:04}.txt").write_text(f"Report on floods\n\nThe text of group {number % 7}.", encoding="utf-8")
    report = repository.ingest([folder], QUIET)
    assert len(report.added) == 3 * FIRST
    assert report.embedded == len(encoder.seen) == 7


def test_an_entry_that_is_changed_here_after_its_file_was_read_is_kept(
    open_repository: Callable[..., Repository], folder: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change comes from the web while the encoder works."""
    name = "th-traffy-fondue"
    path = folder / f"{name}.md"
    shutil.copy(corpus / "practices" / "th" / path.name, path)
    encoder = Noting()
    repository = open_repository(encoder)
    repository.ingest([folder], QUIET)
    path.write_text(path.read_text(encoding="utf-8").replace("## Lessons\n", "## Lessons\n\nA new one.\n"), encoding="utf-8")
    whole = encoder.encode

    def changing(texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        with repository.store() as store:
            store.database.execute("UPDATE records SET content_hash = 'changed' WHERE id = ?", [name])
            store.database.conn.commit()
        return whole(texts, role)

    monkeypatch.setattr(encoder, "encode", changing)
    report = repository.ingest([folder], QUIET)
    assert (report.updated, list(report.failed)) == ([], [str(path)])
    assert "was changed here and in the file" in report.failed[str(path)]
    with repository.store() as store:
        assert store.edited(name)


def test_windows_of_a_document_are_embedded_with_it_once(open_repository: Callable[..., Repository], folder: Path) -> None:
    encoder = Noting()
    repository = open_repository(encoder)
    sentences = [f"The office number {place} told the people of village {place} about the great flood." for place in range(4)]
    (folder / "report.txt").write_text("Report on floods\n\n" + " ".join(sentences), encoding="utf-8")
    assert repository.ingest([folder], QUIET).embedded == 1
    passage, *windows = sorted(encoder.seen, key=len, reverse=True)
    assert len(windows) == 2
    assert all(window.split("\n")[-1] in passage for window in windows)
    assert repository.ingest([folder], QUIET).embedded == 0
    with repository.store() as store:
        store.database.execute("UPDATE vectors SET windows = NULL")  # as a former version left it
        store.database.conn.commit()
        assert store.window_count(encoder.fingerprint) == 0
    assert repository.ingest([folder], QUIET).embedded == 1
    with repository.store() as store:
        assert store.window_count(encoder.fingerprint) == 2
