"""The connection to Slack's Web API: one session, the bot's identity, and the way to Socket Mode.

What Slack does not answer now it may answer later: `SlackRetry` waits for it, and people can read why.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import SlackError, SlackUnavailable
from bot.domain.slack_trouble import SlackTrouble, trouble_of
from bot.runtime.checked_clock import SLACK, CheckedClock, read_date
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.settings.secrets import resolve_token
from bot.settings.sections import SlackSettings
from bot.slack.web_api import CALL_FAILURES, error_code, read_scopes, wait_seconds

log = get_logger()

T = TypeVar("T")

SLACK_SECONDS = 10
"""Total time of one call. slack_sdk ignores its own timeout when it is given a session."""

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
"""Seconds before the second try, doubled with each further one up to the longest."""

LOG_SECONDS = 60.0

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest answer that is read: a full page of messages has a tenth of it."""

LASTS = "The settings may be right. If it lasts, check the network and slack.api_url."


@dataclass(frozen=True, slots=True, kw_only=True)
class BotIdentity:
    """The bot as Slack knows it, from `auth.test` at start. `enterprise` is empty outside Enterprise Grid."""

    team: str
    bot_user: str
    bot_id: str
    enterprise: str = ""
    is_org_wide: bool = False
    scopes: frozenset[str] = frozenset()

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Return whether a message of a conversation's history is the bot's own."""
        return message.get("bot_id") == self.bot_id and message.get("user") == self.bot_user


@dataclass(frozen=True, slots=True)
class SlackConnection:
    """A client of Slack's Web API, its session, and the bot's identity."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    workspace: BotIdentity


@dataclass(slots=True)
class SlackRetry:
    """Repeats a call until Slack answers it. `why` says what stands in the way now; empty for nothing."""

    clock: Clock
    why: str = ""
    _logged_at: float = float("-inf")

    async def until_answered(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what the call returns, once it no longer raises SlackUnavailable. Raises its other errors.

        Waits as long as Slack asks for, else longer and longer, and never exactly as long as another bot.
        """
        pause = FIRST_SECONDS
        while True:
            try:
                answer = await call()
            except SlackUnavailable as error:
                wait = max(error.seconds, pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
                self._note(error, wait)
                await self.clock.sleep(wait)
                pause = min(2 * pause, LONGEST_SECONDS)
            else:
                self.why = ""
                return answer

    def _note(self, error: SlackUnavailable, wait: float) -> None:
        self.why = error.sentence
        now = self.clock.monotonic()
        if now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            log.warning("waiting for slack", why=error.sentence, seconds=round(wait, 1))


class BoundedResponse(aiohttp.ClientResponse):
    """An answer whose body has a limit. aiohttp unpacks in pieces, and would collect any number of them."""

    async def read(self) -> bytes:
        """Return the body. Raises aiohttp.ClientPayloadError if it is too large."""
        if self._body is None:
            body = bytearray()
            async for piece in self.content.iter_any():
                body += piece
                if len(body) > LARGEST:
                    self.close()
                    raise aiohttp.ClientPayloadError("too large")
            self._body = bytes(body)
        return self._body


@asynccontextmanager
async def open_slack(
    settings: SlackSettings, retry: SlackRetry | None = None, clock: CheckedClock | None = None
) -> AsyncIterator[SlackConnection]:
    """Open a session with a timeout and call `auth.test`, with `retry` until Slack answers it.

    `clock` is compared with the `Date` of each of Slack's answers.

    Raises ConfigError, SlackError when the token is refused, and without `retry` SlackUnavailable.
    """
    token = await resolve_token(settings.bot_token)
    timeout = aiohttp.ClientTimeout(total=SLACK_SECONDS)
    traces = [] if clock is None else [_compare_dates(clock)]
    async with aiohttp.ClientSession(
        timeout=timeout, trace_configs=traces, response_class=BoundedResponse
    ) as session:
        client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=settings.api_url.rstrip("/") + "/",
            session=session,
            # `bot.slack.web_api` waits for rate limits, on the injected clock.
            retry_handlers=[],
        )
        if retry is None:
            identity = await _identify_bot(client)
        else:
            identity = await retry.until_answered(lambda: _identify_bot(client))
        yield SlackConnection(client, session, identity)


def _compare_dates(clock: CheckedClock) -> aiohttp.TraceConfig:
    """Return hooks that compare a clock with the `Date` of each answer, whatever it is."""

    async def note_start(_session: object, context: SimpleNamespace, _request: object) -> None:
        context.sent = clock.monotonic()

    async def note_answer(
        _session: object, context: SimpleNamespace, answer: aiohttp.TraceRequestEndParams
    ) -> None:
        clock.note_date(SLACK, answer.url.host or "", read_date(answer.response.headers), context.sent)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note_start)
    trace.on_request_end.append(note_answer)
    return trace


async def open_socket_address(client: AsyncWebClient, app_token: SecretStr) -> str:
    """Return an address for one Socket Mode connection. Raises SlackError when the token is refused, else
    SlackUnavailable."""
    token = app_token.get_secret_value()
    answer = await call_slack(
        lambda: client.apps_connections_open(app_token=token),
        refused="Slack refuses to open Socket Mode with the app token",
        advice="Check SLACK_APP_TOKEN: an app-level token with the scope connections:write.",
    )
    address = answer.get("url")
    if not isinstance(address, str):
        raise SlackUnavailable("The server at slack.api_url is not Slack's API.", LASTS)
    return address


async def _identify_bot(client: AsyncWebClient) -> BotIdentity:
    answer = await call_slack(
        client.auth_test, refused="Slack refuses the bot token", advice="Check SLACK_BOT_TOKEN."
    )
    team, user, bot = (answer.get(key) for key in ("team_id", "user_id", "bot_id"))
    if wrong := _wrong_kind(answer):
        advice = "Put the bot token (xoxb-…, page OAuth & Permissions of the Slack app) into SLACK_BOT_TOKEN."
        raise SlackError(f"The bot token is {wrong}.", advice, code="not_allowed_token_type")
    if not (isinstance(team, str) and isinstance(user, str) and isinstance(bot, str)):
        raise SlackError(
            "Slack's answer to auth.test does not say whose bot this is.",
            "Check that SLACK_BOT_TOKEN is a bot token (xoxb-…), and slack.api_url.",
        )
    scopes = str(answer.headers.get("x-oauth-scopes", ""))
    enterprise = answer.get("enterprise_id")
    return BotIdentity(
        team=team,
        enterprise=enterprise if isinstance(enterprise, str) else "",
        is_org_wide=answer.get("is_enterprise_install") is True,
        bot_user=user,
        bot_id=bot,
        scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
    )


def _wrong_kind(answer: AsyncSlackResponse) -> str:
    """Return the kind of a token that isn't a bot token, by the fields that Slack answers for it, else ""."""
    if isinstance(answer.get("app_id"), str):
        return "an app-level token"
    is_person = isinstance(answer.get("user_id"), str) and isinstance(answer.get("user"), str)
    return "a user token" if is_person and "bot_id" not in answer.data else ""


async def call_slack(
    call: Callable[[], Awaitable[AsyncSlackResponse]],
    *,
    refused: str = "Slack refuses the call",
    advice: str = "",
) -> AsyncSlackResponse:
    """Return Slack's answer. Raises SlackError when it refuses the token, and SlackUnavailable for whatever
    else; the text of a failed call is dropped, as it may hold the token."""
    seconds, status, scopes = 0.0, 0, ""
    try:
        return await call()
    except SlackApiError as error:
        code, seconds = error_code(error.response), wait_seconds(error.response) or 0.0
        status = getattr(error.response, "status_code", None) or 0
        scopes = read_scopes(error.response, "needed")
    except (AttributeError, ValueError):
        code = ""
    except CALL_FAILURES as error:
        raise SlackUnavailable(f"Slack cannot be reached: {type(error).__name__}.", LASTS) from None
    if trouble_of(code) is SlackTrouble.WORKSPACE:
        named = f" (the scope {scopes})" if scopes else ""
        raise SlackError(f"{refused}: {code}{named}.", advice, code=code)
    raise SlackUnavailable(_describe_answer(code, status, seconds), LASTS, code=code, seconds=seconds)


def _describe_answer(code: str, status: int, seconds: float) -> str:
    if seconds:
        return f"Slack asks to wait {seconds:.0f} s."
    if code or status >= 500:
        return f"Slack answers {code or f'with status {status}'}."
    return "The server at slack.api_url is not Slack's API."
