"""Section text as paragraphs and list items, for writers of files that know no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARK = re.compile(r"\[\^(\d+)\]")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")
_SAFE = ("http://", "https://", "mailto:")


@dataclass(frozen=True)
class Run:
    """Text of one look. `claim` is the number of a claim that is marked here, and then there is no text."""

    text: str
    strong: bool = False
    emphasis: bool = False
    url: str = ""
    claim: int = 0


@dataclass(frozen=True)
class Block:
    """A paragraph, or an item of a list: `level` is 0 outside lists, `mark` the bullet or the number before it."""

    runs: tuple[Run, ...]
    level: int = 0
    mark: str = ""

    @property
    def text(self) -> str:
        """The words without claim marks."""
        return "".join(run.text for run in self.runs)


def blocks(markdown: str) -> tuple[Block, ...]:
    """The paragraphs and list items of a section. Headings, quotations and code become paragraphs."""
    return tuple(_blocks(_MARKDOWN.parse(markdown)))


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    lists: list[int | None] = []
    mark = ""
    for token in tokens:
        if token.type == "bullet_list_open":
            lists.append(None)
        elif token.type == "ordered_list_open":
            lists.append(int(token.attrs.get("start", 1)))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            number = lists[-1]
            mark = "•" if number is None else f"{number}."
            lists[-1] = None if number is None else number + 1
        elif token.type in ("inline", "fence", "code_block", "html_block"):
            runs = tuple(_runs(token.children)) if token.children else (Run(token.content.strip()),)
            yield Block(runs, len(lists), mark)
            mark = ""


def _runs(tokens: list[Token]) -> Iterator[Run]:
    strong = emphasis = 0
    url = ""
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            strong += token.nesting
        elif token.type in ("em_open", "em_close"):
            emphasis += token.nesting
        elif token.type == "link_open":
            target = str(token.attrs.get("href", ""))
            url = target if target.startswith(_SAFE) else ""
        elif token.type == "link_close":
            url = ""
        else:
            text = " " if token.type in ("softbreak", "hardbreak") else token.content
            yield from _marked(text, Run("", strong > 0, emphasis > 0, url))


def _marked(text: str, look: Run) -> Iterator[Run]:
    """The text around claim marks, and the marks."""
    for number, piece in enumerate(_MARK.split(text)):
        if number % 2:
            yield Run("", claim=int(piece))
        elif piece:
            yield Run(piece, look.strong, look.emphasis, look.url)
