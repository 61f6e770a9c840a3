"""A first-time reader finds five answers in the box "At a glance", within two screens of a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver

from kb.records import Face
from tests.web.test_browser import chromium
from web.first_look import OPENING, opening

FIVE = {
    "th": ("สาระสำคัญ", "ใคร", "ใช้เงินเท่าใด", "หลักฐาน", "นำไปใช้ที่อื่นได้หรือไม่"),
    "en": ("What it is", "Who", "How much", "Evidence", "Would it work elsewhere"),
}
WALKED = ("th-traffy-fondue", "id-mal-pelayanan-publik", "id-kasn-merit-system")
"""A Thai case, an Indonesian one whose cost nobody stated, and one that was stopped."""


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("phone"), javascript=False)
    size = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    started.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield started
    started.quit()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("record", WALKED)
def test_the_five_answers_begin_within_two_screens_of_a_phone(
    phone: webdriver.Chrome, address: str, record: str, language: str
) -> None:
    phone.get(f"{address}/{language}/practices/{record}")
    rows = phone.execute_script(
        """return [...document.querySelectorAll('.glance dl > div')].map(e => [e.querySelector('dt').textContent,
             e.querySelector('dd').textContent.trim(), e.querySelector('dd').getBoundingClientRect().bottom / innerHeight])"""
    )
    names = [name for name, _, _ in rows]
    at = [names.index(name) for name in FIVE[language]]
    assert at == sorted(at)
    assert all(rows[place][1] for place in at), "a row says at least that it is not known"
    assert all(rows[place][2] <= 2 for place in at), rows
    if record == "id-mal-pelayanan-publik":
        assert rows[at[2]][1].lower() == {"th": "ไม่ทราบ", "en": "not known"}[language]
    if record == "id-kasn-merit-system":
        assert names[0] == {"th": "สถานะ", "en": "Status"}[language], "nobody reads on without seeing that it was stopped"


@pytest.mark.parametrize(
    ("markdown", "told"),
    [
        ("", ""),  # a face that lacks the section
        ("- **First** point[^1].\n- Second.", "First point."),  # a list: its first item, without marks and claims
        ("It works. " + "It goes on and on. " * 20, "It works. " + "It goes on and on. " * 7),
        ("ประชาชนแจ้งปัญหาผ่านแอป", "ประชาชนแจ้งปัญหาผ่านแอป"),
    ],
)
def test_an_opening_is_whole_sentences_of_plain_text(markdown: str, told: str) -> None:
    face = Face("en", "T", {"summary": markdown} if markdown else {})
    assert opening(face, "summary") == told.strip()
    assert len(told.strip()) <= OPENING
