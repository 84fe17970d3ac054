"""Descriptions of the log's tables for datasette (`--metadata`) and users of sqlite-utils."""

from typing import Any

_ROW = {
    "seq": "Number of the row, without gaps from 1 on",
    "at": "When it was written, UTC",
    "kind": "invocation: before anything is done; request: before a changing request leaves; outcome: what "
    "came of it; plan, decision, intent, change: the life of a change; name: a name that a cluster lost; "
    "policy, anchor, sealed, checkpoint, accepted: the log itself; alarm: what the log disproves",
    "trace": "Joins the rows of one thing that was asked for; messages about failures show it",
    "team": "Slack workspace",
    "actor": "slack:, os: or schedule:, and the id there; of a terminal's user also the Slack person, as in "
    "“os:root as slack:U0BOB”",
    "channel": "Slack channel in which it was asked; empty in the terminal",
    "command": "The command, or empty when what was typed is none",
    "text": "What was typed, without secrets; of a request, its method, path and place",
    "outcome": "One word: accepted, intended, ok, denied, mistyped, failed, error, or a change's state",
    "detail": "The title of the answer, or why not",
    "requests": "The API requests that were made for it, as JSON",
    "milliseconds": "How long the command took",
    "prev": "Hash of the row before",
    "hash": "v2: and SHA-256 (or hmac:v2: and HMAC-SHA-256) over number, hash before and the SHA-256 of the "
    "canonical JSON of all other columns; without v2:, as of earlier releases, over all of them at once",
    "cluster": "Ids of the clusters it is about, separated by blanks",
    "change": "Id of the change it belongs to",
    "roles": "Roles of the actor at that time",
    "rule": "What allowed or refused it",
    "policy": "Version of people, permissions and approvals that decided",
    "kept": "What is stored of the change together with this row, as JSON; bot.audit.evidence plays it again",
    "digest": "Digest of the change that was approved or carried out; of a policy row, of all settings",
}

_READABLE = {
    "when": _ROW["at"],
    "who": _ROW["actor"],
    "where": _ROW["channel"],
    "typed": _ROW["text"],
    "said": _ROW["detail"],
    "because": _ROW["rule"],
    "requests": "How many API requests were made for it",
}

METADATA: dict[str, Any] = {
    "title": "pgbot audit log",
    "description": "Append-only: every row carries the hash of the one before. pgbot audit verify checks it.",
    "databases": {
        "pgbot": {
            "tables": {
                "audit": {
                    "description": "Everything that was asked of the bot, what it sent, and what came of it.",
                    "columns": _ROW,
                    "sort_desc": "seq",
                    "facets": ["actor", "command", "outcome"],
                },
                "audit_readable": {
                    "description": "The log as people read it: who typed what, and what was said.",
                    "columns": _READABLE,
                    "sort_desc": "seq",
                    "facets": ["who", "command", "outcome"],
                },
                "audit_requests": {
                    "description": "One row for each API request, with its status and id.",
                    "sort_desc": "seq",
                    "facets": ["method", "status"],
                },
                "audit_words": {"hidden": True},
                "inbox": {"hidden": True},
            },
            "queries": {
                "changes": {
                    "title": "Requests that change something, and what the API answered",
                    "sql": "SELECT * FROM audit_requests WHERE method <> 'GET' ORDER BY seq DESC",
                },
                "refusals": {
                    "title": "What was refused, and why",
                    "sql": "SELECT * FROM audit_readable WHERE outcome = 'denied' ORDER BY seq DESC",
                },
            },
        }
    },
}
