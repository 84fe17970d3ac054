"""The file of the socket: where it is, who may use it, and what lies there already."""

import asyncio
import os
import socket
import stat
from contextlib import closing

import pytest
from terminal_site import terminal_site

from bot.access.command_rate import CommandRate
from bot.domain.errors import ConfigError
from bot.programs.terminal_client import ServeIsAway, ask_serve
from bot.programs.terminal_identity import os_user
from bot.programs.terminal_protocol import TerminalRequest
from bot.programs.terminal_server import open_terminal
from bot.runtime.background_tasks import Tasks
from bot.settings.model import Setup
from bot.slack.command_limit import CommandLimit

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def kernel(tmp_path_factory, anyio_backend):
    with pytest.MonkeyPatch.context() as patch:
        async with terminal_site(tmp_path_factory.mktemp("kernel"), patch, clusters=2) as site:
            yield site.kernel


@pytest.fixture
def setup(kernel, tmp_path):
    """Return the kernel's settings, at a data folder of the test's own."""
    (tmp_path / "data").mkdir()
    return Setup(kernel.setup.settings, None, tmp_path / "data")


def with_terminal(setup, **section):
    terminal = setup.settings.terminal.model_copy(update=section)
    return Setup(setup.settings.model_copy(update={"terminal": terminal}), None, setup.data)


def opened(setup, kernel, most=1_000):
    limit = CommandLimit(
        rate=CommandRate(most),
        clock=kernel.clock,
        open_words=frozenset(),
        turn_away=kernel.dispatcher.record_turned_away,
    )
    return open_terminal(setup, kernel.dispatcher, Tasks(), limit.refuse)


async def asked(setup):
    """Ask the socket of these settings who one is."""
    return (await asyncio.to_thread(ask_serve, setup, TerminalRequest(command="whoami"))).text


async def test_it_is_in_the_data_folder_for_the_bot_and_its_group_while_the_bot_runs(setup, kernel):
    path = setup.data / "pgbot.sock"
    async with opened(setup, kernel):
        mode = stat.S_IMODE(path.stat().st_mode)
        said = await asked(setup)

    assert (mode, path.exists()) == (0o660, False)
    assert said.startswith("You are ")
    with pytest.raises(ServeIsAway, match="does not respond at"):
        await asked(setup)


@pytest.mark.parametrize(("text", "mode"), [("0666", 0o666), ("600", 0o600), ("0777", 0o777)])
async def test_path_and_mode_are_settings_and_its_folder_is_made(setup, kernel, tmp_path, text, mode):
    named = with_terminal(setup, socket=f"{tmp_path}/run/here/bot.sock", socket_mode=text)
    async with opened(named, kernel):
        assert stat.S_IMODE((tmp_path / "run" / "here" / "bot.sock").stat().st_mode) == mode
        assert await asked(named)
    assert not (setup.data / "pgbot.sock").exists()


async def test_whoever_comes_through_a_link_finds_the_same(setup, kernel, tmp_path):
    (tmp_path / "link").symlink_to("data")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pgbot.db").symlink_to("../data/pgbot.db")
    async with opened(setup, kernel):
        for name in ("link", "other"):
            assert await asked(Setup(setup.settings, None, tmp_path / name))


async def test_what_a_dead_process_left_is_replaced(setup, kernel):
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(setup.data / "pgbot.sock"))

    async with opened(setup, kernel):
        assert await asked(setup)


@pytest.mark.parametrize("backlog", [5, 0])
async def test_a_socket_that_somebody_listens_on_is_refused_and_stays(setup, kernel, backlog):
    path = f"{setup.data}/here.sock"
    with closing(socket.socket(socket.AF_UNIX)) as alive, closing(socket.socket(socket.AF_UNIX)) as caller:
        alive.bind(path)
        alive.listen(backlog)
        caller.connect(path)

        with pytest.raises(ConfigError, match="Another process is listening on the socket"):
            async with opened(with_terminal(setup, socket=path), kernel):
                pass
        alive.accept()[0].close()


def put_file(path):
    path.write_text("mine")


def put_folder(path):
    path.mkdir()


def put_link(path):
    path.symlink_to("elsewhere.sock")


@pytest.mark.parametrize("put", [put_file, put_folder, put_link])
async def test_what_is_no_socket_is_refused_and_stays(setup, kernel, put):
    path = setup.data / "here.sock"
    put(path)
    before = path.lstat()

    with pytest.raises(ConfigError, match="exists, but is not a socket"):
        async with opened(with_terminal(setup, socket=str(path)), kernel):
            pass
    assert path.lstat() == before


async def test_without_a_socket_by_default_the_bot_runs_all_the_same(setup, kernel, capsys):
    put_file(setup.data / "pgbot.sock")

    async with opened(setup, kernel):
        pass

    assert "no socket for pgbot run" in capsys.readouterr().out
    assert (setup.data / "pgbot.sock").read_text() == "mine"


async def test_a_path_that_is_longer_than_the_system_takes_works_where_it_can_and_is_said_where_not(
    setup, kernel, tmp_path
):
    deep = tmp_path / ("d" * 120) / "bot.sock"
    async with opened(with_terminal(setup, socket=str(deep)), kernel):
        assert await asked(with_terminal(setup, socket=str(deep)))
    assert not deep.exists()

    named = with_terminal(setup, socket=f"{tmp_path}/{'n' * 120}")
    for attempt in (lambda: opened(named, kernel).__aenter__(), lambda: asked(named)):
        with pytest.raises(ConfigError, match="bytes, but the system allows") as caught:
            await attempt()
        assert "terminal.socket" in caught.value.next_step


async def test_a_folder_where_nothing_can_be_made_is_said(setup, kernel, tmp_path):
    put_file(tmp_path / "file")

    with pytest.raises(ConfigError, match=r"Can’t create the socket .*: File exists"):
        async with opened(with_terminal(setup, socket=f"{tmp_path}/file/bot.sock"), kernel):
            pass


async def test_the_limit_of_commands_per_person_holds_here_too(setup, kernel):
    async with opened(setup, kernel, most=2):
        said = [await asked(setup) for _ in range(4)]

    assert [each.startswith("Error: You've reached the limit of 2 commands a minute.") for each in said] == [
        *(False, False, True, True)
    ]
    rows = await kernel.database.read(lambda db: [*db.query("SELECT * FROM audit WHERE outcome = 'limited'")])
    assert [row["actor"] for row in rows] == [f"os:{os_user(os.getuid())}"]


async def test_another_bots_socket_of_that_name_is_not_taken_away_at_the_end(setup, kernel):
    path = setup.data / "pgbot.sock"
    async with opened(setup, kernel):
        path.unlink()
        put_file(path)

    assert path.read_text() == "mine"
