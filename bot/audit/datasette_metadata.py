"""Descriptions of the log's tables for datasette (`--metadata`) and users of sqlite-utils."""

from typing import Any

_ROW = {
    "seq": "Number of the row, without gaps from 1 on",
    "at": "When it was written, UTC",
    "kind": "invocation: before anything is done; request: before a changing request leaves; outcome: "
    "the result; plan, decision, intent, change: the life of a change; name: a name that a cluster lost; "
    "policy, anchor, sealed, checkpoint, accepted: the log itself; alarm: what the log disproves",
    "trace": "Joins the rows of one request; messages about failures show it",
    "team": "Slack workspace",
    "actor": "slack:, os: or schedule:, and the id there; of a terminal's user also the Slack person, as in "
    "“os:root as slack:U0BOB”",
    "channel": "Slack channel of the request; empty in the terminal",
    "command": "The command; empty if the text is not a command",
    "text": "The text typed, without secrets; for an API request, its method, path and endpoint",
    "outcome": "One word: accepted, intended, ok, denied, mistyped, failed, error, or a change's state",
    "detail": "The title of the answer, or the reason for a refusal",
    "requests": "The API requests that were made for it, as JSON",
    "milliseconds": "How long the command took",
    "prev": "Hash of the row before",
    "hash": "v2: and SHA-256 (or hmac:v2: and HMAC-SHA-256) over number, hash before and the SHA-256 of the "
    "canonical JSON of all other columns; without v2:, as of earlier releases, over all of them at once",
    "cluster": "Ids of the clusters it is about, separated by spaces",
    "change": "Id of its change",
    "roles": "Roles of the actor at that time",
    "rule": "The rule that allowed or refused it",
    "policy": "Version of people, permissions and approvals that decided",
    "kept": "What is stored of the change together with this row, as JSON; bot.audit.evidence plays it again",
    "code": "Code of the error with which it ended, such as cluster.not_found; the docs list them",
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
    "description": "Append-only: every row has the hash of the row before it. pgbot audit verify checks it.",
    "databases": {
        "pgbot": {
            "tables": {
                "audit": {
                    "description": "Every request to the bot, its API requests, and the results.",
                    "columns": _ROW,
                    "sort_desc": "seq",
                    "facets": ["actor", "command", "outcome"],
                },
                "audit_readable": {
                    "description": "The log in readable form: who typed what, and the answers.",
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
                    "title": "Requests that change something, and the API's answers",
                    "sql": "SELECT * FROM audit_requests WHERE method <> 'GET' ORDER BY seq DESC",
                },
                "refusals": {
                    "title": "Refused requests, with reasons",
                    "sql": "SELECT * FROM audit_readable WHERE outcome = 'denied' ORDER BY seq DESC",
                },
            },
        }
    },
}
