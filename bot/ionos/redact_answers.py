"""Taking secrets out of what an API says: the ones that were sent, and whatever looks like a login."""

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_LOGINS = (
    # "Basic authentication" is no login: what is encoded has digits, signs, or capitals inside.
    re.compile(r"\b(?i:bearer|basic)\s+(?=\S*(?:[0-9=+/]|\S[A-Z]))[\w+/=.~-]{4,}"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),  # JSON Web Tokens, as IONOS issues them
)


def hide(text: str, secrets: Iterable[str]) -> str:
    """`text` without these secrets, the longest first: one may hold another."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for login in _LOGINS:
        text = login.sub(HIDDEN, text)
    return text
