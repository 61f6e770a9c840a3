"""The termbase: forms of one concept are linked, those that mean other things are marked, broken files are refused."""

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


AMBIGUOUS = [
    ("opdc", {"กพร"}, "the Department of Primary Industries and Mines has the same letters"),
    ("ocsc", {"ก.พ."}, "February"),
    ("act-thailand", {"ACT"}, "a law"),
    ("information-technology", {"IT"}, "a pronoun"),
    ("nectec", set(), "only one thing is called so"),
]


@pytest.mark.parametrize(("entry", "forms", "reason"), AMBIGUOUS, ids=[row[0] for row in AMBIGUOUS])
def test_forms_that_mean_other_things_are_marked(
    termbase: tuple[TermEntry, ...], entry: str, forms: set[str], reason: str
) -> None:
    assert next(known for known in termbase if known.id == entry).ambiguous == forms


def test_every_entry_keeps_a_form_that_is_not_ambiguous(termbase: tuple[TermEntry, ...]) -> None:
    """Else nothing could be looked for in its place."""
    for entry in termbase:
        assert entry.ambiguous < {*entry.th, *entry.en}, entry.id


def test_a_source_is_a_practice_or_an_address(termbase: tuple[TermEntry, ...], corpus: Path) -> None:
    practices = {path.stem for path in (corpus / "practices").rglob("*.md")}
    sources = {entry.source for entry in termbase if entry.source is not None}
    assert {source for source in sources if not source.startswith("https://")} <= practices


WORDS = [
    (("สำนักงาน ก.พ.ร.", "ก.พ.ร.", "กพร"), {"กพร"}, "no blanks and no full stops"),
    (("รัฐบาลดิจิทัล",), {"รัฐบาลดิจิทัล"}, "a name in one piece"),
    (("การทุจริต", "ทุจริตเชิงนโยบาย"), {"ทุจริตเชิงนโยบาย"}, "a noun made with การ would take it from the word before"),
    (("ความเหลื่อมล้ำ",), set(), "and so would one made with ความ"),
    (("กรมการปกครอง",), {"กรมการปกครอง"}, "การ in the middle of a name stays"),
]


@pytest.mark.parametrize(("forms", "words", "reason"), WORDS, ids=[row[2] for row in WORDS])
def test_words_for_the_segmenter(forms: tuple[str, ...], words: set[str], reason: str) -> None:
    assert thai_words((TermEntry("x", "agency", forms, ("X",)),)) == words


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("โครงการทุจริต", "โครงการ", id="not โครง and การทุจริต"),
        pytest.param("ผู้ว่าราชการจัดการภัยพิบัติ", "ผู้ว่าราชการ", id="not ผู้ว่า, ราช and การจัดการภัยพิบัติ"),
    ],
)
def test_nouns_of_the_termbase_leave_the_word_before_them_whole(segmenter: Segmenter, text: str, first: str) -> None:
    assert segmenter.tokens(text)[0].term == first


def test_an_absent_termbase_is_empty(tmp_path: Path) -> None:
    assert load_termbase(tmp_path) == ()


GOOD = "- {id: a, domain: agency, country: TH, th: [ก], en: [A, B], source: x, ambiguous: [B]}\n"

BROKEN = [
    ("- {domain: agency, th: [ก], en: [A]}\n", 1, "entry 1 has no id or domain", "no id"),
    ("- {id: a, th: [ก], en: [A]}\n", 1, "entry 1 has no id or domain", "no domain"),
    ("- {id: [a], domain: agency, th: [ก], en: [A]}\n", 1, "entry 1 has no id or domain", "an id that is a list"),
    (GOOD + "- {id: b, domain: x, th: [ก], en: [A], fr: [C]}\n", 2, "entry 2", "an unknown field"),
    ("- {id: a, domain: agency, th: ก, en: [A]}\n", 1, "entry 'a' lacks forms", "forms that are no list"),
    ("- {id: a, domain: agency, th: [], en: [A]}\n", 1, "entry 'a' lacks forms", "no Thai form"),
    ("- {id: a, domain: agency, th: [ก], en: [2567]}\n", 1, "entry 'a' lacks forms", "a number without quotes"),
    ("- {id: a, domain: agency, th: [ก], en: ['']}\n", 1, "entry 'a' lacks forms", "an empty form"),
    (GOOD + GOOD, 2, "id 'a' stands twice", "one id twice"),
    ("# forms\n\n" + GOOD + "- id: b\n  domain: x\n  th: [ก]\n", 4, "entry 'b' lacks forms", "an entry over several lines"),
    (
        "- {id: a, domain: x, th: [ก], en: [A], ambiguous: [B]}\n",
        1,
        "marks forms that it lacks",
        "an ambiguous form of no entry",
    ),
    (
        "- {id: a, domain: x, th: [ก], en: [A], ambiguous: A}\n",
        1,
        "marks forms that it lacks",
        "ambiguous forms that are no list",
    ),
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
    assert load_termbase(tmp_path) == (TermEntry("a", "agency", ("ก",), ("A", "B"), "TH", "x", frozenset({"B"})),)


def test_every_entry_knows_its_line(termbase: tuple[TermEntry, ...], corpus: Path) -> None:
    lines = (corpus / "termbase" / "terms.yaml").read_text(encoding="utf-8").splitlines()
    for entry in termbase:
        assert f"id: {entry.id}," in lines[entry.line - 1]


def test_what_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "termbase").mkdir()
    (tmp_path / "termbase" / "terms.yaml").write_text("- {id: a, domain: x, th: [ก], en: [A]}\n", encoding="utf-8")
    assert load_termbase(tmp_path) == (TermEntry("a", "x", ("ก",), ("A",), None, None, frozenset()),)
