"""`pgbot run` where no `serve` answers: it reads with the caller's own tokens and writes nothing."""

import hashlib
import json
import os
import shutil
import socket
from contextlib import closing

import pytest
from programs_site import run
from served_terminal import OTHERS, OWN, USERS, account, open_terminal_stage

from bot.domain.command_info import CommandEffect
from bot.domain.error_codes import ExitCode
from bot.domain.request import Actor, Invocation, Origin
from bot.programs.kernel import open_kernel, registry
from bot.runtime.clock import SystemClock
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio
LIST = "cluster list --region de/txl"
WRITES = [each for each in registry() if each.effect is CommandEffect.WRITE]
ALONE = "This command uses your own tokens and is not in the audit log.\n"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def stage(anyio_backend):
    """Provide simulators and a data folder that a `serve` has left, with an open change in it."""
    async with open_terminal_stage() as stage:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in stage.environment.items():
                patch.setenv(name, value)
            stage.change = await left_behind(stage)
        yield stage


async def left_behind(stage):
    """Return the id of a change that was proposed before the bot stopped."""
    clock = SystemClock()
    async with open_kernel(load_settings(), clock) as kernel:
        alice = Actor(origin=Origin.TERMINAL, id="x", name="alice", team="T0DEMO", person="U0ALICE")
        line = "restore orders-prod --to 2h --reason x"
        asked = Invocation(key="k", trace="t", actor=alice, channel="", text=line, at=clock.now())
        assert (await kernel.dispatcher.dispatch(asked)).ok
        (record,) = await kernel.dispatcher.changes.rows.latest(limit=9)
        return record.id


def contents(folder):
    """Return the content of every file of a database, but the index that readers of it share."""
    files = [each for each in folder.iterdir() if not each.name.endswith("-shm")]
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in files if each.stat().st_size}


async def test_it_reads_and_says_so_in_one_sentence_and_leaves_the_database_as_it_was(stage):
    before = contents(stage.folder / "data")

    listed, shown = await stage.run(LIST), await stage.run(f"change show {stage.change}")

    assert (listed.code, shown.code) == (0, 0)
    assert "orders-prod" in listed.out
    assert "waiting for 2 DBA approvals" in shown.out
    assert listed.err == f"pgbot serve does not respond at {stage.socket}. {ALONE}"
    assert contents(stage.folder / "data") == before


@pytest.mark.parametrize("command", WRITES, ids=lambda each: each.name)
async def test_no_command_that_writes_is_run(stage, command):
    """Whoever the caller's own settings say that the caller is."""
    before = contents(stage.folder / "data")
    bob = {"PGBOT_TERMINAL__PEOPLE": json.dumps({account(OWN): "U0BOB"})}
    line = command.examples[0].replace("c-7kq2mf", stage.change)

    ended = await stage.run(line, env=bob)

    assert ended.code == ExitCode.UNAVAILABLE
    assert ended.out.startswith(f"Error: Only pgbot serve can run “{command.name}”. ")
    assert contents(stage.folder / "data") == before


async def test_json_says_it_too(stage):
    ended = await stage.run("--json", f"change approve {stage.change}")

    assert (ended.code, ended.json()["data"]["code"]) == (ExitCode.UNAVAILABLE, "serve.unavailable")
    assert (await stage.run("--json", LIST)).code == ExitCode.OK


async def test_a_read_that_would_keep_something_is_refused_and_nothing_is_kept(stage):
    before = contents(stage.folder / "data")

    ended = await stage.run("migration status")

    assert ended.code == ExitCode.USAGE
    assert "Only pgbot serve can write the bot's database." in ended.out
    assert contents(stage.folder / "data") == before


async def test_where_there_is_no_database_yet_none_is_made(stage, tmp_path):
    for line in (LIST, "migration status", "change list", "whoami"):
        ended = await stage.run(line, env={"PGBOT_DATA": f"{tmp_path}/data"})
        assert ended.code == 0, ended.err
    ended = await stage.run("migration impact", env={"PGBOT_DATA": f"{tmp_path}/data"})
    assert (ended.code, "there is no audit log" in ended.out) == (1, True)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("user", USERS)
async def test_every_user_of_the_machine_reads_with_their_own_tokens(stage, user):
    """Also one who may not enter the bot's folder, and who is told so of what is stored there."""
    listed = await stage.run(LIST, user=user)
    changes = await stage.run("change list", user=user)
    refused = await stage.run(f"change approve {stage.change}", user=user)

    assert (listed.code, refused.code) == (ExitCode.OK, ExitCode.UNAVAILABLE), listed.err
    assert "orders-prod" in listed.out
    assert (changes.code, "Can’t read the bot" in changes.out) == (
        (0, False) if user == OWN else (ExitCode.USAGE, True)
    )


@pytest.mark.parametrize("user", OTHERS or (OWN,))
async def test_a_socket_that_a_user_may_not_use_is_named_with_the_setting(stage, user):
    stage.socket.parent.mkdir(exist_ok=True)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(stage.socket))
        listener.listen()
        stage.socket.chmod(0o000)
        listed = await stage.run(LIST, user=user)
        refused = await stage.run(f"change approve {stage.change}", user=user)
    stage.socket.unlink()

    assert listed.err == f"You don’t have access to the socket of pgbot serve, {stage.socket}. {ALONE}"
    assert (listed.code, refused.code) == (ExitCode.OK, ExitCode.UNAVAILABLE)
    assert "terminal.socket_mode in app.yaml" in refused.out


@pytest.mark.parametrize("owner", OTHERS or (OWN,))
async def test_the_database_of_another_user_is_only_read_also_by_root(stage, tmp_path, owner):
    data = tmp_path / "data"
    shutil.copytree(stage.folder / "data", data)
    for path in (data, *data.iterdir()):
        os.chown(path, owner, -1)
    before = contents(data)

    ended = await stage.run("change list", env={"PGBOT_DATA": str(data)})

    assert (ended.code, stage.change in ended.out) == (0, True), ended.out
    assert contents(data) == before
    assert {each.stat().st_uid for each in data.iterdir()} == {owner}


async def test_without_a_token_it_says_which_one_is_missing(stage, tmp_path):
    token = {"IONOS_TOKEN": "", "PGBOT_IONOS__CONTRACTS": "[{name: mine, token: 'env:MINE'}]"}

    ended = await stage.run(LIST, env=token)

    assert ended.code == 2
    assert "MINE is not set" in ended.err


async def test_a_file_is_written_where_the_caller_is(stage, tmp_path):
    mine = tmp_path / "orders-prod-log.txt"
    mine.write_text("mine")

    ended = await run(
        *("run", "log show orders-prod --since 3d --limit 5000"), env=stage.environment, cwd=tmp_path
    )

    assert ended.code == 0, ended.out + ended.err
    kept = tmp_path / "orders-prod-log-2.txt"
    assert f"Written to {kept}\n" in ended.out
    assert len(kept.read_text().splitlines()) > 100
    assert mine.read_text() == "mine"
