"""Choosing light, dark, or as the device: a form in the foot of every page, which works without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from web.routes import Language
from web.theme import CHOICES, COOKIE, DEVICE, MAX_BACK, own_address

router = APIRouter(include_in_schema=False)

KEPT = 365 * 24 * 3600
"""Seconds that the choice is kept."""


@router.post("/{language}/theme")
def choose(
    request: Request,
    language: Language,
    theme: Annotated[str, Form(max_length=20)] = "",
    back: Annotated[str, Form(max_length=2 * MAX_BACK)] = "",
) -> Response:
    """Keep the choice in a cookie of the reader's own, and go back. It sets a colour alone, so no token guards it."""
    if theme not in CHOICES:
        raise HTTPException(422, "Choose light, dark, or as the device.")
    to = own_address(back)
    response = RedirectResponse(f"{to}#theme" if to else f"/{language.value}/", 303, headers={"Cache-Control": "no-store"})
    if theme == DEVICE:
        response.delete_cookie(COOKIE, path="/", samesite="lax")
    else:
        # Scripts may read it: a page that comes back from the browser's memory takes on what was chosen since.
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, theme, max_age=KEPT, path="/", samesite="lax", secure=secure)
    return response
