"""HEAD on every page: the answer to GET without its body."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS_ONLY = "kb.headers_only"
"""Set in the scope of a request that a client sent as HEAD, for what must not happen then, such as counting a reader."""


class HeadAsGet:
    """Middleware that answers HEAD as GET: the same status and headers, `Content-Length` included, and no bytes (RFC 9110).

    It stands outside all other middleware, so that a compressed page has the length here that GET would send.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", HEADERS_ONLY: True}, receive, without_body)
