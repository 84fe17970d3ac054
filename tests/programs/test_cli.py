"""The programs, as processes of their own: output, exit codes and signals."""

import asyncio
import json
import signal
from pathlib import Path

import pytest
from programs_site import PGBOT, open_programs_stage, run, running_program

from bot.demo.environment import SETTINGS
from bot.demo.http_client import loopback_client
from bot.domain.error_codes import ExitCode

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(tmp_path):
    async with open_programs_stage(tmp_path) as (stage, environment):
        yield stage, environment


async def test_run_prints_the_answer_and_ends_with_0(stage):
    ended = await run("run", "cluster list", "--region=de/txl", env=stage[1])

    assert ended.code == 0, ended.err
    assert "orders-prod" in ended.out


async def test_run_gives_json_for_machines(stage):
    answer = (await run("run", "--json", "cluster list --region de/txl", env=stage[1])).json()

    assert answer["schema"] == "pgbot/cluster-list/v1"
    assert "orders-prod" in [each["name"] for each in answer["data"]["clusters"]]


async def test_csv_has_a_line_for_each_record_and_nothing_at_its_ends(stage):
    ended = await run("run", "cluster list orders -o csv --columns name,api", env=stage[1])

    names = ("orders-prod", "orders-prod-eu", "orders-staging")
    assert ended.out.split("\n") == ["name,api", *(f"{name},v1" for name in names), ""]


async def test_run_ends_with_the_exit_code_of_the_error(stage):
    ended = await run("run", "cluster show nowhere", env=stage[1])

    assert ended.code == ExitCode.NOT_FOUND
    assert "There is no cluster “nowhere”" in ended.out


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"PGBOT_SLAK__MODE": "socket"}, "PGBOT_SLAK__MODE is not a setting."),
        ({"PGBOT_CONFIG": "/no/such/app.yaml"}, "Can’t read"),
        ({"IONOS_TOKEN": "t", "IONOS_API_URL": "http://example.com"}, "plain http to another machine"),
    ],
)
async def test_wrong_settings_end_with_2_and_one_clear_sentence(tmp_path, env, says):
    ended = await run("run", "whoami", env=env, cwd=tmp_path)

    assert ended.code == 2
    assert says in ended.err
    assert "Traceback" not in ended.err


async def test_the_official_names_are_enough_and_a_token_never_strays(stage, tmp_path):
    """Only the v1 address is given, so v2 must not see the token, and is reported as not looked at."""
    env = {
        "IONOS_TOKEN": "demo-token",
        "IONOS_API_URL": stage[0].cloud_url,
        "PGBOT_DATA": str(tmp_path / "d"),
    }

    ended = await run("run", "cluster list", env=env, cwd=tmp_path)

    assert ended.code == ExitCode.PARTIAL  # v2 has no answer there
    assert "orders-prod" in ended.out
    assert "not read: only" in ended.out
    assert "payments-prod" not in ended.out


async def test_serve_is_ready_answers_and_ends_with_0_on_sigterm(stage):
    environment = stage[1]
    async with running_program("serve", env=environment, program=PGBOT) as process, asyncio.timeout(120):
        line = await process.stderr.readline()
        ready = json.loads(line)
        assert "url" in ready, line
        async with loopback_client(base_url=ready["url"]) as http:
            health = await http.get("/readyz")
        process.send_signal(signal.SIGTERM)
        code = await process.wait()

    assert ready["event"] == "ready"
    assert health.status_code == 200
    assert health.json().keys() >= {"slack", "database", "audit", "changes", "lease"}
    told = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [key for key in health.json() if key not in {"ok", "why"} and f"`{key}`" not in told] == []
    assert code == 0


async def test_serve_without_a_token_says_which_one(tmp_path):
    ended = await run("serve", env={"PGBOT_DATA": str(tmp_path)}, cwd=tmp_path)

    assert ended.code == 2
    assert "SLACK_BOT_TOKEN is not set" in ended.err


async def test_check_finds_everything_in_order(stage):
    ended = await run("check", env=stage[1])

    assert ended.code == 0, ended.out
    assert "error" not in ended.out
    for word in ("settings in", "audit log", "cloud: ", "Slack: bot", "all scopes", "Socket Mode"):
        assert word in ended.out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack refuses the bot token: invalid_auth"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "with the app token: invalid_auth"),
        ({"DEMO_TOKEN_SHOP": "wrong"}, "cloud: "),
        ({"PGBOT_SLACK__API_URL": "http://127.0.0.1:9/api/"}, "Slack cannot be reached"),
        (
            {"PGBOT_PERMISSIONS": "[{to: [dba], allow: [clutser]}]"},
            "permission 1: no command is called clutser",
        ),
        (
            {"PGBOT_PERMISSIONS": "[{to: [dba], allow: ['*'], channels: [C0NOWHERE]}]"},
            "permissions[1].channels[1]: C0NOWHERE: Slack doesn't know this channel",
        ),
    ],
)
async def test_check_names_what_is_wrong_and_goes_on(stage, change, says):
    ended = await run("check", env=stage[1] | change)

    assert ended.code == 1
    assert says in ended.out
    assert "settings in" in ended.out
    assert all(secret not in ended.out + ended.err for secret in ("xoxb-wrong", "xapp-wrong"))


async def test_check_lists_the_clusters_that_no_approval_rule_covers(stage):
    rules = "[{changes: [cluster delete], clusters: [{name: '*Prod*'}], roles: {dba: 1}}]"
    ended = await run(
        "check", env=stage[1] | {"PGBOT_APPROVALS__RULES": rules, "PGBOT_APPROVALS__FORMER_NAMES": "0"}
    )
    lines = [line for line in ended.out.splitlines() if "no rule for cluster delete covers" in line]

    assert (ended.code, len(lines)) == (0, 1), ended.out
    assert "approvals.former_names is 0" in ended.out
    assert "orders-staging" in lines[0]
    assert "-prod" not in lines[0]


async def test_check_goes_on_where_a_contract_and_a_report_cannot_be_used(stage, tmp_path):
    text = SETTINGS.read_text(encoding="utf-8").replace("env:DEMO_TOKEN_BILLING", "env:NO_SUCH_TOKEN")
    (tmp_path / "app.yaml").write_text(text.replace("summary fleet", "summary fleets"), encoding="utf-8")
    ended = await run("check", env=stage[1] | {"PGBOT_CONFIG": str(tmp_path / "app.yaml")})

    assert ended.code == 1
    for words in (
        "line 6: secrets: ionos.contracts[2].token: The environment variable NO_SUCH_TOKEN is not set.",
        "report fleet: “summary fleets” is not a command.",
        "ok      cloud: v1 (contract shop) responds",
        "clusters: contract billing matches no cluster so far, and some endpoints did not respond",
    ):
        assert words in ended.out
    assert "no longer has" not in ended.out


async def test_check_speaks_json_too(stage):
    findings = (await run("check", "--json", env=stage[1])).json()

    assert all(each["ok"] for each in findings)
    assert {each["level"] for each in findings} <= {"ok", "hint", "warning"}
    assert {"file": str(SETTINGS), "line": 5}.items() <= findings[3].items()


@pytest.mark.parametrize("flags", [(), ("--json",)])
async def test_check_refuses_a_wrong_file_with_2_and_its_lines(tmp_path, flags):
    (tmp_path / "app.yaml").write_text("slack:\n  mode: pigeon\nhttp:\n  port: many\n")
    ended = await run("check", *flags, cwd=tmp_path)

    assert ended.code == 2
    if flags:
        said = [(each["file"], each["line"], each["level"], each["what"]) for each in ended.json()]
        assert said == [
            ("app.yaml", 2, "error", "slack.mode: this must be one of socket, http."),
            ("app.yaml", 4, "error", "http.port: this must be a whole number."),
        ]
    else:
        assert ended.err.count("app.yaml line") == 2


async def test_check_posts_a_test_card_only_when_it_is_asked_to(stage):
    plain = await run("check", env=stage[1])
    before = len(stage[0].workspace.channels["C0OPS"].messages)
    posted = await run("check", "--post", env=stage[1])

    assert (plain.code, posted.code) == (0, 0)
    assert "test card" not in plain.out
    assert "Slack: a test card was posted to C0OPS" in posted.out
    assert len(stage[0].workspace.channels["C0OPS"].messages) == before + 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("manifest",), "socket_mode_enabled: true"),
        (("manifest", "--url", "https://pgbot.example.com/slack/events"), "request_url: https://pgbot"),
        (("--help",), "PROGRAM"),
        (("demo", "cloud", "--help"), "--latency"),
        (("demo", "workspace", "--help"), "--manifest"),
    ],
)
async def test_programs_that_only_print(tmp_path, arguments, says):
    ended = await run(*arguments, cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert says in ended.out


async def test_docs_says_whether_the_page_is_stale(tmp_path):
    page = str(tmp_path / "commands.md")

    stale = await run("docs", "--out", page, "--check")
    made = await run("docs", "--out", page)
    fresh = await run("docs", "--out", page, "--check")

    assert (stale.code, made.code, fresh.code) == (1, 0, 0)
    assert "stale" in stale.out


async def test_the_tour_plays_to_its_end(tmp_path):
    ended = await run("demo", "--script", cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert "orders-prod: AVAILABLE" in ended.out
    assert "That was the tour." in ended.out


async def test_the_demo_prints_its_address_and_ends_with_0_on_ctrl_c(tmp_path):
    async with running_program("demo", program=PGBOT, cwd=tmp_path) as process, asyncio.timeout(120):
        line = (await process.stdout.readline()).decode()
        address = next(word for word in line.split() if word.startswith("http://127.0.0.1"))
        async with loopback_client() as http:
            page = await http.get(address)
        process.send_signal(signal.SIGINT)
        code = await process.wait()

    assert page.status_code == 200
    assert code == 0


@pytest.mark.parametrize(
    ("stand_in", "path"), [("cloud", "/de-txl/clusters"), ("workspace", "/api/auth.test")]
)
async def test_a_stand_in_runs_alone_says_when_it_is_ready_and_ends_with_0(tmp_path, stand_in, path):
    async with running_program("demo", stand_in, cwd=tmp_path) as process, asyncio.timeout(120):
        line = (await process.stdout.readline()).decode()
        address = "http://" + line.split("http://")[1].split("/")[0].rstrip(",")
        headers = {"Authorization": "Bearer demo-token" if stand_in == "cloud" else "Bearer xoxb-demo"}
        async with loopback_client(headers=headers) as http:
            answer = await http.get(address + path)
        process.send_signal(signal.SIGTERM)
        code = await process.wait()

    assert answer.status_code == 200
    assert code == 0
