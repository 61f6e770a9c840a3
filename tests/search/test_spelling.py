"""Slips are read as the repository's words; what somebody knows, and what is likely a name, is left as it was typed."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from questions import ENGLISH, OFF_TOPIC, THAI
from small_words import COUNTS

from kb.lexicon import WORDS, Lexicon, read_words
from kb.repository import Repository
from kb.search.names import Names
from kb.search.spelling import Correction, corrections, distance, nearest
from kb.text.normalise import normalise
from kb.text.segment import Segmenter


def found_in(text: str, segmenter: Segmenter, lexicon: Lexicon) -> list[Correction]:
    text = normalise(text)
    return corrections(text, segmenter.tokens(text), lexicon)


CORRECTED = [
    ("goverment budget", {"goverment": "government"}, "a letter left out"),
    ("floood", {"floood": "flood"}, "a letter typed twice"),
    ("hopsital", {"hopsital": "hospital"}, "two letters swapped"),
    ("complaimt", {"complaimt": "complaint"}, "a wrong letter"),
    ("flod", {"flod": "flood"}, "the shortest word that is corrected"),
    ("transparancy", {"transparancy": "transparency"}, "a vowel as it sounds"),
    ("voluntears", {"voluntears": "volunteers"}, "two slips in a long word"),
    ("lisensing", {"lisensing": "licensing"}, "and two letters as they sound"),
    ("ogvernment", {"ogvernment": "government"}, "the first two letters swapped"),
    ("disastr managment", {"disastr": "disaster", "managment": "management"}, "two words"),
    ("e-govenment", {"govenment": "government"}, "a part of a word with a hyphen"),
    ("roads in Tailand", {"tailand": "thailand"}, "a long word with a capital inside a question"),
    ("Malasia", {"malasia": "malaysia"}, "malaria is as near, but not as common here"),
    ("opdx", {"opdx": "opdc"}, "an acronym in small letters is a word like others"),
    ("ประชาชณ", {"ประชาชณ": "ประชาชน"}, "a letter of the same sound at the end"),
    ("งบประมาน", {"งบประมาน": "งบประมาณ"}, "and in a longer word"),
    ("งบประมาร", {"งบประมาร": "งบประมาณ"}, "and one that sounds so at the end only"),
    ("กฏหมาย", {"กฏหมาย": "กฎหมาย"}, "letters that look alike"),
    ("ศุขภาพ", {"ศุขภาพ": "สุขภาพ"}, "the first letter, of the same sound"),
    ("น้ำทวม", {"น้ำทวม": "น้ำท่วม"}, "a tone mark left out"),
    ("น้ำท้วม", {"น้ำท้วม": "น้ำท่วม"}, "a wrong tone mark"),
    ("น้ามท่วม", {"น้ามท่วม": "น้ำท่วม"}, "a vowel typed as it sounds"),
    ("โปรงใส", {"โปรงใส": "โปร่งใส"}, "a tone mark left out of a word that is then two words"),
    ("โปร่งไส", {"โปร่งไส": "โปร่งใส"}, "the two letters for ai"),
    ("ผู้สุงอายุ", {"ผู้สุงอายุ": "ผู้สูงอายุ"}, "a short vowel for a long one"),
    ("อนุญาติ ใบอนุญาติ", {"อนุญาติ": "อนุญาต", "ใบอนุญาติ": "ใบอนุญาต"}, "a vowel too many, as many write it"),
    ("นวตกรรม", {"นวตกรรม": "นวัตกรรม"}, "a vowel left out"),
    ("สาธารสุข", {"สาธารสุข": "สาธารณสุข"}, "a consonant left out"),
    ("โคงการ", {"โคงการ": "โครงการ"}, "a letter left out near the beginning"),
    ("ประชาชณทุจริจ", {"ประชาชณ": "ประชาชน", "ทุจริจ": "ทุจริต"}, "two slips without a blank between them"),
    ("ในท้องถินของเรา", {"ท้องถิน": "ท้องถิ่น"}, "little words around it stay"),
    ("ให้บริกาน", {"บริกาน": "บริการ"}, "and the one right before it"),
    ("โคงการโคงการ", {"โคงการ": "โครงการ"}, "a slip said twice"),
    ("ระบบเตือนภยน้ำทวม", {"เตือนภย": "เตือนภัย", "น้ำทวม": "น้ำท่วม"}, "and so do other words"),
    ("goverment น้ำทวม", {"goverment": "government", "น้ำทวม": "น้ำท่วม"}, "both languages"),
    ("สิงคโปร", {"สิงคโปร": "สิงคโปร์"}, "a name"),
    ("อนุสาวรีย", {"อนุสาวรีย": "อนุสาวรีย์"}, "a word of the dictionary where the repository has none"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "reason"), CORRECTED, ids=[row[2] for row in CORRECTED])
def test_a_slip_is_corrected(segmenter: Segmenter, lexicon: Lexicon, text: str, expected: dict[str, str], reason: str) -> None:
    assert {item.said.lower(): item.meant for item in found_in(text, segmenter, lexicon)} == expected


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("ปรับปรุงกฏหมาย", "ปรับปรุงกฎหมาย", id="nor here: ปรับปรุงก ฏหมาย"),
        pytest.param("ประชาชนบริกาน", "ประชาชนบริการ", id="the first letter is not left to the word before"),
        pytest.param("การบริหาณจัดการน้ำ", "การบริหารจัดการน้ำ", id="and nothing of it is left: การบริหารณ"),
    ],
)
def test_a_slip_beside_another_word_is_corrected_as_a_whole(
    segmenter: Segmenter, lexicon: Lexicon, text: str, meant: str
) -> None:
    for item in reversed(found_in(text, segmenter, lexicon)):
        text = text[: item.start] + item.meant + text[item.end :]
    assert text == meant


too_eager = pytest.mark.xfail(reason="a part of it is near to a word of the dictionary or of the texts", strict=True)

KEPT = [
    ("government budget", "words of the texts"),
    ("kesehatan musrenbang", "foreign words of the texts"),
    ("musrenbangs", "and a plural of one"),
    ("Singpass Traffy Fondue PetaBencana", "names of the termbase"),
    ("opdc nhso", "acronyms of the termbase in small letters"),
    ("OPDX", "an acronym that is not here, near to one that is"),
    ("police casual", "words of the dictionary that are near to words of the texts: policy, causal"),
    ("organisation organization colour", "both spellings of English"),
    ("txa", "three letters, though tax is near"),
    ("fl00d flood2 COVID-19", "figures among letters"),
    ("roads by Flodd", "a short word with a capital inside a question is a name"),
    ("walter martin luther", "given names of the dictionary: water, marine, author"),
    ("phuket sungai anutin", "foreign names two letters from a word: pocket, Sendai, anti"),
    ("Kelurahan Duterte Jokowi Widodo", "foreign names that are near to nothing"),
    ("Nguyễn Huệ", "letters with accents"),
    ("น้ำท่วมกรุงเทพ", "words of the texts and of the dictionary"),
    ("เทศกาล", "a word of the dictionary one letter from เทศบาล"),
    ("โครงงาน", "one from โครงการ"),
    ("บริกร", "one from บริการ"),
    ("ขั้นต้น", "one from ขั้นตอน"),
    ("สุจริต", "one from ทุจริต, and its opposite"),
    ("สุขภาวะ", "two from สุขภาพ"),
    ("อสม. สปสช. กทม.", "abbreviations of the termbase"),
    ("กกต. สคบ. ครม.", "abbreviations, two letters from others"),
    ("ก็ ๆ ณ", "the shortest words"),
    ("ความเหลื่อม ล้ำ", "words are not joined over a blank"),
    ("พม่า เวียตนาม สิงค์โปร์", "spellings that the lists have among the names"),
    ("คอร์รัปชั่น วิกฤติ", "second spellings that the termbase or the dictionary has"),
    ("ชัชชาติ ประยุทธ์ อนุทิน", "Thai given names"),
    ("ทรัมป์ ปูติน โจโกวี ดูแตร์เต", "foreign names in Thai"),
    ("เชียงใหม่ นครศรีธรรมราช ท่าสองยาง", "places"),
    ("ข้าวหอมมะลิ แท็กซี่ ปลากระป๋อง", "words that no text here has"),
    pytest.param("หัวเว่ย", "a foreign name in Thai whose half is near to เว้ย", marks=too_eager),
    pytest.param("ต้มยำกุ้งน้ำข้น", "two words of the dictionary that are near to น้ำขึ้น", marks=too_eager),
    pytest.param(
        "เวียดนาม สิงคโป",
        "a slip that is too far from its word becomes no other word",
        marks=too_eager,
    ),
]


@pytest.mark.parametrize(("text", "reason"), KEPT)
def test_what_may_be_meant_is_not_corrected(segmenter: Segmenter, lexicon: Lexicon, text: str, reason: str) -> None:
    assert found_in(text, segmenter, lexicon) == []


def test_a_slip_that_is_a_stem_is_corrected(segmenter: Segmenter, lexicon: Lexicon) -> None:
    assert [item.meant for item in found_in("singapor", segmenter, lexicon)] == ["singapore"]


def test_what_was_said_is_the_text_at_its_place(segmenter: Segmenter, lexicon: Lexicon) -> None:
    assert found_in("Goverment", segmenter, lexicon) == [Correction("Goverment", "government", 0, 9)]


@pytest.fixture(scope="module")
def whole(fake_corpus_repository: Repository, names: Names) -> Lexicon:
    """The words of the whole corpus."""
    return Lexicon(read_words(fake_corpus_repository.index_folder / WORDS), names.words())


wrongly = {
    "สูตรต้มยำกุ้งน้ำข้น": "น้ำข้น is read as น้ำขึ้น",
}


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(text, marks=pytest.mark.xfail(reason=wrongly[text], strict=True)) if text in wrongly else text
        for text in [*(question for question, _ in THAI + ENGLISH), *OFF_TOPIC]
    ],
)
def test_a_question_without_a_slip_is_not_changed_by_the_words_of_the_corpus(
    segmenter: Segmenter, whole: Lexicon, question: str
) -> None:
    assert found_in(question, segmenter, whole) == []


DISTANCES = [
    ("flod", "flood", 1, "a letter more"),
    ("flodo", "flood", 1, "two letters swapped are one slip"),
    ("fload", "flood", 1, "another letter"),
    ("flood", "flood", 0, "the same"),
    ("น้ำทวม", "น้ำท่วม", (1 + 0) / 2, "a tone mark: without them the two are the same"),
    ("ประชาชณ", "ประชาชน", (1 + 0) / 2, "a letter of the same sound"),
    ("ทุจริจ", "ทุจริต", (1 + 1) / 2, "a letter of another sound"),
    ("ศุกภาพ", "สุขภาพ", (2 + 1) / 2, "one of each"),
]


@pytest.mark.parametrize(("word", "other", "expected", "reason"), DISTANCES, ids=[row[3] for row in DISTANCES])
def test_distance(word: str, other: str, expected: float, reason: str) -> None:
    assert distance(word, other) == distance(other, word) == expected


NEAREST = [
    ("watar", {"water": 1, "wafer": 9}, None, "water", "the nearest one, though it is rare"),
    ("wacer", {"water": 9, "wafer": 1}, None, "water", "of two that are as near the more common one"),
    ("wacer", {"wafer": 2, "water": 2}, None, "wafer", "and of two as common the first by alphabet"),
    ("tater", {"water": 9}, None, None, "slips seldom fall on the first letter"),
    ("awter", {"water": 9}, None, "water", "unless it was swapped"),
    ("wattier", {"water": 9}, None, None, "two slips in a word of less than eight letters"),
    ("managmant", {"management": 9}, None, "management", "two slips in a longer one"),
    ("managmnt", {"management": 9}, None, "management", "and in one of eight letters"),
    ("mangmnt", {"management": 9}, None, None, "three are too many"),
    ("watar", {"water": 9}, 0.5, None, "a limit of the caller's"),
    ("สุขพาภ", {"สุขภาพ": 9}, None, None, "two letters of other sounds"),
    ("ภุขภาพ", {"สุขภาพ": 9}, None, None, "another first sound"),
    ("สุขภาภ", {}, None, None, "nothing to choose from"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "counts", "most", "expected", "reason"), NEAREST, ids=[row[4] for row in NEAREST])
def test_nearest_word(word: str, counts: dict[str, int], most: float | None, expected: str | None, reason: str) -> None:
    assert nearest(word, sorted(counts), Lexicon(counts), most) == expected


LONG = [word for word in COUNTS if word.isascii() and len(word) > 8]


@settings(deadline=None)
@given(st.sampled_from(LONG), st.data())
def test_one_slip_inside_a_long_word_is_always_read_as_a_word_as_near(
    segmenter: Segmenter, lexicon: Lexicon, word: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(2, len(word) - 2))
    slip = data.draw(st.sampled_from(["left out", "twice", "swapped"]))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :] if at + 1 < len(word) else word
    typed = {"left out": word[:at] + word[at + 1 :], "twice": word[:at] + word[at] + word[at:], "swapped": swapped}[slip]
    assume(not lexicon.is_word(typed) and not lexicon.is_word(typed.removesuffix("s")))
    found = found_in(typed, segmenter, lexicon)
    assert [item.said for item in found] == [typed]
    assert distance(typed, found[0].meant) <= distance(typed, word) == 1


PIECES = ("goverment", "Flodd", "น้ำทวม", "ประชาชณ", "ประชาชน", "สปสข.", "ก", "ให้", "flood", " ", "-", "\u200b", "เ", "หัวเว่ย")


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_corrections_are_in_order_apart_and_change_strange_words_into_known_ones(
    segmenter: Segmenter, lexicon: Lexicon, text: str
) -> None:
    text = normalise(text)
    end = 0
    for item in corrections(text, segmenter.tokens(text), lexicon):
        assert end <= item.start < item.end <= len(text)
        assert text[item.start : item.end].lower() == item.said.lower()
        assert lexicon.is_word(item.meant)
        assert not lexicon.is_word(item.said.lower())
        end = item.end
