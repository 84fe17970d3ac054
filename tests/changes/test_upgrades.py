"""Changes that an earlier release left in the middle are finished by this one.

The recordings are made by tests/support/record_changes.py, one folder for each schema that was released.
"""

import gzip
import json
from pathlib import Path

import httpx
import pytest
from change_kit import change_stage
from change_setting import approved, put_secrets

from bot.changes.record import State
from bot.evidence.gaps import gaps
from bot.evidence.program import problems
from bot.plan import Plan
from bot.reply import File
from bot.store.audit_verify import verify

pytestmark = pytest.mark.anyio
RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


@pytest.fixture(params=sorted(each.name for each in RECORDED.iterdir()))
def recorded(request, tmp_path):
    """Lays out what a bot of that schema left behind when it was stopped."""

    def lay_out(where):
        data = tmp_path / "data"
        data.mkdir()
        for file in (RECORDED / request.param).glob(f"{where}.*.gz"):
            (data / file.name.removeprefix(f"{where}.").removesuffix(".gz")).write_bytes(
                gzip.decompress(file.read_bytes())
            )
        return data

    return lay_out


async def test_what_was_proposed_is_decided_and_run(recorded):
    data = recorded("proposed")
    async with change_stage() as stage, stage.served(data) as room:
        (record,) = await room.all()
        await room.says("bob", f"change approve {record.id} --digest {record.digest[:12]}")
        ended = await room.until(record.id)

        assert ended.state is State.DONE, ended.result
        assert len(stage.posts(stage.cloud.find(record.plan.target.id))) == 1
    assert verify([data / "pgbot.db"]).bad is None


async def test_what_was_proposed_earlier_has_evidence_of_what_its_rows_can_prove(recorded):
    data = recorded("proposed")
    async with change_stage() as stage, stage.served(data) as room:
        (record,) = await room.all()
        await room.says("bob", f"change approve {record.id} --digest {record.digest[:12]}")
        await room.until(record.id)
        reply = await room.says("bob", f"change show {record.id} --bundle")
    [content] = [json.loads(part.content) for part in reply.parts if isinstance(part, File)]
    paths = {path for gap in gaps(content) for path in gap.paths}

    assert list(problems(content)) == []
    assert ("plan", "harm") in paths
    assert paths.isdisjoint({("votes", 0, "voter"), ("votes", 0, "name"), ("attempt",), ("change", "made")})


async def test_what_ran_and_was_not_sent_is_sent_once(recorded):
    data = recorded("unsent")
    async with change_stage() as stage, stage.served(data) as room:
        (record,) = await room.all()
        ended = await room.until(record.id)

        assert ended.state is State.DONE, ended.result
        assert len(stage.posts(stage.cloud.find(record.plan.target.id))) == 1


async def test_what_was_sent_is_followed_and_never_sent_again(recorded):
    data = recorded("sent")
    async with change_stage() as stage:
        async with stage.room(data) as before:
            (record,) = await before.all()
        target = record.plan.target.id
        async with httpx.AsyncClient(trust_env=False) as http:
            sent = await http.post(  # what the earlier bot had sent when it was stopped
                f"{stage.cloud_url}/databases/postgresql/clusters/{target}/restore",
                json={"backupId": record.plan.order["backup_id"]},
                headers={"authorization": "Bearer demo-token", "x-contract-number": "21000001"},
            )
            sent.raise_for_status()
        async with stage.served(data) as room:
            ended = await room.until(record.id)

        assert (record.state, ended.state) == (State.RUNNING, State.DONE), ended.result
        assert len(stage.posts(stage.cloud.find(target))) == 1


async def test_what_an_earlier_release_did_not_observe_asks_nobody_anew(tmp_path):
    async with approved(tmp_path) as (stage, room, record, cluster):
        await _observed(room, record, lambda observed: observed.pop("cores"))
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert (ended.state, len(stage.posts(cluster))) == (State.DONE, 1)


async def test_a_backup_that_an_earlier_release_kept_for_v2_is_no_reason_to_refuse(tmp_path):
    async with approved(tmp_path, "v2") as (stage, room, record, cluster):
        backup = record.plan.observed["backup"]
        arguments = {**record.plan.arguments, "backup": backup}
        await _kept(room, record.plan.model_copy(update={"arguments": arguments}))
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert (ended.state, len(stage.posts(cluster))) == (State.DONE, 1), ended.result
        assert "backup" not in record.plan.arguments


async def test_what_it_did_observe_still_has_to_be_so(tmp_path):
    async with approved(tmp_path) as (stage, room, record, cluster):
        await _observed(room, record, lambda observed: observed.update(gone="was observed once"))
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

        assert (ended.state, stage.posts(cluster)) == (State.REPLACED, [])


async def _observed(room, record, change):
    """Keep the plan with other observations than this release makes."""
    observed = dict(record.plan.observed)
    change(observed)
    await _kept(room, record.plan.model_copy(update={"observed": observed}))


async def _kept(room, plan: Plan):
    values = [plan.model_dump_json(), plan.digest()]
    await room.kernel.database.write(lambda db: db.execute("UPDATE changes SET plan = ?, digest = ?", values))
    await room.kernel.database.write(lambda db: db.execute("UPDATE votes SET digest = ?", values[1:]))
