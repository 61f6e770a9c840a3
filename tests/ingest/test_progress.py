"""Progress is a bar on a terminal, plain lines elsewhere, and nothing where it is not wanted."""

from __future__ import annotations

import io

from kb.ingest.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(progress: Progress, files: int) -> None:
    with progress.stage("reading", files) as stage:
        for number in range(files):
            stage.advance(1, 2 * (number + 1))


def test_lines_end_with_the_whole_count_and_no_guess_of_time_left() -> None:
    stream = io.StringIO()
    run(Progress(stream), 3)
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("reading: 3/3 files, 6 passages embedded (")
    assert "left" not in line
    assert "\r" not in line  # a log file shows no control characters


def test_a_run_that_stops_early_says_how_far_it_came() -> None:
    stream = io.StringIO()
    with Progress(stream).stage("reading", 4) as stage:
        stage.advance(1, 0)
    assert stream.getvalue().startswith("reading: 1/4 files, 0 passages embedded (0.0/s)")


def test_a_terminal_gets_a_bar_with_files_and_passages() -> None:
    stream = Terminal()
    run(Progress(stream), 3)
    assert "3/3" in stream.getvalue()
    assert "6 passages" in stream.getvalue()


def test_nothing_is_shown_where_it_is_not_wanted_or_there_is_nothing_to_do() -> None:
    for stream, quiet, files in ((io.StringIO(), True, 3), (Terminal(), True, 3), (io.StringIO(), False, 0)):
        run(Progress(stream, quiet), files)
        assert stream.getvalue() == ""


def test_each_stage_is_named() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    for name in ("bringing up to date", "reading"):
        with progress.stage(name, 1) as stage:
            stage.advance(1, 0)
    assert [line.split(":")[0] for line in stream.getvalue().splitlines()] == ["bringing up to date", "reading"]
