"""The page behind `/readyz`: small checks, to which each room adds its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.domain.errors import PgbotError
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger

log = get_logger()

CHECK_SECONDS = 3.0
"""Seconds that one check may take, by the machine's clock: probes wait for 5 or 10."""


@dataclass(frozen=True, slots=True)
class Health:
    """The result of one check: `why` it failed, in a sentence, empty where it passed.

    Unless `is_warning`, the bot cannot work then. `figures` are shown under keys of their own.
    """

    why: str = ""
    is_warning: bool = False
    figures: Mapping[str, int | None] = field(default_factory=dict)


HealthCheck = Callable[[], Awaitable[Health]]
"""A check. One that raises has failed, with the error's sentence."""


def _reuse(check: HealthCheck, clock: Clock, seconds: float) -> HealthCheck:
    """Return a check whose result is reused for some seconds, so that frequent questions cost little."""
    asking, found, until = asyncio.Lock(), Health(), float("-inf")

    async def check_seldom() -> Health:
        nonlocal found, until
        async with asking:
            if clock.monotonic() >= until:
                found = await check()
                until = clock.monotonic() + seconds
            return found

    return check_seldom


class HealthPage:
    """The checks by their key in the page. Checks may be added while the bot runs.

    Each has `seconds` of the machine's clock.
    """

    def __init__(self, clock: Clock, seconds: float = CHECK_SECONDS) -> None:
        self._clock, self._seconds = clock, seconds
        self._checks: dict[str, HealthCheck] = {}

    def add(self, key: str, check: HealthCheck, reuse_seconds: float = 0.0) -> None:
        """Show a check under `key`; its result is reused for `reuse_seconds`."""
        self._checks[key] = _reuse(check, self._clock, reuse_seconds) if reuse_seconds else check

    async def read(self) -> tuple[bool, dict[str, object]]:
        """Return whether the bot can work, and the page: each key with true or false, the figures, and under
        `why` the reason for each that is false."""
        checks = dict(self._checks)  # one may be added meanwhile
        results = await asyncio.gather(*map(self._ask, checks.values()))
        found = dict(zip(checks, results, strict=True))
        page: dict[str, object] = {key: not health.why for key, health in found.items()}
        for health in found.values():
            page |= health.figures
        whys = {key: health.why for key, health in found.items() if health.why}
        is_ready = all(health.is_warning or not health.why for health in found.values())
        return is_ready, {**page, "why": whys} if whys else page

    async def _ask(self, check: HealthCheck) -> Health:
        try:
            async with asyncio.timeout(self._seconds):
                return await check()
        except TimeoutError:
            return Health(f"This check takes longer than {self._seconds:.0f} seconds.")
        except PgbotError as error:
            return Health(error.sentence)
        except Exception as error:
            log.exception("health check failed")
            return Health(f"This check failed ({type(error).__name__}); the bot's log says why.")
