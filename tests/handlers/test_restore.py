"""`restore`: the chosen backup and time, the plan, and refusals with the next step."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, PROD, ask, now

from bot.changes.card import render_card
from bot.changes.transitions import Transition
from bot.domain.approval_requirement import RequirementKind
from bot.domain.reply import Warn

pytestmark = pytest.mark.anyio


def map_effects(plan):
    return {each.what: each.after for each in plan.effects}


async def test_a_time_in_the_range_on_v1(terminal):
    backup = terminal.record("orders-prod").backups[0]
    plan = (await ask(terminal, 'restore orders-prod --to "2 hours ago" --reason x', ALICE)).plan

    assert plan.action == "Restore orders-prod to 2026-11-23 07:00:00 UTC"
    assert plan.order == {"backup_id": backup.v1_id, "target": "2026-11-23T07:00:00+00:00"}
    assert plan.arguments == {
        "cluster": plan.target.id,
        "backup": backup.v1_id,
        "to": "2026-11-23T07:00:00+00:00",
    }
    assert plan.warnings[0] == (
        "All writes after 2026-11-23 07:00:00 UTC will be lost (2 hours of data when requested)."
    )
    assert any("last changed" in note for note in plan.notes)


async def test_the_newest_on_v1_is_all_of_the_backup(terminal):
    plan = (await ask(terminal, "restore orders-prod --newest --reason x", ALICE)).plan

    assert plan.order["target"] is None
    assert plan.arguments["newest"] is True
    assert plan.observed["backup_active"] is True


async def test_the_newest_on_v1_is_what_was_shipped_when_it_runs(terminal):
    plan = (await ask(terminal, "restore orders-prod --newest --reason x", ALICE)).plan

    assert plan.warnings[0] == (
        "Writes of the last 30 minutes before the restore can be lost: "
        "changes reach the backup every 16 MB or 30 minutes."
    )
    assert map_effects(plan)["Data"] == "as of the last changes in its backup when this runs"


async def test_v2_takes_a_time_and_sets_the_password(terminal):
    kept = await ask(terminal, "restore payments-prod --to 30m --reason x", BOB)

    assert kept.plan.order == {"backup_id": None, "target": "2026-11-23T08:30:00+00:00"}
    assert kept.plan.arguments == {"cluster": kept.plan.target.id, "to": "2026-11-23T08:30:00+00:00"}
    assert "primary user payments" in kept.plan.warnings[2]
    assert (kept.plan.floor, kept.need.kind) == (RequirementKind.NAME, RequirementKind.APPROVAL)


async def test_v2_is_not_said_to_restore_from_a_backup_that_it_is_not_told(terminal):
    backup = terminal.record("payments-prod").backups[0]
    plan = (await ask(terminal, "restore payments-prod --to 2h --reason x", BOB)).plan

    assert "From backup" not in map_effects(plan)
    assert plan.notes[0] == (
        "The cluster can be restored from 2026-11-16 09:00:00 UTC to the last change that has reached it "
        "(changes reach the backup every 16 MB or 30 minutes). "
        "The v2 API chooses the backup itself."
    )
    assert backup.v2_id not in " ".join((plan.action, *plan.warnings, *plan.notes))


@pytest.mark.parametrize("how", ["--to 2h", "--newest", ""])
async def test_v2_takes_no_chosen_backup_in_place(terminal, how):
    backup = terminal.record("payments-prod").backups[0]
    reply = await terminal.run(f"restore payments-prod --backup {backup.v2_id} {how} --reason x", BOB)

    assert not reply.ok
    assert reply.title.startswith("The v2 API does not support restoring in place from a chosen backup")
    assert "create a new cluster from the backup" in reply.parts[0].text


@pytest.mark.parametrize(
    ("line", "risk"),
    [
        ("restore orders-prod --to 20m", "The backup may not reach 2026-11-23 08:40:00 UTC yet"),
        (
            "restore orders-prod --to 31m",
            "It is unknown whether the backup reaches 2026-11-23 08:29:00 UTC",
        ),
        (
            "restore payments-prod --to 3d",
            "It is unknown whether the backup reaches 2026-11-20 09:00:00 UTC",
        ),
        ("restore orders-prod --newest", ""),
    ],
)
async def test_a_time_that_nobody_knows_to_be_in_the_backup_needs_the_name_and_says_the_risk(
    terminal, line, risk
):
    plan = (await ask(terminal, f"{line} --reason x", BOB)).plan

    found = [each for each in plan.warnings if each.endswith("the database can stay down.")]
    assert [each.startswith(risk) for each in found] == [True] * bool(risk)
    assert plan.floor is (RequirementKind.NAME if risk else RequirementKind.NONE)


@pytest.mark.parametrize("name", ["orders-prod", "payments-prod"])
@pytest.mark.parametrize("to", ["now", "4m"])
async def test_the_last_minutes_are_refused_in_place(terminal, name, to):
    refused = await terminal.run(f"restore {name} --to {to} --reason x", BOB)
    beside = await ask(terminal, f"restore {name} --to {to} --into {name}-restored --reason x", BOB)

    assert f"is too recent to restore {name} in place" in refused.title
    assert ("--newest" in refused.parts[0].text) is (name == "orders-prod")
    assert beside.plan.order["from_backup"]["target"]


async def test_the_time_that_is_sent_is_the_time_that_is_shown_to_the_second(terminal):
    terminal.kernel.clock.advance(timedelta(milliseconds=789))
    plan = (await ask(terminal, "restore orders-prod --to 2h --reason x", ALICE)).plan

    assert plan.action == "Restore orders-prod to 2026-11-23 07:00:00 UTC"
    assert plan.order["target"] == "2026-11-23T07:00:00+00:00"


async def test_what_is_lost_is_still_true_a_day_later(terminal):
    kept = await ask(
        terminal, "restore orders-prod --to 51h --reason x", replace(ALICE, time_zone="Asia/Tokyo")
    )
    terminal.kernel.clock.advance(timedelta(hours=20))

    assert render_card(await now(terminal, kept)).parts[0] == Warn(
        "All writes after 2026-11-21 06:00:00 UTC (2026-11-21 15:00:00 Asia/Tokyo) will be lost "
        "(2 days 3 hours of data when requested)."
    )


async def test_the_nearest_time_can_be_typed_as_it_is_said(terminal):
    cluster = terminal.record("orders-prod")
    begins = terminal.kernel.clock.now() - timedelta(days=2) + timedelta(milliseconds=456)
    cluster.backups = [replace(cluster.backups[0], created_at=begins, recoverable_at=begins)]
    refused = await terminal.run("restore orders-prod --to 3d --reason x", BOB)
    nearest = refused.parts[0].text.removeprefix("The nearest possible time is ").removesuffix(".")

    assert nearest == "2026-11-21 09:00:01 UTC"
    plan = (await ask(terminal, f'restore orders-prod --to "{nearest}" --reason x', BOB)).plan
    assert plan.notes[0].partition(" from ")[2].startswith(nearest)


async def test_a_time_without_a_zone_is_the_persons(terminal):
    berlin = replace(ALICE, time_zone="Europe/Berlin")
    plan = (await ask(terminal, "restore orders-prod --to 2026-11-23T09:00 --reason x", berlin)).plan

    assert plan.order["target"] == "2026-11-23T08:00:00+00:00"
    assert map_effects(plan)["Data"] == "as of 2026-11-23 08:00:00 UTC (2026-11-23 09:00:00 Europe/Berlin)"


@pytest.mark.parametrize(
    ("line", "title", "step"),
    [
        ("restore orders-prod", "No target time was given.", "--newest"),
        ("restore orders-prod --to 2h --newest", "can't be used together", ""),
        ("restore orders-prod --to tomorrow", "is in the future", "in the past"),
        ("restore orders-prod --to soon", "as a time", "Try"),
        (
            "restore orders-prod --to 23:00",
            "“23:00” today is still ahead",
            "“yesterday 23:00” for 2026-11-22",
        ),
        ('restore orders-prod --to "today 23:00"', "is in the future", "Give a time in the past."),
        ("restore payments-prod", "No target time was given.", "Add --to with a time, or --newest."),
        ("restore orders-prod --to 2026-11-24T10:00Z", "is in the future", "Give a time in the past."),
        ("restore orders-prod --to 30d", "no backup covers that time", "2026-11-16 09:00:00 UTC"),
        (
            "restore orders-prod --backup nonsense",
            "is not a backup of orders-prod",
            "backup list orders-prod",
        ),
        ("restore nowhere --to 2h", "no cluster", ""),
        ("restore analytics-dev --to 2h", "is FAILED", ""),
        (
            "restore catalogue-prod --to 2h",
            "sends the primary user's password, and app.yaml has none",
            "Add credentials",
        ),
    ],
)
async def test_what_cannot_be_is_one_sentence_with_the_next_step(terminal, line, title, step):
    reply = await terminal.run(f"{line} --reason x", BOB)

    assert not reply.ok
    assert title in reply.title
    assert step in "".join(part.text for part in reply.parts)
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_a_backup_of_another_cluster_is_refused(terminal):
    other = terminal.record("orders-staging").backups[0]

    reply = await terminal.run(f"restore orders-prod --backup {other.v1_id} --newest --reason x", BOB)
    assert "is not a backup of orders-prod" in reply.title


async def test_a_backup_of_a_newer_major_is_refused(terminal):
    orders = terminal.record("orders-prod")
    orders.backups[0].version = "17"

    reply = await terminal.run("restore orders-prod --to 2h --reason x", BOB)
    assert "is from PostgreSQL 17, and orders-prod runs the older version 15" in reply.title


async def test_a_reason_is_asked_for_where_policy_wants_one(terminal):
    reply = await terminal.run("restore orders-prod --to 2h", ALICE)

    assert "A reason is required (approval rule 1)" in reply.title


async def test_planning_again_gives_the_same_digest_as_time_goes_by(terminal):
    first = await ask(terminal, "restore orders-prod --to 2h --reason x", ALICE)
    terminal.kernel.clock.advance(timedelta(minutes=30))
    arguments = first.plan.arguments
    line = f"restore {arguments['cluster']} --backup {arguments['backup']} --to {arguments['to']} --reason x"

    second = (await ask(terminal, line, ALICE)).plan
    assert second.digest() == first.digest
    assert "2 hours 30 minutes of data when requested" in second.warnings[0]


# Other operations of the cluster


async def words_about(terminal, line, actor=ALICE):
    plan = (await ask(terminal, line, actor)).plan
    return plan.warnings, plan.notes


async def test_a_change_that_runs_on_the_cluster_is_warned_of(terminal):
    rows = terminal.kernel.dispatcher.changes.rows
    other = await ask(terminal, "cluster rename orders-prod orders-prod-new", BOB)
    _, notes = await words_about(terminal, PROD)
    named = f"{other.id} (Rename orders-prod to orders-prod-new, requested by bob)"
    assert any(note.startswith(f"{named} also waits for a decision") for note in notes)

    await terminal.run(f"change confirm {other.id} --name orders-prod", BOB)
    warnings, _ = await words_about(terminal, PROD)
    assert f"{named} is approved and runs first. This change is then checked again." in warnings

    await rows.step(other.id, lambda now: Transition(at=now.proposed_at, fields={"state": "running"}))
    warnings, _ = await words_about(terminal, PROD)
    assert f"{named} is running. This change waits until it ends, and is then checked again." in warnings


async def test_who_changed_the_cluster_last_through_the_bot_is_said(terminal):
    rows = terminal.kernel.dispatcher.changes.rows
    other = await ask(terminal, "cluster rename orders-prod orders-prod-new", BOB)
    done = {"state": "done", "ended_at": other.proposed_at}
    await rows.step(other.id, lambda now: Transition(at=now.proposed_at, fields=done))
    terminal.kernel.clock.advance(timedelta(hours=3))
    _, notes = await words_about(terminal, PROD)

    assert any(
        note.startswith(f"Last change through the bot: {other.id} (Rename")
        and note.endswith("requested by bob), 3 hours ago.")
        for note in notes
    )


async def test_changes_of_other_clusters_are_no_matter(terminal):
    other = await ask(terminal, "cluster rename orders-staging orders-new", BOB)
    warnings, notes = await words_about(terminal, PROD)

    assert other.id not in "".join((*warnings, *notes))


async def test_a_drill_of_it_disturbs_nothing(terminal):
    drill = await ask(terminal, "drill orders-prod", BOB)
    warnings, notes = await words_about(terminal, PROD)

    assert any(drill.id in note and "The two changes don't affect each other" in note for note in notes)
    assert drill.id not in "".join(warnings)


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("Monday", "10:30:00", "opens in 1 hour, at 2026-11-23 10:30:00 UTC"),
        ("Monday", "08:00:00", "has been open since 2026-11-23 08:00:00 UTC"),
        ("Monday", "13:30:00", ""),
        ("Friday", "09:00:00", ""),
    ],
)
async def test_a_maintenance_window_that_is_near_is_warned_of(terminal, day, time, words):
    orders = terminal.record("orders-prod")
    orders.window = replace(orders.window, day=day, time=time)
    warnings, notes = await words_about(terminal, PROD)

    near = [each for each in warnings if "maintenance window" in each]
    assert [words in each for each in near] == ([True] if words else [])
    assert any(note.startswith("Maintenance window: ") for note in notes) is (not words)
