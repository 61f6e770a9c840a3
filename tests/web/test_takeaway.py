"""Files and citations as the site serves them; briefings; limits and errors."""

from __future__ import annotations

import io
import threading
import time
from urllib.parse import quote

import pytest
from docx import Document
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.text.segment import Segmenter
from tests.web.papers import ADDRESS, DAY, IDS, bare, page_texts, practice, say
from web.app import create_app
from web.limits import RateLimit
from web.takeaway.briefing import MAX_CASES, MAX_NOTE, MAX_TITLE, Ask, clean
from web.takeaway.fitting import Bench, briefing_file
from web.takeaway.pdf import pages
from web.takeaway.renderings import BusyError, Renderings
from web.takeaway.routes import MAX_FORM

TRAFFY = "th-traffy-fondue"
EIGHT = IDS[5 : 5 + 9 * 8 : 9]


@pytest.mark.parametrize(
    ("path", "kind", "begins"),
    [
        (f"/th/practices/{TRAFFY}.pdf", "application/pdf", b"%PDF-"),
        (f"/en/practices/{TRAFFY}.pdf?view=both", "application/pdf", b"%PDF-"),
        (f"/en/practices/{TRAFFY}.pdf?view=nonsense", "application/pdf", b"%PDF-"),  # as if no view was asked for
        (f"/th/practices/{TRAFFY}.docx?view=en", "application/vnd.openxmlformats-officedocument", b"PK"),
        (f"/th/practices/{TRAFFY}/cite.apa.txt", "text/plain; charset=utf-8", "คลัง".encode()),
        (f"/en/practices/{TRAFFY}/cite.bib", "application/x-bibtex", b"@misc{"),
        (f"/en/practices/{TRAFFY}/cite.ris", "application/x-research-info-systems", b"TY  - "),
        (f"/en/practices/{TRAFFY}/cite.csl.json", "application/vnd.citationstyles.csl+json", b"["),
        (f"/th/briefing.pdf?id={TRAFFY}&id=id-petabencana&id={TRAFFY}", "application/pdf", b"%PDF-"),
        (f"/en/briefing.docx?id={TRAFFY}", "application/vnd.openxmlformats-officedocument", b"PK"),
    ],
)
def test_files_are_served_under_a_name_and_kept_out_of_search_engines(
    client: TestClient, path: str, kind: str, begins: bytes
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.content.startswith(begins)
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert answer.headers["x-robots-tag"] == "noindex"


def test_a_file_names_the_page_that_it_was_made_from(client: TestClient) -> None:
    text = bare("".join(page_texts(client.get(f"/en/practices/{TRAFFY}.pdf").content)))
    assert f"Addressofthiscase:http://testserver/en/practices/{TRAFFY}" in text
    assert "(B.E." in text
    assert "CCBY4.0" in text


_TOO_LONG = "ก" * (MAX_NOTE + 1)


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "thai", "reason"),
    [
        ("GET", "/practices/no-such.pdf", {}, 404, "ไม่พบ", "unknown case"),
        ("GET", "/practices/no-such.docx", {}, 404, "ไม่พบ", "unknown case"),
        ("GET", "/practices/no-such/cite.bib", {}, 404, "ไม่พบ", "unknown case"),
        ("GET", f"/practices/{TRAFFY}/cite.endnote", {}, 404, "ไม่พบหน้านี้", "unknown style"),
        ("GET", "/practices/doc-proceedings-1.pdf", {}, 404, "ไม่พบ", "a document is no case"),
        ("GET", "/practices/..%2f..%2fetc%2fpasswd.pdf", {}, 404, "", "no path reaches the file system"),
        ("GET", "/briefing.pdf", {}, 422, "โปรดเลือกกรณี", "no case"),
        ("GET", "/briefing.pdf?id=no-such", {}, 404, "ไม่พบกรณี no-such", "unknown case"),
        ("GET", "/briefing.xlsx?id=x", {}, 404, "ไม่พบหน้านี้", "unknown kind"),
        ("GET", "/briefing.pdf?" + "&".join(f"id={n}" for n in range(MAX_CASES + 1)), {}, 422, "ไม่เกิน 20", "too many"),
        ("POST", "/briefing.pdf", {"id": [TRAFFY], "note": ["a", "b"]}, 422, "จำนวนบันทึก", "more notes than cases"),
        ("POST", "/briefing.pdf", {"id": [TRAFFY], "note": [_TOO_LONG]}, 422, "บันทึกหนึ่งของท่านยาว 1001", "a note is too long"),
        (
            "POST",
            "/briefing.pdf",
            {"id": [TRAFFY], "title": "ก" * (MAX_TITLE + 1)},
            422,
            "ชื่อที่ท่านให้ยาว 201",
            "the title is too long",
        ),
        ("POST", "/briefing.pdf", {"id": [TRAFFY], "note": ["x" * MAX_FORM]}, 413, "ใหญ่เกินไป", "the form is too large"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_of_the_readers_language(
    client: TestClient, method: str, path: str, form: dict[str, object], status: int, thai: str, reason: str
) -> None:
    answers = {lang: client.request(method, f"/{lang}{path}", data=form or None) for lang in ("th", "en")}
    assert {answer.status_code for answer in answers.values()} == {status}, reason
    assert thai in answers["th"].text
    if thai:
        assert thai not in answers["en"].text


def test_notes_go_with_their_cases(client: TestClient) -> None:
    form = {
        "id": [TRAFFY, "id-petabencana"],
        "note": ["", "ถามจาการ์ตาเรื่อง <b>งบประมาณ</b>\r\nบรรทัดสอง"],
        "title": "สำหรับ #การประชุม",
    }
    answer = client.post("/en/briefing.pdf", data=form)
    assert answer.status_code == 200
    text = bare("".join(page_texts(answer.content)))
    assert "สำหรับ#การประชุม" in text
    second = text.index(bare("2. " + practice("id-petabencana").title.th))
    assert text.index("ถามจาการ์ตาเรื่อง<b>งบประมาณ</b>บรรทัดสอง") > second
    assert text.count("บันทึกของผู้จัดทำ") == 1
    word = client.post("/en/briefing.docx", data=form)
    assert "ถามจาการ์ตาเรื่อง <b>งบประมาณ</b>" in "\n".join(p.text for p in Document(io.BytesIO(word.content)).paragraphs)


def made(records: list[str], kind: str, segmenter: Segmenter) -> bytes:
    cases = tuple(practice(record) for record in records)
    ask = Ask(cases, ("",) * len(cases), tuple(ADDRESS + record for record in records))
    return briefing_file(ask, kind, Bench("A", segmenter, (say("th"), say("en")), DAY))


@pytest.mark.parametrize(("records", "most"), [(EIGHT[:1], 3), (EIGHT[:3], 3), (EIGHT, 3), (IDS[::9][:20], 8)])
def test_a_briefing_stays_within_its_pages(records: list[str], most: int, segmenter: Segmenter) -> None:
    pdf = made(records, "pdf", segmenter)
    assert pages(pdf) <= most
    text = bare("".join(page_texts(pdf)))
    for number, record in enumerate(records, 1):
        case = practice(record)
        place = text.index(bare(f"{number}. {case.title.th}"))
        assert bare(case.title.en) in text[place:]
        assert text.count(bare(case.title.th)) >= 2, "in the table and above its text"
        assert bare(ADDRESS + record) in text
    assert text.index("สาระสำคัญ") < text.index("Whatitis"), "Thai first"


def test_a_result_in_a_briefing_says_who_says_so(segmenter: Segmenter) -> None:
    text = bare("".join(page_texts(made([TRAFFY], "pdf", segmenter))))
    assert "17,811complaintscamein.[Press]" in text
    assert "[หน่วยงานระบุเอง]" in text


def test_a_readers_text_is_cleaned() -> None:
    assert clean("a\x00\tb\r\nc\ud800", 10) == "a b\nc"
    assert clean("e\u0301" * 3, 4) == "ééé"


# Limits


def test_a_file_is_made_once_for_the_same_content() -> None:
    renderings, calls = Renderings(limit=10), []
    for content, data in [("a", b"12345"), ("a", b"x"), ("b", b"123456"), ("a", b"again"), ("c", b"x" * 11), ("c", b"y" * 11)]:
        renderings.get(content, lambda data=data: (calls.append(data), data)[1])
    assert calls == [b"12345", b"123456", b"again", b"x" * 11, b"y" * 11], "b pushed a out; what is too large is not kept"


def test_only_a_few_files_are_made_at_a_time_and_the_next_are_sent_away() -> None:
    renderings, go, running = Renderings(slots=2, waiting=1, patience=30), threading.Event(), []

    def slow() -> bytes:
        running.append(1)
        go.wait(30)
        return b"x"

    threads = [threading.Thread(target=renderings.get, args=(str(number), slow)) for number in range(3)]
    for thread in threads:
        thread.start()
    while len(running) < 2 or renderings._places._value:
        time.sleep(0.01)
    assert len(running) == 2, "the third waits"
    with pytest.raises(BusyError):
        renderings.get("next", slow)
    go.set()
    for thread in threads:
        thread.join()
    assert len(running) == 3
    assert renderings.get("next", lambda: b"y") == b"y"


def test_a_file_that_fails_gives_its_place_back() -> None:
    renderings = Renderings(slots=1, waiting=0)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            renderings.get("a", _broken)
    assert renderings.get("a", lambda: b"x") == b"x"


def _broken() -> bytes:
    raise ValueError("broken")


def test_a_busy_server_says_when_to_come_back(app: FastAPI) -> None:
    other = create_app(app.state.repository, limit=RateLimit(rate=1000, burst=1000))
    other.state.renderings = Renderings(slots=1, waiting=0)
    other.state.renderings._slots.acquire()
    other.state.renderings._places.acquire()
    answer = TestClient(other).get(f"/th/practices/{TRAFFY}.pdf")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert "สร้างไฟล์พร้อมกันมากเกินไป" in answer.text
    assert TestClient(other).get("/th/practices/" + quote(TRAFFY)).status_code == 200, "pages go on"
