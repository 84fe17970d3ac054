"""Slack's rate limits: a tier per method, and one message a second per channel with room for a burst."""

import math

from bot.demo.workspace.refusal import MethodRefusal
from bot.runtime.clock import Clock

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls per minute and method that each tier allows (Slack documentation, "Rate limits")."""

BURST = {1: 5, 2: 20, 3: 50, 4: 100}
"""Calls at once. Slack tolerates bursts for tier 1 without a number, so that figure is ours."""

CHANNEL_BURST = 10
"""Messages at once in one channel; Slack tolerates "short bursts" without a number."""

TEAM_MESSAGES = 300
"""Messages a minute in all channels together; Slack says "several hundred" without a number."""


class Rates:
    """Token buckets on the workspace's clock. An empty one raises MethodRefusal `ratelimited` with 429."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        """The tokens that were left at a time."""
        self.enforced = enforced

    def spend_method(self, method: str, tier: int) -> None:
        self._spend(method, PER_MINUTE[tier] / 60, BURST[tier])

    def spend_message(self, channel: str) -> None:
        self._spend(f"message:{channel}", 1.0, CHANNEL_BURST)
        self._spend("message", TEAM_MESSAGES / 60, TEAM_MESSAGES)

    def _spend(self, key: str, per_second: float, burst: int) -> None:
        if not self.enforced:
            return
        now = self._clock.monotonic()
        left, at = self._buckets.get(key, (burst, now))
        tokens = min(burst, left + (now - at) * per_second)
        # A sum of floats may miss a whole token by rounding; the next caller must not wait for that.
        if tokens < 1 - 1e-6:
            self._buckets[key] = tokens, now
            wait = max(1, math.ceil((1 - tokens) / per_second))
            raise MethodRefusal("ratelimited", status=429, headers={"Retry-After": str(wait)})
        self._buckets[key] = tokens - 1, now
