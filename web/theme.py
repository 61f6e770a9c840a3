"""Light, dark, or as the device: what the reader chose, and the page that they come back to after choosing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request

COOKIE = "theme"
DEVICE = "device"
CHOICES = (DEVICE, "light", "dark")
"""What a reader may choose; the device's own colours are kept as no cookie at all."""

MAX_BACK = 4000
"""Characters of an address to come back to; a longer question is asked again by hand."""

_OWN = re.compile(r"/(?:th|en)(?:[/?][!-\[\]-~]*)?")
"""An address of our pages: a language, then visible ASCII without a backslash. No host can stand in it."""


@dataclass(frozen=True)
class Theme:
    """The colours of a page; `back` is its address, empty where it answers a form and cannot be asked for again."""

    chosen: str
    back: str

    @property
    def forced(self) -> str:
        """`light` or `dark`; empty where the device decides."""
        return "" if self.chosen == DEVICE else self.chosen


def theme_of(request: Request) -> Theme:
    """What the request's cookie says; anything else in it counts as not chosen."""
    kept = request.cookies.get(COOKIE, "")
    return Theme(kept if kept in CHOICES else DEVICE, _address(request) if request.method in ("GET", "HEAD") else "")


def own_address(back: str) -> str:
    """An address of ours to go on to, or nothing: never another site's."""
    return back if len(back) <= MAX_BACK and _OWN.fullmatch(back) else ""


def _address(request: Request) -> str:
    path = quote(str(request.scope["path"]))
    query = f"?{request.url.query}" if request.url.query else ""
    return own_address(path + query) or own_address(path) or "/th/"
