"""The tables of changes, as statements for `bot.runtime.database.schema`."""

CHANGES = (
    """
    CREATE TABLE changes (
        id TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        version INTEGER NOT NULL,
        proposed_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        started_at TEXT,
        ended_at TEXT,
        requester TEXT NOT NULL,
        requester_name TEXT NOT NULL,
        team TEXT NOT NULL,
        origin TEXT NOT NULL,
        channel TEXT NOT NULL,
        time_zone TEXT NOT NULL,
        command TEXT NOT NULL,
        cluster_id TEXT NOT NULL,
        cluster_name TEXT NOT NULL,
        plan TEXT NOT NULL,
        digest TEXT NOT NULL,
        need TEXT NOT NULL,
        policy TEXT NOT NULL,
        reason TEXT NOT NULL,
        progress TEXT NOT NULL,
        result TEXT NOT NULL,
        made TEXT NOT NULL,
        replaces TEXT NOT NULL,
        skipped TEXT NOT NULL,
        reviewed_by TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX changes_state ON changes (state, proposed_at)",
)

DECISIONS = (
    """
    CREATE UNIQUE INDEX changes_one_running ON changes (cluster_id)
    WHERE state IN ('running', 'unknown') AND cluster_id != ''
    """,
    """
    CREATE TABLE votes (
        change_id TEXT NOT NULL REFERENCES changes (id),
        voter TEXT NOT NULL,
        name TEXT NOT NULL,
        word TEXT NOT NULL,
        roles TEXT NOT NULL,
        digest TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (change_id, voter)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE attempts (
        change_id TEXT PRIMARY KEY REFERENCES changes (id),
        armed_at TEXT NOT NULL,
        baseline TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

STORIES = (
    """
    CREATE TABLE cards (
        change_id TEXT NOT NULL REFERENCES changes (id),
        channel TEXT NOT NULL,
        ts TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (change_id, channel)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE milestones (
        id INTEGER PRIMARY KEY,
        change_id TEXT NOT NULL REFERENCES changes (id),
        at TEXT NOT NULL,
        words TEXT NOT NULL,
        tells TEXT NOT NULL,
        posted_at TEXT
    )
    """,
    "CREATE INDEX milestones_of ON milestones (change_id)",
    "CREATE INDEX milestones_waiting ON milestones (id) WHERE posted_at IS NULL",
)

PEOPLE = (
    "ALTER TABLE changes ADD COLUMN said_ran TEXT NOT NULL DEFAULT ''",
    # An earlier release had it in the words of the progress alone.
    "UPDATE changes SET said_ran = replace(progress, ' says that it ran', '')"
    " WHERE state = 'running' AND progress LIKE '% says that it ran'",
    "CREATE INDEX changes_requester ON changes (requester, proposed_at)",
    "CREATE INDEX changes_unreviewed ON changes (proposed_at) WHERE skipped != '' AND reviewed_by = ''",
    "CREATE INDEX votes_voter ON votes (voter, at)",
)
