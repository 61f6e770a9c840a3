"""The forms of the termbase and of the taxonomy's lists: rows become fields, and fields rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import FormData

from kb.desk.lists import ListError
from kb.overlay import TERMS, Row
from kb.records import LANGUAGES
from kb.search.names import LISTS as NAMED
from kb.store import Store

MAX_KEY, MAX_FORM, MAX_FORMS, MAX_TEXT = 60, 200, 60, 2000
RESERVED = frozenset({"new"})
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")

DOMAINS = (
    "agency", "programme", "asean", "law", "governance", "civil-service", "service", "digital", "finance", "procurement",
    "welfare", "health", "education", "infrastructure", "environment", "crisis",
)  # fmt: skip


@dataclass(frozen=True)
class Fields:
    """A form as text: field -> value; lists have an item a line."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def lines(self, name: str) -> list[str]:
        """Items without blanks around them, each once."""
        found = [" ".join(line.split()) for line in self[name].splitlines()]
        return list(dict.fromkeys(line for line in found if line))


def names_of(name: str, row: Row | None = None) -> tuple[str, ...]:
    """The fields of a list's form, in their order."""
    if name == TERMS:
        return ("th", "en", "ambiguous", "domain", "country", "heading_th", "heading_en", "source")
    fields = ["term"] if row is not None and "term" in row else ["label_th", "label_en"]
    fields += ["definition_th", "definition_en"]
    fields += ["names_th", "names_en"] if name in NAMED.values() else []
    fields += ["cities_th", "cities_en"] if name == "countries" else []
    return (*fields, *(("members",) if name == "regions" else ()))


def fields_of(name: str, row: Row | None) -> Fields:
    """The fields of a row; of a new entry they are empty."""
    row = row or {}
    if name == TERMS:
        heading = row.get("heading") or {}
        lists = {key: "\n".join(row.get(key, ())) for key in ("th", "en", "ambiguous")}
        single = {key: str(row.get(key) or "") for key in ("domain", "country", "source")}
        return Fields({**lists, **single, **{f"heading_{code}": heading.get(code, "") for code in LANGUAGES}})
    both = {f"{key}_{code}": (row.get(key) or {}).get(code, "") for key in ("definition",) for code in LANGUAGES}
    many = {f"{key}_{code}": "\n".join((row.get(key) or {}).get(code, ())) for key in ("names", "cities") for code in LANGUAGES}
    labels = {f"label_{code}": str(row.get(code, "")) for code in LANGUAGES}
    return Fields({**labels, **both, **many, "term": str(row.get("term", "")), "members": "\n".join(row.get("members", ()))})


def sent(form: FormData, name: str, row: Row | None) -> Fields:
    """The fields that were sent; of several values of one name each is a line."""
    wanted = (*names_of(name, row), "new_key", "reason")
    return Fields({key: "\n".join(value for value in form.getlist(key) if isinstance(value, str)) for key in wanted})


def row_of(name: str, key: str, fields: Fields, before: Row | None, store: Store) -> Row:
    """The row that a form asks for. Raises `ListError` for what no list can hold."""
    if not _KEY.fullmatch(key) or len(key) > MAX_KEY or key in RESERVED:
        raise ListError("An id has letters a to z, digits and hyphens, at most {most}.", most=str(MAX_KEY))
    for value in fields.values.values():
        lines = value.splitlines()
        if len(value) > MAX_TEXT * 4 or len(lines) > MAX_FORMS or any(len(line) > MAX_TEXT for line in lines):
            raise ListError("A field is too long: at most {lines} lines.", lines=str(MAX_FORMS))
    return _term(key, fields, before, store) if name == TERMS else _entry(name, key, fields, before)


def _term(key: str, fields: Fields, before: Row | None, store: Store) -> Row:
    th, en, ambiguous = (fields.lines(name) for name in ("th", "en", "ambiguous"))
    if not th or not en:
        raise ListError("Give at least one form in Thai and one in English.")
    for form in (*th, *en):
        if len(form) > MAX_FORM:
            raise ListError("A form is longer than {most} characters: {form}", most=str(MAX_FORM), form=form[:60])
        if not re.search(r"\w", form):
            raise ListError("A form has no letter: {form}", form=form)
    if strange := [form for form in ambiguous if form not in (*th, *en)]:
        raise ListError("{form} is no form of this entry; list it above as well.", form=strange[0][:60])
    if fields["domain"] not in DOMAINS:
        raise ListError("Choose the domain.")
    heading = {code: fields[f"heading_{code}"].strip() for code in LANGUAGES}
    if any(heading.values()) and not all(heading.values()):
        raise ListError("Give the heading in both languages, or in neither.")
    source = fields["source"].strip()
    if source and not _is_source(source, store):
        raise ListError("The source is neither a case here nor a web address.")
    return _filled(before, key, {
        "domain": fields["domain"], "country": fields["country"], "th": th, "en": en, "ambiguous": ambiguous,
        "heading": heading if all(heading.values()) else None, "source": source,
    })  # fmt: skip


def _is_source(source: str, store: Store) -> bool:
    address = urlsplit(source)
    return bool(store.rows([source])) or (address.scheme in ("http", "https") and bool(address.netloc) and " " not in source)


def _entry(name: str, key: str, fields: Fields, before: Row | None) -> Row:
    label = {code: " ".join(fields[f"label_{code}"].split()) for code in LANGUAGES}
    given = names_of(name, before)
    if "term" not in given and not all(label.values()):
        raise ListError("Give the name in Thai and in English.")
    definition = {code: " ".join(fields[f"definition_{code}"].split()) for code in LANGUAGES}
    if any(definition.values()) and not all(definition.values()):
        raise ListError("Give the definition in both languages, or in neither.")
    more: Row = {"term": fields["term"].strip()} if "term" in given else {code: label[code] for code in LANGUAGES}
    more["definition"] = definition if all(definition.values()) else None
    for part in ("names", "cities"):
        if f"{part}_th" in given:
            sides = {code: fields.lines(f"{part}_{code}") for code in LANGUAGES}
            more[part] = sides if any(sides.values()) or (before is not None and part in before) else None
    if "members" in given:
        more["members"] = fields.lines("members")
        if len(more["members"]) < 2:
            raise ListError("A region has at least two states.")
    return _filled(before, key, more)


def _filled(before: Row | None, key: str, values: Mapping[str, object]) -> Row:
    """The row of before with these values in their places; what is empty is left out, what is not asked for stays."""
    row: Row = {"id": key, **{name: value for name, value in (before or {}).items() if name != "id"}}
    for name, value in values.items():
        if value in ("", None, []) and name != "members":
            row.pop(name, None)
        else:
            row[name] = value
    return row
