"""Answers that a browser may keep and ask about again: one that did not change costs no bytes."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response


def unless_known(request: Request, response: Response) -> Response:
    """The response with a tag of its content; status 304 without content where the browser already has just this one.

    Only answers to a successful GET are tagged. The tag is weak, because the same content may travel compressed or not.
    """
    if request.method != "GET" or response.status_code != 200:
        return response
    tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:20]}"'
    response.headers["ETag"] = tag
    response.headers.setdefault("Cache-Control", "no-cache")
    if tag not in (known.strip() for known in request.headers.get("if-none-match", "")[:2000].split(",")):
        return response
    kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return Response(status_code=304, headers=kept)
