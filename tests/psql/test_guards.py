"""Every guard of every script stops it on a real server: with a sentence, and before anything is changed."""

import re

from postgres_catalog import difference, read_catalog
from postgres_servers import PRIMARY

from bot.domain.psql import scripts
from bot.domain.psql.psql_script import SqlTarget, read_sql

TARGET = SqlTarget(cluster="payments-prod", primaries=(PRIMARY,))
UNKNOWN = SqlTarget(cluster="payments-prod")

SEED = """
SET ROLE payments;
CREATE ROLE app LOGIN; CREATE ROLE "\u00e9" LOGIN; CREATE ROLE "e\u0301"; CREATE ROLE helper LOGIN CREATEROLE;
CREATE DATABASE app_data; CREATE DATABASE template IS_TEMPLATE true; CREATE DATABASE slotted;
RESET ROLE;
CREATE ROLE root SUPERUSER; CREATE ROLE plain LOGIN; CREATE ROLE stranger; CREATE ROLE boss;
GRANT payments TO boss;
CREATE DATABASE roots OWNER root; CREATE DATABASE bosses OWNER boss; CREATE DATABASE strangers OWNER stranger;
CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0 OWNER payments;
GRANT ALL ON DATABASE app_data TO app;
\\connect slotted
SELECT pg_create_logical_replication_slot('s', 'pgoutput');
\\connect app_data
SET ROLE app; CREATE SCHEMA s;
CREATE FUNCTION s.f(int) RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1';
CREATE TABLE s.parts (i int) PARTITION BY RANGE (i);
RESET ROLE; CREATE TABLE s.part PARTITION OF s.parts FOR VALUES FROM (0) TO (9);
"""


def new_user(name, target=TARGET):
    return scripts.create_user(target, name).render()


def password(name, target=TARGET):
    return scripts.set_password(target, name).render()


def delete(name, heir="", target=TARGET, **options):
    return scripts.delete_user(target, name, heir, **options).render()


def create(name, owner="app", target=TARGET):
    return scripts.create_database(target, name, owner).render()


def drop(name, target=TARGET):
    return scripts.delete_database(target, name).render()


NEWER = new_user("new").replace("BETWEEN 14 AND 18", "BETWEEN 12 AND 13")
LONGER = new_user("new").replace("'new'", f"'{'x' * 64}'")

PRIMARY_DELETED = delete("app").replace("set role 'app'", f"set role '{PRIMARY}'")
"""A script that somebody has changed by hand: the bot makes none for the primary user."""

CASES = [
    ("version", NEWER, {}, "This script is for PostgreSQL 14 to 18, and this server is"),
    (
        "login",
        new_user("new"),
        {"user": "helper"},
        "connected as helper. Connect as the primary user payments.",
    ),
    (
        "createrole",
        new_user("new", UNKNOWN),
        {"user": "plain"},
        "plain may not manage users: it lacks CREATEROLE",
    ),
    (
        "createdb",
        create("new", target=UNKNOWN),
        {"user": "plain"},
        "plain may not create databases: it lacks CREATEDB",
    ),
    ("encoding", new_user("\u00e9"), {"database": "latin"}, "The database latin is in LATIN1"),
    ("encoding", create("new", "\u00e9"), {"database": "latin"}, "The database latin is in LATIN1"),
    ("length", LONGER, {}, "The name has 64 bytes, and PostgreSQL keeps 63"),
    ("reserved", new_user("Admin"), {}, 'The name "Admin" is reserved.'),
    ("reserved", new_user("pg_app"), {}, "The name pg_app is reserved."),
    ("role exists", new_user("app"), {}, "There is a user app already."),
    ("no role", password("App"), {}, 'There is no user "App" (bytes 417070). Similar: app (bytes 617070)'),
    ("no role", delete("E\u0301"), {}, 'Similar: "e\u0301" (bytes 65cc81), "\u00e9" (bytes c3a9)'),
    ("no role", delete("app", "nobody"), {}, "There is no user nobody"),
    ("no role", create("new", "nobody"), {}, "There is no user nobody"),
    ("primary", PRIMARY_DELETED, {}, "payments is the primary user, or may be"),
    ("primary", password("payments", UNKNOWN), {}, "payments is the primary user, or may be"),
    ("primary", delete("payments", target=UNKNOWN), {}, "payments is the primary user, or may be"),
    ("primary", delete("helper", target=UNKNOWN), {}, "helper is the primary user, or may be"),
    (
        "primary",
        delete("payments", "app", UNKNOWN),
        {"user": "helper"},
        "payments is the primary user, or may be",
    ),
    ("system role", delete("postgres"), {}, "postgres is a system role"),
    ("system role", password("root"), {}, "root is a system role"),
    ("system role", delete("pg_monitor"), {}, "pg_monitor is a system role"),
    ("system role", delete("app", "root"), {}, "root is a system role"),
    ("system role", create("new", "root"), {}, "root is a system role"),
    ("system role", drop("roots"), {}, "root is a system role"),
    ("same heir", delete("app", "app"), {}, "app cannot become the owner of what it owns itself."),
    ("act as", delete("boss"), {}, "boss is a member of payments. First run: REVOKE payments FROM boss"),
    ("act as", create("new", "boss"), {}, "boss is a member of payments"),
    ("act as", drop("bosses"), {}, "boss is a member of payments"),
    (
        "partitions",
        delete("app", drop_objects=True),
        {"database": "app_data"},
        "would be dropped with tables of app: s.part.",
    ),
    (
        "definer",
        delete("app"),
        {"database": "app_data"},
        "rights of their owner, who would be payments: s.f(integer).",
    ),
    ("database exists", create("app_data"), {}, "There is a database app_data already."),
    (
        "no database",
        drop("APP_data"),
        {},
        'There is no database "APP_data" (bytes 4150505f64617461). Similar: app_data',
    ),
    (
        "current database",
        drop("app_data"),
        {"database": "app_data"},
        "You are connected to the database to delete",
    ),
    (
        "system database",
        drop("postgres"),
        {"database": "app_data"},
        "postgres is a template or PostgreSQL's own.",
    ),
    ("system database", drop("template1"), {}, "template1 is a template"),
    ("system database", drop("template"), {}, "template is a template"),
    (
        "database in use",
        drop("slotted"),
        {},
        "slotted has a prepared transaction, a replication slot or a subscription",
    ),
    ("question", delete("app"), {"typed": "App\n"}, "That is not the name. Nothing was changed."),
    ("question", delete("app"), {"typed": ""}, "could not read value for variable"),
    ("question", drop("app_data"), {"typed": "app_data \n"}, "That is not the name. Nothing was changed."),
    (
        "question",
        drop("app_data"),
        {"options": ("-v", "confirm=x")},
        "That is not the name. Nothing was changed.",
    ),
]
"""The guard, the script, how it is run, and the words that it stops with."""

ELSEWHERE = {
    "roles exist",
    "databases exist",
    "standby",
    "role sessions",
    "role prepared",
    "database sessions",
}
"""Guards with a test of their own, below or in test_pack_sql.py."""


def test_every_guard_has_a_case():
    guards = set(re.findall(r"^-- ([a-z ]+): ", read_sql("guards.sql"), re.MULTILINE))

    assert {name for name, *_ in CASES} | ELSEWHERE == guards | {"question"}


def test_a_guard_stops_the_script_before_it_changes_anything(server):
    server.admin(SEED)
    before = read_catalog(server)

    for name, script, options, words in CASES:
        done = server.run_script(script, **({"typed": "app\n"} | options))
        assert done.code == 3, (name, done)
        assert words in done.error, (name, done)

    assert difference(before, read_catalog(server)) == {}


def test_a_user_that_the_primary_user_may_not_administer_is_left_alone(server):
    server.admin(SEED)
    before = read_catalog(server)
    runs = [
        server.run_script(script, typed=f"{name}\n")
        for name, script in (("stranger", delete("stranger")), ("strangers", drop("strangers")))
    ]

    if server.install.major >= 16:
        assert all(
            "payments lacks the ADMIN OPTION for stranger. Someone who has it" in each.error for each in runs
        )
        assert difference(before, read_catalog(server)) == {}
    else:  # PostgreSQL 15 and older let whoever has CREATEROLE administer every user but superusers
        assert [each.code for each in runs] == [0, 0]


def test_what_uses_the_user_or_the_database_stops_the_deletion(server):
    server.admin(SEED)
    server.admin(
        "BEGIN; CREATE TABLE s.x (i int); PREPARE TRANSACTION 'it''s'", database="app_data", user="app"
    )
    before = read_catalog(server)
    with server.open_session(database="app_data", user="app") as session:
        user, database = server.run_script(delete("app")), server.run_script(drop("app_data"))
        session.stdin.close()

    assert re.search(r"1 session is of app open: process \d+\. Stop what connects as it", user.error)
    assert "A prepared transaction of app is open: 'it''s'. Commit it or roll it back first." in user.error
    assert "1 session is in app_data open, of app. Stop what connects to it." in database.error
    assert "app_data has a prepared transaction" in database.error
    assert difference(before, read_catalog(server)) == {}
    server.admin("ROLLBACK PREPARED 'it''s'", database="app_data")


def test_a_standby_takes_no_script(server):
    with server.as_standby():
        done = server.run_script(new_user("new"))

    assert (done.code, "This server is a standby" in done.error) == (3, True)
