"""The repository's own words, as they are at one moment: termbase, taxonomy, and what is made from the two."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kb.cache import read_json, write_json
from kb.fit.book import NeedsBook
from kb.fit.needs import Finder
from kb.fit.rules import fit_folder, load_rules
from kb.overlay import NO_CHANGES, Changes
from kb.search.names import Names
from kb.taxonomy import Taxonomy, load_taxonomy
from kb.termbase import TermEntry, load_termbase, termbase_file, thai_words
from kb.text import TEXT_VERSION
from kb.text.segment import Segmenter


@dataclass
class Vocabulary:
    """Termbase and taxonomy of a corpus folder, with the desk's changes. Parts are read when they are first used.

    An object stays as it is; when a list changes, another one takes its place. `state` tells two of them apart.
    """

    corpus: Path
    cache: Path
    changes: Changes = field(default_factory=lambda: NO_CHANGES)
    state: str = ""

    @cached_property
    def termbase(self) -> tuple[TermEntry, ...]:
        return load_termbase(self.corpus, self.cache, self.changes)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        return load_taxonomy(self.corpus, self.cache, self.changes)

    @cached_property
    def segmenter(self) -> Segmenter:
        return Segmenter(thai_words(self.termbase))

    @cached_property
    def fit(self) -> NeedsBook:
        """What each practice needs, by the rules of `corpus/fit`."""
        rules = load_rules(self.corpus, self.taxonomy, self.cache)
        return NeedsBook(Finder(rules, self.segmenter), self.text_state, self.cache / "needs.json")

    @cached_property
    def text_state(self) -> str:
        """Changes whenever the same text would give other words: rules, dictionary or termbase."""
        from importlib.metadata import version

        words = "\n".join(sorted(thai_words(self.termbase)))
        digest = hashlib.sha256(words.encode()).hexdigest()[:12]
        return f"{TEXT_VERSION}/pythainlp-{version('pythainlp')}/{digest}"

    @cached_property
    def terms_state(self) -> str:
        """Changes with any form of the termbase."""
        forms = repr([(entry.id, entry.th, entry.en) for entry in self.termbase])
        return hashlib.sha256(forms.encode()).hexdigest()[:12]

    @cached_property
    def names(self) -> Names:
        path = self.cache / "names.json"
        stored = read_json(path)
        known = stored["forms"] if isinstance(stored, dict) and stored.get("state") == self.text_state else {}
        names = Names(self.taxonomy, self.termbase, self.segmenter, known)
        if names.learnt:
            write_json(path, {"state": self.text_state, "forms": names.forms_read})
        return names

    def checked(self) -> Vocabulary:
        """The same, with its lists read. Raises `CorpusError` where one cannot be used."""
        if fit_folder(self.corpus).exists():
            load_rules(self.corpus, self.taxonomy, self.cache)
        else:
            _ = self.taxonomy
        return self


def only_words_differ(before: str, after: str) -> bool:
    """Whether two text states differ in words of the termbase only, not in the rules or the dictionary."""
    return before != after and before.rpartition("/")[0] == after.rpartition("/")[0]


def files_state(corpus: Path) -> str:
    """Changes when a file of the lists was written to."""
    return hashlib.sha256("\n".join(_signatures(corpus)).encode()).hexdigest()[:12]


def _signatures(corpus: Path) -> Iterator[str]:
    files = [termbase_file(corpus), *sorted((corpus / "taxonomy").glob("*.yaml")), *sorted(fit_folder(corpus).glob("*.yaml"))]
    for path in files:
        try:
            found = path.stat()
        except OSError:
            continue
        yield f"{path.name} {found.st_mtime_ns} {found.st_size}"
