"""Opens the parts that belong together: settings, corpus data, model, database and index."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kb.encoder import Encoder, open_encoder
from kb.errors import VectorIndexError
from kb.ingest.pipeline import Parts, Report, exclusive, ingest, refresh
from kb.ingest.progress import Progress
from kb.search.engine import Searcher
from kb.settings import Settings
from kb.space import LanguageSpace, open_space
from kb.store import Store
from kb.taxonomy import Taxonomy, load_taxonomy
from kb.termbase import TermEntry, load_termbase, thai_words
from kb.text import TEXT_VERSION
from kb.text.segment import Segmenter
from kb.vectors import Expected, Manifest, VectorIndex, build_index, open_index


@dataclass
class Repository:
    """One data folder with its corpus folder. Parts are opened when they are first used."""

    settings: Settings
    given_encoder: Encoder | None = None
    """An encoder to use in place of the one that the settings name."""

    @cached_property
    def taxonomy(self) -> Taxonomy:
        return load_taxonomy(self.settings.corpus)

    @cached_property
    def termbase(self) -> tuple[TermEntry, ...]:
        return load_termbase(self.settings.corpus)

    @cached_property
    def segmenter(self) -> Segmenter:
        return Segmenter(thai_words(self.termbase))

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
            build_index(self.index_folder, store, self.space, self.expected(store))
        return report

    def ensure_index(self, store: Store, notice: Callable[[str], None] | None = None) -> VectorIndex:
        """The index, rebuilt first where it is missing, damaged or outdated; `notice` is told why.

        Raises `VectorIndexError` where the database itself has to be brought up to date first.
        """
        if missing := store.missing_vectors(self.encoder.fingerprint):
            raise VectorIndexError(f"{len(missing)} records were embedded with another model or not at all; run: kb rebuild")
        if store.meta("text_state") not in (None, self.text_state):
            raise VectorIndexError("the text rules or the termbase changed since the last ingestion; run: kb rebuild")
        expected = self.expected(store)
        try:
            return open_index(self.index_folder, expected)
        except VectorIndexError as exc:
            if notice:
                notice(re.sub(r"; run: kb rebuild$", "", str(exc)) + "; rebuilding it")
            build_index(self.index_folder, store, self.space, expected)
            return open_index(self.index_folder, expected)

    def expected(self, store: Store) -> Expected:
        return Expected(
            model=self.encoder.fingerprint,
            space=self.space.fingerprint,
            dimension=self.encoder.dimension,
            text=self.text_state,
            content=store.content_state(),
        )

    def searcher(self, store: Store, notice: Callable[[str], None] | None = None) -> Searcher:
        """A searcher over the present index."""
        return Searcher(store, self.ensure_index(store, notice), self.encoder, self.space, self.segmenter)

    def manifest(self) -> Manifest:
        from kb.vectors import read_manifest

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
