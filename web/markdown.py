"""Section text as HTML: CommonMark without raw HTML, with claim marks as links to who says so."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_CITATION = re.compile(r"\[\^(\d+)\]")
_THAI = re.compile("([\u0e01-\u0e5b](?:[\u0e01-\u0e5b .]*[\u0e01-\u0e5b.])?)")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")


def render(text: str, label: str, prefix: str) -> Markup:
    """HTML of a section. `[^3]` becomes a link to `#<prefix>-3` whose accessible name is `label` and the number.

    Everything that the text holds is escaped by the renderer; the links are put in afterwards, in place of digits only.
    """
    html = _MARKDOWN.render(text)
    return Markup(  # noqa: S704  # the renderer escapes; the pattern inserts digits only
        _CITATION.sub(
            lambda match: (
                f'<sup><a class="cite" href="#{prefix}-{match[1]}" aria-label="{label} {match[1]}">{match[1]}</a></sup>'
            ),
            html,
        )
    )


def spoken(text: str, language: str) -> Markup:
    """Plain text of a page in `language`, its Thai words marked as Thai where the page is not: a voice for English says nothing
    for them, and breaks their lines badly."""
    if language == "th":
        return escape(text)
    pieces = _THAI.split(text)  # Thai stands at the odd places
    return Markup("").join(
        Markup('<span lang="th">{}</span>').format(piece) if place % 2 else piece for place, piece in enumerate(pieces)
    )


def marked(text: str, spans: tuple[tuple[int, int], ...]) -> Markup:
    """Plain text with the given half-open spans in `<mark>`."""
    parts: list[Markup | str] = []
    at = 0
    for start, end in spans:
        parts += [text[at:start], Markup("<mark>") + text[start:end] + Markup("</mark>")]
        at = end
    parts.append(text[at:])
    return Markup("").join(parts)
