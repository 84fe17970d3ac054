"""The way to Slack's Web API: one session, whose bot it is, and whether the app token opens Socket Mode."""

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
from bot.settings.secrets import resolve
from bot.slack.gateway import BotIdentity
from bot.slack.web_api import TROUBLE, reason

SLACK_SECONDS = 10
"""Total time for one call to Slack. With a session given, slack_sdk ignores its own timeout."""


@dataclass(frozen=True, slots=True)
class SlackConnection:
    """A connection to Slack's Web API and whose bot it is."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    workspace: BotIdentity


@asynccontextmanager
async def open_slack(settings: SlackSettings) -> AsyncIterator[SlackConnection]:
    """One session with a real timeout, and one `auth.test`. Raises ConfigError or SlackError."""
    token = await resolve(settings.bot_token)
    timeout = aiohttp.ClientTimeout(total=SLACK_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=settings.api_url.rstrip("/") + "/",
            session=session,
            # `bot.slack.web_api` waits for rate limits, on the injected clock.
            retry_handlers=[],
        )
        yield SlackConnection(client, session, await _whose_bot(client))


async def may_connect(client: AsyncWebClient, app_token: SecretStr) -> None:
    """Ask once for a Socket Mode address, which is thrown away. Raises SlackError with Slack's reason.

    slack_sdk's own client would ask for ever, whatever the reason, and say so only in its log.
    """
    token = app_token.get_secret_value()
    await _asked(
        lambda: client.apps_connections_open(app_token=token),
        refused="Slack refuses to open Socket Mode with the app token",
        advice="Check SLACK_APP_TOKEN: an app-level token with the scope connections:write.",
    )


async def _whose_bot(client: AsyncWebClient) -> BotIdentity:
    answer = await _asked(
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


async def _asked(
    call: Callable[[], Awaitable[AsyncSlackResponse]], *, refused: str, advice: str
) -> AsyncSlackResponse:
    """Slack's answer. No text of the failed call goes on: it may hold the token."""
    try:
        return await call()
    except SlackApiError as error:
        code = reason(error.response)
    except (AttributeError, ValueError):
        code = ""
    except TROUBLE as error:
        raise SlackError(f"Slack cannot be reached: {type(error).__name__}.", "Check the network.") from None
    if not code:
        raise SlackError("What answers at slack.api_url is not Slack's API.", "Check slack.api_url.")
    raise SlackError(f"{refused}: {code}.", advice, code=code)
