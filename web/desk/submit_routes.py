"""Routes of submission: bodies of bounded size, and text that is not lost when the session ended before it was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from kb.desk.sessions import form_token
from web.desk.access import COOKIE, FOREIGN, MAX_TOKEN, NotSignedInError, own_page, sign_in_address, signed_in
from web.desk.frame import language_of
from web.desk.submit_form import FIELDS, Typed
from web.desk.submit_help import name_of
from web.render import render_with, say_in

MAX_FORM = 4_000_000
"""Bytes of a form without a file; all its fields filled with Thai take less."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class KeptField:
    name: str
    label: str
    value: str
    long: bool


@dataclass(frozen=True)
class KeptPage:
    """What was typed, after the session ended: to copy, and to send again. Without `token` one has to sign in first."""

    action: str
    face: str
    fields: tuple[KeptField, ...]
    hidden: tuple[tuple[str, str], ...]
    token: str
    sign_in: str


class KeepingRoute(APIRoute):
    """Shows what was typed where a form comes from a session that ended: nothing is lost, and nothing is saved unasked."""

    def get_route_handler(self) -> Handler:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            request = await bounded(request, MAX_FORM)
            try:
                return await original(request)
            except NotSignedInError:
                page = await _kept(request, "")
            except HTTPException as exc:
                if exc.detail != FOREIGN or not _is_own(request):
                    raise
                page = await _kept(request, form_token(request.cookies.get(COOKIE, "")[:MAX_TOKEN]))
                if page is None:
                    raise
            if page is None:
                raise NotSignedInError("")
            return _shown(request, page)

        return handler


class UploadRoute(APIRoute):
    """Takes files only from those who are signed in, and never more bytes than a file may have."""

    def get_route_handler(self) -> Handler:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if request.method == "POST":
                if await run_in_threadpool(signed_in, request) is None:
                    raise NotSignedInError("")
                limit = request.app.state.desk.attachments.max_bytes + 100_000
                request = await bounded(request, limit)
            return await original(request)

        return handler


async def bounded(request: Request, limit: int) -> Request:
    """The request with a body that ends with an error (413) after `limit` bytes. What is announced to be longer is read to
    three times that and thrown away, because browsers show no answer that comes before they have sent all."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        await _thrown_away(request, 3 * limit)
        raise HTTPException(413, "The file is too large.")
    return Request(request.scope, _counting(request.receive, limit), request._send)


def _counting(receive: Callable[[], Awaitable[Message]], limit: int) -> Callable[[], Awaitable[Message]]:
    left = limit

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, "The file is too large.")
        return message

    return counted


async def _thrown_away(request: Request, most: int) -> None:
    seen = 0
    pieces: AsyncIterator[bytes] = request.stream()
    async for piece in pieces:
        seen += len(piece)
        if seen > most:
            return


def _is_own(request: Request) -> bool:
    """Whether the browser says that the form stood on a page of ours; without its word it is taken for another's."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    return site == "same-origin" or (not site and urlsplit(origin).netloc == request.headers.get("host", "-"))


async def _kept(request: Request, token: str) -> KeptPage | None:
    """What was typed in a form for readers' eyes; nothing for a script's request, and where nothing was typed."""
    if request.method != "POST" or "x-form-token" in request.headers:
        return None
    form = await request.form()
    sent: Mapping[str, str] = {name: value for name, value in form.items() if isinstance(value, str)}
    typed = Typed.of_form(sent.get("face", ""), [(name, str(value)) for name, value in form.multi_items()])
    if not typed.anything:
        return None
    say, path = say_in(request, language_of(request)), request.url.path
    fields = tuple(
        KeptField(name, name_of(name, say), typed.get(name), shape == "text")
        for name, shape in FIELDS.items()
        if typed.get(name).strip()
    )
    hidden = tuple((name, sent[name][:20]) for name in ("base", "step") if name in sent)
    return KeptPage(path, typed.face, fields, hidden, token, sign_in_address(say.language, own_page(f"/{say.language}/desk")))


def _shown(request: Request, page: KeptPage) -> Response:
    say = say_in(request, language_of(request))
    response = render_with(request, "desk/submit_kept.html", page, say, 403 if page.token else 401)
    response.headers["Cache-Control"] = "private, no-store"
    return response
