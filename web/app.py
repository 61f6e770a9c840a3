"""Builds the application: parts, middleware, routes, and one handler that turns every error into a page or into JSON."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from kb import __version__
from kb.desk.asked import AskedQuestions
from kb.desk.chores import chores
from kb.desk.desk import Desk
from kb.desk.upkeep import Upkeep
from kb.errors import KbError, QueryError
from kb.index import MANIFEST
from kb.moved import MovedRecords
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.vocabulary import only_words_differ
from web import api, compare, crawl_routes, fit, front, reading_list, reading_routes, routes, text_routes, theme_routes
from web.counts import ReadCounts
from web.desk import routes as desk_routes
from web.desk.access import NotSignedInError, sign_in_address
from web.head import HeadAsGet
from web.i18n import LANGUAGES, preferred_language
from web.limits import RateLimit
from web.names import WholeNames
from web.render import render_error
from web.takeaway import routes as takeaway
from web.takeaway.renderings import Renderings

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_COMPRESSED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "font/woff2",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
"""Kinds of content that are packed already."""
GZIP_LEVEL = 4
"""Half the time of level 6 for a tenth more bytes (bench/roofline.py)."""

BURST = 6
"""Seconds' worth of requests that an address may make at once: a page asks for several files, an office shares an address."""

THREADS = 8
"""Requests that are worked on at once. Answers are made of computing, not of waiting: with the usual 40 on two cores all become
slow together (bench/desk_load.py)."""

KEEP_ALIVE = 75
"""Seconds for which an idle connection is kept: longer than proxies keep theirs, so that none is closed under a request."""

_DESCRIPTION = """Search ASEAN public-sector good practices in Thai or English, and read one practice with both faces.

Texts are licensed CC BY 4.0. A score is the probability that a record answers the question: higher is better."""


class CurrentSearcher:
    """The searcher over the present index; opened again when another index was put in place, here or by another process, or
    when termbase or taxonomy changed.

    No request waits for an index to be made: the one before answers until the new one can be opened.
    """

    def __init__(self, repository: Repository, notice: Callable[[str], None] | None = None) -> None:
        self._repository = repository
        self._notice = notice
        self._lock = threading.Lock()
        self.store = repository.store()
        if (before := self.store.meta("text_state")) and only_words_differ(before, repository.text_state):
            repository.follow(self.store)  # a server that ended in the middle of it
        self._searcher = repository.searcher(self.store, notice)
        self._seen = self._stamp()

    def get(self) -> Searcher:
        stamp = self._stamp()
        if stamp != self._seen and stamp[0] and self._lock.acquire(blocking=False):
            try:
                self._reopen(stamp)
            finally:
                self._lock.release()
        return self._searcher

    def _reopen(self, stamp: tuple[int, str]) -> None:
        try:
            self._searcher = self._repository.opened(self.store)
        except KbError as exc:
            if self._notice:
                self._notice(f"{exc}; the index before is used")
        self._seen = stamp

    def _stamp(self) -> tuple[int, str]:
        """When the index was put in place (0 while it is not there), and the state of the words."""
        state = self._repository.vocabulary.state
        try:
            return (self._repository.index_folder / MANIFEST).stat().st_mtime_ns, state
        except OSError:
            return 0, state


def create_app(repository: Repository, notice: Callable[[str], None] | None = None, limit: RateLimit | None = None) -> FastAPI:
    """The application over one repository. Raises `KbError` where database, model or index cannot be opened."""
    settings = repository.settings
    counts = ReadCounts(settings.reads) if settings.count_readers else None
    asked = AskedQuestions(settings.searches) if settings.keep_unanswered else None

    upkeep = Upkeep(repository, chores(repository))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        upkeep.start()
        yield
        upkeep.stop()
        for held in (counts, asked):
            if held is not None:
                held.close()

    app = FastAPI(
        title="ASEAN good-practice repository",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        license_info={"name": "CC BY 4.0 (texts)", "url": "https://creativecommons.org/licenses/by/4.0/"},
        lifespan=lifespan,
    )
    current = CurrentSearcher(repository, notice)
    app.state.repository = repository
    app.state.current = current
    app.state.searcher = current.get()
    app.state.renderings = Renderings()
    app.state.counts = counts
    app.state.asked = asked
    app.state.whole_names = WholeNames(lambda: repository.termbase)
    app.state.moved = MovedRecords(settings.corpus, current.store)
    app.state.desk = Desk(repository, current.store)
    app.state.upkeep = upkeep
    limiter = limit or RateLimit(settings.rate, BURST * settings.rate)

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        counted = not request.url.path.startswith("/static/") and request.url.path != "/healthz"
        if counted and not limiter.allow(request.client.host if request.client else ""):
            response = error_response(request, 429, "Too many requests; wait a moment and try again.")
            response.headers["Retry-After"] = "5"
        else:
            response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    # Compressed pages leak secrets that stand beside a reader's own words (BREACH). The only secret that a page holds is the
    # token of a form, and that is another one at each page (`kb.desk.sessions.form_token`). Keep it so.
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=GZIP_LEVEL, exclude_content_types=_COMPRESSED)
    app.add_middleware(HeadAsGet)  # added last: outside the others
    app.include_router(api.router)
    desk_routes.include(app)
    app.include_router(takeaway.router)  # before the pages: "….pdf" would be taken for a practice
    app.include_router(reading_routes.router)
    app.include_router(routes.router)
    app.include_router(fit.router)
    app.include_router(compare.router)
    app.include_router(reading_list.router)
    app.include_router(text_routes.router)
    app.include_router(theme_routes.router)
    app.include_router(crawl_routes.router)
    app.include_router(front.router)
    app.mount("/static", _CachedFiles(directory=str(files("web").joinpath("static"))), name="static")
    _handle_errors(app)
    return app


class _CachedFiles(StaticFiles):
    """Static files that browsers may keep for a week; their addresses carry the version."""

    async def get_response(self, path: str, scope: Any) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=604800"
        return response


def server(app: FastAPI) -> uvicorn.Server:
    """A server for the application. Long questions are read: a Thai letter takes nine bytes in an address."""
    return uvicorn.Server(server_config(app))


def server_config(app: FastAPI | str, **more: Any) -> uvicorn.Config:
    """How the server is set up, for an application or the name of one."""
    return uvicorn.Config(
        app, log_level="warning", server_header=False, timeout_keep_alive=KEEP_ALIVE,
        h11_max_incomplete_event_size=1 << 18, **more,
    )  # fmt: skip


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def http_error(request: Request, exc: HTTPException) -> Response:
        message = "There is no such page." if exc.detail == "Not Found" else str(exc.detail)
        return error_response(request, exc.status_code, message)

    @app.exception_handler(NotSignedInError)
    async def visitor(request: Request, exc: NotSignedInError) -> Response:
        language = "en" if request.url.path.startswith("/en/") else "th"
        if request.url.path.startswith("/api/") or "x-form-token" in request.headers:
            return JSONResponse({"error": "Sign in first."}, status_code=401)
        return RedirectResponse(sign_in_address(language, exc.next_page), 303, headers={"Cache-Control": "no-store"})

    @app.exception_handler(RequestValidationError)
    async def bad_request(request: Request, exc: RequestValidationError) -> Response:
        first = exc.errors()[0]
        if first["loc"][0] == "path":
            return error_response(request, 404, "There is no such page.")
        name = str(first["loc"][-1])
        return error_response(request, 422, f"{name}: {first['msg']}")

    @app.exception_handler(QueryError)
    async def bad_query(request: Request, exc: QueryError) -> Response:
        return error_response(request, 422, str(exc))

    @app.exception_handler(KbError)
    async def engine_error(request: Request, exc: KbError) -> Response:
        return error_response(request, 503, str(exc))

    @app.exception_handler(Exception)
    async def defect(request: Request, _: Exception) -> Response:
        return error_response(request, 500, "Something went wrong here; the error was logged.")


def error_response(request: Request, status: int, message: str) -> Response:
    """An error as JSON under /api, as a page in the reader's language elsewhere."""
    if request.url.path.startswith(("/api/", "/healthz")):
        return JSONResponse({"error": message}, status_code=status)
    first = request.url.path.split("/")[1] if "/" in request.url.path else ""
    language = first if first in LANGUAGES else preferred_language(request.headers.get("accept-language", ""))
    return render_error(request, language, status, message)
