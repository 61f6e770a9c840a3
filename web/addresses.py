"""Whole addresses of this server, for what is read elsewhere: feeds, site maps, citations."""

from __future__ import annotations

import re

from fastapi import Request, Response

from web.caching import unless_known

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")


def base_url(request: Request) -> str:
    """Scheme and host without a slash at the end, as readers reach this server.

    The setting `public_url` decides where it is given. Without it the Host header does, if it is a plain host name; anything
    else in that header (quotes, slashes, user names) gives the socket that the request came in by. X-Forwarded-Host is
    never read.
    """
    settings = request.app.state.repository.settings
    if settings.public_url:
        return str(settings.public_url).rstrip("/")
    scheme = "https" if request.url.scheme == "https" else "http"
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        name, port = request.scope.get("server") or (settings.host, settings.port)
        host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return f"{scheme}://{host}"


def with_whole_addresses(request: Request, content: str, media_type: str, seconds: int = 3600) -> Response:
    """An answer that holds whole addresses. If they came from the Host header, no shared cache may hand it to others: one
    request with a forged header would otherwise spread its addresses."""
    reach = "public" if request.app.state.repository.settings.public_url else "private"
    headers = {"Cache-Control": f"{reach}, max-age={seconds}"}
    return unless_known(request, Response(content, media_type=media_type, headers=headers))
