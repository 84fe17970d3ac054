"""Every key of app.yaml has an effect that is seen from outside: the real bot with all of them set."""

import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import anyio
import pytest
from bot_site import OPS, Signed, Site, in_company
from evidence_kit import write_scan
from in_process import call_in_process
from precheck_reports import write_precheck
from programs_site import run
from pydantic import BaseModel
from yaml_files import write_yaml

import handlers
from bot.audit.hash_chain import anchors_in
from bot.audit.verify import verify
from bot.commands.declaration import Registry
from bot.demo.cloud.app import create_app
from bot.demo.environment import open_environment
from bot.demo.http_client import loopback_client
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.server import create_site
from bot.domain.errors import ConfigError
from bot.programs.cli import main
from bot.programs.kernel import registry
from bot.programs.serve import serving
from bot.programs.settings_lint import lint
from bot.programs.terminal_client import ask_serve
from bot.programs.terminal_identity import os_user
from bot.programs.terminal_protocol import TerminalRequest
from bot.runtime.watchdog import EXIT_CODE, read_stall
from bot.settings.model import Settings, load_settings
from bot.settings.secrets import CommandReference
from bot.slack.manifest import manifest_for

pytestmark = [pytest.mark.anyio, pytest.mark.in_order]

ALICE, BOB, CAROL, VERA = "U0ALICE", "U0BOB", "U0CAROL", "U0VERA"
DBA_CHANNEL = "C0DBA"
IDS = {each.name: each.id for each in seed_cloud(VirtualClock(), 44).everything()}

GLASS = "--reason fire --name"

SECRETS = {
    "WIRING_APP_TOKEN": "xapp-demo",
    "WIRING_TOKEN": "demo-token",
    "WIRING_TOKEN_C": "demo-token-c",
    "WIRING_LOGIN": "demo",
    "WIRING_PRIMARY": "Primary-Passw0rd!",
    "WIRING_AUDIT_KEY": "k" * 40,
    "WIRING_NEW_PASSWORD": "New-Passw0rd-1234!",
    "WIRING_OTHER": "Other-Passw0rd-1234!",
    "WIRING_PASSED": "passed on",
}

RULE = """
from migrations.rule import QUIET, Basis, Remedy, Rule, Severity

rule = Rule(
    module=__name__,
    title="A rule of our own",
    severity=Severity.ADVICE,
    basis=Basis.INFERRED,
    source="our own handbook",
    remedy=Remedy(text="Read it."),
)


@rule.check
def check(facts):
    return QUIET
"""

SELECTORS = [
    {"name": "ledger-prod"},
    {"contract": "small"},
    {"region": "gb/lhr"},
    {"id": IDS["wiki"]},
    {"owner": "@by_region"},
    {"tier": "gold"},
]
"""A selector for each key; each matches a cluster of SELECTED that no other does."""

SELECTED = ("ledger-prod", "hr-prod", "sessions-prod", "wiki", "crm-prod", "orders-prod")
NOT_SELECTED = "billing-prod"

REPORT = {
    "name": "all",
    "command": "summary migration",
    "when": "0 7,12,19 * * *",
    "zone": "Europe/Berlin",
    "channel": OPS,
    "owner": BOB,
    "reason": "the daily overview",
    "late": "skip",
    "jitter": "10m",
    "sections": ["Waivers about to expire"],
    "hours": {"days": ["mon", "tue", "thu", "fri"], "from": "08:00", "to": "18:00"},
    "holidays": "office",
}


def noting(folder, name):
    """Return a program that keeps its input, and in another file a variable that it is given."""
    return ["sh", "-c", f"cat >> {folder}/{name}; printenv WIRING_PASSED > {folder}/{name}.variable"]


def document(folder, cloud="https://cloud.example.com", slack="https://slack.example.com", port=0):
    """Return an app.yaml with every key but those that exclude another; see `in_http_mode`."""
    return {
        "slack": {
            "mode": "socket",
            "command": "/db",
            "team": "T0DEMO",
            "workspaces": ["T0SECOND"],
            "app": "A0PGBOT",
            "api_url": f"{slack}/api/",
            "bot_token": {"command": ["echo", "xoxb-demo"]},
            "app_token": "env:WIRING_APP_TOKEN",
            "signing_secret": f"file:{folder}/signing-secret",
        },
        "http": {
            "host": "127.0.0.2",
            "port": port,
            "public_url": "https://bot.example.com",
            "connections": 3,
            "request_seconds": 0.5,
        },
        "ionos": {
            "contracts": [
                {"name": "second", "number": 21000002, "token": "env:WIRING_TOKEN"},
                {"name": "login", "username": "env:WIRING_LOGIN", "password": "env:WIRING_LOGIN"},
                {
                    "name": "small",
                    "token": "env:WIRING_TOKEN_C",
                    "quota": {"clusters": 1, "cores": 1, "ram": 1, "storage": 1},
                },
            ],
            "api_url": f"{cloud}/databases/postgresql",
            "region_url": f"{cloud}/{{region}}",
        },
        "clusters": [
            {"match": {"name": "orders-*"}, "owner": "@by_name", "tier": "gold", "channel": DBA_CHANNEL},
            {"match": {"contract": "small"}, "owner": "@by_contract"},
            {"match": {"region": "es/vit"}, "owner": "@by_region"},
            {"match": {"id": IDS["wiki"]}, "owner": "@by_id"},
            *(
                {
                    "match": {"name": name},
                    "credentials": {"username": user, "password": "env:WIRING_PRIMARY", "database": user},
                }
                for name, user in (("payments-*", "payments"), ("catalogue-*", "another"))
            ),
        ],
        "people": {"dba": [BOB, CAROL], "dev": [ALICE]},
        "permissions": [
            {"to": ["dba"], "allow": ["*"]},
            {
                "to": ["dev"],
                "allow": ["cluster list", "key show"],
                "channels": [OPS],
                "clusters": SELECTORS,
            },
        ],
        "approvals": {
            "channel": OPS,
            "rules": [
                {
                    "changes": ["cluster delete", "restore"],
                    "clusters": SELECTORS,
                    "need": "approval",
                    "roles": {"dba": 1},
                    "expires": "90m",
                    "reason": True,
                    "break_glass": ["dba"],
                    "step_up": True,
                    "valid_for": "20m",
                    "extra_loss": "10m",
                    # In force now, and two that would be but for their days and their beginning.
                    "freeze": [
                        {"days": ["mon"], "from": "09:30", "to": "10:30", "zone": "Europe/Berlin"},
                        {"days": ["tue"], "zone": "Europe/Berlin"},
                        {"from": "20:00", "zone": "Europe/Berlin"},
                    ],
                },
                {
                    "changes": ["cluster maintenance"],
                    "roles": {"dba": 1},
                    "own_vote": True,
                    "break_glass": ["dba"],
                    "break_glass_by": "requester",
                },
                {"changes": ["cluster *", "user *"], "need": "confirm"},
            ],
            "former_names": "10m",
            "default": {
                "need": "approval",
                "roles": {"dba": 1},
                "expires": "45m",
                "reason": True,
                "own_vote": True,
                "break_glass": ["dba"],
                "break_glass_by": "requester",
                "step_up": True,
                "valid_for": "25m",
                "extra_loss": "12m",
                "freeze": [
                    {"days": ["mon"], "from": "09:30", "to": "10:30", "zone": "Europe/Berlin"},
                    {"days": ["tue"], "zone": "Europe/Berlin"},
                ],
            },
        },
        "terminal": {
            "people": {"olga": CAROL, os_user(os.getuid()): CAROL},
            "socket": f"{folder}/terminal.sock",
            "socket_mode": "0600",
        },
        "limits": {"commands_per_minute": 100, "open_changes": 20},
        "watchdog": {"limit": "2s"},
        "audit": {
            "key": "env:WIRING_AUDIT_KEY",
            "every": "30m",
            "anchors": {
                "file": f"{folder}/anchors",
                "command": noting(folder, "anchors-by-command"),
                "read": ["sh", "-c", f"touch {folder}/anchors-were-read; cat {folder}/anchors-by-command"],
                "env": ["WIRING_PASSED"],
                "channel": DBA_CHANNEL,
            },
        },
        "people_keys": {ALICE: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"},
        "handover": {"command": noting(folder, "handed-over"), "env": ["WIRING_PASSED"]},
        "password_references": ["env:WIRING_NEW_*"],
        "migration": {"rules": f"{folder}/rules", "evidence": ["scans/*.json"], "deadline": "2027-06-30"},
        "waivers": [
            {
                "rule": "PGR020",
                "cluster": "ledger-*",
                "until": "2027-01-31",
                "owner": "shop",
                "reason": "lag is accepted",
            }
        ],
        "reports": [REPORT, {**REPORT, "name": "archived", "channel": "C0OLD"}],
        "holidays": {"office": ["2026-11-26"]},
    }


def in_http_mode(values):
    """Return the same with the keys that socket mode and a program for passwords exclude."""
    values["slack"]["mode"] = "http"
    values["handover"] = {"file": values["migration"]["rules"].replace("rules", "passwords")}
    return values


def written(folder, values):
    (folder / "signing-secret").write_text("demo-signing-secret")
    for name in ("rules", "passwords"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "rules" / "pgx001_our_own.py").write_text(RULE)
    path = folder / "app.yaml"
    write_yaml(path, values)
    return path


@asynccontextmanager
async def bot_with(folder, change=lambda values: values):
    """Run the bot as `pgbot serve` does with all of that in its app.yaml, and nothing in its environment."""
    with pytest.MonkeyPatch.context() as patch, socket.socket() as listener:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        listener.bind(("127.0.0.2", 0))
        port = listener.getsockname()[1]
        listener.close()
        path = written(folder, change(document(folder)))
        manifest = manifest_for(load_settings(path, environment={}).settings, Registry.discover(handlers))
        async with open_environment(manifest, clock=VirtualClock()) as stage:
            stage.cloud.switches = replace(stage.cloud.switches, v2_accepts_basic=True)
            path = written(folder, change(document(folder, stage.cloud_url, stage.slack_url, port)))
            environment = {"PGBOT_CONFIG": str(path), "PGBOT_DATA": str(folder / "data")}
            setup = load_settings(environment=environment)
            cloud = call_in_process(stage.cloud_url, create_app(stage.cloud))
            slack = call_in_process(stage.slack_url, create_site(stage.workspace))
            async with (
                loopback_client(base_url=stage.slack_url, timeout=20, transport=slack()) as http,
                in_company(http, {"enterprise": True}),
                serving(setup, stage.clock, http=cloud) as bot,
            ):
                site = Bot(stage, bot, http)
                site.folder, site.port = folder, port
                # Reports have been looked at, so the engine is open.
                await site.until(bot.kernel.dispatcher.reports.rows.standings, step=0)
                yield site


class Bot(Site):
    """A bot that listens to /db."""

    async def says(self, user, words, channel=OPS):
        """Return the answer to a command, as the person sees it."""
        return (await self.ask(user, f"/db {words}", channel))["text"]

    async def proposes(self, user, words):
        """Return the id of a change that somebody requests; another message may come before the answer."""
        rows = self.bot.kernel.dispatcher.changes.rows
        known = {each.id for each in await rows.latest()}
        told = await self.says(user, words)
        await self.idle()
        new = [each.id for each in await rows.latest() if each.id not in known]
        assert len(new) == 1, told
        return new[0]

    async def says_with_code(self, user, words):
        """Type a line, and again with the code that it brings by direct message."""
        self.demo.clock.advance(timedelta(seconds=2))  # Slack takes one message a second in each channel
        told = await self.says(user, words)
        assert "enter the code from your direct messages" in told
        sent = self.demo.workspace.direct_channel(user).messages.values()
        code = [each.text for each in sent if each.text.startswith("Your code: ")][-1].split()[2]
        return await self.says(user, f"{words} --code {code}")

    async def went_ahead(self, change):
        """Return whether somebody has used break-glass on the change."""
        await self.idle()
        return (await self.bot.kernel.dispatcher.changes.rows.get(change)).skipped

    async def limit(self, change, minutes):
        """Return the time, UTC, at which the decision about the change is so many minutes old."""
        record = await self.bot.kernel.dispatcher.changes.rows.get(change)
        return f"{record.first_decided_at + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S} UTC"

    async def until(self, look, step=1):
        """Return the result of `look` as soon as there is one, with `step` seconds between two looks."""
        with anyio.fail_after(120):
            while not (seen := await look()):
                self.demo.clock.advance(timedelta(seconds=step))
                await anyio.sleep(0.2)  # let woken tasks run
        return seen

    async def posted(self, user, words, channel=OPS, step=1):
        """Return a message in a channel that says these words."""

        async def look():
            return [each for each in await self.seen(user, channel) if words in each["text"]]

        return (await self.until(look, step))[-1]


class Turns:
    """One bot at a time, since a process has one engine. Those of the same `kind` are one bot."""

    def __init__(self, folders):
        self.folders, self.stack, self.kind, self.bot = folders, AsyncExitStack(), None, None

    async def stop(self):
        await self.stack.aclose()
        self.kind = None

    async def open(self, kind, *change):
        if kind is None or kind != self.kind:
            await self.stop()
            self.bot = await self.stack.enter_async_context(bot_with(self.folders.mktemp("bot"), *change))
            self.kind = kind
        return self.bot


@pytest.fixture(scope="module")
async def turns(tmp_path_factory, anyio_backend):
    turns = Turns(tmp_path_factory)
    yield turns
    await turns.stop()


@pytest.fixture
async def bot(turns):
    return await turns.open("socket")


@pytest.fixture
async def bot_alone(turns):
    """A bot of one test, which lets time pass: the others have its first minutes for all they ask."""
    return await turns.open(None)


# The table: a proof for every key


PROVEN = set()


def proves(*keys, below=""):
    """Mark a test as the proof that these keys have an effect."""
    PROVEN.update(f"{below}.{key}" if below else key for key in keys)
    return lambda test: test


IGNORED = {"approvals.rules.rule", "approvals.default.rule", "reports.hours.zone"}
"""Keys without an effect, which `pgbot check` reports: files of earlier releases may have them."""


def keys_of(kind, above=""):
    """Yield every key of a model and of its sections, dotted, as app.yaml writes it."""
    if kind is CommandReference:
        return
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            here = f"{above}.{field.alias or name}".lstrip(".")
            yield from set(keys_of(field.annotation, here)) or {here}
    for each in get_args(kind):
        yield from keys_of(each, above)


def keys_in(values, known, above=""):
    """Yield every known key that a document sets."""
    if above in known:
        yield above
    elif isinstance(values, dict):
        for key, value in values.items():
            yield from keys_in(value, known, f"{above}.{key}".lstrip("."))
    elif isinstance(values, list):
        for value in values:
            yield from keys_in(value, known, above)


def test_every_key_is_set_here_and_has_a_proof(tmp_path):
    known = set(keys_of(Settings))
    documents = [document(tmp_path), in_http_mode(document(tmp_path))]

    assert {key for each in documents for key in keys_in(each, known)} == known - IGNORED
    assert known == PROVEN | IGNORED


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (
            {"approvals": {"rules": [{"changes": ["restore"], "need": "none", "rule": "x"}]}},
            "approval rule 1: rule has no effect",
        ),
        (
            {
                "reports": [{**REPORT, "hours": {"zone": "UTC"}}],
                "holidays": {"office": ["2026-11-26"]},
            },
            "report all: hours.zone has no effect",
        ),
    ],
)
def test_what_has_no_effect_is_reported_and_starts(tmp_path, section, says):
    path = tmp_path / "app.yaml"
    write_yaml(path, section)

    found = lint(load_settings(path, environment={}).settings, registry())

    assert [each.what for each in found] == [says]


async def made_user(site, name, source=""):
    change = await site.proposes(BOB, f"user create billing-prod {name} {source}")
    await site.says(BOB, f"change confirm {change}")
    (record,) = (each for each in site.demo.cloud.everything() if each.name == "billing-prod")

    async def made():
        return record.users.get(name)

    return (await site.until(made)).password


class TestInHttpMode:
    @pytest.fixture
    async def http_bot(self, turns):
        site = await turns.open("http", in_http_mode)
        site.demo.workspace.request_url = f"{site.bot.url}/slack/events"
        return site

    @proves("signing_secret", "app", below="slack")
    async def test_slack_signs_what_it_sends_and_means_this_app(self, http_bot):
        signed = Signed(http_bot, http_bot.http)
        form = {
            "command": "/db",
            "text": "whoami",
            "team_id": "T0DEMO",
            "api_app_id": "A0OTHER",
            "user_id": BOB,
        }

        assert "another workspace or app" in (await signed.post(form)).text
        assert (await signed.post(form, headers={"x-slack-signature": "v0=no"})).status_code == 401

    @proves("handover.file")
    async def test_passwords_go_to_the_folder(self, http_bot):
        password = await made_user(http_bot, "by_folder")

        async def files():
            return list((http_bot.folder / "passwords").glob("billing-prod-*"))

        (file,) = await http_bot.until(files)
        assert file.read_text().strip() == password


# slack, http


@proves("command", "api_url", "bot_token", "app_token", "mode", below="slack")
async def test_people_reach_the_bot_through_this_app(bot):
    assert (await bot.says(BOB, "whoami")).startswith("You are bob")


@proves("slack.workspaces")
async def test_the_people_of_a_named_workspace_of_the_enterprise_count(bot):
    assert (await bot.says("U0GWEN", "whoami")).startswith("You are gwen")


@proves("slack.team")
async def test_another_workspace_is_refused(tmp_path):
    def elsewhere(values):
        values["slack"]["team"] = "T0OTHER"
        return values

    with pytest.raises(ConfigError, match=r"slack\.team is T0OTHER"):
        async with bot_with(tmp_path, elsewhere):
            pass


@proves("host", "port", below="http")
async def test_health_is_where_http_says(bot):
    assert bot.bot.url == f"http://127.0.0.2:{bot.port}"


@proves("connections", "request_seconds", below="http")
async def test_slow_and_many_connections_are_closed(bot):
    silent = [await asyncio.open_connection("127.0.0.2", bot.port) for _ in range(4)]
    ends = [await reader.read() for reader, _ in silent]
    for _, writer in silent:
        writer.close()
        await writer.wait_closed()

    assert ends[0] == b""  # made room for the fourth
    assert b"longer than 0.5 seconds" in ends[3]
    async with loopback_client(base_url=bot.bot.url) as http:
        assert (await http.get("/healthz")).status_code == 200


@proves("http.public_url")
def test_the_manifest_names_the_public_address(tmp_path, capsys):
    path = written(tmp_path, in_http_mode(document(tmp_path)))

    assert main(["--config", str(path), "manifest"]) == 0
    assert "https://bot.example.com/slack/events" in capsys.readouterr().out


# ionos


@proves("name", "number", "token", "username", "password", below="ionos.contracts")
@proves("api_url", "region_url", below="ionos")
async def test_each_contract_is_read_with_its_credentials_and_number(bot):
    assert "API: v1, Contract: login" in await bot.says(BOB, "cluster show billing-prod")
    assert "API: v1, Contract: second" in await bot.says(BOB, "cluster show orders-prod-eu")
    assert "API: v2, Contract: small" in await bot.says(BOB, "cluster show hr-analytics")


@proves("clusters", "cores", "ram", "storage", below="ionos.contracts.quota")
async def test_what_does_not_fit_the_quota_is_refused(bot):
    refused = await bot.says(BOB, "cluster create payments-new --like hr-prod --contract small")
    assert "The quota of contract small is too small for this" in refused
    for measure in ("clusters", "cores", "GB of RAM", "GB of storage"):
        assert f" of 1 {measure}" in refused


# clusters


@proves("name", "contract", "region", "id", below="clusters.match")
@proves("owner", "tier", below="clusters")
async def test_clusters_get_owner_and_tier(bot):
    assert "Owner: @by_name, Tier: gold" in await bot.says(BOB, "cluster show orders-prod")
    for cluster, owner in (("hr-prod", "@by_contract"), ("crm-prod", "@by_region"), ("wiki", "@by_id")):
        assert f"Owner: {owner}, Tier: –" in await bot.says(BOB, f"cluster show {cluster}")


@proves("clusters.channel", "approvals.channel")
async def test_a_card_is_in_the_clusters_channel_else_in_that_of_approvals(bot):
    await bot.proposes(BOB, "cluster maintenance orders-prod --day sunday --time 03:30")
    await bot.proposes(BOB, "cluster maintenance geo-prod --day sunday --time 03:30")

    assert await bot.posted(BOB, "orders-prod", DBA_CHANNEL)
    assert await bot.posted(BOB, "geo-prod", OPS)


@proves("username", "password", "database", below="clusters.credentials")
async def test_a_change_on_v2_sends_the_primary_user(bot):
    for cluster in ("payments-prod", "catalogue-prod"):
        change = await bot.proposes(BOB, f"cluster pooler {cluster} session")
        await bot.says(BOB, f"change confirm {change} --name {cluster}")
    (record,) = (each for each in bot.demo.cloud.everything() if each.name == "payments-prod")

    async def sent():
        return record.credentials.password == SECRETS["WIRING_PRIMARY"]

    async def failed():
        told = await bot.says(BOB, f"change show {change}")
        return "credentials configured for this cluster" in told and told

    await bot.until(sent)
    assert "are of user “another”, database “another”" in await bot.until(failed)


# people, permissions, approvals


@proves("people")
@proves("to", "allow", "channels", below="permissions")
@proves("name", "contract", "region", "id", "owner", "tier", below="permissions.clusters")
async def test_permissions_decide_who_may_run_what_on_which_clusters_where(bot):
    listed = str((await bot.ask(ALICE, "/db cluster list"))["blocks"])
    assert [each for each in (*SELECTED, NOT_SELECTED) if f"'{each}'" in listed] == list(SELECTED)

    for user, words, channel in (
        (ALICE, "cluster list", "C0SHARED"),
        (ALICE, "cluster show wiki", OPS),
        (VERA, "cluster list", OPS),
    ):
        assert "no permission allows it" in await bot.says(user, words, channel)


@proves("name", "contract", "region", "id", "owner", "tier", below="approvals.rules.clusters")
@proves("changes", "need", "roles", below="approvals.rules")
async def test_the_first_rule_that_fits_says_what_a_change_needs(bot):
    for cluster in SELECTED:
        told = await bot.says(BOB, f"policy explain @bob cluster delete {cluster}")
        assert "Requires: 1 DBA approval (approval rule 1)" in told

    told = await bot.says(BOB, f"policy explain @bob cluster delete {NOT_SELECTED}")
    assert "Requires: a confirmation (approval rule 3)" in told


@proves("reason", "break_glass", "break_glass_by", "own_vote", "step_up", below="approvals.rules")
@proves("valid_for", "extra_loss", below="approvals.rules")
@proves("days", "from", "to", "zone", below="approvals.rules.freeze")
async def test_a_rule_asks_for_a_reason_and_knows_freezes_and_who_may_go_ahead(bot):
    assert "A reason is required (approval rule 1)" in await bot.says(BOB, "cluster delete sessions-prod")
    change = await bot.proposes(BOB, "cluster delete sessions-prod --reason moved")
    await bot.says_with_code(CAROL, f"change approve {change}")
    shown = await bot.says(BOB, f"change show {change}")
    assert "2026-11-23 09:30:00 UTC" in shown
    assert f"they were valid until {await bot.limit(change, minutes=20)}" in shown
    restore = await bot.proposes(BOB, "restore ledger-prod --to 2h --reason lost")
    told = await bot.says_with_code(CAROL, f"change approve {restore}")
    assert f"they were valid until {await bot.limit(restore, minutes=10)}" in told
    await bot.says(BOB, f"change withdraw {restore}")  # else Bob has too many later

    urgent = await bot.proposes(BOB, "cluster delete ledger-prod --reason moved")
    alone = await bot.says(BOB, f"change breakglass {urgent} {GLASS} ledger-prod")
    assert "somebody else has to use break-glass" in alone
    await bot.says_with_code(CAROL, f"change breakglass {urgent} {GLASS} ledger-prod")
    assert await bot.went_ahead(urgent)

    own = await bot.proposes(BOB, "cluster maintenance geo-staging --day sunday --time 03:30")
    assert "Error" not in await bot.says(BOB, f"change approve {own}")
    alone = await bot.proposes(BOB, "cluster maintenance wiki --day sunday --time 03:30")
    await bot.says(BOB, f"change breakglass {alone} {GLASS} wiki")
    assert await bot.went_ahead(alone)
    await bot.says(CAROL, f"change review {alone}")  # else Bob may not do it again


@proves("reason", "need", "roles", "expires", "own_vote", below="approvals.default")
@proves("break_glass", "break_glass_by", "step_up", below="approvals.default")
@proves("valid_for", "extra_loss", below="approvals.default")
@proves("days", "from", "to", "zone", below="approvals.default.freeze")
async def test_the_default_decides_where_no_rule_fits(bot):
    (record,) = (each for each in bot.demo.cloud.everything() if each.name == "geo-prod")
    owner, line = next(iter(record.users)), "database create geo-prod"
    assert "A reason is required (approvals.default)" in await bot.says(BOB, f"{line} one --owner {owner}")
    change = await bot.proposes(BOB, f"{line} one --owner {owner} --reason new")
    told = await bot.says(BOB, f"change show {change}")
    assert "waiting for 1 DBA approval" in told
    assert f"{bot.demo.clock.now() + timedelta(minutes=45):%H:%M}" in told
    await bot.says(BOB, f"change approve {change}")
    assert "2026-11-23 09:30:00 UTC" in await bot.says(BOB, f"change show {change}")

    urgent = await bot.proposes(BOB, f"{line} two --owner {owner} --reason new")
    await bot.says(BOB, f"change breakglass {urgent} {GLASS} geo-prod")
    assert await bot.went_ahead(urgent)

    restore = await bot.proposes(BOB, "restore geo-prod --to 2h --reason lost")
    told = await bot.says_with_code(CAROL, f"change approve {restore}")
    assert "approved" in await bot.says(BOB, f"change show {restore}")
    assert f"they were valid until {await bot.limit(restore, minutes=12)}" in told
    assert f"they were valid until {await bot.limit(change, minutes=25)}" in await bot.says(
        BOB, f"change show {change}"
    )


# terminal, keys, passwords


@proves("people", "socket", "socket_mode", below="terminal")
async def test_somebody_at_the_terminal_is_known(bot):
    setup = bot.bot.kernel.setup
    said = await asyncio.to_thread(ask_serve, setup, TerminalRequest(command="whoami"))

    assert said.text.startswith("You are carol")
    assert bot.audit()[-1]["actor"] == f"os:{os_user(os.getuid())} as slack:{CAROL}"
    assert (bot.folder / "terminal.sock").stat().st_mode & 0o777 == 0o600


@proves("people_keys")
async def test_the_key_of_a_person_comes_from_the_file(bot):
    assert "Set by: app.yaml" in await bot.says(ALICE, "key show")


@proves("handover.command", "handover.env", "password_references")
async def test_passwords_go_to_the_program_and_come_from_allowed_references(bot):
    password = await made_user(bot, "by_program")
    file = bot.folder / "handed-over"

    async def handed_over():
        names = (file, bot.folder / "handed-over.variable")
        read = [each.read_text().strip() for each in names if each.exists()]
        return read if len(read) == 2 and all(read) else None

    assert await bot.until(handed_over) == [password, "passed on"]

    refused = await bot.says(BOB, "user create billing-prod other --from env:WIRING_OTHER")
    assert "This password reference is not allowed" in refused
    told = await bot.says(BOB, "user create billing-prod other --from env:WIRING_NEW_PASSWORD")
    assert "taken from env:WIRING_NEW_PASSWORD" in told


@proves("commands_per_minute", "open_changes", below="limits")
async def test_a_person_has_so_many_commands_and_open_changes(bot):
    lines = [f"cluster maintenance orders-prod --day sunday --time {hour:02}:30" for hour in range(21)]
    told = [await bot.says(CAROL, line) for line in lines]
    full = ["You have 20 open changes, which is the limit for one person" in each for each in told]
    assert full == [False] * 20 + [True]

    lines = [bot.slash(ALICE, "/db whoami", OPS) for _ in range(101)]
    acks = [each["ack"].get("text", "") for each in await asyncio.gather(*lines)]
    assert sum("the limit of 100 commands a minute" in each for each in acks) == 1
    await bot.idle()


STANDS_STILL = """
import asyncio, sys, time
from pathlib import Path
from bot.runtime.watchdog import watch_loop
from bot.settings.model import load_settings

async def stand_still():
    setup = load_settings(Path(sys.argv[1]))
    with watch_loop(Path(sys.argv[2]), setup.settings.watchdog.seconds):
        await asyncio.sleep(0.1)
        time.sleep(3_600)

asyncio.run(stand_still())
"""


@proves("watchdog.limit")
async def test_a_loop_may_stand_still_for_the_limit(tmp_path):
    """`test_watchdog` has the whole bot."""
    config, file = tmp_path / "app.yaml", tmp_path / "stalled"
    write_yaml(config, {"watchdog": {"limit": "2s"}})
    root = Path(__file__).parents[2]
    ended = await run("-c", STANDS_STILL, str(config), str(file), program=(sys.executable,), cwd=root)

    assert ended.code == EXIT_CODE
    assert 2 <= read_stall(file).seconds < 10


# migration, waivers


@proves("migration.rules")
async def test_rules_of_ones_own_are_asked(bot):
    assert "PGX001: A rule of our own" in await bot.says(BOB, "migration rules PGX001")


@proves("migration.evidence")
async def test_evidence_is_read_from_the_folder_of_the_settings(bot):
    (orders,) = (each for each in bot.demo.cloud.everything() if each.name == "orders-prod")
    scan = bot.bot.kernel.setup.file.parent / "scans" / "orders.json"
    scan.parent.mkdir()
    write_scan(scan, ("deploy.sh", 7, orders.id), at=bot.demo.clock.now())
    prepared = {"name": "tx", "owner": "app", "database": "orders", "prepared": "2026-11-20"}
    at = bot.demo.clock.now()
    write_precheck(scan.with_name("precheck.json"), at, orders.id, prepared_transactions=[prepared])
    told = await bot.says(BOB, "migration show orders-prod")
    assert "Clients: still on v1" in told
    assert "PGR155 Prepared transactions are open" in told


@proves("migration.deadline")
async def test_a_deadline_is_counted_down(bot):
    assert "The deadline of the migration, 2027-06-30, is in " in await bot.says(BOB, "migration status")


@proves("rule", "cluster", "until", "owner", "reason", below="waivers")
async def test_a_waiver_holds_for_its_clusters(bot):
    waived = "Waived by shop, until 2027-02-01T00:00:00Z: lag is accepted"
    assert "PGR020 Replication mode SYNCHRONOUS" in (
        told := await bot.says(BOB, "migration show ledger-prod")
    )
    assert waived in told.split("PGR100")[0]
    assert "Waived by" not in await bot.says(BOB, "migration show orders-prod")


# audit, reports


@proves("approvals.former_names")
async def test_a_former_name_counts_for_so_long(bot):
    (record,) = (each for each in bot.demo.cloud.everything() if each.name == "orders-prod")
    await bot.says(BOB, "cluster list")
    record.name = "ordered"
    told = [await bot.says(BOB, "policy explain @bob cluster delete ordered")]
    bot.demo.clock.advance(timedelta(minutes=11))
    told.append(await bot.says(BOB, "policy explain @bob cluster delete ordered"))

    assert ["as for its former name orders-prod" in each for each in told] == [True, False]


@proves("key", below="audit")
@proves("file", "command", "env", "channel", "read", below="audit.anchors")
async def test_an_anchor_is_kept_in_every_place(bot):
    posted = await bot.posted(BOB, "pgbot-audit", DBA_CHANNEL)
    texts = [posted["text"], *((bot.folder / name).read_text() for name in ("anchors", "anchors-by-command"))]
    kept = set.intersection(*(set(anchors_in(text)) for text in texts))

    assert kept
    assert (bot.folder / "anchors-by-command.variable").read_text() == "passed on\n"
    assert (bot.folder / "anchors-were-read").exists()
    key = SECRETS["WIRING_AUDIT_KEY"].encode()
    verdict = verify([bot.bot.kernel.database.path], key, tuple(kept))
    assert (verdict.bad, verdict.anchored) == (None, len(kept))


@proves("name", "command", "when", "zone", "channel", "owner", "reason", "late", "jitter", below="reports")
@proves("sections", "holidays", "hours.days", "hours.from", "hours.to", below="reports")
@proves("holidays")
async def test_a_report_comes_at_its_time(bot_alone):
    clock = bot_alone.demo.clock
    due = clock.now().replace(hour=11, minute=0, second=0)  # noon in Berlin
    assert clock.now() < due
    told = await bot_alone.says(BOB, "report show all")
    assert "Reason: the daily overview" in told
    # 7 and 19 are outside of the hours, and so is Wednesday; Thursday is a holiday.
    assert "Next runs: Mon 23 Nov 12:00 (Europe/Berlin); Tue 24 Nov 12:00 (Europe/Berlin); Fri 27" in told

    async def posts():
        return [each for each in await bot_alone.seen(BOB, OPS) if each["text"].startswith("all: ")]

    clock.advance(due - clock.now())
    assert not await posts()
    await bot_alone.until(posts, step=60)
    planned = "SELECT at, due_at FROM report_slots WHERE report = 'all'"
    (at, due_at), *_ = await bot_alone.bot.kernel.database.read(lambda db: db.execute(planned).fetchall())
    jitter = datetime.fromisoformat(due_at) - datetime.fromisoformat(at)
    assert timedelta() < jitter <= timedelta(minutes=10)
    details = await bot_alone.posted(BOB, "Details of all")
    assert "Blocked: 5" in details["text"]
    assert "Blocked:\n" not in details["text"]  # the table, which is none of the sections
    await bot_alone.posted(BOB, "Your report archived can't be posted in C0OLD", "D0BOB", step=30)

    clock.advance(timedelta(days=1, hours=1))

    async def skipped():
        return "Tue 24 Nov 12:00 (Europe/Berlin), Result skipped" in await bot_alone.says(
            BOB, "report show all"
        )

    assert await bot_alone.until(skipped)
    assert len(await posts()) == 1


@proves("audit.every", "approvals.rules.expires")
async def test_anchors_come_at_their_interval_and_requests_expire(bot_alone):
    clock, anchors = bot_alone.demo.clock, bot_alone.folder / "anchors"
    change = await bot_alone.proposes(BOB, "cluster delete hr-prod --reason moved")
    times = []
    for _ in range(2):
        await bot_alone.says(BOB, "whoami")  # something new to anchor
        kept = len(anchors_in(anchors.read_text()))

        async def another():
            return anchors_in(anchors.read_text())[kept:]  # noqa: B023 - used within the turn

        times.append((await bot_alone.until(another, step=300))[0].at)
    # Before the hour that it is without the setting; a slow machine takes some of the steps in between.
    assert timedelta(minutes=30) <= times[1] - times[0] < timedelta(minutes=60)

    clock.advance(timedelta(minutes=91))

    async def expired():
        told = await bot_alone.says(BOB, f"change show {change}")
        return "Delete hr-prod: expired" in told or "decided in time" in told

    assert await bot_alone.until(expired)
