"""The bot's own tables, as ordered steps that each run once. Called schema, never migrations."""

from sqlite_utils import Database, Migrations

from bot.runtime.database import change_tables, readiness_tables, report_tables
from bot.runtime.database.audit_views import VIEWS

schema = Migrations("pgbot")


def upgrade(db: Database) -> None:
    """Run the steps that this file has not seen yet, all of them or none. Raises sqlite3.Error.

    Only when there is something to do: a second process that starts must not wait for a write lock. What
    is left to do is asked again under the lock, since another process may have done it meanwhile.
    """
    if not schema.pending(db):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        schema.apply(db)
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


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


@schema()
def audit_evidence(db: Database) -> None:
    """What a row is about and what allowed it; its words, to be searched; and files that end."""
    for column in ("cluster", "change", "roles", "rule", "policy", "digest"):
        db.execute(f"ALTER TABLE audit ADD COLUMN {column} TEXT")
    _run(
        db,
        "CREATE INDEX audit_cluster ON audit (cluster, trace) WHERE cluster IS NOT NULL",
        "CREATE INDEX audit_change ON audit (change) WHERE change IS NOT NULL",
        # The words are the rows' own (external content): the index can be made again from them at any time.
        """
        CREATE VIRTUAL TABLE audit_words USING fts5(
            actor, command, text, outcome, detail, cluster, change,
            content='audit', content_rowid='seq', tokenize='unicode61 remove_diacritics 2'
        )
        """,
        "INSERT INTO audit_words (audit_words) VALUES ('rebuild')",
        """
        CREATE TRIGGER audit_indexed AFTER INSERT ON audit
        BEGIN
            INSERT INTO audit_words (rowid, actor, command, text, outcome, detail, cluster, change)
            VALUES (new.seq, new.actor, new.command, new.text, new.outcome, new.detail, new.cluster,
                new.change);
        END
        """,
        """
        CREATE TRIGGER audit_sealed BEFORE INSERT ON audit
        WHEN (SELECT kind FROM audit ORDER BY seq DESC LIMIT 1) = 'sealed'
        BEGIN SELECT RAISE(ABORT, 'this audit log has ended and goes on in another file'); END
        """,
    )


@schema()
def audit_views(db: Database) -> None:
    """The log for people with SQL; `bot.audit.datasette_metadata` describes the columns."""
    _run(db, *VIEWS)


@schema()
def changes(db: Database) -> None:
    """Changes with their plans.

    `version` grows with everything that a card shows.
    """
    _run(db, *change_tables.CHANGES)


@schema()
def decisions(db: Database) -> None:
    """Who said what about a change, and its one attempt; one change of a cluster runs at a time."""
    _run(db, *change_tables.DECISIONS)


@schema()
def stories(db: Database) -> None:
    """What Slack has been told of a change: its cards, and the lines in the threads below them."""
    _run(db, *change_tables.STORIES)


@schema()
def readiness(db: Database) -> None:
    """Verdicts run by run, waivers, and v1 clusters seen in v2; see `bot.readiness.history`."""
    _run(db, *readiness_tables.TABLES)


@schema()
def handovers(db: Database) -> None:
    """People's public keys, and encrypted passwords to deliver; see `bot.changes.password_delivery`."""
    _run(
        db,
        """
        CREATE TABLE people_keys (
            person TEXT PRIMARY KEY,
            key TEXT NOT NULL,
            set_at TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE handovers (
            change_id TEXT PRIMARY KEY REFERENCES changes (id),
            person TEXT NOT NULL,
            username TEXT NOT NULL,
            place TEXT NOT NULL,
            shown TEXT NOT NULL,
            blob BLOB,
            kept_at TEXT NOT NULL,
            due_at TEXT,
            next_at TEXT,
            tries INTEGER NOT NULL DEFAULT 0,
            ended_at TEXT,
            outcome TEXT NOT NULL DEFAULT ''
        ) WITHOUT ROWID
        """,
        "CREATE INDEX handovers_open ON handovers (kept_at) WHERE blob IS NOT NULL",
    )


@schema()
def listings(db: Database) -> None:
    """What was listed a while ago, for looking at it again, and who looks at their Home tab."""
    listing = "key TEXT NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL, content BLOB NOT NULL"
    home = "person TEXT PRIMARY KEY, team TEXT NOT NULL, opened_at TEXT NOT NULL, shown TEXT NOT NULL"
    _run(
        db,
        f"CREATE TABLE listings ({listing}, PRIMARY KEY (key, person)) WITHOUT ROWID",
        f"CREATE TABLE homes ({home}) WITHOUT ROWID",
    )


@schema()
def reports(db: Database) -> None:
    """Reports made in Slack, where every report stands, its slots, and what it said; see `bot.reports`."""
    _run(db, *report_tables.TABLES)


@schema()
def people_and_changes(db: Database) -> None:
    """Who said that a change ran; what somebody asked for or voted on, and what nobody has reviewed, found
    without reading every plan."""
    _run(db, *change_tables.PEOPLE)


@schema()
def audit_kept(db: Database) -> None:
    """What a row's transaction has stored of its change, as part of what the row's hash proves."""
    db.execute("ALTER TABLE audit ADD COLUMN kept TEXT")
