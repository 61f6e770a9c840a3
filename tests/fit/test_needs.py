"""Needs are found by words, in the right sections, and a negation takes them back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.fit.needs import Finder, Need
from kb.fit.phrases import Words, pattern
from kb.fit.rules import Rules
from kb.records import Bilingual, Cost
from kb.text.normalise import normalise
from kb.text.segment import Segmenter
from tests.fit.conftest import Made

STATED = [
    ("legal-basis", "enabling", "en", "A law that gives the office its powers.", "a law, plainly"),
    ("legal-basis", "enabling", "th", "มีกฎหมายรองรับฐานะของสำนักงาน", "a law, plainly"),
    ("legal-basis", "enabling", "en", "- Money.\n- A sub-decree behind the offices.", "the second item of a list"),
    ("legal-basis", "transfer", "en", "Others need a legal basis before they begin.", "beside a word of requirement"),
    ("legal-basis", "transfer", "th", "ผู้ที่จะทำตามควรมีฐานกฎหมายก่อนเริ่มงาน", "beside a word of requirement"),
    (
        "legal-basis",
        "transfer",
        "en",
        "Without a legal basis the office closes.",
        "without, at the start",
    ),
    ("legal-basis", "transfer", "th", "หากไม่มีกฎหมายรองรับ สำนักงานจะปิดไปพร้อมโครงการ", "if there is none: a need"),
    ("sponsor", "enabling", "en", "A governor who owned the plan.", "a leader"),
    ("sponsor", "enabling", "th", "ผู้ว่าราชการเป็นเจ้าของเรื่องตั้งแต่ต้น", "a leader"),
    ("identity", "enabling", "en", "A national ID for everybody.", "an acronym stays whole"),
    ("identity", "enabling", "th", "ประชาชนมีเลขประจำตัวประชาชนทุกคน", "one word of the termbase or several: the same phrase"),
    ("connectivity", "enabling", "en", "Residents already have telephones.", "plural for singular"),
    ("connectivity", "enabling", "th", "ประชาชนเกือบทั้งหมดมีโทรศัพท์มือถือ", "phone"),
    ("registry", "enabling", "en", "A population register that is up to date.", "register"),
    ("staff", "enabling", "en", "Officials of all districts trained for the work.", "words between, up to four"),
    ("money", "transfer", "th", "หากไม่มีงบประจำ หลักสูตรจะหยุดลง", "no regular budget: it stops"),
    ("partners", "enabling", "en", "A network of volunteers in each village.", "volunteers"),
    ("coordination", "enabling", "th", "คณะทำงานเดินเรื่องข้ามกระทรวงได้", "across ministries"),
    ("autonomy", "transfer", "en", "The counter must have the power to approve.", "power to approve"),
    ("size", "transfer", "en", "Small municipalities may need a shared office.", "small places"),
]
NOT_STATED = [
    ("legal-basis", "enabling", "en", "The team did not need a new law.", "a negation before"),
    ("legal-basis", "enabling", "en", "It can be copied at once and needs no new law.", "needs no"),
    ("legal-basis", "enabling", "en", "It began without a new law.", "without, inside the sentence"),
    ("legal-basis", "enabling", "en", "A law was not needed.", "a negation after"),
    ("legal-basis", "enabling", "th", "ทำได้โดยไม่ต้องออกกฎหมายใหม่", "a negation before"),
    ("legal-basis", "enabling", "th", "เริ่มงานได้โดยไม่จำเป็นต้องออกกฎหมาย", "not necessary"),
    ("legal-basis", "enabling", "en", "Lawyers followed the case.", "law is no word here"),
    ("legal-basis", "enabling", "en", "The claw of the crane was repaired.", "never a bare substring"),
    ("legal-basis", "transfer", "en", "The office had a legal basis.", "no word of requirement: it tells, it does not ask"),
    ("legal-basis", "problem", "en", "A law that nobody followed.", "another section says nothing of needs"),
    ("money", "resources", "en", "Whether a donor must pay is not known.", "what the sources do not tell"),
    ("money", "resources", "th", "ไม่พบข้อมูลว่าต้องใช้งบประจำเท่าใด", "what the sources do not tell"),
    ("staff", "enabling", "en", "A training institute with a good name.", "training is not trained staff"),
    ("partners", "enabling", "en", "Officers in every urban village who know the place.", "village is not villagers"),
    ("connectivity", "enabling", "th", "ทำได้โดยไม่ต้องใช้สมาร์ตโฟน", "no smartphone needed"),
]


def found(finder: Finder, made: Made, section: str, lang: str, text: str) -> set[str]:
    return {need.rule for need in finder.needs(made(section, **{lang: text}))}


@pytest.mark.parametrize(("rule", "section", "lang", "text"), [row[:4] for row in STATED], ids=[row[4] for row in STATED])
def test_a_stated_need_is_found(finder: Finder, made: Made, rule: str, section: str, lang: str, text: str) -> None:
    assert rule in found(finder, made, section, lang, text)


@pytest.mark.parametrize(
    ("rule", "section", "lang", "text"), [row[:4] for row in NOT_STATED], ids=[f"{row[2]}: {row[4]}" for row in NOT_STATED]
)
def test_what_is_no_need_is_left_out(finder: Finder, made: Made, rule: str, section: str, lang: str, text: str) -> None:
    assert rule not in found(finder, made, section, lang, text)


def need(finder: Finder, practice: object, rule: str) -> Need:
    return next(need for need in finder.needs(practice) if need.rule == rule)  # type: ignore[arg-type]


def test_each_face_is_quoted_where_both_say_so(finder: Finder, made: Made) -> None:
    practice = made("enabling", th="- มีเงินทุน\n- มีกฎหมายรองรับ", en="- Money.\n- A law behind it[^2].")
    law = need(finder, practice, "legal-basis")
    assert law.quote("th").text == "มีกฎหมายรองรับ"
    assert law.quote("en").text == "A law behind it."
    assert law.quote("en").paragraph == 1
    assert law.around("en") is None


def test_the_aligned_item_is_quoted_where_one_face_alone_has_the_phrase(finder: Finder, made: Made) -> None:
    practice = made("enabling", th="- มีเงินทุน\n- อนุสัญญาที่ผูกพันทุกฝ่าย", en="- Money.\n- A law that binds all.")
    law = need(finder, practice, "legal-basis")
    assert law.quote("th").text == "อนุสัญญาที่ผูกพันทุกฝ่าย"
    assert law.quote("th").found == ""
    assert law.quote("en").found == "a law"


def test_a_sentence_of_a_long_paragraph_is_quoted_in_its_own_language_with_the_paragraph_beside_it(
    finder: Finder, made: Made
) -> None:
    filler = "เรื่องนี้เขียนไว้ยาวมากเพื่อให้เกินขนาดที่ยกมาได้ทั้งย่อหน้า " * 8
    practice = made("transfer", th=filler, en="It is long. Others need a legal basis. The rest follows.")
    law = need(finder, practice, "legal-basis")
    assert law.quote("th").text == "Others need a legal basis."
    around = law.around("th")
    assert around is not None
    assert around.text == filler.strip()


def test_faces_of_different_shape_are_not_aligned(finder: Finder, made: Made) -> None:
    practice = made("enabling", th="- หนึ่ง\n- สอง\n- สาม", en="- A law that binds all.")
    law = need(finder, practice, "legal-basis")
    assert [quote.language for quote in law.quotes] == ["en"]
    assert law.quote("th").text == "A law that binds all."


def test_facts_are_needs_and_an_unknown_cost_is_none(finder: Finder, made: Made) -> None:
    practice = made("enabling", en="Nothing.")
    assert [(need.rule, need.values) for need in finder.needs(practice)] == [("level", ("local",))]
    dear = replace(practice, cost=Cost("10m-100m", Bilingual("", "")))
    assert ("cost", ("10m-100m",)) in [(need.rule, need.values) for need in finder.needs(dear)]


@pytest.mark.parametrize(
    ("phrase", "text", "stands"),
    [
        ("a law", "There is a law.", True),
        ("a law", "There is a flaw.", False),  # part of a word
        ("laws that", "One law that binds.", True),  # stems
        ("support ... leaders", "Support came from the leaders.", True),  # three words between
        ("support ... leaders", "Support came from far away and later from leaders.", False),  # more than four
        ("กฎหมาย", "แก้กฎหมายก่อน", True),
        ("ตา", "ตากลมพัดผ่านตลาด", False),  # ตาก, ตลาด: other words
        ("เลขประจำตัวประชาชน", "มีเลขประจำตัวประชาชน", True),  # however the run is cut
    ],
)
def test_phrases_are_whole_words(segmenter: Segmenter, phrase: str, text: str, stands: bool) -> None:
    words = Words(segmenter.tokens(normalise(text)))
    assert bool(pattern(phrase, segmenter).places(words)) is stands


def test_every_shipped_phrase_finds_itself(finder: Finder, rules: Rules, segmenter: Segmenter) -> None:
    for rule in rules.preconditions:
        for _, phrase in rule.phrases():
            said = phrase.replace("...", " ")
            assert pattern(phrase, segmenter).places(Words(segmenter.tokens(normalise(said)))), (rule.id, phrase)
