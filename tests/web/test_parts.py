"""Catalogue, Markdown, links and limits."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import kb
import web
from kb.search.engine import Request
from web.limits import RateLimit
from web.links import record_url, search_url, toggled
from web.markdown import marked, render, spoken

WEB = Path(web.__file__).parent
_SHOWN_BY_NAME = {
    # messages that reach the reader through `say(message)` on an error page
    "There is no such practice; it may have been moved or withdrawn.",
    "There is no such document; it may have been removed.",
    "The original file of this document cannot be had here.",
    "There is no such page.",
    "Too many requests; wait a moment and try again.",
    "Something went wrong here; the error was logged.",
    "A year has four digits, such as 2018 or 2561.",
}


BUILT = {
    # messages with a limit in them, which the code puts in
    "The password has fewer than 12 characters; a sentence of several words is good.",
    "The password has more than 200 characters; shorten it.",
}


def used_messages() -> set[str]:
    """Every string that templates and page contexts hand to gettext."""
    found = extract_from_dir(
        str(WEB),
        method_map=[("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")],
        keywords={"_": None, "say": None, "self": None, "Problem": None},
    )
    return {message for _file, _line, message, _comments, _context in found if isinstance(message, str)} | _SHOWN_BY_NAME


def written_messages() -> set[str]:
    """Every string in the code of the desk and the pages: errors and notices reach the reader through `say(text)`."""
    found = set()
    for folder in (WEB, Path(kb.__file__).parent / "desk"):
        for path in folder.rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


def test_every_string_of_the_interface_has_thai_and_none_is_left_over() -> None:
    catalogue = read_po(io.BytesIO((WEB / "locale/th/messages.po").read_bytes()), locale="th")
    translated = {str(message.id) for message in catalogue if message.id and message.string}
    used = used_messages()
    assert used - translated == set()
    assert translated - used - written_messages() - BUILT == set()


def test_thai_strings_keep_the_places_of_the_english_ones_and_hold_thai() -> None:
    catalogue = read_po(io.BytesIO((WEB / "locale/th/messages.po").read_bytes()), locale="th")
    for message in catalogue:
        if message.id:
            assert set(re.findall(r"\{\w+\}", str(message.id))) == set(re.findall(r"\{\w+\}", str(message.string)))
            assert re.search("[\u0e01-\u0e2e]", str(message.string)) or str(message.id).isdecimal(), message.id


@pytest.mark.parametrize(
    ("markdown", "holds", "lacks"),
    [
        ("<script>x</script>", "&lt;script&gt;", "<script>"),  # raw HTML is shown, not run
        ("[a](javascript:alert(1))", "[a]", "href"),  # no scripts in links
        ("![a](http://x/y.png)", "!", "<img"),  # no foreign images
        ("- one\n- two", "<li>one</li>", "- one"),
        ("79%[^3] done", 'href="#c-3"', "[^3]"),
        ("[^x]", "[^x]", "href"),  # only numbers are claims
    ],
)
def test_markdown_is_safe_and_claims_are_links(markdown: str, holds: str, lacks: str) -> None:
    html = render(markdown, "Claim", "c")
    assert holds in html
    assert lacks not in html


def test_marked_text_is_escaped_around_and_inside_the_marks() -> None:
    assert marked("a<b>c", ((1, 4),)) == "a<mark>&lt;b&gt;</mark>c"


def test_an_address_holds_the_whole_search() -> None:
    request = Request("น้ำ & ไฟ", {"country": ("TH", "VN"), "language": ("th",)}, 2015, 2020)
    url = search_url("th", request, page=3)
    assert url == (
        "/th/?q=%E0%B8%99%E0%B9%89%E0%B8%B3+%26+%E0%B9%84%E0%B8%9F&country=TH&country=VN&face=th&from=2015&to=2020&page=3"
    )


def test_toggling_a_facet_twice_gives_the_same_search() -> None:
    request = Request("x", {"country": ("TH",)})
    assert toggled(request, "country", "TH").filters == {}
    assert toggled(toggled(request, "status", "stopped"), "status", "stopped") == request


def test_record_addresses_are_quoted() -> None:
    assert record_url("en", "practice", "a/b?c") == "/en/practices/a/b%3Fc"


def test_a_bucket_fills_with_time_and_each_address_has_its_own() -> None:
    now = [0.0]
    limit = RateLimit(rate=2, burst=3, keys=2, clock=lambda: now[0])
    assert [limit.allow("a") for _ in range(4)] == [True, True, True, False]
    assert limit.allow("b")
    now[0] = 0.5  # half a second at two a second is one token
    assert [limit.allow("a") for _ in range(2)] == [True, False]
    limit.allow("c")  # a third address: the least recent one is forgotten and starts full again
    assert [limit.allow("b") for _ in range(3)] == [True, True, True]


def test_a_rate_of_0_is_no_limit() -> None:
    limit = RateLimit(rate=0, burst=0)
    assert all(limit.allow("a") for _ in range(1000))


@pytest.mark.parametrize(
    ("text", "language", "html", "reason"),
    [
        ("flood: also as น้ำท่วม", "en", 'flood: also as <span lang="th">น้ำท่วม</span>', "a Thai word on an English page"),
        (
            "OPDC / สำนักงาน ก.พ.ร. / x",
            "en",
            'OPDC / <span lang="th">สำนักงาน ก.พ.ร.</span> / x',
            "a name with a blank",
        ),
        ("น้ำท่วม", "th", "น้ำท่วม", "on a Thai page it is the page's own language"),
        ("<b>ก</b>", "en", '&lt;b&gt;<span lang="th">ก</span>&lt;/b&gt;', "markup stays text"),
        ("<b>ก</b>", "th", "&lt;b&gt;ก&lt;/b&gt;", "in both languages"),
        ("flood", "en", "flood", "nothing to mark"),
    ],
)
def test_thai_words_of_an_english_page_are_marked_as_thai(text: str, language: str, html: str, reason: str) -> None:
    assert spoken(text, language) == html, reason
