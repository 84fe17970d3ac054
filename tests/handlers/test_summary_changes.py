"""`summary changes`: their outcomes, pending ones however old, and the people expected to act."""

from datetime import timedelta

import pytest
from change_requests import ALICE as SHE
from change_requests import BOB as DBA
from change_requests import PROD, STAGING, TEST, ask
from many_rows import copy_row
from report_terminal import (
    ALICE,
    BOB,
    VERA,
    hourly,
    mentioned,
    numbers,
    refusal,
    report_terminal,
    table,
    texts,
    warnings,
)

from bot.changes.record import ChangeState
from bot.changes.transitions import Transition
from bot.domain.approval_requirement import RequirementKind
from bot.domain.reply import Chart
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio

PEOPLE = {"dba": ["U0BOB", "U0CAROL"], "developer": ["U0ALICE"], "auditor": ["U0VERA"], "alice": ["U0ALICE"]}


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, people=PEOPLE) as terminal:
        yield terminal


async def end_change(terminal, record, state, **more):
    """Put the change into this state, ended now if the state is final."""
    at = terminal.kernel.clock.now()
    ended = (
        {} if state in {ChangeState.APPROVED, ChangeState.UNKNOWN, ChangeState.RUNNING} else {"ended_at": at}
    )
    step = Transition(at=at, fields={"state": state.value, **ended, **more})
    await terminal.kernel.dispatcher.changes.rows.step(record.id, lambda _: step)


async def test_nothing_asked_for_is_said(terminal):
    reply = await terminal.say("summary changes --since 24h")

    assert reply.title == "No changes in 24 hours"
    assert texts(reply) == ["No changes were requested, and none are open. `--since 90d` looks further back."]


async def test_how_they_ended_and_what_waits_on_both_apis(terminal):
    waits = await ask(terminal, PROD, SHE)
    await end_change(terminal, await ask(terminal, STAGING, SHE), ChangeState.DONE)
    failed = await ask(terminal, "cluster rename payments-prod payments-prod-live", DBA)
    await end_change(terminal, failed, ChangeState.FAILED)
    await end_change(terminal, await ask(terminal, TEST, SHE), ChangeState.DENIED)

    reply = await terminal.say("summary changes")

    assert reply.title == "4 changes in 7 days: 1 pending, 1 failed or unknown"
    assert numbers(reply) == {
        "Pending approval": 1,
        "Succeeded": 1,
        "Failed": 1,
        "Denied": 1,
        "Approvals given": 0,
    }
    data = make_document(reply)["data"]
    assert sorted(each["status"] for each in data["changes"]) == ["denied", "failed", "pending", "succeeded"]
    assert sum(each["requested"] for each in data["days"]) == 4
    assert table(reply, "Waiting") == [
        {
            "Change": waits.id,
            "Action": "Restore orders-prod to 2026-11-23 07:00:00 UTC",
            "State": "pending approval",
            "Requester": "alice",
            "Missing": "2 DBA approvals",
        }
    ]
    assert [(row["Change"], row["State"], row["Missing"]) for row in table(reply, "In trouble")] == [
        (failed.id, "failed", None)
    ]


async def test_those_who_may_approve_and_have_not_are_mentioned(terminal):
    record = await ask(terminal, PROD, SHE)
    before = await terminal.say("summary changes")
    await terminal.say(f"change approve {record.id}", BOB)
    after = await terminal.say("summary changes")

    assert mentioned(before) == {"U0BOB", "U0CAROL"}
    assert mentioned(after) == {"U0CAROL"}
    assert table(after, "Waiting")[0]["Missing"] == "1 DBA approval"
    assert numbers(after)["Approvals given"] == 1


async def test_nobody_is_asked_to_approve_their_own(terminal):
    await ask(terminal, PROD, DBA)

    assert mentioned(await terminal.say("summary changes")) == {"U0CAROL"}


async def test_a_confirmation_is_the_turn_of_whoever_asked(terminal):
    record = await ask(terminal, TEST, SHE)

    reply = await terminal.say("summary changes")

    assert mentioned(reply) == {"U0ALICE"}
    assert record.need.kind is not RequirementKind.APPROVAL
    assert table(reply, "Waiting")[0]["Missing"] == record.need.words()


@pytest.mark.parametrize(
    ("state", "people"),
    [
        (ChangeState.UNKNOWN, {"U0ALICE"}),
        (ChangeState.APPROVED, set()),
        (ChangeState.RUNNING, set()),
        (ChangeState.FAILED, set()),
        (ChangeState.EXPIRED, set()),
    ],
)
async def test_whose_turn_it_is(terminal, state, people):
    await end_change(terminal, await ask(terminal, PROD, SHE), state)

    assert mentioned(await terminal.say("summary changes")) == people


async def test_the_owner_of_the_cluster_is_mentioned_where_owners_approve(tmp_path, monkeypatch):
    rules = {"rules": [{"changes": ["*"], "roles": {"owner": 1}, "expires": "24h"}]}
    async with report_terminal(tmp_path, monkeypatch, people=PEOPLE, approvals=rules) as terminal:
        await ask(terminal, STAGING, DBA)

        assert mentioned(await terminal.say("summary changes")) == {"U0ALICE"}


async def test_what_is_open_counts_however_old_and_what_is_over_does_not(terminal):
    old = await ask(terminal, PROD, SHE)
    over = await ask(terminal, STAGING, SHE)
    await end_change(terminal, over, ChangeState.DONE)
    later = await ask(terminal, TEST, SHE)
    terminal.kernel.clock.advance(timedelta(days=8))
    await end_change(terminal, later, ChangeState.DONE)

    reply = await terminal.say("summary changes --since 7d")

    assert reply.title == "0 changes in 7 days: 1 pending"
    assert numbers(reply) == {"Pending approval": 1, "Succeeded": 1, "Approvals given": 0}
    assert [row["Change"] for row in table(reply, "Waiting")] == [old.id]
    assert numbers(await terminal.say("summary changes --since 9d")) == {
        "Pending approval": 1,
        "Succeeded": 2,
        "Approvals given": 0,
    }


async def test_what_went_ahead_without_approval_is_named_with_who_reviewed_it(terminal):
    record = await ask(terminal, PROD, SHE)
    await terminal.say(f'change breakglass {record.id} --name orders-prod --reason "all is down"')

    [row] = table(await terminal.say("summary changes"), "Without approval")

    assert (row["Change"], row["Person"], row["Reviewed by"]) == (record.id, "U0BOB", None)


async def test_the_days_are_drawn(terminal):
    await ask(terminal, PROD, SHE)
    terminal.kernel.clock.advance(timedelta(days=2))
    await ask(terminal, STAGING, SHE)
    await ask(terminal, TEST, SHE)

    week = await terminal.say("summary changes --since 3d")
    hours = await terminal.say("summary changes --since 1h")
    year = await terminal.say("summary changes --since 365d")

    [chart] = [part for part in week.parts if isinstance(part, Chart)]
    assert chart.labels == ("2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25")
    assert chart.series == (("requested", (0.0, 1.0, 0.0, 2.0)),)
    assert [part for part in hours.parts if isinstance(part, Chart)] == []
    assert [len(part.labels) for part in year.parts if isinstance(part, Chart)] == [31]


async def test_more_than_are_looked_through_is_said(terminal):
    await ask(terminal, PROD, SHE)
    await copy_row(terminal.kernel.database, "changes", 2_000, id="'c-' || n")

    reply = await terminal.say("summary changes")

    assert warnings(reply) == ["Only the last 2,000 changes are counted."]
    assert reply.title == "2,000 changes in 7 days: 2,000 pending"


async def test_what_is_new_in_exact_sentences_and_a_heartbeat_where_nothing_is(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary changes", people=PEOPLE) as report:
        terminal = report.terminal
        first = await ask(terminal, PROD, SHE)
        await report.next()
        quiet = await report.next()
        await terminal.say(f"change approve {first.id}", BOB)
        second = await ask(terminal, TEST, SHE)
        news = await report.news()

    assert quiet.title == ("hourly: no change since Mon 23 Nov 11:00 (UTC). 1 change in 7 days: 1 pending")
    assert news == [
        f"New under “Waiting”: {second.id}.",
        f"{first.id}: Missing is 1 DBA approval, was 2 DBA approvals.",
    ]


async def test_everybody_gets_what_is_about_clusters_that_they_may_see(terminal):
    await ask(terminal, "cluster rename payments-prod payments-prod-live", DBA)
    mine = await ask(terminal, TEST, SHE)

    reply = await terminal.say("summary changes", ALICE)

    assert [row["Change"] for row in table(reply, "Waiting")] == [mine.id]
    assert reply.title == "1 change in 7 days: 1 pending"
    assert "You may not run “summary changes” here" in refusal(await terminal.say("summary changes", VERA))


async def test_what_is_no_duration_is_refused(terminal):
    said = refusal(await terminal.say("summary changes --since soon"))

    assert said.startswith("I can't read “soon” as a time.\nTry 2h (two hours ago)")
