"""Every error that this package raises on purpose.

    KbError                      one line that says what is wrong and what to do
    ├── SettingsError            a setting, environment variable or settings file
    ├── CorpusError              a file under corpus/: names file, line and remedy
    ├── ReadError                a document that cannot be read in
    │   └── TableError           a spreadsheet that cannot be used: names the remedy in both languages
    ├── ConflictError            an entry was changed in two places
    ├── ModelError               the text model: missing, wrong or damaged
    ├── StoreError               the database
    ├── VectorIndexError              the derived index: missing, damaged or outdated
    ├── QueryError               a search request that makes no sense
    └── EvaluationError          a test collection that cannot be used

Errors of other libraries are translated where they enter, with ``raise ... from exc``.
"""

from __future__ import annotations

from pathlib import Path


class KbError(Exception):
    """Base of all errors; ``str()`` is one line for a person."""


class SettingsError(KbError):
    """A setting is unknown or has a value that cannot be used."""


class CorpusError(KbError):
    """A corpus file breaks a rule of ``docs/editors/format.md``."""

    def __init__(self, path: Path | str, line: int, problem: str, remedy: str) -> None:
        self.path = Path(path)
        self.line = line
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{path}:{line}: {problem}; {remedy}")


class ReadError(KbError):
    """A document cannot be read: encrypted, damaged, empty, too large, not what its name says."""


class TableError(ReadError):
    """A table cannot be read or written as a whole; ``th`` and ``en`` are the same line in both languages."""

    def __init__(self, th: str, en: str) -> None:
        self.th = th
        self.en = en
        super().__init__(en)


class ConflictError(KbError):
    """An entry was changed both in the database and in the corpus folder."""


class ModelError(KbError):
    """The text model is missing, damaged or cannot be loaded."""


class StoreError(KbError):
    """The database is missing, locked, damaged or from a newer version."""


class VectorIndexError(KbError):
    """The derived index is missing, damaged or does not belong to the database."""


class QueryError(KbError):
    """A search request is malformed: an unknown facet value, a bad page number."""


class EvaluationError(KbError):
    """A test collection is missing a file or has a line that cannot be read."""
