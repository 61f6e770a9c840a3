from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import CorpusError
from kb.termbase import TermEntry, load_termbase, thai_words
from kb.text.normalise import normalise
from kb.text.segment import Segmenter

LINKED = [
    ("ก.พ.ร.", "OPDC", "full stops in the Thai abbreviation"),
    ("กพร", "OPDC", "and without"),
    ("สำนักงาน ก.พ.ร.", "Office of the Public Sector Development Commission", "short and long name"),
    ("อสม.", "village health volunteer", "an abbreviation that is known better than its words"),
    ("อสม", "VHV", "and without the full stop"),
    ("สปสช.", "NHSO", "an agency"),
    ("สปสช", "National Health Security Office", "and its full name"),
    ("ทราฟฟี่ฟองดูว์", "Traffy Fondue", "a name in both scripts"),
]


@pytest.fixture(scope="module")
def termbase(corpus: Path) -> tuple[TermEntry, ...]:
    return load_termbase(corpus)


@pytest.mark.parametrize(("thai", "english", "reason"), LINKED, ids=[f"{row[0]} {row[1]}" for row in LINKED])
def test_forms_of_one_concept_are_linked(termbase: tuple[TermEntry, ...], thai: str, english: str, reason: str) -> None:
    assert any(thai in entry.th and english in entry.en for entry in termbase)


@pytest.mark.parametrize(("dotted", "plain"), [("ก.พ.ร.", "กพร"), ("อสม.", "อสม"), ("สปสช.", "สปสช"), ("กทม.", "กทม")])
def test_abbreviations_with_and_without_full_stops_are_one_word(segmenter: Segmenter, dotted: str, plain: str) -> None:
    for text in (dotted, plain, f"{dotted} แจ้ง", f"ที่ {plain} แจ้ง"):
        assert plain in [token.term for token in segmenter.tokens(normalise(text))]


def test_every_thai_name_without_a_blank_stays_whole(termbase: tuple[TermEntry, ...], segmenter: Segmenter) -> None:
    cut = {
        word: terms
        for word in thai_words(termbase)
        if word.isascii() is False and all("\u0e01" <= c <= "\u0e4e" for c in word)
        if (terms := [token.term for token in segmenter.tokens(normalise(word))]) != [normalise(word)]
    }
    assert cut == {}


def test_ids_and_preferred_forms_are_unique(termbase: tuple[TermEntry, ...]) -> None:
    assert len({entry.id for entry in termbase}) == len(termbase)
    assert len({entry.th[0] for entry in termbase}) == len(termbase)
    assert len({entry.en[0].lower() for entry in termbase}) == len(termbase)


def test_all_forms_are_trimmed_and_in_normal_form(termbase: tuple[TermEntry, ...]) -> None:
    for entry in termbase:
        for form in (*entry.th, *entry.en):
            assert form == normalise(form), entry.id


def test_words_for_the_segmenter_leave_out_blanks_and_full_stops() -> None:
    entry = TermEntry("opdc", "agency", ("สำนักงาน ก.พ.ร.", "ก.พ.ร.", "กพร"), ("OPDC",), "TH")
    assert thai_words((entry,)) == {"กพร"}


def test_an_absent_termbase_is_empty(tmp_path: Path) -> None:
    assert load_termbase(tmp_path) == ()


GOOD = "- {id: a, domain: agency, country: TH, th: [ก], en: [A, B], source: x}\n"

BROKEN = [
    ("- {domain: agency, th: [ก], en: [A]}\n", 1, "entry 1 has no id or domain", "no id"),
    ("- {id: a, th: [ก], en: [A]}\n", 1, "entry 1 has no id or domain", "no domain"),
    ("- {id: [a], domain: agency, th: [ก], en: [A]}\n", 1, "entry 1 has no id or domain", "an id that is a list"),
    (GOOD + "- {id: b, domain: x, th: [ก], en: [A], fr: [C]}\n", 1, "entry 2", "an unknown field"),
    ("- {id: a, domain: agency, th: ก, en: [A]}\n", 1, "entry 'a' lacks forms", "forms that are no list"),
    ("- {id: a, domain: agency, th: [], en: [A]}\n", 1, "entry 'a' lacks forms", "no Thai form"),
    ("- {id: a, domain: agency, th: [ก], en: [2567]}\n", 1, "entry 'a' lacks forms", "a number without quotes"),
    ("- {id: a, domain: agency, th: [ก], en: ['']}\n", 1, "entry 'a' lacks forms", "an empty form"),
    (GOOD + GOOD, 1, "id 'a' stands twice", "one id twice"),
    ("id: a\n", 1, "not a list of entries", "no list"),
    (GOOD + "- {id: b\n", 3, "not YAML", "an open bracket"),
]


@pytest.mark.parametrize(("text", "line", "problem", "reason"), BROKEN, ids=[row[3] for row in BROKEN])
def test_a_broken_termbase_is_refused_with_file_line_and_remedy(
    tmp_path: Path, text: str, line: int, problem: str, reason: str
) -> None:
    path = tmp_path / "termbase" / "terms.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError) as error:
        load_termbase(tmp_path)
    assert (error.value.path, error.value.line) == (path, line)
    assert problem in error.value.problem
    assert error.value.remedy


def test_a_good_termbase_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "termbase").mkdir()
    (tmp_path / "termbase" / "terms.yaml").write_text(GOOD, encoding="utf-8")
    assert load_termbase(tmp_path) == (TermEntry("a", "agency", ("ก",), ("A", "B"), "TH"),)
