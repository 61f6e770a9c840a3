"""Suggestions, records like a practice or a pasted text, and the page that tells how search works."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from lxml import html

from kb.search.calibration import calibration
from kb.search.similar import MAX_TEXT
from web.routes import MAX_POSTED

CASE = "th-hat-yai-flood-warning"
DRAFT = {
    "th": "เทศบาลแจ้งเตือนน้ำท่วมด้วยธงสี ประชาชนย้ายของขึ้นที่สูงได้ทัน",
    "en": "The city warns of floods with coloured flags, so that people move their belongings in time.",
}
HOSTILE = '</textarea><script>alert(1)</script><img src=x onerror=alert(1)> flood & "ไฟ"'


def said(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def one_line(answer: object, status: int) -> str:
    """The one line of an error of the API."""
    assert answer.status_code == status  # type: ignore[attr-defined]
    body = answer.json()  # type: ignore[attr-defined]
    assert list(body) == ["error"]
    assert body["error"]
    assert "\n" not in body["error"]
    return str(body["error"])


# Suggestions


@pytest.mark.parametrize(
    ("typed", "text", "other", "kind", "language"),
    [
        ("floo", "flood", "น้ำท่วม", "term", "en"),
        ("FLOO", "flood", "น้ำท่วม", "term", "en"),  # case does not matter
        ("น้ำท่", "น้ำท่วม", "flood", "term", "th"),
        ("นำท", "น้ำท่วม", "flood", "term", "th"),  # nor do tone marks
    ],
)
def test_a_beginning_is_completed_with_its_counterpart(
    client: TestClient, typed: str, text: str, other: str, kind: str, language: str
) -> None:
    found = client.get("/api/v1/suggest", params={"q": typed}).json()
    assert {"text": text, "other": other, "kind": kind, "language": language, "record": None} in found
    assert len({entry["text"] for entry in found}) == len(found) <= 8


def test_a_title_is_suggested_with_the_record_that_it_leads_to(client: TestClient) -> None:
    title = client.get(f"/api/v1/practices/{CASE}").json()["faces"]["th"]["title"]
    found = client.get("/api/v1/suggest", params={"q": title[:40], "limit": 20}).json()
    assert (title, "title", CASE) in {(entry["text"], entry["kind"], entry["record"]) for entry in found}


@pytest.mark.parametrize("typed", ["", " ", "...", "\x00", "😀", "%_*", "zzzzqx", "<script>"])
def test_nothing_is_suggested_for_what_begins_no_word(client: TestClient, typed: str) -> None:
    answer = client.get("/api/v1/suggest", params={"q": typed})
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (3, 3), (20, 20)])
def test_there_are_as_many_suggestions_as_asked_for(client: TestClient, limit: int, count: int) -> None:
    found = client.get("/api/v1/suggest", params={"q": "ก", "limit": limit}).json()
    assert len(found) == count
    assert found == client.get("/api/v1/suggest", params={"q": "ก", "limit": 20}).json()[:count]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"q": "x" * 201}, "q"),
        ({"q": "flood", "limit": "0"}, "limit"),
        ({"q": "flood", "limit": "21"}, "limit"),
        ({"q": "flood", "limit": "many"}, "limit"),
    ],
)
def test_a_wrong_parameter_of_suggestions_is_named_in_one_line(
    client: TestClient, parameters: dict[str, str], names: str
) -> None:
    assert one_line(client.get("/api/v1/suggest", params=parameters), 422).startswith(f"{names}: ")


def test_the_longest_text_that_may_be_typed_is_answered(client: TestClient) -> None:
    assert client.get("/api/v1/suggest", params={"q": "flood" * 40}).json() == []


# Like a practice


@pytest.mark.parametrize("limit", [1, 5, 20])
def test_records_like_a_practice_come_best_first_without_itself(client: TestClient, limit: int) -> None:
    found = client.get(f"/api/v1/practices/{CASE}/similar", params={"limit": limit}).json()
    assert len(found) == limit
    assert CASE not in [row["id"] for row in found]
    assert len({row["id"] for row in found}) == limit
    assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
    for row in found:
        assert set(row) == {"id", "kind", "title", "summary", "country", "start", "score", "passage"}
        assert set(row["passage"]) == {"language", "section", "part", "text", "key", "source", "score"}
        assert row["passage"]["text"]
        assert row["passage"]["source"] != row["passage"]["text"]


def test_five_records_are_given_where_no_number_is_asked_for(client: TestClient) -> None:
    assert len(client.get(f"/api/v1/practices/{CASE}/similar").json()) == 5
    assert len(client.post("/api/v1/similar", json={"text": DRAFT["en"]}).json()) == 5


def test_an_unknown_practice_has_nothing_like_it(client: TestClient) -> None:
    assert "no such practice" in one_line(client.get("/api/v1/practices/no-such/similar"), 404)


@pytest.mark.parametrize("limit", ["0", "21", "-1", "x"])
def test_a_wrong_number_of_similar_records_is_refused(client: TestClient, limit: str) -> None:
    assert one_line(client.get(f"/api/v1/practices/{CASE}/similar", params={"limit": limit}), 422).startswith("limit: ")


@pytest.mark.parametrize(("language", "heading"), [("th", "กรณีที่คล้ายกัน"), ("en", "More like this")])
@pytest.mark.parametrize("case", [CASE, "kh-idpoor", "asean-pemna"])
def test_the_page_of_a_practice_shows_more_like_it_once_and_never_itself(
    client: TestClient, language: str, heading: str, case: str
) -> None:
    page = html.fromstring(client.get(f"/{language}/practices/{case}").text)
    (section,) = page.xpath('//section[@aria-labelledby="similar-heading"]')
    assert said(section.find("h2")) == heading
    links = section.xpath(".//h3/a/@href")
    near = [row["id"] for row in client.get(f"/api/v1/practices/{case}/similar").json()]
    related = {url.rpartition("/")[2] for url in page.xpath('//section[@id="related"]//a/@href')}
    assert links == [f"/{language}/practices/{record}" for record in near if record not in related]
    assert links
    assert f"/{language}/practices/{case}" not in links
    assert all(said(passage) for passage in section.xpath('.//p[@class="passage"]'))


# Like a text


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_posted_text_finds_records_and_says_which_of_its_passages_they_are_near_to(client: TestClient, language: str) -> None:
    found = client.post("/api/v1/similar", json={"text": DRAFT[language], "limit": 3}).json()
    assert len(found) == 3
    for row in found:
        assert row["passage"]["source"] in DRAFT[language]
        assert row["passage"]["score"] <= 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "text: "),
        ({"text": ""}, "no words"),
        ({"text": " \n\t "}, "no words"),
        ({"text": "...!?"}, "no words"),
        ({"text": "x" * (MAX_TEXT + 1)}, "text: "),
        ({"text": 5}, "text: "),
        ({"text": None}, "text: "),
        ({"text": "flood", "limit": 0}, "limit: "),
        ({"text": "flood", "limit": 21}, "limit: "),
        ({"text": "flood", "limit": "many"}, "limit: "),
        ([], ""),
        ("text", ""),
    ],
)
def test_a_text_that_cannot_be_compared_is_refused_in_one_line(client: TestClient, body: object, says: str) -> None:
    assert says in one_line(client.post("/api/v1/similar", json=body), 422)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"text=flood"])
def test_what_is_no_json_is_refused_in_one_line(client: TestClient, content: bytes) -> None:
    answer = client.post("/api/v1/similar", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    one_line(answer, answer.status_code)


def test_the_longest_text_that_is_accepted_is_compared(client: TestClient) -> None:
    text = ("flood warning. " * MAX_TEXT)[:MAX_TEXT]
    assert len(client.post("/api/v1/similar", json={"text": text}).json()) == 5


def test_a_text_is_only_posted_so_that_it_stands_in_no_log(client: TestClient) -> None:
    assert client.get("/api/v1/similar", params={"text": "flood"}).status_code == 405
    assert html.fromstring(client.get("/en/similar?text=flood").text).xpath("string(//textarea)").strip() == ""


@pytest.mark.parametrize(("language", "button"), [("th", "ค้นหากรณี"), ("en", "Find cases")])
def test_the_form_asks_for_a_page_and_says_how_much(client: TestClient, language: str, button: str) -> None:
    page = html.fromstring(client.get(f"/{language}/similar").text)
    (form,) = page.xpath('//form[@class="draft"]')
    assert (form.get("method"), form.get("action")) == ("post", f"/{language}/similar")
    (field,) = form.xpath(".//textarea")
    label = said(form.xpath(f'.//label[@for="{field.get("id")}"]')[0])
    assert str(MAX_TEXT) in label.replace(",", "")
    assert button in said(form.xpath(".//button")[0])
    assert page.xpath('//*[@id="found"]') == []


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("draft", ["th", "en"])
def test_a_posted_page_finds_cases_in_both_languages_of_the_interface(client: TestClient, language: str, draft: str) -> None:
    answer = client.post(f"/{language}/similar", data={"text": DRAFT[draft]})
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    near = [row["id"] for row in client.post("/api/v1/similar", json={"text": DRAFT[draft], "limit": 10}).json()]
    found = page.xpath('//section[@aria-labelledby="found"]//h3/a/@href')
    assert [url.rpartition("/")[2] for url in found] == near
    assert len(near) == 10
    assert all(url.startswith((f"/{language}/practices/", f"/{language}/documents/")) for url in found)
    assert {said(item.find("p")) for item in page.xpath('//details[@class="aligned"]')} == {DRAFT[draft]}
    assert page.xpath("string(//textarea)").strip() == DRAFT[draft]


@pytest.mark.parametrize(
    ("text", "thai", "english"),
    [
        ("", "ไม่พบคำในข้อความ", "The text has no words"),
        (" \r\n ", "ไม่พบคำในข้อความ", "The text has no words"),
        ("?!...", "ไม่พบคำในข้อความ", "The text has no words"),
        ("flood " * (MAX_TEXT // 6 + 1), f"ไม่เกิน {MAX_TEXT} ตัวอักษร", f"at most {MAX_TEXT} characters"),
        ("ก" * (MAX_TEXT + 1), f"ไม่เกิน {MAX_TEXT} ตัวอักษร", f"at most {MAX_TEXT} characters"),
        (HOSTILE * (MAX_TEXT // len(HOSTILE) + 1), f"ไม่เกิน {MAX_TEXT} ตัวอักษร", f"at most {MAX_TEXT} characters"),
    ],
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_a_text_that_cannot_be_compared_stays_in_the_form_beside_one_line(
    client: TestClient, language: str, text: str, thai: str, english: str
) -> None:
    answer = client.post(f"/{language}/similar", data={"text": text})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    (error,) = page.xpath('//*[@role="alert"]')
    assert (thai if language == "th" else english) in said(error)
    (field,) = page.xpath("//textarea")
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby") == error.get("id")
    assert field.text_content().strip() == text.replace("\r\n", "\n").strip()
    assert page.xpath('//*[@id="found"]') == []
    assert [one for one in page.iter("script") if not one.get("src", "").startswith("/static/")] == [], "only scripts of ours"


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_text_far_too_long_gets_one_line_and_no_echo(client: TestClient, language: str) -> None:
    answer = client.post(f"/{language}/similar", data={"text": "x" * (MAX_POSTED + 1)})
    assert answer.status_code == 422
    assert len(answer.content) < 10_000
    assert len(html.fromstring(answer.text).xpath('//*[@role="alert"]')) == 1


def test_line_ends_of_a_browser_count_once(client: TestClient) -> None:
    text = ("flood\n" * MAX_TEXT)[:MAX_TEXT]
    assert client.post("/en/similar", data={"text": text.replace("\n", "\r\n")}).status_code == 200


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_hostile_text_is_shown_as_text(client: TestClient, language: str) -> None:
    answer = client.post(f"/{language}/similar", data={"text": HOSTILE})
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    assert [one for one in page.iter("script") if not one.get("src", "").startswith("/static/")] == [], "only scripts of ours"
    assert page.xpath("//main//img") == []
    assert page.xpath("string(//textarea)").strip() == HOSTILE
    assert "alert(1)" in said(page.xpath('//details[@class="aligned"]/p')[0])


# How search works


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_page_that_explains_shows_every_threshold_and_its_curve(client: TestClient, language: str) -> None:
    page = html.fromstring(client.get(f"/{language}/how").text)
    shipped = calibration()
    shown = {}
    for details in page.xpath('//details[@class="curve"]'):
        summary = said(details.find("summary"))
        numbers = re.findall(r"\d\.\d+", summary)
        assert len(numbers) == 1
        rows = [[said(cell) for cell in row] for row in details.xpath(".//tbody/tr")]
        thresholds = [float(row[0].split()[0]) for row in rows]
        chosen = [float(said(cell).split()[0]) for cell in details.xpath('.//tr[@class="chosen"]/th')]
        shown[summary] = (float(numbers[0]), thresholds, [row[1:] for row in rows], chosen)
    assert len(shown) == len(shipped.close) == 4
    for (summary, (threshold, thresholds, shares, chosen)), pair in zip(shown.items(), sorted(shipped.close), strict=True):
        curve = shipped.curves[pair]
        names = {"th": ("ภาษาไทย", "ภาษาอังกฤษ"), "en": ("Thai", "English")}[language]
        assert [names[code == "en"] for code in pair] == re.findall("|".join(names), summary)
        assert threshold == pytest.approx(shipped.close[pair], rel=0.1), "a threshold of 0.0003 is not 0.00"
        assert thresholds == pytest.approx(list(curve.thresholds), rel=0.1)
        assert shares == [[f"{a:.0%}", f"{b:.0%}"] for a, b in zip(curve.recognised, curve.false_alarm, strict=True)]
        assert chosen == [threshold]


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_page_that_explains_counts_what_is_there(client: TestClient, language: str) -> None:
    text = said(html.fromstring(client.get(f"/{language}/how").text).xpath("//main")[0])
    health = client.get("/healthz").json()
    assert str(health["practices"] + health["documents"]) in text
    assert f"{calibration().false_alarm:.1%}" in text
    assert "{" not in text, "a place in a sentence was left empty"


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_leads_to_how_search_works(client: TestClient, language: str) -> None:
    for path in ("", "about", "similar", f"practices/{CASE}", f"?q={quote('น้ำท่วม')}"):
        page = html.fromstring(client.get(f"/{language}/{path}").text)
        assert f"/{language}/how" in page.xpath("//footer//a/@href")
