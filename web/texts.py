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
_TABLE = re.compile(r'(?P<before><h[23] id="(?P<heading>[a-z0-9-]+)"(?:(?!<h[23]).)*?)(?P<table><table>.*?</table>)', re.DOTALL)
_OTHER_LANGUAGE = re.compile(r"\{\{(th|en): ?([^{}]*)\}\}")


@dataclass(frozen=True)
class TextPage:
    """A page of prose: its title, its first paragraph as text and as HTML, links to its headings, and the rest."""

    title: str
    description: str
    opening: Markup
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
    return TextPage(title, _plain(opening), _html(tokens[3:6]), tuple(contents), _html(tokens[6:]))


def _html(tokens: list[Token]) -> Markup:
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    html = _TABLE.sub(_in_a_region, html)
    html = _OTHER_LANGUAGE.sub(lambda match: f'<span lang="{match[1]}">{match[2]}</span>', html)
    return Markup(html)  # noqa: S704  # the renderer escapes; the pattern inserts tags around what it escaped


def _in_a_region(found: re.Match[str]) -> str:
    """A heading, what stands below it, and its table in a region that scrolls by itself and that a keyboard reaches."""
    opening = f'<div class="scroll" role="region" aria-labelledby="{found["heading"]}" tabindex="0">'
    return f"{found['before']}{opening}{found['table']}</div>"


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
