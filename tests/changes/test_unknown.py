"""A change with an unknown outcome: its card asks, a press answers, the next one runs."""

from dataclasses import replace

import pytest
from approved_change import approved_restore, put_secrets
from change_kit import CHANNEL, OVER, PEOPLE, TARGET

from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


async def card_of(stage, room, record):
    """Return the change's card, after all notifications."""
    await room.told()
    (card,) = await room.rows.cards(record.id)
    return next(each for each in stage.messages() if each.ts == card.ts)


async def press(stage, name, card, label):
    async with loopback_client(base_url=stage.slack_url, timeout=30) as http:
        body = {"user": PEOPLE[name], "channel": CHANNEL, "ts": card.ts, "label": label}
        outcome = (await http.post("/_workspace/click", json=body)).json()
    assert outcome["ok"], outcome


@pytest.mark.parametrize(
    ("label", "end", "words"),
    [
        ("Mark as run", ChangeState.DONE, "Done"),
        ("Mark as not run", ChangeState.FAILED, "bob says that it did not run"),
    ],
)
async def test_a_press_settles_it_and_the_next_one_has_its_turn(tmp_path, label, end, words):
    async with approved_restore(tmp_path) as (stage, people, record, cluster):
        stage.cloud.switches = replace(stage.cloud.switches, restore_trace="none")
        async with stage.served(tmp_path / "data") as room:
            await room.until(record.id, ChangeState.UNKNOWN)
            waiting = await people.asks("alice", f"restore {cluster.id} --to {TARGET}")
            await people.says("carol", f"change approve {waiting.id}")
            queued = str((await card_of(stage, room, waiting)).blocks)
            stood = (await room.rows.get(waiting.id)).state
            sent = len(stage.posts(cluster))
            stage.cloud.switches = replace(stage.cloud.switches, restore_trace="full")
            await press(stage, "bob", await card_of(stage, room, record), label)
            ended = await room.until(record.id, *OVER - {ChangeState.UNKNOWN})
            after = await room.until(waiting.id)
            settled = await card_of(stage, room, record)

    assert f"Queued behind {record.id} on the same cluster, next in line." in queued
    assert (stood, sent) == (ChangeState.APPROVED, 1)
    assert ended.state is end
    assert ended.result.startswith(words)
    assert (after.state, len(stage.posts(cluster))) == (ChangeState.DONE, 2)
    assert settled.text.startswith(f"{record.plan.action}: {end.label}")
