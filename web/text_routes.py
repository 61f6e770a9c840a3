"""Pages of prose, and the site map for readers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from web.pages import Say
from web.render import render, say_in, searcher_in
from web.routes import Language
from web.site_map import site_map_page
from web.texts import text_page

router = APIRouter(include_in_schema=False)


@router.get("/{language}/help")
@router.get("/{language}/faq")
@router.get("/{language}/about")
@router.get("/{language}/accessibility")
@router.get("/{language}/privacy")
def text(request: Request, language: Language) -> Response:
    """The page of prose that the address names."""
    say = say_in(request, language.value)
    name = request.url.path.rsplit("/", 1)[1]
    return render(request, "text.html", text_page(name, language.value, _values(request, say)), say)


@router.get("/{language}/site-map")
def site_map(request: Request, language: Language) -> Response:
    """All pages, and all cases by country."""
    say = say_in(request, language.value)
    return render(request, "site-map.html", site_map_page(searcher_in(request), say), say)


def _values(request: Request, say: Say) -> dict[str, str]:
    """What pages of prose may name: numbers of what is here, and how to reach the operator."""
    repository = request.app.state.repository
    counts = searcher_in(request).store.counts()
    contact = repository.settings.contact
    if contact:
        line = say("Write to the operator of this site: {contact}").format(contact=f"<{contact}>")
    else:
        line = say("The operator of this site has not given a contact; ask the agency from which you have its address.")
    return {
        **{name: f"{counts[name]:,}" for name in ("practices", "faces", "documents")},
        "terms": f"{len(repository.termbase):,}",
        "contact": line,
    }
