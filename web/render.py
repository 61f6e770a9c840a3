"""Templates with the page's language, gettext and addresses in reach."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from kb import __version__
from kb.repository import Repository
from kb.search.engine import Searcher
from web.caching import unless_known
from web.i18n import LANGUAGES, NAMES, translations
from web.markdown import spoken
from web.pages import ErrorPage, Say
from web.theme import theme_of

_ENVIRONMENT = Environment(
    loader=PackageLoader("web"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_ENVIRONMENT.filters["spoken"] = spoken
_ENVIRONMENT.globals["scripts"] = frozenset(
    entry.name for entry in files("web").joinpath("static").iterdir() if entry.name.endswith(".js")
)
"""Scripts that are there; a page asks for no other."""


def say_in(request: Request, language: str) -> Say:
    """How pages of this language speak."""
    repository: Repository = request.app.state.repository
    return Say(language, translations(language), repository.taxonomy, request.app.state.whole_names)


def searcher_in(request: Request) -> Searcher:
    """The searcher over the present index."""
    found: Searcher = request.app.state.current.get()
    return found


def render(request: Request, template: str, page: Any, say: Say, status: int = 200) -> Response:
    """A template with its page context; the other languages' addresses are the present one with another first folder."""
    return unless_known(request, render_with(request, template, page, say, status))


def render_with(request: Request, template: str, page: Any, say: Say, status: int, **more: Any) -> HTMLResponse:
    """The same with more than the page context, and without a tag for caches."""
    rest = request.url.path.split("/", 2)[2] if request.url.path.count("/") >= 2 else ""
    query = f"?{request.url.query}" if request.url.query and status == 200 else ""
    others = [(code, NAMES[code], f"/{code}/{rest}{query}") for code in LANGUAGES]
    html = _ENVIRONMENT.get_template(template).render(
        page=page,
        lang=say.language,
        _=say,
        say=say,
        languages=others,
        theme=theme_of(request),
        version=__version__,
        path=rest,
        status=status,
        **more,
    )
    headers = {"Content-Language": say.language, "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(html, status_code=status, headers=headers)


def render_error(request: Request, language: str, status: int, message: str) -> Response:
    """The error page; known messages are translated, others stay as they are."""
    say = say_in(request, language)
    return render(request, "error.html", ErrorPage(status, say(message)), say, status)
