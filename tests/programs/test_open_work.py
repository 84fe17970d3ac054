"""Settings that open work rests on, taken away: it ends or can be ended, and check and start name the ids."""

import asyncio
from dataclasses import replace

import pytest
import structlog
from approved_change import approved_restore, put_secrets
from change_kit import CHANNEL, OVER

from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client
from bot.programs.check_program import examine
from bot.programs.open_work import examine_open_work
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


def rewrite(stage, folder, *replacements):
    """Have the next start read app.yaml with these words replaced."""
    text = stage.settings.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    stage.settings = folder / "app.yaml"
    stage.settings.write_text(text, encoding="utf-8")


async def test_a_contract_renamed_while_a_change_is_followed_ends_it_as_unknown_and_a_person_settles_it(
    tmp_path,
):
    async with approved_restore(tmp_path) as (stage, _, record, cluster):
        stage.cloud.durations = replace(stage.cloud.durations, restore=36_000)
        async with stage.served(tmp_path / "data") as room, asyncio.timeout(120):
            while "BUSY" not in (await room.rows.get(record.id)).progress:
                await asyncio.sleep(0.02)
        rewrite(stage, tmp_path, ("name: shop,", "name: store,"))
        with structlog.testing.capture_logs() as logged:
            async with stage.served(tmp_path / "data") as room, loopback_client() as http:
                unknown = await room.until(record.id)
                ready = (await http.get(f"{room.url}/readyz")).json()
                found = await examine(
                    load_settings(environment=stage.environment(tmp_path / "data")), stage.clock
                )
                assert (await room.says("bob", f"change settle {record.id} not-run")).ok
                ended = await room.until(record.id, *OVER - {ChangeState.UNKNOWN})

    assert unknown.state is ChangeState.UNKNOWN
    assert "There is no contract shop in the settings" in unknown.result
    assert (ended.state, ready["stuck_changes"]) == (ChangeState.FAILED, 1)
    [lost] = [each for each in found if each.what.startswith("contract shop: ")]
    assert (lost.ok, record.id in lost.what) == (False, True)
    warned = [each["what"] for each in logged if each["event"] == "open work depends on removed settings"]
    assert warned == [lost.what]
    assert not [each for each in logged if "exc_info" in each or each["log_level"] == "error"]
    assert len(stage.posts(cluster)) == 1


async def test_roles_rules_and_channels_that_open_changes_rest_on_are_named_with_the_ids(tmp_path):
    async with approved_restore(tmp_path) as (stage, people, _, _):
        waiting = await people.asks("alice", f"restore {stage.clusters('v1')[1].id} --newest")
        unchanged = [each async for each in examine_open_work(people.kernel.dispatcher)]
        async with stage.served(tmp_path / "data") as room:
            await room.told()
        rewrite(
            stage,
            tmp_path,
            ("dba: [U0BOB, U0CAROL]", "lead: [U0BOB]"),
            ("[dba, developer]", "[lead, developer]"),
            ("roles: {dba: 1}, expires: 24h, extra_loss: 24h, break_glass: [dba]", "roles: {lead: 1}"),
            (CHANNEL, "C0GENERAL"),
        )
        await people.leave()
        await people.enter()
        found = [each async for each in examine_open_work(people.kernel.dispatcher)]

    assert unchanged == []
    said = {each.what.split(":")[0]: each for each in found}
    assert said.keys() == {"role dba", "approval rule 1", f"channel {CHANNEL}"}
    assert all(waiting.id in each.what for each in found)
    assert [each.ok for each in found] == [False, True, True]
