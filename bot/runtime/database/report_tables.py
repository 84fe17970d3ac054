"""The tables of reports, as statements for `bot.runtime.database.schema`."""

TABLES = (
    """
    CREATE TABLE reports (
        name TEXT PRIMARY KEY,
        setting TEXT NOT NULL,
        made_by TEXT NOT NULL,
        team TEXT NOT NULL,
        made_at TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE report_standings (
        name TEXT PRIMARY KEY,
        seen_until TEXT,
        paused TEXT NOT NULL DEFAULT '',
        snoozed_until TEXT,
        snoozed TEXT NOT NULL DEFAULT '',
        muted TEXT NOT NULL DEFAULT '[]',
        is_lost INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE report_slots (
        report TEXT NOT NULL,
        at TEXT NOT NULL,
        due_at TEXT NOT NULL,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL,
        why TEXT NOT NULL,
        is_posting INTEGER NOT NULL,
        ts TEXT NOT NULL,
        notice TEXT NOT NULL,
        asked_by TEXT NOT NULL,
        stands_for INTEGER NOT NULL,
        PRIMARY KEY (report, at)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX report_slots_open ON report_slots (due_at) WHERE state IN ('waiting', 'being made')",
    "CREATE INDEX report_slots_at ON report_slots (at)",
    """
    CREATE TABLE report_results (
        report TEXT NOT NULL,
        at TEXT NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (report, at)
    ) WITHOUT ROWID
    """,
)
