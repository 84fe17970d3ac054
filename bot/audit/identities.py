"""Who is one person in the audit log: it names a terminal's user with the Slack person they acted as."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from bot.audit.records import AuditRow


def people(rows: Iterable[AuditRow]) -> Callable[[AuditRow], str]:
    """What tells people apart in these rows: the Slack person, also where an earlier release wrote down the
    user of the machine alone, as long as that user never acted as anybody else."""
    acted: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        acted[row.names[0]].add(row.names[-1])
    alone = {name: others - {name} for name, others in acted.items()}
    known = {name: next(iter(others)) for name, others in alone.items() if len(others) == 1}
    return lambda row: known.get(row.actor, row.names[-1])
