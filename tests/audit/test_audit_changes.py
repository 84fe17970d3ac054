"""A change that comes to nothing is in the log to its end: planned by whom, and ended by whom and how."""

from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, PROD, ask
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner

from bot.audit.verify import verify

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


async def nobody(terminal, _):
    """Let the change expire."""
    terminal.kernel.clock.advance(timedelta(hours=25))
    await terminal.kernel.dispatcher.changes.expire_due()


async def denied(terminal, change):
    await terminal.run(f'change deny {change} --reason "not today"', BOB)


async def withdrawn(terminal, change):
    await terminal.run(f"change withdraw {change}", ALICE)


@pytest.mark.parametrize(
    ("end", "outcome", "actor"),
    [
        (nobody, "expired", "bot"),
        (denied, "denied", "os:bob as slack:U0BOB"),
        (withdrawn, "withdrawn", "os:alice as slack:U0ALICE"),
    ],
)
async def test_every_end_of_a_change_has_its_row(terminal, end, outcome, actor):
    record = await ask(terminal, PROD, ALICE)
    await end(terminal, record.id)

    rows = [row for row in await terminal.kernel.audit.find_related(record.id) if row.change == record.id]
    assert [(row.kind, row.outcome) for row in rows] == [("plan", "proposed"), ("decision", outcome)]
    assert (rows[0].actor, rows[1].actor) == ("os:alice as slack:U0ALICE", actor)
    assert rows[0].digest == rows[1].digest == record.digest
    assert all(row.policy and row.rule and row.team for row in rows)
    assert verify([terminal.kernel.database.path]).bad is None


async def test_what_the_bot_does_for_somebody_at_the_terminal_names_both(terminal):
    record = await WorkflowRunner(terminal).start()

    rows = [row for row in await terminal.kernel.audit.find_related(record.id) if row.change == record.id]
    assert {(row.kind, row.outcome): row.actor for row in rows} == dict.fromkeys(
        [("plan", "proposed"), ("decision", "confirmed"), ("change", "running")], "os:bob as slack:U0BOB"
    )
