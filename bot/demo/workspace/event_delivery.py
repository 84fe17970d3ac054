"""Delivery of payloads to the bot, by signed HTTP or Socket Mode, and the bot's acks."""

import asyncio
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
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


class DeliveryOutcome(StrEnum):
    """The outcome of a delivery, as the word that Slack shows to the person."""

    ANSWERED = "ok"
    TIMED_OUT = "operation_timeout"
    FAILED = "dispatch_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One payload for the bot; `kind` is the Socket Mode envelope type, `name` the target of faults."""

    kind: str
    name: str
    payload: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class AckBody:
    """The bot's ack: its JSON or text as a mapping.

    Without an ack, `reason` is Slack's word for the retry of an event, and `final` means that the bot asked
    for no retry (`x-slack-no-retry`).
    """

    outcome: DeliveryOutcome
    body: Json = field(default_factory=dict)
    reason: str = ""
    final: bool = False

    @property
    def ok(self) -> bool:
        """True when the bot acked in time and without an error."""
        return self.outcome is DeliveryOutcome.ANSWERED


class EventDelivery:
    """The sender of one workspace's payloads; many may be under way."""

    def __init__(self, workspace: WorkspaceState) -> None:
        self._workspace = workspace

    async def deliver(self, delivery: Delivery) -> AckBody:
        """Send a command, click or view and wait `ack_seconds` for the ack. The bot's errors never raise."""
        faults = self._workspace.faults
        if faults.take(delivery.name, "duplicate"):
            self._workspace.start(self._send_again(delivery))
        answer = await self._send(delivery)
        if faults.take(delivery.name, "lost_ack"):
            return self._timed_out()
        return answer

    async def verify(self, url: str) -> bool:
        """Return whether a bot with the signing secret answers a challenge at this address."""
        challenge = secrets.token_urlsafe(16)
        payload = {"type": "url_verification", "token": "demo", "challenge": challenge}
        delivery = Delivery(kind="events_api", name="url_verification", payload=payload)
        answer = await self._send_http(url, delivery, None)
        return challenge in {answer.body.get("challenge"), answer.body.get("text")}

    def deliver_event(self, event: Json, *, external: bool = False) -> str:
        """Send an event in the background, and again after 0, 60 and 300 s until it is acked.

        `external`: the event is from a channel shared with another company.
        """
        workspace = self._workspace
        event_id = workspace.next_id("Ev")
        payload = {
            # On Enterprise Grid it is where the sender is (Slack docs, "The Events API").
            "team_id": event.get("team", TEAM) if workspace.enterprise else TEAM,
            "enterprise_id": workspace.enterprise or None,
            "api_app_id": APP,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self._workspace.clock.now().timestamp()),
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
        delivery = Delivery(kind="events_api", name=str(event["type"]), payload=payload)
        self._workspace.start(self._deliver_event(delivery))
        return event_id

    async def _deliver_event(self, delivery: Delivery) -> None:
        answer = await self.deliver(delivery)
        for attempt, wait in enumerate(RETRIES, start=1):
            if answer.ok or answer.final:
                return
            await self._workspace.clock.sleep(wait)
            answer = await self._send(delivery, retry=(attempt, answer.reason))

    def _timed_out(self) -> AckBody:
        return AckBody(
            outcome=DeliveryOutcome.TIMED_OUT,
            reason="http_timeout" if self._workspace.request_url else "timeout",
        )

    async def _send_again(self, delivery: Delivery) -> None:
        await self._send(delivery)

    async def _send(self, delivery: Delivery, retry: tuple[int, str] | None = None) -> AckBody:
        if self._workspace.request_url:
            return await self._send_http(self._workspace.request_url, delivery, retry)
        return await self._send_socket(delivery, retry)

    async def _send_socket(self, delivery: Delivery, retry: tuple[int, str] | None) -> AckBody:
        fields: dict[str, object] = {}
        if delivery.kind == "events_api":
            number, reason = retry or (0, "")
            fields = {"retry_attempt": number, "retry_reason": reason}
        try:
            body = await self._workspace.sockets.deliver(
                delivery.kind, delivery.payload, seconds=self._workspace.ack_seconds, **fields
            )
        except LookupError:
            return AckBody(outcome=DeliveryOutcome.FAILED, reason="connection_failed")
        if body is None:
            return self._timed_out()
        return AckBody(outcome=DeliveryOutcome.ANSWERED, body=body)

    async def _send_http(self, url: str, delivery: Delivery, retry: tuple[int, str] | None) -> AckBody:
        body, headers = encode(delivery)
        at = (self._workspace.wire_clock or self._workspace.clock).now()
        headers |= sign(self._workspace.credentials.signing_secret, body, at)
        if retry:
            headers |= {"x-slack-retry-num": str(retry[0]), "x-slack-retry-reason": retry[1]}
        try:
            async with (
                asyncio.timeout(self._workspace.ack_seconds),
                loopback_client(timeout=None) as client,
            ):
                response = await client.post(url, content=body, headers=headers)
        except TimeoutError:
            return self._timed_out()
        except httpx.HTTPError:
            return AckBody(outcome=DeliveryOutcome.FAILED, reason="connection_failed")
        if response.status_code != 200:
            final = response.headers.get("x-slack-no-retry") == "1"
            return AckBody(outcome=DeliveryOutcome.FAILED, reason="http_error", final=final)
        return AckBody(outcome=DeliveryOutcome.ANSWERED, body=read_body(response))


def payload_head(
    workspace: WorkspaceState, person: SlackAccount, kind: str, *, view_id: str | None = None
) -> Json:
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
        shared["trigger_id"] = workspace.triggers.issue(person.id, view=view_id, expired=stale)
    return shared


def encode(delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    """Return the HTTP body and headers of a payload: JSON for events, a form for all others."""
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload).encode(), {"content-type": "application/json"}
    form = delivery.payload
    if delivery.kind == "interactive":
        form = {"payload": json.dumps(delivery.payload)}
    return urlencode(form).encode(), {"content-type": "application/x-www-form-urlencoded"}


def sign(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return Slack's v0 signature with a time, which the bot compares with its own."""
    timestamp = str(int(at.timestamp()))
    signed = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


def read_body(response: httpx.Response) -> Json:
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
