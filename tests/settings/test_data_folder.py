"""The folder of the bot's data: named, of an earlier release, or the usual one of the user."""

from pathlib import Path

import pytest

from bot.domain.errors import ConfigError
from bot.settings.data_folder import EARLIER, explain_earlier_folder, find_data_folder

HOME = {"HOME": "/home/olga"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        (HOME, "/home/olga/.local/share/pgbot"),
        (HOME | {"PGBOT_DATA": ""}, "/home/olga/.local/share/pgbot"),
        (HOME | {"XDG_DATA_HOME": "/var/olga"}, "/var/olga/pgbot"),
        (HOME | {"XDG_DATA_HOME": ""}, "/home/olga/.local/share/pgbot"),
        (HOME | {"XDG_DATA_HOME": "olga"}, "/home/olga/.local/share/pgbot"),
        (HOME | {"XDG_DATA_HOME": "/var/olga", "PGBOT_DATA": "/data"}, "/data"),
        ({"PGBOT_DATA": "data"}, "data"),
    ],
)
def test_a_named_folder_is_used_else_the_usual_one(folder, environment, found):
    (folder / "data").mkdir()  # somebody else's: it has no pgbot.db

    assert find_data_folder(environment) == Path(found)
    assert explain_earlier_folder(environment) == ""


@pytest.mark.parametrize("environment", [HOME, HOME | {"XDG_DATA_HOME": "/var/olga"}])
def test_the_database_of_an_earlier_release_is_used_and_said(folder, environment):
    (folder / "data").mkdir()
    (folder / "data" / "pgbot.db").symlink_to("/nowhere")

    assert find_data_folder(environment) == EARLIER
    said = explain_earlier_folder(environment)
    assert f"PGBOT_DATA={folder}/data" in said
    assert environment.get("XDG_DATA_HOME", "/home/olga/.local/share") + "/pgbot" in said


def test_a_named_folder_wins_over_that_of_an_earlier_release(folder):
    (folder / "data").mkdir()
    (folder / "data" / "pgbot.db").touch()

    assert find_data_folder({"PGBOT_DATA": "/data"}) == Path("/data")
    assert explain_earlier_folder({"PGBOT_DATA": "/data"}) == ""


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch):
    def no_home():
        raise RuntimeError

    monkeypatch.setattr(Path, "home", no_home)

    with pytest.raises(ConfigError, match="no home folder") as caught:
        find_data_folder({})
    assert "PGBOT_DATA" in caught.value.next_step
