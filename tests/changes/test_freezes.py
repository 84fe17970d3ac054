"""Freezes: the card says that there are any, and of an approved change until when it waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from change_requests import ALICE, BOB, CAROL, PROD, ask, now
from notifier_kit import make_alarm_notifier, make_notifier
from one_contract import SETTINGS
from terminal_site import terminal_site

from bot.changes.card import render_card
from bot.changes.record import ChangeState
from bot.changes.scheduler import ChangeScheduler
from bot.domain.approval_requirement import ApprovalCondition, ApprovalRequirement, ChangeFreeze
from bot.domain.reply_text import render_plain
from bot.runtime.clock import Wakeup

pytestmark = pytest.mark.anyio
BERLIN = replace(ALICE, time_zone="Europe/Berlin")
MORNING = '{days: [mon], from: "08:00", to: "12:00", zone: "Europe/Berlin"}'
"""The stage's clock begins on Monday, 23 November 2026, at 9:00 UTC, ten o'clock in Berlin."""


class Begun:
    """An engine that only records the workflows it was asked to start."""

    def __init__(self):
        self.ids = []

    async def start(self, _kind, workflow_id, _payload):
        self.ids.append(workflow_id)


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    settings.write_text(
        SETTINGS.read_text().replace(
            "      roles: {dba: 2}\n",
            f"      roles: {{dba: 2}}\n      extra_loss: 2h\n      freeze: [{MORNING}]\n",
            1,
        )
    )
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        yield terminal


@pytest.fixture
def change_scheduler(terminal):
    kernel, waker = terminal.kernel, Wakeup()
    tells = make_notifier(kernel, None)
    return ChangeScheduler(
        changes=kernel.dispatcher.changes,
        run_log=tells.run_log,
        engine=Begun(),
        notifier=tells,
        alarms=make_alarm_notifier(kernel, None),
        handover=kernel.dispatcher.handover,
        clock=kernel.clock,
        waker=waker,
    )


async def approved(terminal):
    record = await ask(terminal, PROD, BERLIN)
    for person in (BOB, CAROL):
        assert (await terminal.run(f"change approve {record.id}", person)).ok
    return record


async def test_a_card_says_when_nothing_runs(terminal):
    text = render_plain(render_card(await ask(terminal, PROD, ALICE), details=True))

    assert "It doesn't run during a change freeze: mon, 08:00 to 12:00 (Europe/Berlin)." in text


async def test_a_change_that_a_freeze_holds_says_until_when(terminal, change_scheduler):
    record = await approved(terminal)
    for _ in range(2):
        await change_scheduler._start_due()
    held = await now(terminal, record)
    words = "Held by a change freeze until 2026-11-23 11:00:00 UTC (2026-11-23 12:00:00 Europe/Berlin)"

    assert held.state is ChangeState.APPROVED
    assert f"{words}." in render_plain(render_card(held))
    assert words in render_plain(await terminal.run("change list", BOB))
    milestones = await terminal.kernel.dispatcher.changes.rows.milestones(record.id)
    assert [each.words for each in milestones].count(f"{words}.") == 1


async def test_after_the_freeze_it_runs(terminal, change_scheduler):
    record = await approved(terminal)
    await change_scheduler._start_due()
    terminal.kernel.clock.advance(timedelta(hours=2))
    await change_scheduler._start_due()

    assert (await now(terminal, record)).state is ChangeState.RUNNING
    assert change_scheduler.engine.ids == [f"change:{record.id}"]


async def test_one_that_waits_for_another_after_the_freeze_no_longer_says_so(terminal, change_scheduler):
    first, second = await approved(terminal), await approved(terminal)
    await change_scheduler._start_due()
    terminal.kernel.clock.advance(timedelta(hours=2))
    await change_scheduler._start_due()
    states = {each.state: each for each in [await now(terminal, first), await now(terminal, second)]}

    assert states[ChangeState.APPROVED].progress == ""
    assert ChangeState.RUNNING in states


async def test_an_approval_taken_back_in_a_freeze_waits_for_people_again(terminal, change_scheduler):
    record = await approved(terminal)
    await change_scheduler._start_due()
    await terminal.run(f"change approve {record.id} --take-back", BOB)
    after = await now(terminal, record)

    assert (after.state, after.progress) == (ChangeState.PROPOSED, "")
    assert "Waiting for:   1 DBA approval" in render_plain(render_card(after))


def test_freezes_that_follow_each_other_end_with_the_last():
    condition = ApprovalCondition(
        freeze=(
            ChangeFreeze(days=("sat", "sun"), zone="Europe/Berlin"),
            ChangeFreeze(days=("mon",), until="06:00", zone="Europe/Berlin"),
        )
    )
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)

    need = ApprovalRequirement.of(condition)
    assert need.frozen_until(saturday) == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert need.frozen_until(datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_a_freeze_that_never_ends_has_an_answer_all_the_same():
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    need = ApprovalRequirement.of(ApprovalCondition(freeze=(ChangeFreeze(),)))
    assert need.frozen_until(at) > at + timedelta(days=20)
