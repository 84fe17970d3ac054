"""The one sending of a change's request, and evidence of whether it was carried out."""

from dataclasses import dataclass
from datetime import datetime

WORKING = frozenset({"BUSY", "UPDATING", "PROVISIONING", "DESTROYING"})
"""States in which a cluster carries something out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The one time that a request may leave: when it was armed, UTC, and what there was before.

    `baseline` are ids of what the change could add to: backups of the cluster, or clusters of the name.
    """

    armed_at: datetime
    baseline: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvidence:
    """What shows that the request was carried out; `made` is the id of what it made, if anything.

    `lasts` is False for a cluster at work, which passes: maintenance looks the same.
    """

    words: str
    made: str = ""
    lasts: bool = True
