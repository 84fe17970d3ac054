"""`help`: the commands that this person may run, and the arguments of one command."""

from dataclasses import replace

import pytest
from terminal_site import OPERATOR

from bot.domain.reply import Choices, Fields
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Origin

pytestmark = pytest.mark.anyio
ALICE = replace(OPERATOR, origin=Origin.SLACK, id="U0ALICE")


async def test_the_start_page_names_what_may_be_run_by_task_in_ten_lines(terminal):
    everything = await terminal.run("help")
    lines = render_plain(everything).splitlines()
    fields = next(part for part in everything.parts if isinstance(part, Fields))
    buttons = next(part for part in everything.parts if isinstance(part, Choices)).choices

    assert [name for name, _ in fields.pairs] == ["See", "Change", "Restore", "Migrate", "Reports"]
    assert "cluster list, cluster show, log show, status and" in lines[2]
    assert 1 + len(fields.pairs) + 1 + 1 <= 10
    assert [each.command for each in buttons][-1] == "help all"


async def test_the_start_page_leaves_out_what_may_not_be_run(terminal):
    page = render_plain(await terminal.run("", replace(ALICE, id="U0NOBODY")))

    assert "cluster list" not in page
    assert "restore" not in page.casefold()
    assert "whoami" in page


async def test_each_button_lists_its_commands(terminal):
    reply = await terminal.run("help")
    buttons = next(part for part in reply.parts if isinstance(part, Choices)).choices
    pages = {each.command: render_plain(await terminal.run(each.command)) for each in buttons}
    listed = [line for command, page in pages.items() if command != "help all" for line in page.splitlines()]
    every = {
        each.name for each in terminal.kernel.dispatcher.registry if f"run {each.name}:" in pages["help all"]
    }

    assert "pgbot run migration status" in pages["help migrating"]
    assert {name for name in every if not any(f"run {name}:" in line for line in listed)} == set()
    assert len(every) > 30


@pytest.mark.parametrize(
    "line",
    ["help cluster list", "cluster list --help", "cluster list help", "HELP Cluster LIST", "-h cluster list"],
)
async def test_a_commands_page_has_its_usage_arguments_and_examples(terminal, line):
    reply = await terminal.run(line)

    page = render_plain(reply)
    [data] = make_document(reply)["data"]["commands"]
    assert (data["name"], data["schema"]) == ("cluster list", "pgbot/cluster-list/v1")
    assert {each["name"]: each["is_positional"] for each in data["arguments"]}.items() >= {
        ("name", True),
        ("state", False),
    }
    assert "Help: cluster list" in page
    assert "cluster list [<name>] [--state …]" in page
    assert "--sort" in page
    assert "name, state, region" in page
    assert "cluster list --state BUSY" in page


async def test_the_word_a_command_begins_with_is_a_topic_too(terminal):
    page = render_plain(await terminal.run("help cluster"))

    assert "cluster list" in page
    assert "version list" not in page


async def test_help_on_what_may_not_be_run_says_so_and_who_may(terminal):
    reply = await terminal.run("help cluster list", replace(ALICE, id="U0NOBODY"))

    page = render_plain(reply)
    assert make_document(reply)["data"]["commands"][0]["is_allowed"] is False
    assert "here: no permission allows it. Roles that may run it: dba" in page
    assert "cluster list [<name>]" in page


@pytest.mark.parametrize("line", ["restore --help", "restore -h", "help restore"])
async def test_every_way_to_ask_for_help_names_who_may_run_a_refused_command(terminal, line):
    nobody = replace(ALICE, id="U0NOBODY")
    page, refused = (
        await terminal.run(line, nobody),
        await terminal.run("restore orders-prod --to 2h", nobody),
    )

    assert page.title == "Help: restore"
    assert refused.title == (
        "You may not run “restore” here: no permission allows it. Roles that may run it: dba, developer."
    )
    assert refused.title in render_plain(page)


@pytest.mark.parametrize(
    ("line", "page"),
    [
        ("help clutser list", "Help: cluster list"),
        ("help me resize orders-prod", "Help: cluster resize"),
        ("help logs", "Help: log show"),
        ("resize -h", "Help: cluster resize"),
        ("help with restores", "Help: restore"),
    ],
)
async def test_an_unknown_topic_gets_the_nearest_page(terminal, line, page):
    shown = render_plain(await terminal.run(line))

    assert page in shown
    assert "This is the closest one." in shown


async def test_a_topic_that_means_nothing_leads_to_the_list(terminal):
    reply = await terminal.run("help xyzzy")

    assert not reply.ok
    assert "“help all” lists all commands" in render_plain(reply)


@pytest.mark.parametrize(
    "line", ["cluster resize orders-prod --bogus", "delete orders-prod", "cluster delete"]
)
async def test_what_is_refused_has_no_button(terminal, line):
    reply = await terminal.run(line, replace(ALICE, id="U0NOBODY"))

    assert "You may not run" in render_plain(reply)
    assert not [part for part in reply.parts if isinstance(part, Choices)]


async def test_a_mistyped_line_of_a_refused_command_is_a_denial_in_the_audit(terminal):
    await terminal.run("cluster resize orders-prod --bogus", replace(ALICE, id="U0NOBODY"))
    last = (await terminal.audit())[-1]

    assert (last["outcome"], last["command"]) == ("denied", "cluster resize")


async def test_what_somebody_has_run_is_suggested_first(terminal):
    first = render_plain(await terminal.run("weekly summary"))
    for _ in range(20):
        await terminal.run("summary changes")
    then = render_plain(await terminal.run("weekly summary"))

    assert "Did you mean “summary fleet”" in first
    assert "Did you mean “summary changes”" in then
