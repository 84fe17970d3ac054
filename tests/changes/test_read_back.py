"""Changes are read back: done where the cluster reads as planned, else accepted but not in effect."""

import re

import pytest
from bot_site import bot_site
from passing_time import ended

from bot.changes.record import ChangeState
from bot.demo.cloud.faults import FaultOrder

pytestmark = pytest.mark.anyio
BOB = "U0BOB"

CHANGES = [
    ("cluster network orders-staging --address 192.168.31.7/24", "orders-staging"),
    ("cluster pooler payments-prod session", "payments-prod"),
    ("cluster maintenance ledger-staging --day sunday --time 3:30", "ledger-staging"),
    ("cluster replication ledger-prod strictly-synchronous", "ledger-prod"),
    ("cluster create payments-prod-2 --like payments-prod", "payments-prod-2"),
]
"""Both APIs, and above all what the two spell differently, or not as a plain value."""


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        yield site


async def proposed(site, line, cluster):
    """Request a change and confirm it; return its id."""
    [change] = set(re.findall(r"c-[0-9a-z]{6}", str(await site.ask(BOB, f"/pg {line}"))))
    await site.ask(BOB, f"/pg change confirm {change} --name {cluster}")
    return change


async def test_what_reads_as_planned_is_done(site):
    changes = [await proposed(site, line, cluster) for line, cluster in CHANGES]

    ends = {line: (await ended(site, each)).state for (line, _), each in zip(CHANGES, changes, strict=True)}
    assert ends == dict.fromkeys(ends, ChangeState.DONE)


@pytest.mark.parametrize(
    ("line", "cluster", "says"),
    [
        (
            "cluster resize orders-staging --instances 2",
            "orders-staging",
            "It was accepted, but instances is 1, not 2",
        ),
        (
            "cluster rename payments-prod payments-prod-2",
            "payments-prod",
            "It was accepted, but name is payments-prod, not payments-prod-2",
        ),
    ],
)
async def test_what_was_accepted_and_ignored_is_a_result_of_its_own(site, line, cluster, says):
    site.demo.cloud.faults.add(FaultOrder(kind="accept_and_ignore", path="/clusters/*"))

    record = await ended(site, await proposed(site, line, cluster))
    assert (record.state, record.result) == (ChangeState.NOT_IN_EFFECT, says)
    assert len(site.demo.cloud.posts.rows()) == 1
