"""Requests to v1 that a Python program makes by hand, with requests, httpx, aiohttp and their like, and what
it expects of the answers."""

import ast
from dataclasses import dataclass

from migrations.scan.addresses import find_addresses, has_v1_address
from migrations.scan.findings import AnswerShape, BasicLogin, PatchRequest, UseCondition, Uses
from migrations.scan.readers.python_strings import HOLE, ModuleStrings, last_name, place_of, strings_in

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_CLIENTS = frozenset({"requests", "httpx", "session", "client", "http", "api", "s"})
_LOGINS = frozenset({"HTTPBasicAuth", "BasicAuth", "HTTPDigestAuth"})
_LOGIN = "auth with user and password"
_BODY = frozenset({"json", "text", "content", "properties", "metadata"})
_OK = 200
_NO_METHOD = ("", UseCondition.ALWAYS)


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
    elif method not in _METHODS or not isinstance(node.func, ast.Attribute):
        return None
    named = [each.value for each in node.keywords if each.arg == "url"]
    url = next((strings.text(each) for each in (*named, *arguments[:1])), "")
    if has_v1_address(url):
        return RequestCall(method.upper(), url, UseCondition.ALWAYS)
    if "://" in url or not _is_client(node.func, url):
        return None
    return RequestCall(method.upper(), url, UseCondition.IN_FILE)


def find_request_uses(node: ast.Call, strings: ModuleStrings) -> Uses:
    """Yield the uses in a call that may be a request."""
    found = find_request(node, strings)
    literals = strings_in(node)
    values = (*literals, *(found.url.split("/") if found else ()))
    if found is not None:
        if found.method == "PATCH":
            yield PatchRequest(place_of(node), values=values, when=found.when)
        if found.when is UseCondition.ALWAYS and not any(map(has_v1_address, literals)):
            yield from find_addresses(found.url, place_of(node), values=values, literal=False)
    given = (each.value for each in node.keywords if each.arg == "auth")
    login = next((each for each in given if _is_login(strings.assigned(each))), None)
    if login is not None and (
        found is not None or last_name(node.func) in {"Client", "AsyncClient", "ClientSession"}
    ):
        yield BasicLogin(place_of(login), values=values, text=_LOGIN, when=UseCondition.IN_FILE)


def find_session_login(node: ast.Assign, strings: ModuleStrings) -> Uses:
    """Yield `session.auth = (user, password)`."""
    is_login = _is_login(strings.assigned(node.value))
    for target in node.targets:
        if isinstance(target, ast.Attribute) and target.attr == "auth" and is_login:
            yield BasicLogin(place_of(node), text=_LOGIN, when=UseCondition.IN_FILE)


def _is_method(arguments: list[ast.expr]) -> bool:
    """Return whether the first argument is nothing but a method, as in `call("PATCH", …)`."""
    first = arguments[0] if arguments else None
    return isinstance(first, ast.Constant) and first.value in {each.upper() for each in _METHODS}


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


def find_answer_uses(tree: ast.Module, strings: ModuleStrings) -> Uses:
    """Yield bodies read of DELETE, and 200 expected of POST, by function so that names keep apart."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    within = {id(part) for function in functions for part in ast.walk(function) if part is not function}
    yield from _scope([node for node in ast.walk(tree) if id(node) not in within], strings)
    for function in functions:
        yield from _scope(list(ast.walk(function)), strings)


def _scope(nodes: list[ast.AST], strings: ModuleStrings) -> Uses:
    methods: dict[str, tuple[str, UseCondition]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            found = _method(node.value, strings)
            methods |= {last_name(target): found for target in node.targets if found and last_name(target)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in _BODY:
            method, when = methods.get(last_name(node.value)) or _method(node.value, strings) or _NO_METHOD
            if method == "DELETE":
                yield AnswerShape(place_of(node), text="body of DELETE is read", when=when)
        elif isinstance(node, ast.Compare) and _is_ok(node.comparators[0]):
            method, when = methods.get(_name_of_answer(node.left), _NO_METHOD)
            if method == "POST":
                yield AnswerShape(place_of(node), text="200 expected of POST", when=when)


def _is_ok(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == _OK


def _name_of_answer(node: ast.expr) -> str:
    """Return the name of the answer whose status an expression is; empty for anything else."""
    if isinstance(node, ast.Attribute) and node.attr in {"status_code", "status"}:
        return last_name(node.value)
    return ""


def _method(node: ast.expr, strings: ModuleStrings) -> tuple[str, UseCondition] | None:
    """Return the method of the request that the expression makes, by hand or through the SDK."""
    call = node.value if isinstance(node, ast.Await) else node
    if not isinstance(call, ast.Call):
        return None
    if last_name(call.func) == "clusters_delete":
        return "DELETE", UseCondition.IN_FILE
    found = find_request(call, strings)
    return None if found is None else (found.method, found.when)
