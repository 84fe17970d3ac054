"""A database's owner is not among the users that v1 lists.

Source: inferred from the two lists; the owner may be a role that the platform does not list, or one without
login made by SQL (ionos-api-notes, section 9: an owner can be changed by SQL only).
"""

from migrations.facts import ClusterFacts, FactNeed, known
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    NotApplicable,
    Remedy,
    Rule,
    Scope,
    Severity,
    Verdict,
    unstated,
)
from migrations.rules.pgr104_no_database_fits import CALL

rule = Rule(
    module=__name__,
    title="A database's owner is not in the list of users",
    severity=Severity.INFO,
    basis=Basis.INFERRED,
    source="inferred: v1 lists a database whose owner is not in v1's list of users, system users included",
    remedy=Remedy(
        text="Look up the owner in the database. It may be a system role.",
        command="/pg database list {name}",
        sql="SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE NOT datistemplate ORDER BY 1;",
    ),
    scope=Scope.DATABASE,
    needs=frozenset({FactNeed.USERS, FactNeed.DATABASES}),
)


@rule.check
def check(facts: ClusterFacts) -> Verdict:
    users = {user.name for user in known(facts.users)}
    databases = sorted(known(facts.databases), key=lambda database: database.name)
    unlisted = [each for each in databases if each.owner and each.owner not in users]
    if unlisted:
        seen = (f"{each.name} belongs to {each.owner}" for each in unlisted)
        return Found.of("properties.owner", *seen, call=CALL)
    if not databases:
        return NotApplicable("the cluster has no database")
    unclear = next((database.name for database in databases if not database.owner), None)
    return QUIET if unclear is None else unstated(f"properties.owner of {unclear}")
