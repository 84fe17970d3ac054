"""The user and the database to name in v2's credentials: proposed where there is only one, else blank."""

import re
from collections.abc import Sequence

from migrations.facts import ClusterFacts, MissingFact
from migrations.pack import placeholders
from migrations.pack.adjustments import AdjustmentLog
from migrations.pack.placeholders import Placeholder
from migrations.rules import pgr101_user_names_unfit as user_names
from migrations.rules import pgr104_no_database_fits as database_names

_DATABASE = re.compile(r"[A-Za-z0-9_]{2,63}")


def pick_username(facts: ClusterFacts, log: AdjustmentLog) -> str:
    """Return the cluster's own user whose name v2 takes. With several, only the owner knows which."""
    if isinstance(facts.users, MissingFact):
        return log.text(placeholders.USERNAME.because(f"v1's users are not known: {facts.users.why}"))
    names = [
        each.name for each in facts.users if user_names.is_own(each) and not user_names.misfit(each.name)
    ]
    return _only(names, placeholders.USERNAME, "PGR102", log)


def pick_database(facts: ClusterFacts, log: AdjustmentLog) -> str:
    """Return the cluster's own database whose name v2 takes; any that is in use will do."""
    if isinstance(facts.databases, MissingFact):
        return log.text(placeholders.DATABASE.because(f"v1's databases are not known: {facts.databases.why}"))
    names = [
        each.name
        for each in facts.databases
        if database_names.is_own(each) and _DATABASE.fullmatch(each.name)
    ]
    return _only(names, placeholders.DATABASE, "PGR104", log)


def _only(names: Sequence[str], blank: Placeholder, rule_for_none: str, log: AdjustmentLog) -> str:
    if len(names) == 1:
        return names[0]
    if not names:
        return log.text(blank.because("None that v1 lists has a name that fits", rule_for_none))
    return log.text(blank.because("Several would fit", offers=tuple(sorted(names))))
