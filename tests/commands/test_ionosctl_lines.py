"""`--as cli`: the line of ionosctl for every command that has one, and one sentence for every other."""

import re
from pathlib import Path

import pytest
from change_requests import BOB
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

V1, V2 = "ionosctl dbaas postgres", "ionosctl dbaas postgres-v2"
ORDERS, PAYMENTS = "--cluster-id <orders-prod>", "--location de/txl --cluster-id <payments-prod>"
V1_UPDATE = f"{V1} cluster update {ORDERS}"
V2_UPDATE = f'{V2} cluster update {PAYMENTS} --db-password "$DB_PASSWORD"'
SECRETS = '--db-username "$DB_USERNAME" --db-password "$DB_PASSWORD"'
BACKUP = "<orders-prod>-bi2ogtz-15"
WHY = "--reason why"
ADDRESS = "--address 10.1.2.9/24"

LINES = {
    "cluster list": (f"{V1} cluster list", f"{V2} cluster list"),
    "cluster list --api v2": (f"{V2} cluster list",),
    "cluster list orders --region de-txl --state available": (
        f"{V1} cluster list --name orders",
        f"{V2} cluster list --name orders --state AVAILABLE --location de/txl",
    ),
    "cluster show orders-prod": (f"{V1} cluster get {ORDERS}",),
    "cluster show payments-prod": (f"{V2} cluster get {PAYMENTS}",),
    "cluster create payments-prod-2 --like payments-prod --logs on --address 10.1.2.9/24": (
        f"{V2} cluster create --location de/txl --name payments-prod-2 --version 16 --instances 3 --cores 4 "
        "--ram 16GB --storage-size 200GB --datacenter-id cd613e30-d8f1-4adf-91b7-584a2265b1f5 --lan-id 8 "
        "--cidr 10.1.2.9/24 --maintenance-day Sunday --maintenance-time 03:45:00 "
        f'--backup-location eu-central-3 {SECRETS} --database "$DB_NAME" '
        "--sync-mode STRICTLY_SYNCHRONOUS --connection-pooler DISABLED --logs-enabled=true "
        "--metrics-enabled=true",
    ),
    f"cluster create payments-prod-3 --like orders-prod --from-backup {BACKUP} --to 2h {ADDRESS}": (
        f"{V1} cluster create --location de/txl --name payments-prod-3 --version 15 --instances 2 --cores 4 "
        "--ram 8GB --storage-size 100GB --datacenter-id cd613e30-d8f1-4adf-91b7-584a2265b1f5 --lan-id 8 "
        "--cidr 10.1.2.9/24 --maintenance-day Tuesday --maintenance-time 18:00:00 "
        f"--backup-location de --backup-id {BACKUP} --recovery-time 2026-11-23T07:00:00Z {SECRETS} "
        "--storage-type SSD_PREMIUM --sync ASYNCHRONOUS",
    ),
    "cluster resize orders-prod --cores 8 --ram 16": (f"{V1_UPDATE} --cores 8 --ram 16GB",),
    "cluster resize payments-prod --storage 400 --instances 4": (
        f"{V2_UPDATE} --instances 4 --storage-size 400GB",
    ),
    f"cluster rename orders-prod 'a b' {WHY}": (f"{V1_UPDATE} --name 'a b'",),
    f"cluster rename payments-prod pay {WHY}": (f"{V2_UPDATE} --name pay",),
    f"cluster upgrade orders-prod 16 {WHY}": (f"{V1_UPDATE} --version 16",),
    f"cluster upgrade payments-prod 17 {WHY}": (f"{V2_UPDATE} --version 17",),
    "cluster maintenance orders-prod --day sunday --time 03:30": (
        f"{V1_UPDATE} --maintenance-day Sunday --maintenance-time 03:30:00",
    ),
    "cluster maintenance payments-prod --time 03:30": (
        f"{V2_UPDATE} --maintenance-day Sunday --maintenance-time 03:30:00",
    ),
    "cluster network orders-prod --lan 3 --datacenter d --address 10.1.2.9/24": (
        f"{V1_UPDATE} --datacenter-id d --lan-id 3 --cidr 10.1.2.9/24",
    ),
    "cluster network orders-prod --detach": (f"{V1_UPDATE} --remove-connection=true",),
    "cluster network payments-prod --lan 3 --datacenter d --address 10.1.2.9/24": (
        f"{V2_UPDATE} --datacenter-id d --lan-id 3 --cidr 10.1.2.9/24",
    ),
    "cluster pooler orders-prod session": (),
    "cluster pooler payments-prod session": (f"{V2_UPDATE} --connection-pooler SESSION",),
    "cluster replication ledger-prod asynchronous": (),
    "cluster replication payments-prod asynchronous": (f"{V2_UPDATE} --sync-mode ASYNCHRONOUS",),
    "cluster logging payments-prod --logs on --metrics off": (
        f"{V2_UPDATE} --logs-enabled=true --metrics-enabled=false",
    ),
    f"cluster delete orders-prod {WHY}": (f"{V1} cluster delete {ORDERS}",),
    f"cluster delete payments-prod {WHY}": (f"{V2} cluster delete {PAYMENTS}",),
    f"restore orders-prod --newest {WHY}": (f"{V1} cluster restore {ORDERS} --backup-id {BACKUP}",),
    f"restore orders-prod --to 2h {WHY}": (
        f"{V1} cluster restore {ORDERS} --backup-id {BACKUP} --recovery-time 2026-11-23T07:00:00+00:00",
    ),
    f"restore payments-prod --to 2h {WHY}": (),
    "backup list": (f"{V1} backup list", f"{V2} backup list"),
    "backup list orders-prod": (f"{V1} cluster backup list {ORDERS}",),
    "backup list payments-prod": (f"{V2} backup list {PAYMENTS}",),
    "backup show <orders-prod>-b": (f"{V1} backup get --backup-id {BACKUP}",),
    "backup show <orders-prod> orders-prod": (f"{V1} backup get --backup-id {BACKUP}",),
    "backup show 6abffa64": (
        f"{V2} backup get --location de/txl --backup-id 6abffa64-0677-57e7-8093-9aa8e0442e29",
    ),
    "user list orders-prod": (f"{V1} user list {ORDERS}",),
    "user list orders-prod --system": (f"{V1} user list {ORDERS} --system=true",),
    "user show orders-prod orders": (f"{V1} user get {ORDERS} --user orders",),
    "user create orders-prod app": (f'{V1} user create {ORDERS} --user app --password "$DB_PASSWORD"',),
    "user password orders-prod orders": (
        f'{V1} user update {ORDERS} --user orders --password "$DB_PASSWORD"',
    ),
    "user delete orders-staging Orders-QA": (
        f"{V1} user delete --cluster-id <orders-staging> --user Orders-QA",
    ),
    "database list orders-prod": (f"{V1} database list {ORDERS}",),
    "database create orders-prod 'a b' --owner orders": (
        f"{V1} database create {ORDERS} --database 'a b' --owner orders",
    ),
    "database delete orders-prod orders": (f"{V1} database delete {ORDERS} --database orders",),
    "log show orders-prod --limit 500 --grep nothing-has-this": (
        f"{V1} logs list {ORDERS} --start-time 2026-11-23T08:00:00+00:00 --limit 500",
    ),
    "version list": (f"{V1} version list", f"{V2} version list"),
    "version list --api v2 --region de/fra": (f"{V2} version list --location de/fra",),
    "status": (),
    "migration status": (),
    "drill orders-prod": (),
}
"""Lines typed before `--as cli`, and the lines it adds, with <name> for a cluster's id."""


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
