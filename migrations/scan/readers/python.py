"""Python: imports of the SDK, operations that only v1 has, requests by hand, and the words in strings."""

import ast
import shlex
import warnings
from collections.abc import Iterator

from migrations.scan.addresses import (
    find_addresses,
    find_all_uses,
    find_relative_endpoint,
    find_words,
    has_v1_address,
)
from migrations.scan.comments import blank_hash_comments
from migrations.scan.findings import (
    BasicLogin,
    FilePosition,
    NextLink,
    Pin,
    PossibleUse,
    ReaderResult,
    SdkImport,
    SdkName,
    UseCondition,
)
from migrations.scan.readers.program_logins import is_provider_settings
from migrations.scan.readers.python_answers import find_answer_uses
from migrations.scan.readers.python_objects import ProviderObjects, find_size
from migrations.scan.readers.python_requests import find_request_uses, find_session_login
from migrations.scan.readers.python_strings import HOLE, ModuleStrings, last_name, place_of
from migrations.scan.readers.script import read_script
from migrations.scan.sdk_operations import SISTERS, operation_name
from migrations.scan.sdk_releases import PYTHON_SDK, allowed_sdk_releases

_MODULE = "ionoscloud_dbaas_postgres"
_PROGRAMS = ("ionosctl ", "curl ")
_EXPOSING = frozenset({"gauge", "counter", "histogram", "summary", "info", "enum"})


def read_python(text: str) -> ReaderResult:
    """Return the uses in a module or script."""
    try:
        with warnings.catch_warnings():
            # Warnings about the scanned file's own escapes are not ours to show.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as trouble:
        line = getattr(trouble, "lineno", None)
        where = f" (line {line})" if isinstance(line, int) else ""
        bare = tuple(find_all_uses(blank_hash_comments(text), FilePosition(1, 1)))
        return ReaderResult(bare, f"it is not valid Python 3{where}")
    try:
        return ReaderResult(tuple(_Module(tree, text).uses()))
    except RecursionError:
        return ReaderResult((), "it is nested too deeply")


class _Module:
    def __init__(self, tree: ast.Module, text: str) -> None:
        self._tree = tree
        self._strings = ModuleStrings(tree)
        self._objects = ProviderObjects(tree, self._strings)
        self._near = UseCondition.IN_FILE if SISTERS.search(text) else UseCondition.IN_PACKAGE
        self._exposed: set[int] = set()
        self._parts: set[int] = set()
        self._configurations = _aliases(tree, "Configuration")
        self._routes = {id(part) for each in _decorators(tree) for part in ast.walk(each)}

    def uses(self) -> Iterator[PossibleUse]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from _import(node)
            elif isinstance(node, ast.Assign):
                yield from find_session_login(node, self._strings)
            elif isinstance(node, ast.expr):
                yield from self._expression(node)
        yield from self._objects.uses()
        for text in self._strings.literals():
            yield from self._string(text)
        yield from find_answer_uses(self._tree, self._strings)

    def _expression(self, node: ast.expr) -> Iterator[PossibleUse]:
        if isinstance(node, ast.Attribute | ast.Subscript):
            yield from _link(node, node.value)
        elif isinstance(node, ast.Dict):
            yield from _dict(node)
        elif isinstance(node, ast.List | ast.Tuple | ast.BinOp):
            yield from self._command(node)
            yield from self._joined(node)
        elif isinstance(node, ast.JoinedStr):
            yield from self._endpoint(node)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield from _link(node, node.func.value)
            yield from self._call(node)
            if id(node) not in self._routes:
                yield from find_request_uses(node, self._strings)

    def _joined(self, node: ast.expr) -> Iterator[PossibleUse]:
        """Yield the endpoint that `"/clusters/" + id + "/users"` is, once for the whole sum."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self._parts.add(id(node.left))
            if id(node) not in self._parts:
                yield from self._endpoint(node)

    def _endpoint(self, node: ast.expr) -> Iterator[PossibleUse]:
        """Yield an endpoint below a cluster, whatever it is passed to."""
        text = self._strings.text(node)
        values = tuple(self._strings.values(node))
        if id(node) in self._routes:
            return
        if has_v1_address(text):
            yield from find_addresses(text, place_of(node), values=values, literal=False)
        else:
            yield from find_relative_endpoint(text.removeprefix(HOLE), place_of(node))

    def _command(self, node: ast.expr) -> Iterator[PossibleUse]:
        """Yield the uses in `["ionosctl", "dbaas", …]`, as subprocess takes it."""
        words = self._strings.words(node)
        if words and words[0] == "ionosctl":
            yield from read_script(shlex.join(words), place_of(node))

    def _call(self, node: ast.Call) -> Iterator[PossibleUse]:
        name = last_name(node.func)
        operation = operation_name(name) if isinstance(node.func, ast.Attribute) else None
        values = tuple(self._strings.values(node))
        if operation:
            yield SdkName(place=place_of(node.func), values=values, name=operation, when=self._near)
        owner = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        is_settings = name in self._configurations or is_provider_settings(name, owner)
        if is_settings and any(each.arg == "password" for each in node.keywords):
            yield BasicLogin(
                place=place_of(node),
                values=values,
                how="Configuration with user and password",
                when=self._near,
            )
        if name.endswith("ClusterProperties"):
            for keyword in node.keywords:
                yield from find_size(keyword.arg, keyword.value, values)
        if name.casefold() in _EXPOSING or "metric" in name.casefold():
            given = (*node.args[:1], *(each.value for each in node.keywords if each.arg == "name"))
            self._exposed.update(id(each) for each in given)

    def _string(self, node: ast.Constant) -> Iterator[PossibleUse]:
        text, place = str(node.value), place_of(node)
        at = FilePosition(place.line, place.column + 1)
        if text.startswith(_PROGRAMS):
            yield from read_script(text, at)
            return
        if text == _MODULE:
            yield SdkImport(place=at, language="python", name=_MODULE, when=UseCondition.BY_PIN)
        yield from find_addresses(text, at)
        if id(node) not in self._routes:
            yield from find_relative_endpoint(text, at)
        # A state or header stands alone in its string; within a sentence it is prose.
        if " " not in text.strip():
            yield from find_words(text, at, exposed=id(node) in self._exposed, when=self._near)
        allows = allowed_sdk_releases(text) if text[:10].casefold() == "ionoscloud" else None
        if allows:
            yield Pin(place=place, language="python", name=PYTHON_SDK, allows=allows)


def _decorators(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the decorators, whose paths are those that the program serves itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from node.decorator_list


def _aliases(tree: ast.Module, name: str) -> frozenset[str]:
    """Return the names under which the module imports a name, itself among them."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    aliases = (each.asname for node in imports for each in node.names if each.name == name)
    return frozenset({name, *(alias for alias in aliases if alias)})


def _import(node: ast.Import | ast.ImportFrom) -> Iterator[PossibleUse]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
    for name in names:
        if name.partition(".")[0] == _MODULE and not getattr(node, "level", 0):
            yield SdkImport(place=place_of(node), language="python", name=_MODULE, when=UseCondition.BY_PIN)
            return


def _dict(node: ast.Dict) -> Iterator[PossibleUse]:
    values = tuple(
        each.value for each in node.values if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield from find_size(key.value, value, values)


def _link(node: ast.expr, owner: ast.expr) -> Iterator[PossibleUse]:
    """Yield `page["links"]["next"]`, `page.links.next`, `page.get("_links", {}).get("next")`."""
    if _key(node) == "next" and _key(owner) in {"links", "_links"}:
        yield NextLink(place=place_of(node), how="link to the next page", when=UseCondition.IN_FILE)


def _key(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    if isinstance(node, ast.Call) and last_name(node.func) == "get" and node.args:
        first = node.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else ""
    return ""
