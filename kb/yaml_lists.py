"""The YAML lists of the corpus, read safely: each entry with its line, and no trap of the format."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

from kb.cache import read_json, write_json
from kb.errors import CorpusError

MAX_DEPTH = 20
"""Levels of lists and tables in a YAML file; ours have five."""


def load_numbered_rows(path: Path, cache: Path | None = None) -> list[tuple[int, dict[str, Any]]]:
    """The mappings of a YAML file that is a list of them, each with the line on which it begins; `CorpusError` where it is not.

    `cache` is a folder for parsed files, by their content: reading YAML takes twenty times as long as reading JSON.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise CorpusError(path, 1, "the file is missing", "restore it from the repository") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(path, 1, f"the file cannot be read ({exc})", "save it as readable UTF-8") from exc
    known = cache / f"{path.stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json" if cache else None
    if known and (stored := read_json(known)) is not None:
        return [(line, row) for line, row in stored]
    node, rows = load_yaml(text, path)
    if node is None or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CorpusError(path, 1, "the file is not a list of entries", "begin each entry with a hyphen")
    numbered = [(item.start_mark.line + 1, row) for item, row in zip(node.value, rows, strict=True)]
    if known:
        write_json(known, numbered, older=f"{path.stem}-*.json")
    return numbered


def load_yaml(text: str, path: Path, above: int = 0) -> tuple[yaml.Node | None, Any]:
    """The nodes and the data of a YAML text that has `above` lines of its file before it; raises `CorpusError`.

    No list of ours needs aliases or depth, and both can be traps: a few aliases unfold to billions of values, and the C
    loader ends the process on ten thousand open brackets.
    """
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            line = _line(event.start_mark) + above
            if isinstance(event, yaml.AliasEvent):
                raise CorpusError(path, line, "an alias (`*name`) is not accepted", "write the value out")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise CorpusError(path, line, "lists are nested too deeply", "check brackets and indentation")
        return yaml.compose(text, Loader=yaml.CSafeLoader), yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as exc:  # ValueError: 2024-02-31 without quotes is a date that does not exist
        line = _line(getattr(exc, "problem_mark", None)) + above
        problem = str(getattr(exc, "problem", None) or exc).splitlines()[0]
        raise CorpusError(path, line, f"not YAML: {problem}", "check quotes, colons and indentation") from exc


def _line(mark: Any) -> int:
    """The 1-based line of a YAML mark; the first where there is none."""
    return int(mark.line) + 1 if mark is not None else 1
