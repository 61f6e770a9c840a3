"""What a table would do: nothing for what did not change, by field for what did, and no silent overwriting."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from made_practices import practices
from made_records import practice

from kb.corpus import practice_files, read_practice
from kb.desk.table import read_table, write_table
from kb.desk.table_files import FORMATS, Format
from kb.desk.table_preview import Preview, Step, preview
from kb.records import Bilingual, Face, Practice
from kb.taxonomy import Taxonomy, load_taxonomy

TAXONOMY = load_taxonomy(Path(__file__).parents[2] / "corpus")
FLOOD = replace(
    practice("th-flood", {"th": "สรุป", "en": "Summary"}),
    status="implemented",
    partners=(Bilingual("ก", "A"), Bilingual("ข", "B")),
)


def held(*some: Practice) -> dict[str, Practice]:
    return {practice.id: practice for practice in some}


def edited(data: bytes, edit: Callable[[dict[str, str]], None]) -> bytes:
    """An exported CSV in which each row was changed by hand."""
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    for row in rows[1:]:
        edit(row)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def seen(data: bytes, *some: Practice) -> Preview:
    return preview(read_table(data, "t", TAXONOMY), held(*some))


@pytest.mark.parametrize("form", FORMATS)
def test_the_whole_corpus_exported_and_read_changes_nothing(form: Format, corpus: Path, taxonomy: Taxonomy) -> None:
    some = [read_practice(path, taxonomy) for path in practice_files(corpus)]
    found = seen(write_table(some, form), *some)
    assert found.unchanged == tuple(practice.id for practice in some)
    assert (found.new, found.changed, found.conflicts, found.problems) == ((), (), (), ())
    assert found.plan() == ()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=practices(TAXONOMY))
def test_one_cell_edited_changes_one_field_and_undoing_brings_all_back(made: Practice) -> None:
    data = edited(write_table([made], "csv"), lambda row: row.update({"place.en": "Elsewhere"}))
    found = seen(data, made)
    (step,) = found.plan()
    assert step == Step(made.id, made, replace(made, place=Bilingual(made.place.th, "Elsewhere")))
    assert [difference.key for difference in found.changed[0].differences] == ["place.en"]
    assert found.changed[0].known


def test_space_that_no_cell_keeps_is_not_lost_where_another_field_changes() -> None:
    made = replace(FLOOD, faces={"en": Face("en", " Title ", {"summary": "a\r\nb\n"})})
    assert seen(write_table([made], "csv"), made).unchanged == ("th-flood",)
    found = seen(edited(write_table([made], "csv"), lambda row: row.update(status="stopped")), made)
    assert found.changed[0].after == replace(made, status="stopped")


def test_differences_are_told_as_cells_with_the_heading_in_both_languages() -> None:
    data = edited(write_table([FLOOD], "csv"), lambda row: row.update(partners="ก | A\nค | C", country="VN"))
    (change,) = seen(data, FLOOD).changed
    assert [(d.key, d.before, d.after) for d in change.differences] == [
        ("country", "TH", "VN"),
        ("partners", "ก | A\nข | B", "ก | A\nค | C"),
    ]
    assert change.differences[0].heading == Bilingual("ประเทศ", "Country")


def test_columns_that_are_not_there_leave_their_fields_as_they_are() -> None:
    (change,) = seen(b"id;status\nth-flood;stopped\n", FLOOD).changed
    assert change.after == replace(FLOOD, status="stopped")
    assert not change.known, "nobody can tell from which state such a row was made"


def test_a_cell_made_empty_empties_the_field_and_a_face_without_text_goes() -> None:
    def clear(row: dict[str, str]) -> None:
        row.update({key: "" for key in row if key.endswith(".th") or key == "partners"})

    (change,) = seen(edited(write_table([FLOOD], "csv"), clear), FLOOD).changed
    assert change.after == replace(FLOOD, partners=(), place=Bilingual("", "City"), faces={"en": FLOOD.faces["en"]})


def test_a_row_of_an_older_state_is_a_conflict_and_planned_only_if_told() -> None:
    data = edited(write_table([FLOOD], "csv"), lambda row: row.update(status="stopped"))
    now = replace(FLOOD, start=2020)
    found = seen(data, now)
    (conflict,) = found.conflicts
    assert (conflict.reason, conflict.row) == ("changed", 3)
    assert {d.key for d in conflict.differences} == {"status", "start"}
    assert (found.changed, found.plan()) == ((), ())
    assert found.plan(over=frozenset({"th-flood"})) == (Step("th-flood", now, replace(FLOOD, status="stopped")),)


def test_an_older_state_that_says_the_same_as_now_is_no_conflict() -> None:
    """Someone made the very change on the desk as well."""
    data = edited(write_table([FLOOD], "csv"), lambda row: row.update(status="stopped"))
    assert seen(data, replace(FLOOD, status="stopped")).unchanged == ("th-flood",)


def test_new_cases_and_cases_that_are_gone() -> None:
    assert [conflict.reason for conflict in seen(write_table([FLOOD], "csv")).conflicts] == ["gone"]
    found = seen(edited(write_table([FLOOD], "csv"), lambda row: row.update(exported="")))
    assert found.new == (FLOOD,)
    assert found.plan() == (Step("th-flood", None, FLOOD),)


def test_rows_with_problems_are_told_and_left_out() -> None:
    found = seen(b"id,status\nth-flood,asleep\nth-new,pilot\n", FLOOD)
    assert [problem.row for problem in found.problems] == [2]
    assert [practice.id for practice in found.new] == ["th-new"]


def test_a_confirmation_that_does_not_fit_the_case_is_a_problem() -> None:
    found = seen(b"id,verified_until\nth-flood,2027-01-01\n", FLOOD)
    assert found.changed == ()
    assert "no day" in found.problems[0].message.en
