"""`pgbot data`: a backup of a running bot is complete, and what is restored sends nothing by itself."""

import gzip
import shutil
from pathlib import Path

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, TARGET, change_stage
from older_copies import settings_without_channel
from programs_site import run

from bot.audit.backup import FILES, back_up_data
from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio
RECORDED = Path(__file__).parents[1] / "changes" / "recorded"


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


async def data(stage, folder, *arguments):
    return await run("data", *map(str, arguments), env=stage.environment(folder))


@pytest.fixture
async def backed_up(request, tmp_path):
    """Yield simulators, a restore that has ended, its cluster, and backups of the bot on its way. Only with a
    `channel` does something outside of the machine know better."""
    settings = SETTINGS if getattr(request, "param", "") == "channel" else settings_without_channel(tmp_path)
    async with change_stage(settings=settings) as stage:
        cluster = stage.clusters("v1")[0]
        async with stage.room(tmp_path / "data") as room:
            record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
            await room.says("bob", f"change approve {record.id}")

        def at_point(name):
            if name in {"before arming", "sending recorded"} and not (tmp_path / name).exists():
                back_up_data(tmp_path / "data", tmp_path / name, stage.clock.now())

        async with stage.served(tmp_path / "data", at_point) as served:
            await served.until(record.id)
        yield stage, record, cluster


async def test_a_running_bot_is_backed_up_and_the_log_says_so(tmp_path, backed_up):
    stage, *_ = backed_up
    async with stage.served(tmp_path / "data") as served:
        made = await data(stage, tmp_path / "data", "backup", tmp_path / "copy")
        again = await data(stage, tmp_path / "data", "backup", tmp_path / "copy")
        rows = [each for each in await served.audit() if each["text"] == "pgbot data backup"]
    checked = await data(stage, tmp_path / "data", "restore", tmp_path / "copy", "--check")

    assert (made.code, made.err, len(rows)) == (0, "", 2)
    assert "both files are intact" in made.out
    assert (again.code, "copy already exists" in again.err) == (2, True)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == sorted([*FILES, "backup.json"])
    assert checked.code == 0


async def test_what_was_approved_in_a_backup_asks_for_a_new_decision(tmp_path, backed_up):
    stage, record, cluster = backed_up
    restored = await data(stage, tmp_path / "new", "restore", tmp_path / "before arming")
    async with stage.served(tmp_path / "new") as served:
        ended = await served.until(record.id)
        [row] = await served.audit(kind="lineage")

    assert (restored.code, restored.err) == (0, "")
    assert "need a new approval before they are sent" in restored.out
    assert ended.state is ChangeState.REPLACED
    assert (row["detail"], row["actor"].partition(":")[0]) == (
        "the data were restored from before arming",
        "os",
    )
    assert len(stage.posts(cluster)) == 1


@pytest.mark.parametrize("backed_up", ["channel"], indirect=True)
async def test_slack_knows_that_a_backup_is_older_wherever_it_is_restored(tmp_path, backed_up):
    stage, record, cluster = backed_up
    await data(stage, tmp_path / "new", "restore", tmp_path / "before arming")
    async with stage.served(tmp_path / "new") as served:
        doubt = served.rows.log.doubt
        now = await served.rows.get(record.id)

    assert "in Slack" in doubt
    assert (now.state, len(stage.posts(cluster))) == (ChangeState.RUNNING, 1)


async def test_what_was_sent_in_a_backup_is_followed(tmp_path, backed_up):
    stage, record, cluster = backed_up
    await data(stage, tmp_path / "new", "restore", tmp_path / "sending recorded")
    async with stage.served(tmp_path / "new") as served:
        ended = await served.until(record.id)

    assert (ended.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1)


async def test_a_restore_over_newer_data_only_reads_until_a_person_recovers(tmp_path, backed_up):
    stage, record, cluster = backed_up
    restored = await data(stage, tmp_path / "data", "restore", tmp_path / "before arming")
    shown = await run("recover", "--dry-run", env=stage.environment(tmp_path / "data"))
    async with stage.served(tmp_path / "data") as served:
        doubt = served.rows.log.doubt
        now = await served.rows.get(record.id)
    went_on = await run("recover", "--reason", "a test", env=stage.environment(tmp_path / "data"))
    async with stage.served(tmp_path / "data") as served:
        after = await served.rows.get(record.id)
        trusted = served.rows.log.doubt
    [kept] = (tmp_path / "data").glob("before-restore-*")

    assert "They were newer" in restored.out
    assert f"{record.id} was sent to the cloud, but this data does not show it" in shown.out
    assert (bool(doubt), now.state) == (True, ChangeState.RUNNING)
    assert (went_on.code, after.state, trusted) == (0, ChangeState.WITHDRAWN, "")
    assert {*FILES} <= {path.name for path in kept.iterdir()}
    assert len(stage.posts(cluster)) == 1


async def test_a_backup_that_was_altered_or_is_none_is_refused(tmp_path, backed_up):
    stage, *_ = backed_up
    shutil.copytree(tmp_path / "before arming", tmp_path / "altered")
    with (tmp_path / "altered" / "pgbot.db").open("r+b") as file:
        file.seek(5_000)
        file.write(b"x")
    altered = await data(stage, tmp_path / "new", "restore", tmp_path / "altered")
    none = await data(stage, tmp_path / "new", "restore", tmp_path / "data")

    assert (altered.code, "is missing or is not as it was backed up" in altered.err) == (2, True)
    assert (none.code, "is not a backup" in none.err) == (2, True)
    assert not (tmp_path / "new" / "pgbot.db").exists()


async def test_nothing_is_restored_while_the_bot_runs(tmp_path, backed_up):
    stage, *_ = backed_up
    async with stage.served(tmp_path / "data"):
        refused = await data(stage, tmp_path / "data", "restore", tmp_path / "before arming")

    assert (refused.code, "Another pgbot serve" in refused.err) == (2, True)


async def test_data_of_an_earlier_release_are_backed_up_shown_and_restored(tmp_path):
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    for name in FILES:
        recorded = RECORDED / "reports" / f"unsent.{name}.gz"
        (earlier / name).write_bytes(gzip.decompress(recorded.read_bytes()))
    async with change_stage(settings=settings_without_channel(tmp_path)) as stage:
        made = await data(stage, earlier, "backup", tmp_path / "copy")
        shown = await run("recover", "--dry-run", env=stage.environment(earlier))
        kept = (earlier / "pgbot.db").read_bytes()
        restored = await data(stage, tmp_path / "new", "restore", tmp_path / "copy")

    assert (made.code, made.err.count("is not recorded")) == (0, 1)
    assert (shown.code, "nothing to recover" in shown.out) == (0, True)
    assert kept == gzip.decompress((RECORDED / "reports" / "unsent.pgbot.db.gz").read_bytes())
    assert (restored.code, restored.err) == (0, "")
