"""`restore` where a cluster has an older backup besides: v1 does not say where that ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, ask, cluster

pytestmark = pytest.mark.anyio
DAYS = timedelta(days=3)


def begin_backup(terminal, name="orders-prod", *, ago=DAYS, base_after=timedelta(minutes=3)):
    """Begin a new backup; return the one before and it."""
    found, cut = cluster(terminal, name), terminal.kernel.clock.now() - ago
    (old,) = found.backups
    new = replace(old, suffix="newone1", created_at=cut, recoverable_at=cut + base_after)
    old = replace(old, ended_at=cut)
    found.backups = [old, new]
    return old, new


def without_the_active_one(terminal, name="orders-prod"):
    """Remove the current backup, so that nobody can tell where the remaining one ends."""
    found = cluster(terminal, name)
    old = replace(found.backups[0], ended_at=terminal.kernel.clock.now() - DAYS)
    found.backups = [old]
    return old


def find_effect(plan, what):
    return next(each.after for each in plan.effects if each.what == what)


async def answer_of_refusal(terminal, line):
    reply = await terminal.run(f"{line} --reason x", BOB)
    assert not reply.ok, reply
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []
    return reply.title, "".join(part.text for part in reply.parts)


async def test_all_of_an_old_backup_loses_at_least_what_was_written_since_the_next_one(terminal):
    old, _ = begin_backup(terminal)
    plan = (await ask(terminal, f"restore orders-prod --backup {old.v1_id} --reason x", ALICE)).plan

    assert plan.warnings[0] == (
        "At least all writes after 2026-11-20 09:00:00 UTC will be lost (3 days of data when requested). "
        f"The API doesn't say where backup {old.v1_id} ends."
    )
    assert plan.action == f"Restore orders-prod to the end of {old.v1_id}"
    assert find_effect(plan, "Data") == "as of 2026-11-20 09:00:00 UTC or earlier"
    assert plan.notes[0].endswith("to some time before 2026-11-20 09:00:00 UTC.")
    assert plan.observed["backup_active"] is False


async def test_without_a_later_one_what_is_lost_cannot_be_told(terminal):
    old = without_the_active_one(terminal)
    plan = (await ask(terminal, f"restore orders-prod --backup {old.v1_id} --reason x", ALICE)).plan

    assert plan.warnings[0] == (
        f"It is unknown what will be lost: the API doesn't say where backup {old.v1_id} ends. Use --to."
    )
    assert find_effect(plan, "Data") == "as of the end of the backup, at an unknown time"


async def test_the_newest_is_refused_while_the_active_backup_has_no_time_yet(terminal):
    old, _ = begin_backup(terminal, ago=timedelta(days=1), base_after=timedelta(days=2))
    title, step = await answer_of_refusal(terminal, "restore orders-prod --newest")

    assert title.startswith("The newest backup of orders-prod can't be restored yet")
    assert "to some time before 2026-11-22 09:00:00 UTC. Add --to with a time" in step
    assert f"--backup {old.v1_id} for all of that" in step
    for how in ("--to 2026-11-22T08:00Z", f"--backup {old.v1_id}"):
        plan = (await ask(terminal, f"restore orders-prod {how} --reason x", BOB)).plan
        assert plan.order["backup_id"] == old.v1_id


async def test_on_v2_it_is_refused_as_well_and_no_backup_is_offered(terminal):
    begin_backup(terminal, "payments-prod", ago=timedelta(days=1), base_after=timedelta(days=2))
    _, step = await answer_of_refusal(terminal, "restore payments-prod --newest")

    assert step.endswith("to 2026-11-22 09:00:00 UTC. Add --to with a time.")


async def test_where_none_is_active_the_newest_is_the_end_of_the_last(terminal):
    old = without_the_active_one(terminal)
    plan = (await ask(terminal, "restore orders-prod --newest --reason x", BOB)).plan

    assert plan.order == {"backup_id": old.v1_id, "target": None}
    assert plan.warnings[0].startswith("It is unknown what will be lost")


async def test_an_old_backup_covers_no_time_after_the_next_one_began(terminal):
    old, new = begin_backup(terminal)
    title, step = await answer_of_refusal(terminal, f"restore orders-prod --backup {old.v1_id} --to 1h")

    assert title == f"Backup {old.v1_id} does not cover 2026-11-23 08:00:00 UTC."
    assert "to some time before 2026-11-20 09:00:00 UTC." in step
    assert f"Backup {new.v1_id} covers that time. Leave --backup out to use it." in step


async def test_between_the_two_no_backup_covers_the_time(terminal):
    begin_backup(terminal)
    title, step = await answer_of_refusal(terminal, "restore orders-prod --to 2026-11-20T09:01Z")

    assert "no backup covers that time" in title
    assert step == "The nearest possible time is 2026-11-20 09:03:00 UTC."


@pytest.mark.parametrize(("hours", "which"), [(1, 1), (73, 0)])
async def test_the_backup_that_covers_the_time_is_chosen(terminal, hours, which):
    pair = begin_backup(terminal)
    plan = (await ask(terminal, f"restore orders-prod --to {hours}h --reason x", ALICE)).plan

    assert plan.order["backup_id"] == pair[which].v1_id


async def test_the_newest_rests_on_its_backup_being_the_active_one(terminal):
    first = await ask(terminal, "restore orders-prod --newest --reason x", ALICE)
    begin_backup(terminal, ago=timedelta())
    terminal.kernel.clock.advance(timedelta(hours=20))
    backup = first.plan.arguments["backup"]
    again = (await ask(terminal, f"restore orders-prod --backup {backup} --newest --reason x", ALICE)).plan

    assert first.plan.differences(again) == ("backup active was true and is now false",)
    assert not first.plan.is_still(again)
    assert "20 hours of data when requested" in again.warnings[0]


async def test_the_newest_on_v2_is_refused_where_the_api_does_not_say_it(terminal):
    title, step = await answer_of_refusal(terminal, "restore payments-prod --newest")

    assert "does not report the latest restorable time of payments-prod" in title
    assert "“restore payments-prod --newest --into NAME”" in step
    beside = await ask(
        terminal, "restore payments-prod --newest --into payments-prod-restored --reason x", BOB
    )
    assert "target" not in beside.plan.order["from_backup"]


async def test_a_told_end_is_the_newest_as_it_is(terminal):
    found = cluster(terminal, "payments-prod")
    ended = terminal.kernel.clock.now() - timedelta(minutes=10, milliseconds=300)
    found.backups = [replace(found.backups[0], ended_at=ended)]
    plan = (await ask(terminal, "restore payments-prod --newest --reason x", BOB)).plan

    assert plan.order["target"] == "2026-11-23T08:49:59+00:00"
    assert not any("can stay down" in each for each in plan.warnings)


@pytest.mark.parametrize(
    ("to", "title", "step"),
    [
        ("2030-01-01T00:00Z", "2030-01-01 00:00:00 UTC is in the future.", "Give a time in the past."),
        ("1h", "does not cover 2026-11-23 08:00:00 UTC", "to some time before 2026-11-20 09:00:00 UTC"),
    ],
)
async def test_a_new_cluster_begins_with_no_time_that_its_backup_lacks(terminal, to, title, step):
    old, _ = begin_backup(terminal)
    like = "cluster create orders-prod-restored --like orders-prod"
    found = await answer_of_refusal(terminal, f"{like} --from-backup {old.v1_id} --to {to}")

    assert title in found[0]
    assert step in found[1]
