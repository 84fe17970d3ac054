"""The bot's own tables, as ordered steps that each run once. Called schema, never migrations."""

from sqlite_utils import Database, Migrations

schema = Migrations("pgbot")


def _run(db: Database, *statements: str) -> None:
    # Not executescript: it commits whatever transaction is open, and a step must be all or nothing.
    for statement in statements:
        db.execute(statement)


@schema()
def audit_log(db: Database) -> None:
    """What was asked, by whom, and what came of it; each row carries the hash of the one before."""
    _run(
        db,
        """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            trace TEXT NOT NULL,
            team TEXT NOT NULL,
            actor TEXT NOT NULL,
            channel TEXT NOT NULL,
            command TEXT NOT NULL,
            text TEXT NOT NULL,
            outcome TEXT NOT NULL,
            detail TEXT NOT NULL,
            requests TEXT NOT NULL,
            milliseconds REAL,
            prev TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE
        )
        """,
        "CREATE INDEX audit_trace ON audit (trace)",
        "CREATE INDEX audit_at ON audit (at)",
        """
        CREATE TRIGGER audit_never_updated BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
        """
        CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
        """,
    )


@schema()
def inbox(db: Database) -> None:
    """What Slack delivered and whether it has been answered; `text` is emptied with the answer."""
    _run(
        db,
        """
        CREATE TABLE inbox (
            key TEXT PRIMARY KEY,
            trace TEXT NOT NULL,
            received_at TEXT NOT NULL,
            answered_at TEXT,
            actor TEXT NOT NULL,
            channel TEXT NOT NULL,
            text TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE INDEX inbox_unanswered ON inbox (received_at) WHERE answered_at IS NULL",
    )
