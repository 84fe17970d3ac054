"""The audit log's views for people with SQL, as statements for `bot.runtime.database.schema`."""

VIEWS = (
    """
    CREATE VIEW audit_readable AS
    SELECT seq, at AS "when", actor AS who, roles, channel AS "where", text AS typed, command, outcome,
        detail AS said, rule AS because, cluster, change, json_array_length(requests) AS requests,
        milliseconds, kind, trace
    FROM audit
    """,
    """
    CREATE VIEW audit_requests AS
    SELECT audit.seq, audit.at AS "when", audit.actor AS who, audit.trace,
        request.value ->> 'method' AS method, request.value ->> 'url' AS url,
        request.value ->> 'status' AS status, request.value ->> 'ms' AS milliseconds,
        request.value ->> 'request_id' AS request_id, request.value ->> 'attempt' AS attempt,
        request.value ->> 'said' AS said
    FROM audit, json_each(audit.requests) AS request
    """,
)
