"""The connection to Slack's Web API: one session, the bot's identity, and a check of the app token."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import SlackError
from bot.settings.model import SlackSettings
from bot.settings.secrets import resolve_token
from bot.slack.gateway import BotIdentity
from bot.slack.web_api import CALL_FAILURES, error_code

SLACK_SECONDS = 10
"""Total time of one call. slack_sdk ignores its own timeout when it is given a session."""


@dataclass(frozen=True, slots=True)
class SlackConnection:
    """A client of Slack's Web API, its session, and the bot's identity."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    workspace: BotIdentity


@asynccontextmanager
async def open_slack(settings: SlackSettings) -> AsyncIterator[SlackConnection]:
    """Open a session with a timeout and call `auth.test`. Raises ConfigError or SlackError."""
    token = await resolve_token(settings.bot_token)
    timeout = aiohttp.ClientTimeout(total=SLACK_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=settings.api_url.rstrip("/") + "/",
            session=session,
            # `bot.slack.web_api` waits for rate limits, on the injected clock.
            retry_handlers=[],
        )
        yield SlackConnection(client, session, await _identify_bot(client))


async def check_socket_mode(client: AsyncWebClient, app_token: SecretStr) -> None:
    """Request one Socket Mode address and drop it. Raises SlackError with Slack's reason.

    slack_sdk's own client would retry for ever and give the reason only in its log.
    """
    token = app_token.get_secret_value()
    await _call(
        lambda: client.apps_connections_open(app_token=token),
        refused="Slack refuses to open Socket Mode with the app token",
        advice="Check SLACK_APP_TOKEN: an app-level token with the scope connections:write.",
    )


async def _identify_bot(client: AsyncWebClient) -> BotIdentity:
    answer = await _call(
        client.auth_test, refused="Slack refuses the bot token", advice="Check SLACK_BOT_TOKEN."
    )
    team, user, bot = (answer.get(key) for key in ("team_id", "user_id", "bot_id"))
    if not (isinstance(team, str) and isinstance(user, str) and isinstance(bot, str)):
        raise SlackError(
            "Slack's answer to auth.test does not say whose bot this is.",
            "Check that SLACK_BOT_TOKEN is a bot token (xoxb-…), and slack.api_url.",
        )
    scopes = str(answer.headers.get("x-oauth-scopes", ""))
    return BotIdentity(
        team=team,
        bot_user=user,
        bot_id=bot,
        scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
    )


async def _call(
    call: Callable[[], Awaitable[AsyncSlackResponse]], *, refused: str, advice: str
) -> AsyncSlackResponse:
    """Return Slack's answer. The text of a failed call is dropped: it may hold the token."""
    try:
        return await call()
    except SlackApiError as error:
        code = error_code(error.response)
    except (AttributeError, ValueError):
        code = ""
    except CALL_FAILURES as error:
        raise SlackError(f"Slack cannot be reached: {type(error).__name__}.", "Check the network.") from None
    if not code:
        raise SlackError("What answers at slack.api_url is not Slack's API.", "Check slack.api_url.")
    raise SlackError(f"{refused}: {code}.", advice, code=code)
