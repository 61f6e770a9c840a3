"""What was understood of a question, on the page and in the API: chips, corrections, receipts, and no close precedent."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import html

FLOOD_OF_2011 = "flood of 2011"


MAY_MOVE_NOTHING = ("term", "transliteration", "priority", "level")
"""Kinds of steps that add to a search and shut nothing out."""


@dataclass(frozen=True)
class Chip:
    """A step as the page shows it."""

    text: str
    url: str
    offered: bool


@dataclass(frozen=True)
class Shown:
    """What a search page says of its question."""

    chips: tuple[Chip, ...]
    literal: tuple[str, str]
    changed: tuple[str, ...]
    page: html.HtmlElement


def shown(client: TestClient, url: str) -> Shown:
    """The page at an address, read."""
    answer = client.get(url)
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    links = page.xpath('//*[@class="understood"]//li/a')
    seen = [
        ("".join(link.xpath("text() | span[@lang]/text()")).strip(), link.get("href"), str(link.get("class"))) for link in links
    ]  # without the texts for screen readers and the signs
    plain = [(text, url) for text, url, kind in seen if kind == "plain"]
    assert len(plain) <= 1
    return Shown(
        tuple(Chip(text, url, kind == "offered") for text, url, kind in seen if kind != "plain"),
        plain[0] if plain else ("", ""),
        tuple(said(note) for note in page.xpath('//p[contains(@class, "changed")][@role="status"]')),
        page,
    )


def said(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def asked(language: str, question: str) -> str:
    """The address of a question as the page writes it."""
    return f"/{language}/?q={quote(question, safe='').replace('%20', '+')}"


def found(client: TestClient, url: str) -> dict:
    """The API's answer for the question at a page's address."""
    return client.get("/api/v1/search", params=parse_qs(urlsplit(url).query)).json()


@pytest.mark.parametrize(
    ("question", "kind", "thai", "english"),
    [
        ("floods since 2015", "years", "เริ่มตั้งแต่ พ.ศ. 2558 (ค.ศ. 2015)", "begun in 2015 or later"),
        ("น้ำท่วมตั้งแต่ปี 2558", "years", "เริ่มตั้งแต่ พ.ศ. 2558 (ค.ศ. 2015)", "begun in 2015 or later"),  # B.E. is the same year
        ("floods in Laos", "country", "ประเทศ: ลาว", "Country: Lao PDR"),
        ("น้ำท่วมในลาว", "country", "ประเทศ: ลาว", "Country: Lao PDR"),
        ("floods in mainland southeast asia", "region", "ประเทศ: อาเซียนภาคพื้นทวีป", "Country: Mainland Southeast Asia"),
        ("กลุ่มอินโดจีน น้ำท่วม", "region", "ประเทศ: อินโดจีน", "Country: Indochina"),
        (
            "disaster management floods",
            "priority",
            "ให้ความสำคัญกับประเด็นสำคัญ: การบริหารความเสี่ยงและภาวะวิกฤต",
            "Priority first: Crisis and disaster management",
        ),
        (
            "ระดับท้องถิ่น น้ำท่วม",
            "level",
            "ให้ความสำคัญกับระดับการปกครอง: ระดับท้องถิ่น",
            "Level of government first: Local",
        ),
        ("floods", "term", "floods: ค้นหา น้ำท่วม / flood ด้วย", "floods: also as flood / น้ำท่วม"),
        ("น้ำท่วม", "term", "น้ำท่วม: ค้นหา น้ำท่วม / flood ด้วย", "น้ำท่วม: also as flood / น้ำท่วม"),
        (
            "น้ำของสิงค์โปร",
            "transliteration",
            "สิงค์โปร: ค้นหา singapore ซึ่งออกเสียงคล้ายกันด้วย",
            "สิงค์โปร: also as singapore, which sounds alike",
        ),
        ('"early warning" flood', "phrase", 'ตรงตามตัวอักษร "early warning"', 'exactly "early warning"'),
        ("flood -drought", "exclusion", "ไม่เอา drought", "without drought"),
        ("title:water flood", "field", "มีคำว่า water ในชื่อเรื่อง", "in the title: water"),
        ("ปี:2558 น้ำ", "field", "เริ่ม พ.ศ. 2558 (ค.ศ. 2015)", "begun in 2015"),
        ("country:laos water", "field", "ประเทศ: ลาว", "Country: Lao PDR"),
        ("status:stopped water", "field", "สถานะ: ทดลองแล้วยุติ", "Status: Tried and stopped"),
        ("ภูมิภาค:mekong น้ำ", "field", "ประเทศ: อนุภูมิภาคลุ่มแม่น้ำโขง", "Country: Mekong countries"),
    ],
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_a_step_is_a_chip_that_takes_it_back_and_brings_it_again(
    client: TestClient, language: str, question: str, kind: str, thai: str, english: str
) -> None:
    address = asked(language, question)
    steps = [step for step in found(client, address)["interpretation"]["steps"] if step["kind"] == kind]
    assert [step["applied"] for step in steps] == [True]
    text = thai if language == "th" else english
    before = next(chip for chip in shown(client, address).chips if chip.text == text)
    assert not before.offered
    assert parse_qs(urlsplit(before.url).query) == {"q": [question], "undo": [steps[0]["key"]]}
    undone = next(chip for chip in shown(client, before.url).chips if chip.text == before.text)
    assert undone.offered, "what was taken back can be had again"
    assert undone.url == address
    assert found(client, before.url)["hits"] != found(client, address)["hits"] or kind in MAY_MOVE_NOTHING


@pytest.mark.parametrize(
    ("question", "key", "thai", "english"),
    [
        (FLOOD_OF_2011, "years:2011", "เริ่ม พ.ศ. 2554 (ค.ศ. 2011)", "begun in 2011"),  # the year of an event
        ("น้ำท่วมปี 2554", "years:2011", "เริ่ม พ.ศ. 2554 (ค.ศ. 2011)", "begun in 2011"),
        ("what could Thailand do about floods", "country:TH", "ประเทศ: ไทย", "Country: Thailand"),  # the state that asks
    ],
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_an_offered_step_is_applied_by_its_chip_and_put_back_by_the_next(
    client: TestClient, language: str, question: str, key: str, thai: str, english: str
) -> None:
    address = asked(language, question)
    text = thai if language == "th" else english
    offered = next(chip for chip in shown(client, address).chips if chip.text == text)
    assert offered.offered
    assert parse_qs(urlsplit(offered.url).query) == {"q": [question], "redo": [key]}
    applied = next(chip for chip in shown(client, offered.url).chips if chip.text == text)
    assert not applied.offered
    assert applied.url == address
    assert 0 < found(client, offered.url)["total"] < found(client, address)["total"], "an applied year or state narrows"


@pytest.mark.parametrize(
    ("language", "there", "back"),
    [
        ("th", "ค้นหาตามตัวอักษร", "ให้ระบบตีความคำถามอีกครั้ง"),
        ("en", "Read it word by word", "Read the question again with its meaning"),
    ],
)
def test_a_question_can_be_read_word_by_word_and_again_with_its_meaning(
    client: TestClient, language: str, there: str, back: str
) -> None:
    address = asked(language, "floods in Laos since 2015")
    text, literal = shown(client, address).literal
    assert text == there
    page = shown(client, literal)
    assert page.chips == ()
    assert page.literal == (back, address)
    read = found(client, literal)["interpretation"]
    assert (read["steps"], read["filters"], read["year_from"]) == ([], {}, None)
    assert found(client, literal)["total"] > found(client, address)["total"]


def test_a_question_in_which_nothing_was_read_has_no_chips(client: TestClient) -> None:
    page = shown(client, asked("en", "zebra xylophone quantum"))
    assert (page.chips, page.literal, page.changed) == ((), ("", ""), ())
    assert page.page.xpath('//*[@class="understood"]') == []


def test_chips_keep_what_was_chosen_and_what_was_taken_back_before(client: TestClient) -> None:
    first = shown(client, "/en/?q=floods+in+Laos+since+2015&kind=practice&page=1").chips
    years = next(chip for chip in first if chip.text.startswith("begun"))
    country = next(chip for chip in shown(client, years.url).chips if chip.text.startswith("Country"))
    assert parse_qs(urlsplit(country.url).query) == {
        "q": ["floods in Laos since 2015"],
        "kind": ["practice"],
        "undo": ["country:LA", "years:2015.."],
    }
    page = shown(client, country.url).page
    narrower = page.xpath('//aside//li/a[contains(@href, "level=")]/@href')
    assert narrower
    assert all(parse_qs(urlsplit(url).query)["undo"] == ["country:LA", "years:2015.."] for url in narrower)
    assert any("undo=" in url for url in page.xpath('//a[@hreflang="th"]/@href')), "the other language keeps it too"


@pytest.mark.parametrize(
    ("question", "meant", "key"),
    [
        ("floood", "flood", "spelling:flood"),
        ("น้ำทวม", "น้ำท่วม", "spelling:น้ำท่วม"),  # without its tone mark
        ("ohemj;,", "น้ำท่วม", "keyboard:น้ำท่วม"),  # Thai on an English keyboard
        ("ดสนนก", "flood", "keyboard:flood"),  # English on a Thai keyboard
    ],
)
@pytest.mark.parametrize(
    ("language", "says", "leave"),
    [
        ("th", "แสดงผลของ {} แทน {}", "ค้นหาตามที่พิมพ์"),
        ("en", "Showing results for {} instead of {}", "Search for what was typed"),
    ],
)
def test_a_correction_is_announced_with_a_link_to_what_was_typed(
    client: TestClient, language: str, says: str, leave: str, question: str, meant: str, key: str
) -> None:
    address = asked(language, question)
    page = shown(client, address)
    assert page.changed == (f"{says.format(meant, question)} {leave}",)
    assert [chip for chip in page.chips if question in chip.text and meant in chip.text] == [], "said once is enough"
    assert page.page.xpath('//input[@id="q"]/@value') == [question], "what was typed stays in the box"
    (typed,) = page.page.xpath('//p[contains(@class, "changed")]/a')
    assert parse_qs(urlsplit(typed.get("href")).query) == {"q": [question], "undo": [key]}
    again = shown(client, typed.get("href"))
    assert again.changed == (says.format(meant, question),), "the correction is still offered"
    assert again.page.xpath('//p[contains(@class, "changed")]/a/@href') == [address]
    assert found(client, typed.get("href"))["interpretation"]["text"] == question


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("zebra xylophone quantum", "xylophone"),
        ("ไวโอลินแมงกะพรุน", "แมงกะพรุน"),
    ],
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_no_close_precedent_is_said_with_the_missing_words_and_how_it_is_decided(
    client: TestClient, language: str, question: str, word: str
) -> None:
    address = asked(language, question)
    answer = found(client, address)
    assert answer["verdict"] == "no-close-precedent"
    assert word in answer["hits"][0]["missing"]
    page = shown(client, address).page
    (notice,) = page.xpath('//div[contains(@class, "nearest")]')
    assert len(notice.xpath('p[@role="status"]')) == 1
    assert ("No close precedent was found." if language == "en" else "ไม่พบกรณีที่ใกล้เคียง") in said(notice)
    assert notice.xpath("p//a/@href") == [f"/{language}/how"]
    told = [
        [said(word) for word in item.xpath('.//p[contains(@class, "missing")]/s')]
        for item in page.xpath('//ol[@class="hits"]/li')
    ]
    assert told == [hit["missing"] for hit in answer["hits"]]


def test_a_close_precedent_comes_without_that_notice_and_without_missing_words(client: TestClient) -> None:
    address = asked("en", "flood warning")
    assert found(client, address)["verdict"] == "match"
    page = shown(client, address).page
    assert page.xpath('//div[contains(@class, "nearest")]') == []
    assert page.xpath('//*[contains(@class, "missing")]') == []


@pytest.mark.parametrize(
    ("question", "form", "words", "thai", "english"),
    [
        ("flood warning", "exact", "warning", "ตรงกับที่พิมพ์", "as you typed it"),
        ("payments", "inflected", "payment", "คำเดียวกันในรูปอื่น", "another form of a word"),
        ("เหลื่อมล้ำ", "part", "ความเหลื่อมล้ำ", "เป็นส่วนหนึ่งของคำ", "as part of a word"),
        ("แผน 2563", "year", "2020", "ปีเดียวกันในอีกศักราช", "the year in the other era"),
        ("floods", "expanded", "น้ำท่วม", "ชื่ออื่นของคำเดียวกัน", "another name of the same term"),
        ("floood warning", "corrected", "flood", "แก้คำสะกดแล้ว", "corrected spelling"),
    ],
)
def test_each_form_of_matching_has_its_receipt_in_the_api_and_in_both_languages_of_the_page(
    client: TestClient, question: str, form: str, words: str, thai: str, english: str
) -> None:
    hits = found(client, asked("en", question))["hits"]
    passages = [passage for hit in hits for passage in hit["passages"]]
    for passage in passages:
        for match in passage["matches"]:
            assert passage["text"][match["start"] : match["end"]] == match["text"]
            assert match["form"] in ("exact", "inflected", "part", "year", "expanded", "corrected")
        assert passage["why"] == ("words" if passage["matches"] else "meaning")
    at = next(
        number
        for number, hit in enumerate(hits)
        if (form, words) in {(match["form"], match["text"]) for p in hit["passages"] for match in p["matches"]}
    )
    for language, name in (("th", thai), ("en", english)):
        item = shown(client, asked(language, question)).page.xpath('//ol[@class="hits"]/li')[at]
        receipts = {
            said(row.find("dt")): said(row.find("dd")).split(", ") for row in item.xpath('.//details[@class="why"]//dl/div')
        }
        assert words in receipts[name]


@pytest.mark.parametrize(
    ("question", "reader", "summary"),
    [
        ("flood warning", "th", "ข้อความเดียวกันในภาษาไทย"),
        ("เตือนภัยน้ำท่วม", "en", "The same passage in English"),
    ],
)
def test_a_passage_in_the_other_language_comes_with_the_same_one_in_the_readers(
    client: TestClient, question: str, reader: str, summary: str
) -> None:
    answer = client.get("/api/v1/search", params={"q": question, "reader": reader}).json()
    passages = [passage for hit in answer["hits"] for passage in hit["passages"]]
    aligned = [passage for passage in passages if passage["aligned"]]
    assert aligned
    for passage in aligned:
        assert passage["aligned"]["key"] == passage["twin"]
        assert (passage["aligned"]["lang"], passage["lang"] != reader) == (reader, True)
        assert passage["aligned"]["section"] == passage["section"]
    page = shown(client, asked(reader, question)).page
    details = page.xpath('//details[@class="aligned"]')
    assert {said(item.find("summary")) for item in details} == {summary}
    assert [item.find("p").get("lang") for item in details] == [reader] * len(aligned)
    assert [said(item.find("p")) for item in details] == [" ".join(p["aligned"]["text"].split()) for p in aligned]


def test_the_language_of_aligned_passages_is_thai_or_english(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "flood", "reader": "fr"})
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    "question",
    [
        '"<script>alert(1)</script>" flood',  # a quoted phrase is repeated in its chip
        "title:<img/src=x/onerror=alert(1)>",  # so is a title
        "flood -<svg/onload=alert(1)>",
        '"><script>alert(1)</script> floood',  # in the note of a correction, and in the box
    ],
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_what_is_repeated_of_a_question_is_text_and_never_markup(client: TestClient, language: str, question: str) -> None:
    page = shown(client, asked(language, question)).page
    scripts = [script.get("src", "").partition("?")[0] for script in page.iter("script")]
    assert sorted(scripts) == ["/static/list.js", "/static/suggest.js", "/static/theme.js"]
    assert page.xpath("//*[@onerror or @onload]") == []
    assert page.xpath("//main//img") == []
    assert page.xpath('//input[@id="q"]/@value') == [question]


@pytest.mark.parametrize("keys", [["no-such"], ["term:no-such", "years:x", "all:"], ["ก" * 500], ["\x00"], [""] * 30])
def test_unknown_keys_of_steps_change_nothing(client: TestClient, keys: list[str]) -> None:
    plain = client.get("/api/v1/search", params={"q": "floods in Laos"}).json()
    assert client.get("/api/v1/search", params={"q": "floods in Laos", "undo": keys, "redo": keys}).json() == plain


@pytest.mark.parametrize("name", ["undo", "redo"])
def test_too_many_keys_are_refused_in_one_line(client: TestClient, name: str) -> None:
    answer = client.get("/api/v1/search", params={"q": "flood", name: ["x"] * 31})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(f"{name}: ")
