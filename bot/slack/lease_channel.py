"""The claims of bots to their Slack app, as messages in a channel; see `bot.runtime.bot_lease`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.runtime.lease_store import ClaimGone, LeaseClaim, LeaseHolder
from bot.slack.connection import SlackConnection
from bot.slack.outbox import SAFE
from bot.slack.own_messages import OwnMessages
from bot.slack.state_message import GONE, grey_text
from bot.slack.web_api import WebApiCalls

KIND = "pgbot_lease"
PAGES = 100


@dataclass(frozen=True, slots=True)
class LeaseChannel:
    """The claims in one channel. Every method raises SlackError."""

    channel: str
    client: AsyncWebClient
    own: OwnMessages

    async def post(self, claim: LeaseClaim, seconds: float) -> str:
        """Post a claim for so many seconds from when Slack stamps it; return the stamp."""
        answer = await self.own.calls(self.client.chat_postMessage, **self._message(claim, term=seconds))
        return str(answer["ts"])

    async def extend(self, claim: LeaseClaim) -> None:
        """Write the claim's new end. Raises ClaimGone."""
        try:
            await self.own.calls(
                self.client.chat_update, ts=claim.stamp, **self._message(claim, until=claim.until)
            )
        except SlackError as error:
            if error.code in GONE:
                raise ClaimGone(error.sentence, error.next_step, code=error.code) from None
            raise

    async def remove(self, stamp: str) -> None:
        """Remove a claim; one that is gone already is fine."""
        try:
            await self.own.calls(self.client.chat_delete, channel=self.channel, ts=stamp)
        except SlackError as error:
            if error.code != "message_not_found":
                raise

    async def read(self, since: float) -> Sequence[LeaseClaim]:
        """Return the claims from `since` on, by Slack's clock in seconds since 1970, oldest first."""
        found: list[LeaseClaim] = []
        async for page in self.own.pages(self.channel, PAGES, oldest=f"{since - 0.001:.6f}"):
            found += [claim for each in page if (claim := _read_claim(each)) is not None]
        return sorted(found, key=lambda each: each.stamp)

    def _message(self, claim: LeaseClaim, **ends: float) -> dict[str, Any]:
        holder = asdict(claim.holder) | {"since": claim.holder.since.isoformat()}
        words = (
            f"{claim.holder} uses this app. Other copies of the bot find this message and send nothing: "
            "please leave it here."
        )
        metadata = {"event_type": KIND, "event_payload": {**holder, "ends": claim.ends, **ends}}
        return {"channel": self.channel, **grey_text(words), "metadata": metadata, **SAFE}


def open_lease_channel(slack: SlackConnection, clock: Clock, channel: str) -> LeaseChannel:
    """Return the claims in a channel; nothing is read yet."""
    own = OwnMessages(slack.client, WebApiCalls(clock), slack.workspace)
    return LeaseChannel(channel, slack.client, own)


def _read_claim(message: Mapping[str, Any]) -> LeaseClaim | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != KIND:
        return None
    content, stamp = metadata.get("event_payload") or {}, str(message["ts"])
    try:
        holder = LeaseHolder(
            since=datetime.fromisoformat(str(content["since"])),
            **{name: str(content[name]) for name in ("host", "folder", "home", "run")},
        )
        claim = LeaseClaim(holder=holder, stamp=stamp, ends=str(content["ends"]))
        until = content["until"] if "until" in content else float(stamp) + content["term"]
        return replace(claim, until=float(until))
    except (KeyError, TypeError, ValueError) as error:
        # Not left out: a claim of a later release may be in force.
        raise SlackError(
            f"The lease in message {stamp} can't be read ({type(error).__name__}).",
            "If no other bot is running, delete that message.",
        ) from None
