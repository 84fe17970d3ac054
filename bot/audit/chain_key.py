"""The key that audit rows are chained with, when one is configured."""

from bot.domain.errors import ConfigError
from bot.settings.secrets import Reference, describe, resolve

SHORTEST = 16
"""Characters. A shorter key could be guessed by trying, against any row of the log."""


async def audit_key(reference: Reference | None) -> bytes | None:
    """The key, or None when there is none to be used. Raises ConfigError, which never shows it."""
    if reference is None:
        return None
    key = (await resolve(reference)).get_secret_value()
    if len(key) < SHORTEST:
        raise ConfigError(
            f"The audit key {describe(reference)} is shorter than {SHORTEST} characters.",
            "Make a longer one, such as: openssl rand -hex 32",
        )
    return key.encode()
