"""Users and databases of hostile names, made, changed and deleted by the scripts: each is what was named."""

import pytest
from postgres_catalog import difference, read_catalog
from postgres_names import HOSTILE, MIXED, TOO_LONG
from postgres_servers import PRIMARY

from bot.domain.errors import BadArgument
from bot.domain.psql import scripts
from bot.domain.psql.psql_script import SqlTarget

TARGET = SqlTarget(cluster="payments-prod", primaries=(PRIMARY,))
TWICE = "a password\na password\n"


def run_for_each(server, names, make_script, typed="{}\n"):
    """Run a script for each name in turn, and return what differs in the catalog afterwards."""
    before = read_catalog(server)
    for name in names:
        done = server.run_script(make_script(name).render(), typed=typed.replace("{}", name))
        assert (done.code, "ERROR" in done.error) == (0, False), done
    return difference(before, read_catalog(server))


def rows_made(found, catalog):
    return sorted(key[3] for key, what in found.items() if key[1] == catalog and what == "made")


@pytest.mark.parametrize(
    "names", [MIXED, pytest.param(HOSTILE, marks=pytest.mark.soak)], ids=["mixed", "all"]
)
def test_each_name_is_made_changed_and_deleted_as_itself(server, names):
    empty = read_catalog(server)
    found = run_for_each(server, names, lambda name: scripts.create_user(TARGET, name), TWICE)
    # From PostgreSQL 16 on, who makes a user may administer it.
    administers = {
        ("", "pg_auth_members", (name, PRIMARY, "postgres"), ""): "made"
        for name in (names if server.install.major >= 16 else ())
    }
    assert rows_made(found, "pg_authid") == sorted(names)
    assert {key: what for key, what in found.items() if key[1] != "pg_authid"} == administers

    hashes = server.admin("SELECT rolpassword FROM pg_authid WHERE oid >= 16384 ORDER BY rolname")
    assert run_for_each(server, names, lambda name: scripts.set_password(TARGET, name), TWICE) == {}
    changed = server.admin("SELECT rolpassword FROM pg_authid WHERE oid >= 16384 ORDER BY rolname")
    assert sum(old != new for old, new in zip(hashes, changed, strict=True)) == len(names)

    made = run_for_each(server, names, lambda name: scripts.create_database(TARGET, name, name))
    # What a new database has inside comes from its template.
    assert rows_made(made, "pg_database") == sorted(names)
    assert {key[1] for key in made if not key[0]} == {"pg_database"}
    owners = server.admin(
        "SELECT count(*) FROM pg_database JOIN pg_roles r ON datname = rolname AND datdba = r.oid"
    )
    assert owners == [str(len(names) + len(("payments", "postgres")))]

    run_for_each(server, names, lambda name: scripts.delete_database(TARGET, name))
    run_for_each(server, names, lambda name: scripts.delete_user(TARGET, name))
    assert difference(empty, read_catalog(server)) == {}


@pytest.mark.parametrize("name", TOO_LONG)
def test_a_name_that_postgresql_would_cut_is_refused_with_its_bytes(name):
    for make in (
        lambda: scripts.create_user(TARGET, name),
        lambda: scripts.set_password(TARGET, name),
        lambda: scripts.delete_user(TARGET, name),
        lambda: scripts.delete_user(TARGET, "app", name),
        lambda: scripts.create_database(TARGET, name, "app"),
        lambda: scripts.create_database(TARGET, "app", name),
        lambda: scripts.delete_database(TARGET, name),
    ):
        with pytest.raises(BadArgument, match=rf"has {len(name.encode())} bytes .* the first 63"):
            make()


@pytest.mark.parametrize(
    "name", ["", "two\nlines", "tab\t", "nul\0", "half\ud800", "line\u2028separator", "\x1b[2J"]
)
def test_a_name_that_cannot_stand_in_a_line_is_refused(name):
    with pytest.raises(BadArgument):
        scripts.delete_user(TARGET, name)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_script_and_its_command_are_plain_text(name):
    script = scripts.delete_database(SqlTarget(cluster=name, primaries=(name,)), name)

    assert all(line.isprintable() for line in script.render().split("\n"))
    assert set(script.file_name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert script.command.isprintable()


def test_a_password_typed_differently_leaves_no_user(server):
    before = read_catalog(server)

    done = server.run_script(scripts.create_user(TARGET, "app").render(), typed="one\nother\n")

    assert done.code == 3
    assert "Passwords didn't match" in done.error
    assert difference(before, read_catalog(server)) == {}


@pytest.mark.soak  # PostgreSQL waits five seconds for whoever uses the template
def test_a_statement_that_fails_leaves_no_membership_behind(server):
    server.admin("SET ROLE payments; CREATE ROLE app")
    before = read_catalog(server)
    with server.open_session(database="template1", user=PRIMARY) as session:
        done = server.run_script(scripts.create_database(TARGET, "new", "app").render())
        session.stdin.close()

    assert done.code == 3
    assert "is being accessed by other users" in done.error
    assert "Nothing was changed, for the reason above." in done.error
    assert difference(before, read_catalog(server)) == {}
