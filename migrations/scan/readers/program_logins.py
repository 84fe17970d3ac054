"""User name and password that a program gives to v1."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import offset_position
from migrations.scan.findings import BasicLogin, FilePosition, PossibleUse, UseCondition
from migrations.scan.readers.code_tokens import TokenizedProgram

_CALLS = re.compile(
    r"\b(?:SetBasicAuth|setBasicAuth|basic_auth|basicAuth|Credentials\.basic|NetworkCredential"
    r"|BasicAuthentication|HttpBasicAuth|request_basic_authentication)\s*[(\s]|\bCURLOPT_USERPWD\b"
    r"|-Credential\b"
)
_HEADER = re.compile(r"[\"'`]Basic(?:\s|[\"'`])")
_AUTH = re.compile(r"\bauth[\"']?\s*(?::|=>|=)\s*(?:\{|\[|\(|array\()\s*[\w$\"'.@]")
_SETTER = re.compile(
    r"(?i)\b\w*(?:client|config|configuration|api|ionos|auth|c)\.(?:setPassword\(|password\s*=(?!=))"
)
_CONFIGURATION = re.compile(r"\bConfiguration\(")
_PASSWORD = re.compile(r"\bpassword\b")


def find_logins(code: TokenizedProgram, when: UseCondition) -> Iterator[PossibleUse]:
    """Yield user names and passwords that are set for requests or for the SDK."""
    text = code.bare
    for pattern, how in (
        (_CALLS, "user and password"),
        (_HEADER, "header Authorization: Basic"),
        (_AUTH, "auth with user and password"),
        (_SETTER, "the SDK's configuration with user and password"),
    ):
        for found in pattern.finditer(text):
            yield BasicLogin(
                place=offset_position(FilePosition(1, 1), text, found.start()),
                how=how,
                when=when if pattern is _SETTER else UseCondition.IN_FILE,
            )
    for found in _CONFIGURATION.finditer(text):
        password = _PASSWORD.search(text, found.end(), found.end() + 400)
        if password and ");" not in text[found.end() : password.start()]:
            yield BasicLogin(
                place=offset_position(FilePosition(1, 1), text, password.start()),
                how="the SDK's configuration with user and password",
                when=when,
            )
