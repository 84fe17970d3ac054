"""Addresses of the services that secrets are sent to: https, or plain http to this machine."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _checked(address: str) -> str:
    # The address itself is not quoted in the errors: somebody may have put a password into it.
    address = address.strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ValueError("this is not an address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("this must start with https:// and a host name")
    if parts.username is not None or parts.password is not None:
        raise ValueError("this must not contain a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("this must end with its path, without ? or #")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise ValueError(
            "this is plain http to another machine, which would expose credentials; use https "
            "(http works only for 127.0.0.1, ::1 and localhost)"
        )
    return address


def _checked_template(address: str) -> str:
    if "{region}" not in address:
        raise ValueError("this must contain {region}, because each of the nine regions has its own host")
    _checked(address.replace("{region}", "region"))
    return address


def _is_this_machine(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Address = Annotated[str, AfterValidator(_checked)]
"""An address without user name, password, query or fragment."""

RegionAddress = Annotated[str, AfterValidator(_checked_template)]
"""The same, with `{region}` standing for a region spelt like de-txl."""

PublicAddress = Annotated[str, AfterValidator(_checked)]
"""The address of this bot for Slack, which calls https only."""
