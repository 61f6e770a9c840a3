"""The controlled lists of `corpus/taxonomy`: ids with labels and definitions in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from kb.errors import CorpusError
from kb.records import Bilingual

LISTS = (
    "countries",
    "priorities",
    "principles",
    "levels",
    "status",
    "evidence",
    "bases",
    "beneficiaries",
    "cost_bands",
    "face_states",
    "sdgs",
)


@dataclass(frozen=True)
class Term:
    """One entry of a list, in its place. `names` are other names that readers use, per language."""

    id: str
    label: Bilingual
    definition: Bilingual
    names: tuple[str, ...] = ()


class Taxonomy:
    """All lists: `taxonomy["countries"]["TH"].label.en`."""

    def __init__(self, lists: dict[str, dict[str, Term]]) -> None:
        self._lists = {name: MappingProxyType(terms) for name, terms in lists.items()}

    def __getitem__(self, name: str) -> MappingProxyType[str, Term]:
        return self._lists[name]

    def label(self, name: str, term: str, language: str) -> str:
        """The label of `term` in `language`; the id itself where the list does not know it."""
        entry = self._lists[name].get(term)
        return entry.label.get(language) if entry else term


def load_taxonomy(corpus: Path) -> Taxonomy:
    """Read `corpus/taxonomy`; raises `CorpusError` where a list is missing or an entry is incomplete."""
    return Taxonomy({name: _load_list(corpus / "taxonomy" / f"{name}.yaml") for name in LISTS})


def _load_list(path: Path) -> dict[str, Term]:
    rows = load_rows(path)
    terms: dict[str, Term] = {}
    for number, row in enumerate(rows, 1):
        try:
            key = str(row["id"])
            label = Bilingual(str(row["th"]), str(row["en"]))
            definition = Bilingual(**row.get("definition", {"th": "", "en": ""}))
            names = tuple(name for side in row.get("names", {}).values() for name in side)
        except (KeyError, TypeError, AttributeError) as exc:
            raise CorpusError(path, 1, f"entry {number} is incomplete ({exc})", "give it id, th and en") from exc
        if key in terms:
            raise CorpusError(path, 1, f"id {key!r} stands twice", "keep one of the two entries")
        terms[key] = Term(key, label, definition, names)
    return terms


def load_rows(path: Path) -> list[dict[str, Any]]:
    """A YAML file that holds a list of mappings; raises `CorpusError` where it does not."""
    try:
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError as exc:
        raise CorpusError(path, 1, "the file is missing", "restore it from the repository") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise CorpusError(path, 1, f"the file cannot be read ({exc})", "save it as readable UTF-8") from exc
    except yaml.YAMLError as exc:
        raise CorpusError(path, yaml_line(exc), "this is not YAML", "check quotes, colons and indentation") from exc
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CorpusError(path, 1, "the file is not a list of entries", "begin each entry with a hyphen")
    return rows


def yaml_line(exc: yaml.YAMLError) -> int:
    """The 1-based line that a YAML error points at, or 1."""
    mark = getattr(exc, "problem_mark", None)
    return mark.line + 1 if mark is not None else 1
