"""The reader's own list. It lives in the browser; an address with ids shows it to others, without its notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from kb.fit.judge import write_context
from web.fit import context_of, fits_of
from web.fit_pages import compact, counts_line
from web.links import record_url
from web.render import render, say_in, searcher_in
from web.routes import Language

router = APIRouter(include_in_schema=False)

MAX_ITEMS = 100
"""Cases in a list."""
MAX_BRIEFED = 20
"""Cases in a briefing."""


@dataclass(frozen=True)
class ItemView:
    """A case of a list, with both titles for the browser that takes it over."""

    id: str
    title: str
    language: str
    url: str
    title_th: str
    title_en: str
    counts: str


@dataclass(frozen=True)
class ListPage:
    """A shared list where the address names cases, else the place that the script fills with the reader's own."""

    shared: bool
    items: tuple[ItemView, ...]
    problems: tuple[str, ...]
    order_url: str
    blank: ItemView
    most: int
    briefed: int


@router.get("/{language}/list")
def reading_list(
    request: Request,
    language: Language,
    id: Annotated[list[str], Query()] = [],  # noqa: A002, B006  # FastAPI copies defaults
    fit: str = "",
    order: str = "",
) -> Response:
    """My list, or the list of somebody who shared its address."""
    say, book = say_in(request, language.value), request.app.state.repository.fit
    searcher = searcher_in(request)
    context, problem = context_of(fit, book, say)
    wanted = list(dict.fromkeys(name.strip()[:200] for name in id if name.strip()))
    names = wanted[:MAX_ITEMS]
    rows = {name: row for name, row in searcher.store.rows(names).items() if row.kind == "practice"}
    problems = [problem] if problem else []
    if len(wanted) > MAX_ITEMS:
        problems.append(say("A list has at most {most} cases; these are the first ones.").format(most=MAX_ITEMS))
    if len(rows) < len(names):
        missing = len(names) - len(rows)
        problems.append(say("{count} of the cases are not here; they may have been moved or withdrawn.").format(count=missing))
    fits = dict(fits_of(list(rows), searcher, book, context)) if context else {}
    shown = list(fits) if order == "fit" and fits else [name for name in names if name in rows]
    items = tuple(
        ItemView(
            name,
            rows[name].title.get(language.value),
            _language_of(rows[name].title.th, rows[name].title.en, language.value),
            record_url(language.value, "practice", name),
            rows[name].title.th,
            rows[name].title.en,
            counts_line(fits[name], say) if name in fits else "",
        )
        for name in shown
    )
    pairs = [*(("id", name) for name in shown), ("order", "fit")]
    pairs += [("fit", write_context(context, book.rules))] if context else []
    page = ListPage(
        shared=bool(wanted),
        items=items,
        problems=tuple(problems),
        order_url=f"/{language.value}/list?{compact(pairs)}",
        blank=ItemView("", "", "", "", "", "", ""),
        most=MAX_ITEMS,
        briefed=MAX_BRIEFED,
    )
    return render(request, "list.html", page, say)


def _language_of(thai: str, english: str, own: str) -> str:
    """The language that a title is shown in."""
    return own if (thai if own == "th" else english) else ("en" if own == "th" else "th")
