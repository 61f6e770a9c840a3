"""Routes that show cases side by side, as a page, as CSV and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from kb.fit.judge import write_context
from kb.fit.rules import Rules
from web.compare_pages import LEAST, MOST, Compared, compare_csv, compare_json, compare_page
from web.fit import context_of, fits_of
from web.pages import Say
from web.render import render, say_in, searcher_in
from web.routes import Language

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class _Asked:
    names: tuple[str, ...]
    fit: str
    by_fit: bool


def _asked(
    id: Annotated[list[str], Query()] = [],  # noqa: A002, B006  # FastAPI copies defaults
    fit: str = "",
    order: str = "",
) -> _Asked:
    return _Asked(tuple(dict.fromkeys(name.strip()[:200] for name in id if name.strip())), fit, order == "fit")


_AskedFor = Annotated[_Asked, Depends(_asked)]


def _compared(request: Request, asked: _Asked, say: Say) -> tuple[Compared, list[str]]:
    """The cases that the address names, and a line for each thing that is wrong with it."""
    searcher, book = searcher_in(request), request.app.state.repository.fit
    context, problem = context_of(asked.fit, book, say)
    problems = [problem] if problem else []
    names = asked.names[:MOST]
    if len(asked.names) > MOST:
        problems.append(say("At most {most} cases can be compared; these are the first ones.").format(most=MOST))
    found = {name: practice for name in names if (practice := searcher.store.practice(name)) is not None}
    if len(found) < len(names):
        problems.append(say("{count} of the cases are not here; they may have been moved or withdrawn.").format(
            count=len(names) - len(found)))  # fmt: skip
    if asked.names and len(found) < LEAST:
        problems.append(say("Choose at least two cases to compare."))
    fits = dict(fits_of(list(found), searcher, book, context)) if context else {}
    order = list(fits) if asked.by_fit and fits else list(found)
    return Compared(tuple(found[name] for name in order), fits, write_context(context, book.rules)), problems


@router.get("/{language}/compare")
def compare(request: Request, language: Language, asked: _AskedFor) -> Response:
    """The cases side by side; with too few of them, the way to choose."""
    say = say_in(request, language.value)
    compared, problems = _compared(request, asked, say)
    status = 422 if asked.names and len(compared.practices) < LEAST else 200
    page = compare_page(compared, problems, _rules(request), say)
    return render(request, "compare.html", page, say, status)


@router.get("/{language}/compare.csv")
def compare_as_csv(request: Request, language: Language, asked: _AskedFor) -> Response:
    """The table for a spreadsheet."""
    say = say_in(request, language.value)
    compared, problems = _compared(request, asked, say)
    if len(compared.practices) < LEAST:
        return render(request, "compare.html", compare_page(compared, problems, _rules(request), say), say, 422)
    return Response(
        compare_csv(compared, _rules(request), say).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="compare-{language.value}.csv"'},
    )


@router.get("/{language}/compare.json")
def compare_as_json(request: Request, language: Language, asked: _AskedFor) -> Response:
    """The table for a program."""
    say = say_in(request, language.value)
    compared, problems = _compared(request, asked, say)
    if len(compared.practices) < LEAST:
        return JSONResponse({"error": " ".join(problems) or say("Choose at least two cases to compare.")}, 422)
    return JSONResponse(compare_json(compared, _rules(request), say))


def _rules(request: Request) -> Rules:
    rules: Rules = request.app.state.repository.fit.rules
    return rules
