"""A process of its own whose machine's clock is wrong, in HTTP mode, beside simulators of the right time."""

import asyncio
import json
from pathlib import Path

import pytest
from programs_site import open_programs_stage, running_program

from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio
SCRIPT = Path(__file__).parents[1] / "support" / "wrong_clock_bot.py"


async def until_ready(process):
    while True:
        text = await process.stderr.readline()
        assert text.startswith(b"{"), text + await process.stderr.read()
        line = json.loads(text)
        if line["event"] == "ready":
            return line["url"]


async def until(http, url, is_right):
    """Ask /readyz until the clock is, or is not, right; return the answer."""
    while (answer := await http.get(f"{url}/readyz")).json()["clock"] is not is_right:
        await asyncio.sleep(0.05)
    return answer


async def test_commands_go_on_while_the_clock_is_wrong_and_readyz_says_by_how_much(tmp_path):
    ahead = tmp_path / "data" / "ahead"
    ahead.parent.mkdir()
    ahead.write_text("86400")
    async with open_programs_stage(tmp_path) as (demo, environment), asyncio.timeout(50):
        variables = environment | {"PGBOT_SLACK__MODE": "http"}
        async with running_program(env=variables, script=SCRIPT) as process:
            url = await until_ready(process)
            demo.workspace.request_url = f"{url}/slack/events"
            async with loopback_client() as http:
                seen = []
                for seconds in ("86400", "0", "400", "0"):
                    ahead.write_text(seconds)
                    seen.append(await until(http, url, seconds == "0"))
                    typed = {"user": "U0BOB", "channel": "C0OPS", "text": "/pg whoami"}
                    answer = await http.post(f"{demo.slack_url}/_workspace/slash", json=typed)
                    assert answer.json()["ok"], seconds
            process.terminate()
            code = await process.wait()

    whys = [each.json().get("why", {}).get("clock", "") for each in seen]
    assert whys[0] == "This machine's clock is 1 day ahead of Slack's and IONOS's."
    assert "400 s" in whys[2]
    assert whys[1::2] == ["", ""]
    assert ([each.status_code for each in seen], code) == ([200] * 4, 0)
