"""Everything that a database holds, without row ids: two runs came to the same end where this is equal."""

from __future__ import annotations

from typing import Any

from kb.postings import build_postings
from kb.repository import Repository

_PASSAGE = (
    "key", "record", "language", "section", "part", "ordinal", "text", "start", "end", "context", "twin", "words",
    "parts", "vector",
)  # fmt: skip

_DATES = ("added", "changed")
"""When a run wrote a record, which two runs do not do at once."""


def contents(repository: Repository) -> dict[str, Any]:
    """Records by id, facets, faces, passages with what they match, vectors and files."""
    with repository.store() as store:
        database = store.database
        rows = {
            table: sorted(str(row) for row in database[table].rows) for table in ("facets", "faces", "vectors", "files", "meta")
        }
        columns = ", ".join(f'"{name}"' for name in _PASSAGE)
        passages = database.execute(f'SELECT {columns} FROM passages ORDER BY "key"').fetchall()
        words = sorted(build_postings(store.passage_words(), 1.0).numbers)
        records = {row["id"]: {name: row[name] for name in row if name not in _DATES} for row in database["records"].rows}
    return rows | {
        "records": records,
        "passages": [dict(zip(_PASSAGE, row, strict=True)) for row in passages],
        "vocabulary": words,
    }
