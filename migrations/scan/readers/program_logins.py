"""User name and password that a program gives to v1."""

import re

from migrations.scan.findings import BasicLogin, UseCondition, Uses, find_places
from migrations.scan.readers.code_tokens import TokenizedProgram

_CALLS = re.compile(
    r"\b(?:SetBasicAuth|setBasicAuth|basic_auth|basicAuth|Credentials\.basic|NetworkCredential"
    r"|BasicAuthentication|BasicAuthenticationInterceptor|BasicAuthCredentials|PasswordAuthentication"
    r"|withBasicAuth|withDigestAuth|HttpBasicAuth|request_basic_authentication)\s*[(\s]|\bCURLOPT_USERPWD\b"
    r"|-Credential\b"
)
_HEADER = re.compile(r"[\"'`]Basic(?:\s|[\"'`])")
_AUTH = re.compile(r"\bauth[\"']?\s*(?::|=>|=)\s*(?:\{|\[|\(|array\()\s*[\w$\"'.@]")
_SETTER = re.compile(
    r"(?i)\b\w*(?:client|config|configuration|api|ionos|auth|c)\.(?:setPassword\(|password\s*=(?!=))"
)
_SDK = "the SDK's configuration with user and password"
_RUBY = re.compile(r":basic(?:_auth)?\s*,")
_PATTERNS = (
    (_CALLS, "user and password"),
    (_HEADER, "header Authorization: Basic"),
    (_RUBY, "user and password"),
    (_AUTH, "auth with user and password"),
)


def find_logins(code: TokenizedProgram, when: UseCondition) -> Uses:
    """Yield user names and passwords that are set for requests or for the SDK."""
    for pattern, how in _PATTERNS:
        for place, _ in find_places(pattern, code.bare):
            yield BasicLogin(place, text=how, when=UseCondition.IN_FILE)
    for place, _ in find_places(_SETTER, code.bare):
        yield BasicLogin(place, text=_SDK, when=when)
    yield from _configurations(code, when)


def is_provider_settings(name: str, owner: str) -> bool:
    """Return whether a class holds the settings of IONOS's provider, in Pulumi or CDK for Terraform."""
    return name in {"IonoscloudProvider", "IonoscloudProviderConfig"} or (
        name in {"Provider", "ProviderArgs", "NewProvider"} and "ionos" in owner.lower()
    )


def _configurations(code: TokenizedProgram, when: UseCondition) -> Uses:
    """Yield passwords given to a provider or the SDK's Configuration, also imported under another name."""
    names = {"Configuration"}
    for at, token in enumerate(code.tokens):
        if token.text == "Configuration" and (code.word(at + 1) == "as" or code.is_mark(at + 1, ":")):
            names.add(code.word(at + 2))
        if (
            token.kind == "word"
            and code.is_mark(at + 1, "({")
            and (token.text in names or is_provider_settings(token.text, code.word(at - 2)))
        ):
            given = (code.tokens[each] for each in code.inside(at + 1))
            password = next((each for each in given if each.text.lower() == "password"), None)
            if password:
                yield BasicLogin(code.place(password), text=_SDK, when=when)
