"""The proof of a change: its tables say what its audit rows say, and those are the ones that were written.

The tables are what the bot works with, the audit log is what it believes. Replayed from the first row to the
last, the rows give the change, its votes and its attempt; the plan and the approval requirement, which never
change, are there by their SHA-256. `bot.audit.evidence` replays them without this code, for auditors
off-line. Before a decision is added, before a change gets its turn, and in the transaction that lets its
request leave, tables and rows are compared by the same checks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.audit.evidence.program import contradictions
from bot.audit.evidence.reading import Row, UnreadableBundle, read
from bot.audit.records import ChainSegment
from bot.audit.verified_log import UnprovenRows, VerifiedLog
from bot.changes.record import ChangeRecord, Milestone, Vote
from bot.changes.rows import StoredRows, change_row, stored
from bot.changes.transitions import Transition
from bot.domain.attempt import Attempt
from bot.domain.plan import Plan
from bot.domain.stored_values import canonical_json, json_sha256
from bot.runtime.database.columns import time_to_text, to_column
from bot.runtime.database.sqlite import SqlError, Transaction, is_undecodable

ALTERING = ("state", "started_at", "ended_at", "result", "made", "skipped", "reviewed_by", "said_ran")
"""Fields of a change that transitions alter and rows record; progress and version are left out."""


def proposal_json(record: ChangeRecord) -> str:
    """Return the payload for the audit row of a new change's plan."""
    parts = {"plan": record.plan, "need": record.need}
    whole = {name: json_sha256(each.model_dump(mode="json")) for name, each in parts.items()}
    # As it is stored: nothing that a later transition alters is set yet.
    change = _stored_fields(dict.fromkeys(ALTERING) | change_row(record))
    return canonical_json({"change": change, **whole})


def transition_json(done: Transition, after: int | None) -> str:
    """Return the payload for the audit row of a transition: the fields it alters, and `after`, the number of
    the change's previous row."""
    recorded = (*ALTERING, "expires_at")
    fields = {name: to_column(value) for name, value in done.fields.items() if name in recorded}
    parts = {
        "fields": fields,
        "vote": done.vote and vote_fields(done.vote),
        "unvote": done.unvote,
        "attempt": done.attempt and attempt_fields(done.attempt),
        "turns": done.turns,
        "code": done.with_code,
    }
    return canonical_json({"after": after, **{name: each for name, each in parts.items() if each}})


def vote_fields(vote: Vote) -> dict[str, Any]:
    """Return one vote, as rows and bundles hold it; without a note where it has none."""
    return {
        "voter": vote.voter,
        "name": vote.name,
        "word": vote.word.value,
        "roles": sorted(vote.roles),
        "digest": vote.digest,
        "at": time_to_text(vote.at),
        **({"note": vote.note} if vote.note else {}),
    }


def attempt_fields(attempt: Attempt) -> dict[str, Any]:
    """Return the attempt: the one time that the request may be sent."""
    epoch = {"epoch": attempt.epoch} if attempt.epoch else {}
    return {"armed_at": time_to_text(attempt.armed_at), "baseline": sorted(attempt.baseline), **epoch}


FORMAT, WITHOUT_SEGMENT = "pgbot-evidence-3", "pgbot-evidence-2"
"""The format of bundles, and that of earlier releases, for rows whose place in the chain cannot be shown."""


def evidence_parts(found: StoredRows, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the parts of a bundle that its audit rows prove, as the columns have them, by whichever release.

    Raises ValueError or UnreadableBundle for a column that is not what the bot writes.
    """
    change = found.change
    return {
        "change": _stored_fields(change),
        "plan": read(change["plan"]),
        "digest": change["digest"],
        "need": read(change["need"]),
        "votes": [_without_change(each, "roles") for each in found.votes],
        "attempt": found.attempt and _without_change(found.attempt, "baseline"),
        "requests": [
            {"row": row["seq"], **request} for row in rows for request in json.loads(row["requests"])
        ],
        "audit": {"rows": list(rows)},
    }


def _stored_fields(row: Row) -> dict[str, Any]:
    """Return the change itself from its columns, as rows and bundles hold it."""
    who = {name: row[name] for name in ("team", "origin", "channel", "time_zone")}
    names = ("id", "reason", "policy", "proposed_at", "expires_at", "replaces", *ALTERING)
    return {
        "requester": {"id": row["requester"], "name": row["requester_name"], **who},
        **{name: row[name] for name in names},
    }


def _without_change(row: Row, listed: str) -> dict[str, Any]:
    """Return a row of a table of the change's, with the list that one of its columns holds as JSON."""
    return {name: value for name, value in row.items() if name != "change_id"} | {listed: read(row[listed])}


def build_bundle(
    found: StoredRows,
    milestones: Sequence[Milestone],
    rows: Sequence[Row],
    segment: ChainSegment | None,
) -> bytes:
    """Return the bundle as JSON. `rows` are the change's audit rows as stored, `segment` the chain that they
    are part of, where it can be shown."""
    whole = {"format": FORMAT if segment else WITHOUT_SEGMENT, **evidence_parts(found, rows)}
    whole["timeline"] = [{"at": time_to_text(each.at), "words": each.words} for each in milestones]
    seq, hash_ = segment.head if segment else (rows[-1]["seq"], rows[-1]["hash"])
    whole["audit"]["head"] = {"seq": seq, "hash": hash_}
    if segment:
        whole["audit"]["links"] = segment.links
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()


LONGEST = 300
"""Characters of a reason: what was tampered with may stand in it at any length."""


def find_disproof(log: VerifiedLog, change_id: str, db: Transaction, *, begins: bool = False) -> str:
    """Return in words the first difference between a change's tables and its audit rows; empty for none.

    One that `begins` has to be proposed since a person last accepted the log as it was: a log that was put
    back may hold as approved what was carried out since. Raises LogInDoubt while the log itself cannot be
    relied on, and SqlError.
    """
    try:
        rows = log.proven_rows(db, change_id)
        found = stored(db, change_id)
        if begins and rows and rows[0]["seq"] < log.accepted:
            return f"it was proposed before somebody accepted the log as it was, in row {log.accepted}"
        if found is None:
            return "its row is gone from the database" if rows else ""
        return next(_differences(found, rows), "")[:LONGEST]
    except UnprovenRows as error:
        return error.why
    except (UnreadableBundle, ValueError, TypeError, KeyError, AttributeError) as error:
        return f"its rows in the database cannot be read ({type(error).__name__})"
    except SqlError as error:
        if not is_undecodable(error):
            raise
        return "its rows in the database hold what no row can hold"


def find_turns(log: VerifiedLog, change_id: str, db: Transaction) -> tuple[str, ...]:
    """Return the keys under which a change that is stopped keeps others waiting: those of its column, of its
    plan and of its audit rows, since nobody can tell which of them is true."""
    turns, found = set(log.clusters_of(db, change_id)), stored(db, change_id)
    if found is not None:
        turns.add(str(found.change["cluster_id"]))
        with suppress(ValueError, TypeError):
            turns.add(Plan.model_validate_json(found.change["plan"]).turn)
    return tuple(sorted(turns - {""}))


def _differences(found: StoredRows, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        yield "it has no audit rows"
        return
    parts = evidence_parts(found, rows)
    yield from contradictions(parts)
    yield from _underived(found.change, parts["plan"], is_earlier=not rows[0]["kept"])


def _underived(change: Row, plan: Mapping[str, Any], *, is_earlier: bool) -> Iterator[str]:
    """Yield columns that are not those of the plan that they are taken from: queues and lists go by them."""
    planned = Plan.model_validate_json(json.dumps(plan))
    expected = {"command": planned.command, "cluster_id": planned.turn, "cluster_name": planned.target.name}
    if is_earlier and change["cluster_id"] == planned.occupies:
        # Earlier releases did not queue what creates a cluster.
        del expected["cluster_id"]
    yield from (
        f"its {name} is not that of its plan" for name, value in expected.items() if change[name] != value
    )
