"""Authentication and authorization: tokens, the basic login, and their contracts."""

import base64
import binascii
from dataclasses import dataclass

from bot.demo.cloud.records import TokenOwner
from bot.demo.cloud.refusals import ApiRefusal
from bot.demo.cloud.switches import Switches

CONTRACT_A = 21000001
CONTRACT_B = 21000002
CONTRACT_C = 21000003
CONTRACT_TRIAL = 21000009


@dataclass(frozen=True, slots=True)
class CredentialScope:
    """The rights of one credential. The first contract is the default without `X-Contract-Number`."""

    person: TokenOwner
    contracts: tuple[int, ...]
    may_write: bool = True


_DEMO = TokenOwner("demo@example.com", "0b41a0de-0000-4000-8000-000000000001")
_BILLING = TokenOwner("billing-bot@example.com", "0b41a0de-0000-4000-8000-000000000002")
_LOGISTICS = TokenOwner("logistics-bot@example.com", "0b41a0de-0000-4000-8000-000000000003")
_TRIAL = TokenOwner("trial@example.com", "0b41a0de-0000-4000-8000-000000000009")

PEOPLE = (_DEMO, _BILLING, _LOGISTICS)

# Public credentials of a simulator on the loopback interface. The README prints the first ones.
TOKENS = {
    "demo-token": CredentialScope(_DEMO, (CONTRACT_A, CONTRACT_B)),
    "demo-token-b": CredentialScope(_BILLING, (CONTRACT_B,)),
    "demo-token-c": CredentialScope(_LOGISTICS, (CONTRACT_C,)),
    "demo-token-readonly": CredentialScope(_DEMO, (CONTRACT_A, CONTRACT_B), may_write=False),
    "demo-token-trial": CredentialScope(_TRIAL, (CONTRACT_TRIAL,)),
}
LOGINS = {("demo", "demo"): TOKENS["demo-token"]}


def authenticate(api: str, authorization: str, switches: Switches) -> CredentialScope:
    """Return the rights of the `Authorization` header. Raises ApiRefusal 401."""
    scheme, _, credential = authorization.strip().partition(" ")
    access = None
    if scheme.lower() == "bearer":
        access = TOKENS.get(credential.strip())
    elif scheme.lower() == "basic" and (api != "v2" or switches.v2_accepts_basic):
        access = LOGINS.get(_login(credential))
    if access is None:
        raise ApiRefusal(401, "Unauthorized, wrong or no api key provided to process this request")
    return access


def _login(credential: str) -> tuple[str, str]:
    try:
        name, _, password = base64.b64decode(credential.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    return name, password


def choose_contract(api: str, header: str | None, access: CredentialScope, switches: Switches) -> int:
    """Return the contract of the call. Raises ApiRefusal 403 or 422."""
    if api == "v2" and header is not None and switches.v2_contract_header == "refused":
        raise ApiRefusal(403, "X-Contract-Number is not supported")
    ignored = api == "v2" and switches.v2_contract_header == "ignored"
    if header is None or ignored:
        return access.contracts[0]
    if not header.strip().isdecimal() or not header.isascii():
        raise ApiRefusal(422, "X-Contract-Number must be an integer")
    # Compared as text: the number of digits is the caller's choice, and int() has a limit.
    chosen = next((number for number in access.contracts if str(number) == header.strip()), None)
    if chosen is None:
        raise ApiRefusal(403, "No access to this contract")
    return chosen


def check_permission(api: str, method: str, contract: int, access: CredentialScope) -> None:
    """Check the call against the credential's rights. Raises ApiRefusal 402 (v1) or 403."""
    if contract == CONTRACT_TRIAL:
        raise ApiRefusal(402 if api == "v1" else 403, "Not available to a trial contract")
    if method not in ("GET", "HEAD") and not access.may_write:
        raise ApiRefusal(403, "The user has no permission to change resources")
