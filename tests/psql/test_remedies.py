"""SQL in the answers of commands and rules runs as the primary user, who is no superuser."""

import re

import migrations.rules
from bot.domain.api_capabilities import LACKS
from migrations.rule import Rule, discover_rules

LISTS = [
    found[0].strip()
    for lack in LACKS.values()
    if (found := re.search(r"SELECT .*?(?=\. To change)", lack.substitute))
]


def test_the_remedies_of_the_rules_run_in_their_order(server):
    remedies = {
        rule.id: rule.remedy.sql
        for rule in discover_rules(migrations.rules, Rule)
        if rule.remedy.sql and "USER" not in rule.remedy.sql.replace("CURRENT_USER", "")
    }
    assert {"PGR102", "PGR104"} <= remedies.keys()

    for name, sql in sorted(remedies.items()):
        done = server.run_script(f"\\set ON_ERROR_STOP on\n{sql}\n", typed="a password\na password\n")
        assert (done.code, "ERROR" in done.error) == (0, False), (name, done)

    owner = server.admin(
        "SELECT rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = 'app'"
    )
    assert owner == ["app_owner"]


def test_the_lists_that_v2_leaves_to_sql_run(server):
    assert len(LISTS) == 2
    for sql in LISTS:
        assert len(server.admin(f"{sql};", user="payments")) > 1
