"""Sections of a practice as HTML: claims as links to who says so and back, every block with an address, words marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from kb.ingest.statements import CITATION
from web.marks import Marks


def _text(_: Any, tokens: Sequence[Token], index: int, __: Any, env: dict[str, Any]) -> str:
    """A piece of plain text, by the face that is rendered."""
    inside = sum((token.type == "link_open") - (token.type == "link_close") for token in tokens[:index])
    face: FaceText = env["face"]
    return face.inline(tokens[index].content, linked=not inside)


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")
_MARKDOWN.add_render_rule("text", _text)


@dataclass
class FaceText:
    """Renders the sections of one face, in order. `places` counts where each claim is cited, for the links back."""

    language: str
    claim: str
    """The word for a claim, in the language of the page."""
    marks: Marks
    places: Counter[int] = field(default_factory=Counter)

    def section(self, key: str, markdown: str) -> Markup:
        """HTML of a section: the renderer escapes, and `inline` adds links and marks to text that is escaped already."""
        tokens = _MARKDOWN.parse(markdown)
        blocks = [token for token in tokens if token.type == "list_item_open"]
        blocks += [token for token in tokens if token.type == "paragraph_open" and not token.hidden]
        for number, token in enumerate(sorted(blocks, key=lambda block: (block.map or [0])[0]), 1):
            token.attrSet("id", f"{key}-{self.language}-{number}")
        return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"face": self}))  # noqa: S704

    def inline(self, text: str, linked: bool) -> str:
        """Text with its words marked, and `[^3]` as a link to the claim, which knows the way back."""
        pieces = CITATION.split(text)
        return "".join(
            self._cite(int(piece), linked) if number % 2 else str(self.marks.html(piece, linked))
            for number, piece in enumerate(pieces)
        )

    def _cite(self, number: int, linked: bool) -> str:
        if not linked:
            return str(escape(f"[{number}]"))
        self.places[number] += 1
        place = f"cite-{self.language}-{number}-{self.places[number]}"
        return (
            f'<sup><a class="cite" id="{place}" href="#claim-{number}" '
            f'aria-label="{escape(self.claim)} {number}">{number}</a></sup>'
        )
