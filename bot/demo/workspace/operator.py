"""The operator API at `/_workspace/…`: act as a person, see what they see, move time, cause faults."""

import base64
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.demo.loopback_server import is_loopback
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace import clicks, forms, user_actions
from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.event_delivery import ActionOutcome, verify
from bot.demo.workspace.members import BOT_USER, SlackAccount
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.seed import join_enterprise, open_connect_message
from bot.demo.workspace.slack_faults import KINDS, SlackFault
from bot.demo.workspace.state import WorkspaceState

RequestHandler = Callable[[WorkspaceState, Json], Awaitable[Json]]
"""A function from a request's JSON to the answer's. Raises MethodRefusal, and LookupError, TypeError or
ValueError for a missing or wrong argument."""

_DISCONNECT_REASONS = {"warning", "refresh_requested", "link_disabled", "too_many_websockets"}


def operator_routes(workspace: WorkspaceState) -> list[Route]:
    """Return the routes below `/_workspace`, with JSON in and out; a refusal is 400 with Slack's word.

    GET  state | channels ?user | messages ?user &channel [&after] | views ?user | calls [?method] | faults
         stream: server-sent events of what has changed
    POST slash {user, channel, text} | say {user, channel, text, thread_ts?} | home {user}
         click {user, (channel, ts) or view_id, action_id or label, block_id?, value?}
         shortcut {user, callback_id, (channel, ts)?}
         search {user, (channel, ts) or view_id, action_id, block_id?, text}
         upload {user, name, content in base64}
         submit {user, view_id, values} | close {user, view_id, everything?}
         clock {seconds} | faults {target, kind, times?, seconds?, code?} or {clear: true}
         company {enterprise?: true, org_wide?: true, connect?: true}, before the bot starts
         request_url {url or null, verify?} | connections {drop: true or disconnect: reason, at?}
    """
    return [
        *(
            Route(f"/{name}", partial(_answer, workspace, read), methods=["GET"])
            for name, read in READS.items()
        ),
        *(
            Route(f"/{name}", partial(_answer, workspace, act), methods=["POST"])
            for name, act in ACTIONS.items()
        ),
        Route("/stream", partial(_stream, workspace), methods=["GET"]),
    ]


async def _answer(workspace: WorkspaceState, handler: RequestHandler, request: Request) -> Response:
    try:
        workspace.admit(request)
        body = await handler(workspace, await _read(request))
    except MethodRefusal as refusal:
        return JSONResponse(refusal.body(), 400 if refusal.status == 200 else refusal.status)
    except (LookupError, TypeError, ValueError) as error:
        words = f"missing or wrong argument: {error}"
        return JSONResponse(MethodRefusal("invalid_arguments", (f"[ERROR] {words}",)).body(), 400)
    return JSONResponse({"ok": True, **body})


async def _read(request: Request) -> Json:
    if request.method == "GET":
        return dict(request.query_params)
    body = await request.json()
    if not isinstance(body, dict):
        raise MethodRefusal("json_not_object")
    return body


async def _stream(workspace: WorkspaceState, request: Request) -> Response:
    try:
        workspace.admit(request)
    except MethodRefusal as refusal:
        return JSONResponse(refusal.body(), refusal.status)
    headers = {"cache-control": "no-store"}
    return StreamingResponse(_events(workspace), media_type="text/event-stream", headers=headers)


async def _events(workspace: WorkspaceState) -> AsyncIterator[str]:
    yield ": listening\n\n"
    async with aclosing(workspace.stream.listen()) as changes:
        async for change in changes:
            yield f"data: {json.dumps(change)}\n\n"


async def _state(workspace: WorkspaceState, _query: Json) -> Json:
    """Return people, groups, commands, time, and how the bot is reached."""
    manifest = workspace.manifest
    channels = (channel for channel in workspace.channels.values() if channel.kind != "im")
    return {
        "app": manifest.app_name,
        "bot_user": BOT_USER,
        "now": workspace.clock.now().isoformat(),
        "people": [_person(workspace, person) for person in workspace.people.values()],
        "groups": [{"id": g.id, "handle": g.handle, "name": g.name} for g in workspace.groups.values()],
        "channels": {channel.id: channel.name for channel in channels},
        "commands": [asdict(each) for each in manifest.commands],
        "shortcuts": [asdict(each) for each in manifest.shortcuts],
        "request_url": workspace.request_url,
        "connections": len(workspace.sockets.connections),
        "home_tab": manifest.home_tab,
    }


def _person(workspace: WorkspaceState, person: SlackAccount) -> Json:
    groups = [group.handle for group in workspace.groups.values() if person.id in group.users]
    return asdict(person) | {"groups": groups, "stranger": person.stranger}


async def _channels(workspace: WorkspaceState, query: Json) -> Json:
    """Return the channels of a person, direct messages last."""
    user = query["user"]
    mine = [channel for channel in workspace.channels.values() if user in channel.members]
    mine.sort(key=lambda channel: (channel.kind == "im", channel.archived, channel.name))
    return {"channels": [_channel(workspace, channel, user) for channel in mine]}


def _channel(workspace: WorkspaceState, channel: Channel, user: str) -> Json:
    seen = channel.seen_by(user)
    return {
        "id": channel.id,
        "name": workspace.manifest.app_name if channel.kind == "im" else channel.name,
        "kind": channel.kind,
        "topic": channel.topic,
        "external": channel.external,
        "archived": channel.archived,
        "has_bot": channel.has_bot,
        "members": len(channel.members),
        "latest": seen[-1].ts if seen else "",
    }


async def _messages(workspace: WorkspaceState, query: Json) -> Json:
    """Return the messages that a person sees, oldest first, with authors and files; `after` is a ts."""
    user, channel = query["user"], workspace.channels.get(query["channel"])
    seen = [] if channel is None else channel.seen_by(user)
    after = query.get("after", "")
    return {"messages": [_message(workspace, message) for message in seen if message.ts > after]}


def _message(workspace: WorkspaceState, message: StoredMessage) -> Json:
    person = workspace.people.get(message.user)
    return message.json() | {
        "channel": message.channel,
        "author": person.real_name if person else "Slackbot",
        "bot": message.by_bot,
        "ephemeral": message.only_for is not None,
        "error": message.error,
        "files": workspace.files_of(message),
    }


async def _views(workspace: WorkspaceState, query: Json) -> Json:
    """Return a person's open modals, root first, and their Home tab."""
    home = workspace.views.home(query["user"])
    stack = [view.json() | {"errors": view.errors} for view in workspace.views.stack(query["user"])]
    return {"stack": stack, "home": home.json() if home else None}


async def _calls(workspace: WorkspaceState, query: Json) -> Json:
    method = query.get("method")
    found = [{"method": name, "arguments": values} for name, values in workspace.calls]
    return {"calls": [call for call in found if method in {None, call["method"]}]}


async def _pending_faults(workspace: WorkspaceState, _query: Json) -> Json:
    return {"faults": [asdict(fault) for fault in workspace.faults.pending]}


def _by_person(act: Callable[..., Any], show: Callable[[Any], Json] = ActionOutcome.json) -> RequestHandler:
    """Return the request for an action: its arguments are the body's fields, `target` is the whole body."""
    names = inspect.signature(act).parameters.keys() - {"workspace"}

    async def handler(workspace: WorkspaceState, body: Json) -> Json:
        fields = {name: value for name, value in {**body, "target": body}.items() if name in names}
        result = act(workspace, **fields)
        return show(await result if inspect.isawaitable(result) else result)

    return handler


def _shown_message(message: StoredMessage) -> Json:
    return {"message": message.json()}


async def _upload(workspace: WorkspaceState, body: Json) -> Json:
    content = base64.b64decode(body["content"], validate=True)
    file = user_actions.attach_file(workspace, user=body["user"], name=str(body["name"]), content=content)
    return {"file": file.json(workspace.base_url)}


async def _clock(workspace: WorkspaceState, body: Json) -> Json:
    clock = workspace.clock
    if not isinstance(clock, VirtualClock):
        raise MethodRefusal("clock_is_real")
    clock.advance(timedelta(seconds=float(body["seconds"])))
    workspace.stream.announce("clock")
    return {"now": clock.now().isoformat()}


async def _faults(workspace: WorkspaceState, body: Json) -> Json:
    if body.get("clear"):
        workspace.faults.clear()
        return {}
    if body["kind"] not in KINDS:
        raise MethodRefusal("invalid_fault")
    fault = SlackFault(
        target=str(body["target"]),
        kind=body["kind"],
        times=int(body.get("times", 1)),
        seconds=float(body.get("seconds", 1)),
        code=str(body.get("code", "invalid_blocks")),
    )
    if fault.times < 1 or fault.seconds < 0:
        raise MethodRefusal("invalid_fault")
    workspace.faults.add(fault)
    return {}


async def _request_url(workspace: WorkspaceState, body: Json) -> Json:
    url = body["url"]
    if url is not None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
            raise MethodRefusal("loopback_only", status=403)
        if body.get("verify") and not await verify(workspace, url):
            raise MethodRefusal("challenge_failed")
    workspace.request_url = url
    return {}


async def _connections(workspace: WorkspaceState, body: Json) -> Json:
    sockets, at = workspace.sockets, body.get("at")
    if body.get("drop"):
        sockets.drop(at)
    elif body.get("disconnect") in _DISCONNECT_REASONS:
        sockets.disconnect(body["disconnect"], at)
    else:
        raise MethodRefusal("invalid_reason")
    return {"connections": len(sockets.connections)}


async def _company(workspace: WorkspaceState, body: Json) -> Json:
    if body.get("enterprise"):
        join_enterprise(workspace, org_wide=bool(body.get("org_wide")))
    if body.get("connect"):
        open_connect_message(workspace)
    return {}


READS: dict[str, RequestHandler] = {
    "state": _state,
    "channels": _channels,
    "messages": _messages,
    "views": _views,
    "calls": _calls,
    "faults": _pending_faults,
}
ACTIONS: dict[str, RequestHandler] = {
    "slash": _by_person(user_actions.slash),
    "say": _by_person(user_actions.say, _shown_message),
    "edit": _by_person(user_actions.edit, _shown_message),
    "click": _by_person(clicks.click),
    "shortcut": _by_person(clicks.run_shortcut),
    "submit": _by_person(forms.submit),
    "close": _by_person(forms.close),
    "search": _by_person(clicks.search, lambda options: {"options": options}),
    "upload": _upload,
    "home": _by_person(user_actions.open_home, lambda _: {}),
    "clock": _clock,
    "company": _company,
    "connections": _connections,
    "faults": _faults,
    "request_url": _request_url,
}
