"""The migration commands as people in Slack have them: tables, a chart, files by message, a mention."""

import pytest
from bot_site import bot_site

from bot.demo.cloud.vendor_migration import move

pytestmark = pytest.mark.anyio


def list_block_kinds(message):
    return [block["type"] for block in message["blocks"]]


async def test_status_is_a_table_and_history_has_a_chart(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        status = await site.ask("U0ALICE", "/pg migration status")
        history = await site.ask("U0ALICE", "/pg migration history")

    assert "8 of 29 v1 clusters are blocked" in status["text"]
    assert "data_table" in list_block_kinds(status)
    assert "data_visualization" in list_block_kinds(history)


async def test_watch_tells_the_channel_and_mentions_the_owner(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.ask("U0BOB", "/pg migration watch")
        cloud = site.demo.cloud
        move(cloud, next(each for each in cloud.everything() if each.name == "orders-prod"))

        told = await site.ask("U0BOB", "/pg migration watch")
        seen_by_alice = [message["text"] for message in await site.seen("U0ALICE")]

    assert told["text"] in seen_by_alice
    assert "1 cluster appeared in v2" in told["text"]
    assert '"user_id": "U0ALICE"' in str(told["blocks"]).replace("'", '"')


async def test_show_and_rules_fit_into_a_message(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        shown = await site.ask("U0ALICE", "/pg migration show ledger-prod")
        rules = await site.ask("U0ALICE", "/pg migration rules")

    assert "ledger-prod: blocked, pending" in shown["text"]
    assert "data_table" in list_block_kinds(rules)
