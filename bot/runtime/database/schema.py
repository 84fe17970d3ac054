"""The bot's tables in SQLite, as ordered steps that each run once. Called schema, never migrations."""

from bot.runtime.database.recent_steps import RECENT_STEPS
from bot.runtime.database.sqlite import (
    FullTextIndex,
    refuse_changes,
    refuse_inserts,
)

_AUDIT_REQUESTS = """
    CREATE VIEW audit_requests AS
    SELECT audit.seq, audit.at AS "when", audit.actor AS who, audit.trace,
        request.value ->> 'method' AS method, request.value ->> 'url' AS url,
        request.value ->> 'status' AS status, request.value ->> 'ms' AS milliseconds,
        request.value ->> 'request_id' AS request_id, request.value ->> 'attempt' AS attempt,
        request.value ->> 'said' AS said
    FROM audit, json_each(audit.requests) AS request
"""

AUDIT_WORDS = FullTextIndex(
    "audit", "seq", ("actor", "command", "text", "outcome", "detail", "cluster", "change")
)

STEPS: dict[str, tuple[str, ...]] = {
    # Requests, their outcomes, and the hash of the row before in each.
    "audit_log": (
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
        *refuse_changes("audit", "the audit log is append-only"),
    ),
    # Deliveries from Slack and their answers; `text` is emptied with the answer.
    "inbox": (
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
    ),
    # Clusters, change, roles and rules of an audit row; full text; and files that end with a seal.
    "audit_evidence": (
        *(
            f"ALTER TABLE audit ADD COLUMN {column} TEXT"
            for column in ("cluster", "change", "roles", "rule", "policy", "digest")
        ),
        "CREATE INDEX audit_cluster ON audit (cluster, trace) WHERE cluster IS NOT NULL",
        "CREATE INDEX audit_change ON audit (change) WHERE change IS NOT NULL",
        *AUDIT_WORDS.statements,
        refuse_inserts(
            "audit_sealed",
            "audit",
            "(SELECT kind FROM audit ORDER BY seq DESC LIMIT 1) = 'sealed'",
            "this audit log has ended and goes on in another file",
        ),
    ),
    # Views of the log for people with SQL; `bot.audit.export` describes the columns.
    "audit_views": (
        """
        CREATE VIEW audit_readable AS
        SELECT seq, at AS "when", actor AS who, roles, channel AS "where", text AS typed, command, outcome,
            detail AS said, rule AS because, cluster, change, json_array_length(requests) AS requests,
            milliseconds, kind, trace
        FROM audit
        """,
        _AUDIT_REQUESTS,
    ),
    # Changes with their plans; `version` grows with everything that a card shows.
    "changes": (
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
    ),
    # Votes on a change and its one attempt; the index lets one change of a cluster run at a time.
    "decisions": (
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
    ),
    # Cards of a change in Slack, and the messages in the threads below them.
    "stories": (
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
    ),
    # Verdicts run by run, waivers, and v1 clusters seen in v2; see `bot.readiness`.
    "readiness": (
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
    ),
    # Public keys of people, and encrypted passwords to deliver; see `bot.changes.password_store`.
    "handovers": (
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
    ),
    # Listings kept for a while, and the Home tabs that have been opened.
    "listings": (
        """
        CREATE TABLE listings (
            key TEXT NOT NULL,
            person TEXT NOT NULL,
            at TEXT NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (key, person)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE homes (
            person TEXT PRIMARY KEY,
            team TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            shown TEXT NOT NULL
        ) WITHOUT ROWID
        """,
    ),
    # Reports made in Slack, their status, runs and results; see `bot.reports`.
    "reports": (
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
    ),
    # Indexes by requester, voter and missing review; the person who said that a change ran.
    "people_and_changes": (
        "ALTER TABLE changes ADD COLUMN said_ran TEXT NOT NULL DEFAULT ''",
        # An earlier release had it in the words of the progress alone.
        "UPDATE changes SET said_ran = replace(progress, ' says that it ran', '')"
        " WHERE state = 'running' AND progress LIKE '% says that it ran'",
        "CREATE INDEX changes_requester ON changes (requester, proposed_at)",
        "CREATE INDEX changes_unreviewed ON changes (proposed_at) WHERE skipped != '' AND reviewed_by = ''",
        "CREATE INDEX votes_voter ON votes (voter, at)",
    ),
    # The part of a change that is stored with an audit row, which the row's hash covers.
    "audit_kept": ("ALTER TABLE audit ADD COLUMN kept TEXT",),
    # Names that clusters have (`freed_at` is NULL) and had; see `bot.changes.former_name_store`. Those that
    # changes and readiness checks of earlier releases saw are taken over, the last one as the cluster's name.
    "cluster_names": (
        """
        CREATE TABLE cluster_names (
            cluster_id TEXT NOT NULL,
            was_id TEXT NOT NULL,
            name TEXT NOT NULL,
            api TEXT NOT NULL,
            contract TEXT NOT NULL,
            region TEXT NOT NULL,
            freed_at TEXT,
            PRIMARY KEY (cluster_id, was_id, name)
        ) WITHOUT ROWID
        """,
        """
        INSERT INTO cluster_names
        WITH seen (id, name, api, contract, region, at) AS (
            SELECT plan ->> '$.target.id', plan ->> '$.target.name', plan ->> '$.target.api',
                plan ->> '$.target.contract', plan ->> '$.target.region', proposed_at
            FROM changes WHERE json_valid(plan)
            UNION ALL
            SELECT cluster_id, name, 'v1', contract, region, at FROM verdicts
        )
        SELECT id, id, name, api, contract, region,
            CASE WHEN max(at) < (SELECT max(at) FROM seen AS newer WHERE newer.id = seen.id) THEN max(at) END
        FROM seen WHERE id != '' GROUP BY id, name
        """,
        "CREATE INDEX audit_names ON audit (cluster, at) WHERE kind = 'name'",
    ),
    # The company of a delivery's sender, and the moment at which the bot stood still over it and was ended.
    "inbox_senders": (
        "ALTER TABLE inbox ADD COLUMN team TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE inbox ADD COLUMN stalled_at TEXT",
    ),
    # What runs and sightings were derived from: digests of the rules, and of the account that was asked.
    "readiness_provenance": (
        "ALTER TABLE runs ADD COLUMN judged_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE sightings ADD COLUMN account TEXT NOT NULL DEFAULT ''",
    ),
    # The channel that a report's owner was told is lost.
    "lost_channels": ("ALTER TABLE report_standings ADD COLUMN lost_channel TEXT NOT NULL DEFAULT ''",),
    # Places outside of this file that have an anchor of it, and moments before which decisions send nothing;
    # see `bot.audit.lineage_store`.
    "lineage": (
        """
        CREATE TABLE anchored_places (
            place TEXT PRIMARY KEY,
            since TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE decision_cuts (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            why TEXT NOT NULL,
            posted_at TEXT
        )
        """,
        "CREATE INDEX attempts_armed_at ON attempts (armed_at)",
        "CREATE INDEX changes_proposed_at ON changes (proposed_at)",
    ),
    # The release that brought a file to its number of steps, to name it to one that does not know them.
    "releases": ("CREATE TABLE releases (steps INTEGER PRIMARY KEY, release TEXT NOT NULL)",),
    # The view of early files lacks what the API said.
    "audit_requests_again": ("DROP VIEW audit_requests", _AUDIT_REQUESTS),
    **RECENT_STEPS,
}
"""By the names that every file records: a released step is never renamed, reordered or changed."""
