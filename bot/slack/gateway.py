"""The only file that knows Bolt: takes in what Slack delivers, acks it, and has it answered."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.domain import Actor, Invocation, Origin, Standing
from bot.errors import ConfigError, PgbotError
from bot.inbox import Inbox
from bot.tasks import Tasks

log = structlog.get_logger()

EVERYTHING = re.compile(".*", re.DOTALL)

RUN, TURN = "run:", "turn:"
"""Action ids of buttons whose value is a command line; see `bot.slack.drawing`."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an answer goes: the `response_url`, and whether it takes the place of what it was asked from."""

    response_url: str
    replace: bool = False


Answer = Callable[[Invocation, Desk], Coroutine[Any, Any, None]]
"""Carries out an invocation and sends the answer; see `bot.slack.answers`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What one `auth.test` said at start: whose bot this is."""

    team: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Every listener: take the payload apart, commit it to the inbox, ack, start the work, return."""

    workspace: Workspace
    app_id: str | None
    command: str
    inbox: Inbox
    answer: Answer
    tasks: Tasks
    clock: Clock

    def bolt(self, client: AsyncWebClient, signing_secret: str) -> AsyncApp:
        """The Bolt app. Raises ConfigError when the environment would switch Bolt to OAuth."""
        app = AsyncApp(
            name="pgbot",
            # Left to itself, Bolt gives each of its loggers the root's level; see `bot.logs`.
            logger=logging.getLogger("slack_bolt"),
            client=client,
            signing_secret=signing_secret,
            # Bolt's other runner polls for the ack every 10 ms and can lose it (slack-facts, 5.2).
            process_before_response=True,
            # Signatures are checked before Bolt sees the request, in `bot.slack.http`.
            request_verification_enabled=False,
            authorize=self._authorize(client),
        )
        if app.oauth_flow is not None:
            raise ConfigError(
                "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set, and Bolt then ignores the bot token.",
                "Unset both: pgbot serves one workspace and needs no OAuth.",
            )
        app.command(EVERYTHING)(self._guarded(self._on_command))
        app.action(EVERYTHING)(self._guarded(self._on_action))
        for listen in (app.event, app.shortcut, app.view, app.view_closed):
            listen(EVERYTHING)(self._guarded(self._on_other))
        app.options(EVERYTHING)(self._guarded(self._on_options))
        return app

    def _authorize(self, client: AsyncWebClient) -> Callable[..., Awaitable[AuthorizeResult]]:
        known = AuthorizeResult(
            enterprise_id=None,
            team_id=self.workspace.team,
            bot_token=client.token,
            bot_id=self.workspace.bot_id,
            bot_user_id=self.workspace.bot_user,
        )

        async def authorize() -> AuthorizeResult:
            return known

        return authorize

    def _guarded(self, listener: Callable[[AsyncAck, dict[str, Any]], Awaitable[None]]) -> Any:
        """Nothing a listener raises may reach Bolt: it would lose the ack (slack-facts, 5.2)."""

        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            trace = _new_trace()
            try:
                await listener(ack, body)
            except PgbotError as error:
                log.warning("payload refused", trace=trace, error=str(error))
                await ack(text=str(error))
            except Exception:
                log.exception("listener failed", trace=trace)
                await ack(text=f"Something went wrong inside the bot. Its log has the details under {trace}.")

        return listen

    async def _on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        if not self._is_ours(body):
            await ack(text="This command belongs to another workspace or app.")
            return
        key = body.get("trigger_id") or _new_trace()
        invocation = self._invocation(body, key=f"trigger:{key}", text=body.get("text") or "")
        await self._take(ack, invocation, Desk(str(body.get("response_url") or "")))

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        action = (body.get("actions") or [{}])[0]
        name = str(action.get("action_id", ""))
        if not self._is_ours(body) or not name.startswith((RUN, TURN)):
            await ack()
            return
        user = (body.get("user") or {}).get("id", "")
        container = body.get("container") or {}
        key = f"action:{container.get('message_ts', '')}:{name}:{user}:{action.get('action_ts', '')}"
        # What a channel reads together must not turn into what one of them may see.
        replace = name.startswith(TURN) and container.get("is_ephemeral") is True
        desk = Desk(str(body.get("response_url") or ""), replace)
        await self._take(ack, self._invocation(body, key=key, text=str(action.get("value", ""))), desk)

    async def _on_other(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        # Nothing is made of events, shortcuts and views yet; Slack wants its ack all the same.
        log.debug("payload not used", type=body.get("type", ""))
        await ack()

    async def _on_options(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        log.debug("options not offered", action=body.get("action_id", ""))
        await ack(options=[])

    async def _take(self, ack: AsyncAck, invocation: Invocation, desk: Desk) -> None:
        """Committed before the ack; a delivery that is here already is acked and not run again."""
        new = await self.inbox.accept(invocation)
        await ack()
        if new:
            self.tasks.start(self.answer(invocation, desk), name=invocation.trace)

    def _is_ours(self, body: dict[str, Any]) -> bool:
        team = body.get("team_id") or (body.get("team") or {}).get("id") or ""
        app = body.get("api_app_id")
        return team == self.workspace.team and (self.app_id is None or app == self.app_id)

    def _invocation(self, body: dict[str, Any], *, key: str, text: str) -> Invocation:
        user = body.get("user") if isinstance(body.get("user"), dict) else {}
        channel = body.get("channel") if isinstance(body.get("channel"), dict) else {}
        actor = Actor(
            origin=Origin.SLACK,
            id=str(body.get("user_id") or (user or {}).get("id") or ""),
            team=str((user or {}).get("team_id") or body.get("team_id") or self.workspace.team),
            standing=Standing.UNKNOWN,
        )
        return Invocation(
            key=key,
            trace=_new_trace(),
            actor=actor,
            channel=str(body.get("channel_id") or (channel or {}).get("id") or ""),
            text=text,
            at=self.clock.now(),
            line=self.command,
        )


def _new_trace() -> str:
    return secrets.token_hex(6)
