"""Removal of secrets from the API's answers: those that were sent, and anything like credentials."""

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_LOGINS = (
    # "Basic authentication" is not a login: what is encoded has digits, signs, or capitals inside.
    re.compile(r"\b(?i:bearer|basic)\s+(?=\S*(?:[0-9=+/]|\S[A-Z]))[\w+/=.~-]{4,}"),
    re.compile(
        r"\beyJ(?:[\w-]{8,}\.[\w-]+|[\w-]{20,})(?:\.[\w-]*)?"
    ),  # JSON Web Tokens, as IONOS issues them
)


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without these secrets, the longest first: one may contain another."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for login in _LOGINS:
        text = login.sub(HIDDEN, text)
    return text
