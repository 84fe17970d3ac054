"""A restore from the typed line to the last message: requested, approved by two people, run once, posted."""

import pytest
from bot_site import bot_site
from form_kit import decide, text_of
from passing_time import until

pytestmark = pytest.mark.anyio
ALICE, BOB, CAROL, VERA = "U0ALICE", "U0BOB", "U0CAROL", "U0VERA"
RESTORE = '/pg restore orders-prod --to 2h --reason "bad deploy"'


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param) as site:
        yield site


async def card_of(site, words, *, user=VERA):
    """Wait until a card that everybody sees says so."""

    async def look():
        for message in reversed(await site.seen(user)):
            if "Restore orders-prod" in message["text"] and words in text_of(message):
                return message
        return None

    return await until(site, look)


async def test_two_people_approve_and_the_restore_runs_once(site):
    await site.ask(ALICE, RESTORE)
    card = await card_of(site, "waiting for 2 DBA approvals")

    assert (await decide(site, BOB, card, "Approve restore"))["ok"]
    card = await card_of(site, "bob (DBA)")
    assert (await decide(site, CAROL, card, "Approve restore"))["ok"]
    await card_of(site, "Restore orders-prod to 2026-11-23 07:00:00 UTC: succeeded")

    calls = site.demo.cloud.calls
    assert calls.count("POST", "/clusters/{clusterId}/restore") == 1
    kinds = [row["kind"] for row in site.audit()]
    assert kinds.index("intent") < kinds.index("request")
