"""Prechecks as rules get them, without a server."""

from migrations.precheck.database_documents import DatabaseDocument, parse_document

SERVER_PARTS = (
    *("databases", "available_extensions", "preloaded_libraries", "logical_slots", "subscriptions"),
    *(
        "prepared_transactions",
        "md5_passwords",
        "tablespaces",
        "database_and_role_settings",
        "server_settings",
    ),
    "long_transactions",
)
DATABASE_PARTS = (
    *("summary", "largest_tables", "extensions", "publications", "refused_types", "refused_objects"),
    *(
        "system_owned",
        "event_triggers",
        "foreign_servers",
        "unlogged_tables",
        "collation_versions",
        "not_valid",
    ),
    *("languages", "security_labels", "large_objects", "sequences"),
)


def precheck(unread=(), **found) -> DatabaseDocument:
    """Return a precheck of a server with the database orders, empty but for the parts that are given.

    A part is a list of items, or None for one that could not be read.
    """
    parts = {name: _part(found.get(name, [])) for name in (*SERVER_PARTS, *DATABASE_PARTS)}
    refused = [
        {"database": None if name in SERVER_PARTS else "orders", "part": name, "why": "permission denied"}
        for name, part in parts.items()
        if part is None
    ]
    return parse_document(
        {
            "$schema": "urn:ionos-pg-chatops:precheck:1",
            "read_at": "2026-11-20T08:00:00Z",
            "server": {
                "version": "16.4",
                "major": 16,
                "role": "payments",
                "databases": [{"name": "orders", "takes_connections": True}],
            },
            "parts": {name: parts[name] for name in SERVER_PARTS if parts[name] is not None},
            "databases": [
                {
                    "name": "orders",
                    "parts": {name: parts[name] for name in DATABASE_PARTS if parts[name] is not None},
                }
            ],
            "unread": [*refused, *unread],
        }
    )


def write_precheck(path, at, cluster, **found) -> None:
    """Write the document of such a precheck, of a cluster by its id and from that time."""
    document = precheck(**found).model_copy(update={"cluster": cluster, "read_at": at})
    path.write_text(document.as_json(), encoding="utf-8")


def _part(items):
    return None if items is None else {"total": len(items), "items": items}
