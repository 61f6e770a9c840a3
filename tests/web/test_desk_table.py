"""Tables at the desk: export, preview, bring in, undo, and files that are none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_visits import Visit, visit
from fastapi import FastAPI

from kb.desk.bulk import Bulk
from kb.desk.desk import Desk
from kb.desk.rights import Role

RECORD = "th-traffy-fondue"


@pytest.fixture(scope="module")
def editor(app: FastAPI) -> Iterator[tuple[Desk, Visit]]:
    with visit(app, "table@curate.example", Role.EDITOR) as found:
        yield found


def edited(visitor: Visit, status: str) -> bytes:
    """The exported row of one case with another status."""
    import csv
    import io

    text = visitor.get("/en/desk/table/export?form=csv&country=TH").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    place = rows[0].index("status")
    kept = [rows[0], *(row for row in rows if row[rows[0].index("id")] == RECORD)]
    kept[1][place] = status
    target = io.StringIO()
    csv.writer(target).writerows(kept)
    return target.getvalue().encode("utf-8-sig")


def state_of_page(page: str) -> str:
    return page.split('name="state" value="')[1].split('"')[0]


def test_from_export_to_undo(editor: tuple[Desk, Visit]) -> None:
    desk, visitor = editor
    before = Bulk(desk).present()[RECORD]
    answer = visitor.post("/en/desk/table", files={"file": ("my <b>cases</b>.csv", edited(visitor, "stopped"))})
    assert answer.headers["location"] == "/en/desk/table/preview"
    page = visitor.get("/en/desk/table/preview").text
    assert "Changed: 1" in page
    assert "<b>cases" not in page
    assert Bulk(desk).present()[RECORD] == before, "a preview changes nothing"
    assert visitor.post("/en/desk/table/apply", state="another").status_code == 409
    assert visitor.post("/en/desk/table/apply", state=state_of_page(page)).status_code == 303
    assert Bulk(desk).present()[RECORD].status == "stopped"
    assert visitor.get("/en/desk/table/preview").status_code == 404, "what was brought in is not kept"
    batch = Bulk(desk).batches()[0]
    assert visitor.post(f"/en/desk/table/batches/{batch.id}/undo").status_code == 303
    assert Bulk(desk).present()[RECORD] == before
    assert visitor.post(f"/en/desk/table/batches/{batch.id}/undo").status_code == 409


def test_a_conflict_is_brought_in_only_where_it_was_ticked(editor: tuple[Desk, Visit]) -> None:
    from dataclasses import replace

    desk, visitor = editor
    table = edited(visitor, "stopped")
    entry = desk.entries.open(RECORD, desk.accounts.all()[0])
    desk.entries.save(entry.number, replace(desk.entries.newest(entry), start=2001), entry.revision, desk.accounts.all()[0])
    visitor.post("/en/desk/table", files={"file": ("cases.csv", table)})
    page = visitor.get("/en/desk/table/preview").text
    assert "Conflicts: 1" in page
    assert visitor.post("/en/desk/table/apply", state=state_of_page(page)).status_code == 409, "nothing is left to bring in"
    assert Bulk(desk).present()[RECORD].status != "stopped"
    assert visitor.post("/en/desk/table/apply", state=state_of_page(page), over=RECORD).status_code == 303
    assert Bulk(desk).present()[RECORD].status == "stopped"


BAD = [(b"", "nothing chosen"), (b"PK\x03\x04 broken", "a damaged workbook"), (b"a,b\n1,2\n", "no column of ids")]


@pytest.mark.parametrize(("data", "reason"), BAD)
@pytest.mark.parametrize("language", ["th", "en"])
def test_what_is_no_table_is_told(editor: tuple[Desk, Visit], data: bytes, reason: str, language: str) -> None:
    answer = editor[1].post(f"/{language}/desk/table", files={"file": ("x.csv", data)})
    assert answer.status_code == 422, reason
    assert 'id="problem"' in answer.text, reason
