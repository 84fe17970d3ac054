"""A drill through Slack: requested, confirmed with a click, executed, and its proof posted once."""

import json

import pytest
from bot_site import OPS, bot_site
from passing_time import until

pytestmark = pytest.mark.anyio
BOB = "U0BOB"


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        yield site


async def card_of(site, title, words):
    """Wait until the card of that title says so, while time passes."""

    async def look():
        for message in await site.seen(BOB):
            told = json.dumps(message, ensure_ascii=False)
            if message["text"].startswith(title) and words in told and "Requested by" in told:
                return message
        return None

    return await until(site, look)


async def test_a_drill_is_carried_out_and_its_proof_told_once(site):
    await site.ask(BOB, "/pg drill orders-prod")
    card = await card_of(site, "Drill a restore of orders-prod", "Confirm drill")
    assert (await site.click(BOB, card, "Confirm drill"))["ok"]
    done = await card_of(site, "Drill a restore of orders-prod: succeeded", "it is deleted again")

    calls = site.demo.cloud.calls
    assert calls.count("POST", "/clusters") == calls.count("DELETE", "/clusters/{clusterId}") == 1
    assert not [each for each in site.demo.cloud.everything() if each.name.startswith("drill-")]
    channel = site.demo.workspace.channels[OPS]
    ends = await until(site, lambda: ends_of(channel, done["ts"]), seconds=5)
    assert len(ends) == 1
    assert f'"user_id": "{BOB}"' in json.dumps(ends[0].blocks)


def ends_of(channel, ts):
    """Return the lines in the card's thread that report the end."""
    return [
        each
        for each in channel.messages.values()
        if each.thread_ts == ts and each.text.startswith("Done: backup ")
    ]
