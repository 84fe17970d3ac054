"""Approval rules by name hold a cluster that has lost it: renamed here or elsewhere, deleted, copied."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, VERA, ask, cluster, now, person
from rules_site import EVERYTHING, PROD, rules_document
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry
from yaml_files import write_yaml

from bot.audit.rotate import rotate
from bot.changes.former_name_store import KIND
from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client
from bot.domain.reply_text import render_plain
from bot.runtime.database.sqlite import insert

pytestmark = pytest.mark.anyio

CAROL = person("U0CAROL", "carol")
RENAME = {"changes": ["cluster rename"], "roles": {"developer": 1}}
DATA = {
    "changes": ["restore", "cluster delete", "cluster create", "user *"],
    "clusters": PROD,
    "roles": {"dba": 1},
}
OTHERS = {"changes": ["*"], "need": "confirm"}
SCRATCH = {
    "match": {"name": "scratch*"},
    "credentials": {"username": "app", "password": "env:DEMO_PRIMARY_PASSWORD", "database": "postgres"},
}
DELETE = "cluster delete orders-old"
USER = "user delete scratch-1 app"
KEY = "0123456789abcdef"
AS_BEFORE = "approval rule 2, as for its former name orders-prod"


@asynccontextmanager
async def opened(tmp_path, monkeypatch, *, kept=None, rules=(RENAME, DATA, OTHERS), clusters=(), **sections):
    """Open people at terminals under these rules; `kept` is approvals.former_names."""
    monkeypatch.setenv("AUDIT_KEY", KEY)
    document = rules_document(*rules, permissions=[{**EVERYTHING[0], "to": ["everyone"]}], **sections)
    document["approvals"] |= {} if kept is None else {"former_names": kept}
    document["clusters"] += [*clusters, SCRATCH]
    path = tmp_path / "app.yaml"
    write_yaml(path, document)
    async with terminal_site(tmp_path, monkeypatch, settings=path, clusters=12) as terminal:
        yield terminal


async def listed(terminal):
    assert (await terminal.run("cluster list", ALICE)).ok


async def renamed_elsewhere(terminal, name="orders-old"):
    """Rename orders-prod in IONOS's own console, after the bot has listed it."""
    await listed(terminal)
    record = cluster(terminal, "orders-prod")
    record.name = name
    return record


async def carried_out(terminal, record, *voters):
    """Approve a change, or confirm it where nobody else has to, and let it run to its end."""
    for voter in voters:
        assert (await terminal.run(f"change approve {record.id}", voter)).ok
    runner = WorkflowRunner(terminal, ALICE)
    async with hurry(terminal):
        await runner.run(await runner.claim(await now(terminal, record)))
    ended = await now(terminal, record)
    assert ended.state is ChangeState.DONE, ended.result
    return ended


async def test_after_a_rename_by_the_bot(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        record = await ask(terminal, "cluster rename orders-prod orders-old", ALICE)
        await carried_out(terminal, record, VERA, BOB)
        deletion = await ask(terminal, DELETE, ALICE)
        told = render_plain(await terminal.run("policy explain U0ALICE cluster delete orders-old", BOB))

    assert (deletion.need.words(), deletion.need.rule) == ("1 DBA approval", AS_BEFORE)
    assert f"1 DBA approval ({AS_BEFORE})" in told


@pytest.mark.parametrize(
    ("days", "kept", "words"),
    [
        (29, None, "1 DBA approval"),
        (31, None, "a confirmation with the cluster's name"),
        (31, "40d", "1 DBA approval"),
        (2, "24h", "a confirmation with the cluster's name"),
        (0, 0, "a confirmation with the cluster's name"),
        (1, "0", "a confirmation with the cluster's name"),
    ],
)
async def test_after_a_rename_elsewhere_for_the_period_of_the_settings(
    tmp_path, monkeypatch, days, kept, words
):
    async with opened(tmp_path, monkeypatch, kept=kept) as terminal:
        await renamed_elsewhere(terminal)
        await listed(terminal)
        terminal.kernel.clock.advance(timedelta(days=days))
        record = await ask(terminal, DELETE, ALICE)

    assert record.need.words() == words


async def test_the_period_begins_when_the_name_is_known_to_be_lost(tmp_path, monkeypatch):
    """However long ago the cluster was last seen under it."""
    async with opened(tmp_path, monkeypatch) as terminal:
        await renamed_elsewhere(terminal)
        terminal.kernel.clock.advance(timedelta(days=90))

        assert (await ask(terminal, DELETE, ALICE)).need.rule == AS_BEFORE


async def test_over_a_restart_and_through_several_names(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        await renamed_elsewhere(terminal, "orders-mid")
        await listed(terminal)
    async with opened(tmp_path, monkeypatch) as terminal:
        record = cluster(terminal, "orders-prod")
        for name in ("orders-a", "orders-b", "orders-old"):
            record.name = name
            await listed(terminal)
        deletion = await ask(terminal, DELETE, ALICE)

    assert deletion.need.rule == AS_BEFORE


async def test_a_name_that_is_had_again_is_not_a_former_one(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        record = await renamed_elsewhere(terminal)
        await listed(terminal)
        record.name = "orders-prod"

        assert (await ask(terminal, "cluster delete orders-prod", ALICE)).need.rule == "approval rule 2"


async def test_a_tag_and_an_owner_by_the_former_name_count(tmp_path, monkeypatch):
    owned = {"changes": ["cluster delete"], "clusters": [{"tier": "prod"}], "roles": {"owner": 1}}
    owner = {"match": {"name": "orders-prod"}, "owner": "@dba"}
    async with opened(tmp_path, monkeypatch, rules=(owned, OTHERS), clusters=[owner]) as terminal:
        await renamed_elsewhere(terminal)
        record = await ask(terminal, DELETE, ALICE)
        assert (await terminal.run(f"change approve {record.id}", CAROL)).ok

        assert record.need.words() == "1 DBA approval"
        assert (await now(terminal, record)).state is ChangeState.APPROVED


async def test_a_freeze_by_the_former_name_holds(tmp_path, monkeypatch):
    frozen = {**DATA, "freeze": [{"zone": "UTC"}]}
    async with opened(tmp_path, monkeypatch, rules=(frozen, OTHERS)) as terminal:
        await renamed_elsewhere(terminal)
        record = await ask(terminal, DELETE, ALICE)

        assert await terminal.kernel.dispatcher.changes.find_frozen(record)


async def test_a_cluster_that_is_missing_keeps_its_name_while_an_endpoint_is_silent(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        await listed(terminal)
        prod = cluster(terminal, "orders-prod")
        terminal.cloud.discard(prod)
        async with loopback_client(base_url=terminal.url) as http:
            await http.put("/_cloud/outages/v1", json={"how": "503"})
            async with hurry(terminal):
                await listed(terminal)
            silent = await names_of(terminal, prod.id)
            await http.delete("/_cloud/outages/v1")
        await listed(terminal)

        assert silent == {"orders-prod": None}
        assert (await names_of(terminal, prod.id))["orders-prod"] is not None


async def test_what_is_copied_from_a_deleted_cluster_needs_what_the_cluster_needed(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, kept="2d") as terminal:
        there = (await terminal.kernel.fleet.clusters()).items
        prod = cluster(terminal, "orders-prod")
        await terminal.kernel.fleet.delete(next(each for each in there if each.id == prod.id))
        terminal.kernel.clock.advance(timedelta(hours=1))
        record = await ask(terminal, copy_line(prod), ALICE)
        terminal.kernel.clock.advance(timedelta(days=3))
        later = await ask(terminal, copy_line(prod), ALICE)

    assert record.need.words() == "1 DBA approval"
    assert record.need.rule == "approval rule 2, as for the cluster whose data is copied"
    assert later.need.words() == "a confirmation"


async def test_a_copy_is_held_as_the_cluster_whose_data_it_has(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        prod = cluster(terminal, "orders-prod")
        made = await carried_out(terminal, await ask(terminal, copy_line(prod), ALICE), BOB)
        user = await ask(terminal, USER, ALICE)
        terminal.kernel.clock.advance(timedelta(days=31))
        later = await ask(terminal, USER, ALICE)

    assert (user.plan.target.id, user.need.words()) == (made.made, "1 DBA approval")
    assert user.need.rule == "approval rule 2, as for the cluster that its data was copied from"
    assert later.need.words() == "a confirmation"


async def test_rows_taken_from_the_database_are_still_in_the_log(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        await renamed_elsewhere(terminal)
        await listed(terminal)
        await terminal.kernel.database.write(lambda db: db.execute("DELETE FROM cluster_names"))

        assert (await ask(terminal, DELETE, ALICE)).need.rule == AS_BEFORE


async def test_a_rename_by_the_bot_is_in_the_log_whatever_the_database_says(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        record = await ask(terminal, "cluster rename orders-prod orders-old", ALICE)
        await terminal.kernel.database.write(lambda db: db.execute("DELETE FROM cluster_names"))
        await carried_out(terminal, record, VERA, BOB)
        await terminal.kernel.database.write(lambda db: db.execute("DELETE FROM cluster_names"))

        assert (await ask(terminal, DELETE, ALICE)).need.rule == AS_BEFORE


async def test_when_the_log_goes_on_in_another_file(tmp_path, monkeypatch):
    keyed = {"audit": {"key": "env:AUDIT_KEY"}}
    async with opened(tmp_path, monkeypatch, **keyed) as terminal:
        await renamed_elsewhere(terminal)
        await listed(terminal)
        told = [row["text"] for row in await terminal.audit() if row["kind"] == KIND]
        path, at = terminal.kernel.database.path, terminal.kernel.clock.now()
    rotate(path, KEY.encode(), at)
    async with opened(tmp_path, monkeypatch, **keyed) as terminal:
        cluster(terminal, "orders-prod").name = "orders-old"
        deletion = await ask(terminal, DELETE, ALICE)

    assert told == ["orders-prod: called orders-old now"]
    assert deletion.need.rule == AS_BEFORE


async def test_a_listing_that_shows_nothing_new_writes_nothing(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch) as terminal:
        await listed(terminal)
        before = await names_of(terminal)
        await listed(terminal)

        assert before == await names_of(terminal)
        assert len(before) == len({each.name for each in terminal.cloud.everything()})


async def names_of(terminal, cluster_id=None):
    """Return the stored names, each with the time at which it was lost."""
    rows = await terminal.kernel.database.read(lambda db: list(db.query("SELECT * FROM cluster_names")))
    return {row["name"]: row["freed_at"] for row in rows if cluster_id in (None, row["cluster_id"])}


def copy_line(source):
    near = source.network
    return (
        f"cluster create scratch-1 --from-backup {source.backups[-1].v1_id} --version {source.version} "
        f"--region {source.location} --datacenter {near.datacenter_id} --lan {near.lan_id} "
        "--address 10.9.9.7/24"
    )


async def test_names_that_an_earlier_release_saw_are_taken_over(tmp_path, monkeypatch):
    """From its changes and its readiness checks; the last name of a cluster is the one that it has."""
    async with opened(tmp_path, monkeypatch) as terminal:
        record = await ask(terminal, "cluster delete orders-prod", ALICE)
        for line in ("migration status", "cluster list"):
            assert (await terminal.run(line, ALICE)).ok
        database, target = terminal.kernel.database, record.plan.target

        def forget(db):
            """Leave the file as a release without this table left it; a check had seen two more names."""
            [row] = db.query("SELECT * FROM verdicts WHERE cluster_id = ? LIMIT 1", [target.id])
            for day, name in (("2026-11-01", "orders-older"), ("2026-11-02", "orders-old")):
                insert(db, "verdicts", {**row, "at": f"{day}T00:00:00.000000+00:00", "name": name})
            db.execute("DROP TABLE cluster_names")
            db.execute("DROP INDEX audit_names")
            db.execute("DELETE FROM _sqlite_migrations WHERE name = 'cluster_names'")

        await database.write(forget)
    async with opened(tmp_path, monkeypatch) as terminal:
        names = await names_of(terminal, target.id)

    assert {name: at and at[:10] for name, at in names.items()} == {
        "orders-older": "2026-11-01",
        "orders-old": "2026-11-02",
        "orders-prod": None,
    }
