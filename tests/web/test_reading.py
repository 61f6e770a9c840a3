"""The page of a practice: at a glance, whose word, faces and their state, marked words, addresses that stay good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import html

from kb.corpus import practice_files, read_practice
from kb.moved import MovedRecords, moved_file
from kb.records import Bilingual, Face, Lang, Lineage, Practice, Verified
from kb.store import RecordRow
from kb.taxonomy import Taxonomy, load_taxonomy
from tests.conftest import CORPUS
from web.glance import glance
from web.i18n import translations
from web.pages import Say
from web.reading import PracticePage, Reading, Surroundings, practice_page
from web.section_text import statements

IDS = [path.stem for path in practice_files(CORPUS)]
CASE = "th-traffy-fondue"
TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def case(taxonomy: Taxonomy) -> Practice:
    return read_practice(next(path for path in practice_files(CORPUS) if path.stem == CASE), taxonomy)


def saying(language: str) -> Say:
    return Say(language, translations(language), load_taxonomy(CORPUS))


def page_of(practice: Practice, view: str = "", language: str = "en", **rows: RecordRow) -> PracticePage:
    return practice_page(practice, Reading(view), Surroundings(rows, (), TODAY), saying(language))


def tree(client: TestClient, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


# At a glance


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("record", [*IDS[::25], "sg-tracetogether", "la-poverty-reduction-fund", "tl-petroleum-fund"])
def test_the_box_answers_ten_questions_and_says_what_is_not_known(client: TestClient, language: str, record: str) -> None:
    facts = tree(client, f"/{language}/practices/{record}").xpath('//section[@class="glance"]/dl/div')
    assert len(facts) == 10
    for fact in facts:
        values = [" ".join(value.text_content().split()) for value in fact.xpath("./dd[not(@class)]")]
        assert values
        assert all(values), fact.findtext("dt")


@pytest.mark.parametrize(
    ("verification", "verified", "says", "mood"),
    [
        ("compiled", None, ("nobody yet", "not yet confirmed"), "warn"),
        ("confirmed", None, ("Confirmed by the agency.", "not recorded"), "good"),
        ("confirmed", Verified(Bilingual("กทม.", "The city"), date(2026, 5, 1)), ("The city", "No end was set"), "good"),
        (
            "confirmed",
            Verified(Bilingual("กทม.", "The city"), date(2025, 5, 1), TODAY),
            ("The city", "Confirmed on 1 May 2025. This holds until 1 June 2026."),
            "good",
        ),
        (
            "confirmed",
            Verified(Bilingual("กทม.", "The city"), date(2025, 5, 1), date(2026, 5, 31)),
            ("The city", "This held until 31 May 2026 and has not been renewed."),
            "warn",
        ),
    ],
)
def test_who_verified_a_case_and_until_when(
    case: Practice, verification: str, verified: Verified | None, says: tuple[str, str], mood: str
) -> None:
    fact = glance(replace(case, verification=verification, verified=verified), saying("en"), TODAY)[-1]
    assert fact.values == (says[0],)
    assert says[1] in fact.note
    assert fact.mood == mood


@pytest.mark.parametrize(
    ("start", "end", "language", "says", "note"),
    [
        (2018, None, "en", "since 2018", "B.E. 2561"),
        (2018, 2020, "en", "2018 - 2020", "B.E. 2561 - 2563"),
        (2018, 2018, "en", "2018", "B.E. 2561"),
        (None, 2020, "en", "until 2020", "B.E. 2563"),
        (None, None, "en", "not known", ""),
        (2018, None, "th", "ตั้งแต่ พ.ศ. 2561 (ค.ศ. 2018)", ""),
        (None, None, "th", "ไม่ทราบ", ""),
    ],
)
def test_years_are_told_in_both_eras(
    case: Practice, start: int | None, end: int | None, language: str, says: str, note: str
) -> None:
    fact = glance(replace(case, start=start, end=end), saying(language), TODAY)[2]
    assert (fact.values, fact.note) == ((says,), note)


@pytest.mark.parametrize(("status", "mood"), [("stopped", "warn"), ("failed", "warn"), ("evaluated", "")])
def test_a_case_that_did_not_last_is_not_overlooked(case: Practice, status: str, mood: str) -> None:
    assert glance(replace(case, status=status), saying("en"), TODAY)[3].mood == mood


# Faces


def test_sections_stand_in_rows_and_a_missing_one_keeps_its_place(case: Practice) -> None:
    sections = {key: text for key, text in case.faces["en"].sections.items() if key != "lessons"}
    faces: dict[Lang, Face] = {"th": case.faces["th"], "en": replace(case.faces["en"], sections=sections)}
    page = page_of(replace(case, faces=faces), "both", "th")
    assert all([section.language for section in row] == ["th", "en"] for row in page.rows)
    assert all(row[0].key == row[1].key for row in page.rows)
    lessons = next(row for row in page.rows if row[0].key == "lessons")
    assert (bool(lessons[0].html), bool(lessons[1].html)) == (True, False)
    single = next(row for row in page_of(replace(case, faces=faces), "th", "th").rows if row[0].key == "lessons")
    assert single[0].other is None, "no link to a section that is not there"


def test_a_case_with_one_face_offers_no_switch(case: Practice) -> None:
    one = replace(case, faces={"th": case.faces["th"]})
    for view in ("", "th", "en", "both", "x"):
        page = page_of(one, view)
        assert (page.view, page.views, [face.language for face in page.faces]) == ("th", (), ["th"])


@pytest.mark.parametrize(
    ("made_from", "revision", "stale"),
    [(None, 3, False), (3, 3, False), (2, 3, True), (4, 3, False)],
)
def test_a_translation_behind_its_twin_says_so(case: Practice, made_from: int | None, revision: int, stale: bool) -> None:
    faces: dict[Lang, Face] = {
        "th": replace(case.faces["th"], revision=revision),
        "en": replace(case.faces["en"], state="machine", made_from=made_from),
    }
    english, thai = page_of(replace(case, faces=faces), "both").faces
    assert bool(english.stale) is stale
    assert thai.stale == ""
    assert "Machine translation" in english.state
    assert "This text was translated by machine." in english.notes


@pytest.mark.parametrize(("view", "other"), [("th", "en"), ("en", "th")])
def test_every_section_leads_to_itself_in_the_other_face(client: TestClient, view: str, other: str) -> None:
    page = tree(client, f"/th/practices/{CASE}?view={view}&q=LINE")
    links = page.xpath('//a[@class="other-face"]/@href')
    there = set(tree(client, f"/th/practices/{CASE}?view={other}").xpath("//@id"))
    assert len(links) == 9
    for link in links:
        address, _, anchor = link.partition("#")
        assert address == f"/th/practices/{CASE}?view={other}&q=LINE"
        assert anchor in there


def test_blocks_have_the_same_address_in_both_faces_and_in_every_view(client: TestClient) -> None:
    blocks = {
        view: {
            place for place in tree(client, f"/en/practices/{CASE}?view={view}").xpath("//@id") if re.search(r"-\d+$", place)
        }
        for view in ("th", "en", "both")
    }
    thai = {place for place in blocks["th"] if re.match(r"[a-z]+-th-\d+$", place) and not place.startswith("cite")}
    assert len(thai) > 20
    assert {place.replace("-th-", "-en-") for place in thai} <= blocks["en"]
    assert thai <= blocks["both"]


# Whose word


@pytest.mark.parametrize("view", ["th", "en", "both"])
@pytest.mark.parametrize("record", IDS[::20])
def test_every_claim_has_its_words_whose_they_are_and_a_way_there_and_back(client: TestClient, record: str, view: str) -> None:
    page = tree(client, f"/en/practices/{record}?view={view}")
    given = client.get(f"/api/v1/practices/{record}").json()["claims"]
    rows = page.xpath('//section[@id="claims"]//tbody/tr')
    assert [row.get("id") for row in rows] == [f"claim-{claim['number']}" for claim in given]
    ids = set(page.xpath("//@id"))
    for row in rows:
        statement, basis, sources = row.xpath("./td")
        assert len(statement.xpath("./span[@lang]")[0].text_content()) > 10
        assert basis.text_content().strip()
        back = statement.xpath('.//p[@class="back-to"]/a/@href')
        assert back
        assert {link[1:] for link in back + sources.xpath("./a/@href")} <= ids
        for link in back:
            mark = page.get_element_by_id(link[1:])
            assert mark.get("href") == f"#{row.get('id')}"


def test_the_words_of_a_claim_are_those_before_its_mark(case: Practice) -> None:
    text = "- First, 5 of 9 agreed to it[^1] and later 7 of 9 did so[^2][^3].\n- **Bold** words of a claim[^4]"
    long = "word " * 90 + "is the end[^5]"
    face = replace(case.faces["en"], sections={"results": f"{text}\n\n{long}", "lessons": "Again and again it is cited[^1]"})
    found = statements(face)
    assert found[1] == "First, 5 of 9 agreed to it"
    assert found[2] == found[3] == "and later 7 of 9 did so"
    assert found[4] == "Bold words of a claim"
    assert found[5].startswith("… word")
    assert found[5].endswith("is the end")


def test_lineage_tells_where_it_came_from_apart_from_what_came_after(case: Practice) -> None:
    kin = (
        Lineage("spread-to", Bilingual("ทั่วประเทศ", "The whole country")),
        Lineage("adapted-from", Bilingual("ต้นแบบ", "The model"), "kh-idpoor"),
        Lineage("replaced", Bilingual("สายด่วน", "The hotline"), "th-unknown"),
    )
    row = RecordRow("kh-idpoor", "practice", "KH", 2006, None, Bilingual("ไอดีพัวร์", "IDPoor"), Bilingual("", ""))
    page = practice_page(replace(case, lineage=kin), Reading(), Surroundings({"kh-idpoor": row}, (), TODAY), saying("en"))
    (before, first), (after, second) = page.lineage
    assert (before, after) == ("Came from", "What came after")
    assert [(item.relation, item.text, item.link and item.link.url) for item in first] == [
        ("Adapted from", "The model", "/en/practices/kh-idpoor"),
        ("Took the place of", "The hotline", None),
    ]
    assert [(item.relation, item.text) for item in second] == [("Spread to", "The whole country")]


# Marked words


def test_the_words_of_a_question_are_marked_as_the_results_mark_them(client: TestClient) -> None:
    hits = client.get("/api/v1/search", params={"q": "แจ้งปัญหาเมืองผ่าน LINE"}).json()["hits"]
    passages = next(hit for hit in hits if hit["id"] == CASE)["passages"]
    shown = {p["text"][a:b] for p in passages if p["lang"] == "th" and p["section"] != "facts" for a, b in p["highlights"]}
    page = tree(client, f"/th/practices/{CASE}?q=แจ้งปัญหาเมืองผ่าน LINE")
    marked = {mark.text_content() for mark in page.xpath("//mark")}
    assert shown
    assert shown <= marked
    assert "ผ่าน" not in marked, "a word without a meaning of its own"


def test_marks_lead_on_and_back_and_can_be_removed(client: TestClient) -> None:
    page = tree(client, f"/en/practices/{CASE}?view=both&q=complaints")
    numbers = [int(mark.get("id")[1:]) for mark in page.xpath("//mark")]
    assert len(numbers) > 3
    assert numbers == list(range(1, len(numbers) + 1)), "in the order of the page"
    ids = set(page.xpath("//@id"))
    links = page.xpath('//span[@class="steps"]/a/@href') + page.xpath(
        '//aside[@class="marks"]//a[starts-with(@href, "#")]/@href'
    )
    assert {link[1:] for link in links} <= ids, "the first and the last lead back to the bar"
    (clear,) = page.xpath('//aside[@class="marks"]//a[not(starts-with(@href, "#"))]/@href')
    assert clear == f"/en/practices/{CASE}?view=both"
    assert tree(client, clear).xpath("//mark") == []


@pytest.mark.parametrize("question", ["", "   ", "!!!", "\x00", "1 2 3", "<b>x</b>", "lang section a href", "ก" * 800])
def test_no_question_breaks_the_page(client: TestClient, question: str) -> None:
    for view in ("en", "both"):
        answer = client.get(f"/en/practices/{CASE}", params={"q": question, "view": view})
        assert answer.status_code == 200
        page = html.fromstring(answer.text)
        cites = page.xpath('//a[@class="cite"]')
        assert cites
        assert all(cite.text_content().isdecimal() for cite in cites), "the number of a claim is never taken apart"
    assert "<b>x</b>" not in answer.text


def test_a_question_that_is_far_too_long_is_refused_in_one_line(client: TestClient) -> None:
    assert client.get(f"/en/practices/{CASE}", params={"q": "x" * 2000}).status_code == 422


def test_results_link_to_the_passage_with_the_question(client: TestClient) -> None:
    page = tree(client, "/en/?q=complaints+by+LINE")
    link = page.xpath(f'//a[@class="place" and contains(@href, "{CASE}")]/@href')[0]
    assert "q=complaints+by+LINE" in link
    marked = tree(client, link)
    assert link.partition("#")[2] in set(marked.xpath("//@id"))
    assert marked.xpath("//mark")


# Addresses


@pytest.fixture
def moved(app: FastAPI, tmp_path: Path) -> Iterator[None]:
    """A server whose corpus says that one id moved and another was withdrawn."""
    moved_file(tmp_path).write_text(
        f"- {{id: th-old, to: {CASE}, day: 2026-05-31}}\n"
        f"- {{id: kh-idpoor, to: {CASE}, day: 2026-05-31}}\n"
        "- {id: th-gone, day: 2026-05-31, th: ซ้ำกับกรณีอื่น <b>, en: It said the same}\n",
        encoding="utf-8",
    )
    before = app.state.moved
    app.state.moved = MovedRecords(tmp_path, app.state.current.store)
    yield
    app.state.moved = before


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(
    ("path", "status", "leads_to"),
    [
        ("/th/practices/th-old", 301, f"/th/practices/{CASE}"),
        ("/en/practices/th-old?view=both", 301, f"/en/practices/{CASE}?view=both"),
        ("/en/practices/th-old?view=//evil.example", 301, f"/en/practices/{CASE}"),
        ("/th/practices/kh-idpoor", 200, None),  # an id in use is never redirected
        ("/th/practices/th-gone", 410, None),
        ("/th/practices/th-never", 404, None),
    ],
)
def test_an_old_address_leads_to_the_new_one(client: TestClient, path: str, status: int, leads_to: str | None) -> None:
    answer = client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers.get("location")) == (status, leads_to)


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize("language", ["th", "en"])
def test_a_withdrawn_case_says_why_in_both_languages(client: TestClient, language: str) -> None:
    page = html.fromstring(client.get(f"/{language}/practices/th-gone").text)
    reasons = {part.get("lang"): part.text_content() for part in page.xpath('//p[@class="note"]')}
    assert reasons == {"th": "ซ้ำกับกรณีอื่น <b>", "en": "It said the same"}


API = "/api/v1/practices"


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(
    ("path", "status", "leads_to"),
    [
        (f"{API}/th-old", 301, f"{API}/{CASE}"),
        (f"{API}/th-old/similar?limit=2", 301, f"{API}/{CASE}/similar?limit=2"),
        (f"{API}/kh-idpoor", 200, None),  # an id in use is never redirected
        (f"{API}/th-gone", 410, None),
        (f"{API}/th-gone/similar", 410, None),
        (f"{API}/th-never", 404, None),
        (f"{API}/th-never/similar", 404, None),
    ],
)
def test_a_program_follows_an_old_id_as_a_reader_does(client: TestClient, path: str, status: int, leads_to: str | None) -> None:
    answer = client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers.get("location")) == (status, leads_to)
    if leads_to:
        followed = client.get(path)
        assert followed.status_code == 200
    elif status != 200:
        assert answer.json()["error"]


@pytest.mark.usefixtures("moved")
def test_a_program_is_told_why_a_case_was_withdrawn(client: TestClient) -> None:
    assert client.get(f"{API}/th-gone").json() == {
        "error": "This practice was withdrawn on 2026-05-31: It said the same",
        "id": "th-gone",
        "day": "2026-05-31",
        "reason": {"th": "ซ้ำกับกรณีอื่น <b>", "en": "It said the same"},
    }


@pytest.mark.parametrize(
    ("accept", "path", "leads_to"),
    [
        ("en", f"/practices/{CASE}", f"/en/practices/{CASE}"),
        ("th", f"/practices/{CASE}?view=both", f"/th/practices/{CASE}?view=both"),
        ("", "/documents/doc-long-report?page=40", "/th/documents/doc-long-report?page=40"),
        ("en", "/practices/%2F%2Fevil.example", None),
    ],
)
def test_an_address_without_a_language_leads_to_the_readers_own(
    client: TestClient, accept: str, path: str, leads_to: str | None
) -> None:
    answer = client.get(path, headers={"accept-language": accept}, follow_redirects=False)
    if leads_to is None:
        assert answer.status_code == 404
    else:
        assert (answer.status_code, answer.headers["location"]) == (302, leads_to)
        assert answer.headers["vary"] == "Accept-Language"
