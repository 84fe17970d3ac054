"""`help`: the commands that this person may run, and the arguments of one command."""

from dataclasses import replace

import pytest
from terminal_site import OPERATOR

from bot.domain.reply_text import render_plain
from bot.domain.request import Origin

pytestmark = pytest.mark.anyio
ALICE = replace(OPERATOR, origin=Origin.SLACK, id="U0ALICE")


async def test_help_lists_what_may_be_run_and_nothing_else(terminal):
    everything = render_plain(await terminal.run("help"))
    allowed = render_plain(await terminal.run("help", replace(ALICE, id="U0NOBODY")))

    assert "pgbot run cluster list" in everything
    assert "cluster list" not in allowed
    assert "whoami" in allowed


@pytest.mark.parametrize(
    "line", ["help cluster list", "cluster list --help", "cluster list help", "HELP Cluster LIST"]
)
async def test_a_commands_page_has_its_usage_arguments_and_examples(terminal, line):
    page = render_plain(await terminal.run(line))

    assert "Help: cluster list" in page
    assert "cluster list [<name>] [--state …]" in page
    assert "--sort" in page
    assert "name, state, region" in page
    assert "cluster list --state BUSY" in page


async def test_the_word_a_command_begins_with_is_a_topic_too(terminal):
    page = render_plain(await terminal.run("help cluster"))

    assert "cluster list" in page
    assert "version list" not in page


async def test_help_on_what_may_not_be_run_is_not_given(terminal):
    reply = await terminal.run("help cluster list", replace(ALICE, id="U0NOBODY"))

    assert not reply.ok


async def test_an_unknown_topic_gets_the_nearest_one(terminal):
    assert "“help cluster list”" in render_plain(await terminal.run("help clutser list"))
    assert "“help change”" in render_plain(await terminal.run("help changes"))
