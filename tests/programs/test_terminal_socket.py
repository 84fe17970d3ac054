"""`pgbot run` asks `serve`, which knows from the kernel alone who asks, by its own settings and policy."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs_site import PGBOT, run, running_program
from served_terminal import OTHERS, OWN, SLACK_IDS, USERS, account, open_terminal_stage, settings_with

from bot.domain.error_codes import ExitCode
from bot.programs import terminal_server
from bot.programs.terminal_protocol import (
    HEADER_BYTES,
    REQUEST_BYTES,
    VERSION,
    TerminalRequest,
    pack_frame,
    pack_request,
    unpack_body,
)

pytestmark = pytest.mark.anyio

SOAK_RUNS = int(os.environ.get("SOAK_RUNS", "1000"))
RESTORE = "restore orders-prod --to 2h --reason x"
ME = f"os:{account(OWN)} as slack:{SLACK_IDS[OWN]}"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def terminal(anyio_backend):
    async with open_terminal_stage() as stage, stage.served():
        yield stage


# Who somebody is


@pytest.mark.parametrize("user", USERS)
async def test_every_user_of_the_machine_is_who_serve_says(terminal, user):
    ended = await terminal.run("whoami", user=user, env={"USER": "mallory", "LOGNAME": "mallory"})

    assert ended.code == 0, ended.err
    assert f"os:{account(user)} as slack:{SLACK_IDS[user]}" in ended.out


@pytest.mark.parametrize("user", USERS)
async def test_a_user_needs_nothing_but_the_socket(terminal, user):
    """No token, no app.yaml, and no way into the data folder."""
    only = {"PGBOT_TERMINAL__SOCKET": str(terminal.socket)}

    ended = await run(
        "run", "cluster list --region de/txl", env=only, cwd="/", user=None if user == OWN else user
    )

    assert ended.code == 0, ended.err
    assert "orders-prod" in ended.out
    assert (terminal.folder / "data").stat().st_mode & 0o077 == 0


async def test_users_of_the_machine_request_and_approve_a_restore(terminal):
    """Three of them, where the tests may be three."""
    change = await terminal.propose(RESTORE)
    votes = [await terminal.run(f"change approve {change}", user=user) for user in OTHERS]

    assert [each.code for each in votes] == [0] * len(OTHERS), votes
    rows = terminal.read("SELECT voter FROM votes WHERE change_id = ? ORDER BY at", change)
    assert [row["voter"] for row in rows] == [SLACK_IDS[user] for user in OTHERS]
    async with asyncio.timeout(120):
        while len(terminal.read("SELECT 1 FROM attempts WHERE change_id = ?", change)) != bool(OTHERS):
            await asyncio.sleep(0.05)


# What somebody brings along to be somebody else


@dataclass(frozen=True)
class Forgery:
    """Things that a caller brings to be another person, under another policy or at another database."""

    people: dict
    config: str
    data: str
    socket: str
    policy: dict
    names: dict
    line: str

    async def attempt(self, terminal, change):
        env = dict(self.policy) | self.names
        if self.people:
            env["PGBOT_TERMINAL__PEOPLE"] = json.dumps(self.people)
        if self.data:
            env["PGBOT_DATA"] = f"{terminal.folder}/{self.data}"
        if self.socket:
            env["PGBOT_TERMINAL__SOCKET"] = f"{terminal.folder}/{self.socket}"
        how, _, file = self.config.partition(" ")
        if how == "PGBOT_CONFIG":
            env[how] = f"{terminal.folder}/{file}"
        options = ("--config", f"{terminal.folder}/{file}") if how == "--config" else ()
        return await terminal.run(self.line.format(change), env=env, options=options)


PERSONS = st.sampled_from(["U0BOB", "U0CAROL", "U0DBA"])
NAMES = st.sampled_from([account(OWN), f"uid:{OWN}", str(OWN), account(OWN).upper(), "bob", "*", "nobody"])
OWN_POLICIES = {
    "PGBOT_APPROVALS": '{rules: [{changes: ["*"], need: none}]}',
    "PGBOT_PERMISSIONS": '[{to: [everyone], allow: ["*"]}]',
    "PGBOT_PEOPLE": "{dba: [U0ALICE, U0BOB], developer: [U0ALICE], auditor: [], alice: [], bob: []}",
}
FORGERIES = st.builds(
    Forgery,
    people=st.dictionaries(NAMES, PERSONS, max_size=3),
    config=st.sampled_from(
        [
            "",
            *(
                f"{how} {file}.yaml"
                for how in ("--config", "PGBOT_CONFIG")
                for file in ("copy", "link", "bare")
            ),
        ]
    ),
    data=st.sampled_from(["", "folder-link", "file-link", "hard-link", "copied", "empty", "data/../data"]),
    socket=st.sampled_from(["", "run/pgbot.sock", "socket-link", "data/pgbot.sock", "nothing.sock"]),
    policy=st.sets(st.sampled_from(sorted(OWN_POLICIES))).map(
        lambda names: {name: OWN_POLICIES[name] for name in names}
    ),
    names=st.dictionaries(
        st.sampled_from(["USER", "LOGNAME", "SUDO_USER", "SUDO_UID", "HOME"]),
        st.sampled_from(["bob", "1", "/"]),
    ),
    line=st.sampled_from(
        [
            "change approve {}",
            "change approve {} --name orders-prod",
            "change breakglass {} --reason fire --name orders-prod",
            "change confirm {} --name orders-prod",
            "change settle {} ran",
            "change approve {} --actor U0BOB",
        ]
    ),
)


@pytest.fixture(scope="module")
async def contested(terminal):
    """Return a change that only others may approve, with every way around laid out."""
    folder = terminal.folder
    (folder / "copy.yaml").write_text(settings_with({"people": {account(OWN): "U0BOB"}}))
    (folder / "bare.yaml").write_text(f"terminal: {{people: {{{account(OWN)}: U0BOB}}}}\n")
    (folder / "link.yaml").symlink_to("app.yaml")
    (folder / "socket-link").symlink_to(terminal.socket)
    (folder / "folder-link").symlink_to("data")
    for name in ("file-link", "hard-link", "empty"):
        (folder / name).mkdir()
    (folder / "file-link" / "pgbot.db").symlink_to("../data/pgbot.db")
    (folder / "hard-link" / "pgbot.db").hardlink_to(folder / "data" / "pgbot.db")
    change = await terminal.propose(RESTORE.replace("orders-prod", "orders-prod-eu"))
    shutil.copytree(folder / "data", folder / "copied", ignore=shutil.ignore_patterns("*.sock"))
    return change


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(forgery=FORGERIES)
async def test_nobody_is_somebody_else_whatever_they_bring(terminal, contested, forgery):
    await fails(terminal, contested, forgery)


@pytest.mark.soak
@settings(max_examples=SOAK_RUNS, deadline=None, suppress_health_check=list(HealthCheck))
@given(forgery=FORGERIES)
async def test_nobody_is_somebody_else_whatever_they_bring_for_long(terminal, contested, forgery):
    await fails(terminal, contested, forgery)


async def fails(terminal, contested, forgery):
    """Attempt it, and see that nobody else has voted and nothing has happened."""
    ended = await forgery.attempt(terminal, contested)

    assert ended.code in {ExitCode.FAILED, ExitCode.USAGE, ExitCode.DENIED, ExitCode.UNAVAILABLE}, ended
    assert "Traceback" not in ended.err
    assert terminal.read("SELECT state, skipped FROM changes WHERE id = ?", contested) == [
        {"state": "proposed", "skipped": ""}
    ]
    assert terminal.read("SELECT * FROM votes WHERE change_id = ?", contested) == []
    assert {who for who in terminal.people() if who.startswith(ME.partition(" ")[0])} == {ME}


async def test_the_command_of_the_finding_is_not_bob(terminal, contested):
    for person in ("U0BOB", "U0CAROL"):
        env = {"PGBOT_TERMINAL__PEOPLE": json.dumps({account(OWN): person})}
        ended = await terminal.run(f"change approve {contested}", env=env)
        assert ended.code == ExitCode.DENIED, ended
        assert "needs 2 DBA approvals, and you have none of these roles" in ended.out

    assert terminal.read("SELECT * FROM votes WHERE change_id = ?", contested) == []


# What is sent


@asynccontextmanager
async def connection(terminal):
    """Connect as a program of somebody's own would."""
    reader, writer = await asyncio.open_unix_connection(str(terminal.socket))
    try:
        yield reader, writer
    finally:
        writer.close()


async def exchange(terminal, sent):
    """Send bytes; return the last frame of the answer, None if there is none."""
    async with connection(terminal) as (reader, writer), asyncio.timeout(120):
        writer.write(sent)
        writer.write_eof()
        answer = await reader.read()
    return unpack_body(answer[HEADER_BYTES:]) if answer else None


SOUND = {"version": VERSION, "command": "whoami", "output": "screen", "reading": None}


@pytest.mark.parametrize(
    "message",
    [
        SOUND | {"actor": "slack:U0BOB"},
        SOUND | {"person": "U0BOB", "user": "bob", "uid": 0},
        SOUND | {"command": ["change", "list"]},
        SOUND | {"output": "xml"},
        SOUND | {"reading": "audit rotate"},
        {"command": "whoami"},
        SOUND | {"version": VERSION + 1},
        SOUND | {"version": True},
        [SOUND],
        "whoami",
        None,
    ],
)
async def test_a_frame_that_this_release_does_not_know_is_refused(terminal, message):
    # The changes that other tests have requested go on beside it.
    query = "SELECT count(*) AS rows FROM audit WHERE change IS NULL"
    before = terminal.read(query)

    answer = await exchange(terminal, pack_frame(message))

    assert answer["refused"]["sentence"].endswith(".")
    assert terminal.read(query) == before


async def test_another_release_is_told_so(terminal):
    answer = await exchange(terminal, pack_frame(SOUND | {"version": 99}))

    assert answer["refused"]["sentence"] == (
        f"“pgbot run” and “pgbot serve” are different releases: protocol 99 and {VERSION}."
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=200),
        st.integers(0, 2**32 - 1).map(lambda length: length.to_bytes(4, "big")),
        st.tuples(st.integers(0, 300), st.binary(max_size=300)).map(
            lambda pair: pair[0].to_bytes(4, "big") + pair[1]
        ),
        st.sampled_from([b"[" * REQUEST_BYTES, b"9" * 5000, b"\xff" * 9, b'{"a":' * 10_000]).map(
            lambda body: len(body).to_bytes(4, "big") + body
        ),
    )
)
async def test_whatever_is_sent_the_bot_answers_or_hangs_up_and_goes_on(terminal, sent):
    answer = await exchange(terminal, sent)

    assert answer is None or set(answer) == {"refused"}
    assert terminal.process.returncode is None


async def test_a_request_is_limited_before_it_is_read(terminal):
    answer = await exchange(terminal, (REQUEST_BYTES + 1).to_bytes(4, "big"))
    ended = await terminal.run("cluster show " + "x" * REQUEST_BYTES)

    assert "are allowed" in answer["refused"]["sentence"]
    assert (ended.code, ended.err) == (2, "The command is longer than 64 KB.\nShorten it.\n")


async def test_one_user_cannot_take_all_connections(terminal):
    most = range(terminal_server.MOST_AT_ONCE)
    held = [await asyncio.open_unix_connection(str(terminal.socket)) for _ in most]
    refused = await exchange(terminal, b"")
    others = [await terminal.run("whoami", user=user) for user in OTHERS]
    for _, writer in held:
        writer.close()
        await writer.wait_closed()

    assert "running commands" in refused["refused"]["sentence"]
    assert [each.code for each in others] == [0] * len(OTHERS)
    async with asyncio.timeout(120):
        while (await terminal.run("whoami")).code != 0:
            pass


# How it ends


@asynccontextmanager
async def running(terminal, line):
    """Run a command in a process of its own that waits for the cloud."""
    program = running_program("run", line, env=terminal.environment, cwd=terminal.folder)
    async with program as process, asyncio.timeout(120):
        yield process


async def until(look):
    async with asyncio.timeout(120):
        while not (found := look()):
            await asyncio.sleep(0.02)
    return found


async def recorded(terminal, line, outcome):
    """Return the newest row of a line once it has this outcome; else say what the log has of it."""
    query = "SELECT * FROM audit WHERE text = ? ORDER BY seq DESC"
    deadline = time.monotonic() + 120
    while (rows := terminal.read(query, line))[0]["outcome"] != outcome:
        assert time.monotonic() < deadline, [(each["kind"], each["outcome"], each["detail"]) for each in rows]
        await asyncio.sleep(0.02)
    return rows[0]


async def begun(terminal, line):
    """Wait until the command is running: its first row is written, and it has had no answer."""
    query = "SELECT count(*) AS rows FROM audit WHERE text = ? AND kind = ?"
    kinds = ("invocation", "outcome")
    await until(lambda: len({terminal.read(query, line, kind)[0]["rows"] for kind in kinds}) == len(kinds))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_read_that_is_stopped_is_cut_off_and_the_log_says_so(terminal, number):
    with terminal.hanging():
        async with running(terminal, "backup list orders-prod") as process:
            await begun(terminal, "backup list orders-prod")
            process.send_signal(number)
            _, said = await process.communicate()

    row = await recorded(terminal, "backup list orders-prod", "cut off")
    assert row["actor"] == ME
    assert "Traceback" not in said.decode()
    if number == signal.SIGINT:
        assert (process.returncode, "Stopped." in said.decode()) == (130, True)


async def test_a_change_that_is_being_proposed_is_proposed_all_the_same(terminal):
    line = "cluster maintenance orders-staging --day sunday --time 03:30"
    with terminal.hanging():
        async with running(terminal, line) as process:
            await begun(terminal, line)
            process.send_signal(signal.SIGINT)
            await process.wait()

    await recorded(terminal, line, "ok")
    assert terminal.read("SELECT 1 FROM changes WHERE command = 'cluster maintenance'")


async def test_a_bot_that_is_told_to_stop_answers_first_and_one_that_is_killed_leaves_it_unknown():
    async with open_terminal_stage() as stage:
        async with stage.served():
            waits = f"{WAITED} --wait --json"
            async with running(stage, waits) as waiting:
                await until(lambda: stage.read("SELECT 1 FROM changes"))
                with stage.hanging():
                    async with running(stage, "cluster list") as process:
                        await begun(stage, "cluster list")
                        stage.process.send_signal(signal.SIGTERM)
                        await until(lambda: not stage.socket.exists())
                        pending, _ = await waiting.communicate()
                        stage.demo.cloud.faults.clear()
                        told, _ = await process.communicate()
            assert await stage.process.wait() == 0
        async with stage.served():
            with stage.hanging():
                async with running(stage, "cluster list") as cut:
                    await begun(stage, "cluster list")
                    stage.process.kill()
                    _, said = await cut.communicate()

    assert (process.returncode, cut.returncode) == (0, ExitCode.UNKNOWN_OUTCOME)
    assert waiting.returncode == ExitCode.WAITING
    assert json.loads(pending)["data"]["change"]["status"] == "pending"
    assert "orders-prod" in told.decode()
    assert said.decode().startswith("pgbot serve stopped before it responded, so the outcome is unknown.\n")


# Files, the log's readers, and what is loaded


async def test_files_are_written_by_the_caller_where_the_caller_is(terminal, tmp_path):
    tmp_path.chmod(0o755)
    ended = await terminal.run("migration plan orders-prod --out pack", cwd=tmp_path)
    again = await terminal.run("cluster list --csv", cwd=tmp_path)
    as_json = await terminal.run("--json", "migration plan orders-prod --out pack", cwd=tmp_path)

    assert (ended.code, again.code) == (0, 0), ended.err + again.err
    assert "Written to pack/README.md" in ended.out
    assert "Written to pack/README-2.md" in as_json.err
    assert {each["name"] for each in as_json.json()["files"]} >= {"README.md"}
    names = {each.name for each in tmp_path.glob("pack/*")}
    first = {each for each in names if "-2." not in each}
    assert names == first | {each.replace(".", "-2.", 1) for each in first}
    assert "orders-prod" in (tmp_path / "clusters.csv").read_text()
    assert not (terminal.folder / "pack").exists()


@pytest.mark.parametrize("user", OTHERS or (OWN,))
async def test_a_user_gets_no_file_written_where_the_user_may_not(terminal, user, tmp_path):
    """Else whoever may read would write as the bot."""
    closed = terminal.folder / "closed"
    closed.mkdir(mode=0o500, exist_ok=True)

    ended = await terminal.run(f"migration plan orders-prod --out {closed}/pack", user=user)

    assert ended.code == ExitCode.FAILED
    assert "cannot be made: Permission denied" in ended.err
    assert list(closed.iterdir()) == []


@pytest.mark.parametrize("program", ["export", "backup"])
async def test_reading_the_log_from_outside_is_in_the_log(terminal, program, tmp_path):
    arguments = (f"{tmp_path}/copy.db",) if program == "backup" else ()

    ended = await run("audit", program, *arguments, env=terminal.environment, cwd=tmp_path)

    assert ended.code == 0, ended.err
    [row] = terminal.read("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")
    assert (row["text"], row["actor"]) == (f"pgbot audit {program}", ME)
    if program == "export":
        assert json.loads(ended.out.splitlines()[-1])["text"] == "pgbot audit export"


@pytest.mark.parametrize("user", USERS)
async def test_only_users_who_can_read_the_file_may_say_so_in_the_log(terminal, user):
    exports = "SELECT count(*) AS rows FROM audit WHERE text = 'pgbot audit export'"
    before = terminal.read(exports)[0]["rows"]
    frame = pack_request(TerminalRequest(reading="audit export"))
    leave = f"os.setgroups([]); os.setgid({user}); os.setuid({user})" if user != OWN else ""
    code = (
        f"import os, socket, sys\n{leave}\n"
        f"line = socket.socket(socket.AF_UNIX); line.connect({str(terminal.socket)!r})\n"
        f"line.sendall({frame!r})\n"
        "sys.stdout.write(line.recv(1000)[4:].decode())\n"
    )

    ended = await run("-c", code, program=(sys.executable,), cwd="/")

    after = terminal.read(exports)[0]["rows"]
    assert ("Only the bot's own user and root" in ended.out, after - before) == (
        user != OWN,
        int(user == OWN),
    )


async def test_a_command_that_serve_runs_loads_neither_kernel_nor_settings(terminal):
    code = (
        "import sys\nfrom bot.programs.cli import main\ncode = main(['run', 'whoami'])\n"
        "loaded = [name for name in ('bot.commands', 'bot.domain.reply', 'handlers', 'bot.settings.model',"
        " 'pydantic', 'yaml', 'asyncio', 'ssl', 'httpx') if name in sys.modules]\n"
        "sys.exit(code or ' '.join(loaded) or 0)"
    )

    ended = await run("-c", code, program=(PGBOT[0],), env=terminal.environment | with_this_checkout())

    assert (ended.code, ended.err) == (0, "")
    assert ME in ended.out


def with_this_checkout():
    return {"PYTHONPATH": os.pathsep.join(sys.path)}


async def test_every_command_of_the_terminal_is_one_row_pair_of_its_user(terminal):
    before = terminal.read("SELECT coalesce(max(seq), 0) AS last FROM audit")[0]["last"]
    for user in USERS:
        await terminal.run("version list", user=user)

    rows = terminal.read("SELECT kind, actor FROM audit WHERE seq > ? ORDER BY seq", before)
    assert [(row["kind"], row["actor"]) for row in rows] == [
        (kind, f"os:{account(user)} as slack:{SLACK_IDS[user]}")
        for user in USERS
        for kind in ("invocation", "outcome")
    ]


# A program that waits

WAITED = "restore orders-staging --to 2h --reason waited"


async def test_the_same_line_joins_the_open_change_until_it_ends(terminal):
    first = await terminal.run("--json", "--wait", "--timeout", "1s", WAITED)
    again = await terminal.run(f"{WAITED} -o json --timeout 1s")
    change = first.json()["data"]["change"]
    waiting = asyncio.create_task(terminal.run("--json", "--wait", WAITED))
    async with asyncio.timeout(120):
        while not terminal.read(
            "SELECT 1 FROM audit WHERE text LIKE ? LIMIT 1 OFFSET 2", f"%{WAITED}%--wait%"
        ):
            await asyncio.sleep(0.05)
    withdrawn = await terminal.run(f"change withdraw {change['id']}")
    ended = await waiting
    fresh = await terminal.run("--json", "--wait", "--timeout", "1s", WAITED)

    assert (first.code, again.code, withdrawn.code) == (ExitCode.WAITING, ExitCode.WAITING, ExitCode.OK)
    assert (change["status"], change["plan"]["cluster"]["name"]) == ("pending", "orders-staging")
    assert again.json()["data"]["change"]["id"] == change["id"]
    assert f"{change['id']}: waiting for 1 DBA approval" in first.err
    assert (ended.code, ended.json()["data"]["change"]["status"]) == (ExitCode.FAILED, "withdrawn")
    assert f"{change['id']}: withdrawn" in ended.err
    assert fresh.json()["data"]["change"]["id"] != change["id"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cluster list --wait", "requests no change, so --wait has nothing to wait for"),
        (f"{WAITED} --timeout soon", "soon"),
    ],
)
async def test_where_nothing_can_be_waited_for_nothing_is_requested(terminal, line, said):
    before = terminal.read("SELECT count(*) AS changes FROM changes")

    ended = await terminal.run(line)

    assert (ended.code, said in ended.out) == (ExitCode.USAGE, True), ended
    assert terminal.read("SELECT count(*) AS changes FROM changes") == before
