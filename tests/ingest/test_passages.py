"""Passages end where sections and sentences do, know their language and place, and their twin in the other face."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_records import practice

from kb.corpus import plain, read_practice
from kb.ingest.passages import (
    HARD_LIMIT,
    LIMIT,
    cut_document,
    cut_practice,
    embedded_text,
    index_passage,
    tidy,
)
from kb.records import FACTS, SECTIONS, Agency, Award, Bilingual, Document, Part, Passage, Practice
from kb.taxonomy import Taxonomy
from kb.text.segment import Segmenter
from kb.text.spans import Spans

THAI_SENTENCE = "เทศบาลนครหาดใหญ่แจ้งเตือนประชาชนด้วยธงสามสีและข้อความสั้น "
ENGLISH_SENTENCE = "The city of Hat Yai warns its people with flags and messages. "


@pytest.fixture(scope="module")
def practices(corpus: Path, taxonomy: Taxonomy) -> list[Practice]:
    """The project's own practices, in order of file."""
    return [read_practice(path, taxonomy) for path in sorted((corpus / "practices").glob("*/*.md"))]


def document(*texts: str, kind: str = "page", title: str = "รายงาน", language: str = "th") -> Document:
    parts = tuple(Part(number, kind, "", text) for number, text in enumerate(texts, 1))
    return Document("doc-x", title, language, "pdf", parts)


def test_every_section_of_every_face_is_covered_in_order(practices: list[Practice]) -> None:
    for case in practices:
        passages = cut_practice(case)
        for language, face in case.faces.items():
            for section, markdown in face.sections.items():
                own = [p for p in passages if (p.language, p.section) == (language, section)]
                assert [p.ordinal for p in own] == list(range(len(own)))
                text = plain(markdown)
                rest = list(text)
                for passage in own:
                    assert passage.text == tidy(text[passage.start : passage.end])
                    rest[passage.start : passage.end] = " " * (passage.end - passage.start)
                left = "".join(rest).replace("-", " ") if section == "questions" else "".join(rest)
                assert not left.strip(), (case.id, section)


def test_passages_keep_to_their_limits(practices: list[Practice]) -> None:
    passages = [passage for case in practices for passage in cut_practice(case)]
    assert max(len(passage.text) for passage in passages) <= HARD_LIMIT
    assert sum(len(passage.text) <= LIMIT for passage in passages) / len(passages) > 0.95


def test_keys_are_unique_and_the_same_on_every_run(practices: list[Practice]) -> None:
    keys = [passage.key for case in practices for passage in cut_practice(case)]
    assert len(set(keys)) == len(keys)
    assert keys == [passage.key for case in practices for passage in cut_practice(case)]


def test_each_question_is_a_passage_of_its_own(practices: list[Practice]) -> None:
    for case in practices:
        asked = [p for p in cut_practice(case) if p.section == "questions"]
        for language, face in case.faces.items():
            items = [line for line in face.sections["questions"].splitlines() if line.strip()]
            assert sum(p.language == language for p in asked) == len(items)


def test_passages_of_two_faces_know_their_twins(practices: list[Practice]) -> None:
    for case in practices:
        passages = {passage.key: passage for passage in cut_practice(case)}
        assert {p.language for p in passages.values()} == {"th", "en"}
        for passage in passages.values():
            assert passage.twin is not None
            twin = passages[passage.twin]
            assert (twin.section, twin.language) == (passage.section, {"th": "en", "en": "th"}[passage.language])
        for section in (*SECTIONS, FACTS):
            own = [p for p in passages.values() if (p.language, p.section) == ("th", section)]
            other = [p for p in passages.values() if (p.language, p.section) == ("en", section)]
            for passage in own:  # the twin stands at the same relative place
                assert passages[passage.twin].ordinal == passage.ordinal * len(other) // len(own)


def test_a_practice_with_one_face_has_no_twins(practices: list[Practice]) -> None:
    alone = replace(practices[0], faces={"th": practices[0].faces["th"]})
    passages = cut_practice(alone)
    assert passages
    assert {passage.twin for passage in passages} == {None}


# The shared facts

NAMED = replace(
    practice("th-case", {"th": "สรุป", "en": "Summary"}, start=2018),
    agencies=(
        Agency(Bilingual("เทศบาลเมือง", "Town Municipality"), "lead"),
        Agency(Bilingual("กรมชล", "Irrigation Department")),
    ),
    partners=(Bilingual("มหาวิทยาลัย", "University"), Bilingual("เทศบาลเมือง", "Town Municipality")),
    awards=(Award(Bilingual("รางวัลเลิศรัฐ", "Public Sector Excellence Award"), 2020),),
)


@pytest.mark.parametrize(
    ("changes", "thai", "english"),
    [
        pytest.param(
            {},
            "เมือง; เทศบาลเมือง; กรมชล; มหาวิทยาลัย; รางวัลเลิศรัฐ; 2561",
            "City; Town Municipality; Irrigation Department; University; Public Sector Excellence Award; 2018",
            id="place, agencies, partners, awards, each once, and the year in the era of the language",
        ),
        pytest.param(
            {"start": None, "partners": (), "awards": ()},
            "เมือง; เทศบาลเมือง; กรมชล",
            "City; Town Municipality; Irrigation Department",
            id="only what is known",
        ),
        pytest.param(
            {"place": Bilingual("", "City"), "agencies": (Agency(Bilingual("กรมชล", "")),), "partners": (), "awards": ()},
            "กรมชล; 2561",
            "City; 2018",
            id="a name that only one language has stands in that one",
        ),
    ],
)
def test_each_face_has_a_passage_of_shared_facts_in_its_language(changes: dict[str, Any], thai: str, english: str) -> None:
    facts = [passage for passage in cut_practice(replace(NAMED, **changes)) if passage.section == FACTS]
    assert [(passage.language, passage.text, passage.context) for passage in facts] == [
        ("th", thai, "th-case th"),
        ("en", english, "th-case en"),
    ]
    assert [(passage.part, passage.ordinal, passage.start, passage.end) for passage in facts] == [
        (0, 0, 0, len(thai)),
        (0, 0, 0, len(english)),
    ]
    assert [passage.twin for passage in facts] == [passage.key for passage in facts[::-1]]


def test_of_the_corpus_every_face_has_one_passage_of_facts(practices: list[Practice]) -> None:
    for case in practices:
        facts = [passage for passage in cut_practice(case) if passage.section == FACTS]
        assert [passage.language for passage in facts] == list(case.faces)
        for passage in facts:
            names = [case.place, *(agency.name for agency in case.agencies)]
            assert all((name.th if passage.language == "th" else name.en) in passage.text for name in names)
            assert len(passage.text) <= HARD_LIMIT


def test_facts_change_with_what_they_name_and_with_nothing_else() -> None:
    def key(case: Practice) -> str:
        return next(passage.key for passage in cut_practice(case) if passage.section == FACTS)

    assert key(replace(NAMED, status="failed", levels=("national",))) == key(NAMED)
    assert key(replace(NAMED, start=2019)) != key(NAMED)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (THAI_SENTENCE * 3, "th"),
        (ENGLISH_SENTENCE * 3, "en"),
        ("1,234 – 5,678", "th"),  # no letters: the document's language
    ],
)
def test_a_passage_of_a_document_carries_its_own_language(text: str, language: str) -> None:
    (passage,) = cut_document(document(text.strip()))
    assert passage.language == language


@pytest.mark.parametrize("sentence", [THAI_SENTENCE, ENGLISH_SENTENCE], ids=["th", "en"])
def test_long_text_is_cut_between_sentences_and_nothing_is_lost(sentence: str) -> None:
    text = (sentence * 40).strip()
    passages = cut_document(document(text))
    assert len(passages) > 1
    assert " ".join(passage.text for passage in passages) == text
    for passage in passages:
        assert len(passage.text) <= LIMIT
        assert passage.text.endswith(sentence.strip())
        assert passage.text == text[passage.start : passage.end]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("น้ำท่วม" * 700, id="th: no blank at all"),
        pytest.param("เกี๊ยวเปี๊ยะ" * 400, id="th: vowels before, above and behind the consonant"),
        pytest.param("x" * 5000, id="en: no blank at all"),
        pytest.param("word " * 1000, id="en: no sentence end"),
    ],
)
def test_text_without_sentences_is_cut_within_the_limit_and_never_through_a_cluster(text: str) -> None:
    passages = cut_document(document(text))
    assert "".join(p.text for p in passages).replace(" ", "") == text.replace(" ", "")
    for passage in passages:
        assert len(passage.text) <= HARD_LIMIT
        assert (
            passage.text[0]
            not in "\u0e30\u0e31\u0e32\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c"
        )
        assert passage.text[-1] not in "เแโใไ"


def test_pages_are_never_joined_and_keep_their_numbers() -> None:
    passages = cut_document(document("หน้าแรก", "", "หน้าที่สาม"))
    assert [(passage.part, passage.section, passage.text) for passage in passages] == [
        (1, "page", "หน้าแรก"),
        (3, "page", "หน้าที่สาม"),
    ]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("- **ธงแดง** แปลว่าอพยพ", "ธงแดง แปลว่าอพยพ"),
        ("See [the plan](https://example.org/a_b) and `kb`.", "See the plan and kb."),
        ("In 2011     , it rose.", "In 2011, it rose."),  # blanks that a citation mark left
        ("2 * 3 * 4 and snake_case", "2 * 3 * 4 and snake_case"),  # no emphasis
    ],
)
def test_markup_does_not_reach_the_reader(markdown: str, text: str) -> None:
    assert tidy(markdown) == text


# What the indexes hold


def passage(text: str, context: str = "") -> Passage:
    return Passage("k", "r", "th", "page", 1, 0, text, 0, len(text), context)


def test_years_are_found_in_the_other_era_too(segmenter: Segmenter) -> None:
    thai = index_passage(passage("น้ำท่วม พ.ศ. ๒๕๕๔"), segmenter)
    english = index_passage(passage("The flood of 2011"), segmenter)
    assert str(2554 - 543) in thai.parts.split()
    assert str(2011 + 543) in english.parts.split()


def test_the_title_is_embedded_and_indexed_with_its_passage(segmenter: Segmenter) -> None:
    with_title = passage("แจ้งก่อนหกชั่วโมง", "ระบบเตือนภัยน้ำท่วม")
    assert embedded_text(with_title) == "ระบบเตือนภัยน้ำท่วม\nแจ้งก่อนหกชั่วโมง"
    assert embedded_text(passage("แจ้งก่อนหกชั่วโมง")) == "แจ้งก่อนหกชั่วโมง"
    assert "น้ำท่วม" in index_passage(with_title, segmenter).words.split()
    vectors = {index_passage(p, segmenter).vector for p in (with_title, passage("แจ้งก่อนหกชั่วโมง"))}
    assert len(vectors) == 2  # other embedded text, other vector


def test_thai_words_are_indexed_whole_and_their_parts_beside_them(segmenter: Segmenter) -> None:
    indexed = index_passage(passage("ความเหลื่อมล้ำของผู้สูงอายุ"), segmenter)
    assert {"ความเหลื่อมล้ำ", "ผู้สูงอายุ"} <= set(indexed.words.split())
    assert {"เหลื่อมล้ำ", "สูงอายุ"} <= set(indexed.parts.split())  # what people also type


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("เทศบาลเตือน", ["เทศบาล", "เตือน"], id="Thai words"),
        pytest.param("น\u0e4d\u0e49าท่วม", ["น\u0e4d\u0e49าท่วม"], id="as it is written, not in its normal form"),
        pytest.param("Floods, 3 towns", ["Floods", "3", "towns"], id="English words and numbers"),
        pytest.param("ก.พ.ร. (OPDC)", ["ก.พ.ร.", "OPDC"], id="acronyms"),
        pytest.param("a \u200b b", ["a", "b"], id="nothing invisible"),
        pytest.param("…", [], id="no words"),
    ],
)
def test_places_of_words_are_those_in_the_text_as_it_is_written(segmenter: Segmenter, text: str, said: list[str]) -> None:
    indexed = index_passage(passage(text, "ชื่อเรื่อง of the case"), segmenter)
    spans = Spans(indexed.spans)
    assert [text[start:end] for start, end in spans] == said
    assert len(indexed.words.split()) == len(said) + len(segmenter.tokens("ชื่อเรื่อง of the case"))
