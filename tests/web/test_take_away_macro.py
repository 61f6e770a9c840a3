"""The list of what a reader can take away, on a page in real Chromium: layout, copying, and JSON-LD under the site's rules."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.web.papers import DAY, practice, say
from tests.web.test_browser import chromium
from web.app import create_app, server
from web.limits import RateLimit
from web.render import _ENVIRONMENT
from web.schema import json_ld
from web.takeaway.offer import take_away

pytestmark = pytest.mark.browser

TRAFFY = "th-traffy-fondue"
PAGE = """{% extends "base.html" %}{% from "takeaway.html" import take_away %}
{% block head %}<link rel="stylesheet" href="/static/takeaway.css"><script src="/static/copy.js" defer></script>
<script type="application/ld+json">{{ page.data }}</script>{% endblock %}
{% block main %}<h1>x</h1>{{ take_away(page.id, "both", lang, _, page.offer) }}{% endblock %}"""


@pytest.fixture(scope="module")
def place(app: FastAPI) -> Iterator[str]:
    """A server with a page that holds nothing but the list."""
    own = create_app(app.state.repository, limit=RateLimit(rate=1000, burst=10_000))

    @own.get("/{language}/only/list")
    def only(request: Request, language: str) -> HTMLResponse:
        speaker, given = say(language), practice(TRAFFY)
        address = f"{request.base_url}{language}/practices/{TRAFFY}"
        page = {"id": TRAFFY, "offer": take_away(given, address, DAY, speaker), "data": json_ld(given, address)}
        html = _ENVIRONMENT.from_string(PAGE).render(
            page=page, lang=language, _=speaker, say=speaker, languages=[("en", "English", "/en/")], version="1"
        )
        return HTMLResponse(html)

    own.router.routes.insert(0, own.router.routes.pop())
    running = server(own)
    running.config.port = 0
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("copying"), javascript=True)
    yield started
    started.quit()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_fits_and_breaks_no_rule(scripted: webdriver.Chrome, place: str, language: str, width: int) -> None:
    scripted.get_log("browser")
    scripted.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    )
    scripted.get(f"{place}/{language}/only/list")
    assert scripted.execute_script("return document.documentElement.scrollWidth") <= width
    small = scripted.execute_script(
        "return [...document.querySelectorAll('.take-away a, .take-away button, .take-away input')]"
        ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == []
    assert [entry for entry in scripted.get_log("browser") if "Content Security Policy" in entry["message"]] == []
    kinds = scripted.execute_script(
        "const data = document.querySelector('script[type=\"application/ld+json\"]').textContent;"
        "return JSON.parse(data)['@graph'].map(node => node['@type'])"
    )
    assert kinds == ["Report", "Report"]
    links = [link.get_attribute("href") for link in scripted.find_elements(By.CSS_SELECTOR, ".take-away a")]
    assert f"{place}/{language}/practices/{TRAFFY}.pdf?view=both" in links
    assert sum(link.startswith("mailto:?") for link in links) == 1


def test_the_citation_is_copied(scripted: webdriver.Chrome, place: str) -> None:
    scripted.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    scripted.get(f"{place}/th/only/list")
    buttons = scripted.find_elements(By.CSS_SELECTOR, "button.copy")
    assert [button.is_displayed() for button in buttons] == [True, True]
    buttons[1].click()
    WebDriverWait(scripted, 10).until(lambda _: buttons[1].text == "คัดลอกแล้ว")
    pasted = scripted.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert pasted == scripted.find_element(By.ID, "cite-apa").text
    assert pasted.startswith("คลังแนวปฏิบัติที่ดีภาครัฐอาเซียน. (ม.ป.ป.).")


def test_without_javascript_there_are_no_buttons(place: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = chromium(tmp_path_factory.mktemp("plain"), javascript=False)
    try:
        plain.get(f"{place}/en/only/list")
        assert not any(button.is_displayed() for button in plain.find_elements(By.CSS_SELECTOR, "button.copy"))
        assert plain.find_element(By.ID, "cite-apa").is_displayed()
    finally:
        plain.quit()
