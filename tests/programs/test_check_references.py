"""`pgbot check` resolves every reference of app.yaml: each kind is dead in turn, and named with its line."""

import base64
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from api_fakes import failure, fleet
from api_values import both_apis
from evidence_kit import write_scan
from manifests import manifest_of
from one_contract import SETTINGS
from workspace_site import workspace_site

from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.demo.workspace.app_manifest import read_manifest
from bot.demo.workspace.slack_faults import SlackFault
from bot.demo.workspace.state import AppCredentials
from bot.domain.cluster import Api, Cluster, Gap, Listing
from bot.programs.check_program import check_gaps, check_selectors
from bot.programs.check_result import CheckLevel
from bot.programs.reference_check import (
    check_empty_keys,
    check_machine,
    check_migration,
    check_reports,
    check_secrets,
    keep_reachable_contracts,
)
from bot.programs.slack_check import SlackCheck
from bot.runtime.checked_clock import CheckedClock
from bot.settings.model import load_settings
from bot.slack.connection import open_slack
from bot.slack.web_api import WebApiCalls

pytestmark = pytest.mark.anyio

REPORT = "reports:\n- {name: a, command: %s, when: every day at 9:00, channel: C0OPS, owner: U0BOB%s}"
DBA = "people: {dba: [U0BOB]}\npermissions: [{to: [dba], allow: ['*']}]\n"


def cases(rows):
    """Return the mark for rows of: text of app.yaml, level, line, words."""
    return pytest.mark.parametrize(("text", "expected"), [(text, rest) for text, *rest in rows])


def setup_of(folder, text):
    path = folder / "app.yaml"
    path.write_text(text.replace("TMP", str(folder)), encoding="utf-8")
    return load_settings(path, environment={"PGBOT_DATA": str(folder / "data")})


def broken_network(request):
    raise httpx.ConnectTimeout("", request=request)


def only_bad(found):
    return [each for each in found if each.level is not CheckLevel.OK]


def assert_named(found, folder, level, line, words):
    """Assert that one result is not ok, and that it names the line, the mistake and the next step."""
    [result] = only_bad(found)
    file = folder / "app.yaml"
    place = load_settings(file, environment={"PGBOT_DATA": str(folder)}).place(*result.at)
    assert (result.level.value, place) == (level, f"{file} line {line}")
    assert words in result.what
    assert result.advice


# This machine

DEAD_HERE = [
    ("audit:\n  anchors:\n    command: [no-such-program]", "error", 3, "no-such-program can't be found"),
    ("audit:\n  anchors:\n    read: [TMP]", "error", 3, "can't be found or run"),
    ("audit:\n  anchors:\n    file: TMP/none/anchors", "error", 3, "does not exist"),
    ("audit:\n  anchors:\n    file: TMP", "error", 3, "is not writable"),
    ("audit:\n  anchors:\n    command: [sh]\n    env: [NO_SUCH_VARIABLE]", "warning", 4, "NO_SUCH_VARIABLE"),
    ("handover:\n  command: [no-such-program]", "error", 2, "no-such-program can't be found or run"),
    ("handover:\n  file: TMP/none", "error", 2, "does not exist"),
    ("terminal:\n  socket: /no-such-folder/pgbot.sock", "error", 2, "/no-such-folder does not exist"),
    ("terminal:\n  people:\n    no-such-user: U0BOB", "warning", 3, "this machine has no user no-such-user"),
    ("terminal:\n  people:\n    uid:x: U0BOB", "warning", 3, "this machine has no user uid:x"),
    ("http:\n  host: 192.0.2.1", "error", 2, "this machine can't listen on 192.0.2.1"),
    ("approvals:\n  channel: #ops", "warning", 2, "approvals.channel has no value"),
    ("migration:\n  rules: TMP/none", "error", 2, "can’t read the folder"),
    ("migration:\n  deadline: 2020-01-01", "warning", 2, "2020-01-01 is in the past"),
    ("migration:\n  evidence:\n    - none.json", "error", 3, "it does not exist"),
    ("migration:\n  evidence:\n    - empty", "error", 3, "/empty: "),
    ("migration:\n  evidence:\n    - app.yaml", "error", 3, "app.yaml: "),
    ("migration:\n  evidence:\n    - old.json", "warning", 3, "is not used: it is from"),
]  # fmt: skip
WAIVER = "waivers:\n- rule: %s\n  cluster: a\n  until: %s\n  owner: U0BOB\n  reason: known"


@cases(
    [
        *DEAD_HERE,
        (WAIVER % ("PGR999", "2030-01-01"), "error", 2, "the rule PGR999 does not exist"),
        (WAIVER % ("pgr020", "2020-01-01"), "warning", 4, "expired on 2020-01-01"),
    ],
)
def test_what_this_machine_does_not_have_is_named(tmp_path, text, expected):
    (tmp_path / "empty").mkdir()
    write_scan(tmp_path / "old.json", at=EPOCH - timedelta(days=40))
    setup = setup_of(tmp_path, text)

    found = [
        *check_empty_keys(setup),
        *check_machine(setup.settings),
        *check_migration(setup.settings, EPOCH),
    ]
    assert_named(found, tmp_path, *expected)


def token(**claims):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{part}.{part}.signature"


SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_SIGNING_SECRET": "s",
    "IONOS": token(exp=(EPOCH + timedelta(days=90)).timestamp()),
    "SOON": token(exp=(EPOCH + timedelta(days=3)).timestamp()),
    "PAST": token(exp=(EPOCH - timedelta(days=3)).timestamp()),
    "OPAQUE": "canary.canary.canary",
    "USER_TOKEN": "xoxp-1",
    "EMPTY": "",
}
CONTRACT = "ionos:\n  contracts:\n  - name: main\n    "


@cases(
    [
        ("slack:\n  bot_token: env:NONE", "error", 2, "The environment variable NONE is not set"),
        ("slack:\n  bot_token: env:EMPTY", "error", 2, "is empty"),
        ("slack:\n  bot_token: env:SLACK_APP_TOKEN", "error", 2, "slack.bot_token is an app-level token"),
        ("slack:\n  bot_token: env:USER_TOKEN", "error", 2, "slack.bot_token is a user token"),
        ("slack:\n  app_token: env:SLACK_BOT_TOKEN", "error", 2, "slack.app_token is a bot token"),
        ("slack:\n  mode: http\n  signing_secret: env:SLACK_APP_TOKEN", "error", 3, "is an app-level token"),
        (CONTRACT + "token: env:NONE", "error", 4, "NONE is not set"),
        (CONTRACT + "token: file:/no-such-file", "error", 4, "Can’t read the secret file /no-such-file"),
        (CONTRACT + "token: {command: [no-such-program]}", "error", 4, "can’t be run, or did not finish"),
        (CONTRACT + "token: env:SLACK_BOT_TOKEN", "error", 4, "token is a bot token"),
        (CONTRACT + "token: env:SOON", "warning", 4, "expires on 2026-11-26"),
        (CONTRACT + "token: env:PAST", "error", 4, "expired on 2026-11-20"),
        (CONTRACT + "token: env:OPAQUE", "hint", 4, "does not say when it expires"),
        (CONTRACT + "username: env:IONOS\n    password: env:NONE", "error", 5, "NONE is not set"),
        ("audit:\n  key: env:NONE", "error", 2, "NONE is not set"),
        (
            "clusters:\n- match: {name: a}\n  credentials: {username: u, password: env:NONE, database: d}",
            "error",
            3,
            "NONE is not set",
        ),
    ],
)
async def test_a_secret_that_is_missing_wrong_or_over_is_named(tmp_path, monkeypatch, text, expected):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    found = await check_secrets(setup_of(tmp_path, text).settings, EPOCH)

    assert_named(found, tmp_path, *expected)
    assert "canary" not in "".join(map(str, found))


@pytest.mark.parametrize(
    "body", ["", "e30", "bm8", "W10", base64.urlsafe_b64encode(b'{"exp":1e300}').decode()]
)
async def test_a_token_of_any_other_form_does_not_say_when_it_ends(tmp_path, monkeypatch, body):
    for name, value in (SECRETS | {"IONOS": f"a.{body}.c"}).items():
        monkeypatch.setenv(name, value)
    found = await check_secrets(setup_of(tmp_path, CONTRACT + "token: env:IONOS").settings, EPOCH)

    assert_named(found, tmp_path, "hint", 4, "does not say when it expires")


@cases(
    [
        (REPORT % ("sumary fleet", ""), "error", 2, "sumary"),
        (REPORT % ("cluster delete orders", ""), "error", 2, "makes changes"),
        ("holidays:\n  office: TMP/none.ics", "error", 2, "cannot be read"),
        ("holidays:\n  office: TMP/app.yaml", "error", 2, "can't be read as a calendar"),
        ("holidays:\n  office: [2020-01-01]", "warning", 2, "every day of office is in the past"),
        (
            REPORT % ("status", ", holidays: office") + "\nholidays:\n  office: TMP/none.ics",
            "error",
            4,
            "none.ics",
        ),
        (REPORT % ("status", ", hours: {from: '10:00'}"), "error", 2, "This report would never run"),
    ],
)
async def test_a_report_or_calendar_that_cannot_be_is_named_and_hides_no_other(tmp_path, text, expected):
    text += (
        "\n- {name: good, command: status, when: every day at 9:00, channel: C1, owner: U0BOB}"
        * text.endswith("}")
    )
    settings, found = await check_reports(setup_of(tmp_path, text), VirtualClock())

    assert_named(found, tmp_path, *expected)
    assert [each.name for each in settings.reports] == ["good"] * ("name: good" in text)


# Slack


@asynccontextmanager
async def checking(folder, monkeypatch, text):
    for name, value in (SECRETS | {"SLACK_BOT_TOKEN": "xoxb-demo", "SLACK_APP_TOKEN": "xapp-demo"}).items():
        monkeypatch.setenv(name, value)
    async with workspace_site(read_manifest(manifest_of(SETTINGS))) as site:
        setup = setup_of(folder, text)
        slack = setup.settings.slack.model_copy(update={"api_url": f"{site.url}/api/"})
        clock = CheckedClock(site.clock)
        async with open_slack(slack, clock=clock) as connection:
            yield site, SlackCheck(setup.settings, connection, WebApiCalls(clock))


@cases(
    [
        (
            "approvals:\n  channel: C0NONE",
            "error",
            2,
            "channel: C0NONE: Slack doesn't know this channel",
        ),
        (
            "approvals:\n  channel: C0SECRET",
            "error",
            2,
            "it is private and the bot is not in it",
        ),
        ("approvals:\n  channel: C0OLD", "error", 2, "C0OLD (#migration-2024) is archived"),
        ("approvals:\n  channel: C0GENERAL", "error", 2, "the bot is not a member, so it can't post there"),
        ("approvals:\n  channel: C0SHARED", "warning", 2, "is shared with another company"),
        ("audit:\n  anchors:\n    channel: C0OLD", "error", 3, "audit.anchors.channel: C0OLD"),
        ("clusters:\n- match: {name: a}\n  channel: C0OLD", "error", 3, "clusters[1].channel: C0OLD"),
        (
            "permissions:\n- to: [everyone]\n  allow: ['*']\n  channels: [C0GENERAL]",
            "hint",
            4,
            "can't be mentioned",
        ),
        (
            "people:\n  dba:\n  - U0BOB\n  - U0NONE",
            "error",
            4,
            "dba[2]: U0NONE: Slack doesn't know this person",
        ),
        ("people:\n  dba: [U0GONE]", "error", 2, "U0GONE (Gina Holt): the account is deactivated"),
        ("people:\n  dba: [U0STRANGER]", "error", 2, "belongs to another company"),
        ("people:\n  dba: [U0PGBOT]", "error", 2, "this is an app"),
        ("people:\n  dba: [U0GUEST]", "warning", 2, "is a guest, and guests can only read"),
        ("people:\n  dba: [S0NONE]", "error", 2, "S0NONE: Slack doesn't know this user group"),
        (
            "people:\n  dba: [S0OLD]",
            "error",
            2,
            "S0OLD: Slack doesn't know this user group, or it is disabled",
        ),
        ("terminal:\n  people:\n    root: U0GONE", "error", 3, "terminal.people.root: U0GONE"),
        ("people_keys:\n  U0GONE: KEY", "error", 2, "people_keys.U0GONE: U0GONE"),
        ("clusters:\n- match: {name: a}\n  owner: '@U0GONE'", "error", 3, "clusters[1].owner: U0GONE"),
        (
            WAIVER.replace("U0BOB", "U0GONE") % ("PGR020", "2030-01-01"),
            "error",
            5,
            "waivers[1].owner",
        ),
        ("slack:\n  team: T0OTHER", "error", 2, "belongs to workspace T0DEMO, but slack.team is T0OTHER"),
        ("slack:\n  app_token: env:IONOS", "error", 2, "Socket Mode: Slack refuses"),
        ("slack:\n  mode: http", "hint", 2, "http.public_url is not set"),
        (DBA + REPORT.replace("U0BOB", "U0ALICE") % ("status", ""), "warning", 4, "may not run “status”"),
        (DBA + REPORT.replace("U0BOB", "U0GONE") % ("status", ""), "error", 4, "reports[1].owner: U0GONE"),
        (
            DBA + REPORT.replace("U0BOB", "U0ALICE") % ("drill orders-prod", ""),
            "error",
            4,
            "may not run “dr",
        ),
        (DBA + REPORT.replace("C0OPS", "C0OLD") % ("status", ""), "error", 4, "reports[1].channel: C0OLD"),
    ],
)
async def test_what_slack_does_not_have_is_named(tmp_path, monkeypatch, text, expected):
    text = text.replace("KEY", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
    async with checking(tmp_path, monkeypatch, text) as (_, check):
        found = await check.results(post=False)
    # In HTTP mode nobody can say whether the signing secret is right.
    found = [each for each in found if "can only be checked by a request from Slack" not in each.what]

    assert_named(found, tmp_path, *expected)


async def test_a_dead_id_is_named_at_each_of_its_places_and_asked_about_once(tmp_path, monkeypatch):
    text = "people:\n  dba: [U0GONE]\n  dev:\n  - U0GONE\napprovals:\n  channel: C0OLD\n"
    text += "audit:\n  anchors:\n    channel: C0OLD"
    async with checking(tmp_path, monkeypatch, text) as (site, check):
        found = only_bad(await check.results(post=False))
        asked = [each["method"] for each in (await site.look("calls"))["calls"]]

    place = setup_of(tmp_path, text).place
    assert [place(*each.at).rpartition(" ")[2] for each in found] == ["2", "4", "6", "9"]
    assert (asked.count("users.info"), asked.count("conversations.info")) == (1, 1)


async def test_a_test_card_goes_to_each_channel_that_is_posted_to_and_to_no_other(tmp_path, monkeypatch):
    text = (
        "approvals: {channel: C0OPS}\nclusters:\n"
        "- {match: {name: a}, channel: C0DBA}\n- {match: {name: b}, channel: C0OLD}\n"
        "permissions:\n- {to: [everyone], allow: ['*'], channels: [C0GENERAL]}"
    )
    async with checking(tmp_path, monkeypatch, text) as (site, check):
        await check.results(post=False)
        before = {each: len(site.workspace.channels[each].messages) for each in site.workspace.channels}
        found = await check.results(post=True)
        posted = {
            channel: list(site.workspace.channels[channel].messages.values())[count:]
            for channel, count in before.items()
            if len(site.workspace.channels[channel].messages) > count
        }

    assert {channel: len(some) for channel, some in posted.items()} == {"C0OPS": 1, "C0DBA": 1}
    assert "Test card of pgbot check" in posted["C0OPS"][0].text
    refused = [each.what for each in found if each.level is CheckLevel.ERROR and "test card" in each.what]
    assert refused == ["Slack: the test card for C0OLD: That channel is archived."]


@pytest.mark.parametrize(
    ("fault", "level"),
    [
        (SlackFault(target="conversations.info", kind="rate_limited", seconds=100), "unknown"),
        (SlackFault(target="conversations.info", kind="server_error"), "unknown"),
        (SlackFault(target="conversations.info", kind="error", code="missing_scope"), "error"),
        (SlackFault(target="conversations.info", kind="error", code="no_such_word_yet"), "unknown"),
    ],
)
async def test_what_slack_does_not_answer_is_unknown_and_not_ok(tmp_path, monkeypatch, fault, level):
    async with checking(tmp_path, monkeypatch, "approvals:\n  channel: C0OPS") as (site, check):
        site.workspace.faults.add(replace(fault))
        [result] = [each for each in await check.results(post=False) if "approvals.channel" in each.what]

    assert (result.level.value, result.ok) == (level, False)
    assert result.advice


# Clusters

ORDERS = Cluster(id="1", api=Api.V1, contract="shop", region="de/txl", name="orders-prod", state="AVAILABLE")
SELECTORS = [
    (
        "clusters:\n- match: {name: billing*}\n  tier: a",
        "hint",
        2,
        "name billing* matches no cluster",
    ),
    ("clusters:\n- match: {contract: other}\n  tier: a", "hint", 2, "clusters: contract other matches"),
    (
        "approvals:\n  rules:\n  - changes: [restore]\n    need: confirm\n    clusters:\n    - {id: '2'}",
        "warning",
        6,
        "approval rule 1: id 2 matches no cluster",
    ),
    (
        "permissions:\n- to: [everyone]\n  allow: ['*']\n  clusters: [{region: de/fra}]",
        "warning",
        4,
        "permission 1: region de/fra matches no cluster",
    ),
    (
        WAIVER.replace("cluster: a", "cluster: bill*") % ("PGR020", "2030-01-01"),
        "warning",
        3,
        "waivers: bill*",
    ),
]


@cases(SELECTORS)
def test_a_selector_that_matches_no_cluster_is_named(tmp_path, text, expected):
    settings = setup_of(tmp_path, text).settings
    unread = Listing((ORDERS,), (Gap(where="v2 de/fra", why="it did not respond"),))

    assert_named(check_selectors(settings, Listing((ORDERS,))), tmp_path, *expected)
    assert_named(
        check_selectors(settings, unread), tmp_path, "unknown", expected[1], "some endpoints did not respond"
    )


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (lambda _request: failure(401), "error"),
        (lambda _request: failure(403), "error"),
        (lambda _request: failure(429), "unknown"),
        (lambda _request: failure(503), "unknown"),
        (lambda _request: httpx.Response(200, text="no JSON"), "unknown"),
        (broken_network, "unknown"),
    ],
    ids=["401", "403", "429", "503", "no JSON", "no network"],
)
async def test_an_endpoint_that_refuses_is_an_error_and_one_that_does_not_respond_is_unknown(
    tmp_path, answer, level
):
    settings = setup_of(tmp_path, "ionos: {contracts: [{name: main, token: env:A}]}").settings
    probed = await fleet(both_apis([], answer, "us-mci")).probe()

    assert_named(check_gaps(settings, probed.gaps), tmp_path, level, 1, "cloud: v2 us/mci (contract main): ")


async def test_an_endpoint_that_was_not_asked_is_unknown(tmp_path):
    gap = Gap(where="v1", why="not looked at: only ionos.region_url points elsewhere")

    [result] = check_gaps(setup_of(tmp_path, "").settings, [gap])

    assert (result.level, result.ok) == (CheckLevel.UNKNOWN, False)
    assert "ionos.api_url" in result.advice


def test_a_selector_that_matches_a_cluster_is_right(tmp_path):
    text = (
        "clusters: [{match: {name: 'ORDERS-*'}, tier: prod}]\npermissions: [{to: [everyone], allow: ['*'], "
        "clusters: [{tier: prod}]}]\n"
        + WAIVER.replace("cluster: a", "cluster: orders*")
        % ("a", "2030-01-01")
    )
    assert list(check_selectors(setup_of(tmp_path, text).settings, Listing((ORDERS,)))) == []


def test_a_setting_of_the_environment_is_named_by_its_variable(tmp_path):
    (tmp_path / "app.yaml").write_text("http: {port: 1}")
    variables = {
        "PGBOT_PERMISSIONS": "[{to: [everyone], allow: ['*'], channels: [ops]}]",
        "PGBOT_SLACK__APP": "A1",
    }
    setup = load_settings(tmp_path / "app.yaml", environment=variables)

    assert setup.place("permissions", 0, "channels", 0) == "PGBOT_PERMISSIONS"
    assert setup.place("slack", "app") == "PGBOT_SLACK__APP"
    assert setup.place("http", "port") == f"{tmp_path / 'app.yaml'} line 1"
    assert setup.place("http", "host") == setup.place("approvals", "channel") == ""


@pytest.mark.parametrize(("app", "level"), [("A0PGBOT", "ok"), ("A0OTHER", "error")])
async def test_an_app_token_of_another_app_is_named(tmp_path, monkeypatch, app, level):
    async with checking(tmp_path, monkeypatch, "slack:\n  app: A0PGBOT") as (site, check):
        site.workspace.credentials = AppCredentials(app_token=f"xapp-1-{app}-1-a")
        monkeypatch.setenv("SLACK_APP_TOKEN", site.workspace.credentials.app_token)
        found = await check.results(post=False)

    assert [each.level.value for each in found if "app token" in each.what][-1] == level


async def test_sections_are_left_to_the_report_and_that_is_said(tmp_path):
    setup = setup_of(tmp_path, REPORT % ("summary fleet", ", sections: [None]"))
    _, found = await check_reports(setup, VirtualClock())

    assert_named(found, tmp_path, "hint", 2, "whether it has the sections None")


async def test_a_contract_without_its_secret_leaves_the_others(tmp_path, monkeypatch):
    monkeypatch.setenv("IONOS", "token")
    setup = setup_of(tmp_path, CONTRACT + "token: env:IONOS\n  - {name: lost, token: env:NONE}")

    assert [each.name for each in (await keep_reachable_contracts(setup.settings)).ionos.contracts] == [
        "main"
    ]
