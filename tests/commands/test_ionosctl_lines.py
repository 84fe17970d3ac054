"""`--as cli`: the line of ionosctl for every command that has one, and one sentence for every other."""

import re
from pathlib import Path

import pytest
from change_requests import BOB
from ionosctl_examples import LINES, V2, WHY
from pyrage import x25519
from terminal_site import terminal_site

import handlers
from bot.commands.declaration import Registry
from bot.commands.ionosctl_lines import NO_LINE
from bot.commands.ionosctl_templates import ShellLine, fill_template
from bot.domain.cluster import Api
from bot.domain.command_info import CommandEffect
from bot.domain.reply import Code, Note
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio

REGISTRY = Registry.discover(handlers)
OWN = Path(__file__).parents[1] / "handlers"
HELP = Path(__file__).parents[1] / "specs" / "ionosctl-6.10.3.txt"
FLAGS = {
    name: set(flags.split())
    for name, _, flags in (each.partition(":") for each in HELP.read_text(encoding="utf-8").splitlines())
}
"""Flags that the tool's own help lists for each of its commands, without its global flags."""


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        await terminal.run(f"key set {x25519.Identity.generate().to_public()}", BOB)
        yield terminal


async def test_the_line_of_every_command_on_both_apis(terminal):
    clusters = {each.name: each.id for each in (await terminal.kernel.fleet.clusters()).items}

    def replace_names(text):
        return re.sub(r"<([a-z-]+)>", lambda name: clusters[name[1]], text)

    got, expected = {}, {}
    for typed, lines in LINES.items():
        reply = await terminal.run(f"{replace_names(typed)} --as cli", BOB)
        found = [part.text for part in reply.parts if isinstance(part, Code)]
        got[typed] = tuple(each for each in found if each.startswith("ionosctl"))
        expected[typed] = tuple(map(replace_names, lines))
        assert reply.ok, render_plain(reply)
        assert (NO_LINE in reply.parts) == (not lines), typed

    assert got == expected
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


def test_every_line_that_a_command_knows_is_shown():
    """In the table above, or by `--as cli` in the command's own test file."""
    shown = {
        (each.name, Api.V2 if found.startswith(V2) else Api.V1)
        for typed, lines in LINES.items()
        for each in REGISTRY
        if typed.split()[: len(each.words)] == list(each.words)
        for found in lines
    }
    own = {
        (each.name, api)
        for each in REGISTRY
        for api in each.ionosctl
        if "--as cli" in (OWN / f"test_{'_'.join(each.words)}.py").read_text(encoding="utf-8")
    }

    assert shown | own == {(each.name, api) for each in REGISTRY for api in each.ionosctl}


def test_a_change_of_a_noun_that_the_tool_knows_has_a_line():
    spoken = {each.group for each in REGISTRY if each.ionosctl}

    silent = [each.name for each in REGISTRY if each.change and each.group in spoken and not each.ionosctl]

    assert silent == []


def test_every_flag_is_one_of_the_tool():
    for command in REGISTRY:
        for found in command.ionosctl.values():
            for template in (found,) if isinstance(found, str) else found:
                name = re.match(r"ionosctl dbaas [a-z0-9-]+(?: [a-z][a-z-]*)+", template)[0]
                assert set(re.findall(r"--([a-z-]+)", template)) <= FLAGS[name], template


async def test_what_the_line_leaves_out_is_said(terminal):
    reply = await terminal.run("log show orders-prod --grep timeout --instance 1 --as cli", BOB)
    fleet = await terminal.run("cluster list --owner x --sort region --as cli", BOB)

    pattern = await terminal.run("cluster list orders-* --api v1 --as cli", BOB)

    assert Note("This ionosctl command has no flag for grep and instance.") in reply.parts
    assert pattern.parts[-2:] == (
        Code("ionosctl dbaas postgres cluster list"),
        Note("This ionosctl command has no flag for name."),
    )
    assert fleet.parts.count(Note("This ionosctl command has no flag for owner and sort.")) == 2


async def test_a_password_is_left_to_the_shell_and_that_is_said(terminal):
    reply = await terminal.run(f"cluster rename payments-prod pay --as cli {WHY}", BOB)

    assert "Set DB_PASSWORD in the shell first" in render_plain(reply)
    assert "Demo-Passw0rd" not in render_plain(reply)


async def test_an_update_of_v2_may_be_refused_and_that_is_said(terminal):
    """The tool knows only the older form of the backup setting (see tests/foreign/go_cli.py)."""
    second, first = [
        render_plain(await terminal.run(f"{line} --as cli {WHY}", BOB))
        for line in ("cluster rename payments-prod pay", "cluster rename orders-prod shop-prod")
    ]

    assert "IONOS may refuse this: ionosctl 6.10.3 sends" in second
    assert "IONOS may refuse this" not in first


def test_what_is_not_known_is_left_out_or_leaves_no_line():
    templates = {Api.V1: ("tool --id {id}", "tool [--name {name}] [--size {size:gb}GB --on={on}]")}

    assert fill_template(templates, Api.V2, {"id": 1}) is None
    assert fill_template({Api.V1: "tool --id {id}"}, Api.V1, {"id": None}) is None
    assert fill_template(templates, Api.V1, {"id": "a;b", "name": "n"}, {"name"}) == ShellLine(
        "tool --id 'a;b'", ("name",)
    )
    assert fill_template(templates, Api.V1, {"size": 2048}) == ShellLine("tool")
    assert fill_template(templates, Api.V1, {"size": 2048, "on": True}) == ShellLine(
        "tool --size 2GB --on=true"
    )


def test_no_reading_has_a_line_that_writes():
    verbs = {"list", "get"}
    for command in REGISTRY:
        lines = " ".join(str(each) for each in command.ionosctl.values())
        used = set(re.findall(r" (list|get|create|update|delete|restore) ", f"{lines} "))
        assert (used <= verbs) == (command.effect is CommandEffect.READ or not used), command.name


@pytest.mark.parametrize(
    ("line", "properties"),
    [
        ("cluster pooler orders-prod SESSION", '{"connectionPooler":{"enabled":true,"poolMode":"session"}}'),
        ("cluster replication ledger-prod asynchronous", '{"synchronizationMode":"ASYNCHRONOUS"}'),
    ],
)
async def test_without_a_flag_of_the_tool_the_request_is_shown_in_v1s_own_words(terminal, line, properties):
    reply = await terminal.run(f"{line} --as cli", BOB)

    [shown] = [part.text for part in reply.parts if isinstance(part, Code)]
    assert NO_LINE in reply.parts
    assert re.match(r"curl --request PATCH https://api\.ionos\.com/databases/postgresql/clusters/\S+ ", shown)
    assert shown.endswith(f"--data '{{\"properties\":{properties}}}'")


async def test_no_request_is_shown_where_v2_would_need_every_property(terminal):
    reply = await terminal.run("restore payments-prod --to 2h --reason why --as cli", BOB)

    assert not [part for part in reply.parts if isinstance(part, Code)]
