"""Global flags at work: dry runs, lines of another tool, tables as files."""

from dataclasses import replace

import pytest
from terminal_site import OPERATOR, terminal_site

from bot.domain.reply import Code, File, Note, Table
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
BOB = replace(OPERATOR, person="U0BOB")


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


async def test_a_dry_run_says_what_would_happen_and_nothing_is_kept(terminal):
    reply = await terminal.run("cluster rename orders-staging orders-stage --dry-run", actor=BOB)

    assert reply.ok, render_plain(reply)
    assert reply.title == "Rename orders-staging to orders-stage"
    assert "nothing was changed" in render_plain(reply)
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


@pytest.mark.parametrize("flag", ["--dry-run", "--as cli"])
async def test_a_vote_cannot_be_tried_dry(terminal, flag):
    reply = await terminal.run(f"change approve c-222222 {flag}", actor=BOB)

    assert "changes no cluster" in reply.title


async def test_the_line_of_ionosctl_has_the_id_and_nothing_is_asked_for(terminal):
    cluster = next(
        each for each in (await terminal.kernel.fleet.clusters()).items if each.name == "orders-staging"
    )
    reply = await terminal.run('cluster rename orders-staging "a b" --as cli', actor=BOB)
    (code,) = [part.text for part in reply.parts if isinstance(part, Code)]

    assert code == f"ionosctl dbaas postgres cluster update --cluster-id {cluster.id} --name 'a b'"
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_a_look_has_its_line_behind_the_answer(terminal):
    reply = await terminal.run("cluster list --as cli")

    assert any(isinstance(part, Table) for part in reply.parts)
    assert Code("ionosctl dbaas postgres cluster list") in reply.parts


async def test_where_no_line_is_known_that_is_said(terminal):
    reply = await terminal.run("whoami --as cli")

    assert Note("No ionosctl command is known that does the same.") in reply.parts


async def test_tables_come_as_files(terminal):
    reply = await terminal.run("cluster list orders --csv")
    (file,) = [part for part in reply.parts if isinstance(part, File)]

    assert file.name == "clusters.csv"
    assert b"orders-prod" in file.content


async def test_forms_are_for_slack(terminal):
    reply = await terminal.run("cluster list --form")

    assert reply.title == "Forms open in Slack only."
