"""The newest steps of the schema; `bot.runtime.database.schema` has those before them, and runs all."""

RECENT_STEPS: dict[str, tuple[str, ...]] = {
    # A row for each message to Slack, there before it is sent; see `bot.slack.delivery_log`.
    "deliveries": (
        """
        CREATE TABLE deliveries (
            key TEXT PRIMARY KEY,
            channel TEXT NOT NULL,
            thread TEXT NOT NULL,
            mark TEXT NOT NULL,
            kept_at TEXT NOT NULL,
            tried_at TEXT,
            ts TEXT NOT NULL DEFAULT '',
            is_copied INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID
        """,
        "CREATE INDEX deliveries_kept ON deliveries (kept_at)",
        # Reports that an earlier release was posting: a further one says that it may be the second.
        """
        INSERT INTO deliveries (key, channel, thread, mark, kept_at, tried_at)
        SELECT 'report:' || report || ':' || strftime('%Y%m%dT%H%M%S', at), '', '', '', due_at, due_at
        FROM report_slots WHERE is_posting AND state IN ('waiting', 'being made')
        """,
        "ALTER TABLE report_slots DROP COLUMN is_posting",
    ),
    # The last claim of this folder to the Slack app, and the claim under which an attempt was made.
    "bot_lease": (
        "CREATE TABLE bot_lease (only INTEGER PRIMARY KEY CHECK (only = 1), stamp TEXT NOT NULL,"
        " home TEXT NOT NULL, counts_from REAL NOT NULL, is_released INTEGER NOT NULL)",
        "ALTER TABLE attempts ADD COLUMN epoch TEXT NOT NULL DEFAULT ''",
    ),
    # The verdict on a cluster's clients; empty for readiness checks of earlier releases.
    "verdicts_on_clients": ("ALTER TABLE verdicts ADD COLUMN clients TEXT NOT NULL DEFAULT ''",),
    # The columns that a person has chosen for the tables of a command.
    "column_choices": (
        "CREATE TABLE column_choices (person TEXT NOT NULL, command TEXT NOT NULL, columns TEXT NOT NULL,"
        " PRIMARY KEY (person, command)) WITHOUT ROWID",
    ),
    # The line whose answer a Home tab shows: where each of its lists begins.
    "home_pages": ("ALTER TABLE homes ADD COLUMN line TEXT NOT NULL DEFAULT 'home'",),
    # The note of an approval.
    "approval_notes": ("ALTER TABLE votes ADD COLUMN note TEXT NOT NULL DEFAULT ''",),
    # The code of the error with which a row of the audit log ended.
    "error_codes": ("ALTER TABLE audit ADD COLUMN code TEXT",),
}
