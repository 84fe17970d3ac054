"""Requests to v1 that a Python program makes by hand, with requests, httpx, aiohttp and their like."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migrations.scan.addresses import find_addresses, has_v1_address
from migrations.scan.findings import BasicLogin, PossibleUse, Request, UseCondition
from migrations.scan.readers.python_strings import HOLE, ModuleStrings, last_name, place_of

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_CLIENTS = frozenset({"requests", "httpx", "session", "client", "http", "api", "s"})
_LOGINS = frozenset({"HTTPBasicAuth", "BasicAuth", "HTTPDigestAuth"})


@dataclass(frozen=True, slots=True)
class RequestCall:
    """A call that looks like a request: method, address as far as it is known, and how sure we are."""

    method: str
    url: str
    when: UseCondition


def find_request(node: ast.Call, strings: ModuleStrings) -> RequestCall | None:
    """Return the request that a call makes to v1; None for one that goes elsewhere or is none."""
    arguments = list(node.args)
    method = last_name(node.func)
    if method in {"request", "stream", "Request"} or _is_method(arguments):
        method = strings.text(arguments.pop(0)) if arguments else ""
    elif method not in METHODS or not isinstance(node.func, ast.Attribute):
        return None
    url = _url(node, arguments, strings)
    if has_v1_address(url):
        return RequestCall(method.upper(), url, UseCondition.ALWAYS)
    if "://" in url or not _is_client(node.func, url):
        return None
    return RequestCall(method.upper(), url, UseCondition.IN_FILE)


def find_request_uses(node: ast.Call, strings: ModuleStrings) -> Iterator[PossibleUse]:
    """Yield the uses in a call that may be a request."""
    found = find_request(node, strings)
    values = tuple(strings.values(node)) + (tuple(found.url.split("/")) if found else ())
    if found is not None:
        if found.method == "PATCH":
            yield Request(place=place_of(node), values=values, method="PATCH", when=found.when)
        if found.when is UseCondition.ALWAYS and not any(
            has_v1_address(text) for text in strings.values(node)
        ):
            yield from find_addresses(found.url, place_of(node), values=values, literal=False)
    given = (each.value for each in node.keywords if each.arg == "auth")
    login = next((each for each in given if _is_login(strings.assigned(each))), None)
    if login is not None and (
        found is not None or last_name(node.func) in {"Client", "AsyncClient", "ClientSession"}
    ):
        yield BasicLogin(
            place=place_of(login), values=values, how="auth with user and password", when=UseCondition.IN_FILE
        )


def find_session_login(node: ast.Assign, strings: ModuleStrings) -> Iterator[PossibleUse]:
    """Yield `session.auth = (user, password)`."""
    is_login = _is_login(strings.assigned(node.value))
    for target in node.targets:
        if isinstance(target, ast.Attribute) and target.attr == "auth" and is_login:
            yield BasicLogin(
                place=place_of(node), how="auth with user and password", when=UseCondition.IN_FILE
            )


def _is_method(arguments: list[ast.expr]) -> bool:
    """Return whether the first argument is nothing but a method, as in `call("PATCH", …)`."""
    first = arguments[0] if arguments else None
    return isinstance(first, ast.Constant) and first.value in {each.upper() for each in METHODS}


def _url(node: ast.Call, arguments: list[ast.expr], strings: ModuleStrings) -> str:
    named = [each.value for each in node.keywords if each.arg == "url"]
    first = (*named, *arguments[:1])
    return strings.text(first[0]) if first else ""


def _is_client(function: ast.expr, url: str) -> bool:
    """Return whether something named like a client is called with something that looks like a path."""
    path = url.removeprefix(HOLE).removeprefix("/")
    if not isinstance(function, ast.Attribute):
        return path.startswith("clusters") or url == HOLE
    known = last_name(function.value).lstrip("_").casefold() in _CLIENTS
    return path.startswith("clusters") or (known and url.strip("/") == HOLE)


def _is_login(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return len(node.elts) == 2
    return isinstance(node, ast.Call) and last_name(node.func) in _LOGINS
