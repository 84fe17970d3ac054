"""Commands from typed text to shown answer, through real listeners, in both modes."""

import asyncio
import json
import sqlite3
from datetime import timedelta

import anyio
import pytest
from bot_site import OPS, bot_site
from damaged_pages import damage
from example_counts import examples

from bot.demo.http_client import loopback_client
from bot.programs.serve import PROBE_SECONDS
from bot.runtime.database.file_watch import PAGES_SECONDS
from bot.slack.inbox import KEEP

pytestmark = pytest.mark.anyio
ALICE, BOB, VERA, GUEST = "U0ALICE", "U0BOB", "U0VERA", "U0GUEST"


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param) as site:
        yield site


@pytest.fixture
async def http_site(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode="http") as site:
        yield site


@pytest.fixture(scope="module", params=["socket", "http"])
async def shared_site(request, tmp_path_factory, anyio_backend):
    """A site for lines that change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        async with bot_site(tmp_path_factory.mktemp("site"), patch, mode=request.param) as site:
            yield site


def text_of(message) -> str:
    return json.dumps(message, ensure_ascii=False)


async def test_a_command_is_acked_answered_privately_and_audited(site):
    answer = await site.ask(BOB, "/pg cluster list --state BUSY")
    await site.idle()

    assert "BUSY" in answer["text"]
    assert answer["ts"] not in {message["ts"] for message in await site.seen(ALICE)}
    invocation, outcome = site.audit()
    assert (invocation["kind"], outcome["kind"]) == ("invocation", "outcome")
    assert invocation["trace"] == outcome["trace"]
    assert (outcome["actor"], outcome["channel"]) == ("slack:U0BOB", OPS)
    assert (outcome["command"], outcome["outcome"]) == ("cluster list", "ok")
    urls = {request["url"] for request in json.loads(outcome["requests"])}
    assert len(urls) >= 10
    assert outcome["milliseconds"] is not None


async def test_an_answer_is_shared_when_asked_and_only_then(site):
    await site.ask(BOB, "/pg whoami --share")
    await site.idle()

    assert any("You are bob" in message["text"] for message in await site.seen(ALICE))


async def test_nothing_is_shared_into_a_channel_with_another_company(site):
    answer = await site.ask(BOB, "/pg whoami --share", channel="C0SHARED")

    assert "this channel is shared with another company" in text_of(answer)
    assert not any("You are bob" in message["text"] for message in await site.seen(ALICE, "C0SHARED"))


async def test_nothing_is_shared_into_a_channel_of_which_slack_does_not_say_who_reads_it(http_site):
    order = {"target": "conversations.info", "kind": "server_error", "times": 1}
    assert (await http_site.http.post("/_workspace/faults", json=order)).status_code < 300

    answer = await http_site.ask(BOB, "/pg whoami --share")

    assert "Slack does not say whether this channel is shared with another company" in text_of(answer)
    assert not any("You are bob" in message["text"] for message in await http_site.seen(ALICE))


async def test_a_button_runs_its_command_as_whoever_presses_it(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, clusters=600) as site:
        first = await site.ask(BOB, "/pg cluster list --sort region")
        outcome = await site.click(BOB, first, "Next rows")
        await site.idle()
        second = next(message for message in await site.seen(BOB) if message["ts"] == first["ts"])
        back = await site.click(BOB, second, "First rows")
        await site.idle()

        assert outcome["ok"], outcome
        assert back["ok"], back
        assert "Showing rows" in text_of(second)
        assert [row["text"] for row in site.audit()][-1].startswith("cluster list --sort region --kept ")
        assert " --skip " in site.audit()[2]["text"]


async def test_what_does_not_fit_arrives_as_a_file_by_direct_message(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, clusters=600) as site:
        await site.ask(BOB, "/pg cluster list")
        await site.idle()

        channels = (await site.http.get("/_workspace/channels", params={"user": BOB})).json()["channels"]
        direct = next(channel["id"] for channel in channels if channel["kind"] == "im")
        files = [file for message in await site.seen(BOB, direct) for file in message.get("files", [])]
        in_channel = [file for message in await site.seen(ALICE) for file in message.get("files", [])]
        assert [file["name"] for file in files] == ["clusters.csv"]
        assert in_channel == []


@pytest.mark.parametrize("shared_site", ["http"], indirect=True)
@pytest.mark.parametrize(
    ("line", "says", "outcome"),
    [
        ("/pg cluster lsit", "“cluster lsit” is not a command", "mistyped"),
        ("/pg cluster list --stat BUSY", "has no flag --stat", "mistyped"),
        ("/pg cluster list --api v3", "--api can't be “v3”", "mistyped"),
        ("/pg cluster show ordrs-prod", "Did you mean “orders-prod”", "mistyped"),
        ('/pg cluster show "orders', "A quotation mark was opened", "mistyped"),
        ("/pg " + "x" * 3000, "A command can have at most 2,000 characters", "mistyped"),
        ("/pg 🔥", "“🔥” is not a command", "mistyped"),
        ("/pg \u202eabc", "“abc” is not a command", "mistyped"),
        ("/pg cluster list\x07\x1b[2J", "contains a control character: U+0007", "mistyped"),
        ("/pg cluster show orders-prod --share=maybe", "--share takes yes or no", "mistyped"),
    ],
)
async def test_bad_input_is_one_sentence_and_one_audit_row(shared_site, line, says, outcome):
    answer = await shared_site.ask(BOB, line)
    await shared_site.idle()

    assert says in text_of(answer)
    assert "Traceback" not in text_of(answer)
    assert outcome == shared_site.audit()[-1]["outcome"]


async def test_a_guest_is_refused_and_the_refusal_is_audited(shared_site):
    await shared_site.idle()
    before = len(shared_site.audit())
    answer = await shared_site.ask(GUEST, "/pg cluster list")
    await shared_site.idle()

    assert "You may not run “cluster list”" in answer["text"]
    (row,) = shared_site.audit()[before:]
    assert (row["kind"], row["outcome"], row["actor"]) == ("invocation", "denied", "slack:U0GUEST")


async def test_people_see_only_the_clusters_of_their_permissions(shared_site):
    all_of_them = await shared_site.ask(BOB, "/pg cluster list")
    only_prod = await shared_site.ask(VERA, "/pg cluster list")

    assert all_of_them["text"].startswith("44 clusters")
    assert not only_prod["text"].startswith("44 clusters")
    assert "staging" not in text_of(only_prod)


async def test_a_group_of_the_workspace_gives_its_role(shared_site):
    answer = await shared_site.ask("U0CAROL", "/pg whoami")

    assert "S0DBA" in text_of(answer)
    assert "dba" in answer["text"]


async def test_a_name_that_is_a_mention_never_pings(shared_site):
    answer = await shared_site.ask(BOB, "/pg cluster list channel")

    assert "&lt;!channel&gt;" in answer["text"]
    assert "<!channel>" not in answer["text"]


async def test_a_region_that_does_not_answer_is_named(site):
    fault = {"api": "v2", "region": "de-fra", "kind": "status", "status": 403}
    async with loopback_client() as operator:
        response = await operator.post(f"{site.demo.cloud_url}/_cloud/faults", json=fault)
    assert response.status_code < 300, response.text

    answer = await site.ask(BOB, "/pg cluster list --region de/txl")

    assert "Could not read" in text_of(answer)
    assert "de/fra" in text_of(answer)


@pytest.mark.hypothesis
async def test_many_commands_at_once_are_all_acked_and_answered_once(site):
    commands = examples(50, 200)
    outcomes = await asyncio.gather(*(site.slash(BOB, "/pg whoami") for _ in range(commands)))
    await site.idle()

    assert [each["error"] for each in outcomes if not each["ok"]] == []
    answers = [message for message in await site.seen(BOB) if message["text"].startswith("You are bob")]
    assert len(answers) == commands
    assert len(site.audit()) == 2 * commands


async def test_health_says_alive_and_ready(site):
    async with loopback_client(base_url=site.bot.url) as http:
        assert (await http.get("/healthz")).status_code == 200
        ready = await http.get("/readyz")

    assert ready.status_code == 200
    found = ready.json()
    assert [key for key, value in found.items() if value is False or key == "why"] == []
    assert (found["slack"], found["database"], found["stuck_changes"]) == (True, True, 0)


async def test_a_store_that_takes_no_write_is_not_ready_until_it_does(http_site):
    """Lock the database for writing: it acts like a full disk, and it passes."""
    other = sqlite3.connect(http_site.bot.kernel.database.path, isolation_level=None)
    await http_site.bot.kernel.database.write(lambda db: db.execute("PRAGMA busy_timeout = 0").fetchone())
    states = []
    async with loopback_client(base_url=http_site.bot.url) as http:
        for step in ("BEGIN IMMEDIATE", "ROLLBACK"):
            other.execute(step)
            http_site.demo.clock.advance(timedelta(seconds=PROBE_SECONDS))
            answer = await http.get("/readyz")
            states.append((answer.status_code, answer.json()["database"]))
    other.close()

    assert states == [(503, False), (200, True)]


async def test_a_damaged_page_of_the_changes_is_not_ready(http_site):
    await http_site.ask(ALICE, "/pg restore orders-prod --to 2h --reason test")
    await http_site.idle()
    damage(http_site.bot.kernel.database.path, "changes")
    async with loopback_client(base_url=http_site.bot.url) as http:
        with anyio.fail_after(120):
            while True:
                http_site.demo.clock.advance(timedelta(seconds=PAGES_SECONDS))
                answer = await http.get("/readyz")
                if "changes)" in answer.json().get("why", {}).get("database", ""):
                    break

    why = answer.json()["why"]["database"]
    assert (answer.status_code, answer.json()["database"]) == (503, False)
    assert why == "pgbot.db is damaged (changes): restore a backup with “pgbot data restore”."


async def test_the_inbox_is_tidied_every_hour(http_site):
    await http_site.ask(BOB, "/pg whoami")
    await http_site.idle()
    database = http_site.bot.kernel.database

    async def deliveries():
        return await database.read(lambda db: db["inbox"].count_where("key LIKE 'trigger:%'"))

    before = await deliveries()
    http_site.demo.clock.advance(KEEP + timedelta(hours=1))
    with anyio.fail_after(120):
        while await deliveries():
            await anyio.sleep(0.01)

    assert before == 1


async def test_a_store_that_is_gone_is_said_in_the_ack_and_nothing_runs(site):
    database = site.bot.kernel.database
    await database.write(lambda db: db.execute("PRAGMA query_only = ON").fetchone())

    outcome = await site.slash(BOB, "/pg cluster list")

    assert outcome["ok"]
    assert "nothing was done" in text_of(outcome["ack"])
    assert site.audit() == []


@pytest.mark.parametrize("disturbance", [{"drop": True}, {"disconnect": "refresh_requested"}])
async def test_a_connection_that_ends_is_made_again(tmp_path, monkeypatch, disturbance):
    async with bot_site(tmp_path, monkeypatch) as site:
        sockets = site.demo.workspace.sockets
        (ending,) = sockets.connections
        await site.http.post("/_workspace/connections", json=disturbance)
        with anyio.fail_after(120):
            while ending in sockets.connections:
                await anyio.sleep(0.01)
            while not (await site.slash(BOB, "/pg whoami"))["ok"]:
                await anyio.sleep(0.05)
        await site.idle()

        assert any(message["text"].startswith("You are bob") for message in await site.seen(BOB))
