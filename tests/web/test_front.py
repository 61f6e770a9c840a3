"""The home page, the map, the orders and views of results, and a search as feed, table and browser's search box."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import etree, html

import web
from kb.encoder import FakeEncoder
from kb.repository import Repository
from kb.search.engine import FacetValue, Request
from web.app import create_app
from web.atlas import map_view
from web.atom import EPOCH
from web.feeds import COLUMNS
from web.home import EXAMPLES
from web.i18n import translations
from web.limits import RateLimit
from web.pages import Say

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def page(client: TestClient, url: str) -> html.HtmlElement:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return html.fromstring(answer.text)


def counts(client: TestClient, facet: str, query: str = "") -> dict[str, int]:
    answer = client.get(f"/api/v1/search?{query}").json()
    return {item["value"]: item["count"] for item in answer["facets"][facet]}


# Home


@pytest.mark.parametrize("language", ["th", "en"])
def test_home_shows_every_way_in_with_its_count(client: TestClient, language: str) -> None:
    home = page(client, f"/{language}/")
    for facet, heading in (("priority", "by-priority"), ("principle", "by-principle")):
        shown = {
            parse_qs(urlsplit(item.xpath("a/@href")[0]).query)[facet][0]: int(item.xpath('span[@class="count"]/text()')[0])
            for item in home.xpath(f'//section[@aria-labelledby="{heading}"]//li')
        }
        assert shown == counts(client, facet)
    rows = {
        row.xpath("th/a/@href")[0]: int(row.xpath("td/text()")[0]) for row in home.xpath('//table[@class="states"]/tbody/tr')
    }
    assert {parse_qs(urlsplit(url).query)["country"][0]: count for url, count in rows.items()} == counts(client, "country")
    newest = home.xpath('//ol[contains(@class, "hits")]//h3/a/@href')
    all_records = page(client, f"/{language}/?sort=newest").xpath('//ol[contains(@class, "hits")]//h3/a/@href')
    assert newest == all_records[: len(newest)]
    assert len(newest) == 6


def test_any_parameter_makes_it_the_results_page(client: TestClient) -> None:
    for query in ("?sort=newest", "?q=", "?country=TH", "?page=1"):
        assert page(client, f"/en/{query}").xpath('//*[@id="results-heading"]'), query
    assert not page(client, "/en/").xpath('//*[@id="results-heading"]')


@pytest.mark.model
@pytest.mark.parametrize(("language", "question"), [(code, text) for code, texts in EXAMPLES.items() for text in texts])
def test_the_example_questions_have_close_precedents(real_repository: Repository, language: str, question: str) -> None:
    with real_repository.store(readonly=True) as store:
        result = real_repository.searcher(store).search(Request(question, limit=3, reader=language))
    assert result.verdict == "match"
    assert min(hit.score for hit in result.hits) > 0.8


# Map


@pytest.mark.parametrize("query", ["", "?q=flood", "?country=TH&country=VN", "?country=XX"])
def test_the_map_and_its_table_say_the_same(client: TestClient, query: str) -> None:
    shown = page(client, f"/en/{query}")
    states = shown.xpath('//*[@class="atlas"]//a[contains(@class, "state")]')
    drawn = {state.get("href"): state.get("aria-label") for state in states}
    assert len(states) == 11
    rows = shown.xpath('//table[@class="states"]/tbody/tr')
    listed = {
        row.xpath("th/a/@href")[0]: f"{row.xpath('string(th/a)')}, {row.xpath('string(td)')} records"
        for row in rows
        if "regional" not in row.xpath("string(th/a)")
    }
    assert drawn == listed
    assert {state.xpath("string(title)") for state in states} == set(drawn.values()), "the name is shown on hover too"
    numbers = {state.xpath("string(text)") for state in states}
    assert numbers == {label.rsplit(", ", 1)[1].split()[0] for label in drawn.values()}, "not by colour alone"


def test_a_state_on_the_map_toggles_its_facet_and_keeps_the_search(client: TestClient) -> None:
    shown = page(client, "/en/?q=flood&country=TH&sort=newest&show=compact")
    links = {state.get("aria-label").split(",")[0]: state for state in shown.xpath('//a[contains(@class, "state")]')}
    assert "selected" in links["Thailand"].get("class")
    assert links["Thailand"].get("href") == "/en/?q=flood&sort=newest&show=compact"
    assert links["Singapore"].get("href") == "/en/?q=flood&country=TH&country=SG&sort=newest&show=compact"


@pytest.mark.parametrize(
    ("given", "steps", "legend"),
    [
        ({}, {0}, ["0"]),
        ({"TH": 1}, {0, 1}, ["0", "1"]),
        ({"TH": 3, "SG": 1}, {0, 1, 3}, ["0", "1", "2", "3"]),
        ({"TH": 40, "SG": 10, "LA": 11}, {0, 1, 2, 4}, ["0", "1-10", "11-20", "21-30", "31-40"]),
    ],
)
def test_colours_follow_the_largest_count(app: FastAPI, given: dict[str, int], steps: set[int], legend: list[str]) -> None:
    say = Say("en", translations("en"), app.state.repository.taxonomy)
    view = map_view([FacetValue(code, count, False) for code, count in given.items()], lambda code: code, say)
    assert {state.step for state in view.states} == steps
    assert [item.text for item in view.legend] == legend
    assert all(re.fullmatch(r"(M\d+ \d+l[-\d ]+z)+", state.path) for state in view.states)
    assert {state.code for state in view.states if state.marker} == {"BN", "SG", "TL"}, "too small for a finger"


# Orders and views


def test_newest_sorts_the_near_records_and_leaves_the_others(client: TestClient) -> None:
    best = client.get("/api/v1/search?q=flood&limit=200").json()
    newest = client.get("/api/v1/search?q=flood&limit=200&sort=newest").json()
    near = sum(hit["score"] >= 0.25 * best["hits"][0]["score"] for hit in best["hits"])
    assert 1 < near < best["total"]
    ids, sorted_ids = ([hit["id"] for hit in answer["hits"]] for answer in (best, newest))
    assert set(ids[:near]) == set(sorted_ids[:near])
    assert ids[near:] == sorted_ids[near:]
    years = [hit["start"] or 0 for hit in newest["hits"][:near]]
    assert years == sorted(years, reverse=True)
    assert newest["verdict"] == best["verdict"], "the order changes no verdict"
    assert f"Only the {near} records" in client.get("/en/?q=flood&sort=newest").text


def test_evidence_orders_everything_where_nothing_is_asked(client: TestClient) -> None:
    found = [hit["id"] for hit in client.get("/api/v1/search?sort=evidence&limit=200").json()["hits"]]
    grades = [client.get(f"/api/v1/practices/{record}").json()["evidence"] for record in (found[0], found[-3])]
    assert grades == ["independent", "press"]
    assert {record.split("-")[0] for record in found[-2:]} == {"doc"}, "a document has no grade"


def test_an_order_that_is_not_there_is_refused(client: TestClient) -> None:
    for url in (
        "/en/?q=flood&sort=cheapest",
        "/api/v1/search?sort=cheapest",
        "/en/feed.atom?country=XX&from=1",
        "/en/?show=all",
    ):
        assert client.get(url).status_code == 422, url


def test_compact_leaves_passages_out_and_links_keep_it(client: TestClient) -> None:
    full, compact = (page(client, f"/th/?q=flood{way}") for way in ("", "&show=compact"))
    assert full.xpath('//*[@class="passage"]')
    assert not compact.xpath('//*[@class="passage"]')
    briefs = compact.xpath('//ol[contains(@class, "hits")]//p[@class="brief"]')
    assert len(briefs) == len(compact.xpath('//ol[contains(@class, "hits")]/li'))
    assert all(0 < len(brief.text_content()) <= 230 for brief in briefs)
    facets = compact.xpath("//aside//li/a/@href")
    assert facets
    assert all("show=compact" in url for url in facets)


def test_the_best_passages_of_both_languages_stand_side_by_side(client: TestClient) -> None:
    sides = page(client, "/th/?q=flood").xpath('//*[@class="sides"]')
    assert sides
    for pair in sides:
        assert pair.xpath("div/p/@lang") == ["th", "en"], "the page's own language first"


# No close precedent


def test_no_close_precedent_offers_ways_that_lead_on(client: TestClient) -> None:
    shown = page(client, "/en/?q=zebra+xylophone+quantum&country=TH")
    ways = shown.xpath('//*[contains(@class, "nearest")]//ul//a')
    texts = [" ".join(way.text_content().split()) for way in ways]
    assert texts[:2] == ["The same question without limits", "Without “zebra”"]
    assert ways[1].get("href") == "/en/?q=xylophone+quantum&country=TH"
    for way in ways:
        assert client.get(way.get("href")).status_code == 200


def test_a_close_precedent_needs_no_ways_on(client: TestClient) -> None:
    assert not page(client, "/en/?sort=newest").xpath('//*[contains(@class, "nearest")]')


# Feed, table, browser


@pytest.mark.parametrize("url", ["/th/feed.atom", "/en/feed.atom?q=flood&country=TH", "/th/feed.atom?q=zebra&country=XX"])
def test_a_feed_is_valid_atom(client: TestClient, url: str) -> None:
    answer = client.get(url)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(answer.content)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == url[1:3]
    for part in ("a:title", "a:id", "a:updated", "a:author/a:name", 'a:link[@rel="self"]', 'a:link[@rel="alternate"]'):
        assert len(feed.xpath(part, namespaces=ATOM)) == 1, part
    entries = feed.xpath("a:entry", namespaces=ATOM)
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(ids) == len(set(ids))
    assert all(identifier.startswith("urn:uuid:") for identifier in ids)
    for entry in entries:
        assert entry.findtext("a:title", namespaces=ATOM)
        assert datetime.fromisoformat(entry.findtext("a:updated", namespaces=ATOM)).tzinfo
        link = entry.xpath("string(a:link/@href)", namespaces=ATOM)
        assert client.get(urlsplit(link).path).status_code == 200
    assert bool(entries) == ("XX" not in url)


def test_ids_of_a_feed_do_not_depend_on_language_or_question(client: TestClient) -> None:
    def ids(url: str) -> dict[str, str]:
        feed = etree.fromstring(client.get(url).content)
        return {
            entry.xpath("string(a:link/@href)", namespaces=ATOM).rsplit("/", 1)[1]: entry.findtext("a:id", namespaces=ATOM)
            for entry in feed.xpath("a:entry", namespaces=ATOM)
        }

    thai, english = ids("/th/feed.atom?q=flood"), ids("/en/feed.atom?q=flood")
    assert thai
    assert thai == english
    everything = ids("/en/feed.atom")
    assert all(everything[record] == identifier for record, identifier in thai.items() if record in everything)


def test_the_results_page_names_its_own_feed_table_and_data(client: TestClient) -> None:
    shown = page(client, "/en/?q=flood&country=TH&sort=newest&show=compact&page=1")
    assert shown.xpath('//link[@type="application/atom+xml"]/@href') == ["/en/feed.atom?q=flood&country=TH&sort=newest"]
    for url in shown.xpath('//*[contains(@class, "files")]/a/@href'):
        assert client.get(url).status_code == 200
        assert "country=TH" in url


def test_a_table_holds_every_record_of_the_search_in_its_order(client: TestClient) -> None:
    answer = client.get("/th/results.csv?country=TH&q=น้ำท่วม")
    assert answer.content.startswith(b"\xef\xbb\xbf"), "without the mark, Thai is read as windows-874"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    data = client.get("/api/v1/search?country=TH&q=น้ำท่วม&limit=200").json()
    assert [row[1] for row in rows[1:]] == [hit["id"] for hit in data["hits"]]
    assert [row[0] for row in rows[1:]] == [str(place) for place in range(1, data["total"] + 1)]
    assert {row[5] for row in rows[1:]} == {"ไทย"}


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_browser_can_add_the_search(client: TestClient, language: str) -> None:
    url = page(client, f"/{language}/").xpath('//link[@rel="search"]/@href')[0]
    answer = client.get(url)
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    description = etree.fromstring(answer.content)
    named = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    assert 0 < len(description.findtext("o:ShortName", namespaces=named)) <= 16, "the specification's limit"
    templates = {item.get("type"): item.get("template") for item in description.findall("o:Url", named)}
    for kind, template in templates.items():
        found = client.get(template.replace("{searchTerms}", "flood"))
        assert found.status_code == 200
        assert found.headers["content-type"].startswith(kind)
    typed, completions = client.get(templates["application/x-suggestions+json"].replace("{searchTerms}", "floo")).json()
    assert typed == "floo"
    assert any("flood" in text.lower() for text in completions)


# Design


def test_the_page_of_the_design_is_shown_only_where_it_is_asked_for(app: FastAPI, client: TestClient) -> None:
    assert client.get("/en/styleguide").status_code == 404
    given: Repository = app.state.repository
    repository = Repository(replace(given.settings, dev=1), FakeEncoder())
    developing = TestClient(create_app(repository, limit=RateLimit(rate=1000, burst=1000)))
    style = developing.get("/static/style.css").text
    for language in ("th", "en"):
        shown = page(developing, f"/{language}/styleguide")
        tokens = {item.text_content()[2:] for item in shown.xpath('//*[@class="swatches"]//code')}
        colours = set(re.findall(r"--([\w-]+): #", style)) - {"sea"}
        assert tokens == colours
        assert shown.xpath('//*[contains(@class, "nearest")]')


def test_the_page_of_the_design_shows_every_component() -> None:
    templates = Path(web.__file__).parent / "templates"
    components = set(re.findall(r"{% macro (\w+)", (templates / "macros.html").read_text(encoding="utf-8")))
    shown = set(re.findall(r"{{ (\w+)\(", (templates / "styleguide.html").read_text(encoding="utf-8")))
    assert components <= shown


def test_a_feed_tells_when_each_record_changed_and_not_when_the_index_was_made(app: FastAPI, client: TestClient) -> None:
    changed = {entry.changed for entry in app.state.current.get().store.dated()}
    feed = etree.fromstring(client.get("/en/feed.atom?q=flood").content)
    told = [entry.findtext("a:updated", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert told
    assert set(told) <= changed
    assert feed.findtext("a:updated", namespaces=ATOM) == max(told)
    empty = etree.fromstring(client.get("/en/feed.atom?country=TH&from=1900&to=1901").content)
    assert empty.findtext("a:updated", namespaces=ATOM) == EPOCH
