"""One call of Slack's Web API: waits when told to slow down, and says in words what was refused."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.runtime.clock import Clock
from bot.slack.error_words import NO_ANSWER, refusal
from bot.slack.retry_wait import RetryWait

Method: TypeAlias = Callable[..., Awaitable[AsyncSlackResponse]]

ATTEMPTS = 3
LONGEST_WAIT = 60.0
"""Seconds. A `Retry-After` beyond this is an error: whoever asked is no longer waiting."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,60}")
_SCOPES = re.compile(r"[a-z:._, ]{1,100}")
TROUBLE = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, ValueError, AttributeError)
"""What a call that got no answer raises: slack_sdk meets a body that is no JSON with an AttributeError."""


class WebApiCalls:
    """Calls methods of an `AsyncWebClient` on the injected clock.

    The client should have no retry handler for 429 of its own: it would sleep on the machine's clock.
    """

    def __init__(self, clock: Clock, patience: RetryWait | None = None) -> None:
        self._clock = clock
        self._patience = patience or RetryWait(clock)
        self._not_before: dict[str, float] = {}

    async def __call__(self, method: Method, **arguments: Any) -> AsyncSlackResponse:
        """Slack's answer. Raises SlackError; a call that got no answer is not made twice."""
        name = getattr(method, "__name__", "")
        for _ in range(ATTEMPTS):
            if not await self._patience.wait(self._not_before.get(name, 0.0) - self._clock.monotonic()):
                break
            try:
                return await method(**arguments)
            except SlackApiError as error:
                wait = _wait(error.response)
                if wait is None or wait > LONGEST_WAIT:
                    raise _translated(error.response) from None
                self._not_before[name] = self._clock.monotonic() + wait
            except TROUBLE:
                # The cause is left out: its text may hold an address with a secret in it.
                raise refusal(NO_ANSWER) from None
        raise refusal("ratelimited")


def retry_after(headers: Any) -> float:
    """Seconds that a 429 asks for; one where it does not say."""
    try:
        return max(float(headers.get("Retry-After", "")), 0.0)
    except (AttributeError, TypeError, ValueError):
        return 1.0


def code_of(text: object) -> str:
    """An error word of Slack's; empty for anything that does not look like one."""
    word = str(text).strip()
    return word if _CODE.fullmatch(word) else ""


def reason(response: Any) -> str:
    """Slack's word for why not; empty where the answer is none of Slack's."""
    return code_of(_body(response).get("error", ""))


def _wait(response: Any) -> float | None:
    if getattr(response, "status_code", None) == 429 or _body(response).get("error") == "ratelimited":
        return retry_after(getattr(response, "headers", None))
    return None


def _translated(response: Any) -> Exception:
    needed = str(_body(response).get("needed", ""))
    return refusal(reason(response) or NO_ANSWER, needed=needed if _SCOPES.fullmatch(needed) else "")


def _body(response: Any) -> dict[str, Any]:
    data = getattr(response, "data", None)
    return data if isinstance(data, dict) else {}
