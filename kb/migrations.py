"""The database schema, as append-only migrations: one that has landed is never edited; a change is a new function below."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("kb")

FTS_TOKENIZER = "unicode61 remove_diacritics 0 categories ''L* N* Co M*''"
"""Keeps words that are already segmented whole: Thai vowel and tone marks are category M, where unicode61 cuts by default."""


@migrations()
def m001_records(db: Database) -> None:
    """Records with their facets, faces, passages, vectors and files, and the keyword index over the passages."""
    for statement in (
        """
        CREATE TABLE records (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('practice', 'document')),
            country TEXT,
            start INTEGER,
            "end" INTEGER,
            title_th TEXT NOT NULL,
            title_en TEXT NOT NULL,
            summary_th TEXT NOT NULL,
            summary_en TEXT NOT NULL,
            data TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            ingested_hash TEXT NOT NULL,
            source_text TEXT
        ) STRICT
        """,
        """
        CREATE TABLE facets (
            record TEXT NOT NULL REFERENCES records(id) ON DELETE CASCADE,
            facet TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (facet, value, record)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX facets_record ON facets(record)",
        """
        CREATE TABLE faces (
            record TEXT NOT NULL REFERENCES records(id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            state TEXT NOT NULL,
            revision INTEGER NOT NULL,
            made_from INTEGER,
            checked INTEGER NOT NULL,
            PRIMARY KEY (record, language)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE passages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            "key" TEXT NOT NULL UNIQUE,
            record TEXT NOT NULL REFERENCES records(id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            section TEXT NOT NULL,
            part INTEGER NOT NULL,
            ordinal INTEGER NOT NULL,
            text TEXT NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            context TEXT NOT NULL,
            twin TEXT,
            words TEXT NOT NULL,
            parts TEXT NOT NULL,
            vector TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX passages_record ON passages(record)",
        "CREATE INDEX passages_vector ON passages(vector)",
        """
        CREATE TABLE vectors (
            hash TEXT NOT NULL,
            model TEXT NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (hash, model)
        ) STRICT
        """,
        """
        CREATE TABLE files (
            path TEXT PRIMARY KEY,
            sha256 TEXT NOT NULL,
            record TEXT REFERENCES records(id) ON DELETE SET NULL,
            reason TEXT
        ) STRICT
        """,
        "CREATE INDEX files_record ON files(record)",
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        f"""
        CREATE VIRTUAL TABLE passages_fts USING fts5 (
            words, parts, content=passages, content_rowid=id, tokenize='{FTS_TOKENIZER}'
        )
        """,
        """
        CREATE TRIGGER passages_ai AFTER INSERT ON passages BEGIN
            INSERT INTO passages_fts (rowid, words, parts) VALUES (new.id, new.words, new.parts);
        END
        """,
        """
        CREATE TRIGGER passages_ad AFTER DELETE ON passages BEGIN
            INSERT INTO passages_fts (passages_fts, rowid, words, parts) VALUES ('delete', old.id, old.words, old.parts);
        END
        """,
        """
        CREATE TRIGGER passages_au AFTER UPDATE OF words, parts ON passages BEGIN
            INSERT INTO passages_fts (passages_fts, rowid, words, parts) VALUES ('delete', old.id, old.words, old.parts);
            INSERT INTO passages_fts (rowid, words, parts) VALUES (new.id, new.words, new.parts);
        END
        """,
    ):
        db.execute(statement)


@migrations()
def m002_spans(db: Database) -> None:
    """Places of a passage's words in its text, so that highlights need no segmentation; filled by the next ingestion."""
    db.execute("ALTER TABLE passages ADD COLUMN spans BLOB NOT NULL DEFAULT x''")


@migrations()
def m003_dates(db: Database) -> None:
    """When a record came in and when its content last changed, as UTC in ISO 8601; those already here get the present time."""
    for column in ("added", "changed"):
        db.execute(f"ALTER TABLE records ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        db.execute(f"UPDATE records SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')")


@migrations()
def m004_phrases(db: Database) -> None:
    """FTS5 only finds phrases now, without lengths and word parts: ranking has an index of its own, see `kb.postings`."""
    for statement in (
        "DROP TRIGGER passages_ai",
        "DROP TRIGGER passages_ad",
        "DROP TRIGGER passages_au",
        "DROP TABLE passages_fts",
        f"""
        CREATE VIRTUAL TABLE passages_fts USING fts5 (
            words, content=passages, content_rowid=id, columnsize=0, tokenize='{FTS_TOKENIZER}'
        )
        """,
        "INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')",
        """
        CREATE TRIGGER passages_ai AFTER INSERT ON passages BEGIN
            INSERT INTO passages_fts (rowid, words) VALUES (new.id, new.words);
        END
        """,
        """
        CREATE TRIGGER passages_ad AFTER DELETE ON passages BEGIN
            INSERT INTO passages_fts (passages_fts, rowid, words) VALUES ('delete', old.id, old.words);
        END
        """,
        """
        CREATE TRIGGER passages_au AFTER UPDATE OF words ON passages BEGIN
            INSERT INTO passages_fts (passages_fts, rowid, words) VALUES ('delete', old.id, old.words);
            INSERT INTO passages_fts (rowid, words) VALUES (new.id, new.words);
        END
        """,
    ):
        db.execute(statement)


@migrations()
def m005_desk(db: Database) -> None:
    """The secretariat's desk: accounts, entries with their revisions, reviews, evidence checks, mail, and an audit log."""
    for statement in _DESK:
        db.execute(statement)


@migrations()
def m021_review(db: Database) -> None:
    """Revisions that only stamp an entry as verified are nobody's text; expired verifications are found without reading all."""
    db.execute("ALTER TABLE revisions ADD COLUMN verifies INTEGER NOT NULL DEFAULT 0")
    until = "CASE WHEN json_valid(data) THEN json_extract(data, '$.verified.until') END"
    db.execute(f"CREATE INDEX records_verified_until ON records({until}) WHERE {until} IS NOT NULL")


_DESK = (
    """
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        email TEXT NOT NULL UNIQUE COLLATE NOCASE,
        name TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('contributor', 'reviewer', 'editor', 'administrator')),
        language TEXT NOT NULL CHECK (language IN ('th', 'en')),
        password TEXT,
        totp TEXT,
        totp_step INTEGER NOT NULL DEFAULT 0,
        subject TEXT UNIQUE,
        failures INTEGER NOT NULL DEFAULT 0,
        locked_until TEXT,
        disabled INTEGER NOT NULL DEFAULT 0,
        created TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE sessions (
        token TEXT PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
        created TEXT NOT NULL,
        seen TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX sessions_account ON sessions(account)",
    """
    CREATE TABLE one_time_links (
        token TEXT PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
        expires TEXT NOT NULL,
        used TEXT
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE entries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        practice TEXT UNIQUE,
        state TEXT NOT NULL CHECK (state IN
            ('draft', 'submitted', 'in_review', 'changes_requested', 'approved', 'published', 'withdrawn')),
        owner INTEGER REFERENCES accounts(id),
        revision INTEGER NOT NULL,
        approved INTEGER,
        published INTEGER,
        reviewer INTEGER REFERENCES accounts(id),
        due TEXT,
        title_th TEXT NOT NULL,
        title_en TEXT NOT NULL,
        country TEXT NOT NULL,
        created TEXT NOT NULL,
        changed TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX entries_state ON entries(state)",
    "CREATE INDEX entries_owner ON entries(owner)",
    """
    CREATE TABLE revisions (
        entry INTEGER NOT NULL REFERENCES entries(number),
        number INTEGER NOT NULL,
        author INTEGER REFERENCES accounts(id),
        made TEXT NOT NULL,
        reason TEXT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (entry, number)
    ) STRICT
    """,
    """
    CREATE TABLE section_states (
        entry INTEGER NOT NULL REFERENCES entries(number),
        language TEXT NOT NULL,
        section TEXT NOT NULL,
        state TEXT NOT NULL,
        author INTEGER REFERENCES accounts(id),
        made TEXT NOT NULL,
        twin TEXT,
        PRIMARY KEY (entry, language, section)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE autosaves (
        entry INTEGER NOT NULL REFERENCES entries(number),
        account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
        base INTEGER NOT NULL,
        made TEXT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (entry, account)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE reviews (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL REFERENCES entries(number),
        revision INTEGER NOT NULL,
        reviewer INTEGER NOT NULL REFERENCES accounts(id),
        made TEXT NOT NULL,
        scores TEXT NOT NULL,
        recommendation TEXT NOT NULL CHECK (recommendation IN ('approve', 'changes', 'reject')),
        note TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX reviews_entry ON reviews(entry)",
    """
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL REFERENCES entries(number),
        revision INTEGER NOT NULL,
        section TEXT NOT NULL,
        language TEXT NOT NULL,
        author INTEGER NOT NULL REFERENCES accounts(id),
        made TEXT NOT NULL,
        text TEXT NOT NULL,
        resolved TEXT,
        resolver INTEGER REFERENCES accounts(id)
    ) STRICT
    """,
    "CREATE INDEX comments_entry ON comments(entry)",
    """
    CREATE TABLE claim_checks (
        entry INTEGER NOT NULL REFERENCES entries(number),
        claim INTEGER NOT NULL,
        said TEXT NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'plausible', 'unsupported', 'wrong')),
        checker INTEGER NOT NULL REFERENCES accounts(id),
        revision INTEGER NOT NULL,
        made TEXT NOT NULL,
        note TEXT NOT NULL,
        attachment INTEGER REFERENCES attachments(id),
        quote TEXT NOT NULL,
        PRIMARY KEY (entry, claim)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE attachments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL REFERENCES entries(number),
        name TEXT NOT NULL,
        format TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        author INTEGER NOT NULL REFERENCES accounts(id),
        made TEXT NOT NULL,
        text TEXT NOT NULL,
        proposals TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX attachments_entry ON attachments(entry)",
    """
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
        entry INTEGER REFERENCES entries(number),
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        made TEXT NOT NULL,
        read TEXT
    ) STRICT
    """,
    "CREATE INDEX messages_account ON messages(account, read)",
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        recipient TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        made TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        next_try TEXT NOT NULL,
        sent TEXT,
        problem TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX outbox_waiting ON outbox(next_try) WHERE sent IS NULL",
    """
    CREATE TABLE tombstones (
        id TEXT PRIMARY KEY,
        day TEXT NOT NULL,
        reason_th TEXT NOT NULL,
        reason_en TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE saved_queries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER REFERENCES accounts(id) ON DELETE CASCADE,
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        made TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        made TEXT NOT NULL,
        account INTEGER,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT
    """,
    *(
        f"CREATE TRIGGER {table}_keep_{event} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("audit", "revisions")
        for event in ("UPDATE", "DELETE")
    ),
)


@migrations()
def m021_batches(db: Database) -> None:
    """Tables that were brought in at the desk: the entries that each changed and how they stood before, for undoing."""
    db.execute(
        """
        CREATE TABLE batches (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL REFERENCES accounts(id),
            made TEXT NOT NULL,
            name TEXT NOT NULL,
            undone TEXT
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE batch_items (
            batch INTEGER NOT NULL REFERENCES batches(id),
            entry INTEGER NOT NULL REFERENCES entries(number),
            "before" INTEGER,
            state TEXT,
            "after" INTEGER NOT NULL,
            PRIMARY KEY (batch, entry)
        ) STRICT, WITHOUT ROWID
        """
    )


@migrations()
def m022_vocabulary(db: Database) -> None:
    """What the desk changed in termbase and taxonomy: every version for good, and the present rows with the file's before."""
    for statement in (
        """
        CREATE TABLE vocabulary_revisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            list TEXT NOT NULL,
            key TEXT NOT NULL,
            row TEXT,
            account INTEGER REFERENCES accounts(id),
            reason TEXT NOT NULL,
            made TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX vocabulary_revisions_key ON vocabulary_revisions(list, key)",
        *(
            f"CREATE TRIGGER vocabulary_revisions_keep_{event} BEFORE {event} ON vocabulary_revisions "
            "BEGIN SELECT RAISE(ABORT, 'vocabulary_revisions is append-only'); END"
            for event in ("UPDATE", "DELETE")
        ),
        """
        CREATE TABLE vocabulary (
            list TEXT NOT NULL,
            key TEXT NOT NULL,
            row TEXT,
            base TEXT,
            revision INTEGER NOT NULL REFERENCES vocabulary_revisions(id),
            PRIMARY KEY (list, key)
        ) STRICT, WITHOUT ROWID
        """,
    ):
        db.execute(statement)


@migrations()
def m023_windows(db: Database) -> None:
    """Windows of passages: how many each has, and their vectors beside the passage's; filled by the next ingestion."""
    db.execute("ALTER TABLE passages ADD COLUMN windows INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE vectors ADD COLUMN windows BLOB")
