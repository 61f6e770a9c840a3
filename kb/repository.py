"""Opens the parts that belong together: settings, corpus data, model, database and index."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from kb.cache import read_json, write_json
from kb.corpus import questions
from kb.encoder import Encoder, open_encoder
from kb.errors import VectorIndexError
from kb.fit.book import NeedsBook
from kb.fit.needs import Finder
from kb.fit.rules import load_rules
from kb.index import Expected, Index, Manifest, build_beside, build_index, open_index, read_manifest
from kb.ingest.pipeline import Parts, Report, exclusive, ingest, refresh
from kb.ingest.progress import Progress
from kb.lexicon import WORDS, Lexicon, build_words, read_words, write_words
from kb.postings import read_postings
from kb.records import Bilingual
from kb.search import suggest
from kb.search.engine import Searcher
from kb.search.names import Names
from kb.search.understand import Reader
from kb.settings import Settings
from kb.space import LanguageSpace, open_space
from kb.store import Store
from kb.taxonomy import Taxonomy, load_taxonomy
from kb.termbase import TermEntry, load_termbase, thai_words
from kb.text import TEXT_VERSION
from kb.text.segment import Segmenter


@dataclass
class Repository:
    """One data folder with its corpus folder. Parts are opened when they are first used."""

    settings: Settings
    given_encoder: Encoder | None = None
    """An encoder to use in place of the one that the settings name."""

    @cached_property
    def taxonomy(self) -> Taxonomy:
        return load_taxonomy(self.settings.corpus, self._cache)

    @cached_property
    def termbase(self) -> tuple[TermEntry, ...]:
        return load_termbase(self.settings.corpus, self._cache)

    @cached_property
    def segmenter(self) -> Segmenter:
        return Segmenter(thai_words(self.termbase))

    @cached_property
    def fit(self) -> NeedsBook:
        """What each practice needs, by the rules of `corpus/fit`."""
        rules = load_rules(self.settings.corpus, self.taxonomy, self._cache)
        return NeedsBook(Finder(rules, self.segmenter), self.text_state, self._cache / "needs.json")

    @cached_property
    def _beginnings(self) -> dict[str, suggest.Beginnings]:
        """What the last build of the suggestions found, so that the next one has little to do."""
        try:
            same_words = read_manifest(self.index_folder).text == self.text_state
            return suggest.beginnings(self.index_folder) if same_words else {}
        except VectorIndexError:
            return {}

    @cached_property
    def encoder(self) -> Encoder:
        return self.given_encoder or open_encoder(self.settings)

    @cached_property
    def space(self) -> LanguageSpace:
        name = hashlib.sha256(self.encoder.fingerprint.encode()).hexdigest()[:16]
        return open_space(self.encoder, self.settings.home / "spaces" / name)

    @cached_property
    def text_state(self) -> str:
        """Changes whenever the same text would give other words: rules, dictionary or termbase."""
        from importlib.metadata import version

        words = "\n".join(sorted(thai_words(self.termbase)))
        digest = hashlib.sha256(words.encode()).hexdigest()[:12]
        return f"{TEXT_VERSION}/pythainlp-{version('pythainlp')}/{digest}"

    @cached_property
    def _terms_state(self) -> str:
        """Changes with any form of the termbase."""
        forms = repr([(entry.id, entry.th, entry.en) for entry in self.termbase])
        return hashlib.sha256(forms.encode()).hexdigest()[:12]

    @property
    def index_folder(self) -> Path:
        """The folder that is replaced as a whole at each build."""
        return self.settings.index / "current"

    def store(self, readonly: bool = False) -> Store:
        return Store(self.settings.database, readonly)

    def ingest(self, paths: list[Path], progress: Progress) -> Report:
        """Read files in and bring the index up to date."""
        with self.store() as store:
            report = ingest(paths, self._parts(store), progress)
            self.ensure_index(store)
        return report

    def rebuild(self, progress: Progress) -> Report:
        """Make everything derived again from the database: passages, words, missing vectors, index."""
        report = Report()
        with self.store() as store:
            with exclusive(self.settings.home):
                store.set_meta("text_state", "")
                refresh(self._parts(store), progress, report)
                store.sweep(self.encoder.fingerprint)
            build_index(self.index_folder, store, self.space, self.expected(store), partial(self._beside, store))
        return report

    def ensure_index(self, store: Store, notice: Callable[[str], None] | None = None) -> Index:
        """The index, rebuilt first where it is missing, damaged or outdated; `notice` is told why.

        Raises `VectorIndexError` where the database itself has to be brought up to date first.
        """
        if store.meta("text_state") not in (None, self.text_state):
            raise VectorIndexError("the text rules or the termbase changed since the last ingestion; run: kb rebuild")
        expected = self.expected(store)
        try:
            index = open_index(self.index_folder, expected, self._checked)
        except VectorIndexError as exc:
            if missing := store.missing_vectors(self.encoder.fingerprint):
                message = f"{len(missing)} records were embedded with another model or not at all; run: kb rebuild"
                raise VectorIndexError(message) from exc
            if notice:
                notice(re.sub(r"; run: kb rebuild$", "", str(exc)) + "; rebuilding it")
            build_index(self.index_folder, store, self.space, expected, partial(self._beside, store))
            return open_index(self.index_folder, expected, self._checked)
        if index.manifest.terms == expected.terms:
            return index
        build_beside(self.index_folder, expected, partial(self._beside, store))
        return open_index(self.index_folder, expected, self._checked)

    def expected(self, store: Store) -> Expected:
        return Expected(
            model=self.encoder.fingerprint,
            space=self.space.fingerprint,
            dimension=self.encoder.dimension,
            text=self.text_state,
            terms=self._terms_state,
            content=store.content_state(),
        )

    def searcher(self, store: Store, notice: Callable[[str], None] | None = None) -> Searcher:
        """A searcher over the present index."""
        return self._searcher(store, self.ensure_index(store, notice))

    def opened(self, store: Store) -> Searcher:
        """A searcher over the index that is in place, even if the database has moved on since; it makes nothing anew.

        Raises `VectorIndexError` where it cannot be opened, such as in the moment in which another one takes its place.
        """
        manifest = read_manifest(self.index_folder)
        expected = replace(self.expected(store), content=manifest.content)
        return self._searcher(store, open_index(self.index_folder, expected, self._checked))

    def _searcher(self, store: Store, index: Index) -> Searcher:
        return Searcher(store, index, self.encoder, self.space, self.reader(read_words(index.folder / WORDS)))

    def _beside(self, store: Store, index: Path, folder: Path) -> None:
        """Write what else is derived from the database: the words that are known, and the suggestions."""
        write_words(folder / WORDS, build_words(store, read_postings(index)))
        _ = self.names  # read and kept now, so that no search has to
        entries, order = suggest.build(self._suggestions(store), self.segmenter, self._beginnings)
        suggest.write(folder, entries, order, self._beginnings)

    def _suggestions(self, store: Store) -> Iterator[suggest.Entry]:
        """Terms, and of each record its titles, agencies and questions, each with its counterpart in the other language."""
        for entry in self.termbase:
            pairs = [(form, entry.en[0], "th") for form in entry.th] + [(form, entry.th[0], "en") for form in entry.en]
            yield from (suggest.Entry(form, other, "term", language) for form, other, language in pairs)
        agencies: Counter[Bilingual] = Counter()
        for practice, _, _ in store.practices():
            agencies.update(agency.name for agency in practice.agencies)
            yield from _both(practice.title, "title", practice.id)
            asked = [questions(face.sections.get("questions", "")) for face in practice.faces.values()]
            for language, mine in zip(practice.faces, asked, strict=True):
                yield from (suggest.Entry(question, "", "question", language, practice.id) for question in mine)
        for name, count in agencies.items():
            yield from _both(name, "agency", None, count)

    def reader(self, words: Mapping[str, int]) -> Reader:
        """What reads questions, with the repository's own words."""
        return Reader(self.segmenter, self.taxonomy, self.names, Lexicon(words, self.names.words()))

    @cached_property
    def names(self) -> Names:
        path = self._cache / "names.json"
        stored = read_json(path)
        known = stored["forms"] if isinstance(stored, dict) and stored.get("state") == self.text_state else {}
        names = Names(self.taxonomy, self.termbase, self.segmenter, known)
        if names.learnt:
            write_json(path, {"state": self.text_state, "forms": names.forms_read})
        return names

    @property
    def _cache(self) -> Path:
        return self.settings.index / "cache"

    @property
    def _checked(self) -> Path:
        return self._cache / "checked.json"

    def manifest(self) -> Manifest:
        return read_manifest(self.index_folder)

    def _parts(self, store: Store) -> Parts:
        from pythainlp.corpus import thai_words as dictionary

        words = dictionary()
        return Parts(
            store=store,
            encoder=self.encoder,
            segmenter=self.segmenter,
            taxonomy=self.taxonomy,
            text_state=self.text_state,
            max_bytes=self.settings.max_file_mb * 1_000_000,
            is_word=words.__contains__,
        )


def _both(text: Bilingual, kind: str, record: str | None, weight: int = 1) -> Iterator[suggest.Entry]:
    """Suggestions for a text in each language that has one."""
    for language, own, other in (("th", text.th, text.en), ("en", text.en, text.th)):
        if own:
            yield suggest.Entry(own, other, kind, language, record, weight)
