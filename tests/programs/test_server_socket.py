"""The socket of `serve` as it is guessed is where the settings put it, or is left to them."""

import pytest

from bot.domain.errors import ConfigError
from bot.programs.terminal_protocol import find_socket, guess_socket
from bot.settings.model import load_settings

GUESSED = [
    "",
    "# terminal: {socket: /run/no.sock}\nslack: {mode: socket} # socket: it connects to Slack\n",
    "slack:\n  mode: socket\nterminal:\n  people: {root: U0123456789}\n",
    "terminal:\n  socket: /run/pgbot/pgbot.sock\n",
    "terminal:\n  socket:   '/run/pgbot/pgbot.sock'   # for all\n  socket_mode: '0666'\n",
    'terminal:\n  "socket": "/run/pg_bot/pgbot-2.sock"\n',
]

LEFT = [
    "terminal: {socket: /run/pgbot.sock}\n",
    "terminal:\n  socket: /run/pgbot.sock # for all\n  people: {socket: root}\n",
    'terminal:\n  socket: "/run/\\u0061.sock"\n',
    "terminal:\n  socket: /run/my bot.sock\n",
    "terminal:\n  socket:\n    /run/pgbot.sock\n",
    "terminal:\n  socket: &here /run/pgbot.sock\n",
    "terminal:\n  socket: !!str /run/pgbot.sock\n",
]


@pytest.fixture
def environment(tmp_path):
    return {"PGBOT_DATA": str(tmp_path / "data"), "PGBOT_CONFIG": str(tmp_path / "app.yaml")}


@pytest.mark.parametrize("text", GUESSED)
def test_a_plain_path_and_the_usual_one_are_found_without_reading_the_settings(tmp_path, environment, text):
    (tmp_path / "app.yaml").write_text(text)

    guessed = guess_socket(None, environment)

    assert guessed == guess_socket(tmp_path / "app.yaml", {"PGBOT_DATA": environment["PGBOT_DATA"]})
    assert guessed == find_socket(load_settings(environment=environment))


@pytest.mark.parametrize("text", LEFT)
def test_a_path_that_yaml_may_read_differently_is_left_to_the_settings(tmp_path, environment, text):
    (tmp_path / "app.yaml").write_text(text)

    assert guess_socket(None, environment) is None


@pytest.mark.parametrize(
    ("variables", "is_guessed"),
    [
        ({"PGBOT_TERMINAL__SOCKET": "/run/pgbot.sock "}, True),
        ({"PGBOT_TERMINAL__PEOPLE": "{root: U0123456789}", "PGBOT_HTTP__PORT": "0"}, True),
        ({"PGBOT_TERMINAL": "{socket: /run/pgbot.sock}"}, False),
    ],
)
def test_variables_count_more_than_the_file(tmp_path, environment, variables, is_guessed):
    (tmp_path / "app.yaml").write_text("terminal:\n  socket: /run/other.sock\n")

    found = find_socket(load_settings(environment=environment | variables))

    assert guess_socket(None, environment | variables) == (found if is_guessed else None)


@pytest.mark.parametrize("value", ["", "run/pgbot.sock", "[/run/pgbot.sock]"])
def test_a_variable_that_is_no_path_is_left_to_the_settings_which_refuse_it(environment, tmp_path, value):
    (tmp_path / "app.yaml").touch()
    wrong = environment | {"PGBOT_TERMINAL__SOCKET": value}

    assert guess_socket(None, wrong) is None
    with pytest.raises(ConfigError, match=r"terminal\.socket"):
        load_settings(environment=wrong)


def test_a_file_that_cannot_be_read_is_left_to_the_settings(tmp_path):
    assert guess_socket(tmp_path / "none.yaml", {"PGBOT_DATA": str(tmp_path)}) is None
