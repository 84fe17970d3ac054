"""One of everything that a precheck has to find, as SQL for the superuser, and what it has to say of it."""

PLANTED = """
CREATE ROLE "o'wner" LOGIN;
SET password_encryption = 'md5';
CREATE ROLE old_password LOGIN PASSWORD 'a password';
ALTER ROLE old_password SET work_mem = '64MB';
ALTER DATABASE payments SET app.api_key = 'hunter2-api';
ALTER ROLE old_password IN DATABASE payments SET search_path = 'x''y, "z"';
GRANT CREATE ON DATABASE payments TO "o'wner";

CREATE SCHEMA odd AUTHORIZATION "o'wner";
CREATE DOMAIN odd.proc AS regproc;
CREATE TYPE odd.pair AS (one int, other odd.proc);
CREATE TABLE odd."a ""quoted"" \u540d
name" (id int PRIMARY KEY, direct regprocedure, nested odd.pair[], spared regclass);
CREATE TABLE odd.rights (given aclitem);
CREATE TABLE odd.catalog_row ("row" pg_catalog.pg_class);
ALTER TABLE odd.rights OWNER TO "o'wner";
CREATE CONVERSION odd.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TABLE odd.parent (a int NOT NULL);
CREATE TABLE odd.child () INHERITS (odd.parent);

CREATE UNLOGGED TABLE odd.scratch (a int);
CREATE TABLE odd.filled (id smallserial, big bigserial, wide int GENERATED ALWAYS AS IDENTITY);
SELECT setval('odd.filled_id_seq', 30000), setval('odd.filled_big_seq', 30000),
       setval('odd.filled_wide_seq', 1600000000);
CREATE SEQUENCE odd.downward INCREMENT -1 MINVALUE -100 MAXVALUE -1 START -1;
SELECT setval('odd.downward', -80);
CREATE SEQUENCE odd.round_and_round MAXVALUE 10 CYCLE;
SELECT setval('odd.round_and_round', 9);
INSERT INTO odd.parent SELECT generate_series(1, 3);

CREATE TABLE odd.checked (a int, b int);
INSERT INTO odd.checked VALUES (1, 1), (1, 2);
ALTER TABLE odd.checked ADD CONSTRAINT later CHECK (a > 1) NOT VALID;
CREATE INDEX broken ON odd.checked (a);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'odd.broken'::regclass;
CREATE COLLATION odd.old_order (provider = libc, locale = 'C.UTF-8');
CREATE TABLE odd.sorted (a text COLLATE odd.old_order);
CREATE INDEX sorted_a ON odd.sorted (a);
UPDATE pg_collation SET collversion = '1.old' WHERE collname = 'old_order';

CREATE FUNCTION odd.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION odd.on_ddl();
ALTER EVENT TRIGGER watch_ddl DISABLE;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing OPTIONS (host 'secret-host');
CREATE USER MAPPING FOR "o'wner" SERVER elsewhere OPTIONS (password 'hunter2-fdw');
CREATE LANGUAGE spoken HANDLER plpgsql_call_handler;
CREATE FUNCTION odd.say() RETURNS void LANGUAGE spoken AS 'BEGIN END';
CREATE PUBLICATION changes FOR TABLE odd.checked;
CREATE SUBSCRIPTION inbound CONNECTION 'dbname=nowhere password=hunter2-sub' PUBLICATION changes
    WITH (connect = false, slot_name = NONE, enabled = false);
SELECT pg_create_logical_replication_slot('cdc', 'pgoutput');
SELECT lo_create(0), lo_create(0);
BEGIN;
INSERT INTO odd.checked VALUES (2, 2);
PREPARE TRANSACTION 'it''s "open"';
"""

BEFORE_14 = """
CREATE OPERATOR odd.!? (LEFTARG = int, FUNCTION = pg_catalog.int4um);
CREATE AGGREGATE odd.collect (anyelement) (SFUNC = array_append, STYPE = anyarray, INITCOND = '{}');
"""
"""What PostgreSQL 14 and later do not take."""

BEFORE_18 = "ALTER TABLE odd.child ALTER a DROP NOT NULL;"
"""What PostgreSQL 18 does not take."""

SECRETS = ("hunter2",)

REMOVED = """
DROP PUBLICATION changes;
ALTER SUBSCRIPTION inbound SET (slot_name = NONE);
DROP SUBSCRIPTION inbound;
ROLLBACK PREPARED 'it''s "open"';
"""
"""Takes away what would keep the database from being dropped."""

FOUND = {
    "logical_slots": [{"name": "cdc", "plugin": "pgoutput", "database": "payments", "active": False}],
    "subscriptions": [{"name": "inbound", "database": "payments", "enabled": False}],
    "prepared_transactions": [{"name": 'it\'s "open"', "database": "payments", "owner": "postgres"}],
    "md5_passwords": [{"name": "old_password"}],
    "database_and_role_settings": [
        {"database": "payments", "role": "old_password", "name": "search_path", "value": '"x\'y, ""z"""'},
        {"database": "payments", "role": None, "name": "app.api_key", "value": None},
        {"database": None, "role": "old_password", "name": "work_mem", "value": "64MB"},
    ],
    "publications": [{"name": "changes", "all_tables": False}],
    "event_triggers": [{"name": "watch_ddl", "event": "ddl_command_end"}],
    "foreign_servers": [{"name": "elsewhere", "wrapper": "nothing", "user_mappings": 1}],
    "unlogged_tables": [{"schema": "odd", "name": "scratch"}],
    "collation_versions": [{"schema": "odd", "name": "old_order", "recorded": "1.old", "indexes": 1}],
    "not_valid": [
        {"kind": "constraint", "schema": "odd", "table": "checked", "name": "later"},
        {"kind": "index", "schema": "odd", "table": "checked", "name": "broken"},
    ],
    "languages": [{"name": "spoken", "trusted": False, "functions": 1}],
    "large_objects": [{"number": 2}],
    "sequences": [
        {"name": "filled_id_seq", "table": "filled", "column": "id", "last_value": 30000, "percent": 91.6},
        {"name": "downward", "table": None, "last_value": -80, "percent": 80.0},
        {"name": "filled_wide_seq", "column": "wide", "last_possible": 2147483647, "percent": 74.5},
    ],
}
"""What a superuser's precheck says of the planted things, on every major."""

QUOTED = 'a "quoted" \u540d\nname'


def refused_types(major: int) -> list[dict]:
    """Return the columns that pg_upgrade refuses from this major on."""
    rights = [{"table": "rights", "column": "given", "cause": "aclitem", "refused_from": 16}]
    return [
        {"table": QUOTED, "column": "direct", "cause": "regprocedure", "refused_from": 0},
        {"table": QUOTED, "column": "nested", "type": "odd.pair[]", "cause": "regproc", "refused_from": 0},
        {"table": "catalog_row", "column": "row", "cause": "row type of pg_class", "refused_from": 0},
        *(rights if major < 16 else []),
    ]


def refused_objects(major: int) -> list[dict]:
    """Return the objects that a later major refuses."""
    old = [
        {"kind": "aggregate over an array function", "name": "collect", "refused_from": 14},
        {"kind": "encoding conversion", "name": "conv", "refused_from": 14},
        {"kind": "postfix operator", "name": "!?", "refused_from": 14},
    ]
    inherited = [{"kind": "NOT NULL that a child lacks", "name": "child.a", "refused_from": 18}]
    return (inherited if major < 18 else []) + (old if major < 14 else [])
