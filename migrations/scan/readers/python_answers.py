"""A Python program's expectations of the answers to POST and DELETE."""

import ast
from collections.abc import Iterator

from migrations.scan.findings import AnswerShape, PossibleUse, UseCondition
from migrations.scan.readers.python_requests import find_request
from migrations.scan.readers.python_strings import ModuleStrings, last_name, place_of

_BODY = frozenset({"json", "text", "content", "properties", "metadata"})
_OK = 200
_DELETE = "body of DELETE is read"
_POST = "200 expected of POST"


def find_answer_uses(tree: ast.Module, strings: ModuleStrings) -> Iterator[PossibleUse]:
    """Yield bodies read of DELETE, and 200 expected of POST, one function at a time so that names keep
    apart."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    within = {id(part) for function in functions for part in ast.walk(function) if part is not function}
    outside = [node for node in ast.walk(tree) if id(node) not in within]
    yield from _scope(outside, strings)
    for function in functions:
        yield from _scope(list(ast.walk(function)), strings)


def _scope(nodes: list[ast.AST], strings: ModuleStrings) -> Iterator[PossibleUse]:
    methods: dict[str, tuple[str, UseCondition]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            found = _method(node.value, strings)
            methods |= {last_name(target): found for target in node.targets if found and last_name(target)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in _BODY:
            known = methods.get(last_name(node.value)) or _method(node.value, strings)
            if known and known[0] == "DELETE":
                yield AnswerShape(place=place_of(node), what=_DELETE, when=known[1])
        elif isinstance(node, ast.Compare):
            yield from _compared(node, methods)


def _compared(node: ast.Compare, methods: dict[str, tuple[str, UseCondition]]) -> Iterator[PossibleUse]:
    left, right = node.left, node.comparators[0]
    if not isinstance(left, ast.Attribute) or left.attr not in {"status_code", "status"}:
        return
    known = methods.get(last_name(left.value))
    if known and known[0] == "POST" and isinstance(right, ast.Constant) and right.value == _OK:
        yield AnswerShape(place=place_of(node), what=_POST, when=known[1])


def _method(node: ast.expr, strings: ModuleStrings) -> tuple[str, UseCondition] | None:
    """Return the method of the request that the expression makes, by hand or through the SDK."""
    call = node.value if isinstance(node, ast.Await) else node
    if not isinstance(call, ast.Call):
        return None
    if last_name(call.func) == "clusters_delete":
        return "DELETE", UseCondition.IN_FILE
    found = find_request(call, strings)
    return None if found is None else (found.method, found.when)
