"""What was read before comes back the same or not at all, and a cache never fails the work that it spares."""

from __future__ import annotations

import math
import os
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.cache import read_json, write_json
from kb.errors import CorpusError
from kb.taxonomy import LISTS, load_taxonomy
from kb.termbase import load_termbase, termbase_file
from kb.yaml_lists import load_numbered_rows

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(values)
def test_a_value_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "value.json"
    write_json(path, value)
    assert repr(read_json(path)) == repr(value)  # `repr` tells 1 from True and 0.0 from -0.0


def test_a_file_is_written_into_a_folder_that_is_made_and_over_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "แคช" / "inner" / "value.json"
    assert read_json(path) is None
    write_json(path, {"น้ำ": [1]})
    write_json(path, [(1, {"a": "ข"})])
    assert read_json(path) == [[1, {"a": "ข"}]]  # tuples come back as lists
    assert list(path.parent.iterdir()) == [path]


class Colour(Enum):
    RED = 1


CHANGED = [
    ({1: "a"}, "a number as a key would come back as text"),
    ({"a": [{True: "b"}]}, "a truth value as a key, deep inside"),
    ({None: 1}, "nothing as a key"),
    ({1: "a", "1": "b"}, "two keys would become one"),
    ([date(2024, 2, 29)], "a date"),
    ({"a": {1, 2}}, "a set"),
    (b"bytes", "bytes"),
    (Colour.RED, "a member of an enumeration"),
    (["\ud800"], "half a character"),
]


@pytest.mark.parametrize(("value", "reason"), CHANGED, ids=[row[1] for row in CHANGED])
def test_what_json_would_change_is_not_kept(tmp_path: Path, value: Any, reason: str) -> None:
    older = tmp_path / "value-1.json"
    older.write_text("[]")
    write_json(tmp_path / "value-2.json", value, older="value-*.json")
    assert list(tmp_path.iterdir()) == [older]


def test_numbers_that_json_has_no_sign_for_come_back(tmp_path: Path) -> None:
    write_json(tmp_path / "value.json", [math.inf, math.nan])
    infinite, none = read_json(tmp_path / "value.json")
    assert infinite == math.inf
    assert math.isnan(none)


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": 1', b"\xff\xfe", b"\x00" * 9, b"[1] 2"])
def test_a_damaged_file_is_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "value.json"
    path.write_bytes(data)
    assert read_json(path) is None


def test_a_folder_is_none(tmp_path: Path) -> None:
    assert read_json(tmp_path) is None


def test_where_nothing_can_be_written_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    write_json(tmp_path / "file" / "value.json", [1])
    write_json(tmp_path / "file" / "inner" / "value.json", [1])
    (tmp_path / "taken.json").mkdir()
    write_json(tmp_path / "taken.json", [1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken.json"]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_folder_that_is_read_only_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    write_json(tmp_path / "value.json", [1])
    tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


def test_older_files_are_removed_and_others_stay(tmp_path: Path) -> None:
    for name in ("terms-1.json", "terms-2.json", "status-1.json", "terms.json"):
        write_json(tmp_path / name, [name])
    write_json(tmp_path / "terms-3.json", [3], older="terms-*.json")
    write_json(tmp_path / "status-2.json", [2])
    assert {path.name for path in tmp_path.iterdir()} == {"terms-3.json", "terms.json", "status-1.json", "status-2.json"}
    write_json(tmp_path / "terms-3.json", [4], older="terms-*.json")
    assert read_json(tmp_path / "terms-3.json") == [4]


# Rows of YAML files


def test_the_lists_of_the_corpus_are_the_same_with_and_without_a_cache(corpus: Path, tmp_path: Path) -> None:
    plain, terms = load_taxonomy(corpus), load_termbase(corpus)
    for _ in ("written", "read"):
        cached = load_taxonomy(corpus, tmp_path)
        assert all(dict(cached[name]) == dict(plain[name]) for name in LISTS)
        assert load_termbase(corpus, tmp_path) == terms
    assert {path.name.rpartition("-")[0] for path in tmp_path.iterdir()} == {*LISTS, "terms"}


def test_rows_come_with_their_lines_from_the_cache_too(corpus: Path, tmp_path: Path) -> None:
    plain = load_numbered_rows(termbase_file(corpus))
    assert [line for line, _ in plain][:2] != [1, 2]
    assert load_numbered_rows(termbase_file(corpus), tmp_path) == plain
    (stored,) = tmp_path.iterdir()
    assert load_numbered_rows(termbase_file(corpus), tmp_path) == plain
    stored.write_text(stored.read_text(encoding="utf-8").replace('"id"', '"key"'), encoding="utf-8")
    assert "key" in load_numbered_rows(termbase_file(corpus), tmp_path)[0][1]  # it was read, and not only written


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "status.yaml"
    path.write_text("# รายการ\n- {id: a, th: ก}\n", encoding="utf-8")
    return path


def test_a_changed_file_is_not_served_from_the_cache(listed: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert load_numbered_rows(listed, cache) == [(2, {"id": "a", "th": "ก"})]
    times = listed.stat()
    listed.write_text("# รายการ\n- {id: b, th: ก}\n", encoding="utf-8")
    os.utime(listed, ns=(times.st_atime_ns, times.st_mtime_ns))  # as old and as long as before
    assert load_numbered_rows(listed, cache) == [(2, {"id": "b", "th": "ก"})]
    assert len(list(cache.iterdir())) == 1
    listed.write_text("id: b\n")
    with pytest.raises(CorpusError, match="not a list of entries"):
        load_numbered_rows(listed, cache)
    listed.unlink()
    with pytest.raises(CorpusError, match="the file is missing"):
        load_numbered_rows(listed, cache)


def test_a_damaged_cache_is_made_again(listed: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    expected = load_numbered_rows(listed, cache)
    (stored,) = cache.iterdir()
    data = stored.read_bytes()
    stored.write_bytes(data[:-3])
    assert load_numbered_rows(listed, cache) == expected
    assert stored.read_bytes() == data


@pytest.mark.parametrize("row", ["{id: a, since: 2024-02-29}", "{id: a, 1: x}", "{id: a, no: x}"])
def test_rows_that_json_would_change_are_read_anew_each_time(tmp_path: Path, row: str) -> None:
    path = tmp_path / "status.yaml"
    path.write_text(f"- {row}\n")
    plain = load_numbered_rows(path)
    for _ in range(2):
        assert load_numbered_rows(path, tmp_path / "cache") == plain
    assert not (tmp_path / "cache").exists()


def test_rows_are_read_where_no_cache_can_be_written(listed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert load_numbered_rows(listed, tmp_path / "file") == load_numbered_rows(listed)
