"""Texts of messages and mails, in both languages: data in `kb/data/messages.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class Text:
    """Subject and body of a message; `{name}`, `{title}`, `{link}`, `{actor}`, `{note}` and `{day}` are filled in."""

    subject: str
    body: str

    def filled(self, **values: str) -> Text:
        """The text with its places filled; a line whose place is empty is left out. A subject stays on one line."""
        known = {"name": "", "title": "", "link": "", "actor": "", "note": "", "day": "", **values}
        lines = [
            line.format(**known)
            for line in self.body.split("\n")
            if not ("{note}" in line and not known["note"]) and not ("{title}" in line and not known["title"])
        ]
        return Text(" ".join(self.subject.format(**known).split()), "\n".join(lines).strip() + "\n")


def texts_of(kind: str, language: str) -> Text:
    """The text of a kind of message in a language."""
    subject, body = _texts()[kind][language]
    return Text(subject, body)


def kinds() -> frozenset[str]:
    return frozenset(_texts())


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, tuple[str, str]]]:
    data = yaml.safe_load(files("kb").joinpath("data/messages.yaml").read_text(encoding="utf-8"))
    return {kind: {code: (text["subject"], text["body"]) for code, text in both.items()} for kind, both in data.items()}
