"""Names in questions: found in any form, the longest one where they overlap, and no little word taken for an acronym."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.lexicon import latin_words
from kb.search.names import LISTS, Name, Names, is_acronym, kinds
from kb.taxonomy import Taxonomy
from kb.termbase import TermEntry
from kb.text.normalise import normalise
from kb.text.segment import Segmenter, Token

Found = list[tuple[str, str, str]]


def found_in(text: str, names: Names, segmenter: Segmenter) -> Found:
    """(kind, id, words) of each name in a text."""
    text = normalise(text)
    mentions = names.find(text, segmenter.tokens(text))
    return [(mention.name.kind, mention.name.id, text[mention.start : mention.end]) for mention in mentions]


ONE = [
    ("roads in Laos", "country", "LA", "Laos", "a short name"),
    ("a Lao village", "country", "LA", "Lao", "who lives there"),
    ("Lao People's Democratic Republic", "country", "LA", "Lao People's Democratic Republic", "the full name"),
    ("สปป.ลาว กับถนน", "country", "LA", "สปป.ลาว", "a Thai name with a full stop"),
    ("ใน สปป. ลาว", "country", "LA", "สปป. ลาว", "and with a blank"),
    ("vietnamese mayors", "country", "VN", "vietnamese", "in small letters"),
    ("Viet Nam", "country", "VN", "Viet Nam", "in two words"),
    ("Viet-Nam", "country", "VN", "Viet-Nam", "with a hyphen"),
    ("ถนนในเวียตนาม", "country", "VN", "เวียตนาม", "an old spelling, between other words"),
    ("MALAYSIA and its towns", "country", "MY", "MALAYSIA", "in capitals"),
    ("พม่า", "country", "MM", "พม่า", "a former name"),
    ("แดนลอดช่อง", "country", "SG", "แดนลอดช่อง", "a nickname"),
    ("Manila's roads", "country", "PH", "Manila's", "a capital, with a possessive"),
    ("Greater Mekong Subregion", "region", "mekong", "Greater Mekong Subregion", "a region by its long name"),
    ("CLMV", "region", "clmv", "CLMV", "a region by its letters"),
    ("Bank of Thailand", "term", "bank-of-thailand", "Bank of Thailand", "a state inside an agency"),
    ("ธนาคารแห่งประเทศไทย", "term", "bank-of-thailand", "ธนาคารแห่งประเทศไทย", "and in Thai"),
    ("ป.ป.ช. สิงคโปร์", "term", "cpib", "ป.ป.ช. สิงคโปร์", "the longest of an agency and a state"),
    ("Thailand's neighbours", "region", "thai-neighbours", "Thailand's neighbours", "and of a region and a state"),
    ("village health volunteers", "term", "village-health-volunteer", "village health volunteers", "a plural"),
    ("village-health volunteer", "term", "village-health-volunteer", "village-health volunteer", "with a hyphen"),
    ("สำนักงาน ก.พ.ร. ทำอะไร", "term", "opdc", "สำนักงาน ก.พ.ร.", "a form with a blank and full stops"),
    ("ก.พ.ร. ทำอะไร", "term", "opdc", "ก.พ.ร.", "an abbreviation with full stops"),
    ("กพร ทำอะไร", "term", "opdc", "กพร", "and without"),
    ("O.P.D.C. of 2013", "term", "opdc", "O.P.D.C.", "full stops in an English one"),
    ("opdc reform", "term", "opdc", "opdc", "one that is no English word may be in small letters"),
    ("รพสต ใกล้บ้าน", "term", "health-promoting-hospital", "รพสต", "another abbreviation without its full stops"),
    ("the WHO says", "term", "world-health-organization", "WHO", "one that is an English word in capitals"),
    ("an IT project", "term", "information-technology", "IT", "and one of two letters"),
    ("น้ำ\u200bท่วม", "term", "flood", "น้ำท่วม", "a zero-width space inside"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "key", "said", "reason"), ONE, ids=[row[4] for row in ONE])
def test_one_name_is_found(names: Names, segmenter: Segmenter, text: str, kind: str, key: str, said: str, reason: str) -> None:
    assert found_in(text, names, segmenter) == [(kind, key, said)]


NONE = [
    ("", "nothing"),
    ("who runs it", "little words that look like acronyms"),
    ("a big cat can dap", "and words of the dictionary"),
    ("in my opinion", "the letters of a state's id are no name"),
    ("WHO IS IT", "where all is in capitals they say nothing"),
    ("services", "a word of a longer name"),
    ("Japan and Korea", "states that are no members"),
    ("คนที่มาเลือก", "มาเล, a short name, inside other words"),
]


@pytest.mark.parametrize(("text", "reason"), NONE, ids=[row[1] for row in NONE])
def test_no_name_is_found(names: Names, segmenter: Segmenter, text: str, reason: str) -> None:
    assert found_in(text, names, segmenter) == []


SEVERAL = [
    (
        "public services",
        {("priority", "service-delivery"), ("term", "public-service")},
        "words that are a priority and a term",
    ),
    ("เทศบาล", {("level", "local"), ("term", "municipality")}, "a level of government and a term"),
    ("Thailand and Laos", {("country", "TH"), ("country", "LA")}, "two states"),
    ("ไทยกับลาว", {("country", "TH"), ("country", "LA")}, "two states in Thai"),
    ("the ACT says", {("term", "act-thailand"), ("term", "act-statute")}, "an acronym that is also a word"),
    ("the act says", {("term", "act-statute")}, "the word itself"),
]


@pytest.mark.parametrize(("text", "expected", "reason"), SEVERAL, ids=[row[2] for row in SEVERAL])
def test_a_form_that_means_several_things_is_found_for_each(
    names: Names, segmenter: Segmenter, text: str, expected: set[tuple[str, str]], reason: str
) -> None:
    assert {(kind, key) for kind, key, _ in found_in(text, names, segmenter)} == expected


missed = pytest.mark.xfail(reason="see the id of the row", strict=True)

MISSED = [
    pytest.param(
        "LAOS floods",
        [("country", "LA")],
        id="a plural-like name in capitals of up to six letters is not stemmed",
        marks=missed,
    ),
    pytest.param("WHO", [("term", "world-health-organization")], id="one acronym alone is no text in capitals"),
    pytest.param("COVID", [("term", "covid-19")], id="and so does a word that everybody writes so"),
    pytest.param("รายงานของ WHO", [("term", "world-health-organization")], id="and one in a Thai question"),
    pytest.param(
        "about BuB",
        [("term", "bottom-up-budgeting")],
        id="an acronym with a small letter needs capitals throughout",
        marks=missed,
    ),
    pytest.param("ก. พ. ร.", [("term", "opdc")], id="two forms of one term are found twice", marks=missed),
]


@pytest.mark.parametrize(("text", "expected"), MISSED)
def test_names_in_capitals(names: Names, segmenter: Segmenter, text: str, expected: list[tuple[str, str]]) -> None:
    own = [(kind, key) for kind, key, _ in found_in(text, names, segmenter) if key != "flood"]
    assert own == expected


CAUTIOUS = [
    ("ก.พ. ทำอะไร", [True], "it may be the agency"),
    ("สำนักงาน ก.พ.", [False], "the longer form is the agency"),
    ("3 ก.พ. เป็นวันหยุด", [], "after a day it is the month"),
    ("ก.พ. 2566", [], "and before a year"),
    ("OCSC 2023", [False], "an acronym that means one thing may stand before a year"),
]


@pytest.mark.parametrize(("text", "cautious", "reason"), CAUTIOUS, ids=[row[2] for row in CAUTIOUS])
def test_ambiguous_forms_are_cautious_and_none_in_a_date(
    names: Names, segmenter: Segmenter, text: str, cautious: list[bool], reason: str
) -> None:
    mentions = names.find(text, segmenter.tokens(text))
    assert [mention.name.cautious for mention in mentions if mention.name.id == "ocsc"] == cautious


def forms(taxonomy: Taxonomy, names: Names) -> Iterator[tuple[str, str, str]]:
    """(kind, id, form) of every name."""
    for kind, listed in LISTS.items():
        for term in taxonomy[listed].values():
            for form in (term.label.th, term.label.en, *term.names, *term.cities):
                yield kind, term.id, form
    for entry in names.terms.values():
        for form in (*entry.th, *entry.en):
            yield "term", entry.id, form


def test_every_form_of_every_name_is_found_in_a_sentence(taxonomy: Taxonomy, names: Names, segmenter: Segmenter) -> None:
    lost = {
        form
        for kind, key, form in forms(taxonomy, names)
        if (kind, key) not in {found[:2] for found in found_in(f"about {form} there", names, segmenter)}
    }
    assert lost <= {"BuB"}  # see MISSED


def test_every_form_and_id_is_identified_whatever_its_case(taxonomy: Taxonomy, names: Names) -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for kind, key, form in forms(taxonomy, names):
        owners.setdefault((kind, form.lower()), set()).add(key)
        if kind != "term":
            assert names.identify(kind, key.upper()) == key
    for (kind, form), keys in owners.items():
        assert names.identify(kind, form.upper()) in keys, form


IDENTIFIED = [
    ("country", "laos", "LA", "a name"),
    ("country", "la", "LA", "an id in small letters"),
    ("country", " ลาว ", "LA", "blanks at the edges"),
    ("country", "เเดนลอดช่อง", "SG", "not in normal form"),
    ("region", "CLMV", "clmv", "a region"),
    ("priority", "การจัดการภัยพิบัติ", "crisis-and-disaster-management", "a priority by another name"),
    ("level", "เทศบาล", "local", "a level"),
    ("status", "นำร่อง", "pilot", "a status, which is no name in a question"),
    ("principle", "หลักนิติธรรม", "rule-of-law", "a principle"),
    ("principle", "rule-of-law", "rule-of-law", "a principle by its id"),
    ("country", "atlantis", None, "no such state"),
    ("region", "laos", None, "a state is no region"),
    ("country", "", None, "nothing"),
]


@pytest.mark.parametrize(("kind", "form", "key", "reason"), IDENTIFIED, ids=[row[3] for row in IDENTIFIED])
def test_a_form_stands_for_an_id_of_its_kind(names: Names, kind: str, form: str, key: str | None, reason: str) -> None:
    assert names.identify(kind, form) == key


ENTRY = TermEntry("water", "x", ("น้ำ", "น้ำดื่ม", "น้ำ"), ("Water", "waters", "drinking water"), ambiguous=frozenset({"น้ำ"}))


def test_the_forms_of_a_term_come_each_once_as_their_words(taxonomy: Taxonomy, segmenter: Segmenter) -> None:
    names = Names(taxonomy, (ENTRY,), segmenter)
    assert list(names.forms("water")) == [
        ("น้ำ", ("น้ำ",)),
        ("น้ำดื่ม", ("น้ำดื่ม",)),
        ("Water", ("water",)),  # `waters` has the same stem
        ("drinking water", ("drink", "water")),
    ]


def test_words_of_names_are_single_words_in_lower_case(taxonomy: Taxonomy, segmenter: Segmenter) -> None:
    words = Names(taxonomy, (ENTRY,), segmenter).words()
    assert {"น้ำ", "น้ำดื่ม", "water", "waters", "drinking", "laos", "ลาว", "clmv"} <= words
    assert all(word == word.lower() and " " not in word for word in words)


def test_words_of_names_stand_in_names(names: Names, taxonomy: Taxonomy) -> None:
    written = {word for _, _, form in forms(taxonomy, names) for word in latin_words(form)}
    assert {word for word in names.words() if word.isascii() and word.isalpha() and len(word) > 2} <= written


ACRONYMS = [
    ("OPDC", True, "capitals"),
    ("4Ps", True, "a figure and one small letter"),
    ("e-KTP", True, "mostly capitals"),
    ("ก.พ.ร.", True, "Thai consonants with full stops"),
    ("ก. พ. ร.", True, "and blanks"),
    ("อสม.", True, "with one full stop"),
    ("สปสช", True, "with none"),
    ("Traffy", False, "a name"),
    ("A", False, "a single letter"),
    ("MORETHANEIGHT", False, "a long word in capitals"),
    ("กระทรวง", False, "a word with a vowel"),
    ("รพ.สต.", True, "two short words with full stops"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "expected", "reason"), ACRONYMS, ids=[row[2] for row in ACRONYMS])
def test_acronyms_are_made_of_initials(form: str, expected: bool, reason: str) -> None:
    assert is_acronym(form) is expected


NAMES = ("Laos", "Bank of Thailand", "WHO", "who", "ก.พ.ร.", "ก.พ.", "2566", "ไทย", "CLMV", "public services", "-", ".")


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(NAMES)).map(" ".join), st.lists(st.sampled_from(NAMES)).map("".join)))
def test_mentions_are_in_order_and_overlap_only_where_one_form_means_several_things(
    names: Names, segmenter: Segmenter, text: str
) -> None:
    text = normalise(text)
    tokens = segmenter.tokens(text)
    mentions = names.find(text, tokens)
    end = 0
    seen: tuple[int, int] | None = None
    for mention in mentions:
        assert (mention.start, mention.end) == (tokens[mention.first].start, tokens[mention.last - 1].end)
        assert mention.first >= end or (mention.first, mention.last) == seen
        seen, end = (mention.first, mention.last), mention.last
    assert sum(len(kinds(mentions, kind)) for kind in (*LISTS, "term")) == len(mentions)


# Forms that were read before


class Closed(Segmenter):
    """Cuts only texts that it is told of, and notes them."""

    def __init__(self, *allowed: str) -> None:
        super().__init__()
        self.allowed = allowed
        self.read: list[str] = []

    def tokens(self, text: str) -> list[Token]:
        assert text in self.allowed
        self.read.append(text)
        return super().tokens(text)


@pytest.fixture(scope="session")
def known(names: Names) -> dict[str, tuple[str, list[str]]]:
    """What was read, as it comes back from a file."""
    stored: dict[str, tuple[str, list[str]]] = json.loads(json.dumps(names.forms_read))
    return stored


def test_every_form_is_read_once_and_kept(
    taxonomy: Taxonomy, names: Names, segmenter: Segmenter, known: dict[str, tuple[str, list[str]]]
) -> None:
    assert names.learnt
    assert set(names.forms_read) == {form for _, _, form in forms(taxonomy, names)}
    for form, (normal, indexed) in list(known.items())[::20]:
        assert (normal, indexed) == (normalise(form), [token.term for token in segmenter.tokens(normalise(form))])


def test_names_that_are_known_are_the_same_and_nothing_is_cut_again(
    taxonomy: Taxonomy, names: Names, segmenter: Segmenter, known: dict[str, tuple[str, list[str]]]
) -> None:
    again = Names(taxonomy, tuple(names.terms.values()), Closed(), known)
    assert not again.learnt
    assert json.loads(json.dumps(again.forms_read)) == known
    for text in (f"about {form} there" for _, _, form in list(forms(taxonomy, names))[::10]):
        assert found_in(text, again, segmenter) == found_in(text, names, segmenter)
    for kind, form, key, _ in IDENTIFIED:
        assert again.identify(kind, form) == key
    assert again.words() == names.words()
    assert [list(again.forms(entry)) for entry in again.terms] == [list(names.forms(entry)) for entry in names.terms]


def test_only_a_form_that_is_not_known_is_cut(taxonomy: Taxonomy, segmenter: Segmenter) -> None:
    known = Names(taxonomy, (ENTRY,), segmenter).forms_read
    assert not Names(taxonomy, (), Closed(), known).learnt  # what is known and no name any more does no harm
    closed = Closed("ธงสีฟ้า")
    more = Names(taxonomy, (ENTRY, TermEntry("flag", "x", ("ธงสีฟ้า",), ("Water",))), closed, known)
    assert more.learnt
    assert closed.read == ["ธงสีฟ้า"]
    assert more.forms_read.keys() - known.keys() == {"ธงสีฟ้า"}


def test_a_form_without_words_is_known_too(taxonomy: Taxonomy, segmenter: Segmenter) -> None:
    entry = TermEntry("signs", "x", ("ฯ",), ("!?",))
    known = json.loads(json.dumps(Names(taxonomy, (entry,), segmenter).forms_read))
    again = Names(taxonomy, (entry,), Closed(), known)
    assert not again.learnt
    assert again.sequence("!?") == ()


def test_a_name_says_what_it_stands_for() -> None:
    assert Name("country", "TH") == Name("country", "TH", cautious=False) != Name("country", "TH", cautious=True)
