"""What a change of termbase or taxonomy does, found on a copy before it is saved: to records, labels and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.corpus import questions
from kb.desk.lists import Edit, Lists, forms_of, named_by
from kb.desk.saved_queries import SavedQuery
from kb.desk.trial import trial
from kb.overlay import TERMS
from kb.records import Bilingual
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.search.query import query_language
from kb.store import RecordRow, Store
from kb.taxonomy import LISTS, Taxonomy
from kb.termbase import TermEntry, thai_words
from kb.text.normalise import normalise
from kb.text.segment import Segmenter

TOP = 10
"""Results whose changes are told."""
OWN_QUESTIONS = 40
"""Questions of the cases in which a changed form stands that are asked besides the saved ones."""
_BY_WORDS = frozenset({"term", "spelling", "keyboard"})
"""Steps that are told by the words that are looked for."""
_AROUND = 24
"""Characters around a changed form that are shown."""


@dataclass(frozen=True)
class FormEffect:
    """A form that comes or goes. `whole`: Thai texts are cut so that it stays one word. `records` have it in their text."""

    form: str
    language: str
    added: bool
    whole: bool
    records: int


@dataclass(frozen=True)
class WordsEffect:
    """A record of which a place is cut into other words."""

    record: RecordRow
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class LabelEffect:
    """An entry of a facet that is called otherwise, or comes or goes (then one side is `None`), and how many cases have it."""

    name: str
    key: str
    before: Bilingual | None
    after: Bilingual | None
    records: int


@dataclass(frozen=True)
class Place:
    """A record among the first ten; `before` and `after` count from 1, `None` where it is not among them."""

    record: RecordRow
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Reading:
    """Something understood of a question: a step (`kb.search.query.Step`) with its value, or a term with all its forms."""

    kind: str
    said: str
    value: str


@dataclass(frozen=True)
class QueryEffect:
    """A question that is read or answered otherwise. `readings` are newly understood (`True`), or no longer."""

    text: str
    language: str
    saved: bool
    places: tuple[Place, ...]
    readings: tuple[tuple[Reading, bool], ...]
    verdicts: tuple[str, str]

    @property
    def answered_otherwise(self) -> bool:
        return bool(self.places) or self.verdicts[0] != self.verdicts[1]


@dataclass(frozen=True)
class Effect:
    """Everything. `recut` counts records with other words, of which `words` are examples; `asked` counts questions."""

    forms: tuple[FormEffect, ...]
    recut: int
    words: tuple[WordsEffect, ...]
    labels: tuple[LabelEffect, ...]
    queries: tuple[QueryEffect, ...]
    asked: int
    saved: int


def effect(repository: Repository, searcher: Searcher, lists: Lists, edit: Edit, saved: Sequence[SavedQuery]) -> Effect:
    """What `edit` would do. Raises `ListError` where it cannot be saved."""
    store = searcher.store
    changes = lists.check(edit)
    with trial(repository, store, edit, changes) as tried:
        old, new = repository.vocabulary, tried.repository.vocabulary
        changed = frozenset(thai_words(old.termbase) ^ thai_words(new.termbase))
        forms = tuple(_forms(edit, old.termbase, new.termbase, store)) if edit.name == TERMS else ()
        touched = sorted(store.records_holding(changed))
        asked = [*saved, *_own_questions(store, _said(edit, forms, old.taxonomy, new.taxonomy))]
        queries = [_asked(query, searcher, tried.searcher) for query in asked]
        cut = [item for record in touched if (item := _recut(record, changed, store, old.segmenter, new.segmenter))]
        return Effect(
            forms=forms,
            recut=len(cut),
            words=tuple(cut[:TOP]),
            labels=tuple(_labels(old.taxonomy, new.taxonomy, store)),
            queries=tuple(query for query in queries if query.answered_otherwise or query.readings),
            asked=len(queries),
            saved=len(saved),
        )


def _forms(edit: Edit, old: tuple[TermEntry, ...], new: tuple[TermEntry, ...], store: Store) -> Iterator[FormEffect]:
    before, after = forms_of(old, edit.key), forms_of(new, edit.key)
    whole = thai_words(old) | thai_words(new)
    moved = [(form, True) for form in after if form not in before] + [(form, False) for form in before if form not in after]
    counts = _records_with([form for form, _ in moved], store)
    for form, added in moved:
        yield FormEffect(form, query_language(form), added, form in whole, counts[form])


def _records_with(forms: Sequence[str], store: Store) -> dict[str, int]:
    """How many records have each form in their text: Thai anywhere, English as whole words, capitals or not."""
    patterns = {form: _pattern(form) for form in forms}
    found: dict[str, set[str]] = {form: set() for form in forms}
    texts: dict[str, list[str]] = {}
    for record, context, text in store.passage_texts() if forms else ():
        texts.setdefault(record, []).append(f"{context} {text}")
    for record, parts in texts.items():
        whole = normalise(" ".join(parts))
        for form, pattern in patterns.items():
            if pattern.search(whole):
                found[form].add(record)
    return {form: len(records) for form, records in found.items()}


def _pattern(form: str) -> re.Pattern[str]:
    letters = re.escape(normalise(form))
    return re.compile(letters if query_language(form) == "th" else rf"(?<!\w){letters}(?!\w)", re.IGNORECASE)


def _recut(record: str, changed: Iterable[str], store: Store, old: Segmenter, new: Segmenter) -> WordsEffect | None:
    """A place of a record that is cut otherwise, if there is one."""
    wanted = re.compile("|".join(map(re.escape, sorted(changed, key=len, reverse=True))))
    for _, context, text in store.passage_texts(record):
        joined = normalise(f"{context} {text}").replace("\n", " ")
        for match in wanted.finditer(joined):
            piece = joined[max(match.start() - _AROUND, 0) : match.end() + _AROUND]
            before, after = (tuple(token.term for token in words.tokens(piece)) for words in (old, new))
            if before != after:
                return WordsEffect(store.rows([record])[record], before, after)
    return None


def _labels(old: Taxonomy, new: Taxonomy, store: Store) -> Iterator[LabelEffect]:
    moved = []
    for name in LISTS:
        for key in dict.fromkeys([*old[name], *new[name]]):
            before, after = (lists[name][key].label if key in lists[name] else None for lists in (old, new))
            if before != after:
                moved.append((name, key, before, after))
    uses = [named_by(practice) for practice, _, _ in store.practices()] if moved else []
    for name, key, before, after in moved:
        yield LabelEffect(name, key, before, after, sum((name, key) in named for named in uses))


def _said(edit: Edit, forms: Sequence[FormEffect], old: Taxonomy, new: Taxonomy) -> tuple[str, ...]:
    """Forms by which a reader could name what changes."""
    if edit.name == TERMS:
        return tuple(item.form for item in forms)
    sides = [lists[edit.name].get(edit.key) for lists in (old, new)]
    named = [{term.label.th, term.label.en, *term.names, *term.cities} if term else set() for term in sides]
    return tuple(sorted(named[0] ^ named[1]))


def _own_questions(store: Store, forms: Sequence[str]) -> Iterator[SavedQuery]:
    """The changed forms themselves, and questions that cases answer in which one of them stands."""
    yield from (SavedQuery(0, form, query_language(form)) for form in forms[:OWN_QUESTIONS])
    patterns = [_pattern(form) for form in forms]
    left = OWN_QUESTIONS
    for practice, _, _ in store.practices() if patterns else ():
        for language, face in practice.faces.items():
            for question in questions(face.sections.get("questions", "")):
                if left and any(pattern.search(normalise(question)) for pattern in patterns):
                    left -= 1
                    yield SavedQuery(0, question, language)


def _asked(query: SavedQuery, old: Searcher, new: Searcher) -> QueryEffect:
    """The same question before and after."""
    (verdict, before), (verdict_after, after) = (searcher.rank(query.text, TOP) for searcher in (old, new))
    ranks = [{record: rank for rank, (record, _) in enumerate(found, 1)} for found in (before, after)]
    moved = [record for record in dict.fromkeys([*ranks[1], *ranks[0]]) if ranks[0].get(record) != ranks[1].get(record)]
    rows = new.store.rows(moved)
    places = tuple(Place(rows[record], *(rank.get(record) for rank in ranks)) for record in moved if record in rows)
    read = [_readings(searcher, query.text) for searcher in (old, new)]
    readings = [(item, True) for item in read[1] if item not in read[0]]
    readings += [(item, False) for item in read[0] if item not in read[1]]
    return QueryEffect(query.text, query.language, query.number > 0, places, tuple(readings), (verdict, verdict_after))


def _readings(searcher: Searcher, text: str) -> list[Reading]:
    """Filters and the like, and terms whose other forms are looked for as well."""
    query = searcher.read(text)
    steps = [Reading(step.kind, step.said, step.value) for step in query.steps if step.kind not in _BY_WORDS]
    terms = searcher.reader.names.terms
    wider = [item for item in query.expansions if item.entry in terms]
    return [*steps, *(Reading("term", item.said, "; ".join(_forms_said(terms[item.entry]))) for item in wider)]


def _forms_said(term: TermEntry) -> tuple[str, ...]:
    return (*term.th, *term.en)
