"""Opens the parts that belong together: settings, corpus data, model, database and index."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from kb.corpus import questions
from kb.encoder import Encoder, open_encoder
from kb.errors import VectorIndexError
from kb.fit.book import NeedsBook
from kb.index import Expected, Index, Manifest, build_beside, build_index, open_index, read_manifest
from kb.ingest.pipeline import Parts, Report, exclusive, ingest, refresh
from kb.ingest.progress import Progress
from kb.lexicon import WORDS, Lexicon, build_words, read_words, write_words
from kb.overlay import changes_of, read_changes, read_state
from kb.postings import read_postings
from kb.records import Bilingual
from kb.search import suggest
from kb.search.engine import Searcher
from kb.search.names import Names
from kb.search.understand import Reader
from kb.settings import Settings
from kb.space import LanguageSpace, open_space
from kb.store import Store
from kb.taxonomy import Taxonomy
from kb.termbase import TermEntry
from kb.text.segment import Segmenter
from kb.vocabulary import Vocabulary, files_state, only_words_differ


@dataclass
class Repository:
    """One data folder with its corpus folder. Parts are opened when they are first used."""

    settings: Settings
    given_encoder: Encoder | None = None
    """An encoder to use in place of the one that the settings name."""
    _vocabulary: Vocabulary | None = field(default=None, repr=False, compare=False)
    _known_beginnings: tuple[str, dict[str, suggest.Beginnings]] = field(default=("", {}), repr=False, compare=False)

    @property
    def vocabulary(self) -> Vocabulary:
        """Termbase and taxonomy as they were when this object last looked; see `take_vocabulary`."""
        if self._vocabulary is None:
            state, changes = changes_of(self.settings.database)
            self._vocabulary = Vocabulary(self.settings.corpus, self._cache, changes, self._state_of(state))
        return self._vocabulary

    @property
    def taxonomy(self) -> Taxonomy:
        return self.vocabulary.taxonomy

    @property
    def termbase(self) -> tuple[TermEntry, ...]:
        return self.vocabulary.termbase

    @property
    def segmenter(self) -> Segmenter:
        return self.vocabulary.segmenter

    @property
    def fit(self) -> NeedsBook:
        """What each practice needs, by the rules of `corpus/fit`."""
        return self.vocabulary.fit

    @property
    def text_state(self) -> str:
        return self.vocabulary.text_state

    @property
    def names(self) -> Names:
        return self.vocabulary.names

    def take_vocabulary(self, store: Store) -> bool:
        """Take over what changed in the lists, at the desk or in their files; whether anything did.

        Raises `CorpusError` where a list cannot be used; the ones before stay.
        """
        with store.snapshot():
            state = self._state_of(read_state(store.database.conn))
            if state == self.vocabulary.state:
                return False
            changes = read_changes(store.database.conn)
        self._vocabulary = Vocabulary(self.settings.corpus, self._cache, changes, state).checked()
        return True

    def _state_of(self, changes: str) -> str:
        return f"{changes} {files_state(self.settings.corpus)}"

    def _beginnings(self) -> dict[str, suggest.Beginnings]:
        """What the last build of the suggestions found, so that the next one has little to do."""
        state, known = self._known_beginnings
        if state != self.text_state:
            try:
                same_words = read_manifest(self.index_folder).text == self.text_state
                known = suggest.beginnings(self.index_folder) if same_words else {}
            except VectorIndexError:
                known = {}
            self._known_beginnings = (self.text_state, known)
        return known

    @cached_property
    def encoder(self) -> Encoder:
        return self.given_encoder or open_encoder(self.settings)

    @cached_property
    def space(self) -> LanguageSpace:
        name = hashlib.sha256(self.encoder.fingerprint.encode()).hexdigest()[:16]
        return open_space(self.encoder, self.settings.home / "spaces" / name)

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
            self._build_index(store, self.expected(store))
        return report

    def is_current(self, store: Store) -> bool:
        """Whether words and index are those of the database and of the lists as this object has them."""
        try:
            manifest = read_manifest(self.index_folder)
        except VectorIndexError:
            return False
        if store.meta("text_state") not in (None, self.text_state):
            return False
        here = (store.content_state(), self.text_state, self.vocabulary.terms_state)
        return here == (manifest.content, manifest.text, manifest.terms)

    def follow(self, store: Store) -> None:
        """Bring records that a change of the termbase touched up to date, and then the index.

        Raises what `ensure_index` raises, such as after an update of the program, and `StoreError` while an ingestion runs.
        """
        before = store.meta("text_state")
        if before and only_words_differ(before, self.text_state):
            with exclusive(self.settings.home):
                refresh(self._parts(store), Progress(quiet=True), Report())
        self.ensure_index(store)

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
            self._build_index(store, expected)
            return open_index(self.index_folder, expected, self._checked)
        if index.manifest.terms == expected.terms:
            return index
        build_beside(self.index_folder, expected, partial(self._beside, store))
        return open_index(self.index_folder, expected, self._checked)

    def _build_index(self, store: Store, expected: Expected) -> None:
        beside = partial(self._beside, store)
        build_index(self.index_folder, store, self.space, expected, self.segmenter.pieces, beside)

    def expected(self, store: Store) -> Expected:
        return Expected(
            model=self.encoder.fingerprint,
            space=self.space.fingerprint,
            dimension=self.encoder.dimension,
            text=self.text_state,
            terms=self.vocabulary.terms_state,
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
        known = self._beginnings()
        entries, order = suggest.build(self._suggestions(store), self.segmenter, known)
        suggest.write(folder, entries, order, known)

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
