"""What the pages of termbase and taxonomy show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from kb.desk.effects import Effect, QueryEffect, Reading
from kb.desk.lists import NAMES, OPEN, Edit, ListError, Lists
from kb.desk.saved_queries import SavedQuery
from kb.overlay import TERMS, Row
from kb.records import Bilingual
from kb.store import RecordRow
from kb.text.normalise import normalise
from web.desk.frame import day
from web.desk.list_forms import DOMAINS, Fields, names_of
from web.links import record_url
from web.pages import Say

NEW = "new"
"""In place of an id in the address of a new entry."""
SHOWN = 50
REVISIONS = 30


@dataclass(frozen=True)
class Typed:
    """What was sent: `fields` of an entry `key` of a list, or of a new one, whose id is `fields["new_key"]`."""

    name: str
    key: str
    fields: Fields
    revision: int
    gone: bool

    @property
    def place(self) -> str:
        return self.fields["new_key"].strip() if self.key == NEW else self.key


@dataclass(frozen=True)
class Choice:
    value: str
    name: str
    chosen: bool = False


@dataclass(frozen=True)
class ListRow:
    """An entry of a list: its name in both languages, what else it is called, and the kind of thing."""

    url: str
    key: str
    th: str
    en: str
    more: str
    kind: str


@dataclass(frozen=True)
class ListPage:
    name: str
    title: str
    rows: tuple[ListRow, ...]
    count: int
    page: int
    pages: int
    query: str
    domains: tuple[Choice, ...]
    lists: tuple[Choice, ...]
    address: str
    may_add: bool


@dataclass(frozen=True)
class Field:
    """A field of the form. `kind` is `lines`, `text`, `line`, or `choice`."""

    name: str
    label: str
    kind: str
    value: str
    language: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Version:
    number: int
    url: str
    when: str
    who: str
    reason: str
    gone: bool


@dataclass(frozen=True)
class EntryPage:
    """The form of an entry. `disputed` is the file's version, as text, where both were changed."""

    name: str
    title: str
    key: str
    heading: str
    fields: tuple[Field, ...]
    revision: int
    versions: tuple[Version, ...]
    error: str
    is_new: bool
    is_gone: bool
    may_remove: bool
    disputed: bool
    above: str
    new_key: str
    reason: str


@dataclass(frozen=True)
class PlaceView:
    url: str
    title: str
    language: str
    change: str


@dataclass(frozen=True)
class QueryView:
    text: str
    language: str
    saved: bool
    readings: tuple[tuple[str, bool], ...]
    places: tuple[PlaceView, ...]
    verdict: str


@dataclass(frozen=True)
class FormView:
    form: str
    language: str
    added: bool
    whole: bool
    records: int


@dataclass(frozen=True)
class WordsView:
    url: str
    title: str
    language: str
    before: str
    after: str


@dataclass(frozen=True)
class LabelView:
    name: str
    before: str
    after: str
    records: int


@dataclass(frozen=True)
class EffectPage:
    """What a change does, with everything that has to be sent again to save it."""

    name: str
    title: str
    key: str
    address: str
    hidden: tuple[tuple[str, str], ...]
    reason: str
    error: str
    gone: bool
    forms: tuple[FormView, ...]
    recut: int
    words: tuple[WordsView, ...]
    labels: tuple[LabelView, ...]
    queries: tuple[QueryView, ...]
    asked: int
    saved: int
    limit: int = 1000


@dataclass(frozen=True)
class QueriesPage:
    queries: tuple[SavedQuery, ...]
    error: str
    text: str
    limit: int


def above(name: str) -> str:
    """The page of a list, below the desk."""
    return "/terms" if name == TERMS else f"/terms/{name}"


def said(exc: ListError, say: Say) -> str:
    return say(exc.message).format(**exc.values)


def list_name(name: str, say: Say) -> str:
    names = {
        "terms": say("Termbase"),
        "countries": say("States"),
        "regions": say("Regions"),
        "priorities": say("Priorities of work"),
        "principles": say("Principles of good governance"),
        "levels": say("Levels of government"),
        "status": say("Status of cases"),
        "evidence": say("Strength of evidence"),
        "bases": say("Bases of claims"),
        "beneficiaries": say("Beneficiaries"),
        "cost_bands": say("Cost bands"),
        "face_states": say("States of a language version"),
        "sdgs": say("Sustainable Development Goals"),
    }
    return names[name]


def domain_name(domain: str, say: Say) -> str:
    names = {
        "agency": say("Agencies"),
        "programme": say("Programmes and systems"),
        "asean": say("ASEAN bodies and plans"),
        "law": say("Law"),
        "governance": say("Governance"),
        "civil-service": say("Civil service"),
        "service": say("Public services"),
        "digital": say("Digital government"),
        "finance": say("Public finance"),
        "procurement": say("Procurement"),
        "welfare": say("Welfare"),
        "health": say("Health"),
        "education": say("Education"),
        "infrastructure": say("Infrastructure"),
        "environment": say("Environment"),
        "crisis": say("Disaster and crisis"),
    }
    return names.get(domain, domain)


def list_page(name: str, lists: Lists, say: Say, query: str, domain: str, page: int) -> ListPage:
    """Entries of a list whose forms or id hold the query, a page at a time."""
    rows = lists.rows(name)
    wanted = normalise(query).casefold()
    found = [row for row in rows.values() if domain in ("", row.get("domain", "")) and wanted in _searchable(row)]
    pages = max(math.ceil(len(found) / SHOWN), 1)
    page = min(page, pages)
    base = f"/{say.language}/desk{above(name)}"
    names = lists.rows(TERMS)
    return ListPage(
        name=name,
        title=list_name(name, say),
        rows=tuple(_row(name, row, names, say) for row in found[(page - 1) * SHOWN : page * SHOWN]),
        count=len(found),
        page=page,
        pages=pages,
        query=query,
        domains=tuple(Choice(code, domain_name(code, say), code == domain) for code in DOMAINS) if name == TERMS else (),
        lists=tuple(Choice(f"/{say.language}/desk{above(other)}", list_name(other, say), other == name) for other in NAMES),
        address=base,
        may_add=name in OPEN,
    )


def _searchable(row: Row) -> str:
    texts = [str(row["id"])]
    for value in row.values():
        sides = value.values() if isinstance(value, dict) else [value]
        for side in sides:
            texts += [str(item) for item in side] if isinstance(side, list) else [str(side)]
    return normalise("\n".join(texts)).casefold()


def _row(name: str, row: Row, names: dict[str, Row], say: Say) -> ListRow:
    key = str(row["id"])
    url = f"/{say.language}/desk/terms/{name}/{key}"
    if name == TERMS:
        place = say.label("countries", row["country"]) if row.get("country") else ""
        kind = " · ".join(part for part in (domain_name(row["domain"], say), place) if part)
        return ListRow(url, key, row["th"][0], row["en"][0], ", ".join([*row["th"][1:], *row["en"][1:]]), kind)
    labels = Bilingual(*(str(row.get(code, "")) for code in ("th", "en")))
    if "term" in row and row["term"] in names:
        term = names[row["term"]]
        heading = term.get("heading") or {"th": term["th"][0], "en": term["en"][0]}
        labels = Bilingual(heading["th"], heading["en"])
    more = [form for side in (row.get("names") or {}).values() for form in side]
    return ListRow(url, key, labels.th, labels.en, ", ".join(more), "")


def entry_page(lists: Lists, name: str, key: str, fields: Fields, say: Say, error: str = "") -> EntryPage:
    """The form, filled with `fields`, and the entry's history."""
    row = lists.rows(name).get(key)
    history = lists.history(name, key) if key != NEW else []
    address = f"/{say.language}/desk/terms/{name}/{key}"
    versions = tuple(
        Version(item.id, f"{address}?version={item.id}", day(item.made, say), item.who, item.reason, item.row is None)
        for item in history[:REVISIONS]
    )
    return EntryPage(
        name=name,
        title=list_name(name, say),
        key=key,
        heading=say("New entry of the list") if key == NEW else _called(name, key, row, lists, say),
        fields=tuple(_fields(name, row, fields, say)),
        revision=lists.revision(name, key),
        versions=versions,
        error=error,
        is_new=key == NEW,
        is_gone=row is None and key != NEW,
        may_remove=name in OPEN and row is not None,
        disputed=lists.is_disputed(name, key),
        above=f"/{say.language}/desk{above(name)}",
        new_key=fields["new_key"],
        reason=fields["reason"],
    )


def _called(name: str, key: str, row: Row | None, lists: Lists, say: Say) -> str:
    """The entry's name in the page's language; its id where it was taken out."""
    if row is None:
        return key
    named = _row(name, row, lists.rows(TERMS), say)
    return named.th if say.language == "th" else named.en


def _fields(name: str, row: Row | None, fields: Fields, say: Say) -> Iterator[Field]:
    labels = {
        "th": (say("Thai forms, one a line; the first is the preferred one"), "lines", "th"),
        "en": (say("English forms, one a line; the first is the preferred one"), "lines", "en"),
        "ambiguous": (say("Forms that mean other things too, one a line"), "lines", ""),
        "domain": (say("Domain"), "choice", ""),
        "country": (say("State, where it belongs to one"), "choice", ""),
        "heading_th": (say("Name in filters, Thai (where it differs)"), "line", "th"),
        "heading_en": (say("Name in filters, English (where it differs)"), "line", "en"),
        "source": (say("Source: a case's id, or a web address"), "line", ""),
        "label_th": (say("Name in Thai"), "line", "th"),
        "label_en": (say("Name in English"), "line", "en"),
        "term": (say("Named by the termbase's entry"), "line", ""),
        "definition_th": (say("Definition in Thai"), "text", "th"),
        "definition_en": (say("Definition in English"), "text", "en"),
        "names_th": (say("Other Thai names that readers use, one a line"), "lines", "th"),
        "names_en": (say("Other English names that readers use, one a line"), "lines", "en"),
        "cities_th": (say("Cities that stand for the state, Thai, one a line"), "lines", "th"),
        "cities_en": (say("Cities that stand for the state, English, one a line"), "lines", "en"),
        "members": (say("Codes of its states, one a line"), "lines", ""),
    }
    hints = {"ambiguous": say("A search does not look for their other forms unless the question says more.")}
    choices = {
        "domain": tuple(Choice(code, domain_name(code, say), code == fields["domain"]) for code in DOMAINS),
        "country": tuple(
            Choice(code, say.label("countries", code), code == fields["country"]) for code in say.taxonomy["countries"]
        ),
    }
    for field in names_of(name, row):
        label, kind, language = labels[field]
        yield Field(field, label, kind, fields[field], language, hints.get(field, ""), choices.get(field, ()))


def effect_page(typed: Typed, edit: Edit, found: Effect, say: Say, error: str = "") -> EffectPage:
    return EffectPage(
        name=typed.name,
        title=list_name(typed.name, say),
        key=edit.key,
        address=f"/{say.language}/desk/terms/{typed.name}/{typed.key}",
        hidden=(
            *((field, value) for field, value in typed.fields.values.items() if field != "reason"),
            ("revision", str(typed.revision)),
            *((("gone", "1"),) if typed.gone else ()),
        ),
        reason=typed.fields["reason"],
        error=error,
        gone=edit.row is None,
        forms=tuple(FormView(item.form, item.language, item.added, item.whole, item.records) for item in found.forms),
        recut=found.recut,
        words=tuple(
            WordsView(*_linked(item.record, say), " | ".join(item.before), " | ".join(item.after)) for item in found.words
        ),
        labels=tuple(
            LabelView(
                list_name(item.name, say),
                item.before.get(say.language) if item.before else "",
                item.after.get(say.language) if item.after else "",
                item.records,
            )
            for item in found.labels
        ),
        queries=tuple(_query(item, say) for item in found.queries),
        asked=found.asked,
        saved=found.saved,
    )


def _linked(record: RecordRow, say: Say) -> tuple[str, str, str]:
    """A record's address, its title, and the title's language."""
    title = record.title
    own = title.th if say.language == "th" else title.en
    other = "en" if say.language == "th" else "th"
    return record_url(say.language, record.kind, record.id), own or title.get(other), say.language if own else other


def _query(item: QueryEffect, say: Say) -> QueryView:
    places = tuple(PlaceView(*_linked(place.record, say), _moved(place.before, place.after, say)) for place in item.places)
    verdict = ""
    if item.verdicts[0] != item.verdicts[1]:
        verdict = say("No case is close any more.") if item.verdicts[1] != "match" else say("Now there is a close case.")
    readings = tuple((_reading(reading, say), new) for reading, new in item.readings)
    return QueryView(item.text, item.language, item.saved, readings, places, verdict)


def _moved(before: int | None, after: int | None, say: Say) -> str:
    if before is None:
        return say("new at place {place}").format(place=after)
    if after is None:
        return say("was at place {place}, now beyond the first ten").format(place=before)
    return say("from place {before} to {after}").format(before=before, after=after)


def _reading(reading: Reading, say: Say) -> str:
    value = reading.value
    if reading.kind in ("country", "region", "priority", "level"):
        lists = {"country": "countries", "region": "regions", "priority": "priorities", "level": "levels"}
        value = say.label(lists[reading.kind], value)
    return f"{reading.said} → {value}"
