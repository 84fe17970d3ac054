"""Requests per minute, entity tags and idempotency keys, which the real API may have, by switch."""

import hashlib
from dataclasses import replace
from datetime import datetime

from bot.demo.cloud.refusals import ApiRefusal
from bot.demo.cloud.wire import Payload


class RateWindows:
    """A count of requests per contract in each minute of the virtual clock."""

    def __init__(self) -> None:
        self._used: dict[int, tuple[datetime, int]] = {}

    def take(self, contract: int, now: datetime, per_minute: int) -> None:
        """Count a request. Raises ApiRefusal 429 with the seconds until the next minute."""
        if not per_minute:
            return
        minute = now.replace(second=0, microsecond=0)
        begun, used = self._used.get(contract, (minute, 0))
        used = used if begun == minute else 0
        if used >= per_minute:
            wait = str(60 - now.second)
            raise ApiRefusal(429, "Rate limit exceeded", headers={"retry-after": wait})
        self._used[contract] = (minute, used + 1)


class IdempotencyCache:
    """First answers by idempotency key."""

    def __init__(self) -> None:
        self._answers: dict[tuple[int, str, str], Payload] = {}

    def recall(self, key: tuple[int, str, str]) -> Payload | None:
        return self._answers.get(key)

    def keep(self, key: tuple[int, str, str], payload: Payload) -> None:
        self._answers[key] = payload


def with_tag(payload: Payload, known: str | None) -> Payload:
    """Return the answer with an entity tag, or 304 without a body if the caller has it."""
    # A tag, not a signature: any short digest does.
    tag = f'"{hashlib.blake2b(payload.body, digest_size=8).hexdigest()}"'
    headers = (*payload.headers, ("etag", tag))
    if known == tag:
        return Payload(304, headers=headers)
    return replace(payload, headers=headers)
