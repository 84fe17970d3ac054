"""Deletion of a user that owns and may do a bit of everything: the catalog changes exactly as announced."""

import pytest
from deletion_site import LEAVER, SEED, expect_deletion
from postgres_catalog import difference, read_catalog
from postgres_servers import PRIMARY

from bot.domain.psql.psql_script import SqlTarget
from bot.domain.psql.scripts import delete_user

TARGET = SqlTarget(cluster="payments-prod", primaries=(PRIMARY,))


@pytest.fixture
def site(server):
    server.admin(SEED)
    return server


def grantor(server):
    return PRIMARY if server.install.major >= 16 else ""


def run(server, script, database, typed=LEAVER):
    return server.run_script(script.render(), database=database, typed=f"{typed}\n")


@pytest.mark.parametrize("primary", [(PRIMARY,), ()], ids=["known-primary", "unknown-primary"])
def test_everything_goes_to_the_primary_user_and_nothing_is_dropped(site, primary):
    script = delete_user(SqlTarget(cluster="payments-prod", primaries=primary), LEAVER)
    before = read_catalog(site)

    first = run(site, script, "payments")
    second = run(site, script, "other")

    assert first.code == 3
    assert 'User "Re""port" is not deleted yet. Run this script in these databases, too: other' in first.error
    assert (second.code, second.error) == (0, "")
    assert difference(expect_deletion(before, PRIMARY, granted_by=grantor(site)), read_catalog(site)) == {}
    assert "DROP OWNED" not in script.render()
    assert site.admin("SELECT t FROM apps.mine", database="payments") == ["kept"]


def test_another_user_can_get_everything(site):
    site.admin("GRANT CREATE ON SCHEMA apps TO reader", database="payments")
    script = delete_user(TARGET, LEAVER, "reader")
    before = read_catalog(site)

    first = run(site, script, "payments")
    second = run(site, script, "other")

    assert "other" in first.error
    assert (second.code, second.error) == (0, "")
    assert difference(expect_deletion(before, "reader", granted_by=grantor(site)), read_catalog(site)) == {}


def test_objects_are_dropped_only_when_asked_for_and_databases_never(site):
    script = delete_user(TARGET, LEAVER, drop_objects=True)
    before = read_catalog(site)

    first = run(site, script, "payments")
    second = run(site, script, "other")

    assert (second.code, second.error) == (0, "")
    assert {'table "O""wn"."X"', "large object 777"} <= {line.strip() for line in first.out.splitlines()}
    expected = expect_deletion(before, PRIMARY, granted_by=grantor(site), drops=True)
    assert difference(expected, read_catalog(site)) == {}
    assert site.admin("SELECT i FROM apps.t", database="payments") == ["1"]


def test_what_was_made_after_it_was_shown_is_not_touched(site):
    """Nothing runs but what the person has read."""
    before = read_catalog(site)

    def make_table():
        site.admin('SET ROLE "Re""port"; CREATE TABLE public.late (i int)', database="payments")

    done = site.run_dialog(delete_user(TARGET, LEAVER).render(), LEAVER, make_table, database="payments")

    assert done.code == 3
    assert (
        "The database has changed since this was shown. Nothing was changed. Run the script again."
        in done.error
    )
    assert {key[3] for key in difference(before, read_catalog(site)) if key[1] == "pg_class"} == {"late"}


def test_an_error_in_the_middle_leaves_everything_as_it_was(site):
    """A view of another user rests on a table: dropping is refused, and the revoked privileges come back."""
    site.admin('CREATE SCHEMA z; CREATE VIEW z.v AS SELECT * FROM "O""wn"."X"', database="payments")
    before = read_catalog(site)

    done = run(site, delete_user(TARGET, LEAVER, drop_objects=True), "payments")

    assert (done.code, "other objects depend on" in done.error) == (3, True)
    assert difference(before, read_catalog(site)) == {}


def test_what_only_a_superuser_can_revoke_is_said_before_anything_is_done(site):
    site.admin('CREATE SCHEMA z; GRANT USAGE ON SCHEMA z TO "Re""port"', database="payments")
    before = read_catalog(site)

    done = run(site, delete_user(TARGET, LEAVER), "payments")

    assert done.code == 3
    assert "payments has to act as postgres, which it may not: that is a superuser." in done.error
    assert difference(before, read_catalog(site)) == {}


def test_memberships_that_the_primary_user_had_stay_as_they_were(site):
    """PostgreSQL 16 keeps options with each membership: they are given back as they were."""
    options = " WITH INHERIT FALSE, SET TRUE" if site.install.major >= 16 else ""
    site.admin(f"SET ROLE payments; GRANT app TO payments{options}", database="payments")
    before = read_catalog(site)

    run(site, delete_user(TARGET, LEAVER), "other")
    done = run(site, delete_user(TARGET, LEAVER), "payments")

    assert (done.code, done.error) == (0, "")
    assert difference(expect_deletion(before, PRIMARY, granted_by=grantor(site)), read_catalog(site)) == {}
