"""Three-way merging: tables of who changed what, and the law that no word is ever lost."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import practice

from kb.desk.diff3 import merge_texts
from kb.desk.fields import said
from kb.desk.merge import Conflict, merge
from kb.records import Agency, Bilingual, Claim, Face, Lang, Practice, Related, Source, Verified

SOURCES = (Source("Report", "City", 2020, "https://example.org/a"), Source("News", "Paper", 2021))
CLAIMS = (Claim(1, (1,), "agency", ("5",)), Claim(2, (2,), "press"))
BASE = replace(
    practice("th-case", {"th": "เมืองแจ้งเตือนน้ำท่วม", "en": "The city warns. It uses flags[^1]. It works[^2]."}),
    sources=SOURCES,
    claims=CLAIMS,
    agencies=(Agency(Bilingual("เทศบาล", "City"), "lead"), Agency(Bilingual("กรมน้ำ", "Water Department"), "partner")),
    principles=("participation", "efficiency"),
)


def written(base: Practice, text: str | None, section: str = "summary", lang: Lang = "en") -> Practice:
    """The practice with another text in a section, or without the section."""
    face = base.faces.get(lang, Face(lang, "", {}))
    sections = {key: value for key, value in face.sections.items() if key != section}
    if text is not None:
        sections[section] = text
    return replace(base, faces={**base.faces, lang: replace(face, sections=sections)})


def with_face(lang: Lang, **values: object) -> Practice:
    return replace(BASE, faces={**BASE.faces, lang: replace(BASE.faces[lang], **values)})  # type: ignore[arg-type]


TEXTS = [
    ("two sentences apart", "One. Two. Three.", "Won. Two. Three.", "One. Two. Free.", "Won. Two. Free."),
    ("neighbouring sentences", "One. Two.", "Won. Two.", "One. Too.", "Won. Too."),
    ("one side only", "One. Two.", "One. Two.", "One. Too.", "One. Too."),
    ("both alike", "One. Two.", "One. Too.", "One. Too.", "One. Too."),
    ("a changed last sentence and a new paragraph behind it", "One.", "Won.", "One.\n\nTwo.", "Won.\n\nTwo."),
    ("a new item before and a changed one", "- one", "- new\n- one", "- won", "- new\n- won"),
    ("a sentence taken out and another changed", "One. Two. Three.", "One. Three.", "One. Two. Free.", "One. Free."),
    ("the first taken out, the last changed", "One.\n\nTwo.", "Two.", "One.\n\nToo.", "Too."),
    ("only blanks changed on one side", "One. Two.", "One.\n\nTwo.", "One. Too.", "One.\n\nToo."),
    (
        "Thai clauses",
        "ประชาชนแจ้งปัญหา ระบบส่งเรื่อง หน่วยงานแก้ไข",
        "ผู้พักอาศัยแจ้งปัญหา ระบบส่งเรื่อง หน่วยงานแก้ไข",
        "ประชาชนแจ้งปัญหา ระบบส่งเรื่อง หน่วยงานซ่อม",
        "ผู้พักอาศัยแจ้งปัญหา ระบบส่งเรื่อง หน่วยงานซ่อม",
    ),
]


@pytest.mark.parametrize(("reason", "base", "mine", "theirs", "expected"), TEXTS, ids=[row[0] for row in TEXTS])
def test_sentences_are_merged(reason: str, base: str, mine: str, theirs: str, expected: str) -> None:
    for one, other in ((mine, theirs), (theirs, mine)):
        merged = merge(written(BASE, base), written(BASE, one), written(BASE, other))
        assert merged.practice.faces["en"].sections["summary"] == expected
        assert not merged.conflicts


CONFLICTS = [
    ("the same sentence", "One. Two.", "Won. Two.", "Wan. Two.", ("One.", "Won.", "Wan."), "Won. Two."),
    ("taken out and changed", "One. Two.", "Two.", "Wan. Two.", ("One.", "", "Wan."), "Two."),
    ("both put something in at the same place", "One.", "One. A.", "One. B.", ("", "A.", "B."), "One. A."),
    ("both wrote an empty section", "", "One.", "Won.", ("", "One.", "Won."), "One."),
]


@pytest.mark.parametrize(("reason", "base", "mine", "theirs", "texts", "stands"), CONFLICTS, ids=[row[0] for row in CONFLICTS])
def test_conflicts_hold_three_texts(
    reason: str, base: str, mine: str, theirs: str, texts: tuple[str, str, str], stands: str
) -> None:
    merged = merge(written(BASE, base), written(BASE, mine), written(BASE, theirs))
    (conflict,) = merged.conflicts
    assert (conflict.base, conflict.mine, conflict.theirs) == texts
    assert (conflict.key, conflict.path, conflict.language, conflict.taken) == ("summary:en#1", "summary", "en", "mine")
    text = merged.practice.faces["en"].sections["summary"]
    assert text == stands
    assert conflict.span is not None
    assert text[slice(*conflict.span)] == conflict.mine


def test_each_conflict_is_decided_alone() -> None:
    base, mine, theirs = (written(BASE, text) for text in ("Ann. Bob. Cat.", "Anna. Bob. Cate.", "Anne. Bob. Kate."))
    assert [conflict.key for conflict in merge(base, mine, theirs).conflicts] == ["summary:en#1", "summary:en#2"]
    merged = merge(base, mine, theirs, {"summary:en#1": "base", "summary:en#2": "theirs"})
    assert merged.practice.faces["en"].sections["summary"] == "Ann. Bob. Kate."
    assert [conflict.taken for conflict in merged.conflicts] == ["base", "theirs"]


FACTS = [
    ("a fact each", replace(BASE, country="KH"), replace(BASE, end=2020), {"country": "KH", "end": 2020}),
    ("both alike", replace(BASE, end=2020), replace(BASE, end=2020, start=2019), {"end": 2020, "start": 2019}),
    (
        "a language each",
        replace(BASE, place=Bilingual("นคร", "City")),
        replace(BASE, place=Bilingual("เมือง", "Town")),
        {"place": Bilingual("นคร", "Town")},
    ),
    (
        "a language each of a text that was absent",
        replace(BASE, study_visit=Bilingual("ถาม", "")),
        replace(BASE, study_visit=Bilingual("", "Ask")),
        {"study_visit": Bilingual("ถาม", "Ask")},
    ),
    (
        "a code added on each side and one taken out",
        replace(BASE, principles=("participation", "efficiency", "transparency")),
        replace(BASE, principles=("efficiency", "accountability")),
        {"principles": ("efficiency", "accountability", "transparency")},
    ),
    (
        "an item turned round and another changed",
        replace(BASE, agencies=BASE.agencies[::-1]),
        replace(BASE, agencies=(replace(BASE.agencies[0], role="owner"), BASE.agencies[1])),
        {"agencies": (BASE.agencies[1], replace(BASE.agencies[0], role="owner"))},
    ),
    (
        "two parts of one item",
        replace(BASE, agencies=(replace(BASE.agencies[0], role="owner"), BASE.agencies[1])),
        replace(BASE, agencies=(replace(BASE.agencies[0], name=Bilingual("เทศบาล", "Municipality")), BASE.agencies[1])),
        {"agencies": (Agency(Bilingual("เทศบาล", "Municipality"), "owner"), BASE.agencies[1])},
    ),
    (
        "the same related case from both, with a reason in one language each",
        replace(BASE, related=(Related("th-other", Bilingual("คล้าย", "")),)),
        replace(BASE, related=(Related("th-other", Bilingual("", "Alike")),)),
        {"related": (Related("th-other", Bilingual("คล้าย", "Alike")),)},
    ),
    (
        "an item taken out beside one added",
        replace(BASE, agencies=BASE.agencies[:1]),
        replace(BASE, agencies=(*BASE.agencies, Agency(Bilingual("กรมป่า", "Forest Department")))),
        {"agencies": (BASE.agencies[0], Agency(Bilingual("กรมป่า", "Forest Department")))},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "mine", "theirs", "expected"), FACTS, ids=[row[0] for row in FACTS])
def test_facts_are_merged(reason: str, mine: Practice, theirs: Practice, expected: dict[str, object]) -> None:
    for one, other in ((mine, theirs), (theirs, mine)):
        merged = merge(BASE, one, other)
        assert not merged.conflicts
        assert merged.practice == replace(BASE, **expected)  # type: ignore[arg-type]


FACT_CONFLICTS = [
    ("a code", replace(BASE, country="KH"), replace(BASE, country="LA"), ("country:", "TH", "KH", "LA")),
    ("a year", replace(BASE, start=2019), replace(BASE, start=None), ("start:", "2018", "2019", "")),
    ("a title", with_face("th", title="ก"), with_face("th", title="ข"), ("title:th", "th-case th", "ก", "ข")),
    (
        "an item taken out and changed",
        replace(BASE, agencies=BASE.agencies[:1]),
        replace(BASE, agencies=(BASE.agencies[0], replace(BASE.agencies[1], role="owner"))),
        ("agencies.2:", "กรมน้ำ\nWater Department\npartner", "", "กรมน้ำ\nWater Department\nowner"),
    ),
    (
        "a face taken out and changed",
        replace(BASE, faces={"en": BASE.faces["en"]}),
        written(BASE, "เมืองเตือน", lang="th"),
        ("face:th", "th-case th\n\nเมืองแจ้งเตือนน้ำท่วม", "", "th-case th\n\nเมืองเตือน"),
    ),
]


@pytest.mark.parametrize(("reason", "mine", "theirs", "expected"), FACT_CONFLICTS, ids=[row[0] for row in FACT_CONFLICTS])
def test_facts_in_conflict(reason: str, mine: Practice, theirs: Practice, expected: tuple[str, str, str, str]) -> None:
    (conflict,) = merge(BASE, mine, theirs).conflicts
    assert (conflict.key, conflict.base, conflict.mine, conflict.theirs) == expected
    for side, version in (("base", BASE), ("mine", mine), ("theirs", theirs)):
        assert merge(BASE, mine, theirs, {conflict.key: side}).practice == version


def test_sources_and_claims_that_both_added_keep_their_meaning() -> None:
    """Both added source 3 and claim 3: the numbers of one side move, in its claims and in its texts."""
    blog, paper = Source("Blog", "Somebody"), Source("Thesis", "University")
    mine = written(
        replace(BASE, sources=(*SOURCES, blog), claims=(*CLAIMS, Claim(3, (3,), "press", ("7",)))), "Seven[^3].", "action"
    )
    theirs = written(
        replace(BASE, sources=(*SOURCES, paper), claims=(*CLAIMS, Claim(3, (3,), "study", ("9",)))), "Nine[^3].", "results"
    )
    for one, other in ((mine, theirs), (theirs, mine)):
        merged = merge(BASE, one, other)
        assert not merged.conflicts
        found = merged.practice
        assert [claim.number for claim in found.claims] == [1, 2, 3, 4]
        for section, figure, source in (("action", "7", blog), ("results", "9", paper)):
            number = re.search(r"\^(\d)", found.faces["en"].sections[section])
            assert number
            claim = next(claim for claim in found.claims if claim.number == int(number[1]))
            assert claim.figures == (figure,)
            assert [found.sources[place - 1] for place in claim.sources] == [source]


def test_a_source_taken_out_before_others_moves_the_references() -> None:
    mine = replace(BASE, sources=SOURCES[1:], claims=(replace(CLAIMS[0], sources=()), replace(CLAIMS[1], sources=(1,))))
    theirs = replace(BASE, claims=(*CLAIMS, Claim(3, (2,), "press")))
    merged = merge(BASE, mine, theirs)
    assert not merged.conflicts
    assert merged.practice.sources == SOURCES[1:]
    assert [claim.sources for claim in merged.practice.claims] == [(), (1,), (1,)]


def test_what_the_other_side_relies_on_is_not_taken_out() -> None:
    """Mine drops a source and a claim that theirs cites anew."""
    mine = written(replace(BASE, sources=SOURCES[:1], claims=CLAIMS[:1]), "The city warns. It uses flags[^1].")
    theirs = written(replace(BASE, claims=(*CLAIMS, Claim(3, (2,), "press"))), "New[^2].", "lessons")
    for one, other in ((mine, theirs), (theirs, mine)):
        merged = merge(BASE, one, other)
        assert {conflict.key for conflict in merged.conflicts} == {"claims.2:", "sources.2:"}
        assert "It works" not in merged.practice.faces["en"].sections["summary"]
    taken = merge(BASE, mine, theirs).practice
    assert taken.sources == SOURCES
    assert [claim.number for claim in taken.claims] == [1, 2, 3]


def test_a_checked_face_is_unchecked_when_the_other_side_changed_it() -> None:
    checked = with_face("en", checked=True)
    assert not merge(BASE, checked, written(BASE, "New.", "lessons")).practice.faces["en"].checked
    assert merge(BASE, checked, written(BASE, "ใหม่", "lessons", "th")).practice.faces["en"].checked


def test_who_verified_is_one_value() -> None:
    """Names of one confirmation and the day of another would make a third that nobody gave."""
    from datetime import date

    mine, theirs = (
        replace(BASE, verified=Verified(Bilingual(name, name), date(2020, 1, day))) for name, day in (("ก", 1), ("ข", 2))
    )
    (conflict,) = merge(replace(BASE, verified=Verified(Bilingual("ค", ""), date(2019, 1, 1))), mine, theirs).conflicts
    assert (conflict.path, conflict.mine) == ("verified", "ก\nก\n2020-01-01")


# Properties

SENTENCES = st.sampled_from(["One.", "Two[^1].", "Three[^3].", "น้ำท่วม", "ประชาชนแจ้ง", "Flags 5 km.", "It ends."])
GAPS = st.sampled_from([" ", "\n\n", "\n- "])
BODIES = st.lists(st.tuples(SENTENCES, GAPS), max_size=5).map(lambda pairs: "".join(a + b for a, b in pairs).strip())
ITEMS = st.builds(
    Agency,
    st.builds(Bilingual, st.sampled_from(["กรม", "เทศบาล", ""]), st.sampled_from(["Dept", "City"])),
    st.sampled_from([None, "lead"]),
)
SOURCE = st.builds(Source, st.sampled_from(["Report", "News", "Blog"]), st.just("City"), st.sampled_from([None, 2020]))
FACES = st.fixed_dictionaries({}, optional=dict.fromkeys(("summary", "action"), BODIES))


@st.composite
def practices(draw: st.DrawFn) -> Practice:
    sources = tuple(draw(st.lists(SOURCE, max_size=3)))
    numbers = draw(st.lists(st.integers(1, 4), unique=True, max_size=3))
    references = st.lists(st.integers(1, max(1, len(sources))), max_size=2, unique=True).map(tuple)
    claims = tuple(Claim(number, draw(references), draw(st.sampled_from(["press", "agency"]))) for number in sorted(numbers))
    languages: list[Lang] = draw(st.sampled_from([["th"], ["en"], ["th", "en"]]))
    faces = {lang: Face(lang, draw(st.sampled_from(["Title", "Other"])), draw(FACES)) for lang in languages}
    return Practice(
        "th-case", "TH", draw(st.builds(Bilingual, st.sampled_from(["เมือง", ""]), st.sampled_from(["City", "Town"]))),
        ("local",), tuple(draw(st.lists(ITEMS, max_size=3))), "active", "x",
        tuple(draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True))), "press", faces,
        start=draw(st.sampled_from([None, 2018, 2019])), sources=sources, claims=claims,
    )  # fmt: skip


def counted(practice: Practice) -> Counter[str]:
    """How often each word stands in a practice, without the numbers that a merge may change."""
    parts = [said(face) for face in practice.faces.values()]
    parts += [said(practice.place), said(practice.start), *map(said, practice.agencies), *map(said, practice.sources)]
    parts += [*practice.principles, *(claim.basis for claim in practice.claims)]
    return Counter(words_of("\n".join(parts)))


def words_of(text: str) -> list[str]:
    return re.sub(r"\[\^\d+\]", "", text).replace("-", " ").split()


def in_conflicts(conflicts: tuple[Conflict, ...]) -> set[str]:
    return {word for conflict in conflicts for text in (conflict.mine, conflict.theirs) for word in words_of(text)}


@settings(deadline=None, max_examples=300)
@given(practices(), practices(), practices())
def test_no_word_is_lost(base: Practice, mine: Practice, theirs: Practice) -> None:
    """A word that a side has and base has not stands in the merged practice or in a conflict."""
    merged = merge(base, mine, theirs)
    found = set(counted(merged.practice)) | in_conflicts(merged.conflicts)
    was = set(counted(base))
    assert set(counted(mine)) - was <= found
    assert set(counted(theirs)) - was <= found


@settings(deadline=None, max_examples=200)
@given(practices(), practices(), practices())
def test_merging_with_oneself_or_with_nothing_new(base: Practice, mine: Practice, theirs: Practice) -> None:
    assert merge(base, mine, mine) == merge(base, base, mine) == merge(base, mine, base)
    assert merge(base, mine, mine).practice == mine
    assert not merge(base, mine, mine).conflicts


@settings(deadline=None, max_examples=300)
@given(practices(), practices(), practices())
def test_it_does_not_matter_whose_side_is_mine(base: Practice, mine: Practice, theirs: Practice) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    keys = {conflict.key for conflict in one.conflicts}
    assert keys == {conflict.key for conflict in other.conflicts}
    assert len(keys) == len(one.conflicts)
    if not one.conflicts:
        assert one.practice == other.practice
    turned = merge(base, theirs, mine, {key.key: {"mine": "theirs", "theirs": "mine"}[key.taken] for key in one.conflicts})
    assert turned.practice == one.practice


@settings(deadline=None, max_examples=200)
@given(practices(), practices(), practices())
def test_references_lead_somewhere(base: Practice, mine: Practice, theirs: Practice) -> None:
    """Claims of the merged practice are numbered once, and cite only sources that any of the three versions knew."""
    merged = merge(base, mine, theirs).practice
    assert len({claim.number for claim in merged.claims}) == len(merged.claims)
    highest = max((len(one.sources) for one in (base, mine, theirs, merged)), default=0)
    assert all(1 <= number <= max(1, highest) for claim in merged.claims for number in claim.sources)


@settings(deadline=None, max_examples=300)
@given(BODIES, BODIES, BODIES)
def test_texts_keep_every_sentence_once(base: str, mine: str, theirs: str) -> None:
    """A sentence that a side added more often than base had it stands in the text or in a hunk; none is glued to another."""
    merged = merge_texts(base, mine, theirs, lambda _: "mine")
    found = Counter(words_of(merged.text))
    for hunk in merged.hunks:
        assert merged.text[hunk.start : hunk.end] == hunk.mine
        found += Counter(words_of(hunk.theirs))
    for side in (mine, theirs):
        assert Counter(words_of(side)) - Counter(words_of(base)) <= found
    assert set(words_of(merged.text)) <= {word for text in (base, mine, theirs) for word in words_of(text)}
