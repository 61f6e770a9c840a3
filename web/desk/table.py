"""Cases as a table: export, upload with a preview, bring in, and undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Query, Request, UploadFile
from fastapi.responses import Response

from kb.desk.bulk import Batch, Bulk, Kept, plan_state
from kb.desk.entries import EntryError
from kb.desk.held_tables import HeldTableError, HeldTables, Upload
from kb.desk.rights import Action, RightsError
from kb.desk.table import Problem, read_table, write_table
from kb.desk.table_files import FORMATS, Limits
from kb.desk.table_preview import Difference, Preview, preview
from kb.errors import TableError
from kb.records import Bilingual, Practice
from web.desk.access import Seat, reads, writes
from web.desk.frame import back_to, day, language_of, show
from web.pages import Say
from web.render import say_in

router = APIRouter(include_in_schema=False)

MAX_CODE = 60
SHOWN = 100
"""Cases of each kind whose differences are shown."""
CELL_SHOWN = 400
"""Characters of a cell that are shown."""
_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Choice:
    value: str
    name: str


@dataclass(frozen=True)
class BatchView:
    """A table that was brought in before."""

    id: int
    name: str
    when: str
    who: str
    new: int
    changed: int
    undone: str


@dataclass(frozen=True)
class KeptView:
    url: str
    title: str
    who: str


@dataclass(frozen=True)
class TablePage:
    countries: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    batches: tuple[BatchView, ...]
    kept: tuple[KeptView, ...] = ()
    error: str = ""
    megabytes: int = Limits().bytes >> 20
    rows: int = Limits().rows


@dataclass(frozen=True)
class FieldChange:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class CaseChange:
    """What a row changes in a case; `known` says that nobody can have changed the case since the row was exported."""

    row: int
    id: str
    title: str
    fields: tuple[FieldChange, ...]
    known: bool
    gone: bool = False


@dataclass(frozen=True)
class ProblemView:
    cell: str
    text: str


@dataclass(frozen=True)
class PreviewPage:
    name: str
    state: str
    new: tuple[CaseChange, ...]
    changed: tuple[CaseChange, ...]
    conflicts: tuple[CaseChange, ...]
    problems: tuple[ProblemView, ...]
    counts: tuple[int, int, int, int, int]
    """New, changed, unchanged, conflicts, problems."""
    error: str = ""
    shown: int = SHOWN


@dataclass(frozen=True)
class _Looked:
    """A table that was uploaded, compared with the cases as they are now."""

    name: str
    preview: Preview
    taken: frozenset[str]

    @property
    def state(self) -> str:
        """Changes with anything that would be brought in, conflicts included."""
        return plan_state(self.preview.plan(frozenset(one.id for one in self.preview.conflicts if one.reason == "changed")))


def _uploads(seat: Seat) -> HeldTables:
    return HeldTables(seat.desk.repository.settings.home / "uploads")


@router.get("/{language}/desk/table")
def table(request: Request, seat: Seat = reads(Action.BULK)) -> Response:
    return show(request, seat, "desk/table.html", _start(request, seat))


@router.get("/{language}/desk/table/export")
def export(
    seat: Seat = reads(Action.BULK),
    form: Annotated[str, Query(max_length=10)] = "xlsx",
    country: Annotated[str, Query(max_length=MAX_CODE)] = "",
    priority: Annotated[str, Query(max_length=MAX_CODE)] = "",
) -> Response:
    """All cases of the desk, or those of a country and a priority."""
    chosen = next((one for one in FORMATS if one == form), None)
    if chosen is None:
        raise HTTPException(404, "There is no such page.")
    cases = [
        practice
        for practice in Bulk(seat.desk).present().values()
        if country in ("", practice.country) and priority in ("", practice.priority)
    ]
    data = write_table(cases, chosen, seat.desk.repository.taxonomy)
    headers = {"Content-Disposition": f'attachment; filename="cases.{chosen}"', "Cache-Control": "private, no-store"}
    return Response(data, media_type=_KINDS[chosen], headers=headers)


@router.post("/{language}/desk/table")
def upload(request: Request, seat: Seat = writes(Action.BULK), file: Annotated[UploadFile | None, File()] = None) -> Response:
    """Keep a table until it is confirmed, and go on to what it would change."""
    say = say_in(request, language_of(request))
    data = file.file.read(Limits().bytes + 1) if file is not None else b""
    name = (file.filename or "") if file is not None else ""
    try:
        if not data:
            raise HeldTableError("Choose a file first.")
        read_table(data, name, seat.desk.repository.taxonomy)
    except (HeldTableError, TableError) as exc:
        return show(request, seat, "desk/table.html", _start(request, seat, _told(exc, say)), 422)
    _uploads(seat).keep(seat.account.id, Upload(name, data))
    return back_to(request, "/table/preview")


@router.get("/{language}/desk/table/preview")
def look(request: Request, seat: Seat = reads(Action.BULK)) -> Response:
    """What the uploaded table would change; nothing is changed yet."""
    say = say_in(request, language_of(request))
    try:
        return show(request, seat, "desk/table_preview.html", _preview_page(_looked(seat), say))
    except (HeldTableError, TableError) as exc:
        return show(request, seat, "desk/table.html", _start(request, seat, _told(exc, say)), 404)


@router.post("/{language}/desk/table/apply")
def apply(
    request: Request,
    seat: Seat = writes(Action.BULK),
    state: Annotated[str, Form(max_length=MAX_CODE)] = "",
    over: Annotated[list[str], Form(max_length=Limits().rows)] = [],  # noqa: B006  # FastAPI copies defaults
) -> Response:
    """Bring the uploaded table in as it was looked at; rows in conflict only where they were ticked."""
    say = say_in(request, language_of(request))
    try:
        looked = _looked(seat)
    except (HeldTableError, TableError) as exc:
        return show(request, seat, "desk/table.html", _start(request, seat, _told(exc, say)), 404)
    try:
        if state != looked.state:
            raise EntryError(
                "Somebody changed one of these cases meanwhile, so nothing was brought in; look at the table again."
            )
        changed = {one.id for one in looked.preview.conflicts if one.reason == "changed"}
        plan = [step for step in looked.preview.plan(frozenset(over) & changed) if step.id not in looked.taken]
        Bulk(seat.desk).apply(tuple(plan), seat.account, looked.name)
    except (EntryError, RightsError) as exc:
        return show(request, seat, "desk/table_preview.html", _preview_page(looked, say, say(str(exc))), 409)
    _uploads(seat).forget(seat.account.id)
    return back_to(request, "/table", "table")


@router.post("/{language}/desk/table/batches/{batch}/undo")
def undo(request: Request, batch: int, seat: Seat = writes(Action.BULK)) -> Response:
    """Put back what a table changed, where nobody worked on it since."""
    say = say_in(request, language_of(request))
    try:
        kept = Bulk(seat.desk).undo(batch, seat.account)
    except (EntryError, RightsError) as exc:
        return show(request, seat, "desk/table.html", _start(request, seat, say(str(exc))), 409)
    if not kept:
        return back_to(request, "/table", "undone")
    return show(request, seat, "desk/table.html", _start(request, seat, kept=kept))


def _looked(seat: Seat) -> _Looked:
    held, bulk = _uploads(seat).get(seat.account.id), Bulk(seat.desk)
    found = preview(read_table(held.data, held.name, seat.desk.repository.taxonomy), bulk.present())
    return _Looked(held.name, found, bulk.taken(practice.id for practice in found.new))


def _told(exc: Exception, say: Say) -> str:
    if isinstance(exc, TableError):
        return exc.th if say.language == "th" else exc.en
    return say(str(exc))


def _start(request: Request, seat: Seat, error: str = "", kept: tuple[Kept, ...] = ()) -> TablePage:
    say = say_in(request, language_of(request))
    names = seat.desk.accounts.names()
    taxonomy = say.taxonomy
    return TablePage(
        tuple(Choice(code, say.label("countries", code)) for code in taxonomy["countries"]),
        tuple(Choice(code, say.label("priorities", code)) for code in taxonomy["priorities"]),
        tuple(_batch(batch, names, say) for batch in Bulk(seat.desk).batches()),
        tuple(
            KeptView(
                f"/{say.language}/desk/entries/{one.entry}",
                Bilingual(one.title_th, one.title_en).get(say.language) or str(one.entry),
                names.get(one.author, "") if one.author else "",
            )
            for one in kept
        ),
        error,
    )


def _batch(batch: Batch, names: dict[int, str], say: Say) -> BatchView:
    who = names.get(batch.account, "")
    return BatchView(batch.id, batch.name, day(batch.made, say), who, batch.new, batch.changed, day(batch.undone, say))


def _preview_page(looked: _Looked, say: Say, error: str = "") -> PreviewPage:
    found = looked.preview
    new = [one for one in found.new if one.id not in looked.taken]
    taken = say("The id {id} belongs to a withdrawn case; give the row another id.")
    problems = [
        *(_problem(one, say) for one in found.problems),
        *(ProblemView("", taken.format(id=one)) for one in sorted(looked.taken)),
    ]
    return PreviewPage(
        looked.name,
        looked.state,
        tuple(CaseChange(0, one.id, _title(one, say), (), known=True) for one in new[:SHOWN]),
        tuple(
            CaseChange(one.row, one.after.id, _title(one.after, say), _fields(one.differences, say), one.known)
            for one in found.changed[:SHOWN]
        ),
        tuple(
            CaseChange(one.row, one.id, _title(one.after, say), _fields(one.differences, say), False, one.reason == "gone")
            for one in found.conflicts
        ),
        tuple(problems[: 5 * SHOWN]),
        (len(new), len(found.changed), len(found.unchanged), len(found.conflicts), len(problems)),
        error,
    )


def _title(practice: Practice, say: Say) -> str:
    return practice.title.get(say.language) or practice.id


def _fields(differences: tuple[Difference, ...], say: Say) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(one.heading.get(say.language), _short(one.before), _short(one.after)) for one in differences)


def _short(text: str) -> str:
    return text if len(text) <= CELL_SHOWN else text[:CELL_SHOWN] + " …"


def _problem(problem: Problem, say: Say) -> ProblemView:
    return ProblemView(f"{problem.column}{problem.row}", problem.message.get(say.language))
