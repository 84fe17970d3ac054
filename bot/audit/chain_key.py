"""The configured key for chaining audit rows."""

from bot.domain.errors import ConfigError
from bot.settings.secrets import Reference, describe_reference, resolve_secret

SHORTEST = 16
"""Characters. A shorter key could be guessed by trying keys on any row of the log."""


async def audit_key(reference: Reference | None) -> bytes | None:
    """Return the key, or None when none is configured. Raises ConfigError, which never shows it."""
    if reference is None:
        return None
    key = (await resolve_secret(reference)).get_secret_value()
    if len(key) < SHORTEST:
        raise ConfigError(
            f"The audit key {describe_reference(reference)} is shorter than {SHORTEST} characters.",
            "Make a longer one, such as: openssl rand -hex 32",
        )
    return key.encode()
