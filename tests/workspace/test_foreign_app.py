"""A foreign app and the simulator as two programs, with none of our code in the app."""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import foreign_app
import pytest
from programs_site import running_program

from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio

MANIFEST = """\
display_information: {name: Cake}
features:
  slash_commands: [{command: /cake, description: Order cake}]
oauth_config: {scopes: {bot: [commands, chat:write]}}
settings: {interactivity: {is_enabled: true}, socket_mode_enabled: true}
"""


@asynccontextmanager
async def cake_shop(folder):
    """Yield an HTTP client of the simulator with the app."""
    manifest = folder / "manifest.yaml"
    manifest.write_text(MANIFEST)
    foreign = (sys.executable, str(Path(foreign_app.__file__)))
    async with running_program("demo", "workspace", "--port", "0", "--manifest", str(manifest)) as workspace:
        line = (await asyncio.wait_for(workspace.stdout.readline(), 30)).decode()
        url = line.split()[4].rstrip("/")
        async with (
            running_program(f"{url}/api/", program=foreign) as app,
            loopback_client(base_url=url) as http,
        ):
            assert await asyncio.wait_for(app.stdout.readline(), 30) == b"ready\n"
            yield http


async def act(http, what, **body):
    return (await http.post(f"/_workspace/{what}", json={"user": "U0ALICE", **body})).json()


async def look(http, what, **query):
    return (await http.get(f"/_workspace/{what}", params={"user": "U0ALICE", **query})).json()


async def until_said(http, text):
    """Wait for a message with these words."""
    async with asyncio.timeout(120):
        while True:
            said = (await look(http, "messages", channel="C0OPS"))["messages"]
            found = [message for message in said if message["text"] == text]
            if found:
                return found[-1]
            await asyncio.sleep(0.02)


async def until_open(http):
    """Wait for the modal."""
    async with asyncio.timeout(120):
        while not (stack := (await look(http, "views"))["stack"]):
            await asyncio.sleep(0.02)
    return stack[0]


async def test_command_button_modal_error_submission(tmp_path):
    async with cake_shop(tmp_path) as http:
        assert (await act(http, "slash", channel="C0OPS", text="/pg help"))["error"] == "unknown_command"
        bearer = {"authorization": "Bearer xoxb-demo"}
        limited = await http.post("/api/users.info", data={"user": "U0ALICE"}, headers=bearer)
        assert (limited.json()["error"], limited.json()["needed"]) == ("missing_scope", "users:read")
        assert (await act(http, "slash", channel="C0OPS", text="/cake"))["ok"]
        question = await until_said(http, "Cake?")
        assert question["ephemeral"]
        clicked = await act(http, "click", channel="C0OPS", ts=question["ts"], label="Order")
        assert clicked["ok"]
        view = await until_open(http)
        many = await act(http, "submit", view_id=view["id"], values={"count": "many"})
        assert many["error"] == "errors"
        assert (await look(http, "views"))["stack"][0]["errors"] == {"slices": "A number, please."}
        assert (await act(http, "submit", view_id=view["id"], values={"count": "2"}))["ok"]
        assert (await look(http, "views"))["stack"] == []
        taken = await until_said(http, "<@U0ALICE> takes 2")
        assert (taken["bot"], taken["ephemeral"]) == (True, False)
