"""The tables behind `bot.readiness.history`: runs, verdicts, waivers and sightings."""

TABLES = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        clusters INTEGER NOT NULL,
        rules INTEGER NOT NULL,
        gaps INTEGER NOT NULL
    )
    """,
    "CREATE INDEX runs_at ON runs (at)",
    """
    CREATE TABLE verdicts (
        cluster_id TEXT NOT NULL,
        at TEXT NOT NULL,
        since TEXT NOT NULL,
        name TEXT NOT NULL,
        contract TEXT NOT NULL,
        region TEXT NOT NULL,
        owner TEXT NOT NULL,
        tier TEXT NOT NULL,
        standing TEXT NOT NULL,
        verdict TEXT NOT NULL,
        worst TEXT NOT NULL,
        PRIMARY KEY (cluster_id, at)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE waivers (
        id INTEGER PRIMARY KEY,
        rule TEXT NOT NULL,
        cluster TEXT NOT NULL,
        until TEXT NOT NULL,
        owner TEXT NOT NULL,
        reason TEXT NOT NULL,
        given_at TEXT NOT NULL,
        ended_at TEXT,
        ended_by TEXT
    )
    """,
    "CREATE UNIQUE INDEX waivers_one ON waivers (rule, cluster) WHERE ended_at IS NULL",
    """
    CREATE TABLE sightings (
        cluster_id TEXT PRIMARY KEY,
        cluster TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        appeared_at TEXT,
        counterpart TEXT,
        how TEXT,
        told_in TEXT
    ) WITHOUT ROWID
    """,
)
