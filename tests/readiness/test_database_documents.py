"""Documents of one server become one, and what none of them has is never taken for empty."""

import json
import os
from pathlib import Path

import migrations.precheck
from migrations.precheck.database_comparison import compare_documents
from migrations.precheck.database_documents import (
    DatabaseDocument,
    group_documents,
    merge_documents,
    parse_document,
)

SCHEMA = Path(migrations.precheck.__file__).with_name("database_documents.schema.json")
NAMES = ("orders", "billing", "idle")


def document(database, at="08:00", *, parts=None, unread=(), system="7", **more):
    """Return a precheck of one database of a server with three, of which one takes no connections."""
    return parse_document(
        {
            "$schema": "urn:ionos-pg-chatops:precheck:1",
            "read_at": f"2026-11-30T{at}:00Z",
            "server": {
                "version": "16.4",
                "major": 16,
                "role": "payments",
                "system_identifier": system,
                "databases": [{"name": name, "takes_connections": name != "idle"} for name in NAMES],
            },
            "parts": {"databases": {"total": 0, "items": []}},
            "databases": [{"name": database, "parts": parts or {}}],
            "unread": list(unread),
        }
        | more
    )


def found(name):
    return {"total": 1, "items": [{"name": name}]}


def test_documents_of_one_server_are_merged_and_the_newer_one_counts():
    old = document("orders", "07:00", parts={"extensions": found("old")}, host="h")
    new = document("orders", "08:00", parts={"extensions": found("new")}, host="h")
    other = document("billing", "07:30", parts={"extensions": found("other")}, host="h")
    rebuilt, cloned = document("orders", system="8", host="h"), document("orders", host="clone")

    groups = group_documents([old, rebuilt, new, cloned, other])
    merged = merge_documents(groups[0])

    assert [len(group) for group in groups] == [3, 1, 1]
    assert [each.text("name") for each in merged.items("extensions")] == ["other", "new"]
    assert (merged.read_at.hour, merged.host, merged.unread) == (7, "h", ())


def test_a_database_that_no_run_connected_to_is_unread():
    report = merge_documents([document("orders")])

    assert report.unread_databases() == (
        "database “billing” was not read: pgbot precheck did not connect to it",
    )


def test_a_part_that_a_document_lacks_is_unread():
    whole = document("orders", parts={"extensions": found("hstore")})
    report = merge_documents([whole, document("billing")])

    assert report.unread_part("extensions") == ("database “billing”: the document does not have this part",)
    assert report.unread_part("logical_slots")
    assert report.unread_part("databases") == ()


def test_a_part_of_the_server_that_one_run_could_read_is_read():
    refused = {"part": "tablespaces", "why": "permission denied"}
    reading = document("billing", "07:00", system="7").model_copy(
        update={"parts": {"tablespaces": found("fast")}}
    )

    only_refused = merge_documents([document("orders", unread=[refused])])
    both = merge_documents([document("orders"), reading])

    assert only_refused.unread_part("tablespaces") == ("the server: permission denied",)
    assert both.unread_part("tablespaces") == ()


def test_two_prechecks_are_compared_by_what_the_second_server_offers():
    source = merge_documents(
        [document("orders", parts={"extensions": found("postgis")}), document("billing")]
    )
    target = document("orders").model_copy(update={"parts": {"available_extensions": found("plpgsql")}})

    compared = compare_documents(source, target)

    assert [each.line for each in compared.differences] == ["  postgis:  → absent"]
    assert compare_documents(source, document("orders")).unread[0] == (
        "the second document does not list the extensions that its server offers"
    )


def test_the_published_schema_is_that_of_the_reader():
    """`UPDATE_GOLDEN=1` writes it anew."""
    made = json.dumps(DatabaseDocument.model_json_schema(), indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        SCHEMA.write_text(made, encoding="utf-8")

    assert SCHEMA.read_text(encoding="utf-8") == made
