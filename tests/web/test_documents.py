"""The page of a document: screens, anchors, marks through all pages, and the original file where it may be had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import html
from markupsafe import Markup

from kb.encoder import FakeEncoder
from kb.ingest.progress import Progress
from kb.records import Document, Part
from kb.repository import Repository
from kb.taxonomy import load_taxonomy
from tests.conftest import CORPUS
from web.app import create_app
from web.document_pages import (
    CHARACTERS_A_SCREEN,
    PARTS_A_SCREEN,
    Asked,
    document_page,
    joined_lines,
    lines_with_spans,
    screens,
)
from web.i18n import translations
from web.pages import Say

LONG = "/en/documents/doc-long-report"


def tree(client: TestClient, path: str) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def numbers(page: html.HtmlElement) -> list[int]:
    return [int(place[1:]) for place in page.xpath('//section[contains(@class, "part")]/@id')]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], [(0, 0)]),
        ([10], [(0, 1)]),
        ([10] * PARTS_A_SCREEN, [(0, PARTS_A_SCREEN)]),
        ([10] * (PARTS_A_SCREEN + 1), [(0, PARTS_A_SCREEN), (PARTS_A_SCREEN, PARTS_A_SCREEN + 1)]),
        ([CHARACTERS_A_SCREEN, 10, 10], [(0, 1), (1, 3)]),
        ([10, 2 * CHARACTERS_A_SCREEN, 10], [(0, 1), (1, 2), (2, 3)]),  # a page that is too long stands alone
    ],
)
def test_a_screen_holds_so_many_pages_and_letters(lengths: list[int], expected: list[tuple[int, int]]) -> None:
    assert screens([Part(n, "page", "", "x" * length) for n, length in enumerate(lengths, 1)]) == expected


@pytest.mark.parametrize(
    ("page", "first", "last"),
    [("", 1, 25), ("?page=1", 1, 25), ("?page=25", 1, 25), ("?page=26", 26, 50), ("?page=60", 51, 60), ("?page=999", 1, 25)],
)
def test_the_screen_that_holds_a_page_is_shown(client: TestClient, page: str, first: int, last: int) -> None:
    assert numbers(tree(client, LONG + page)) == list(range(first, last + 1))


def test_every_page_is_reached_by_next_and_previous(client: TestClient) -> None:
    seen: list[int] = []
    path = LONG
    for _ in range(3):
        page = tree(client, path)
        seen += numbers(page)
        following = page.xpath('(//a[@rel="next"])[1]/@href')
        if following:
            (path,) = following
    assert seen == list(range(1, 61))
    assert page.xpath('//a[@rel="next"]') == []
    assert page.xpath('(//a[@rel="prev"])[1]/@href') == [f"{LONG}?page=26"]


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [("40", 40), ("๔๐", 40), ("0", 1), ("999", 60), ("x", 1)],
)
def test_go_to_page_leads_to_its_place(client: TestClient, typed: str, leads_to: int) -> None:
    answer = client.get(f"{LONG}?go={quote(typed)}&q=drought", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LONG}?page={leads_to}&q=drought#p{leads_to}")


def test_a_hit_opens_at_its_page_with_its_words_marked(client: TestClient) -> None:
    results = tree(client, "/en/?q=drought&kind=document")
    links = [link for link in results.xpath('//a[@class="place"]/@href') if "long-report" in link]
    assert links
    for link in links:
        anchor = link.partition("#")[2]
        page = tree(client, link)
        section = page.get_element_by_id(anchor)
        assert [mark.text_content() for mark in section.xpath(".//mark")] == ["drought"]


def test_marks_are_numbered_through_the_document_and_lead_from_screen_to_screen(client: TestClient) -> None:
    path = f"{LONG}?q=drought"
    places = []
    for _ in range(3):
        page = tree(client, path)
        (mark,) = page.xpath("//mark")
        places.append(mark.get("id"))
        before, after = page.xpath('//span[@class="steps"]/a/@href')
        path = after
    assert places == ["m1", "m2", "m3"]
    assert before == f"{LONG}?page=40&q=drought#m2"
    assert after == "#m4"
    assert "m4" in page.xpath("//@id"), "after the last place the bar is next"
    listed = page.xpath('//p[@class="where"]/a')
    assert [(link.text_content(), link.get("href").partition("#")[2]) for link in listed] == [
        ("20 (1)", "p20"),
        ("40 (1)", "p40"),
        ("60 (1)", "p60"),
    ]


def test_thai_is_marked_as_words_and_stop_words_are_not(client: TestClient) -> None:
    page = tree(client, "/th/documents/doc-proceedings-1?q=" + quote("น้ำท่วมที่กรุงเทพ"))
    marked = [mark.text_content() for mark in page.xpath("//mark")]
    assert "น้ำท่วม" in marked
    assert "ที่" not in marked


def test_a_question_without_a_place_here_says_so(client: TestClient) -> None:
    page = tree(client, f"{LONG}?q=zebra")
    assert "No word of this question stands here" in page.xpath('//aside[@class="marks"]')[0].text_content()


def test_spans_are_dealt_out_to_lines() -> None:
    assert list(lines_with_spans("ab cd\n\n  \nef", ((3, 5), (10, 12)))) == [("ab cd", ((3, 5),)), ("ef", ((0, 2),))]
    assert list(lines_with_spans("ab\ncd", ((1, 4),))) == [("ab", ((1, 2),)), ("cd", ((0, 1),))], "a span over the line's end"


@pytest.mark.parametrize(
    ("lines", "paragraphs", "why"),
    [
        ([], [], "an empty page"),
        (["one line"], ["one line"], "alone"),
        (["a line of full length", "goes on here."], ["a line of full length goes on here."], "a full line goes on"),
        (["a line of full length", "short.", "a new one begins here"],
         ["a line of full length short.", "a new one begins here"], "a short one ends"),
        (["a line of full length", "- an item of a list"], ["a line of full length", "- an item of a list"], "an item begins"),
        (["a line of full length", "2. an item of it"], ["a line of full length", "2. an item of it"], "a numbered item"),
        (["ประชาชนแจ้งเรื่อง", "ผ่านระบบ"], ["ประชาชนแจ้งเรื่องผ่านระบบ"], "Thai is joined without a blank"),
        (["ประชาชนแจ้งเรื่อง", "LINE ได้"], ["ประชาชนแจ้งเรื่อง LINE ได้"], "but not before English"),
    ],
)  # fmt: skip
def test_printed_lines_become_paragraphs(lines: list[str], paragraphs: list[str], why: str) -> None:
    assert [str(text) for text in joined_lines([(line, Markup(line)) for line in lines])] == paragraphs, why


# The original file


@pytest.fixture
def originals(app: FastAPI, tmp_path: Path) -> tuple[TestClient, Path]:
    """A server over a fresh repository whose documents lie in two folders, one of which may be handed out."""
    given = app.state.repository.settings
    for name, text in (
        ("open/รายงาน ก.md", "# Report\n\nOne."),
        ("closed/secret.md", "# Secret\n\nTwo."),
        ("open/web.html", PAGE),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "open" / "link.md").symlink_to(tmp_path / "closed" / "secret.md")
    settings = replace(given, home=tmp_path / "var", index=tmp_path / "index", originals=str(tmp_path / "open"))
    repository = Repository(settings, FakeEncoder())
    repository.ingest([tmp_path / "open", tmp_path / "closed"], Progress(quiet=True))
    return TestClient(create_app(repository)), tmp_path


PAGE = (
    "<!doctype html><html><head><title>A page</title></head><body><h1>A page</h1><p>Text of a page of ours.</p></body></html>"
)


def documents(client: TestClient) -> dict[str, str]:
    """File name -> the address of its document."""
    store = client.app.state.current.get().store  # type: ignore[attr-defined]
    return {Path(state.path).name: f"/en/documents/{state.record}" for state in store.files().values()}


def test_an_original_is_sent_as_a_download_and_never_as_a_page(originals: tuple[TestClient, Path]) -> None:
    client, folder = originals
    address = documents(client)["รายงาน ก.md"]
    assert tree(client, address).xpath('//a[@class="original"]/@href') == [f"{address}/original"]
    answer = client.get(f"{address}/original")
    assert answer.content == (folder / "open" / "รายงาน ก.md").read_bytes()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    kind, plain, whole = answer.headers["content-disposition"].split("; ")
    assert kind == "attachment"
    assert plain == f'filename="{address.rpartition("/")[2]}.md"'
    assert whole == "filename*=UTF-8''" + quote("รายงาน ก.md")
    page = client.get(documents(client)["web.html"] + "/original")
    assert page.headers["content-type"] == "application/octet-stream", "a page of others never runs here"


@pytest.mark.parametrize("name", ["secret.md", "link.md"])
def test_a_file_outside_the_folder_is_not_to_be_had(originals: tuple[TestClient, Path], name: str) -> None:
    """Also where a link inside the folder leads to it."""
    client, _ = originals
    address = documents(client).get(name)
    assert address is not None
    assert tree(client, address).xpath('//a[@class="original"]') == []
    answer = client.get(f"{address}/original")
    assert answer.status_code == 404
    assert "cannot be had" in answer.text


def test_a_file_that_changed_since_it_was_read_is_not_sent(originals: tuple[TestClient, Path]) -> None:
    client, folder = originals
    address = documents(client)["รายงาน ก.md"]
    (folder / "open" / "รายงาน ก.md").write_text("another text", encoding="utf-8")
    assert client.get(f"{address}/original").status_code == 404
    (folder / "open" / "รายงาน ก.md").unlink()
    assert client.get(f"{address}/original").status_code == 404
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("record", ["no-such", "..%2F..%2Fetc%2Fpasswd", "doc-proceedings-1", "th-traffy-fondue"])
def test_without_a_folder_nothing_is_handed_out(client: TestClient, record: str) -> None:
    assert client.get(f"/th/documents/{record}/original").status_code == 404


def test_a_document_of_headed_sections_lists_its_headings() -> None:
    parts = (Part(1, "section", "บทนำ", "ก ข"), Part(2, "section", "", "b"), Part(3, "section", "Results", "c"))
    say = Say("en", translations("en"), load_taxonomy(CORPUS))
    page = document_page(Document("doc-a", "A", "en", "markdown", parts), Asked(), say)
    assert [(line.text, line.language, line.url) for line in page.contents] == [
        ("บทนำ", "th", "#p1"),
        ("section 2", "", "#p2"),
        ("Results", "en", "#p3"),
    ]
