"""The lint: a sound entry passes every rule, and each rule is shown to find what it is for, with line and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import CASES, small_corpus

from kb.corpus import dump_practice, plain, practice_files, read_practice, read_text
from kb.lint import CORPUS_RULES, ENTRY_RULES, TERM_RULES, check_corpus, check_entry
from kb.lint.entry import Entry, Finding, Surroundings, read_entry
from kb.lint.figures import amounts, figures, in_words, quantities
from kb.records import Lang
from kb.taxonomy import Taxonomy, load_taxonomy
from kb.termbase import TermEntry

CORPUS = Path(__file__).parent.parent / "corpus"
PATH = Path("practices/th/th-village-bank.md")

TEXT = """\
---
id: th-village-bank
country: TH
place: {th: ลำปาง, en: Lampang}
levels: [local]
agencies:
  - {th: ธนาคารหมู่บ้าน (VBA), en: Village Bank Association (VBA), role: lead}
start: 2015
end: 2018
status: stopped
priority: service-delivery
principles: [participation]
cost: {band: unknown, th: ไม่พบงบประมาณหลัง พ.ศ. 2558, en: No budget after 2015 was found.}
evidence: agency
related:
  - {id: th-traffy-fondue, th: รับเรื่องจากสมาชิก 12 กลุ่ม, en: It hears members of twelve groups}
lineage:
  - {id: th-thaid, relation: spread-to, th: ใช้ต่อ, en: Taken over there}
sources:
  - {title: Annual report, publisher: Village Bank Association, year: 2019, url: "https://example.org/report"}
claims:
  1: {sources: [1], basis: agency, figures: ["79%", "1,240"]}
  2: {sources: [1], basis: agency, figures: ["8.44 billion"]}
faces:
  th: {state: original, revision: 1, checked: false}
  en: {state: original, revision: 1, checked: false}
---

# ธนาคารหมู่บ้านลำปางที่สมาชิกตัดสินเงินกู้เอง {lang=th}

## สรุป

สมาชิกตั้งธนาคารหมู่บ้านใน พ.ศ. 2558 (ค.ศ. 2015) และลงมติเงินกู้กันเอง ก่อนปิดตัวใน พ.ศ. 2561 (ค.ศ. 2018)

## ปัญหา

ชาวบ้านกู้เงินนอกระบบช่วงโควิด-19 เพราะไม่มีธนาคารอยู่ใกล้ ตามมาตรา 12 ของกฎหมาย

## การดำเนินงาน

- วันที่ 9 มิถุนายน พ.ศ. 2558 เปิดรับสมาชิกครั้งแรกด้วยระบบ LoanBook
- สมาชิก 1,240 คนลงมติเงินกู้ทุกเดือน[^1]

## ผลลัพธ์

ตามข้อมูลของธนาคาร สมาชิกร้อยละ 79 ชำระคืนตรงเวลา[^1] วงเงินรวม 8,440 ล้านกีบ[^2]

## บทเรียน

การตัดสินใจร่วมกันต้องใช้เวลา และต้องเปิดบัญชีให้ทุกคนตรวจดูได้เสมอ

## เงื่อนไขที่เอื้อ

มีผู้นำที่สมาชิกไว้ใจและรู้จักกันมานาน

## ทรัพยากร

ไม่พบงบประมาณหรือจำนวนเจ้าหน้าที่

## การนำไปใช้ที่อื่น

เหมาะกับหมู่บ้านที่รวมกลุ่มกันอยู่แล้ว และพร้อมเปิดบัญชี

## คำถามที่กรณีนี้ตอบ

- ทำอย่างไรให้ชาวบ้านกู้เงินในระบบได้
- เหตุใดธนาคารหมู่บ้านจึงปิดตัว

# The village bank of Lampang, where members decide on loans {lang=en}

## Summary

Members set up a village bank in 2015 and voted on loans themselves, until it closed in 2018.

## Problem

During COVID-19 villagers borrowed from lenders, as no bank was near, under section 12 of the law.

## Action

- On 9 June 2015 the first members joined, with the LoanBook system.
- All 1,240 members vote on loans every month[^1].

## Results

By the bank's own data 79% of members paid on time[^1], on loans of 8.44 billion kip[^2].

## Lessons

Deciding together takes time, and the accounts must be open to everyone always.

## Enabling conditions

Leaders whom the members trust and have long known.

## Resources

Neither the budget nor the number of staff was found.

## Transfer

It suits villages that are organised already and ready to open their accounts.

## Questions this case answers

- How can villagers borrow from a regulated lender?
- Why did a village bank close?
"""

KNOWN = Surroundings(
    frozenset({"th-village-bank", "th-traffy-fondue", "th-thaid"}),
    (TermEntry("oic", "agency", ("สำนักงานข้อมูล",), ("Office of Information", "OIX"), "TH", "th-thaid"),),
    frozenset({"TH", "SG"}),
)


def load_once(known: list[Taxonomy] = []) -> Taxonomy:  # noqa: B006  # one for all tests
    if not known:
        known.append(load_taxonomy(CORPUS))
    return known[0]


def entry_of(text: str, path: Path = PATH) -> Entry:
    return read_entry(text, path, load_once())


def changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def test_a_sound_entry_passes_every_rule() -> None:
    assert list(check_entry(entry_of(TEXT), KNOWN)) == []


ONE_FACE = TEXT[: TEXT.index("# The village")].replace("  en: {state: original, revision: 1, checked: false}\n", "")


def test_an_entry_of_one_face_is_held_to_the_rules_for_one() -> None:
    entry = entry_of(ONE_FACE)
    assert not entry.two_faced
    assert list(check_entry(entry, KNOWN)) == []


LONG = "The board met and met again to weigh what each family needed and how it would pay. " * 2

BAD = [
    # rule, (old, new), what stands on the line, what the message says, what is wrong
    ("references_exist", ("id: th-traffy-fondue", "id: th-traffy-fondu"), "traffy", "'th-traffy-fondu' is not in", "related"),
    ("references_exist", ("id: th-thaid", "id: th-thai-d"), "lineage", "'th-thai-d' is not in this", "lineage"),
    ("references_exist", ("id: th-thaid", "id: th-village-bank"), "spread-to", "refers to itself; remove it", "itself"),
    ("publishers_named", ("publisher: Village Bank Association", "publisher: n/a"), "Annual", "the publisher", "no publisher"),
    ("publishers_named", ("publisher: Village Bank Association", "publisher: ไม่ระบุ"), "Annual", "name it", "the same in Thai"),
    ("claims_cited", ("billion kip[^2]", "billion kip"), "# The village", "en face does not cite claim 2", "no citation"),
    ("claimed_figures_stand", ("79% of", "78% of"), "# The village", "figure '79%' of claim 1 is not in", "other figure"),
    ("claimed_figures_stand", ("8,440", "844"), "# ธนาคาร", "'8.44 billion' of claim 2 is not in the th face", "other size"),
    ("figures_claimed", ("All 1,240 members", "All 1,240 members of 31 groups"), "of 31", "'31' has no claim", "no claim"),
    ("figures_claimed", ("ไว้ใจ", "ไว้ใจ 14 คน"), "ไว้ใจ 14", "figure '14' has no claim; add it to one", "no claim in Thai"),
    ("figures_claimed", ("time[^1], on", "time, on"), "79% of", "'79' is of claim 1, not cited here; add [^1]", "not cited"),
    ("figures_claimed", ("where members", "where 500 members"), "# The", "figure '500' has no claim", "in the title"),
    ("figures_in_both_faces", ("On 9 June", "On 8 June"), "On 8 June", "'8' is not in the Thai text", "another day"),
    ("figures_in_both_faces", ("On 9 June", "On 8 June"), "9 มิถุนายน", "'9' is not in the English text", "and from Thai"),
    ("figures_in_both_faces", ("12 กลุ่ม", "13 กลุ่ม"), "13 กลุ่ม", "'13' is not in the English text", "in the front matter"),
    ("eras_agree", ("2558 (ค.ศ. 2015)", "2558 (ค.ศ. 2016)"), "(ค.ศ. 2016)", "'พ.ศ. 2558 (ค.ศ. 2016)' do not agree", "one off"),
    ("eras_agree", ("2558 (ค.ศ. 2015)", "2557-2558 (ค.ศ. 2013-2015)"), "2013", "B.E. is CE + 543", "a range"),
    ("eras_agree", ("2558 (ค.ศ. 2015)", "2558 (2016)"), "(2016)", "do not agree", "without a mark"),
    ("eras_agree", ("bank in 2015 and", "bank in 2015 (B.E. 2559) and"), "2559", "do not agree", "in English"),
    ("years_in_both_faces", ("it closed in 2018", "it closed in 2019"), "2019.", "year 2019 is not in the Thai", "other year"),
    ("years_in_both_faces", ("it closed in 2018", "it closed in 2019"), "(ค.ศ. 2018)", "2018 is not in the", "from Thai"),
    ("years_in_both_faces", ("No budget after 2015", "No budget after 2014"), "cost", "2014 is not in the Thai", "in front"),
    ("paragraphs_agree", ("until it closed in 2018", "until it closed in 2015"), "2561", "2018 is not in the twin", "a year"),
    ("paragraphs_agree", ("and have long known", "and have known for 79 years[^1]"), "79 years", "79 is not in", "a figure"),
    ("names_in_both_faces", ("the LoanBook system", "the system"), "LoanBook", "name 'LoanBook' is in the Thai face", "a name"),
    ("names_in_both_faces", ("มีผู้นำ", "มีผู้นำของ KFW"), "KFW", "say it in the English face too", "an acronym"),
    ("faces_written", ("Leaders whom the members trust and have long known.", "TBD"), "TBD", "'Enabling", "a placeholder"),
    ("faces_written", ("มีผู้นำที่สมาชิกไว้ใจและรู้จักกันมานาน", "-"), "-", "'เงื่อนไขที่เอื้อ' says nothing", "a dash"),
    ("faces_alike_in_length", ("known.", "known. " + LONG), "มีผู้นำ", "'เงื่อนไขที่เอื้อ' is far shorter", "a section"),
    ("faces_alike_in_length", ("known.", "known. " + LONG * 6), "# ธนาคาร", "the th face is far shorter", "a face"),
    ("faces_alike_in_parts", ("lender?\n", "lender?\n- Who decides?\n"), "- ทำอย่างไร", "has 2 paragraphs or", "items"),
    ("faces_alike_in_parts", ("always.", "always.\n\nEven so."), "การตัดสินใจ", "see which one was left out", "paragraphs"),
    (
        "faces_in_their_language",
        ("มีผู้นำที่สมาชิกไว้ใจและรู้จักกันมานาน", "Leaders whom the members trust."),
        "Leaders whom the members trust.",
        "the section 'เงื่อนไขที่เอื้อ' of the th face is in another language; translate it",
        "an English section in the Thai face",
    ),
    (
        "faces_in_their_language",
        ("Leaders whom the members trust and have long known.", "มีผู้นำที่สมาชิกไว้ใจและรู้จักกันมานานมากแล้วทุกคน"),
        "มากแล้วทุกคน",
        "of the en face is in another language",
        "a Thai section in the English face",
    ),
    (
        "faces_in_their_language",
        ("Leaders whom the members trust", "Para pemimpin dipercaya oleh semua anggota dan sudah lama dikenal"),
        "Para",
        "the section 'Enabling conditions' of the en face",
        "an Indonesian section",
    ),
    (
        "faces_in_their_language",
        ("The village bank of Lampang, where members decide on loans", "ธนาคารหมู่บ้านลำปางที่สมาชิกตัดสินเงินกู้เองทุกครั้ง"),
        "ทุกครั้ง",
        "a title of the en face is in another language",
        "a Thai title in the English face",
    ),
    (
        "faces_in_their_language",
        ("- สมาชิก 1,240 คนลงมติเงินกู้ทุกเดือน", "- All 1,240 members vote on the loans of everyone"),
        "of everyone",
        "a paragraph in 'การดำเนินงาน' of the th face is in another language",
        "one item that was left in English",
    ),
    ("thai_marks", ("มีผู้นำที่", "มีผู้นำที่่"), "ที่่", "two tone marks on one consonant in", "two tones"),
    ("thai_marks", ("มีผู้นำ", "มีผู้นำ"), "ผู้", "a tone mark before its vowel", "marks in the wrong order"),
    ("thai_marks", ("มีผู้นำ", "มีผู ้นำ"), "ผู ้", "a Thai mark on no consonant", "a blank before a mark"),
    ("thai_marks", ("มีผู้นำ", "มีผุู้นำ"), "ผุู้", "two vowels on one consonant", "two vowels"),
    ("thai_marks", ("เหมาะกับ", "เเละกับ"), "เเละ", "a leading vowel before no consonant", "sara e twice"),
    ("thai_marks", ("มีผู้นำ", "มีผู้น\u0e4d\u0e32"), "น\u0e4d", "sara am in two pieces", "nikhahit and sara aa"),
    ("thai_marks", ("ไม่พบงบประมาณหรือ", "ไม่พบงบ ประม าณหรือ"), "ประม", "a vowel after no consonant", "a lost nikhahit"),
    ("thai_marks", ("th: ใช้ต่อ", "th: ใช้้ต่อ"), "spread-to", "type the word anew", "in the front matter"),
    ("thai_damage", ("มีผู้นำ", "มีผู\uf70bนำ"), "\uf70b", "was spoilt in copying", "a mark of an old font"),
    ("thai_damage", ("มีผู้นำ", "มีทั้ทั้งผู้นำ"), "ทั้ทั้ง", "type it anew", "a syllable said twice"),
    ("thai_damage", ("มีผู้นำ", "มีผู้นำ(cid:12)"), "cid", "(control)", "what no font knew"),
    ("blanks", ("trust and", "trust  and"), "trust  and", "a double space near ", "a double space"),
    ("blanks", ("ไว้ใจและ", "ไว้ใจ\u200bและ"), "\u200b", "an invisible character", "a zero-width space"),
    ("blanks", ("trust and", "trust\tand"), "trust\tand", "a tab or", "a tab"),
    ("quotation_marks", ("ไว้ใจ", "\u201cไว้ใจ\u201d"), "\u201c", "a curly quotation mark \u201c in Thai; write", "curly quotes"),
    ("thai_digits", ("รู้จักกันมานาน", "รู้จักกันมานานกว่า ๑๐ ปี"), "๑๐", "Thai digits '๑๐'; write Arabic", "Thai digits"),
    ("repetition_mark", ("มานาน", "มานานๆ"), "มานานๆ", "ๆ without a space before and after", "no space before"),
    ("repetition_mark", ("ทุกคนตรวจดูได้เสมอ", "ทุกคน ๆตรวจดูได้เสมอ"), "ๆตรวจ", "add the spaces", "no space after"),
    ("brackets_closed", ("members trust", "members (all of them trust"), "(all", "a bracket ( has no partner", "never closed"),
    ("brackets_closed", ("members trust", "members all of them) trust"), "them)", "a bracket ) has no partner", "never opened"),
    ("brackets_closed", ("members trust", 'members "trust'), '"trust', 'a quotation mark " has no partner', "a lone mark"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "change", "at", "message", "reason"), BAD, ids=[f"{row[0]}: {row[4]}" for row in BAD])
def test_each_rule_finds_what_it_is_for(rule: str, change: tuple[str, str], at: str, message: str, reason: str) -> None:
    text = changed(change)
    run = next(known for known in ENTRY_RULES if known.__name__ == rule)
    findings = [finding for finding in run(entry_of(text), KNOWN) if message in finding.message]
    assert findings, list(run(entry_of(text), KNOWN))
    lines = [number for number, line in enumerate(text.split("\n"), 1) if at in line]
    if at == "lineage":  # the line below the field's name
        lines = [number + 1 for number in lines]
    assert findings[0].line in lines
    assert findings[0].path == PATH
    assert_one_line_with_remedy(findings[0])


def assert_one_line_with_remedy(finding: Finding) -> None:
    problem, _, remedy = finding.message.partition("; ")
    assert problem
    assert remedy
    assert "\n" not in str(finding)
    warning = "" if finding.error else "warning: "
    assert str(finding) == f"{finding.path}:{finding.line}: {warning}{finding.message}"


def test_a_file_in_another_country_s_folder_is_found() -> None:
    (finding,) = check_entry(entry_of(TEXT, Path("practices/la/th-village-bank.md")), KNOWN)
    assert finding.message == "a TH case lies in la/; move the file"
    assert finding.line == 1


WARNINGS = {"paragraphs_agree", "names_in_both_faces", "faces_alike_in_parts"}


@pytest.mark.parametrize("row", BAD, ids=[f"{row[0]}: {row[4]}" for row in BAD])
def test_what_a_rule_cannot_be_sure_of_is_a_warning(row: tuple[str, tuple[str, str], str, str, str]) -> None:
    run = next(known for known in ENTRY_RULES if known.__name__ == row[0])
    assert {finding.error for finding in run(entry_of(changed(row[1])), KNOWN)} == {row[0] not in WARNINGS}


FINE = [
    (("อยู่ใกล้", "อยู่ใกล้ (VBA)"), "an acronym that the English front matter has"),
    (("มีผู้นำ", "มีผู้นำของสำนักงานข้อมูล (OIX)"), ("always.", "always, says the Office of Information."), "the termbase knows it"),
    (("มีผู้นำ", "มีผู้นำของ ICT"), ("always.", "always, by the Institute of Civil Training."), "its initials are there"),
    (("มีผู้นำ", "มีผู้นำ (Loan Committee)"), ("always.", "always, by loan committees."), "the same words in the plural"),
    (("มีผู้นำ", "มีผู้นำสามกลุ่ม"), ("always.", "always, by three groups."), "words for numbers on both sides"),
    (("ช่วงโควิด-19", "ช่วงโควิด"), "the number of a name"),
    (("บัญชีให้", "บัญชี 2 ครั้งใน พ.ศ. 2558 ให้"), ("always.", "always, twice in 2015."), "a number that one side has in words"),
    (("2558 (ค.ศ. 2015) และ", "2558 ถึง 2560 (ค.ศ. 2015 ถึง 2017) และ"), ("in 2015 and", "in 2015, 2016, 2017 and"), "a range"),
    (("บัญชีให้", "บัญชีในคริสต์ทศวรรษ 2010 ให้"), ("always.", "always, in the 2010s."), "a decade"),
    (("บัญชีให้", "บัญชีปีเดียวกันให้"), ("always.", "always in 2018."), "a year that one side does not repeat"),
    (("บัญชีให้", "บัญชีต่าง ๆ ให้"), "ๆ between spaces"),
    (("เสมอ", "เสมอ ๆ"), "ๆ at the end"),
    (("บัญชีให้", "บัญชี 1) รับ 2) จ่าย ให้"), ("always.", "always: 1) in, 2) out."), "an enumeration"),
    (("บัญชีให้", "บัญชีได้ด้วยกันให้"), "two words that meet in one letter"),
    (("Deciding together", "Deciding “together”"), "curly quotes in English"),
    (("- On 9 June", "1. On 9 June"), ("- วันที่ 9", "1. วันที่ 9"), "a numbered list"),
]  # fmt: skip


@pytest.mark.parametrize("row", FINE, ids=[row[-1] for row in FINE])
def test_what_looks_alike_is_left_alone(row: tuple[tuple[str, str] | str, ...]) -> None:
    changes = [change for change in row if isinstance(change, tuple)]
    found = [finding for finding in check_entry(entry_of(changed(*changes)), KNOWN) if "has no claim" not in finding.message]
    assert found == []


def test_every_rule_is_shown_to_find_something() -> None:
    shown = {row[0] for row in BAD} | {"in_its_folder"}
    assert shown == {rule.__name__ for rule in ENTRY_RULES}


# Figures

FIGURES = [
    ("1.37 million", {"1370000"}, "a word for the size"),
    ("1.37 ล้าน", {"1370000"}, "the same in Thai"),
    ("1,370,000", {"1370000"}, "the same in digits"),
    ("8.44 billion", {"8440000000"}, "what binary fractions get wrong"),
    ("8,440 ล้าน", {"8440000000"}, "and its Thai form"),
    ("32.2 billion, 32.2 พันล้าน", {"32200000000"}, "another that they get wrong"),
    ("0.1 trillion และ 1 แสนล้าน", {"100000000000"}, "a fraction of the largest word"),
    ("79% และร้อยละ 79", {"79"}, "per cent in both languages"),
    ("5 หมื่นล้าน", {"50000000000"}, "a Thai unit made of two"),
    ("31.7 ล้านคน จาก 2 แสนล้านบาท", {"31700000", "200000000000"}, "two figures"),
    ("588,842 เรื่อง[^3]", {"588842"}, "the mark of a claim is no figure"),
    ("588,842 เรื่อง[^13]", {"588842"}, "nor is one of two digits"),
    ("๗๙ คน", {"79"}, "Thai digits"),
    ("In all, 465,291, or 79%, were dealt with.", {"465291", "79"}, "commas of the sentence"),
    ("5 พันธมิตร และ 5 พันธุ์", {"5"}, "words that begin as a thousand does"),
    ("12.50 and 12.5", {"12.5"}, "zeros at the end"),
    ("4 Million", {"4000000"}, "a capital"),
    ("no figures", set(), "none"),
]


@pytest.mark.parametrize(("text", "values", "reason"), FIGURES, ids=[row[2] for row in FIGURES])
def test_figures_are_compared_by_value(text: str, values: set[str], reason: str) -> None:
    assert figures(text) == {Decimal(value) for value in values}
    assert figures(plain(text)) == figures(text)


@given(st.decimals(min_value="0.001", max_value="999", places=3))
def test_a_figure_is_the_same_in_every_unit(number: Decimal) -> None:
    whole = f"{number * 10**9:,.0f}"
    forms = {f"{number} billion", f"{number * 1000:,} million", f"{number} พันล้าน", f"{number * 1000} ล้าน", whole}
    assert len({value for form in forms for value in figures(form)}) == 1


AMOUNTS = [
    ("79% of 1,240 members", ["79", "1240"], ["79", "1240"], "amounts"),
    ("in 2015 or พ.ศ. 2558", [], [], "years"),
    ("in 2021-22 and 2564/65", [], [], "the short end of a year"),
    ("on 2, 7 and 13 May 2025", ["2", "7", "13"], [], "days of a month"),
    ("วันที่ 21-25 พฤศจิกายน", ["21", "25"], [], "the same in Thai"),
    ("On May 12, 300 came", ["12", "300"], ["300"], "a day, then an amount"),
    ("COVID-19, โควิด-19, 4Ps, 1MDB, EWS1294, 21st", [], [], "parts of words"),
    ("RM5 million and Rp20", ["5000000", "20"], ["5000000", "20"], "currencies are no words"),
    ("Republic Act 9485, Health Region 8, Project 06", ["9485", "8", "6"], [], "numbers of laws and places"),
    ("ฉบับที่ 61 มาตรา 12 หมายเลข 1022", ["61", "12", "1022"], [], "the same in Thai"),
    ("the 8888 hotline", ["8888"], [], "a telephone number"),
    ("ERP 2.0 cost 2.0 billion", ["2.0", "2000000000"], ["2000000000"], "a version"),
    ("In Khon Kaen 53.8% and USD 71 million", ["53.8", "71000000"], ["53.8", "71000000"], "a share after a name"),
    ("พนักงานรับสาย 25 คน", ["25"], ["25"], "an amount after a word for a line"),
]


@pytest.mark.parametrize(("text", "all_of_them", "stated", "reason"), AMOUNTS, ids=[row[3] for row in AMOUNTS])
def test_amounts_are_told_from_years_days_and_names(text: str, all_of_them: list[str], stated: list[str], reason: str) -> None:
    assert [figure.value for figure in quantities(text)] == [Decimal(value) for value in all_of_them]
    assert [figure.value for figure in amounts(text)] == [Decimal(value) for value in stated]


WORDS = [
    ("2", "twice a year", True), ("2", "ปีละสองครั้ง", True), ("11", "Region XI", True), ("12", "a dozen", True),
    ("2", "ten", False), ("20", "twenty", False), ("0.5", "half", False), ("1", "everyone", False),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text", "said"), WORDS)
def test_small_numbers_may_be_words(value: str, text: str, said: bool) -> None:
    assert in_words(Decimal(value), text) is said


# The corpus as a whole


def with_face(case: str, lang: Lang, name: str) -> Entry:
    """A case of the corpus that lost its other face and has another id."""
    country = case.split("-")[0]
    practice = read_practice(CORPUS / "practices" / country / f"{case}.md", load_once())
    cut = replace(practice, id=name, faces={lang: practice.faces[lang]})
    return entry_of(dump_practice(cut), Path("practices") / country / f"{name}.md")


def duplicates(entries: list[Entry]) -> Iterator[Finding]:
    return next(rule for rule in CORPUS_RULES if rule.__name__ == "near_duplicates")(entries, KNOWN)


@pytest.mark.parametrize("case", ["th-traffy-fondue", "my-duitnow", "ph-4ps-cash-transfer", "id-jkn-health-insurance"])
def test_a_case_that_was_entered_in_each_language_is_found(case: str) -> None:
    country = case.split("-")[0]
    one, other = with_face(case, "th", f"{country}-one"), with_face(case, "en", f"{country}-other")
    (finding,) = duplicates([one, other])
    assert f"the case says much the same as {country}-one (" in finding.message
    assert (finding.path, finding.line, finding.error) == (other.path, 1, False)
    assert_one_line_with_remedy(finding)


def test_cases_that_are_alike_are_no_duplicates() -> None:
    entries = [entry_of(read_text(path), path) for path in practice_files(CORPUS) if path.parent.name in ("kh", "my")]
    assert list(duplicates(entries)) == []


def test_cases_of_two_countries_are_no_duplicates() -> None:
    other = TEXT.replace("country: TH", "country: LA").replace("id: th-village-bank", "id: la-village-bank")
    assert list(duplicates([entry_of(TEXT), entry_of(other, Path("practices/la/la-village-bank.md"))])) == []


NAMES = [
    ("สำนักงานเทคโนโลยี", "หน่วยงานเทคโนโลยี", 1, "two names for one agency"),
    ("สำนักงานเทคโนโลยี", "สำนักงานเทคโนโลยีสิงคโปร์", 0, "one is a part of the other"),
    ("สำนักงานเทคโนโลยี (GovTech)", "สำนักงานเทคโนโลยี", 0, "a note in brackets"),
]


@pytest.mark.parametrize(("one", "other", "found", "reason"), NAMES, ids=[row[3] for row in NAMES])
def test_an_agency_has_one_name(one: str, other: str, found: int, reason: str) -> None:
    entries = [entry_of(changed(("th: ธนาคารหมู่บ้าน (VBA)", f"th: {name}"))) for name in (one, other)]
    rule = next(rule for rule in CORPUS_RULES if rule.__name__ == "agencies_have_one_name")
    findings = list(rule(entries, KNOWN))
    assert len(findings) == found
    for finding in findings:
        assert f"{one!r} elsewhere; use the one name" in finding.message
        assert not finding.error
        assert finding.line == TEXT[: TEXT.index("role: lead")].count("\n") + 1


# The termbase


def term(key: str, th: str, en: str, line: int, **more: object) -> TermEntry:
    return TermEntry(key, "agency", (th,), (en, f"{en} Office"), line=line, **more)  # type: ignore[arg-type]


TERMS = [
    ("forms_are_told_apart", [term("a", "กรม", "ACT", 3), term("b", "กอง", "ACT", 7)], [3, 7], "the form 'act', which b has"),
    (
        "forms_are_told_apart",
        [term("a", "กรม", "ACT", 3, ambiguous=frozenset({"ACT", "ACT Office"})), term("b", "กอง", "Act", 7)],
        [7],
        "'b' has the form 'act', which a has too; list it under ambiguous in each",
    ),
    ("term_countries_exist", [term("a", "กรม", "A", 4, country="XX")], [4], "unknown; use one of: SG, TH"),
    ("term_sources_exist", [term("a", "กรม", "A", 5, source="th-nowhere")], [5], "the source 'th-nowhere' of 'a' is no"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "terms", "lines", "message"), TERMS)
def test_each_rule_for_the_termbase_finds_what_it_is_for(
    rule: str, terms: list[TermEntry], lines: list[int], message: str
) -> None:
    run = next(known for known in TERM_RULES if known.__name__ == rule)
    findings = list(run(replace(KNOWN, terms=tuple(terms)), Path("terms.yaml")))
    assert message in findings[0].message
    assert sorted({finding.line for finding in findings}) == lines
    for finding in findings:
        assert_one_line_with_remedy(finding)


def test_a_sound_term_passes() -> None:
    good = (
        term("a", "กรม", "A", 1, source="th-thaid", country="TH"),
        term("b", "กอง", "B", 2, source="https://example.org/b"),
        TermEntry("c", "law", ("ThaID",), ("ThaID",)),
    )
    assert [list(rule(replace(KNOWN, terms=good), Path("terms.yaml"))) for rule in TERM_RULES] == [[]] * len(TERM_RULES)


def test_every_rule_for_the_termbase_is_shown_to_find_something() -> None:
    assert {row[0] for row in TERMS} == {rule.__name__ for rule in TERM_RULES}


# Folders


def test_the_corpus_of_the_project_is_clean(corpus: Path, taxonomy: Taxonomy) -> None:
    checked = check_corpus(corpus, taxonomy)
    files = practice_files(corpus)
    assert [str(finding) for finding in checked.findings] == []
    assert len(checked.practices) == len(files) >= 176
    assert checked.faces == 2 * len(files)
    assert {path.parent.name.upper() for path in files} == set(taxonomy["countries"])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Four cases of the corpus, and a termbase of its own."""
    folder = small_corpus(CORPUS, tmp_path)
    terms = folder / "termbase" / "terms.yaml"
    terms.write_text("- {id: a, domain: x, th: [ก], en: [A]}\n- {id: b, domain: x, th: [ข], en: [B]}\n", encoding="utf-8")
    return folder


def test_a_broken_file_hides_no_other(small: Path, taxonomy: Taxonomy) -> None:
    assert check_corpus(small, taxonomy).findings == ()
    bad = small / "practices" / "th" / "th-traffy-fondue.md"
    bad.write_text("nothing", encoding="utf-8")
    other = small / "practices" / "ph" / "ph-project-noah.md"
    other.write_text(read_text(other).replace("## Lessons\n\n", "## Lessons\n\nOver  12 years. "), encoding="utf-8")
    checked = check_corpus(small, taxonomy)
    assert [practice.id for practice in checked.practices] == [case for case in CASES if case != bad.stem]
    messages = {finding.path: finding.message for finding in checked.findings}
    assert messages[bad].startswith("the file does not begin with front matter; ")
    assert "a double space" in " ".join(finding.message for finding in checked.findings if finding.path == other)
    assert list(checked.findings) == sorted(checked.findings, key=lambda finding: (finding.path, finding.line))


def test_a_broken_termbase_hides_no_practice(small: Path, taxonomy: Taxonomy) -> None:
    path = small / "termbase" / "terms.yaml"
    path.write_text(
        "# terms\n- {id: a, domain: x, th: [ก], en: [A]}\n- {id: a, domain: x, th: [ข], en: [B]}\n", encoding="utf-8"
    )
    checked = check_corpus(small, taxonomy)
    assert [str(finding) for finding in checked.findings] == [f"{path}:3: id 'a' stands twice; keep one of the two entries"]
    assert (len(checked.practices), checked.terms, checked.errors) == (len(CASES), (), 1)


def test_a_term_is_reported_on_its_line(small: Path, taxonomy: Taxonomy) -> None:
    path = small / "termbase" / "terms.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n- {id: c, domain: x, th: [ค], en: [b]}\n", encoding="utf-8")
    lines = [(finding.path, finding.line) for finding in check_corpus(small, taxonomy).findings]
    assert lines == [(path, 2), (path, 4)]


def test_windows_line_ends_count_as_lines(small: Path, taxonomy: Taxonomy) -> None:
    path = small / "practices" / "th" / "th-traffy-fondue.md"
    text = read_text(path).replace("## Lessons\n\n", "## Lessons\n\nToo  wide. ")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "Too  wide" in line)
    assert line in [finding.line for finding in check_corpus(small, taxonomy).findings if "double space" in finding.message]
