"""Pages of prose and the site map: both languages alike, links that lead somewhere, values put in."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from importlib.resources import files

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.corpus import practice_files
from kb.text.language import detect
from tests.conftest import CORPUS
from tests.web.test_pages import Checker
from web.app import create_app
from web.limits import RateLimit
from web.texts import TEXTS, text_page

VALUES = {"practices": "176", "faces": "352", "documents": "1", "terms": "1,000", "contact": "<a@b.example>"}


def anchors(html: str) -> list[str]:
    return re.findall(r'<(h[23]) id="([^"]+)"', html)


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_have_the_same_parts_in_the_same_order(name: str) -> None:
    thai, english = (text_page(name, language, VALUES).html for language in ("th", "en"))
    assert anchors(thai) == anchors(english)
    assert len(anchors(thai)) == len(re.findall("<h[1-6]", thai)) > 2, "a heading lacks its anchor"
    for element in ("<ul>", "<ol>", "<li>", "<table>", "<tr>", "<p>"):
        assert thai.count(element) == english.count(element), element


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("language", ["th", "en"])
def test_a_page_of_prose_is_in_its_language_and_says_what_it_is_about(client: TestClient, name: str, language: str) -> None:
    answer = client.get(f"/{language}/{name}")
    assert answer.status_code == 200
    page = Checker(answer.text)
    assert page.faults == page.open == []
    assert len(page.ids) == len(set(page.ids))
    described = re.search(r'<meta name="description" content="([^"]{40,400})">', answer.text)
    assert described
    assert detect(unescape(described[1])) == language
    main = re.sub(r"<[^>]+>", " ", answer.text.split("<main")[1].split("</main")[0])
    assert detect(main) == language
    assert "{#" not in main
    assert "{{" not in main
    assert "$" not in main


@pytest.mark.parametrize("name", [*TEXTS, "site-map"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_every_link_leads_to_a_page_and_to_a_place_on_it(client: TestClient, name: str, language: str) -> None:
    links = {link for link in Checker(client.get(f"/{language}/{name}").text).links if link.startswith(("/", "#"))}
    assert len(links) > 5
    for link in list(links)[:60]:
        path, _, anchor = link.partition("#")
        answer = client.get(path or f"/{language}/{name}")
        assert answer.status_code == 200, link
        assert not anchor or anchor in Checker(answer.text).ids, link


def test_the_page_links_stay_within_the_readers_language() -> None:
    for name in TEXTS:
        for language, other in (("th", "en"), ("en", "th")):
            source = files("web").joinpath(f"pages_text/{name}.{language}.md").read_text(encoding="utf-8")
            assert f"](/{other}/" not in source


def test_there_are_ten_to_fifteen_questions_each_with_an_answer() -> None:
    page = text_page("faq", "th", VALUES)
    assert 10 <= len(page.contents) <= 15
    parts = re.split(r"<h2[^>]*>", page.html)[1:]
    assert all(len(part) > 150 for part in parts)


def test_a_page_names_the_contact_that_was_set_or_says_that_there_is_none(app: FastAPI, client: TestClient) -> None:
    assert "has not given a contact" in client.get("/en/faq").text
    repository = replace(app.state.repository, settings=replace(app.state.repository.settings, contact="kb@agency.example"))
    told = TestClient(create_app(repository, limit=RateLimit(1000, 1000)))
    for path in ("/en/faq", "/th/accessibility"):
        assert '<a href="mailto:kb@agency.example">kb@agency.example</a>' in told.get(path).text


def test_prose_is_escaped_and_a_run_in_another_language_is_marked() -> None:
    page = text_page("faq", "en", VALUES | {"contact": "<script>x</script> {{th: <b>คำ</b>}}"})
    assert "<script>" not in page.html
    assert '<span lang="th">&lt;b&gt;คำ&lt;/b&gt;</span>' in page.html


def test_a_value_that_a_text_names_and_nobody_gives_is_an_error() -> None:
    with pytest.raises(KeyError, match="practices"):
        text_page("help", "en", {"contact": ""})


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_site_map_lists_every_record_once_and_counts_as_the_search_does(client: TestClient, language: str) -> None:
    html = client.get(f"/{language}/site-map").text
    page = Checker(html)
    assert page.faults == page.open == []
    shown = [link.rsplit("/", 1)[1] for link in page.links if re.match(rf"/{language}/(practices|documents)/", link)]
    assert sorted(shown) == sorted([*(path.stem for path in practice_files(CORPUS)), "doc-long-report", "doc-proceedings-1"])
    facets = client.get("/api/v1/search").json()["facets"]
    for facet in ("priority", "principle", "country"):
        told = dict(re.findall(rf'\?{facet}=([\w-]+)">[^<]+</a> <span class="count">(\d+)<', html))
        assert told == {item["value"]: str(item["count"]) for item in facets[facet]}


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_sign_that_help_shows_works_as_it_says(client: TestClient, language: str) -> None:
    examples = [unescape(found) for found in re.findall("<code>([^<]+)</code>", text_page("help", language, VALUES).html)]
    assert len(examples) == len(set(examples)) > 8
    for example in examples:
        answer = client.get("/api/v1/search", params={"q": example}).json()
        applied = {step["kind"] for step in answer["interpretation"]["steps"] if step["applied"]}
        assert applied & {"phrase", "exclusion", "field", "keyboard"}, example
        assert answer["total"], example
