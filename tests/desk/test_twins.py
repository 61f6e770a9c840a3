"""The two faces in step: states, standings, and what one face says alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_records import practice

from kb.corpus import practice_files, read_practice
from kb.desk.differences import Run
from kb.desk.translate import NoTranslator, propose_translation
from kb.desk.twins import (
    Author,
    OldTexts,
    SectionState,
    TwinError,
    TwinNames,
    after_edit,
    in_step,
    may_overwrite,
    mismatches,
    section_mismatches,
    standing,
    text_hash,
)
from kb.records import Face, Lang, Practice
from kb.taxonomy import Taxonomy
from kb.termbase import TermEntry, load_termbase
from kb.text.segment import Segmenter

SEGMENTER = Segmenter()
EDITOR = Author("mali")
ENGINE = Author("engine", machine=True)
BOTH = practice("th-case", {"th": "เมืองแจ้งเตือน", "en": "The city warns."})
THAI = practice("th-case", {"th": "เมืองแจ้งเตือน"})


def edited(base: Practice, lang: Lang, text: str, section: str = "summary") -> Practice:
    face = base.faces.get(lang, Face(lang, "", {}))
    return replace(base, faces={**base.faces, lang: replace(face, sections={**face.sections, section: text})})


def seen(practice: Practice, states: tuple[SectionState, ...]) -> dict[str, str]:
    """`language section` -> standing, without what is in step."""
    return {f"{one.language} {one.section}": one.standing for one in standing(practice, states) if one.standing != "in-step"}


def found(states: tuple[SectionState, ...], lang: Lang, section: str = "summary") -> SectionState:
    return next(state for state in states if (state.language, state.section) == (lang, section))


def test_faces_that_nobody_noted_are_in_step() -> None:
    assert seen(BOTH, ()) == {}
    assert len(standing(BOTH, ())) == 4


def test_a_face_made_from_an_earlier_revision_is_behind() -> None:
    english = replace(BOTH.faces["en"], made_from=1, state="machine")
    outdated = replace(BOTH, faces={"th": replace(BOTH.faces["th"], revision=2), "en": english})
    assert seen(outdated, ()) == {"en title": "behind", "en summary": "behind"}
    current = replace(outdated, faces={**outdated.faces, "en": replace(english, made_from=2)})
    assert seen(current, ()) == {"en title": "machine-unchecked", "en summary": "machine-unchecked"}


def test_an_edit_leaves_the_twin_behind_with_what_changed() -> None:
    after = edited(BOTH, "th", "เมืองแจ้งเตือนเร็ว")
    states = after_edit(BOTH, after, (), EDITOR, "2026-01-02")
    assert seen(after, states) == {"en summary": "behind"}
    assert found(states, "th") == SectionState("th", "summary", "original", "mali", "2026-01-02", text_hash("The city warns."))
    old = OldTexts.of([BOTH], SEGMENTER)
    behind = next(one for one in standing(after, states, old) if one.standing == "behind")
    assert behind.since == (Run("same", "เมืองแจ้งเตือน"), Run("added", "เร็ว"))
    assert not next(one for one in standing(after, states) if one.standing == "behind").since


def test_taking_an_edit_back_brings_the_twin_in_step() -> None:
    after = edited(BOTH, "th", "เมืองแจ้งเตือนเร็ว")
    states = after_edit(after, BOTH, after_edit(BOTH, after, (), EDITOR, "1"), EDITOR, "2")
    assert seen(BOTH, states) == {}


def test_only_a_person_says_that_a_change_was_carried_over() -> None:
    """An edit of the side that is behind may be of something else; then each is behind the other."""
    thai = edited(BOTH, "th", "เมืองแจ้งเตือนเร็ว")
    states = after_edit(BOTH, thai, (), EDITOR, "1")
    english = edited(thai, "en", "The city warns early.")
    states = after_edit(thai, english, states, EDITOR, "2")
    assert seen(english, states) == {"th summary": "behind", "en summary": "behind"}
    states = in_step(english, states, "summary", "somchai", "3")
    assert seen(english, states) == {}
    assert (found(states, "en").by, found(states, "en").at, found(states, "en").state) == ("somchai", "3", "original")


def test_one_save_of_both_sides_leaves_them_in_step() -> None:
    after = edited(edited(BOTH, "th", "ใหม่"), "en", "New.")
    assert seen(after, after_edit(BOTH, after, (), EDITOR, "1")) == {}


def test_what_is_written_where_nothing_was_is_made_from_its_twin() -> None:
    assert seen(THAI, ()) == {"en title": "missing", "en summary": "missing"}
    after = edited(THAI, "en", "The city warns.")
    states = after_edit(THAI, after, (), EDITOR, "1")
    assert seen(after, states) == {"en title": "missing"}
    assert found(states, "en").state == "original"


def test_a_text_taken_out_is_missing() -> None:
    after = edited(BOTH, "en", " ")
    states = after_edit(BOTH, after, (), EDITOR, "1")
    assert seen(after, states) == {"en summary": "missing"}
    assert [(state.language, state.section) for state in states] == [("th", "summary")]


def test_blanks_are_no_edit() -> None:
    assert after_edit(BOTH, edited(BOTH, "th", "เมืองแจ้งเตือน \r\n"), (), EDITOR, "1") == ()


def translated() -> tuple[Practice, tuple[SectionState, ...]]:
    after = edited(THAI, "en", "The town warns.")
    return after, after_edit(THAI, after, (), ENGINE, "1")


def test_a_machine_text_waits_for_a_person() -> None:
    after, states = translated()
    assert seen(after, states) == {"en title": "missing", "en summary": "machine-unchecked"}
    assert may_overwrite(after, states, "en", "summary")
    assert found(in_step(after, states, "summary", "mali", "2"), "en").state == "checked"


def test_a_person_who_edits_a_machine_text_has_checked_it() -> None:
    before, states = translated()
    after = edited(before, "en", "The city warns.")
    states = after_edit(before, after, states, EDITOR, "2")
    assert (found(states, "en").state, found(states, "en").by) == ("checked", "mali")
    assert not may_overwrite(after, states, "en", "summary")
    assert seen(after, states) == {"en title": "missing", "th summary": "behind"}


def test_a_machine_text_that_is_behind_is_behind_first() -> None:
    before, states = translated()
    after = edited(before, "th", "เมืองเตือน")
    assert seen(after, after_edit(before, after, states, EDITOR, "2"))["en summary"] == "behind"


def english(**values: object) -> Practice:
    """Both faces, the English one made in another way."""
    return replace(BOTH, faces={**BOTH.faces, "en": replace(BOTH.faces["en"], **values)})  # type: ignore[arg-type]


WRITTEN = SectionState("en", "summary", "original", "mali", "1", "")
OVERWRITE = [
    ("a person's text", BOTH, (), False),
    ("a person's text in a face that an engine began", english(state="machine"), (WRITTEN,), False),
    ("a checked face", english(state="machine", checked=True), (), False),
    ("a face that people checked", english(state="human-checked"), (), False),
    ("an engine's text", english(state="machine"), (), True),
    ("nothing", THAI, (), True),
    ("blanks", edited(THAI, "en", "\n"), (), True),
]


@pytest.mark.parametrize(("reason", "before", "states", "allowed"), OVERWRITE, ids=[row[0] for row in OVERWRITE])
def test_a_machine_never_replaces_a_person(
    reason: str, before: Practice, states: tuple[SectionState, ...], allowed: bool
) -> None:
    assert may_overwrite(before, states, "en", "summary") is allowed
    after = edited(before, "en", "Something else.")
    if allowed:
        assert found(after_edit(before, after, states, ENGINE, "2"), "en").state == "machine"
    else:
        with pytest.raises(TwinError, match="summary of the en face was written by a person"):
            after_edit(before, after, states, ENGINE, "2")


class Shouting:
    """Translates into capital letters, and knows no summaries."""

    name = "shouting"

    def translate(self, text: str, source: Lang, target: Lang) -> str | None:
        return None if "เมือง" in text else f"{source}>{target} {text.upper()}"


def test_a_translation_fills_only_what_no_person_wrote() -> None:
    base = edited(edited(THAI, "th", "ab", "problem"), "th", "cd", "lessons")
    base = edited(base, "en", "By a person.", "problem")
    proposal = propose_translation(base, (), Shouting(), "en", "1")
    assert proposal.filled == ("title", "lessons")
    english = proposal.practice.faces["en"]
    assert english.title == "th>en TH-CASE TH"
    assert english.sections == {"problem": "By a person.", "lessons": "th>en CD"}
    assert found(proposal.states, "en", "lessons").by == "shouting"
    assert seen(proposal.practice, proposal.states) == {
        "en title": "machine-unchecked", "en lessons": "machine-unchecked", "en summary": "missing",
    }  # fmt: skip
    again = propose_translation(proposal.practice, proposal.states, Shouting(), "en", "2")
    assert again.filled == ()
    changed = edited(proposal.practice, "th", "ef", "lessons")
    states = after_edit(proposal.practice, changed, proposal.states, EDITOR, "3")
    assert propose_translation(changed, states, Shouting(), "en", "4").practice.faces["en"].sections["lessons"] == "th>en EF"


def test_without_an_engine_nothing_is_filled() -> None:
    proposal = propose_translation(THAI, (), NoTranslator(), "en", "1")
    assert (proposal.practice, proposal.filled) == (THAI, ())


# What one face says alone

TERMS = (
    TermEntry("opdc", "agency", ("สำนักงาน ก.พ.ร.", "ก.พ.ร."), ("Public Sector Development Commission", "OPDC"), "TH"),
    TermEntry("bot", "agency", ("ธนาคารแห่งประเทศไทย",), ("Bank of Thailand", "BOT"), "TH"),
    TermEntry("moha-vn", "agency", ("กระทรวงมหาดไทย",), ("Ministry of Home Affairs",), "VN"),
    TermEntry("permit", "governance", ("ใบอนุญาต",), ("permit",)),
)
NAMES = TwinNames(TERMS, "TH")

SAME = [
    ("a figure in both notations", "มี 1.37 ล้านเรื่อง", "1,370,000 reports"),
    ("Thai digits", "มี ๑๒ แห่ง", "12 places"),
    ("a small number in words", "มี 3 แห่ง", "There are three."),
    ("years in two eras", "เริ่ม พ.ศ. 2561 (ค.ศ. 2018)", "It began in 2018."),
    ("an English text that kept the Buddhist era", "เริ่ม พ.ศ. 2561", "It began in 2561."),
    ("a span of years holds those inside", "ช่วง พ.ศ. 2560 ถึง 2562 และ 2561", "From 2017 to 2019"),
    ("a percentage", "ร้อยละ 79 ของเรื่อง", "79% of them"),
    ("a percentage in words", "ลดลง 12.5 เปอร์เซ็นต์", "down 12.5 per cent"),
    ("a range of percentages", "ร้อยละ 30-40", "30 to 40%"),
    ("percentage points", "เพิ่มขึ้น 15 จุด", "up 15 percentage points"),
    ("a sum beside a percentage", "6.3 ล้านคน หรือร้อยละ 26", "6.3 million or 26%"),
    ("money", "วงเงิน 8,440 ล้านกีบ", "8.44 billion kip"),
    ("a currency before the sum", "20 ล้านดอลลาร์สหรัฐ", "US$20 million"),
    ("a name by its acronym", "สำนักงาน ก.พ.ร. รับเรื่อง", "OPDC took it on."),
    ("a Latin name in both", "ผ่านแอป LINE", "through the LINE app"),
    ("the mark of a claim is no figure", "ครบ[^12]", "All done."),
    ("a term that is no name", "ออกใบอนุญาต", "It is issued."),
    ("a ministry of another country", "กระทรวงมหาดไทยรับ", "The ministry took it."),
    ("nothing to compare with", "มี 5 แห่ง", ""),
]


@pytest.mark.parametrize(("reason", "thai", "english"), SAME, ids=[row[0] for row in SAME])
def test_faces_that_say_the_same(reason: str, thai: str, english: str) -> None:
    assert section_mismatches("results", thai, english, NAMES) == ()


ALONE = [
    (
        "a figure",
        "มี 588,842 เรื่อง",
        "588,843 reports",
        [("figure", "th", "588,842", "588842"), ("figure", "en", "588,843", "588843")],
    ),
    (
        "millions for thousands",
        "1.37 ล้านเรื่อง",
        "1.37 thousand",
        [("figure", "th", "1.37 ล้าน", "1370000"), ("figure", "en", "1.37 thousand", "1370")],
    ),
    ("a figure left out", "ใน 11 วัน มี 50 เขต", "50 districts", [("figure", "th", "11", "11")]),
    (
        "a wrong year",
        "เริ่ม พ.ศ. 2561",
        "It began in 2017.",
        [("year", "th", "พ.ศ. 2561", "2018"), ("year", "en", "2017", "2017")],
    ),
    ("a wrong percentage", "ร้อยละ 77", "79%", [("percentage", "th", "77", "77"), ("percentage", "en", "79", "79")]),
    ("a percentage that lost its sign", "ร้อยละ 77 ของคน", "77 of the people", [("percentage", "th", "77", "77")]),
    (
        "another currency",
        "8 ล้านบาท",
        "8 million dollars",
        [("money", "th", "8 ล้าน", "8000000"), ("money", "en", "8 million", "8000000")],
    ),
    ("a sum left out", "ใช้เงิน 5 ล้านบาท", "It was cheap.", [("money", "th", "5 ล้าน", "5000000")]),
    (
        "an agency left out in English",
        "สำนักงาน ก.พ.ร. รับเรื่อง",
        "They took it on.",
        [("name", "th", "สำนักงาน ก.พ.ร.", "สำนักงาน ก.พ.ร.")],
    ),
    ("an acronym left out in Thai", "หน่วยงานรับเรื่อง", "OPDC took it on.", [("name", "en", "OPDC", "OPDC")]),
    (
        "the longer of two names",
        "ธนาคารรับ",
        "The Bank of Thailand agreed.",
        [("name", "en", "Bank of Thailand", "Bank of Thailand")],
    ),
    ("a Latin name in the Thai face only", "ผ่านแอป LINE", "through an app", [("name", "th", "LINE", "LINE")]),
]


@pytest.mark.parametrize(("reason", "thai", "english", "expected"), ALONE, ids=[row[0] for row in ALONE])
def test_what_one_face_says_alone(reason: str, thai: str, english: str, expected: list[tuple[str, str, str, str]]) -> None:
    marks = section_mismatches("results", thai, english, NAMES)
    assert [(mark.kind, mark.language, mark.text, mark.value) for mark in marks] == expected
    for mark in marks:
        assert (thai if mark.language == "th" else english)[mark.start : mark.end] == mark.text


def test_a_name_may_stand_elsewhere_in_the_other_face() -> None:
    base = edited(edited(BOTH, "th", "สำนักงาน ก.พ.ร. รับเรื่อง 5 เรื่อง", "results"), "en", "They took on six.", "results")
    assert [mark.kind for mark in mismatches(base, NAMES)] == ["name", "figure"]
    said = edited(base, "en", "OPDC leads.", "action")
    assert [mark.kind for mark in mismatches(said, NAMES)] == ["figure"]


def test_one_face_has_no_mismatches() -> None:
    assert mismatches(edited(THAI, "th", "มี 5 แห่ง", "results")) == ()


def test_the_corpus_says_its_figures_twice(corpus: Path, taxonomy: Taxonomy) -> None:
    """Live marks are of use where they are rare: cases that people wrote and checked have next to none."""
    names = TwinNames(load_termbase(corpus))
    marks = [mark for path in practice_files(corpus) for mark in mismatches(read_practice(path, taxonomy), names)]
    assert [mark.text for mark in marks if mark.kind != "name"] == ["2020"]  # a year that only a title gives
    assert len(marks) < len(practice_files(corpus)) / 2
