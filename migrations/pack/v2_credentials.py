"""The user and the database to name in v2's credentials: proposed where there is only one, else blank."""

import re
from collections.abc import Sequence

from migrations.facts import ClusterFacts, MissingFact
from migrations.pack import placeholders
from migrations.pack.adjustments import AdjustmentLog
from migrations.pack.placeholders import Placeholder, Reason
from migrations.rule import Rule
from migrations.rules import pgr100_users_leave_the_api as users_leave
from migrations.rules import pgr101_user_names_unfit as user_names
from migrations.rules import pgr102_no_user_fits as no_user_fits
from migrations.rules import pgr103_databases_leave_the_api as databases_leave
from migrations.rules import pgr104_no_database_fits as database_names
from migrations.rules import pgr107_password_to_prepare as password_to_prepare

_DATABASE = re.compile(r"[A-Za-z0-9_]{2,63}")


def pick_username(facts: ClusterFacts, log: AdjustmentLog) -> str:
    """Return the cluster's own user whose name v2 takes. With several, only the owner knows which."""
    users = () if isinstance(facts.users, MissingFact) else facts.users
    names = [each.name for each in users if user_names.is_own(each) and not user_names.misfit(each.name)]
    return _pick_only(names, placeholders.USERNAME, no_user_fits.rule, users_leave.rule, log)


def pick_database(facts: ClusterFacts, log: AdjustmentLog) -> str:
    """Return the cluster's own database whose name v2 takes; any that is in use will do."""
    databases = () if isinstance(facts.databases, MissingFact) else facts.databases
    names = [
        each.name for each in databases if database_names.is_own(each) and _DATABASE.fullmatch(each.name)
    ]
    return _pick_only(names, placeholders.DATABASE, database_names.rule, databases_leave.rule, log)


def leave_password(log: AdjustmentLog) -> str:
    """Leave the password blank: no API shows it. Return its sample."""
    text = "Neither API shows it, and v2 sets it whenever you send it"
    return log.text(placeholders.PASSWORD, Reason(rule=password_to_prepare.rule, text=text))


def _pick_only(
    names: Sequence[str], blank: Placeholder, none_fits: Rule, several: Rule, log: AdjustmentLog
) -> str:
    if len(names) != 1 and log.first_reason(none_fits) is None:
        text = "v2 has one primary user, and v1 does not say which one it is"
        return log.text(blank, Reason(rule=several, text=text), tuple(sorted(names)))
    return log.keep_text(names[0] if len(names) == 1 else None, blank, none_fits)
