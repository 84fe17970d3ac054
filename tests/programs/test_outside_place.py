"""The channel that keeps the bot's state outside its machine, as `pgbot check` reports it."""

import pytest
from approved_change import put_secrets
from change_kit import SETTINGS, change_stage
from yaml_files import read_yaml, write_yaml

from bot.programs.check_program import examine
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


async def checked(folder, approvals, anchors=None):
    """Return the check's result about the outside place, with these two channels."""
    values = read_yaml(SETTINGS)
    values["approvals"]["channel"] = approvals
    values["audit"] = {"anchors": {"channel": anchors}}
    settings = folder / "app.yaml"
    write_yaml(settings, values)
    async with change_stage(settings=settings) as stage:
        found = await examine(load_settings(environment=stage.environment(folder / "data")), stage.clock)
    return next(each for each in found if "lease" in each.what or "outside this machine" in each.what)


async def test_without_a_channel_there_is_no_outside_place(tmp_path):
    found = await checked(tmp_path, None)
    assert (found.ok, found.what) == (
        True,
        "Slack: nothing outside this machine says which bot may send, because neither "
        "audit.anchors.channel nor approvals.channel is set: a copy of the data folder that runs elsewhere "
        "would not be noticed",
    )
    assert found.advice == "Set either, and invite the bot to it."


async def test_the_channel_of_the_anchors_comes_before_the_one_of_the_approvals(tmp_path):
    found = await checked(tmp_path, "C0OPS", "C0DBA")
    assert str(found) == "ok      Slack: channel C0DBA stores the lease, and no bot holds it now"


async def test_a_channel_that_cannot_be_read_is_no_outside_place(tmp_path):
    found = await checked(tmp_path, "C0GENERAL")
    assert not found.ok
    assert found.what.startswith("Slack: can't read the lease in C0GENERAL: The bot is not in")
    assert "Invite the bot" in found.advice
