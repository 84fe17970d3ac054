"""A log that is older or other than its anchors is only read, until somebody accepts it as it is."""

import asyncio
import shutil
from contextlib import asynccontextmanager

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, TARGET, change_stage
from example_counts import examples
from programs_site import run
from tampered_changes import Intruder
from yaml_files import read_yaml, write_yaml

from bot.audit.hash_chain import Anchor, anchors_in
from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import EPOCH
from bot.programs.check_program import examine
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio
KEY = "0123456789abcdef0123456789abcdef"
IN_DOUBT = "The audit log is not as it was written"


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)
    monkeypatch.setenv("AUDIT_KEY", KEY)


class Log:
    """A data folder whose log is anchored, before simulators; and what somebody does to it meanwhile."""

    def __init__(self, folder, stage):
        self.folder, self.stage, self.data = folder, stage, folder / "data"
        self.clusters = iter(stage.clusters("v1"))

    @property
    def intruder(self):
        return Intruder(self.data / "pgbot.db")

    @property
    def environment(self):
        return self.stage.environment(self.data) | {"AUDIT_KEY": KEY}

    def served(self):
        return self.stage.served(self.data)

    async def proposed(self, room):
        return await room.asks("alice", f"restore {next(self.clusters).id} --to {TARGET}")

    async def approved(self, room):
        record = await self.proposed(room)
        assert (await room.says("bob", f"change approve {record.id}")).ok
        return record

    def copy(self):
        """Keep a copy of the folder, to be put back later."""
        shutil.copytree(self.data, self.folder / "copy")

    def put_back(self):
        shutil.rmtree(self.data)
        shutil.copytree(self.folder / "copy", self.data)

    async def examine(self):
        """Return the results of `pgbot check`."""
        return await examine(load_settings(environment=self.environment), self.stage.clock)

    async def accept(self, reason="a backup was put back"):
        return await run("audit", "accept", "--reason", reason, env=self.environment)


@asynccontextmanager
async def anchored(folder, *, key=True, **anchors):
    """Open simulators, and settings with these anchors."""
    values = read_yaml(SETTINGS)
    values["audit"] = {"anchors": anchors} | ({"key": "env:AUDIT_KEY"} if key else {})
    settings = folder / "app.yaml"
    write_yaml(settings, values)
    async with change_stage(settings=settings, restore=5) as stage:
        yield Log(folder, stage)


def in_file(folder):
    return {"file": str(folder / "anchors")}


def in_channel(_folder):
    return {"channel": "C0DBA"}


def by_program(folder):
    kept = folder / "kept"
    return {
        "command": ["sh", "-c", f"cat >> {kept}"],
        "read": ["sh", "-c", f"test ! -e {kept} || cat {kept}"],
    }


KEYED = [(in_file, True), (in_file, False), (in_channel, True), (by_program, False)]
"""Each place, with a key or without; a soak has every pair."""
REST = [(in_channel, False), (by_program, True)]


def named(value):
    return getattr(value, "__name__", "keyed" if value else "unkeyed")


async def refused(room, *lines):
    """Return which of the lines are refused because the log is in doubt."""
    said = {line: await room.says("bob", line) for line in lines}
    return [line for line, reply in said.items() if not reply.ok and IN_DOUBT in reply.title]


@pytest.mark.parametrize(("place", "key"), examples(KEYED, KEYED + REST), ids=named)
async def test_a_log_that_was_put_back_is_only_read_until_it_is_accepted(tmp_path, place, key):
    async with anchored(tmp_path, key=key, **place(tmp_path)) as log:
        async with log.served() as room:
            waiting, open_one = await log.approved(room), await log.proposed(room)
            await room.until(waiting.id)
        log.copy()
        async with log.served() as room:
            await room.until((await log.approved(room)).id)
        log.put_back()
        sent = len(log.stage.cloud.posts.rows())
        async with log.served() as room, loopback_client() as http:
            writes = (f"change approve {open_one.id}", f"restore {next(log.clusters).id} --to {TARGET}")
            stopped = await refused(room, *writes, "key remove")
            shown = await room.says("bob", f"change show {open_one.id}")
            ready = (await http.get(f"{room.url}/readyz")).json()
            await told(log.stage, IN_DOUBT)
            alarm = await recorded(room)
        ended = await log.accept()
        async with log.served() as room:
            before = await room.rows.get(open_one.id)
            fresh = await log.approved(room)
            after = await room.until(fresh.id)

    assert stopped == [*writes, "key remove"]
    assert (shown.ok, ready["audit"], alarm["outcome"]) == (True, False, "in doubt")
    assert (ended.code, ended.err) == (0, "")
    assert "a backup was put back" in ended.out
    assert before.state is ChangeState.WITHDRAWN
    assert after.state is ChangeState.DONE
    assert len(log.stage.cloud.posts.rows()) == sent + 1


async def told(stage, words):
    async with asyncio.timeout(120):
        while not any(words in each.text for each in stage.messages()):
            await asyncio.sleep(0.02)


async def recorded(room):
    async with asyncio.timeout(120):
        while not (rows := await room.audit(kind="alarm")):
            await asyncio.sleep(0.02)
    return rows[0]


def cut_off(log):
    log.intruder.run("DELETE FROM audit WHERE seq > (SELECT max(seq) - 2 FROM audit)")


def rewrite(log):
    log.intruder.run("UPDATE audit SET actor = 'slack:U0SOMEONE' WHERE seq = 2")
    log.intruder.rehash(2)


def delete_all(log):
    for file in log.data.glob("pgbot.db*"):
        file.unlink()


@pytest.mark.parametrize("harm", [cut_off, rewrite, delete_all])
async def test_what_is_done_to_a_stopped_log_is_found_at_the_start(tmp_path, harm):
    """Without a key only the anchors know: after a clean stop, that of its last row."""
    async with anchored(tmp_path, key=False, **in_file(tmp_path)) as log:
        async with log.served() as room:
            await log.proposed(room)
        harm(log)
        kept = (tmp_path / "anchors").read_text()
        async with log.served() as room:
            assert await refused(room, f"restore {next(log.clusters).id} --to {TARGET}")
            assert room.rows.log.doubt
        again = (tmp_path / "anchors").read_text()

    assert kept == again  # a log in doubt is not anchored, or it would be the anchored one


async def test_anchors_that_cannot_be_read_are_unknown_and_stop_nothing(tmp_path):
    (tmp_path / "anchors").mkdir()
    async with anchored(tmp_path, **in_file(tmp_path)) as log:
        async with log.served() as room:
            record = await log.approved(room)
            assert (await room.until(record.id)).state is ChangeState.DONE
        found = [str(each) for each in await log.examine()]

    assert any("could not be read" in each and each.startswith("warning") for each in found)


async def test_what_others_post_is_no_anchor(tmp_path):
    """A member of the channel could otherwise stop the bot with one message."""
    async with anchored(tmp_path, **in_channel(tmp_path)) as log:
        async with log.served() as room:
            await log.proposed(room)
        forged = Anchor(10_000, "hmac:" + "0" * 64, EPOCH)
        async with loopback_client() as http:
            body = {"user": "U0CAROL", "channel": "C0DBA", "text": f"`{forged}`"}
            assert (await http.post(f"{log.stage.slack_url}/_workspace/say", json=body)).is_success
        assert any(
            str(forged) in each.text for each in log.stage.workspace.channels["C0DBA"].messages.values()
        )
        async with log.served() as room:
            assert room.rows.log.doubt == ""


async def test_check_warns_where_nothing_anchors_the_log(tmp_path):
    async with anchored(tmp_path) as log:
        async with log.served() as room:
            await log.proposed(room)
        found = [str(each) for each in await log.examine()]

    assert any(each.startswith("warning audit log: without anchors") for each in found)


async def test_check_says_that_a_log_is_not_the_anchored_one(tmp_path):
    async with anchored(tmp_path, **in_file(tmp_path)) as log:
        async with log.served() as room:
            await log.proposed(room)
        fine = await log.examine()
        cut_off(log)
        found = await log.examine()

    assert any("the log matches its anchors" in each.what and each.ok and not each.advice for each in fine)
    # The file, engine.db and Slack each have an anchor that is ahead.
    assert [each.ok for each in found if "and the log ends with row" in each.what] == [False] * 3


async def test_a_keyed_log_that_is_cut_off_does_not_verify_as_whole(tmp_path):
    async with anchored(tmp_path, **in_channel(tmp_path)) as log:
        async with log.served() as room:
            await log.proposed(room)
        whole = await run("audit", "verify", env=log.environment)
        cut_off(log)
        cut = await run("audit", "verify", env=log.environment)
        alone = await run("audit", "verify", "--db", str(log.data / "pgbot.db"), env=log.environment)

    assert (whole.code, "Matching anchors" in whole.out) == (0, True)
    assert (cut.code, "an anchor says that the log reached row" in cut.out) == (1, True)
    assert alone.code == 0
    assert "No anchor was checked, so rows that are missing at the end would not be noticed." in alone.out


async def test_a_log_with_a_bad_row_is_only_read_until_it_is_accepted_and_the_row_says_by_whom(tmp_path):
    async with anchored(tmp_path, **in_file(tmp_path)) as log:
        async with log.served() as room:
            await log.proposed(room)
        log.intruder.run("UPDATE audit SET actor = 'slack:U0SOMEONE' WHERE seq = 2")
        async with log.served() as room:
            await recorded(room)
            assert await refused(room, f"restore {next(log.clusters).id} --to {TARGET}")
        ended = await log.accept("we looked: a test")
        again = await log.accept("we looked: a test")
        async with log.served() as room:
            await room.kernel.audit.catch_up()
            (row,) = await room.audit(kind="accepted")
            record = await log.approved(room)
            assert (await room.until(record.id)).state is ChangeState.DONE
        verified = await run("audit", "verify", env=log.environment)
        log.intruder.run("UPDATE audit SET actor = 'slack:U0SOMEBODY' WHERE seq = 2")
        altered = await run("audit", "verify", env=log.environment)

    assert (ended.code, again.code) == (0, 0)
    assert "nothing to accept" in again.out
    assert row["actor"].startswith("os:")
    assert (row["detail"], "Row 2 was changed" in row["text"]) == ("we looked: a test", True)
    assert (verified.code, f"in row {row['seq']}" in verified.out, "row 2 was changed" in verified.out) == (
        0,
        True,
        True,
    )
    assert altered.code == 1  # what was accepted is pinned


async def test_nothing_is_accepted_while_the_bot_runs(tmp_path):
    async with anchored(tmp_path, **in_file(tmp_path)) as log, log.served() as room:
        await log.proposed(room)
        ended = await log.accept()

    assert ended.code == 2
    assert "serve" in ended.err


async def test_a_place_that_does_not_take_the_new_anchor_is_named(tmp_path):
    async with anchored(tmp_path, **in_file(tmp_path), command=["sh", "-c", "cat >/dev/null; exit 3"]) as log:
        async with log.served() as room:
            await log.proposed(room)
        cut_off(log)
        ended = await log.accept()

    assert ended.code == 1
    assert "command sh could not store the new anchor (It ended with 3." in ended.out
    assert anchors_in((tmp_path / "anchors").read_text())[-1].is_accepted


async def test_check_names_a_file_that_lacks_its_wal(tmp_path):
    async with anchored(tmp_path, **in_file(tmp_path)) as log:
        async with log.served() as room:
            await log.proposed(room)
            shutil.copy(log.data / "pgbot.db", tmp_path / "pgbot.db")
        whole = await log.examine()
        shutil.copy(tmp_path / "pgbot.db", log.data / "pgbot.db")
        alone = await log.examine()

    assert all(each.ok for each in whole if each.what.startswith(("files", "audit log")))
    assert any("matches its anchors in Slack" in each.what for each in whole)
    assert [each.ok for each in alone if "is incomplete: its latest rows were in" in each.what] == [False]
