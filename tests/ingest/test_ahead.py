"""A stage of the pipeline keeps the order, runs only so far ahead, hands errors on, and ends with its reader."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from kb.ingest.ahead import ahead


class Source:
    """Numbers that are counted as they are made, up to an error; `closed` once the generator was closed or ended."""

    def __init__(self, count: int, fails: bool = False) -> None:
        self.count, self.fails = count, fails
        self.made = 0
        self.closed = False
        self.third = threading.Event()

    def items(self) -> Generator[int, None, None]:
        try:
            for number in range(self.count):
                self.made += 1
                if self.made == 3:
                    self.third.set()
                yield number
            if self.fails:
                raise ValueError("damaged")
        finally:
            self.closed = True


def stages() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "stage"]


@pytest.mark.parametrize("count", [0, 1, 100])
def test_everything_comes_in_order(count: int) -> None:
    with ahead(Source(count).items(), "stage") as items:
        assert list(items) == list(range(count))
    assert stages() == []


def test_the_next_item_is_made_while_the_reader_has_the_one_before_but_no_more_than_that() -> None:
    source = Source(100)
    with ahead(source.items(), "stage", depth=2) as items:
        assert next(items) == 0
        assert source.third.wait(10)
        assert source.made <= 3
    assert source.closed


def test_an_error_comes_after_the_items_before_it() -> None:
    read = []
    with pytest.raises(ValueError, match="damaged"), ahead(Source(3, fails=True).items(), "stage") as items:
        read.extend(iter(items.__next__, None))
    assert read == [0, 1, 2]
    assert stages() == []


def test_a_reader_that_stops_early_ends_every_stage_before_it() -> None:
    source = Source(1000)

    def doubled() -> Generator[int, None, None]:
        with ahead(source.items(), "stage") as items:
            for item in items:
                yield 2 * item

    with ahead(doubled(), "stage") as items:
        assert next(items) == 0
    assert source.closed
    assert source.made < 10
    assert stages() == []
