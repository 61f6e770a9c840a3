"""Pages on fit, comparison and lists, over the whole corpus."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from test_pages import Checker

from kb.repository import Repository
from web.compare_pages import safe_cell
from web.links import PAGE_SIZE

LOCAL = "country:LA,level:local,law:no,sponsor:yes,partners:yes"
OTHER_ORDER = "id-mal-pelayanan-publik"
"""A case with the levels of th-traffy-fondue, named in another order."""
TWO = "id=th-traffy-fondue&id=id-petabencana"


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/context",
        f"/context?fit={LOCAL}&for=th-traffy-fondue",
        "/practices/th-traffy-fondue/fit",
        f"/practices/id-mal-pelayanan-publik/fit?fit={LOCAL}",
        "/fit",
        f"/fit?fit={LOCAL}&priority=service-delivery",
        f"/fit?fit={LOCAL}&q=น้ำท่วม&page=2",
        "/compare",
        f"/compare?{TWO}&id=vn-da-nang-1022&fit={LOCAL}&order=fit",
        "/list",
        f"/list?{TWO}",
    ],
)
def test_every_page_is_sound_html(client: TestClient, language: str, path: str) -> None:
    answer = client.get(f"/{language}{path}")
    assert answer.status_code == 200
    page = Checker(answer.text)
    assert page.faults == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert "style=" not in answer.text
    assert "<script>" not in answer.text


# The context


def test_a_sent_form_is_answered_with_an_address_that_carries_the_answers(client: TestClient) -> None:
    answer = client.get("/en/context?set=1&country=LA&level=local&law=no&sponsor=&size=", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/en/context?fit=country:LA,level:local,law:no"
    back = client.get("/th/context?set=1&law=yes&for=th-traffy-fondue", follow_redirects=False)
    assert back.headers["location"] == "/th/practices/th-traffy-fondue/fit?fit=law:yes"
    assert "set-cookie" not in answer.headers


def test_the_form_shows_the_answers_that_it_was_given(client: TestClient) -> None:
    text = client.get(f"/en/context?fit={LOCAL}").text
    assert '<option value="LA" selected>Lao PDR</option>' in text
    assert 'name="law" value="no" checked' in text
    assert 'name="identity" value="" checked' in text, "what was not answered stays open"


@pytest.mark.parametrize(
    ("language", "line"), [("en", "could not be read"), ("th", "อ่านบริบทในที่อยู่ไม่ได้")], ids=["english", "thai"]
)
@pytest.mark.parametrize("fit", ["law:perhaps", "x" * 5000, "<script>alert(1)</script>"])
def test_a_broken_context_gets_a_line_in_the_readers_language_and_the_page(
    client: TestClient, language: str, line: str, fit: str
) -> None:
    for path, status in (("context", 422), ("fit", 200), (f"compare?{TWO}", 200), (f"list?{TWO}", 200)):
        answer = client.get(f"/{language}/{path}", params={"fit": fit, **parse_qs(urlsplit(path).query)})
        assert answer.status_code == status
        assert line in answer.text
        assert "<script>alert" not in answer.text


# A case beside the context


@pytest.mark.parametrize(
    ("language", "outcomes", "quote"),
    [
        ("en", ["Missing", "Met"], "A presidential rule that covers all bodies"),
        ("th", ["ยังขาด", "มีแล้ว"], "มีกฎหมายระดับประธานาธิบดี"),
    ],
)
def test_a_case_tells_what_is_missing_with_the_passage_and_its_place(
    client: TestClient, language: str, outcomes: list[str], quote: str
) -> None:
    text = client.get(f"/{language}/practices/id-mal-pelayanan-publik/fit?fit={LOCAL}").text
    needs = re.findall(r'<li class="(missing|unknown|met)">(.*?)</li>', text, re.S)
    assert [outcome for outcome, _ in needs] == sorted((o for o, _ in needs), key=["missing", "unknown", "met"].index)
    law = needs[0]
    assert law[0] == "missing"
    assert quote in law[1]
    assert f'href="/{language}/practices/id-mal-pelayanan-publik#enabling-{language}"' in law[1]
    assert all(outcome in text for outcome in outcomes), "the outcome is said in words, not by colour alone"


def test_without_a_context_every_need_is_unknown_and_the_reader_is_invited(client: TestClient) -> None:
    text = client.get("/en/practices/id-mal-pelayanan-publik/fit").text
    assert set(re.findall(r'<li class="(missing|unknown|met)">', text)) == {"unknown"}
    assert "/en/context?for=id-mal-pelayanan-publik" in text
    assert "says nothing about" in text


def test_the_box_alone_is_a_fragment_and_the_practice_page_has_its_place(client: TestClient) -> None:
    box = client.get(f"/en/practices/th-traffy-fondue/fit?part=box&fit={LOCAL}")
    assert box.status_code == 200
    assert "<html" not in box.text
    assert '<ul class="needs">' in box.text
    page = client.get("/en/practices/th-traffy-fondue").text
    assert '<section id="fit" class="fit" data-record="th-traffy-fondue"' in page
    assert 'href="/en/practices/th-traffy-fondue/fit"' in page, "the box can be reached without the script"


def test_a_passage_in_the_other_language_is_marked_and_has_the_readers_paragraph_beside_it(
    client: TestClient, fake_corpus_repository: Repository
) -> None:
    with fake_corpus_repository.store() as store:
        every = fake_corpus_repository.fit.needs(store.practice_hashes(), store)
    name, need = next(
        (name, need) for name, needs in every.items() for need in needs if need.quotes and need.around("en") is not None
    )
    text = client.get(f"/en/practices/{name}/fit").text
    assert f'<p lang="th">{need.quote("en").text}'.replace('"', "&#34;").replace("&#34;th&#34;", '"th"') in text
    assert "The whole paragraph in English" in text


@pytest.mark.parametrize("record", ["no-such", "doc-proceedings-1", "%2e%2e%2fetc"])
def test_what_is_no_practice_has_no_fit(client: TestClient, record: str) -> None:
    assert client.get(f"/en/practices/{record}/fit").status_code == 404


# Cases ordered by fit


def test_cases_stand_in_the_order_of_their_score_on_pages(client: TestClient) -> None:
    shown = []
    for number in (1, 2):
        text = client.get(f"/en/fit?fit={LOCAL}&page={number}").text
        rows = re.findall(r"fit\?fit=[^\"]+\">(\d+) met, (\d+) missing", text)
        assert len(rows) == PAGE_SIZE
        shown += [(int(met), int(missing)) for met, missing in rows]
    scores = [(met - missing) / (met + missing + 1) for met, missing in shown]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_the_list_narrows_by_priority_and_by_question(client: TestClient) -> None:
    total = lambda path: int(re.findall(r"<h2>(\d+) cases</h2>", client.get(path).text)[0])  # noqa: E731
    every, priority, both = (
        total(f"/en/fit?fit={LOCAL}{more}")
        for more in ("", "&priority=service-delivery", "&priority=service-delivery&q=complaints")
    )
    assert every > priority >= both > 0
    assert total("/en/fit?priority=nonsense") == every, "a priority that is none narrows nothing"


def test_the_order_for_the_script_leaves_out_what_is_not_here(client: TestClient) -> None:
    answer = client.get(f"/th/fit.json?{TWO}&id=no-such&fit={LOCAL}").json()
    assert answer["stated"] is True
    assert {row["id"] for row in answer["practices"]} == {"th-traffy-fondue", "id-petabencana"}
    scores = [row["score"] for row in answer["practices"]]
    assert scores == sorted(scores, reverse=True)


# Comparison


def test_equal_facts_are_one_cell_and_differences_are_said(client: TestClient) -> None:
    text = client.get("/en/compare?id=id-petabencana&id=id-oss-licensing").text
    rows = dict(re.findall(r'<tr class="(?:same|differs)">\s*<th scope="row">(.*?)<span class="tag">(.*?)</span>', text))
    assert rows["Country"] == "same in all"
    assert rows["Place"] == "differs"
    country = text[text.index(">Country<") :]
    assert country[: country.index("</tr>")].count("<td") == 1
    assert 'colspan="2"' in country[: country.index("</tr>")]
    assert '<li class="only">' in text
    for section in ("Summary", "Enabling conditions", "Transfer"):
        assert section in rows


def test_the_same_values_in_another_order_are_the_same(client: TestClient) -> None:
    levels = [client.get(f"/api/v1/practices/{record}").json()["levels"] for record in ("th-traffy-fondue", OTHER_ORDER)]
    assert levels[0] == levels[1][::-1] != levels[1]
    fields = client.get(f"/en/compare.json?id=th-traffy-fondue&id={OTHER_ORDER}").json()["fields"]
    assert [field["same"] for field in fields if field["name"] == "Level of government"] == [True]


@pytest.mark.parametrize(
    ("query", "status", "line", "columns"),
    [
        ("id=th-traffy-fondue", 422, "Choose at least two", 0),
        ("id=th-traffy-fondue&id=th-traffy-fondue", 422, "Choose at least two", 0),  # the same one twice
        ("id=x&id=y", 422, "2 of the cases are not here", 0),
        (f"{TWO}&id=no-such", 200, "1 of the cases are not here", 2),
        (f"{TWO}&id=vn-da-nang-1022&id=th-thaid&id=la-nam-theun-2", 200, "At most 4 cases", 4),
    ],
)
def test_a_wrong_number_of_cases_gets_a_line_and_a_useful_page(
    client: TestClient, query: str, status: int, line: str, columns: int
) -> None:
    answer = client.get(f"/en/compare?{query}")
    assert answer.status_code == status
    assert line in answer.text
    assert len(re.findall(r'<th scope="col"><a', answer.text)) == columns
    if not columns:
        assert 'href="/en/list"' in answer.text
        for end in ("csv", "json"):
            assert client.get(f"/en/compare.{end}?{query}").status_code == 422


def test_csv_is_read_back_whole_with_thai_and_no_claim_marks(client: TestClient) -> None:
    answer = client.get(f"/th/compare.csv?{TWO}&fit={LOCAL}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {3}
    assert rows[1] == ["id", "th-traffy-fondue", "id-petabencana"]
    assert "ประเทศ" in {row[0] for row in rows}
    assert "[^" not in answer.text
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+66 2", "'+66 2"),
        ("@here", "'@here"),
        ("-5", "'-5"),
        ("\tx", "'\tx"),
        (" =1+1", "' =1+1"),  # spreadsheets trim
        ("- one\n- two", "• one\n• two"),  # a list is no formula
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_no_cell_is_taken_for_a_formula(cell: str, safe: str) -> None:
    assert safe_cell(cell) == safe


def test_json_tells_what_is_the_same(client: TestClient) -> None:
    answer = client.get("/en/compare.json?id=id-petabencana&id=id-oss-licensing").json()
    fields = {field["name"]: field for field in answer["fields"]}
    assert fields["Country"] == {
        "name": "Country",
        "same": True,
        "cases": {"id-petabencana": ["Indonesia"], "id-oss-licensing": ["Indonesia"]},
    }
    assert fields["Summary"]["cases"]["id-petabencana"]["language"] == "en"
    assert answer["titles"]["id-petabencana"]["th"]


# The list


def test_a_shared_list_works_without_a_script(client: TestClient) -> None:
    text = client.get(f"/en/list?{TWO}&id=no-such").text
    assert "1 of the cases are not here" in text
    assert re.findall(r'<input type="hidden" name="id" value="([^"]+)">', text) == ["th-traffy-fondue", "id-petabencana"]
    assert len(re.findall(r'<textarea name="note"', text)) == 2, "as many notes as ids"
    assert 'action="/en/briefing.pdf" method="post"' in text
    assert 'formaction="/en/briefing.docx"' in text
    assert re.findall(r'name="id" value="([^"]+)" form="compare-form"', text) == ["th-traffy-fondue", "id-petabencana"]


def test_a_list_has_a_hundred_cases_at_most(client: TestClient) -> None:
    from test_pages import IDS

    text = client.get("/en/list?" + "&".join(f"id={record}" for record in IDS[:120])).text
    assert "at most 100 cases" in text
    assert len(re.findall(r'<input type="hidden" name="id"', text)) == 100


def test_a_shared_list_is_ordered_by_fit(client: TestClient) -> None:
    query = "id=id-mal-pelayanan-publik&id=id-solo-street-vendors"
    ids = lambda path: re.findall(r'<input type="hidden" name="id" value="([^"]+)">', client.get(path).text)  # noqa: E731
    assert ids(f"/en/list?{query}")[0] == "id-mal-pelayanan-publik"
    assert ids(f"/en/list?{query}&order=fit")[0] == "id-mal-pelayanan-publik", "no context, no order"
    assert ids(f"/en/list?{query}&order=fit&fit={LOCAL}")[0] == "id-solo-street-vendors"


def test_scripts_hold_no_text_for_readers() -> None:
    folder = Path(__file__).parents[2] / "web" / "static"
    for name in ("list.js", "fit.js"):
        source = re.sub(r"//.*", "", (folder / name).read_text(encoding="utf-8"))
        texts = re.findall(r'textContent = "([^"]+)"', source)
        assert texts == [], "texts come from the page, in its language"
