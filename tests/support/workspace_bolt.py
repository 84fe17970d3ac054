"""A small foreign app on slack_bolt alone, for the Slack simulator."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot.demo.loopback_server import LoopbackServer

BUTTONS = {
    "type": "actions",
    "block_id": "row",
    "elements": [
        {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "42"},
        {"type": "button", "action_id": "ask", "text": {"type": "plain_text", "text": "Ask"}},
        {
            "type": "external_select",
            "action_id": "find",
            "min_query_length": 1,
            "placeholder": {"type": "plain_text", "text": "Find"},
        },
    ],
}

MODAL = {
    "type": "modal",
    "callback_id": "form",
    "notify_on_close": True,
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "reason"},
        }
    ],
}


SECOND = {**MODAL, "title": {"type": "plain_text", "text": "Second"}}

ANSWERS = {
    "bad": {"response_action": "errors", "errors": {"why": "Say more."}},
    "update": {"response_action": "update", "view": SECOND},
    "push": {"response_action": "push", "view": SECOND},
    "clear": {"response_action": "clear"},
    "home": {"response_action": "update", "view": {"type": "home", "blocks": []}},
    "elsewhere": {"response_action": "errors", "errors": {"row": "No input."}},
}
"""The form's answers to a reason of this name; anything else closes it."""


def make_app(client, seen):
    """Return the app; `seen` collects (name, payload) of everything that reaches a listener."""
    app = AsyncApp(
        name="test", client=client, signing_secret="demo-signing-secret", process_before_response=True
    )
    listeners = (
        listen_to_commands,
        listen_to_clicks,
        listen_to_forms,
        listen_to_events,
        listen_to_shortcuts,
    )
    for listen in listeners:
        listen(app, seen)
    return app


def listen_to_commands(app, seen):

    @app.command("/pg")
    async def command(ack, body, respond):
        seen.append(("command", body))
        if body["text"] == "silence":
            return
        if body["text"] == "public":
            await ack({"text": "for all", "response_type": "in_channel"})
            return
        if body["text"] == "broken":
            await ack({"blocks": [{"type": "header"}]})
            return
        await ack()
        await respond(text="answer", blocks=[BUTTONS])


def listen_to_clicks(app, seen):
    @app.action("go")
    async def go(ack, body, respond):
        seen.append(("action", body))
        await ack()
        await respond(text=f"went {body['actions'][0]['value']}", replace_original=True)

    @app.action("ask")
    async def ask(ack, body, client):
        seen.append(("action", body))
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.action("find")
    async def found(ack, body):
        seen.append(("action", body))
        await ack()

    @app.options("find")
    async def find(ack, body):
        seen.append(("options", body))
        word = body["value"]
        if word == "silence":
            return
        if word == "long":
            long = {"text": {"type": "plain_text", "text": "x" * 76}, "value": "1"}
            await ack(options=[long])
            return
        await ack(
            options=[{"text": {"type": "plain_text", "text": f"{word} {n}"}, "value": str(n)} for n in (1, 2)]
        )


def listen_to_forms(app, seen):
    @app.view("form")
    async def form(ack, body):
        seen.append(("view", body))
        await ack(**ANSWERS.get(body["view"]["state"]["values"]["why"]["reason"]["value"], {}))

    @app.view_closed("form")
    async def closed(ack, body):
        seen.append(("closed", body))
        await ack()


def listen_to_events(app, seen):
    @app.event("app_mention")
    async def mention(body, say):
        seen.append(("event", body))
        await say(text="you called")

    @app.event("app_home_opened")
    async def home(body, client):
        seen.append(("event", body))
        page = {"type": "home", "blocks": [{"type": "divider"}]}
        await client.views_publish(user_id=body["event"]["user"], view=page)


def listen_to_shortcuts(app, seen):
    @app.global_shortcut("start")
    async def start(ack, body, client):
        seen.append(("shortcut", body))
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.message_shortcut("look")
    async def look(ack, body, respond):
        seen.append(("message_action", body))
        await ack()
        await respond(text=f"looked at {body['message']['text']}")


async def wait_until(condition, seconds=10):
    """Wait until the condition holds. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def until_connected(workspace, count):
    """Wait until `count` Socket Mode connections are open. Raises TimeoutError."""
    await wait_until(lambda: len(workspace.sockets.connections) >= count)


@asynccontextmanager
async def bolt_over_socket(site, *, ping_interval=10.0):
    """Run the app over Socket Mode; yield (handler, seen)."""
    seen = []
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="xoxb-demo", base_url=f"{site.url}/api/", session=session)
        app = make_app(client, seen)
        app_client = AsyncWebClient(token="xapp-demo", base_url=f"{site.url}/api/")
        handler = AsyncSocketModeHandler(app, "xapp-demo", web_client=app_client, ping_interval=ping_interval)
        before = len(site.workspace.sockets.connections)
        await handler.connect_async()
        await until_connected(site.workspace, before + 1)
        try:
            yield handler, seen
        finally:
            await handler.close_async()


@asynccontextmanager
async def bolt_over_http(site):
    """Run the app behind a loopback address that the simulator delivers to; yields (None, seen)."""
    seen = []
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="xoxb-demo", base_url=f"{site.url}/api/", session=session)
        handler = AsyncSlackRequestHandler(make_app(client, seen))
        routes = [Route("/slack/events", handler.handle, methods=["POST"])]
        async with LoopbackServer(Starlette(routes=routes)) as server:
            site.workspace.request_url = f"{server.url}/slack/events"
            yield None, seen
