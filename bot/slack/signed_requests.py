"""Signatures of Slack's requests in HTTP mode: each is good for five minutes, by Slack's clock and ours."""

import hmac
from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier

from bot.domain.phrases import format_count
from bot.runtime.checked_clock import describe_lead
from bot.runtime.clock import Clock
from bot.runtime.health_page import Health
from bot.runtime.logger import get_logger

log = get_logger()

GOOD_SECONDS = 300
"""Age of a signature, either way, up to which it is accepted (slack-facts, 4.2)."""

_LONGEST_TIMESTAMP = 12
"""Digits. Seconds since 1970 have ten until 2286."""


class SignedRequests:
    """The check of each request's signature, and what it has found so far."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._verifier, self._clock = SignatureVerifier(secret), clock
        self._accepted: float | None = None
        self._refused = self._in_a_row = 0
        self._lead = 0.0
        """Seconds by which our clock was ahead of the time in the last request that was refused for it."""

    def accepts(self, headers: Mapping[str, str], body: str) -> bool:
        """Return whether Slack has signed the request, lately."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not self._is_signed(timestamp, headers.get("x-slack-signature", ""), body):
            log.warning("request with a bad signature refused")
            return False
        lead = self._clock.now().timestamp() - int(timestamp)
        if abs(lead) > GOOD_SECONDS:
            self._refused, self._in_a_row, self._lead = self._refused + 1, self._in_a_row + 1, lead
            log.warning("signed request refused for its age", why=self._describe_lead())
            return False
        self._accepted, self._in_a_row = self._clock.monotonic(), 0
        return True

    async def check(self) -> Health:
        """Return whether requests are refused for their age, for `/readyz`.

        While the clock is right, they are old ones that somebody sends again: a warning.
        """
        accepted = self._accepted
        age = None if accepted is None else int(self._clock.monotonic() - accepted)
        figures = {"last_signed_request_seconds": age, "requests_refused_for_age": self._refused}
        if not self._in_a_row:
            return Health(figures=figures)
        many = f"The last {format_count(self._in_a_row, 'signed request')} had to be refused"
        why = f"{many}: by the time in them, {self._describe_lead()}."
        return Health(why, is_warning=self._clock.doubt is None, figures=figures)

    def _describe_lead(self) -> str:
        return f"this machine's clock is {describe_lead(self._lead)} Slack's"

    def _is_signed(self, timestamp: str, signature: str, body: str) -> bool:
        # The SDK's own check raises on others (slack-facts, 4.2), and does not tell an old request.
        if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
            return False
        if len(timestamp) > _LONGEST_TIMESTAMP:
            return False
        expected = self._verifier.generate_signature(timestamp=timestamp, body=body)
        return expected is not None and hmac.compare_digest(expected, signature)
