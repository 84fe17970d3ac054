"""Chosen columns: remembered for a person and a command, until they choose the usual ones again."""

from dataclasses import replace

import pytest
from change_requests import ALICE, BOB
from terminal_site import terminal_site

from bot.domain.reply import Note, Table
from bot.domain.request import Actor, Origin
from bot.domain.table_columns import screen_table

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch, clusters=8) as terminal:
        yield terminal


def shown(reply):
    return next(screen_table(part).labels for part in reply.parts if isinstance(part, Table))


def notes(reply):
    return [part.text for part in reply.parts if isinstance(part, Note)]


USUAL = ("Name", "State", "PostgreSQL", "Size")


async def test_they_are_remembered_for_that_person_and_command_alone(terminal):
    first = await terminal.run("cluster list --columns name,region", BOB)

    assert shown(first) == ("Name", "Region")
    assert "You'll see these columns from now on." in notes(first)[-1]
    assert shown(await terminal.run("cluster list", BOB)) == ("Name", "Region")
    assert shown(await terminal.run("cluster list", ALICE)) == USUAL
    assert "Region" not in shown(await terminal.run("migration status", BOB))


async def test_the_same_choice_again_is_not_announced_again(terminal):
    await terminal.run("cluster list --columns name,region", BOB)

    assert notes(await terminal.run("cluster list --columns Name, REGION", BOB)) == []


async def test_the_usual_columns_return_on_request(terminal):
    await terminal.run("cluster list --columns name", BOB)
    back = await terminal.run("cluster list --columns default", BOB)

    assert notes(back) == ["You'll see the usual columns again."]
    assert shown(back) == shown(await terminal.run("cluster list", BOB)) == USUAL


async def test_wide_is_for_once(terminal):
    assert len(shown(await terminal.run("cluster list --wide", BOB))) > len(USUAL)
    assert shown(await terminal.run("cluster list", BOB)) == USUAL


@pytest.mark.parametrize("line", ["cluster list --columns name --csv", "cluster list --columns colour"])
async def test_a_file_or_an_unknown_column_is_not_remembered(terminal, line):
    await terminal.run(line, BOB)

    assert shown(await terminal.run("cluster list", BOB)) == USUAL


async def test_a_button_a_script_and_a_schedule_choose_nothing_for_later(terminal):
    dispatcher = terminal.kernel.dispatcher
    typed = terminal.invocation("cluster list --columns name", BOB)
    scheduled = replace(typed, actor=Actor(origin=Origin.SCHEDULE, id="morning"))
    for each in (replace(typed, is_typed=False), scheduled):
        assert shown(await dispatcher.dispatch(each)) == ("Name",)

    assert shown(await terminal.run("cluster list", BOB)) == USUAL
    assert shown(await dispatcher.dispatch(replace(scheduled, text="cluster list"))) == USUAL


async def test_a_change_is_proposed_whatever_columns_are_asked_for(terminal):
    reply = await terminal.run('restore orders-prod --to 2h --reason "bad deploy" --columns colour', BOB)

    assert reply.ok
