"""The words of a card: times in two zones, and who is told how a change ended."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, CAROL, PROD, STAGING, VERA, ask, now
from stored_changes import NEEDS, StoredChanges
from terminal_site import terminal_site

from bot.changes.card import render_card, render_proposal
from bot.changes.card_buttons import decision_buttons, view_buttons
from bot.changes.record import ChangeState
from bot.changes.transitions import Transition
from bot.domain.reply import Note
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


async def test_times_are_in_utc_and_in_the_requesters_zone(terminal):
    record = await ask(terminal, PROD, replace(ALICE, time_zone="Europe/Berlin"))
    text = render_plain(render_card(record))

    assert "2026-11-24 09:00:00 UTC (2026-11-24 10:00:00 Europe/Berlin)" in text
    proposal = render_plain(render_proposal(record, "/pg"))
    assert "Requested:  2026-11-23 09:00:00 UTC (2026-11-23 10:00:00 Europe/Berlin)" in proposal
    assert "Expires:       2026-11-24 09:00:00 UTC (2026-11-24 10:00:00 Europe/Berlin)" in proposal


@pytest.mark.parametrize("zone", ["UTC", "", "Nowhere/Else"])
async def test_a_zone_that_is_utc_or_unknown_is_left_out(terminal, zone):
    record = await ask(terminal, PROD, replace(ALICE, time_zone=zone))

    assert "(20" not in render_plain(render_card(record))


async def last_told(terminal, record):
    [*_, last] = await terminal.kernel.dispatcher.changes.rows.milestones(record.id)
    return last.words, last.tells


async def test_a_denial_tells_the_requester(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f'change deny {record.id} --reason "not today"', BOB)

    assert await last_told(terminal, record) == ("bob denied it: not today.", ("U0ALICE",))


async def test_an_expiry_tells_the_requester(terminal):
    record = await ask(terminal, PROD, ALICE)
    terminal.kernel.clock.advance(timedelta(hours=25))
    await terminal.kernel.dispatcher.changes.expire_due()

    assert (await now(terminal, record)).state == "expired"
    assert await last_told(terminal, record) == ("Nobody decided in time.", ("U0ALICE",))


async def test_whoever_cancels_for_somebody_else_tells_them(terminal):
    record = await ask(terminal, STAGING, ALICE)
    await terminal.run(f"change cancel {record.id}", BOB)

    assert await last_told(terminal, record) == ("bob cancelled it.", ("U0ALICE",))


async def test_who_withdraws_knows_it(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f"change withdraw {record.id}", ALICE)

    assert await last_told(terminal, record) == ("alice withdrew it.", ())


async def test_seats_of_one_role_are_counted_wherever_they_are_named(terminal):
    record = await ask(terminal, PROD, ALICE)

    assert "2 DBA approvals" in render_plain(render_card(record))
    assert "2 DBA approvals" in render_plain(await terminal.run("change list", BOB))
    said = render_plain(await terminal.run(f"change approve {record.id}", BOB))
    assert said.startswith("Restore orders-prod to 2026-11-23 07:00:00 UTC: waiting for 1 DBA approval")


@pytest.mark.parametrize(
    "how",
    [
        {"state": "denied"},
        {"state": "withdrawn"},
        {"state": "expired"},
        {"state": "replaced"},
        {"state": "failed", "result": "Nothing was sent: the cluster is gone"},
        {"state": "failed", "result": "v1 refused it"},
        {"state": "failed", "result": "bob says that it did not run"},
    ],
)
async def test_a_card_of_what_never_happened_does_not_say_that_data_is_lost(terminal, how):
    record = await ask(terminal, PROD, ALICE)
    at = record.proposed_at
    over = replace(record, **how | {"state": ChangeState(how["state"])}, started_at=at, ended_at=at)

    text = render_plain(render_card(over))
    assert "will be lost" in render_plain(render_card(record))
    assert "will be lost" not in text
    assert "Safer:" not in text
    assert "Took" not in text
    assert "Plan, not carried out" in text
    assert ("Nothing was changed." in text) == bool(over.result)


async def test_a_card_of_what_was_sent_warns_of_nothing_that_has_happened(terminal):
    record = await ask(terminal, PROD, ALICE)
    at = record.proposed_at
    record = replace(record, is_armed=True)
    for state, result in (
        (ChangeState.DONE, "Done"),
        (ChangeState.FAILED, "It was accepted, and then it is FAILED"),
        (ChangeState.NOT_IN_EFFECT, "It was accepted, but it is not"),
    ):
        text = render_plain(
            render_card(replace(record, state=state, result=result, started_at=at, ended_at=at))
        )
        assert "will be lost" not in text
        assert "Took:          less than a minute" in text
        assert ("are no longer in orders-prod" in text) == (state is ChangeState.DONE)
        assert ("Plan, carried out" in text) == (state is ChangeState.DONE)
        assert ("The database may be down" in text) == (state is not ChangeState.DONE)


async def test_that_it_was_accepted_is_what_the_run_log_writes(tmp_path):
    room = StoredChanges(tmp_path)
    await room.open()
    change = await room.propose("c1", NEEDS[0], "ann")
    await room.run_log.claim(await room.run_log.get_change(change))
    await room.arm(change)
    await room.run_log.end(change, reached=False, words="it is FAILED", differs=[])

    ended = await room.run_log.get_change(change)
    await room.close()
    assert ended.state is ChangeState.FAILED
    assert not ended.had_no_effect


async def test_a_change_that_nobody_has_reviewed_has_the_button_for_it(terminal):
    record = await ask(terminal, PROD, ALICE)
    skipped = replace(record, state=ChangeState.DONE, skipped="bob went ahead")

    labels = ["Review break-glass"]
    assert [each.label for each in decision_buttons(skipped)] == labels
    assert [each.label for each in decision_buttons(replace(skipped, state=ChangeState.APPROVED))] == [
        "Cancel restore",
        *labels,
    ]
    assert decision_buttons(replace(skipped, reviewed_by="carol")) == ()


async def test_what_runs_can_be_cancelled_until_it_is_sent(terminal):
    record = replace(await ask(terminal, PROD, ALICE), state=ChangeState.RUNNING)

    assert [each.label for each in decision_buttons(record)] == ["Cancel restore"]
    assert decision_buttons(replace(record, is_armed=True)) == ()


async def test_a_card_leads_to_its_details_and_once_it_was_sent_to_its_cluster(terminal):
    record = await ask(terminal, PROD, ALICE)
    sent = replace(record, state=ChangeState.DONE, is_armed=True)

    assert [each.label for each in view_buttons(record)] == ["View details"]
    assert [(each.label, each.command) for each in view_buttons(sent)] == [
        ("View details", f"change show {record.id}"),
        ("View cluster", "cluster show orders-prod"),
    ]
    assert view_buttons(replace(sent, state=ChangeState.DENIED)) == view_buttons(record)


async def test_a_card_of_a_pending_change_can_be_decided_at_a_glance(terminal):
    record = await ask(terminal, PROD, ALICE)
    card, details = render_card(record), render_plain(await terminal.run(f"change show {record.id}", BOB))

    assert card.title == "Restore orders-prod to 2026-11-23 07:00:00 UTC: waiting for 2 DBA approvals"
    loss, risk, move, plan, people, buttons = card.parts
    assert (
        loss.text == "All writes after 2026-11-23 07:00:00 UTC will be lost (2 hours of data when requested)."
    )
    assert risk.text.startswith("It is unknown whether the backup reaches")
    assert (plan.caption, plan.labels) == ("Plan", ("What", "Before", "After"))
    assert [row[0] for row in plan.rows] == ["Data", "Database"]
    assert record.plan.observed["backup"] in details
    assert [name for name, _ in people.pairs] == ["Requested by", "Reason", "Waiting for", "Expires"]
    assert [each.label for each in buttons.choices] == [
        *("Approve restore", "Deny", "Withdraw", "Restore to a new cluster instead", "View details"),
    ]
    assert (move.text,) == record.plan.readiness.notes
    for note in record.plan.notes:
        assert note in details
        assert (note in render_plain(card)) is (note == move.text)


async def test_whoever_meets_what_nobody_can_tell_is_led_to_settle_it(terminal):
    record = await ask(terminal, STAGING, ALICE)
    unknown = Transition(at=record.proposed_at, fields={"state": "unknown", "result": "Nobody can tell"})
    await terminal.kernel.dispatcher.changes.rows.step(record.id, lambda _: unknown)

    for word in ("withdraw", "cancel", "approve"):
        reply = await terminal.run(f"change {word} {record.id}", BOB)
        assert reply.title == f"The outcome of {record.id} is unknown."
        assert f"“change settle {record.id} ran” or “… not-run”" in render_plain(reply)


async def test_a_review_says_so_and_takes_any_one_of_the_roles(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f"change breakglass {record.id} --name orders-prod --reason now", BOB)

    refused = await terminal.run(f"change review {record.id}", ALICE)
    assert refused.title == f"Only people who could have approved {record.id} can review it (DBA)."
    assert (await terminal.run(f"change review {record.id}", CAROL)).title.endswith(": reviewed")


async def test_an_expired_change_says_since_when_in_the_requesters_zone_too(terminal):
    record = await ask(terminal, PROD, replace(ALICE, time_zone="Europe/Berlin"))
    terminal.kernel.clock.advance(timedelta(hours=25))

    reply = await terminal.run(f"change approve {record.id}", BOB)
    both = "2026-11-24 09:00:00 UTC (2026-11-24 10:00:00 Europe/Berlin)"
    assert reply.title == f"{record.id} expired at {both}."


@pytest.mark.parametrize(
    ("line", "actor"),
    [
        ("change approve {id}", ALICE),
        ("change approve {id}", VERA),
        ("change approve {id} --take-back", BOB),
        ("change confirm {id}", ALICE),
        ("change confirm {id}", BOB),
        ("change withdraw {id}", VERA),
        ("change breakglass {id} --name orders-prod --reason x", ALICE),
        ("change breakglass {id} --name orders-prod", BOB),
        ("change breakglass {id} --name other --reason x", BOB),
        ("change review {id}", CAROL),
        ("change settle {id} ran", BOB),
    ],
)
async def test_every_refusal_has_a_next_step(terminal, line, actor):
    record = await ask(terminal, PROD, ALICE)

    reply = await terminal.run(line.format(id=record.id), actor)
    assert not reply.ok
    assert [part for part in reply.parts if isinstance(part, Note)]
