"""Requests of the operator API about time, faults, and the connections to the bot."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.action_requests import RequestHandler
from bot.demo.workspace.enterprise import join_enterprise, open_connect_message
from bot.demo.workspace.event_delivery import EventDelivery
from bot.demo.workspace.loopback import is_loopback
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.slack_faults import KINDS, SlackFault
from bot.demo.workspace.state import WorkspaceState

_REASONS = {"warning", "refresh_requested", "link_disabled", "too_many_websockets"}


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
            raise MethodRefusal("loopback_only")
        if body.get("verify") and not await EventDelivery(workspace).verify(url):
            raise MethodRefusal("challenge_failed")
    workspace.request_url = url
    return {}


async def _connections(workspace: WorkspaceState, body: Json) -> Json:
    sockets, at = workspace.sockets, body.get("at")
    if body.get("drop"):
        sockets.drop(at)
    elif body.get("disconnect") in _REASONS:
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


CONTROLS: Mapping[str, RequestHandler] = MappingProxyType(
    {
        "clock": _clock,
        "company": _company,
        "connections": _connections,
        "faults": _faults,
        "request_url": _request_url,
    }
)
