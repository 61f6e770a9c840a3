"""What programs read that follow the site: addresses, robots.txt, sitemap.xml, the feed; and answers that need no bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.records import Bilingual
from kb.store import RecordDates, RecordRow
from tests.web.test_pages import IDS
from web.app import create_app
from web.atom import Entry, newest_feed, stable_id
from web.crawl_routes import SEARCH_PARAMETERS
from web.i18n import translations
from web.limits import RateLimit
from web.pages import Say
from web.site_map import MAX_ADDRESSES, addresses, part_of, parts, site_map_index_xml, site_map_xml

FONT = "/static/fonts/sarabun-thai-400-normal.woff2"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def public(app: FastAPI) -> TestClient:
    """The application as its operator says that it is reached."""
    settings = replace(app.state.repository.settings, public_url="https://practices.example/")
    return TestClient(create_app(replace(app.state.repository, settings=settings), limit=RateLimit(1000, 1000)))


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("kb.example", "http://kb.example"),
        ("kb.example:8080", "http://kb.example:8080"),
        ("[::1]:8000", "http://[::1]:8000"),
        ('kb.example"><script>', "http://testserver:80"),  # markup
        ("user@evil.example", "http://testserver:80"),  # a user name before the real host
        ("kb.example/evil?", "http://testserver:80"),  # a path
        ("kb.example:99x", "http://testserver:80"),
        ("", "http://testserver:80"),
    ],
)
def test_whole_addresses_follow_a_plain_host_header_and_nothing_else(client: TestClient, host: str, base: str) -> None:
    answer = client.get("/robots.txt", headers={"host": host, "x-forwarded-host": "evil.example"})
    assert answer.text.endswith(f"\nSitemap: {base}/sitemap.xml\n")
    assert answer.headers["cache-control"].startswith("private"), "a shared cache would hand a forged address to others"


def test_the_setting_beats_the_host_header(public: TestClient) -> None:
    for path in ("/robots.txt", "/sitemap.xml", "/th/new.atom"):
        answer = public.get(path, headers={"host": "evil.example"})
        assert "https://practices.example/" in answer.text
        assert "evil" not in answer.text
        assert "example//" not in answer.text
        assert answer.headers["cache-control"].startswith("public")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/th/", True),
        ("/en/practices/th-traffy-fondue", True),
        ("/th/practices/th-traffy-fondue?view=both", True),
        ("/en/site-map", True),
        ("/th/new.atom", True),
        ("/api/v1/openapi.json", True),
        ("/static/style.css", True),  # a crawler that draws pages needs it
        ("/th/?q=flood", False),  # a search each
        ("/en/?country=TH&page=3", False),
        ("/en/compare?id=a&id=b", False),
        ("/en/briefing.pdf?id=a", False),  # a file each
        ("/api/v1/search?q=x", False),
    ],
)
def test_crawlers_may_read_all_but_answers_to_questions(client: TestClient, path: str, allowed: bool) -> None:
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").text.splitlines())
    assert robots.can_fetch("AnyBot", f"http://testserver{path}") == allowed


def test_every_parameter_of_a_search_is_known_to_the_rules_for_crawlers(client: TestClient) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    known = {item["name"] for item in schema["paths"]["/api/v1/search"]["get"]["parameters"]} - {"limit", "offset", "reader"}
    assert known | {"page", "show"} == set(SEARCH_PARAMETERS)


def test_the_site_map_for_engines_lists_every_page_in_both_languages(public: TestClient) -> None:
    root = ElementTree.fromstring(public.get("/sitemap.xml").content)
    found = {url.findtext(f"{MAP}loc"): url for url in root}
    assert len(found) == len(root)
    for record in IDS:
        url = found[f"https://practices.example/en/practices/{record}"]
        assert datetime.fromisoformat(url.findtext(f"{MAP}lastmod") or "").tzinfo
        others = {link.get("hreflang"): link.get("href") for link in url.findall("{http://www.w3.org/1999/xhtml}link")}
        assert others == {
            "th": f"https://practices.example/th/practices/{record}",
            "en": f"https://practices.example/en/practices/{record}",
            "x-default": f"https://practices.example/th/practices/{record}",
        }
    rest = [address for address in found if "/practices/" not in str(address)]
    for address in rest:
        assert public.get(str(address).removeprefix("https://practices.example")).status_code == 200
    assert "https://practices.example/th/documents/doc-proceedings-1" in rest


def test_a_site_map_of_too_many_pages_is_split() -> None:
    pages = addresses([RecordDates(f"r-{number}", "document", "", "") for number in range(100)])
    size = 40  # twenty pages in two languages
    count = parts(len(pages), size)
    files = [site_map_xml(part_of(pages, number, size), "http://x") for number in range(1, count + 1)]
    listed = [ElementTree.fromstring(text).findall(f"{MAP}url") for text in files]
    assert [len(urls) for urls in listed[:-1]] == [size] * (count - 1)
    assert 0 < len(listed[-1]) <= size
    assert len({url.findtext(f"{MAP}loc") for urls in listed for url in urls}) == 2 * len(pages)
    index = ElementTree.fromstring(site_map_index_xml(count, "http://x"))
    assert [item.findtext(f"{MAP}loc") for item in index] == [f"http://x/sitemap-{n}.xml" for n in range(1, count + 1)]


@pytest.mark.parametrize(("pages", "count"), [(0, 1), (25_000, 1), (25_001, 2), (50_001, 3)])
def test_a_file_holds_as_many_addresses_as_the_standard_allows(pages: int, count: int) -> None:
    assert MAX_ADDRESSES == 50_000
    assert parts(pages) == count


@pytest.mark.parametrize("number", ["0", "1", "99", "x", "-1", "9" * 30])
def test_there_are_no_parts_of_a_site_map_that_fits_one_file(client: TestClient, number: str) -> None:
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_feed_is_valid_and_its_ids_last(client: TestClient, public: TestClient, language: str) -> None:
    answer = client.get(f"/{language}/new.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.content)
    entries = root.findall(f"{ATOM}entry")
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert len(entries) == 50
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert {link.get("rel") for link in root.findall(f"{ATOM}link")} == {"self", "alternate"}
    for element in (root, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, "RFC 4287, 4.1.1 and 4.1.2"
        assert str(element.findtext(f"{ATOM}id")).startswith("urn:uuid:")
        assert datetime.fromisoformat(str(element.findtext(f"{ATOM}updated"))).tzinfo
    ids = [entry.findtext(f"{ATOM}id") for entry in (root, *entries)]
    assert len(set(ids)) == 51
    elsewhere = ElementTree.fromstring(public.get(f"/{language}/new.atom").content)
    assert ids == [entry.findtext(f"{ATOM}id") for entry in (elsewhere, *elsewhere.findall(f"{ATOM}entry"))]
    address = str(entries[0].find(f"{ATOM}link").get("href"))  # type: ignore[union-attr]
    assert client.get(address.removeprefix("http://testserver")).status_code == 200


def test_the_ids_of_the_feed_are_those_of_its_first_day() -> None:
    assert stable_id("th", "th-traffy-fondue") == "urn:uuid:da57fe64-61e5-55d1-9eb4-d4245bf64dc8"


def test_a_title_of_another_language_and_a_character_that_xml_forbids_do_no_harm(app: FastAPI) -> None:
    row = RecordRow("x", "practice", None, None, None, Bilingual("ชื่อ\x0b <&>", ""), Bilingual("", ""))
    entry = Entry(row, RecordDates("x", "practice", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"))
    say = Say("en", translations("en"), app.state.repository.taxonomy)
    root = ElementTree.fromstring(newest_feed([entry], "http://x", say))
    found = root.find(f"{ATOM}entry")
    assert found is not None
    assert found.findtext(f"{ATOM}title") == "ชื่อ <&>"
    assert found.get("{http://www.w3.org/XML/1998/namespace}lang") == "th"
    assert root.findtext(f"{ATOM}updated") == "2026-01-03T00:00:00Z"
    assert ElementTree.fromstring(newest_feed([], "http://x", say)).findtext(f"{ATOM}updated"), "an empty feed has a date too"


def test_what_did_not_change_is_answered_without_content(client: TestClient) -> None:
    for path in ("/th/", "/en/help", "/th/practices/th-traffy-fondue", "/th/new.atom", "/sitemap.xml"):
        first = client.get(path)
        again = client.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert "default-src 'none'" in again.headers["content-security-policy"]
        assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert client.get("/th/help").headers["etag"] != client.get("/en/help").headers["etag"]
    assert "etag" not in client.get("/th/practices/no-such").headers
    assert "etag" not in client.post("/en/similar", data={"text": "floods"}).headers


@pytest.mark.parametrize(
    ("path", "packed"),
    [
        ("/th/", True),
        ("/static/style.css", True),
        ("/sitemap.xml", True),
        ("/static/fonts/sarabun-thai-400-normal.woff2", False),
    ],
)
def test_texts_travel_compressed_and_what_is_packed_already_does_not(client: TestClient, path: str, packed: bool) -> None:
    assert (client.get(path).headers.get("content-encoding") == "gzip") == packed
    assert "content-encoding" not in client.get(path, headers={"accept-encoding": "identity"}).headers


def test_no_answer_sets_a_cookie(client: TestClient) -> None:
    for path in ("/", "/th/", "/en/?q=flood", "/th/privacy", "/api/v1/search?q=flood", "/sitemap.xml", "/nothing"):
        assert "set-cookie" not in client.get(path).headers, f"{path}: the page on privacy says that reading needs none"
    assert not re.search("document.cookie|localStorage", client.get("/static/suggest.js").text)
