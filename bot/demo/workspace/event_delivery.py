"""Delivery of payloads to the bot, by signed HTTP or Socket Mode, and the bot's acks."""

import asyncio
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.demo.http_client import loopback_client
from bot.demo.workspace.members import APP, BOT_USER, TEAM, SlackAccount
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState

RETRIES = (0.0, 60.0, 300.0)
"""Seconds of the workspace's clock before each retry of an event (Slack documentation, "The Events API")."""

_WITHOUT_TRIGGER = {"view_closed", "block_suggestion"}
"""Payloads without a trigger id: Slack lets no modal answer the closing of a view or typing."""

Retry = tuple[int, str]
"""The number of a retry, and Slack's word for the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOutcome:
    """The result of an action: `error` is the word that Slack shows, `ack` the bot's ack as a mapping.

    Without an ack, `reason` is Slack's word for the retry of an event, and `final` means that the bot asked
    for no retry (`x-slack-no-retry`).
    """

    error: str | None = None
    ack: Json = field(default_factory=dict)
    reason: str = ""
    final: bool = False

    @property
    def ok(self) -> bool:
        return self.error is None

    def json(self) -> Json:
        return {"ok": self.ok, "error": self.error, "ack": self.ack}


async def deliver(workspace: WorkspaceState, payload: Json, kind: str = "interactive") -> ActionOutcome:
    """Send a command, click or view and wait `ack_seconds` for the ack. The bot's errors never raise.

    `kind` is the Socket Mode envelope type.
    """
    # Faults name an event or an interaction by its type; a command has none.
    target = str(payload.get("event", payload).get("type", kind))
    if workspace.faults.take(target, "duplicate"):
        workspace.start(_send(workspace, payload, kind))
    outcome = await _send(workspace, payload, kind)
    return _timed_out(workspace) if workspace.faults.take(target, "lost_ack") else outcome


async def verify(workspace: WorkspaceState, url: str) -> bool:
    """Return whether a bot with the signing secret answers a challenge at this address."""
    challenge = secrets.token_urlsafe(16)
    payload = {"type": "url_verification", "token": "demo", "challenge": challenge}
    ack = (await _send_http(workspace, url, payload, "events_api")).ack
    return challenge in {ack.get("challenge"), ack.get("text")}


def deliver_event(workspace: WorkspaceState, event: Json, *, external: bool = False) -> None:
    """Send an event in the background, and again after 0, 60 and 300 s until it is acked.

    `external`: the event is from a channel shared with another company.
    """
    payload = {
        # On Enterprise Grid it is where the sender is (Slack docs, "The Events API").
        "team_id": event.get("team", TEAM) if workspace.enterprise else TEAM,
        "enterprise_id": workspace.enterprise or None,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": workspace.next_id("Ev"),
        "event_time": int(workspace.clock.now().timestamp()),
        "is_ext_shared_channel": external,
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise or None,
                "team_id": None if workspace.is_org_wide else TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": workspace.is_org_wide,
            }
        ],
        "event": event,
    }
    workspace.start(_deliver_until_acked(workspace, payload))


async def _deliver_until_acked(workspace: WorkspaceState, payload: Json) -> None:
    outcome = await deliver(workspace, payload, "events_api")
    for attempt, wait in enumerate(RETRIES, start=1):
        if outcome.ok or outcome.final:
            return
        await workspace.clock.sleep(wait)
        outcome = await _send(workspace, payload, "events_api", (attempt, outcome.reason))


def _timed_out(workspace: WorkspaceState) -> ActionOutcome:
    reason = "http_timeout" if workspace.request_url else "timeout"
    return ActionOutcome(error="operation_timeout", reason=reason)


async def _send(
    workspace: WorkspaceState, payload: Json, kind: str, retry: Retry | None = None
) -> ActionOutcome:
    if workspace.request_url:
        return await _send_http(workspace, workspace.request_url, payload, kind, retry)
    number, reason = retry or (0, "")
    fields = {"retry_attempt": number, "retry_reason": reason} if kind == "events_api" else {}
    try:
        ack = await workspace.sockets.deliver(kind, payload, seconds=workspace.ack_seconds, **fields)
    except LookupError:
        return ActionOutcome(error="dispatch_failed", reason="connection_failed")
    return _timed_out(workspace) if ack is None else ActionOutcome(ack=ack)


async def _send_http(
    workspace: WorkspaceState, url: str, payload: Json, kind: str, retry: Retry | None = None
) -> ActionOutcome:
    body, headers = _encode(payload, kind)
    at = (workspace.wire_clock or workspace.clock).now()
    headers |= _sign(workspace.credentials.signing_secret, body, at)
    if retry:
        headers |= {"x-slack-retry-num": str(retry[0]), "x-slack-retry-reason": retry[1]}
    try:
        async with asyncio.timeout(workspace.ack_seconds), loopback_client(timeout=None) as client:
            response = await client.post(url, content=body, headers=headers)
    except TimeoutError:
        return _timed_out(workspace)
    except httpx.HTTPError:
        return ActionOutcome(error="dispatch_failed", reason="connection_failed")
    if response.status_code != 200:
        final = response.headers.get("x-slack-no-retry") == "1"
        return ActionOutcome(error="dispatch_failed", reason="http_error", final=final)
    return ActionOutcome(ack=_read_body(response))


def payload_head(workspace: WorkspaceState, person: SlackAccount, kind: str) -> Json:
    """Return the part that all payloads share, with a new trigger id if the kind has one.

    Raises MethodRefusal `interactivity_disabled` if the manifest switches such payloads off.
    """
    if not workspace.manifest.interactive:
        raise MethodRefusal("interactivity_disabled")
    shared: Json = {
        "type": kind,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team},
        "api_app_id": APP,
        "token": "demo",
        **workspace.place_of(person),
    }
    if kind not in _WITHOUT_TRIGGER:
        stale = workspace.faults.take(kind, "expired_trigger") is not None
        shared["trigger_id"] = workspace.triggers.issue(person.id, expired=stale)
    return shared


def _encode(payload: Json, kind: str) -> tuple[bytes, dict[str, str]]:
    """Return the HTTP body and headers of a payload: JSON for events, a form for all others."""
    if kind == "events_api":
        return json.dumps(payload).encode(), {"content-type": "application/json"}
    form = {"payload": json.dumps(payload)} if kind == "interactive" else payload
    return urlencode(form).encode(), {"content-type": "application/x-www-form-urlencoded"}


def _sign(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return Slack's v0 signature with a time, which the bot compares with its own."""
    timestamp = str(int(at.timestamp()))
    signed = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


def _read_body(response: httpx.Response) -> Json:
    """Return an ack's body: JSON as it is, text as `{"text": …}`, nothing as an empty mapping."""
    if not response.content:
        return {}
    if response.headers.get("content-type", "").startswith("application/json"):
        try:
            body: Any = response.json()
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}
    return {"text": response.text}
