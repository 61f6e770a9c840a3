"""Differences word by word, and field by field."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import practice

from kb.desk.differences import Run, differences, practice_differences, words
from kb.records import Agency, Award, Bilingual, Claim, Cost, Face, Practice, Related, Source
from kb.text.segment import Segmenter

SEGMENTER = Segmenter()

TEXTS = st.text(alphabet="กขคนมเแโะาำิี่้๊็์ๆฯ.-*[^]12 \n\u200babEz฿é", max_size=60)
PROSE = st.lists(
    st.sampled_from(["ประชาชน", "แจ้งปัญหา", "น้ำท่วม", " ", "\n\n", "- ", "the city", "ร้อยละ 77", "[^1]", "ก.พ.ร.", "เมื่อ"]),
    max_size=14,
).map("".join)


def shown(before: str, after: str) -> str:
    """Runs in brackets: [-removed-]{+added+}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[run.kind].format(run.text) for run in differences(before, after, SEGMENTER))


CASES = [
    ("the same text", "น้ำท่วมเมือง", "น้ำท่วมเมือง", "น้ำท่วมเมือง"),
    ("nothing was there", "", "ใหม่", "{+ใหม่+}"),
    ("nothing is left", "เก่า", "", "[-เก่า-]"),
    ("a Thai word in a run without blanks", "เทศบาลแจ้งประชาชน", "เทศบาลเตือนประชาชน", "เทศบาล[-แจ้ง-]{+เตือน+}ประชาชน"),
    ("a tone mark changes the whole word, never a mark alone", "ไม่มีปา", "ไม่มีป่า", "ไม่มี[-ปา-]{+ป่า+}"),
    ("an English word", "The city warns early.", "The city warns late.", "The city warns [-early-]{+late+}."),
    ("letters of another case are a change", "Line app", "LINE app", "[-Line-]{+LINE+} app"),
    ("a figure is one piece", "มี 588,842 เรื่อง", "มี 588,843 เรื่อง", "มี [-588,842-]{+588,843+} เรื่อง"),
    ("the mark of a claim is one piece", "ครบ[^1] แล้ว", "ครบ[^12] แล้ว", "ครบ[-[^1]-]{+[^12]+} แล้ว"),
    ("Markdown is kept and told apart", "a word here", "a **word** here", "a {+**+}word{+**+} here"),
    ("a new item of a list", "- one\n- two", "- one\n- three\n- two", "- one\n{+- three\n+}- two"),
    ("blanks between changed words hold nothing together", "red old boat", "new big ship", "[-red old boat-]{+new big ship+}"),
    ("two paragraphs, one changed", "One is.\n\nTwo is.", "One is.\n\nTwo was.", "One is.\n\nTwo [-is-]{+was+}."),
]


@pytest.mark.parametrize(("reason", "before", "after", "expected"), CASES, ids=[case[0] for case in CASES])
def test_differences_are_words(reason: str, before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


@settings(deadline=None)
@given(st.one_of(TEXTS, PROSE), st.one_of(TEXTS, PROSE))
def test_runs_give_both_texts_back(before: str, after: str) -> None:
    runs = differences(before, after, SEGMENTER)
    assert "".join(run.text for run in runs if run.kind != "added") == before
    assert "".join(run.text for run in runs if run.kind != "removed") == after
    assert all(run.text for run in runs)
    assert all(one.kind != other.kind for one, other in pairwise(runs))
    assert not any((one.kind, other.kind) == ("added", "removed") for one, other in pairwise(runs))


@settings(deadline=None)
@given(st.one_of(TEXTS, PROSE))
def test_no_piece_begins_or_ends_inside_a_cluster(text: str) -> None:
    pieces = words(text, SEGMENTER)
    assert "".join(pieces) == text
    assert not any(regex.match(r"[\p{M}ะาำ]", piece) for piece in pieces[1:])
    assert not any(regex.search("[เแโใไ]$", piece) for piece in pieces[:-1])


def full(**facts: object) -> Practice:
    made = practice(
        "th-case",
        {"th": "เมืองแจ้งเตือน", "en": "The city warns."},
        sources=(Source("Report", "City", 2020, "https://example.org/a"), Source("News", "Paper", 2021)),
        claims=(Claim(1, (1,), "agency", ("5",)),),
        related=(Related("th-other", Bilingual("คล้าย", "Alike")),),
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def with_section(base: Practice, section: str, text: str) -> Practice:
    face = base.faces["en"]
    return replace(base, faces={**base.faces, "en": replace(face, sections={**face.sections, section: text})})


FIELDS = [
    ("a code", full(country="KH"), [("country", None, "TH", "KH")]),
    ("a year that was not known", full(end=2020), [("end", None, "", "2020")]),
    ("one language of a fact", full(place=Bilingual("เมือง", "Town")), [("place", "en", "City", "Town")]),
    (
        "the part of an item that changed",
        full(agencies=(Agency(Bilingual("เทศบาล", "Municipality"), "lead"),)),
        [("agencies.1.name", "en", "City", "Municipality")],
    ),
    (
        "an item before the others moves none of them",
        full(sources=(Source("New", "Ministry"), *full().sources)),
        [("sources.1.title", None, "", "New"), ("sources.1.publisher", None, "", "Ministry")],
    ),
    (
        "an item taken out",
        full(related=()),
        [
            ("related.1.id", None, "th-other", ""),
            ("related.1.reason", "th", "คล้าย", ""),
            ("related.1.reason", "en", "Alike", ""),
        ],
    ),
    (
        "a claim goes by its number",
        full(claims=(Claim(1, (1,), "press", ("5",)),)),
        [("claims.1.basis", None, "agency", "press")],
    ),
    (
        "a first item",
        full(awards=(Award(Bilingual("รางวัล", ""), 2020),)),
        [("awards.1.name", "th", "", "รางวัล"), ("awards.1.year", None, "", "2020")],
    ),
    (
        "a record within",
        full(cost=Cost("low", Bilingual("", "Cheap"))),
        [("cost.band", None, "unknown", "low"), ("cost.text", "en", "", "Cheap")],
    ),
    ("a text that was absent", full(study_visit=Bilingual("ถามเทศบาล", "")), [("study_visit", "th", "", "ถามเทศบาล")]),
    ("a new section", with_section(full(), "problem", "Floods."), [("problem", "en", "", "Floods.")]),
    ("nothing", full(), []),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "after", "expected"), FIELDS, ids=[row[0] for row in FIELDS])
def test_fields_that_differ(reason: str, after: Practice, expected: list[tuple[str, str | None, str, str]]) -> None:
    changes = practice_differences(full(), after, SEGMENTER)
    assert [(change.path, change.language, change.before, change.after) for change in changes] == expected


def test_codes_are_compared_one_by_one() -> None:
    (change,) = practice_differences(full(), full(principles=("efficiency", "participation")), SEGMENTER)
    assert change.runs == (Run("added", "efficiency"), Run("same", "participation"))
    assert (change.field, change.after) == ("principles", "efficiency, participation")


def test_a_face_that_was_written_is_all_added() -> None:
    one = practice("th-case", {"th": "เมือง"})
    two = replace(one, faces={**one.faces, "en": Face("en", "A city", {"summary": "It warns.", "lessons": "Early."})})
    changes = practice_differences(one, two, SEGMENTER)
    assert [change.path for change in changes] == ["title", "summary", "lessons"]
    assert all(change.language == "en" and [run.kind for run in change.runs] == ["added"] for change in changes)
