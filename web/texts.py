"""Pages of prose: one Markdown file a language in `pages_text/`, with anchors that are the same in both.

Beyond CommonMark with tables a file may hold

- `## Heading {#anchor}`: the anchor of a heading, below the title; every one has to have it;
- `{{en: text}}`: a run in another language than the page;
- `$name`: a value that the page is given, such as a number of practices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import Template

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from web.pages import Link

TEXTS = ("help", "faq", "about", "accessibility", "privacy")
"""Names of the files, and of their pages' addresses."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_ANCHOR = re.compile(r"\s*\{#([a-z0-9-]+)\}$")
_OTHER_LANGUAGE = re.compile(r"\{\{(th|en): ?([^{}]*)\}\}")


@dataclass(frozen=True)
class TextPage:
    """A page of prose: its title, its first paragraph as plain text, links to its headings, and its body."""

    name: str
    title: str
    description: str
    contents: tuple[Link, ...]
    html: Markup


def text_page(name: str, language: str, values: Mapping[str, str]) -> TextPage:
    """The page `name` of `TEXTS` with its values put in. Raises `KeyError` for a value that the text names and nobody gave."""
    tokens = _MARKDOWN.parse(Template(_source(name, language)).substitute(values))
    title, opening = tokens[1].content, tokens[4].content
    contents = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and (found := _ANCHOR.search(tokens[place + 1].content)):
            token.attrs["id"] = found[1]
            heading = _without_anchor(tokens[place + 1])
            if token.tag == "h2":
                contents.append(Link(_plain(heading), f"#{found[1]}"))
        elif token.type == "th_open":
            token.attrs["scope"] = "col"
    html = _MARKDOWN.renderer.render(tokens[3:], _MARKDOWN.options, {})
    html = html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
    html = _OTHER_LANGUAGE.sub(lambda match: f'<span lang="{match[1]}">{match[2]}</span>', html)
    return TextPage(name, title, _plain(opening), tuple(contents), Markup(html))  # noqa: S704  # escaped by the renderer


def _without_anchor(inline: Token) -> str:
    """Take the anchor out of a heading's own text, and give what is left."""
    inline.content = _ANCHOR.sub("", inline.content)
    last = (inline.children or [inline])[-1]
    last.content = _ANCHOR.sub("", last.content)
    return inline.content


def _plain(markdown: str) -> str:
    """A line of Markdown as text alone."""
    text = _OTHER_LANGUAGE.sub(lambda match: match[2], markdown)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", lambda match: match[1] or "", text)


@lru_cache(maxsize=32)
def _source(name: str, language: str) -> str:
    return files("web").joinpath(f"pages_text/{name}.{language}.md").read_text(encoding="utf-8")
