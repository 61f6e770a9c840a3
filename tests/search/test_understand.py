"""What is understood of a question, step by step, in Thai and English; and that each step can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from questions import ENGLISH, OFF_TOPIC, THAI
from small_words import TODAY

from kb.search.query import MAX_CHARACTERS, Query, Step, parse_query
from kb.search.understand import LITERAL, MAX_AROUND, MAX_EXPANSIONS, Reader
from kb.taxonomy import Taxonomy
from kb.text.normalise import normalise
from kb.text.segment import Segmenter

Years = tuple[int | None, int | None]

NOTHING: Years = (None, None)


def wrong(reason: str) -> pytest.MarkDecorator:
    """The row says what is right, which is not what happens."""
    return pytest.mark.xfail(reason=reason, strict=True)


def years(query: Query) -> Years:
    return query.year_from, query.year_to


def steps(query: Query, *kinds: str) -> dict[str, bool]:
    """Keys of the steps, of these kinds only if any is given, and whether each is applied."""
    return {step.key: step.applied for step in query.steps if not kinds or step.kind in kinds}


# Years

YEARS = [
    pytest.param("flood projects since 2015", (2015, None), "2015..", id="since"),
    pytest.param("โครงการตั้งแต่ปี 2558", (2558 - 543, None), "2015..", id="since, in the Buddhist era"),
    pytest.param("โครงการตั้งแต่ปี ๒๕๕๘", (2558 - 543, None), "2015..", id="since, in Thai digits"),
    pytest.param("roads built after 2015", (2015 + 1, None), "2016..", id="after leaves the year out"),
    pytest.param("roads before 2005", (None, 2005 - 1), "..2004", id="before"),
    pytest.param("ถนนก่อนปี ๒๕๔๘", (None, 2548 - 543 - 1), "..2004", id="before, in Thai"),
    pytest.param("roads between 2010 and 2015", (2010, 2015), "2010..2015", id="between"),
    pytest.param("ถนนระหว่างปี 2554 และ 2559", (2554 - 543, 2559 - 543), "2011..2016", id="between, in Thai"),
    pytest.param("roads 2010\u20132015", (2010, 2015), "2010..2015", id="a range with a dash"),
    pytest.param("ถนน พ.ศ. 2554-2559", (2554 - 543, 2559 - 543), "2011..2016", id="a range with an era mark"),
    pytest.param("roads of the 1990s", (1990, 1990 + 9), "1990..1999", id="a decade"),
    pytest.param("roads of the last 5 years", (TODAY.year - 5, None), "2021..", id="the last years, counted from today"),
    pytest.param("ถนนใน 5 ปีที่ผ่านมา", (TODAY.year - 5, None), "2021..", id="the last years, in Thai"),
    pytest.param("projects in 2018", (2018, 2018), "2018", id="a year by itself"),
    pytest.param("โครงการปี 2561", (2561 - 543, 2561 - 543), "2018", id="a year by itself, in Thai"),
    pytest.param("โครงการปี 61", (2561 - 543, 2561 - 543), "2018", id="two digits are of the Buddhist era"),
    pytest.param("projects in 2026", (TODAY.year, TODAY.year), "2026", id="this year"),
    pytest.param("floods since 2011", (2011, None), "2011..", id="since a year, though there is an event before it"),
    pytest.param("ระบบเตือนน้ำท่วมที่เริ่มในปี 2561", (2018, 2018), "2018", id="a beginning, though there is an event before it"),
]


@pytest.mark.parametrize(("text", "expected", "value"), YEARS)
def test_a_wish_for_a_time_narrows_the_search(reader: Reader, text: str, expected: Years, value: str) -> None:
    query = reader.read(text)
    assert years(query) == expected
    assert steps(query, "years") == {f"years:{value}": True}


EVENTS = [
    pytest.param("floods in 2011", "2011", id="an event of a year"),
    pytest.param("น้ำท่วมปี 2554", "2011", id="an event, in Thai"),
    pytest.param("มหาอุทกภัย ๒๕๕๔", "2011", id="an event, in Thai digits"),
    pytest.param("โควิด 2564", "2021", id="an outbreak"),
    pytest.param("Licensing Facilitation Act of 2015", "2015", id="an act"),
    pytest.param("พ.ร.บ.อำนวยความสะดวก พ.ศ. 2558", "2015", id="an act, in Thai"),
    pytest.param("Work Plan 2021-2025", "2021..2025", id="a plan for a span"),
    pytest.param("แผนพัฒนา 2566-2570", "2023..2027", id="a plan for a span, in Thai"),
    pytest.param("vision 2045", "2045", id="a vision"),
    pytest.param("roads in 2040", "2040", id="nothing has begun in the future"),
    pytest.param("ถนนในปี 2570", "2027", id="nor next year"),
    pytest.param("COVID-19 in 2021", "2021", id="an outbreak, in English"),
    pytest.param("the 2011 floods", "2011", id="a year before its event"),
    pytest.param("เลือกตั้ง 2566", "2023", id="a word that ends like founded"),
]


@pytest.mark.parametrize(("text", "value"), EVENTS)
def test_the_year_of_an_event_is_only_offered(reader: Reader, text: str, value: str) -> None:
    query = reader.read(text)
    assert years(query) == NOTHING
    assert steps(query, "years") == {f"years:{value}": False}
    first, _, last = value.partition("..")
    assert years(reader.read(text, redo={f"years:{value}"})) == (int(first), int(last or first))


# States and regions

CLMV = ("KH", "LA", "MM", "VN")

PLACES = [
    pytest.param("flood in Thailand", {"country:TH": True}, ("TH",), id="a state"),
    pytest.param("น้ำท่วมในประเทศไทย", {"country:TH": True}, ("TH",), id="a state, in Thai"),
    pytest.param("สิงคโปร์ทำอย่างไร", {"country:SG": True}, ("SG",), id="at the beginning"),
    pytest.param("Singaporean complaints", {"country:SG": True}, ("SG",), id="who lives there"),
    pytest.param("ชาวเขมร", {"country:KH": True}, ("KH",), id="who lives there, in Thai"),
    pytest.param("ถนนแดนลอดช่อง", {"country:SG": True}, ("SG",), id="a nickname"),
    pytest.param("roads of Burma", {"country:MM": True}, ("MM",), id="a former name"),
    pytest.param("Jakarta roads", {"country:ID": True}, ("ID", "ASEAN"), id="a capital, where a regional body may sit"),
    pytest.param("ถนนในมะนิลา", {"country:PH": True}, ("PH", "ASEAN"), id="a capital, in Thai"),
    pytest.param("CLMV roads", {"region:clmv": True}, CLMV, id="a region is its states"),
    pytest.param("ถนนลุ่มน้ำโขง", {"region:mekong": True}, ("KH", "LA", "MM", "TH", "VN"), id="a region, in Thai"),
    pytest.param("Thailand's neighbours", {"region:thai-neighbours": True}, ("KH", "LA", "MM", "MY"), id="a region by a state"),
    pytest.param("Vietnam and Laos", {"country:VN": True, "country:LA": True}, ("VN", "LA"), id="two states"),
    pytest.param("ลาวกับไทย", {"country:LA": True, "country:TH": True}, ("LA", "TH"), id="two states, in Thai"),
    pytest.param("CLMV and Thailand", {"region:clmv": True, "country:TH": True}, (*CLMV, "TH"), id="a region and a state"),
    pytest.param("roads for Thailand", {"country:TH": False}, (), id="for a state: it asks"),
    pytest.param("ถนนสำหรับประเทศไทย", {"country:TH": False}, (), id="for a state, in Thai"),
    pytest.param("นำมาใช้กับไทย", {"country:TH": False}, (), id="to be used there"),
    pytest.param(
        "what could Thailand learn from Singapore",
        {"country:TH": False, "country:SG": True},
        ("SG",),
        id="one asks and the other one has the answer",
    ),
    pytest.param(
        "ประเทศไทยควรเรียนรู้อะไรจากสิงคโปร์",
        {"country:TH": False, "country:SG": True},
        ("SG",),
        id="one asks and the other one has the answer, in Thai",
    ),
    pytest.param("Bank of Thailand", {}, (), id="an agency that is named by its state"),
    pytest.param("ธนาคารแห่งประเทศไทย", {}, (), id="an agency that is named by its state, in Thai"),
    pytest.param("ภาษาลาว", {}, (), id="a language"),
    pytest.param("learn Vietnamese", {}, (), id="a language, in English"),
    pytest.param("roads in Japan", {}, (), id="no member state"),
    pytest.param("in my opinion", {}, (), id="the letters of a state's id"),
    pytest.param("LAOS roads", {"country:LA": True}, ("LA",), id="in capitals", marks=wrong("it is not stemmed then")),
    pytest.param(
        "what could Thailand learn from projects in Thailand",
        {"country:TH": True},
        ("TH",),
        id="a state that asks and is asked for",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "states"), PLACES)
def test_states_that_are_asked_about_narrow_the_search(
    reader: Reader, text: str, expected: dict[str, bool], states: tuple[str, ...]
) -> None:
    query = reader.read(text)
    assert steps(query, "country", "region") == expected
    assert query.filters.get("country", ()) == states
    assert query.preferred.get("country", ()) == ()


@pytest.mark.parametrize(
    ("text", "preferred", "states"),
    [
        pytest.param("roads in ASEAN", ("ASEAN",), (), id="the region narrows nothing, but its own bodies come first"),
        pytest.param("ถนนในอาเซียน", ("ASEAN",), (), id="in Thai"),
        pytest.param("roads in Southeast Asia", ("ASEAN",), (), id="by another name"),
        pytest.param("ASEAN and Laos", (), ("LA",), id="not where a state is asked about"),
    ],
)
def test_the_whole_region_is_a_preference(
    reader: Reader, text: str, preferred: tuple[str, ...], states: tuple[str, ...]
) -> None:
    query = reader.read(text)
    assert query.preferred.get("country", ()) == preferred
    assert query.filters.get("country", ()) == states
    assert "country:ASEAN" not in steps(query)


# What is asked, without what became a filter

TOPICS = [
    pytest.param("flood in Laos since 2015", "flood", id="a state and a year"),
    pytest.param("น้ำท่วมในประเทศลาวตั้งแต่ปี 2558", "น้ำท่วม", id="a state and a year, in Thai"),
    pytest.param("Singaporean complaints", "complaints", id="who lives there"),
    pytest.param("สิงคโปร์ทำอย่างไร", "ทำอย่างไร", id="a state at the beginning"),
    pytest.param("floods in 2011 in Laos", "floods in 2011", id="the year of an event stays"),
    pytest.param("what could Thailand learn from Singapore", "what could Thailand learn", id="the state that asks stays"),
    pytest.param('"early warning" in Laos', "early warning", id="quoted words stay"),
    pytest.param("year:2015 roads in Laos", "roads", id="beside a field"),
    pytest.param("OPDC in Thailand", "OPDC", id="an agency stays"),
    pytest.param("Laos", "", id="nothing else was asked"),
    pytest.param("ตั้งแต่ปี 2558", "", id="nothing else was asked, in Thai"),
    pytest.param("Thailand Post in Thailand", "Thailand Post", id="a state in a name"),
    pytest.param("ไทยดีของไทย", "ไทยดี", id="a state in a name, in Thai"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "topic"), TOPICS)
def test_the_topic_leaves_out_what_became_a_filter(reader: Reader, text: str, topic: str) -> None:
    query = reader.read(text)
    assert query.topic is not None
    assert query.topic.text == topic
    assert query.topic.empty is (topic == "")
    assert set(query.topic.terms) <= set(query.terms)
    for attribute in ("filters", "year_from", "year_to", "phrases", "excluded", "title", "corrected", "steps", "original"):
        assert getattr(query.topic, attribute) == getattr(query, attribute), attribute


@pytest.mark.parametrize(
    ("text", "undo"),
    [
        pytest.param("flood warning", "", id="nothing became a filter"),
        pytest.param("floods in 2011", "", id="a year is only offered"),
        pytest.param("roads for Thailand", "", id="a state is only offered"),
        pytest.param("public services", "", id="a preference is no filter"),
        pytest.param("country:laos flood", "", id="a field is no word of the question"),
        pytest.param("roads in Laos", "country:LA", id="the filter was taken back"),
    ],
)
def test_a_question_of_which_nothing_became_a_filter_is_its_own_topic(reader: Reader, text: str, undo: str) -> None:
    assert reader.read(text, {undo}).topic is None


# Priorities and levels

PREFERENCES = [
    pytest.param("disaster management", {"priority": ("crisis-and-disaster-management",)}, id="a priority"),
    pytest.param("การจัดการภัยพิบัติ", {"priority": ("crisis-and-disaster-management",)}, id="a priority, in Thai"),
    pytest.param("public services", {"priority": ("service-delivery",)}, id="a priority by another name"),
    pytest.param("local government", {"level": ("local",)}, id="a level"),
    pytest.param("งานของเทศบาล", {"level": ("local",)}, id="a level, in Thai"),
    pytest.param("provinces and municipalities", {"level": ("provincial", "local")}, id="two levels"),
    pytest.param("เทศบาลและตำบล", {"level": ("local",)}, id="one level by two names"),
    pytest.param(
        "ระดับจังหวัด การพัฒนาข้าราชการ",
        {"level": ("provincial",), "priority": ("civil-service-capacity",)},
        id="a level and a priority",
    ),
    pytest.param("flood warning", {}, id="neither"),
]


@pytest.mark.parametrize(("text", "preferred"), PREFERENCES)
def test_priorities_and_levels_are_preferences(reader: Reader, text: str, preferred: Mapping[str, tuple[str, ...]]) -> None:
    query = reader.read(text)
    assert dict(query.preferred) == dict(preferred)
    assert dict(query.filters) == {}
    assert steps(query, "priority", "level") == {f"{kind}:{key}": True for kind, keys in preferred.items() for key in keys}


# Terms and acronyms

OPDC_TH, OPDC_EN = "สำนักงานคณะกรรมการพัฒนาระบบราชการ", "Office of the Public Sector Development Commission"

TERMS = [
    pytest.param("OPDC reform", {"opdc": "OPDC"}, f"{OPDC_EN} (OPDC) reform", id="an acronym is written out"),
    pytest.param("งานของ OPDC", {"opdc": "OPDC"}, f"งานของ {OPDC_TH} (OPDC)", id="in the language of the question"),
    pytest.param("ก.พ.ร. ทำอะไร", {"opdc": "ก.พ.ร."}, f"{OPDC_TH} (ก.พ.ร.) ทำอะไร", id="an abbreviation with full stops"),
    pytest.param("กพร ทำอะไร", {"opdc": "กพร"}, f"{OPDC_TH} (กพร) ทำอะไร", id="and without"),
    pytest.param("O.P.D.C. reform", {"opdc": "O.P.D.C."}, f"{OPDC_EN} (O.P.D.C.) reform", id="an English one with full stops"),
    pytest.param("opdc reform", {"opdc": "opdc"}, "opdc reform", id="in small letters its other forms are looked for"),
    pytest.param(
        "OPDC and NHSO",
        {"opdc": "OPDC", "nhso": "NHSO"},
        f"{OPDC_EN} (OPDC) and National Health Security Office (NHSO)",
        id="two acronyms",
    ),
    pytest.param("flood", {"flood": "flood"}, "flood", id="a word is not written out"),
    pytest.param("น้ำท่วม", {"flood": "น้ำท่วม"}, "น้ำท่วม", id="a Thai word"),
    pytest.param(
        "the WHO says", {"world-health-organization": "WHO"}, "the World Health Organization (WHO) says", id="WHO in capitals"
    ),
    pytest.param("who runs the office", {}, "who runs the office", id="who is a little word"),
    pytest.param("an IT project", {"information-technology": "IT"}, "an information technology (IT) project", id="and IT"),
    pytest.param("is it new", {}, "is it new", id="it is a little word"),
    pytest.param("IT projects of small towns", {}, "IT projects of small towns", id="IT is ambiguous in a long question"),
    pytest.param("ก.พ. ทำอะไร", {"ocsc": "ก.พ."}, "สำนักงานคณะกรรมการข้าราชการพลเรือน (ก.พ.) ทำอะไร", id="the agency"),
    pytest.param("3 ก.พ. 2566", {}, "3 ก.พ. 2566", id="and the month"),
    pytest.param("COVID", {"covid-19": "COVID"}, "COVID", id="a name in capitals alone", marks=wrong("all is in capitals")),
    pytest.param(
        "รายงานของ WHO",
        {"world-health-organization": "WHO"},
        "รายงานของ องค์การอนามัยโลก (WHO)",
        id="WHO in a Thai question",
    ),
    pytest.param(
        "ก. พ. ร.",
        {"opdc": "ก. พ. ร."},
        f"{OPDC_TH} (ก. พ. ร.)",
        id="an abbreviation with blanks",
        marks=wrong("it is found as the ambiguous form too, and written out twice"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "meaning"), TERMS)
def test_terms_are_looked_for_in_all_forms(reader: Reader, text: str, said: dict[str, str], meaning: str) -> None:
    query = reader.read(text)
    own = {"flood", *said}
    assert {expansion.entry: expansion.said for expansion in query.expansions if expansion.entry in own} == said
    assert query.meaning == meaning
    assert query.text == text


def test_an_acronym_stands_for_its_words_in_both_languages(reader: Reader) -> None:
    expansion = reader.read("OPDC").expansions[0]
    assert expansion.own == ("opdc",)
    assert reader.names.sequence(OPDC_EN) in expansion.forms
    assert reader.names.sequence(OPDC_TH) in expansion.forms
    assert expansion.own not in expansion.forms


@pytest.mark.parametrize("said", ["Bank of Thailand", "ธนาคารแห่งประเทศไทย", "ธปท."])
def test_ambiguous_forms_are_not_looked_for_in_place_of_others(reader: Reader, said: str) -> None:
    """BOT is a robot too."""
    expansion = reader.read(said).expansions[0]
    entry = reader.names.terms["bank-of-thailand"]
    assert entry.ambiguous == {"BOT"}
    assert {*expansion.forms, expansion.own} == {reader.names.sequence(form) for form in {*entry.th, *entry.en} - {"BOT"}}


def test_only_so_many_terms_are_expanded(reader: Reader) -> None:
    acronyms = ["OPDC", "NHSO", "NECTEC", "DGA", "DDPM", "BMA", "EGAT", "MEA"]
    query = reader.read(" and ".join(acronyms))
    assert len(query.expansions) == MAX_EXPANSIONS < len(acronyms)
    assert len(steps(query, "term")) == MAX_EXPANSIONS


# Spelling and keyboard

SPELLING = [
    pytest.param("goverment budget", {"government": "goverment"}, "government budget", id="English"),
    pytest.param("งบประมาน ประชาชณ", {"งบประมาณ": "งบประมาน", "ประชาชน": "ประชาชณ"}, "งบประมาณ ประชาชน", id="Thai"),
    pytest.param("goverment and goverment", {"government": "goverment"}, "government and government", id="one slip twice"),
    pytest.param("ระบบเตือนภยน้ำทวม", {"เตือนภัย": "เตือนภย", "น้ำท่วม": "น้ำทวม"}, "ระบบเตือนภัยน้ำท่วม", id="inside a run of words"),
    pytest.param("government budget", {}, "government budget", id="no slip"),
    pytest.param(
        "Goverment budget",
        {"Government": "Goverment"},
        "Government budget",
        id="a capital stays",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "meant"), SPELLING)
def test_slips_are_corrected(reader: Reader, text: str, expected: dict[str, str], meant: str) -> None:
    query = reader.read(text)
    assert {step.value: step.said for step in query.steps if step.kind == "spelling"} == expected
    assert (query.text, query.original) == (meant, text)
    assert query.corrected == {term for value in expected for term in reader.names.sequence(value)}


def test_steps_of_the_spelling_stand_in_the_order_of_the_text(reader: Reader) -> None:
    query = reader.read("goverment budgett complant")
    assert list(steps(query, "spelling")) == ["spelling:government", "spelling:budget", "spelling:complaint"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("ohemj;,", "น้ำท่วม", id="Thai on the English layout"),
        pytest.param("ดสนนก ไฟพืรืเ", "flood warning", id="English on the Thai layout"),
        pytest.param("ohemj;, g;upfok,", "น้ำท่วม เวียดนาม", id="and a state, which narrows the search"),
        pytest.param("8;k,gs]njv,]eh", "ความเหลื่อมล้ำ", id="with marks in another order than they are kept"),
    ],
)
def test_the_wrong_layout_is_read_first(reader: Reader, typed: str, meant: str) -> None:
    query = reader.read(typed)
    assert query.steps[0] == Step("keyboard", typed, meant)
    plain = reader.read(meant)
    assert query.steps[1:] == plain.steps
    assert replace(query, steps=(), original="", topic=None) == replace(plain, steps=(), original="", topic=None)


@pytest.mark.parametrize("question", [*(question for question, _ in THAI + ENGLISH), *OFF_TOPIC])
def test_a_whole_question_is_rescued_and_as_itself_left_alone(reader: Reader, question: str) -> None:
    from pythainlp.util import eng_to_thai, thai_to_eng

    typed = (eng_to_thai if question.isascii() else thai_to_eng)(question)
    undo = {step.key for step in reader.read(typed).steps if step.kind == "spelling"}
    assert steps(reader.read(question), "keyboard") == {}
    assert reader.read(typed, undo).text == normalise(question)


# Expert syntax

PHRASES = [
    pytest.param('"early warning" flood', (("earli", "warn"),), {"phrase:earli warn": True}, "flood early warning", id="two"),
    pytest.param("“early” flood", (("earli",),), {"phrase:earli": True}, "flood early", id="typographic quotes"),
    pytest.param('"เตือนภัย" เทศบาล', (("เตือนภัย",),), {"phrase:เตือนภัย": True}, "เทศบาล เตือนภัย", id="Thai"),
    pytest.param('"goverment"', (("gover",),), {"phrase:gover": True}, "goverment", id="quoted words are not corrected"),
    pytest.param(
        'what did they learn from "early warning" in the end',
        (),
        {"phrase:earli warn": False},
        'what did they learn from "early warning" in the end',
        id="in a long question quotes are only offered",
    ),
    pytest.param('"" " "', (), {}, '"" " "', id="nothing quoted"),
    pytest.param('"early warning', (), {}, '"early warning', id="a quote that does not end"),
    pytest.param('x"early"', (), {}, 'x"early"', id="a quote inside a word"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "phrases", "expected", "read"), PHRASES)
def test_quoted_words_must_stand_together(
    reader: Reader, text: str, phrases: tuple[tuple[str, ...], ...], expected: dict[str, bool], read: str
) -> None:
    query = reader.read(text)
    assert query.phrases == phrases
    assert steps(query, "phrase", "spelling") == expected
    assert query.text == read


@pytest.mark.parametrize("around", range(MAX_AROUND + 2))
def test_quotes_are_applied_among_few_words_only(reader: Reader, around: int) -> None:
    words = ["road"] * around
    assert bool(reader.read(" ".join([*words, '"early warning"'])).phrases) is (around <= MAX_AROUND)


EXCLUSIONS = [
    pytest.param("flood -drought", (("drought",),), "flood", id="a word"),
    pytest.param("น้ำท่วม -แผ่นดินไหว", (("แผ่นดินไหว",),), "น้ำท่วม", id="a Thai word"),
    pytest.param('flood -"early warning"', (("earli", "warn"),), "flood", id="quoted words"),
    pytest.param("flood -road -tax", (("road",), ("tax",)), "flood", id="two"),
    pytest.param("flood -goverment", (("gover",),), "flood", id="an excluded word is not corrected"),
    pytest.param("e-government", (), "e-government", id="a hyphen inside a word"),
    pytest.param("flood - drought", (), "flood - drought", id="a dash between words"),
    pytest.param("roads -2", (), "roads -2", id="a number"),
]


@pytest.mark.parametrize(("text", "excluded", "read"), EXCLUSIONS)
def test_words_after_a_minus_are_excluded(reader: Reader, text: str, excluded: tuple[tuple[str, ...], ...], read: str) -> None:
    query = reader.read(text)
    assert query.excluded == excluded
    assert steps(query, "exclusion", "spelling") == {f"exclusion:{' '.join(terms)}": True for terms in excluded}
    assert query.text == read


FIELDS = [
    pytest.param("country:laos", {"country": ("LA",)}, "country=LA", id="country"),
    pytest.param("COUNTRY:LA", {"country": ("LA",)}, "country=LA", id="in capitals, with an id"),
    pytest.param('country:"Viet Nam"', {"country": ("VN",)}, "country=VN", id="a quoted value"),
    pytest.param("ประเทศ:ลาว", {"country": ("LA",)}, "country=LA", id="country, in Thai"),
    pytest.param("region:CLMV", {"country": CLMV}, "region=clmv", id="region"),
    pytest.param("ภูมิภาค:อินโดจีน", {"country": ("KH", "LA", "VN")}, "region=indochina", id="region, in Thai"),
    pytest.param("priority:service-delivery", {"priority": ("service-delivery",)}, "priority=service-delivery", id="priority"),
    pytest.param("ด้าน:บริการภาครัฐ", {"priority": ("service-delivery",)}, "priority=service-delivery", id="priority, in Thai"),
    pytest.param("principle:participation", {"principle": ("participation",)}, "principle=participation", id="principle"),
    pytest.param("หลัก:หลักนิติธรรม", {"principle": ("rule-of-law",)}, "principle=rule-of-law", id="principle, in Thai"),
    pytest.param("level:local", {"level": ("local",)}, "level=local", id="level"),
    pytest.param("ระดับ:จังหวัด", {"level": ("provincial",)}, "level=provincial", id="level, in Thai"),
    pytest.param("status:stopped", {"status": ("stopped",)}, "status=stopped", id="status"),
    pytest.param("สถานะ:นำร่อง", {"status": ("pilot",)}, "status=pilot", id="status, in Thai"),
    pytest.param("kind:document", {"kind": ("document",)}, "kind=document", id="kind"),
    pytest.param("ชนิด:กรณี", {"kind": ("practice",)}, "kind=practice", id="kind, in Thai"),
    pytest.param("lang:english", {"language": ("en",)}, "language=en", id="language"),
    pytest.param("ภาษา:ไทย", {"language": ("th",)}, "language=th", id="language, in Thai"),
]


@pytest.mark.parametrize(("field", "filters", "value"), FIELDS)
@pytest.mark.parametrize("around", ["{}", "{} flood", "flood {}"])
def test_fields_narrow_the_search(
    reader: Reader, around: str, field: str, filters: dict[str, tuple[str, ...]], value: str
) -> None:
    query = reader.read(around.format(field))
    assert dict(query.filters) == filters
    assert steps(query, "field", "country", "region", "level", "priority") == {f"field:{value}": True}
    assert query.text == around.format("").strip()


YEAR_FIELDS = [
    pytest.param("year:2015", (2015, 2015), "2015", id="a year"),
    pytest.param("ปี:2558", (2558 - 543, 2558 - 543), "2015", id="in Thai and of the Buddhist era"),
    pytest.param("ปี:๒๕๕๘", (2558 - 543, 2558 - 543), "2015", id="in Thai digits"),
    pytest.param("year:2010-2015", (2010, 2015), "2010..2015", id="a span"),
    pytest.param("ปี:2553ถึง2558", (2553 - 543, 2558 - 543), "2010..2015", id="a span, in Thai"),
    pytest.param("year:2010..2015", (2010, 2015), "2010..2015", id="a span with two dots"),
    pytest.param("year:2010..", (2010, None), "2010..", id="an open end"),
    pytest.param("year:..2015", (None, 2015), "..2015", id="an open beginning"),
]


@pytest.mark.parametrize(("field", "expected", "value"), YEAR_FIELDS)
def test_years_of_a_field(reader: Reader, field: str, expected: Years, value: str) -> None:
    query = reader.read(f"{field} flood")
    assert years(query) == expected
    assert steps(query, "field", "years") == {f"field:years={value}": True}
    assert query.text == "flood"


@pytest.mark.parametrize("field", ["title:warning", "ชื่อ:warning", 'title:"warning"'])
def test_words_of_a_title(reader: Reader, field: str) -> None:
    query = reader.read(f"{field} flood")
    assert (query.title, query.text) == ("warning", "flood")
    assert steps(query, "field") == {"field:title=warning": True}


@pytest.mark.parametrize(
    "text",
    [
        "country:atlantis", "ประเทศ:แอตแลนติส", "region:nowhere", "priority:flood", "level:galaxy", "status:unknown",
        "kind:book", "lang:klingon", "year:soon", "year:15", "year:1066", "country:", "colour:red", "xcountry:mars",
        'country:""', "title:",
    ],
)  # fmt: skip
def test_a_field_that_means_nothing_stays_a_part_of_the_question(reader: Reader, text: str) -> None:
    query = reader.read(text)
    assert query.text == text
    assert (dict(query.filters), years(query), query.title) == ({}, NOTHING, "")
    assert steps(query, "field") == {}


def test_fields_add_up_and_outweigh_what_the_words_say(reader: Reader) -> None:
    query = reader.read("country:laos country:vietnam year:2015 floods in Cambodia since 2010")
    assert dict(query.filters) == {"country": ("LA", "VN")}
    assert years(query) == (2015, 2015)
    assert steps(query, "country", "years") == {"country:KH": False}


# Taking back

UNDO = [
    pytest.param("ohemj;,", "keyboard:น้ำท่วม", {"text": "ohemj;,"}, id="keyboard"),
    pytest.param(
        "goverment budget", "spelling:government", {"text": "goverment budget", "corrected": frozenset()}, id="spelling"
    ),
    pytest.param("งบประมาน", "spelling:งบประมาณ", {"text": "งบประมาน", "corrected": frozenset()}, id="spelling, in Thai"),
    pytest.param("roads since 2015", "years:2015..", {"year_from": None}, id="years"),
    pytest.param("ถนนก่อนปี 2548", "years:..2004", {"year_to": None}, id="years, in Thai"),
    pytest.param("roads in Laos", "country:LA", {"filters": {}}, id="country"),
    pytest.param("ลาวกับไทย", "country:LA", {"filters": {"country": ("TH",)}}, id="one of two countries"),
    pytest.param("CLMV roads", "region:clmv", {"filters": {}}, id="region"),
    pytest.param("public services", "priority:service-delivery", {"preferred": {}}, id="priority"),
    pytest.param("เทศบาล", "level:local", {"preferred": {}}, id="level"),
    pytest.param("OPDC", "term:opdc", {"expansions": (), "meaning": "OPDC"}, id="term"),
    pytest.param('"early warning"', "phrase:earli warn", {"phrases": (), "text": '"early warning"'}, id="phrase"),
    pytest.param("road -tax", "exclusion:tax", {"excluded": (), "text": "road -tax"}, id="exclusion"),
    pytest.param("level:local road", "field:level=local", {"filters": {}, "text": "level:local road"}, id="field"),
    pytest.param("title:tax road", "field:title=tax", {"title": "", "text": "title:tax road"}, id="field of a title"),
    pytest.param(
        "country:laos road",
        "field:country=LA",
        {"filters": {}},
        id="field of a country",
    ),
    pytest.param(
        "year:2015 road",
        "field:years=2015",
        {"year_from": None},
        id="field of a year",
    ),
]


@pytest.mark.parametrize(("text", "key", "back"), UNDO)
def test_a_step_that_is_taken_back_is_shown_without_its_effect(
    reader: Reader, text: str, key: str, back: dict[str, object]
) -> None:
    given, taken_back = reader.read(text), reader.read(text, undo={key})
    assert steps(given)[key] is True
    assert steps(taken_back)[key] is False
    for attribute, value in back.items():
        assert getattr(given, attribute) != value
        assert getattr(taken_back, attribute) == value


EVERYTHING = 'goverment OPDC road of local government in Laos since 2015 "early warning" -tax level:local'


def test_the_other_steps_stay_as_they_are(reader: Reader) -> None:
    given = reader.read(EVERYTHING)
    for step in given.steps:
        rest = reader.read(EVERYTHING, undo={step.key})
        assert steps(rest).items() >= {**steps(given), step.key: False}.items() - {("term:early-warning", True)}, step.key


@pytest.mark.parametrize("text", [EVERYTHING, "ohemj;, ประชาชณ", "country:laos -flood", "floods in 2011", ""])
def test_taken_back_as_a_whole_a_question_is_read_word_by_word(reader: Reader, segmenter: Segmenter, text: str) -> None:
    assert reader.read(text, undo={LITERAL}) == parse_query(text, segmenter)
    assert reader.read(text, undo={LITERAL}, redo={"years:2011"}).steps == ()


REDO = [
    pytest.param("floods in 2011", "years:2011", {"year_from": 2011, "year_to": 2011}, id="the year of an event"),
    pytest.param("น้ำท่วมปี 2554", "years:2011", {"year_from": 2011, "year_to": 2011}, id="the year of an event, in Thai"),
    pytest.param("roads for Thailand", "country:TH", {"filters": {"country": ("TH",)}}, id="the state that asks"),
    pytest.param(
        "country:laos roads in Vietnam",
        "country:VN",
        {"filters": {"country": ("VN",)}},
        id="a state beside a field",
    ),
    pytest.param(
        'what did they learn from "early warning" in the end',
        "phrase:earli warn",
        {"phrases": (("earli", "warn"),)},
        id="quotes in a long question",
    ),
]


@pytest.mark.parametrize(("text", "key", "applied"), REDO)
def test_an_offered_step_is_applied_where_the_reader_wants_it(
    reader: Reader, text: str, key: str, applied: dict[str, object]
) -> None:
    given, wanted = reader.read(text), reader.read(text, redo={key})
    assert steps(given)[key] is False
    assert steps(wanted)[key] is True
    for attribute, value in applied.items():
        assert getattr(given, attribute) != value
        assert getattr(wanted, attribute) == value


def test_keys_of_steps_that_a_question_does_not_have_change_nothing(reader: Reader) -> None:
    keys = {"country:XX", "years:", "", "spelling:government", "term:nothing"}
    assert reader.read("floods in Laos", keys, keys) == reader.read("floods in Laos")


# Robustness

PIECES = (
    "country:", "year:", "ปี:", "title:", "lang:", "region:clmv", "-", '"', "2011", "2554", "..", "since", "between", "and",
    "ก่อนปี", "last 5 years", "ใน 5 ปีที่ผ่านมา", "laos", "ไทย", "CLMV", "for", "น้ำท่วม", "WHO", "ก.พ.ร.", "ก. พ. ร.", " ", "\u200b",
    "\x00", "😀", "ำ", "ๆ", "'54", "ohemj;,", "ดสนนก", "goverment", "ประชาชณ", "ກ", "\n", "²", "½", "public services", "เทศบาล",
)  # fmt: skip

anything = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=9).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join),
)


@settings(deadline=None)
@given(anything)
def test_any_text_can_be_read_and_every_step_of_it_taken_back(
    reader: Reader, taxonomy: Taxonomy, segmenter: Segmenter, text: str
) -> None:
    query = reader.read(text)
    assert query.empty or set(query.keywords) <= set(query.terms)
    assert len(query.text) <= 2 * MAX_CHARACTERS
    assert set(query.filters.get("country", ())) <= set(taxonomy["countries"])
    assert query.year_from is None or query.year_to is None or query.year_from <= query.year_to
    assert len({step.key for step in query.steps}) == len(query.steps)
    keys = {step.key for step in query.steps}
    back = reader.read(text, undo=keys)
    assert not any(step.applied for step in back.steps if step.key in keys)
    assert {step.key for step in reader.read(text, redo=keys).steps} >= {key for key in keys if key.startswith("keyboard")}
    if not keys and query.text == normalise(text):
        assert query == parse_query(text, segmenter)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=100))
def test_whatever_was_typed_can_be_printed_and_sent(reader: Reader, text: str) -> None:
    query = reader.read(text)
    for part in (query.original, query.text, query.meaning, *(step.said + step.value for step in query.steps)):
        part.encode()


def test_a_lone_surrogate_does_not_get_into_a_step(reader: Reader) -> None:
    for step in reader.read("ohemj;,\ud800").steps:
        step.said.encode()


@pytest.mark.parametrize("text", ["", "   ", "?!…", "😀", "\x00", "\ud800", '""', "--", "ๆ ฯ"])
def test_nothing_is_understood_of_nothing(reader: Reader, segmenter: Segmenter, text: str) -> None:
    query = reader.read(text)
    assert query == parse_query(text, segmenter)
    assert query.empty


@pytest.mark.parametrize("word", ["น้ำท่วม ", "goverment ", "ohemj;, ", '"early warning" ', "country:laos ", "a"])
def test_a_very_long_question_is_read_in_part_and_says_so(reader: Reader, word: str) -> None:
    query = reader.read(word * 2000)
    assert query.truncated
    assert len(query.text) <= 2 * MAX_CHARACTERS
