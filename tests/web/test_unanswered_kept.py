"""Which searches of readers are kept because no case is close: whole questions of people who do not object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.desk.asked import AskedQuestions
from kb.encoder import FakeEncoder
from kb.repository import Repository
from web.app import create_app

FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
ODD = "zqxv kwpj"
"""Words that no case has."""


@pytest.fixture
def kept(app: FastAPI, tmp_path: Path) -> Iterator[AskedQuestions]:
    before, app.state.asked = app.state.asked, AskedQuestions(tmp_path / "searches.db")
    yield app.state.asked
    app.state.asked.close()
    app.state.asked = before


def texts(kept: AskedQuestions) -> list[str]:
    return [one.text for one in kept.since(date(2000, 1, 1))]


@pytest.mark.parametrize(
    ("address", "headers", "expected", "why"),
    [
        (f"/en/?q={ODD}", {}, [ODD], "a page"),
        (f"/api/v1/search?q={ODD}", {}, [ODD], "the interface for programs, asked by a browser"),
        (f"/en/?q={ODD} me@x.example", {}, [ODD], "an address is taken out"),
        (f"/en/?q={ODD}&country=TH", {}, [], "narrowed by hand"),
        (f"/en/?q={ODD}&from=2015", {}, [], "narrowed to years"),
        (f"/en/?q={ODD}&page=2", {}, [], "a further page"),
        (f"/en/?q={ODD}&undo=all", {}, [], "the same question read word by word"),
        ("/en/?q=Traffy Fondue", {}, [], "a case is close"),
        ("/en/", {}, [], "nothing was asked"),
        (f"/en/?q={ODD}", {"dnt": "1"}, [], "a reader who objects"),
        (f"/en/?q={ODD}", {"sec-gpc": "1"}, [], "a reader who objects, as newer browsers say it"),
        (f"/en/?q={ODD}", {"user-agent": "Googlebot/2.1"}, [], "a crawler"),
        (f"/en/?q={ODD}", {"sec-purpose": "prefetch"}, [], "fetched ahead"),
    ],
)
def test_whole_questions_of_people_are_kept(
    client: TestClient, kept: AskedQuestions, address: str, headers: dict[str, str], expected: list[str], why: str
) -> None:
    assert client.get(address, headers=FIREFOX | headers).status_code == 200
    assert texts(kept) == expected, why


def test_the_setting_switches_it_off(app: FastAPI) -> None:
    settings = replace(app.state.repository.settings, keep_unanswered=0)
    quiet = create_app(Repository(settings, FakeEncoder()))
    assert quiet.state.asked is None
    assert TestClient(quiet).get(f"/en/?q={ODD}", headers=FIREFOX).status_code == 200


@pytest.mark.parametrize(("language", "said"), [("th", "ลบเมื่อครบ 180 วัน"), ("en", "deleted after 180 days")])
def test_readers_are_told(client: TestClient, language: str, said: str) -> None:
    assert said in client.get(f"/{language}/privacy").text
