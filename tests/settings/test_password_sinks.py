"""`bot.settings.password_sinks`: permitted references, and passwords that a sink refuses."""

import stat
import sys

import pytest
from pydantic import ValidationError

from bot.domain.errors import ConfigError
from bot.settings.password_sinks import HandoverSettings, PasswordLabel, is_allowed, put_password

ALLOWED = ("env:DB_*", "file:/run/secrets/pg/*", "file:/etc/one")
LABEL = PasswordLabel(
    change="c-abcdef", cluster="orders prod/1", cluster_id="1", user="../x", requester="U0BOB"
)


@pytest.mark.parametrize(
    ("reference", "allowed"),
    [
        ("env:DB_APP", True),
        ("env:db_app", False),
        ("env:SLACK_BOT_TOKEN", False),
        ("file:/run/secrets/pg/app", True),
        ("file:/run/secrets/pg/../slack", False),
        ("file:/run/secrets/pg/a/b", False),
        ("file:/run/secrets/pg/..", False),
        ("file:/etc/one", True),
        ("file:/etc/two", False),
        ("command:DB_x", False),
        ("DB_APP", False),
    ],
)
def test_only_what_app_yaml_names_may_be_taken(reference, allowed):
    assert is_allowed(reference, ALLOWED) is allowed


@pytest.mark.parametrize("section", [{}, {"command": ["x"], "file": "/y"}, {"command": []}])
def test_a_sink_is_one_program_or_one_folder(section):
    with pytest.raises(ValidationError):
        HandoverSettings.model_validate(section)


@pytest.mark.anyio
async def test_a_file_is_named_safely_and_private(tmp_path):
    await put_password(HandoverSettings(file=str(tmp_path)), LABEL, "the password")

    [path] = tmp_path.iterdir()
    assert path.name == "orders_prod_1-.._x-c-abcdef"
    assert path.read_text() == "the password\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"file": "/nowhere/at/all"}, "Can’t write to the folder .*: No such file"),
        ({"command": ["/nowhere/program"]}, "cannot be run: No such file"),
        ({"command": [sys.executable, "-c", "import sys; sys.exit(4)"]}, "exited with 4"),
    ],
)
async def test_what_is_not_taken_is_an_error_without_the_password(settings, words):
    with pytest.raises(ConfigError, match=words) as failed:
        await put_password(HandoverSettings.model_validate(settings), LABEL, "the password")
    assert "the password" not in repr(failed.value)
