"""HEAD answers as GET on every address, without a body."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from web import api, compare, crawl_routes, fit, front, reading_list, reading_routes, routes, text_routes
from web.counts import ReadCounts
from web.takeaway import routes as takeaway

CASE = "th-hat-yai-flood-warning"
VALUES = {
    "language": "th",
    "record": CASE,
    "id": CASE,
    "kind": "docx",
    "style": "bib",
    "number": "1",
}


ROUTERS = [
    *(part.router for part in (api, compare, crawl_routes, fit, front, reading_list)),
    *(part.router for part in (reading_routes, routes, takeaway, text_routes)),
]


def addresses() -> list[str]:
    """One address of each route that knows GET."""
    known = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [re.sub(r"{(\w+)}", lambda name: VALUES[name[1]], route.path) for route in known if "GET" in route.methods]


def test_head_has_the_status_and_headers_of_get_on_every_route(client: TestClient) -> None:
    every = addresses()
    assert len(every) > 30
    for path in [*every, "/static/style.css", "/api/v1/openapi.json", f"/th/practices/{CASE}?q=flood", "/no-such"]:
        get, head = (client.request(method, path, follow_redirects=False) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (get.status_code, b""), path
        kept = {"content-type", "content-length", "content-encoding", "etag", "location", "vary", "cache-control"}
        told = [{name: value for name, value in answer.headers.items() if name in kept} for answer in (get, head)]
        if not path.endswith((".docx", ".pdf")):  # put together anew each time: the length may differ
            assert told[0] == told[1], path


def test_head_tells_the_length_that_get_would_send(client: TestClient) -> None:
    get, head = (client.request(method, "/th/about", headers={"accept-encoding": "identity"}) for method in ("GET", "HEAD"))
    assert int(head.headers["content-length"]) == len(get.content) > 1000


def test_head_is_not_for_what_only_takes_a_form(client: TestClient) -> None:
    assert client.head("/api/v1/similar").status_code == 405


def test_a_page_already_known_answers_head_with_304(client: TestClient) -> None:
    tag = client.head("/en/about").headers["etag"]
    assert client.head("/en/about", headers={"if-none-match": tag}).status_code == 304


def test_head_counts_no_reader(app: FastAPI, client: TestClient, tmp_path: Path) -> None:
    before = app.state.counts
    app.state.counts = counts = ReadCounts(tmp_path / "reads.db", now=lambda: datetime(2026, 3, 5, tzinfo=UTC))
    try:
        client.head(f"/en/practices/{CASE}", headers={"user-agent": "Mozilla/5.0 Firefox/128.0"})
        assert counts.opened(CASE) is None
    finally:
        app.state.counts = before
        counts.close()
