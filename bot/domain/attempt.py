"""The one sending of a change's request, and evidence of whether it was carried out."""

from dataclasses import dataclass
from datetime import datetime

WORKING = frozenset({"BUSY", "UPDATING", "PROVISIONING", "DESTROYING"})
"""States in which a cluster is being changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The single sending of a change's request: the time it was armed, UTC, and the state before.

    `baseline` holds the ids that the change could add to: backups of the cluster, or clusters of the name.
    `epoch` is that of the lease under which it was made, empty without one.
    """

    armed_at: datetime
    baseline: frozenset[str] = frozenset()
    epoch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvidence:
    """Evidence that the request was carried out; `made` is the id of what it created, if anything.

    `lasts` is False for a busy cluster: that passes, and maintenance looks the same. `is_absence`: something
    is missing, which counts only if the request is known to have left, and after several looks.
    """

    words: str
    made: str = ""
    lasts: bool = True
    is_absence: bool = False
