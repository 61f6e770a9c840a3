"""Names of the termbase stay whole at the ends of Thai lines, and nothing gets wider than its window by it."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.termbase import TermEntry
from web.names import LONGEST, SHORT, WholeNames, letters

LONG = "สำนักงานพัฒนาวิทยาศาสตร์และเทคโนโลยีแห่งชาติ"
TERMBASE = (
    TermEntry("traffy", "programme", ("ทราฟฟี่ฟองดูว์", "ทราฟฟี่", "LINE"), ("Traffy Fondue",)),
    TermEntry("nstda", "agency", ("สวทช.", "สพ", LONG), ("NSTDA",)),
    TermEntry("thaid", "programme", ("แอป ThaID", "ไทยดี"), ("ThaID",)),
    TermEntry("flood", "crisis", ("น้ำท่วม",), ("flood",)),
    TermEntry("angle", "programme", ("ก<b>ขคง",), ("angle",)),
)


@pytest.mark.parametrize(
    ("text", "language", "html"),
    [
        pytest.param("ใช้ทราฟฟี่ฟองดูว์แจ้ง", "th", 'ใช้<span class="whole">ทราฟฟี่ฟองดูว์</span>แจ้ง', id="the longest form"),
        pytest.param("ไทยดีกับไทยดี", "th", '<span class="whole">ไทยดี</span>กับ<span class="whole">ไทยดี</span>', id="each"),
        pytest.param("(สวทช.)", "th", '(<span class="whole">สวทช.</span>)', id="with a point"),
        pytest.param("แอป ThaID", "th", '<span class="whole">แอป ThaID</span>', id="with a blank"),
        pytest.param("สพ LINE", "th", "สพ LINE", id="too short to break, or not Thai"),
        pytest.param(LONG, "th", LONG, id="too long for a phone"),
        pytest.param("น้ำท่วม", "th", "น้ำท่วม", id="a word of the dictionary, no name"),
        pytest.param("ไทยดีุ", "th", "ไทยดีุ", id="a mark more: the name would be cut within a cluster"),
        pytest.param("<i>&ทราฟฟี่\"", "th", '&lt;i&gt;&amp;<span class="whole">ทราฟฟี่</span>&#34;', id="hostile text"),
        pytest.param("ก<b>ขคง", "th", '<span class="whole">ก&lt;b&gt;ขคง</span>', id="hostile name"),
        pytest.param("ทราฟฟี่ & LINE", "en", '<span lang="th">ทราฟฟี่</span> &amp; LINE', id="another language: marked as Thai"),
        pytest.param("", "th", "", id="nothing"),
    ],
)  # fmt: skip
def test_names_are_marked_and_all_else_is_escaped(text: str, language: str, html: str) -> None:
    assert str(WholeNames(lambda: TERMBASE)(text, language)) == html


def test_longer_names_are_told_apart_for_narrow_columns() -> None:
    short, long, longest, over = "ก" * SHORT, "ข" * (SHORT + 1), "คี" * LONGEST, "ง" * (LONGEST + 1)
    whole = WholeNames(lambda: (TermEntry("names", "agency", (short, long, longest, over), ("x",)),))
    assert letters(longest) == LONGEST, "vowels above take no room"
    kinds = [str(whole(form, "th")).partition(">")[0] for form in (short, long, longest)]
    assert kinds == ['<span class="whole"', '<span class="whole long"', '<span class="whole long"']
    assert str(whole(over, "th")) == over


def test_without_a_termbase_texts_are_escaped_as_ever() -> None:
    assert str(WholeNames()("<ทราฟฟี่>", "th")) == "&lt;ทราฟฟี่&gt;"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/th/practices/th-traffy-fondue", '<h1 lang="th"><span class="whole">ทราฟฟี่ฟองดูว์</span>'),
        ("/th/practices/th-traffy-fondue", '<dd><span class="whole">กรุงเทพมหานคร</span>'),
        ("/th/?q=Traffy+Fondue", 'lang="th"><span class="whole">ทราฟฟี่ฟองดูว์</span>'),
    ],
    ids=["heading", "at a glance", "title of a result"],
)
def test_thai_pages_keep_their_names_whole(client: TestClient, path: str, found: str) -> None:
    assert found in client.get(path).text
    assert 'class="whole' not in client.get(path.replace("/th/", "/en/")).text.partition("<footer")[0]
