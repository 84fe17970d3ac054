"""The proof of a change: its tables say what its audit rows say, and those are the ones that were written.

The tables are what the bot works with, the audit log is what it believes. Before a decision is added, before
a change gets its turn, and in the transaction that lets its request leave, both are compared by the checks
that auditors run off-line on its evidence (`bot.audit.evidence`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.audit.evidence.program import contradictions
from bot.audit.evidence.reading import UnreadableBundle
from bot.audit.verified_log import UnprovenRows, VerifiedLog
from bot.changes.audit_payload import evidence_parts
from bot.changes.rows import Row, StoredRows, stored
from bot.domain.plan import Plan
from bot.runtime.database.sqlite import SqlError, Transaction, is_undecodable

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
