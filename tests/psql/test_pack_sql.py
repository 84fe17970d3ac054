"""The pack's script on a new cluster: exactly the users and databases that v1 lists, with their owners."""

import pytest
from pack_kit import pack_files
from postgres_catalog import difference, read_catalog
from postgres_names import MIXED, TOO_LONG
from postgres_servers import PRIMARY
from rule_kit import ID, facts

from bot.domain.cluster import ClusterDatabase, DbUser

OURS = "ionos:iam:cloud::users/1"
NAMES = (*MIXED, "two\nlines\x1b")
"""v1 lists whatever SQL has made; unlike a typed name it may hold a line break."""


def user(name):
    return DbUser(name=name, cluster_id=ID, is_system=False, created_by=OURS)


def database(name, owner):
    return ClusterDatabase(name=name, cluster_id=ID, owner=owner, created_by=OURS)


def make_script(users, databases):
    """Return the pack's script; the names of `databases` go to their owners."""
    given = facts(
        users=tuple(map(user, users)), databases=tuple(database(*each) for each in databases.items())
    )
    return pack_files(given)["users_and_databases.sql"]


def test_what_v1_lists_is_made_under_its_own_names(server):
    script = make_script(NAMES, {name: name for name in NAMES} | {"ghosts": "ghost", "payments": PRIMARY})
    before = read_catalog(server)

    done = server.run_script(script, typed="a password\na password\n" * len(NAMES))
    found = {key: what for key, what in difference(before, read_catalog(server)).items() if not key[0]}

    assert (done.code, "ERROR" in done.error) == (0, False), done
    assert sorted(key[3] for key in found if key[1] == "pg_authid") == sorted(NAMES)
    assert sorted(key[3] for key in found if key[1] == "pg_database") == sorted((*NAMES, "ghosts"))
    assert set(found.values()) == {"made"}
    assert {key[1] for key in found} <= {"pg_authid", "pg_database", "pg_auth_members"}
    held = server.admin(
        "SELECT count(*) FILTER (WHERE datname = rolname), "
        "count(*) FILTER (WHERE datname = 'ghosts' AND rolname = 'payments') "
        "FROM pg_database d JOIN pg_roles r ON r.oid = datdba WHERE d.oid >= 16384"
    )
    assert held == [f"{len(NAMES) + 1}|1"]
    assert server.admin("SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM%'") == [str(len(NAMES))]


@pytest.mark.parametrize("connected", [PRIMARY, "orders"])
def test_whoever_is_connected_is_not_made_again(server, connected):
    """The pack does not know which user v2 makes with the cluster."""
    server.admin("CREATE ROLE orders LOGIN CREATEROLE CREATEDB")
    script = make_script(["orders", "app"], {"orders": "orders"})

    done = server.run_script(script, user=connected, typed="a password\n" * 4)

    if connected == PRIMARY:
        assert done.code == 3
        assert "Users of these names exist: orders. This script is for a new cluster." in done.error
    else:
        assert (done.code, "ERROR" in done.error) == (0, False), done
        assert server.admin("SELECT count(*) FROM pg_roles WHERE rolname = 'app'") == ["1"]


def test_on_a_cluster_that_is_in_use_nothing_is_done(server):
    server.admin("CREATE DATABASE orders; CREATE DATABASE billing; CREATE ROLE app")
    before = read_catalog(server)

    users = server.run_script(make_script(["app", "web"], {}))
    databases = server.run_script(make_script([], {"orders": PRIMARY, "billing": PRIMARY}))

    assert (users.code, databases.code) == (3, 3)
    assert "Users of these names exist: app." in users.error
    assert "Databases of these names exist: billing, orders." in databases.error
    assert difference(before, read_catalog(server)) == {}


def test_names_that_postgresql_would_cut_are_left_out_and_named():
    text = make_script(TOO_LONG, {name: name for name in TOO_LONG})

    for name in TOO_LONG:
        assert f"'{name}'" not in text
        assert text.count(f"user {name[:40]}") == 1
    assert "66 bytes, and PostgreSQL allows 1 to 63 bytes of text" in " ".join(
        text.replace("\n--", "").split()
    )


def test_nothing_to_make_is_a_script_that_does_nothing(server):
    before = read_catalog(server)

    done = server.run_script(make_script([], {}))

    assert (done.code, done.error) == (0, "")
    assert difference(before, read_catalog(server)) == {}
