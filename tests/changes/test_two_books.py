"""The same approved change in two data folders, without a lease between them, and with a stale one."""

import asyncio
import shutil

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, change_stage
from yaml_files import read_yaml, write_yaml

from bot.changes.record import ChangeState
from bot.changes.run_log import RunLog
from bot.demo.http_client import loopback_client
from bot.domain.attempt import Attempt
from bot.runtime.lease_store import LastClaim, LeaseRow

pytestmark = pytest.mark.anyio

CREATE = "cluster create orders-next --like orders-prod --version 16 --region de/txl --api"


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


def without_channel(folder):
    values = read_yaml(SETTINGS)
    del values["approvals"]["channel"]
    path = folder / "app.yaml"
    write_yaml(path, values)
    return path


async def in_both_books(stage, folder, api):
    """Have a creation approved before the folder is copied, then carried out by one bot after the other."""
    async with stage.room(folder / "one") as room:
        record = await room.asks("bob", f"{CREATE} {api}")
        assert (await room.says("bob", f"change confirm {record.id}")).ok
    shutil.copytree(folder / "one", folder / "two")
    ends = []
    for name in ("one", "two"):
        async with stage.served(folder / name) as room:
            ends.append(await room.until(record.id))
    return record, ends, [each for each in stage.cloud.everything() if each.name == "orders-next"]


async def test_a_creation_on_v2_is_found_by_the_mark_of_its_change_and_made_once(tmp_path):
    async with change_stage(settings=without_channel(tmp_path)) as stage:
        record, (first, second), made = await in_both_books(stage, tmp_path, "v2")

    assert (first.state, second.state) == (ChangeState.DONE, ChangeState.FAILED), first.result
    assert [each.description for each in made] == [f"[pgbot {record.id}]"]
    assert second.result.startswith(
        f"Nothing was sent: orders-next ({made[0].id}) was made for {record.id} already, by a bot with"
    )


async def test_v1_keeps_no_mark_so_that_only_the_name_is_found(tmp_path):
    async with change_stage(settings=without_channel(tmp_path)) as stage:
        _, (first, second), made = await in_both_books(stage, tmp_path, "v1")

    assert (first.state, second.state, len(made)) == (ChangeState.DONE, ChangeState.FAILED, 1)
    assert "orders-next" in second.result


async def test_an_attempt_under_an_epoch_that_is_over_is_not_recorded(tmp_path):
    async with change_stage() as stage, stage.room(tmp_path / "data") as room:
        record = await room.asks("bob", f"{CREATE} v1")
        assert (await room.says("bob", f"change confirm {record.id}")).ok
        lease, run_log = LeaseRow(room.kernel.database), run_log_of(room)
        record = await room.rows.get(record.id)
        assert await run_log.claim(record)
        record = await room.rows.get(record.id)
        await lease.keep(LastClaim(stamp="2.000000", home="h", counts_from=0.0, is_released=False))

        old = Attempt(armed_at=stage.clock.now(), epoch="1.000000")
        assert not await run_log.arm(record, old)
        assert await room.rows.attempt(record.id) is None
        now = Attempt(armed_at=stage.clock.now(), epoch="2.000000")
        assert not await run_log.arm(record, now, may_send=lambda: False)
        assert await run_log.arm(record, now)
        assert (await room.rows.attempt(record.id)).epoch == "2.000000"
        assert await lease.last() == LastClaim(stamp="2.000000", home="h", is_released=False)


def run_log_of(room):
    return RunLog(rows=room.rows, clock=room.kernel.clock, propose_again=None, wake=lambda: None)


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_second_bot_answers_a_command_in_slack_with_who_holds_the_app(tmp_path, mode):
    async with (
        change_stage() as stage,
        stage.served(tmp_path / "one", mode=mode),
        stage.served(tmp_path / "two", mode=mode) as second,
        loopback_client(base_url=stage.slack_url, timeout=20) as http,
    ):
        # In Socket Mode the bots get deliveries in turn, in HTTP mode the one behind the address gets all.
        for _ in range(2):
            line = {"user": "U0ALICE", "channel": "C0OPS", "text": "/pg change approve c-zzzzzz"}
            await http.post("/_workspace/slash", json=line)
        async with asyncio.timeout(120):
            while len(answers := [each.text for each in stage.messages() if each.only_for]) < 2:
                await asyncio.sleep(0.02)
        ready = (await http.get(f"{second.url}/readyz")).json()
        sent = await second.audit(kind="request")

    held = [each for each in answers if "(data folder one, since" in each]
    assert len(held) == (1 if mode == "socket" else 2)
    assert all("(data folder one, since" in each or "There is no change" in each for each in answers)
    assert "holds this Slack app" in ready["why"]["lease"]
    assert sent == []
