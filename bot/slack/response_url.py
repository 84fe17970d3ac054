"""Answers to a `response_url`: an address that is a secret and works five times within half an hour."""

import json
from typing import Any

import aiohttp

from bot.runtime.clock import Clock
from bot.slack.error_words import NO_ANSWER
from bot.slack.retry_wait import RetryWait
from bot.slack.web_api import LONGEST_WAIT, code_of, retry_after

_TROUBLE = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


class ResponseUrlClient:
    """Posts through the shared session and looks at the status, which slack_sdk's webhook client does not."""

    def __init__(
        self, session: aiohttp.ClientSession, clock: Clock, patience: RetryWait | None = None
    ) -> None:
        self._session = session
        self._patience = patience or RetryWait(clock)

    async def post(self, url: str, form: dict[str, Any], *, patient: bool = True) -> str:
        """Slack's word for why not (`expired_url`, `used_url`, `invalid_blocks`); empty when it took it.

        A `patient` post is sent again when Slack asks to wait.
        """
        code, wait = await self._try(url, form)
        if patient and 0 < wait <= LONGEST_WAIT:
            if not await self._patience.wait(wait):
                return code
            code, _ = await self._try(url, form)
        return code

    async def _try(self, url: str, form: dict[str, Any]) -> tuple[str, float]:
        try:
            async with self._session.post(url, json=form, allow_redirects=False) as response:
                text = await response.text(errors="replace")
                wait = retry_after(response.headers) if response.status == 429 else 0.0
                return _code(response.status, text), wait
        except _TROUBLE:
            # Nothing of the exception goes on: its text may hold the address.
            return NO_ANSWER, 0.0


def _code(status: int, text: str) -> str:
    """Slack takes a message with a 200 and `ok`, and refuses one with another status and a plain word.

    A 200 that says anything else, such as a proxy's page, is not Slack's word that the message is shown.
    """
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return "" if body.get("ok") is True else code_of(body.get("error", "")) or "refused"
    if status == 200:
        return "" if text.strip() in {"", "ok"} else "refused"
    return code_of(text) or f"http_{status}"
