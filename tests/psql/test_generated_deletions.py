"""Generated owners, grants and memberships: a deletion changes exactly what it announces, or nothing."""

import random

import pytest
from deletion_site import LEAVER, expect_deletion
from postgres_catalog import difference, read_catalog
from postgres_servers import PRIMARY

from bot.domain.psql.psql_script import SqlTarget
from bot.domain.psql.scripts import delete_user

TARGET = SqlTarget(cluster="payments-prod", primaries=(PRIMARY,))
ROLES = (PRIMARY, "app", '"Re""port"', "reader")
PEOPLE = """
SET ROLE payments;
CREATE ROLE app LOGIN; CREATE ROLE "Re""port" LOGIN; CREATE ROLE reader; CREATE ROLE team;
CREATE DATABASE other;
GRANT CREATE ON DATABASE payments, other TO app, "Re""port"; GRANT ALL ON SCHEMA public TO app, "Re""port";
RESET ROLE;
"""
MAKERS = (
    "CREATE SCHEMA {name}",
    "CREATE TABLE {schema}.{name} (i serial PRIMARY KEY, t text)",
    "CREATE VIEW {schema}.{name} AS SELECT 1 AS i",
    "CREATE FUNCTION {schema}.{name}(i int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TYPE {schema}.{name} AS ENUM ('a')",
    "CREATE DOMAIN {schema}.{name} AS int",
    "CREATE SEQUENCE {schema}.{name}",
    "CREATE DATABASE {name}",
    "SELECT lo_create(0)",
)
CHANGES = (
    "GRANT ALL ON SCHEMA {schema} TO {other}{option}",
    "GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA {schema} TO {other}{option}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {other}{option}",
    "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {schema} TO {other}{option}",
    "REVOKE ALL ON ALL ROUTINES IN SCHEMA {schema} FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES GRANT {right} TO {other}{option}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {right} TO {other}",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {owner}",
    "GRANT {role} TO {other}",
    "GRANT team TO {other} WITH ADMIN OPTION",
    "GRANT CREATE, CONNECT ON DATABASE payments TO {other}{option}",
)
RIGHTS = (
    "SELECT ON TABLES",
    "USAGE ON SEQUENCES",
    "EXECUTE ON FUNCTIONS",
    "USAGE ON TYPES",
    "USAGE ON SCHEMAS",
)


def draw_statement(dice, number):
    owner, other = dice.choice(ROLES), dice.choice((*ROLES, "PUBLIC"))
    values = {
        "name": f"x{number}",
        "schema": dice.choice(["public", *(f"x{each}" for each in range(number))][-8:]),
        "owner": owner,
        "other": other,
        "role": dice.choice(ROLES[1:]),
        "option": dice.choice(("", " WITH GRANT OPTION")),
        "right": dice.choice(RIGHTS),
    }
    text = dice.choice(MAKERS if dice.random() < 0.5 else CHANGES).format(**values)
    return f"SET ROLE {owner};\n{text};\nRESET ROLE;\n"


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(each, marks=pytest.mark.soak) for each in range(2, 25))]
)
def test_a_deletion_changes_what_it_announces_or_nothing(server, seed):
    dice = random.Random(seed)  # noqa: S311 - the same seed gives the same statements
    server.admin(PEOPLE)
    made = {}
    for database in (PRIMARY, "other"):
        # What a role may not do fails, and the next statement runs.
        made[database] = "".join(draw_statement(dice, number) for number in range(40))
        server.run_script(made[database], database=database, user="postgres")
    drops = dice.random() < 0.3
    before = read_catalog(server)
    script = delete_user(TARGET, LEAVER, drop_objects=drops).render()

    runs = [
        server.run_script(script, database=database, typed=f"{LEAVER}\n") for database in (PRIMARY, "other")
    ]

    is_deleted = 0 in (run.code for run in runs)
    expected = expect_deletion(before, PRIMARY, granted_by=PRIMARY, drops=drops) if is_deleted else before
    assert difference(expected, read_catalog(server)) == {}, (seed, runs)
