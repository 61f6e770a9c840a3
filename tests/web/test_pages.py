"""Pages and API over the whole corpus."""

from __future__ import annotations

import math
import re
import shutil
from html.parser import HTMLParser
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.corpus import practice_files
from kb.encoder import FakeEncoder
from kb.repository import Repository
from tests.conftest import CORPUS
from web.app import create_app
from web.limits import RateLimit
from web.links import PAGE_SIZE

IDS = [path.stem for path in practice_files(CORPUS)]
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Checker(HTMLParser):
    """Collects what a page says, and complains about tags that do not nest and ids that stand twice."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.languages: set[str] = set()
        self.faults: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if given.get("lang"):
            self.languages.add(str(given["lang"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass  # SVG leaves

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(
    "path",
    ["/", "/?q=flood", "/?q=น้ำท่วม&country=TH", "/?country=XX", "/?page=400", "/about", "/documents/doc-proceedings-1"]
    + ["/help", "/faq", "/accessibility", "/privacy", "/site-map"]
    + ["/how", "/similar", "/?q=floood", "/?q=zebra+xylophone+quantum", "/?q=flood+of+2011&undo=all"]
    + [f"/practices/{record}{view}" for record in IDS[::40] for view in ("", "?view=both", "?view=th", "?view=en")],
)
def test_every_page_is_sound_html_in_its_language(client: TestClient, language: str, path: str) -> None:
    answer = client.get(f"/{language}{path}")
    assert answer.status_code == 200
    page = Checker(answer.text)
    assert page.faults == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert f'<html lang="{language}">' in answer.text
    assert "en" in page.languages
    assert "th" in page.languages


@pytest.mark.parametrize("record", IDS[::6])
def test_a_practice_shows_its_claims_sources_and_both_titles(client: TestClient, record: str) -> None:
    practice = client.get(f"/api/v1/practices/{record}").json()
    text = client.get(f"/th/practices/{record}?view=both").text
    page = Checker(text)
    for source in practice["sources"]:
        assert not source["url"] or source["url"].replace("&", "&amp;") in text
    cited = {link for link in page.links if link.startswith("#claim-")}
    assert cited
    assert {link[1:] for link in cited} <= set(page.ids), "a mark leads to a claim that is not there"
    assert {link[1:] for link in page.links if link.startswith("#source-")} <= set(page.ids)


def test_the_start_page_chooses_the_language_that_the_browser_asks_for(client: TestClient) -> None:
    for accept, language in [
        ("en-GB,en;q=0.9", "en"),
        ("th", "th"),
        ("fr, de;q=0.5", "th"),
        ("", "th"),
        ("en;q=0.1,th;q=0.9", "th"),
        (";;q=x,,", "th"),
    ]:
        answer = client.get("/", headers={"accept-language": accept}, follow_redirects=False)
        assert answer.headers["location"] == f"/{language}/"


@pytest.mark.parametrize(
    "question",
    [
        "a " * 5_000,
        "\x00\x01\x1f",
        "!!! ??? ...",
        "😀🌊🏙️",
        '"unclosed AND (OR NOT NEAR/3 * ^ : {words}',
        "<script>alert(1)</script>",
        "%%%' OR 1=1 --",
        "‮⁦",
    ],
)
def test_absurd_questions_get_a_page(client: TestClient, question: str) -> None:
    for path in ("/th/", "/api/v1/search"):
        answer = client.get(path, params={"q": question})
        assert answer.status_code == 200
    assert "<script>alert" not in client.get("/en/", params={"q": question}).text


def test_a_question_of_ten_thousand_letters_gets_a_page(address: str) -> None:
    for path in ("/th/", "/api/v1/search"):
        with urlopen(f"{address}{path}?q={quote('ก' * 10_000)}") as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/th/practices/no-such", 404, "ไม่พบแนวปฏิบัตินี้"),
        ("/en/practices/no-such", 404, "There is no such practice"),
        ("/en/documents/no-such", 404, "There is no such document"),
        ("/fr/", 404, "ไม่พบหน้านี้"),
        ("/en/nothing", 404, "There is no such page"),
        ("/th/?from=99", 422, "ปีต้องเป็นตัวเลขสี่หลัก"),
        ("/en/?from=abcd", 422, "four digits"),
        ("/en/?from=2020&to=2010", 422, "backwards"),
        ("/en/?page=0", 422, "page"),
        ("/en/?q=" + "x" * 20_001, 422, "q"),
    ],
)
def test_mistakes_get_one_clear_line_in_the_readers_language(client: TestClient, path: str, status: int, says: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert says in answer.text
    assert "Traceback" not in answer.text


def test_years_are_read_in_both_eras_and_both_sets_of_digits(client: TestClient) -> None:
    totals = {
        client.get("/api/v1/search", params={"from": year, "to": last}).json()["total"]
        for year, last in [("2015", "2020"), ("2558", "2563"), ("๒๕๕๘", "๒๕๖๓")]
    }
    assert len(totals) == 1
    assert 0 < totals.pop() < len(IDS)


def test_a_facet_keeps_its_own_counts_and_narrows_the_others(client: TestClient) -> None:
    def counts(answer: dict, facet: str) -> dict[str, int]:
        return {item["value"]: item["count"] for item in answer["facets"][facet]}

    everything = client.get("/api/v1/search").json()
    thai = client.get("/api/v1/search", params={"country": "TH", "kind": "practice"}).json()
    assert counts(thai, "country") == counts(everything, "country")
    assert sum(counts(thai, "status").values()) == thai["total"] == counts(everything, "country")["TH"]
    two = client.get("/api/v1/search", params={"country": ["TH", "VN"]}).json()
    assert two["total"] == counts(everything, "country")["TH"] + counts(everything, "country")["VN"]


def test_paging_shows_every_record_once(client: TestClient) -> None:
    shown: list[str] = []
    last = math.ceil((len(IDS) + 2) / PAGE_SIZE)
    for number in range(1, last + 1):
        page = client.get(f"/en/?page={number}").text
        found = re.findall(r'<h3><a href="/en/(?:practices|documents)/([\w-]+)', page)
        assert len(found) == (PAGE_SIZE if number < last else len(IDS) % PAGE_SIZE + 2)
        assert ('rel="next"' in page, 'rel="prev"' in page) == (number < last, number > 1)
        assert f'<ol class="hits" start="{(number - 1) * PAGE_SIZE + 1}">' in page
        shown += found
    assert sorted(shown) == sorted([*IDS, "doc-long-report", "doc-proceedings-1"])


def test_switching_the_language_keeps_the_question(client: TestClient) -> None:
    page = client.get("/th/?q=flood&country=TH").text
    assert 'href="/en/?q=flood&amp;country=TH" lang="en"' in page


def test_a_document_shows_pages_with_anchors_and_says_where_its_text_is_damaged(client: TestClient) -> None:
    page = client.get("/th/documents/doc-proceedings-1").text
    assert {"p1", "p2", "p3"} <= set(Checker(page).ids)
    assert "22 มกราคม 2564" in page
    assert page.count("ข้อความในหน้านี้อาจเพี้ยน") == 1
    moved = client.get("/en/practices/doc-proceedings-1", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/en/documents/doc-proceedings-1")


POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' data:",
    "script-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.mark.parametrize("path", ["/en/", "/th/how", "/en/similar", "/th/about", "/api/v1/suggest?q=flo", "/static/suggest.js"])
def test_the_only_scripts_are_this_sites_own(client: TestClient, path: str) -> None:
    answer = client.get(path)
    given = [rule.strip().partition(" ") for rule in answer.headers["content-security-policy"].split(";")]
    assert {name: value for name, _, value in given} == POLICY
    assert re.findall(r"<script(?![^>]* src=\"/static/)", answer.text) == [], "the policy would refuse it"
    assert re.findall(r"\son\w+=", answer.text) == []


@pytest.mark.parametrize(
    ("path", "kilobytes"),
    [
        ("/th/", 80),  # twenty records without passages
        ("/th/?q=น้ำท่วม", 160),  # twenty records with three passages each, and why
        ("/th/how", 30),
        ("/en/similar", 10),
        ("/th/practices/th-hat-yai-flood-warning?view=both", 80),
        ("/static/suggest.js", 8),
        ("/static/style.css", 20),
    ],
)
def test_a_page_stays_light_enough_for_a_slow_line(client: TestClient, path: str, kilobytes: int) -> None:
    assert len(client.get(path).content) < kilobytes * 1000


def test_answers_carry_security_headers_and_no_foreign_address_is_loaded(client: TestClient) -> None:
    for path in ("/th/", "/api/v1/search", "/en/practices/no-such", "/static/style.css"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    page = client.get("/th/practices/th-traffy-fondue").text
    assert re.findall(r'(?:src|href)="(https?:[^"]+)"[^>]*(?:stylesheet|preload|script)', page) == []


def test_only_reading_is_possible(client: TestClient) -> None:
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)("/th/").status_code == 405
        assert getattr(client, method)("/api/v1/search").status_code == 405
        assert getattr(client, method)("/api/v1/suggest").status_code == 405
        assert getattr(client, method)("/th/how").status_code == 405


def test_the_schema_describes_the_public_paths_only(client: TestClient) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    assert set(schema["paths"]) == {
        "/api/v1/search",
        "/api/v1/suggest",
        "/api/v1/similar",
        "/api/v1/practices/{id}",
        "/api/v1/practices/{id}/similar",
        "/healthz",
    }
    hit = schema["components"]["schemas"]["HitModel"]["properties"]
    assert {"id", "kind", "title", "country", "score", "legs", "passages", "missing"} <= set(hit)
    passage = schema["components"]["schemas"]["PassageModel"]["properties"]
    assert {"lang", "section", "part", "text", "highlights", "twin", "why", "matches", "aligned"} <= set(passage)


def test_health_counts_what_is_there(client: TestClient) -> None:
    answer = client.get("/healthz").json()
    assert answer["status"] == "ok"
    assert (answer["practices"], answer["documents"]) == (len(IDS), 2)
    assert answer["passages"] > 10 * len(IDS)


def test_too_many_requests_are_refused_with_a_time_to_wait(app: FastAPI) -> None:
    limited = TestClient(create_app(app.state.repository, limit=RateLimit(rate=0.001, burst=2)))
    answers = [limited.get("/en/about") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "5"
    assert limited.get("/healthz").status_code == 200, "a monitor is never refused"


def test_an_index_made_anew_by_another_process_is_used_without_a_restart(app: FastAPI, client: TestClient) -> None:
    repository: Repository = app.state.repository
    before = client.get("/api/v1/search", params={"q": "flood"}).json()
    searcher = app.state.current.get()
    shutil.rmtree(repository.index_folder)
    other = Repository(repository.settings, FakeEncoder())
    with other.store() as store:
        other.ensure_index(store)
    after = client.get("/api/v1/search", params={"q": "flood"}).json()
    assert app.state.current.get() is not searcher
    assert after == before
