"""Calls to Slack: methods of the Web API and response URLs, with waiting when Slack asks for it.

Slack's error words become sentences for the person who has to act on them.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import SlackError
from bot.domain.phrases import join_names
from bot.domain.slack_trouble import KNOWN, UNKNOWN_OUTCOME, SlackTrouble, trouble_of
from bot.runtime.clock import Clock
from bot.slack.manifest import SCOPES_FOR

Method: TypeAlias = Callable[..., Awaitable[AsyncSlackResponse]]

SAFE = {"parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}
"""Sent with every message and edit, so that no text becomes a mention or a link (slack-facts, 7)."""

ATTEMPTS = 3
LONGEST_WAIT = 60.0
"""Seconds. A longer `Retry-After` is an error: the person who asked is no longer waiting."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,60}")
_SCOPES = re.compile(r"[a-z:._, ]{1,2000}")
_NO_RESPONSE = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
CALL_FAILURES = (SlackClientError, AttributeError, *_NO_RESPONSE)
"""Exceptions of a call without an answer: slack_sdk raises AttributeError for a body that is not JSON."""

BLOCKS_REFUSED = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "msg_blocks_too_long",
        "only_one_table_allowed",
    }
)
"""Refusals of a whole message because of its blocks; a simpler message may pass (slack-facts, 3.3)."""

NO_ANSWER = "no_answer"
"""Our own word for a call without an answer, which may or may not have been carried out."""

NOT_CONNECTED = "not_connected"
"""Our own word for a call that was never sent: no connection was made."""

LACKS_SCOPE = frozenset({"missing_scope", "no_permission"})
"""Refusals because the app lacks a scope."""

_INSTALL = "Print the manifest with `pgbot manifest`, update the app with it and install it again."
_GRANT = "Ask a workspace admin to approve the app. `pgbot manifest` prints the scopes that it asks for."
_TOKEN = "Put the app's current bot token where app.yaml or SLACK_BOT_TOKEN says."  # noqa: S105 - a sentence
_MEANING = {
    "not_in_channel": (
        "The bot is not in that channel.",
        "Invite the bot: type `/invite @…` with its name in the channel.",
    ),
    "channel_not_found": (
        "Slack doesn't know this channel, or it is private and the bot is not in it.",
        "Check the channel's id, and invite the bot with `/invite @…`.",
    ),
    "is_archived": ("That channel is archived.", "Name another channel, or unarchive it."),
    "restricted_action": (
        "The workspace does not let the bot post in that channel.",
        "Ask a workspace admin to allow it, or name another channel.",
    ),
    "user_not_in_channel": ("That person is not in the channel.", "Send them a direct message instead."),
    "user_not_found": ("Slack doesn't know this person.", "Check the user id: it begins with U or W."),
    "no_such_subteam": (
        "Slack doesn't know this user group, or it is disabled.",
        "Check the group's id: it begins with S.",
    ),
    "cannot_dm_bot": ("Bots can't send messages to bots in Slack.", ""),
    "user_disabled": ("That person's account is deactivated.", ""),
    "message_not_found": ("The message to edit is gone.", "Post a new one."),
    "cant_update_message": ("Slack does not let the bot edit that message.", "Post a new one."),
    "edit_window_closed": ("The workspace no longer lets that message be edited.", "Post a new one."),
    "msg_too_long": ("The message is too long for Slack.", ""),
    "missing_scope": ("The app lacks a permission in Slack.", _INSTALL),
    "no_permission": ("The app lacks a permission in Slack.", _INSTALL),
    "not_allowed_token_type": (
        "Slack does not take this kind of token for the call.",
        "Put the bot token (xoxb-…) into SLACK_BOT_TOKEN, and the app-level token (xapp-…) into "
        "SLACK_APP_TOKEN. An app made with `pgbot manifest` has both.",
    ),
    "access_denied": ("The workspace does not let the app do this.", _GRANT),
    "app_not_installed": ("The app is not installed in this workspace.", _INSTALL),
    "team_access_not_granted": ("The organization has not given the app access to this workspace.", _GRANT),
    "not_authed": ("No bot token was sent to Slack.", _TOKEN),
    "invalid_auth": ("Slack refuses the bot token.", _TOKEN),
    "token_revoked": ("The bot token was revoked.", _TOKEN),
    "token_expired": ("The bot token has expired.", _TOKEN),
    "account_inactive": ("The bot's account in Slack is deactivated.", _INSTALL),
    "ratelimited": ("Slack asks the bot to slow down, for longer than it can wait.", "Try again later."),
    NOT_CONNECTED: ("Slack cannot be reached.", "If it lasts, check the network and slack.api_url."),
    NO_ANSWER: ("Slack did not answer.", "Check whether the message is there before you try again."),
}

_ADVICE = {
    SlackTrouble.LATER: "Try again later.",
    SlackTrouble.WORKSPACE: "`pgbot check` says what the app or its token lacks.",
    SlackTrouble.CONVERSATION: "Try another channel or person.",
    SlackTrouble.MESSAGE: "The bot's log has the message's trace; try it in another form.",
}
"""What helps where a word has no advice of its own."""


def slack_error(code: str, *, needed: str = "", provided: str = "") -> SlackError:
    """Return the error for Slack's word `code`; `needed` are missing scopes and `provided` the app's own."""
    general = code.removesuffix("_non_threadable_channel").removesuffix("_thread_only_channel")
    known = f"Slack refused: {code or 'no reason given'}."
    unknown = f"Slack refused with “{code}”, which this release doesn't know."
    sentence, next_step = _MEANING.get(general, (known if code in KNOWN or not code else unknown, ""))
    next_step = next_step or _ADVICE[trouble_of(code)]
    if needed:
        has = f" It has {join_names(_scopes(provided))}." if _scopes(provided) else ""
        scope = f"the scope {' or '.join(_scopes(needed))}.{has}"
        is_lacking = code in LACKS_SCOPE
        sentence = f"{sentence.rstrip('.')}: {scope}" if is_lacking else f"{sentence} It needs {scope}"
        next_step = _INSTALL if code not in _MEANING else next_step
    return SlackError(sentence, next_step, code=code)


def _scopes(listed: str) -> list[str]:
    return sorted({each.strip() for each in listed.split(",") if each.strip()})


class RetryWait:
    """A wait on the injected clock that ends early once it is stopped, as when the bot stops."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End every wait, now and later: the next start sends what is not sent now."""
        self._stopped.set()

    async def wait(self, seconds: float) -> bool:
        """Wait, and return whether the time has passed; False if the bot stops first."""
        if seconds <= 0:
            await self.clock.sleep(seconds)
            return True
        sleeping = asyncio.ensure_future(self.clock.sleep(seconds))
        stopped = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait({sleeping, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return sleeping.done()
        finally:
            for each in (sleeping, stopped):
                each.cancel()
            await asyncio.gather(sleeping, stopped, return_exceptions=True)


class WebApiCalls:
    """Caller of an `AsyncWebClient`'s methods on the injected clock.

    The client must have no retry handler for 429 of its own: it would sleep on the machine's clock.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.retry_wait = RetryWait(clock)
        self._not_before: dict[str, float] = {}

    async def __call__(self, method: Method, **arguments: Any) -> AsyncSlackResponse:
        """Return Slack's answer. Raises SlackError; a call without an answer is not repeated."""
        name = getattr(method, "__name__", "")
        for _ in range(ATTEMPTS):
            if not await self.retry_wait.wait(self._not_before.get(name, 0.0) - self.clock.monotonic()):
                break
            try:
                return await method(**arguments)
            except SlackApiError as error:
                wait = wait_seconds(error.response)
                if wait is None or wait > LONGEST_WAIT:
                    raise _error_of(error.response, name) from None
                self._not_before[name] = self.clock.monotonic() + wait
            except CALL_FAILURES as error:
                # Raised from None: the text of the cause may hold an address with a secret in it.
                raise slack_error(failure_code(error)) from None
        raise slack_error("ratelimited")


class ResponseUrlClient:
    """Client for a `response_url`: a secret address that works five times within half an hour.

    Uses the shared session and reads the status, which slack_sdk's webhook client does not.
    """

    def __init__(self, session: aiohttp.ClientSession, retry_wait: RetryWait) -> None:
        self._session = session
        self._retry_wait = retry_wait

    async def post(self, url: str, form: dict[str, Any], *, retry: bool = True) -> str:
        """Post and return Slack's error word (`expired_url`, `used_url`, `invalid_blocks`), empty on success.

        With `retry`, post once more after a 429.
        """
        code, wait = await self._post_once(url, form)
        if retry and 0 < wait <= LONGEST_WAIT:
            if not await self._retry_wait.wait(wait):
                return code
            code, _ = await self._post_once(url, form)
        return code

    async def _post_once(self, url: str, form: dict[str, Any]) -> tuple[str, float]:
        try:
            async with self._session.post(url, json=form, allow_redirects=False) as response:
                text = await response.text(errors="replace")
                wait = retry_after(response.headers) if response.status == 429 else 0.0
                return _posted_code(response.status, text), wait
        except _NO_RESPONSE as error:
            # The exception is dropped: its text may hold the secret address.
            return failure_code(error), 0.0


def failure_code(error: Exception) -> str:
    """Return our word for a call without an answer: whether it was sent at all is what matters."""
    is_unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return NOT_CONNECTED if is_unsent else NO_ANSWER


def _posted_code(status: int, text: str) -> str:
    """Read the answer of a response_url: 200 with `ok`, or another status with a plain error word.

    A 200 with any other text, such as a proxy's page, does not mean that the message is shown, nor that it is
    not.
    """
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return "" if body.get("ok") is True else code_of(body.get("error", "")) or "refused"
    if status == 200 and text.strip() in {"", "ok"}:
        return ""
    # A server that fails, or a page in place of Slack's word, leaves open whether it is shown.
    return NO_ANSWER if status == 200 or status >= 500 else code_of(text) or f"http_{status}"


def retry_after(headers: Any) -> float:
    """Return the seconds that a 429 asks for, 1 if it does not say."""
    try:
        return max(float(headers.get("Retry-After", "")), 0.0)
    except (AttributeError, TypeError, ValueError):
        return 1.0


def code_of(text: object) -> str:
    """Return Slack's error word, empty for text that does not look like one."""
    word = str(text).strip()
    return word if _CODE.fullmatch(word) else ""


def error_code(response: Any) -> str:
    """Return the error word of an answer, empty if the answer is not Slack's."""
    return code_of(_body(response).get("error", ""))


def wait_seconds(response: Any) -> float | None:
    """Return the seconds that an answer asks to wait; None for one that does not."""
    if getattr(response, "status_code", None) == 429 or _body(response).get("error") == "ratelimited":
        return retry_after(getattr(response, "headers", None))
    return None


def _error_of(response: Any, method: str) -> SlackError:
    """Return the error of an answer. A missing scope is named by Slack, else by our own table of methods."""
    code = error_code(response) or NO_ANSWER
    if (getattr(response, "status_code", None) or 0) >= 500 and code in KNOWN and code not in UNKNOWN_OUTCOME:
        code = NO_ANSWER  # a server that fails may have done it, whatever it says
    needed, provided = (read_scopes(response, key) for key in ("needed", "provided"))
    if code in LACKS_SCOPE and not needed:
        needed = ",".join(SCOPES_FOR.get(method.replace("_", "."), ()))
    return slack_error(code, needed=needed, provided=provided)


def read_scopes(response: Any, key: str) -> str:
    """Return the scopes of an answer's `needed` or `provided`, with commas; empty for anything else."""
    given = str(_body(response).get(key, ""))
    return given if _SCOPES.fullmatch(given) else ""


def _body(response: Any) -> dict[str, Any]:
    data = getattr(response, "data", None)
    return data if isinstance(data, dict) else {}
