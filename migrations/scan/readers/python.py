"""Python: imports of the SDK, operations that only v1 has, requests by hand, clusters that are declared with
Pulumi, CDK for Terraform or the SDK's models, and the words in strings."""

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
from migrations.scan.comments import blank_comments
from migrations.scan.findings import (
    START,
    BasicLogin,
    DeclaredSize,
    FilePosition,
    NamedType,
    NextLink,
    SdkImport,
    SdkOperation,
    Unreadable,
    UseCondition,
    Uses,
)
from migrations.scan.readers.program_logins import is_provider_settings
from migrations.scan.readers.programs import is_provider_class, is_provider_program
from migrations.scan.readers.python_requests import find_answer_uses, find_request_uses, find_session_login
from migrations.scan.readers.python_strings import (
    HOLE,
    ModuleStrings,
    last_name,
    place_of,
    string_of,
    strings_in,
)
from migrations.scan.readers.script import read_script
from migrations.scan.sdks import SISTERS, find_python_pins, operation_name

_MODULE = "ionoscloud_dbaas_postgres"
_PROGRAMS = ("ionosctl ", "curl ")
_EXPOSING = frozenset({"gauge", "counter", "histogram", "summary", "info", "enum"})
_SIZES = frozenset({"ram", "storage_size", "storageSize"})
_SCALE = 1024


def read_python(text: str) -> Uses:
    try:
        with warnings.catch_warnings():
            # Warnings about the scanned file's own escapes are not ours to show.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as trouble:
        line = getattr(trouble, "lineno", None)
        where = f" (line {line})" if isinstance(line, int) else ""
        yield Unreadable(START, text=f"it is not valid Python 3{where}")
        yield from find_all_uses(blank_comments(text))
        return
    try:
        uses = list(_Module(tree, text).uses())
    except RecursionError:
        uses = [Unreadable(START, text="it is nested too deeply")]
    yield from uses


class _Module:
    def __init__(self, tree: ast.Module, text: str) -> None:
        self._tree = tree
        self._strings = ModuleStrings(tree)
        self._near = UseCondition.IN_FILE if SISTERS.search(text) else UseCondition.IN_PACKAGE
        self._exposed: set[int] = set()
        self._parts: set[int] = set()
        self._configurations = _aliases(tree, "Configuration")
        self._routes = {id(part) for each in _decorators(tree) for part in ast.walk(each)}
        self._declared: dict[str, tuple[str, ...]] = {}

    def uses(self) -> Uses:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from _import(node)
            elif isinstance(node, ast.Assign):
                yield from find_session_login(node, self._strings)
            elif isinstance(node, ast.expr):
                yield from self._expression(node)
        if any(is_provider_program(name) for node in ast.walk(self._tree) for name in _imported(node)):
            yield from self._declarations()
        for text in self._strings.literals():
            yield from self._string(text)
        yield from find_answer_uses(self._tree, self._strings)

    def _expression(self, node: ast.expr) -> Uses:
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

    def _joined(self, node: ast.expr) -> Uses:
        """Yield the endpoint that `"/clusters/" + id + "/users"` is, once for the whole sum."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self._parts.add(id(node.left))
            if id(node) not in self._parts:
                yield from self._endpoint(node)

    def _endpoint(self, node: ast.expr) -> Uses:
        """Yield an endpoint below a cluster, whatever it is passed to."""
        text = self._strings.text(node)
        if id(node) in self._routes:
            return
        if has_v1_address(text):
            yield from find_addresses(text, place_of(node), values=strings_in(node), literal=False)
        else:
            yield from find_relative_endpoint(text.removeprefix(HOLE), place_of(node))

    def _command(self, node: ast.expr) -> Uses:
        """Yield the uses in `["ionosctl", "dbaas", …]`, as subprocess takes it."""
        words = self._strings.words(node)
        if words and words[0] == "ionosctl":
            yield from read_script(shlex.join(words), place_of(node))

    def _call(self, node: ast.Call) -> Uses:
        name = last_name(node.func)
        operation = operation_name(name) if isinstance(node.func, ast.Attribute) else None
        values = strings_in(node)
        if operation:
            yield SdkOperation(place_of(node.func), values=values, text=operation, when=self._near)
        owner = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        is_settings = name in self._configurations or is_provider_settings(name, owner)
        if is_settings and any(each.arg == "password" for each in node.keywords):
            how = "Configuration with user and password"
            yield BasicLogin(place_of(node), values=values, text=how, when=self._near)
        if name.endswith("ClusterProperties"):
            for keyword in node.keywords:
                yield from _size(keyword.arg, keyword.value, values)
        if name.casefold() in _EXPOSING or "metric" in name.casefold():
            given = (*node.args[:1], *(each.value for each in node.keywords if each.arg == "name"))
            self._exposed.update(id(each) for each in given)

    def _string(self, node: ast.Constant) -> Uses:
        text, place = str(node.value), place_of(node)
        at = FilePosition(place.line, place.column + 1)
        if text.startswith(_PROGRAMS):
            yield from read_script(text, at)
            return
        if text == _MODULE:
            yield _sdk_import(at)
        yield from find_addresses(text, at)
        if id(node) not in self._routes:
            yield from find_relative_endpoint(text, at)
        # A state or header stands alone in its string; within a sentence it is prose.
        if " " not in text.strip():
            yield from find_words(text, at, exposed=id(node) in self._exposed, when=self._near)
        if text[:10].casefold() == "ionoscloud":
            # The bare name says nothing about releases.
            yield from (pin for pin in find_python_pins(text, place) if pin.allows)

    def _declarations(self) -> Uses:
        """Yield imports and calls of the provider's v1 classes, and sizes in the calls."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom) and is_provider_program(node.module or ""):
                names = (each.name for each in node.names if is_provider_class(each.name))
                yield from (NamedType(place_of(node), name=name) for name in names)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _declares(node.value):
                values = self._declared_values(node.value)
                self._declared |= {last_name(each): values for each in node.targets if last_name(each)}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and _declares(node):
                values = self._declared_values(node)
                yield NamedType(place_of(node), values=values, name=_class_name(node))
                for keyword in node.keywords:
                    yield from _size(keyword.arg, keyword.value, values)

    def _declared_values(self, node: ast.Call) -> tuple[str, ...]:
        """Return the strings in a call, and those of the declared objects that it names."""
        named = (self._declared.get(each.id, ()) for each in ast.walk(node) if isinstance(each, ast.Name))
        return (*strings_in(node), *(value for values in named for value in values))


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


def _imported(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports."""
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [each.name for each in node.names] if isinstance(node, ast.Import) else []


def _import(node: ast.Import | ast.ImportFrom) -> Uses:
    is_sdk = any(name.partition(".")[0] == _MODULE for name in _imported(node))
    if is_sdk and not getattr(node, "level", 0):
        yield _sdk_import(place_of(node))


def _sdk_import(place: FilePosition) -> SdkImport:
    return SdkImport(place, language="python", name=_MODULE, when=UseCondition.BY_PIN)


def _dict(node: ast.Dict) -> Uses:
    values = tuple(text for each in node.values if (text := string_of(each)) is not None)
    for key, value in zip(node.keys, node.values, strict=True):
        yield from _size(string_of(key), value, values)


def _size(name: str | None, value: ast.expr, values: tuple[str, ...]) -> Uses:
    """Yield a literal size, a product of literals such as `8 * 1024`, or anything times 1024."""
    if name not in _SIZES:
        return
    number = _number(value)
    if number is not None or _is_scaled(value):
        yield DeclaredSize(
            place_of(value), values=values, field=name, megabytes=number, when=UseCondition.IN_FILE
        )


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = _number(node.left), _number(node.right)
        return left * right if left is not None and right is not None else None
    return None


def _is_scaled(node: ast.expr) -> bool:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return False
    return _SCALE in {_number(node.left), _number(node.right)}


def _class_name(node: ast.Call) -> str:
    """Return the class of a call, `get_psql_cluster(…)` of Pulumi written as its class too."""
    name = last_name(node.func)
    if name.startswith(("get_psql_", "get_pg_")):
        parts = name.removesuffix("_output").split("_")
        return "get" + parts[1].upper() + "".join(part.capitalize() for part in parts[2:])
    return name


def _declares(node: ast.Call) -> bool:
    return is_provider_class(_class_name(node))


def _link(node: ast.expr, owner: ast.expr) -> Uses:
    """Yield `page["links"]["next"]`, `page.links.next`, `page.get("_links", {}).get("next")`."""
    if _key(node) == "next" and _key(owner) in {"links", "_links"}:
        yield NextLink(place_of(node), when=UseCondition.IN_FILE)


def _key(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    if isinstance(node, ast.Call) and last_name(node.func) == "get" and node.args:
        first = node.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else ""
    return ""
