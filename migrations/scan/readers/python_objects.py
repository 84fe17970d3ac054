"""Clusters that a Python program declares: with Pulumi, CDK for Terraform or the SDK's models."""

import ast
from collections.abc import Iterator

from migrations.scan.findings import DeclaredSize, NamedType, PossibleUse, UseCondition
from migrations.scan.readers.programs import is_provider_class, is_provider_program
from migrations.scan.readers.python_strings import ModuleStrings, last_name, place_of

_SIZES = frozenset({"ram", "storage_size", "storageSize"})
_SCALE = 1024


class ProviderObjects:
    """The objects of the provider's v1 classes in a module, by the names that they are assigned to."""

    def __init__(self, tree: ast.Module, strings: ModuleStrings) -> None:
        self._tree = tree
        self._strings = strings
        self._modules = {name for node in ast.walk(tree) for name in _modules(node)}
        self._named: dict[str, tuple[str, ...]] = {}

    def uses(self) -> Iterator[PossibleUse]:
        """Yield imports and calls of the classes, and sizes in the calls."""
        if not any(is_provider_program(name) for name in self._modules):
            return
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom) and is_provider_program(node.module or ""):
                names = (each.name for each in node.names if is_provider_class(each.name))
                yield from (NamedType(place=place_of(node), name=name) for name in names)
            elif isinstance(node, ast.Assign):
                self._remember(node)
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and _is_declaration(node):
                values = self._values(node)
                yield NamedType(place=place_of(node), values=values, name=_class_name(node))
                for keyword in node.keywords:
                    yield from find_size(keyword.arg, keyword.value, values)

    def _remember(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Call) and _is_declaration(node.value):
            values = self._values(node.value)
            self._named |= {last_name(target): values for target in node.targets if last_name(target)}

    def _values(self, node: ast.Call) -> tuple[str, ...]:
        """Return the strings in a call, and those of the objects that it names."""
        named = (self._named.get(each.id, ()) for each in ast.walk(node) if isinstance(each, ast.Name))
        return (*self._strings.values(node), *(value for values in named for value in values))


def find_size(name: str | None, value: ast.expr, values: tuple[str, ...]) -> Iterator[PossibleUse]:
    """Yield a literal size, a product of literals such as `8 * 1024`, or anything times 1024."""
    if name not in _SIZES:
        return
    number = _number(value)
    if number is None and not _is_scaled(value):
        return
    yield DeclaredSize(
        place=place_of(value), values=values, field=name, megabytes=number, when=UseCondition.IN_FILE
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


def _modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""


def _class_name(node: ast.Call) -> str:
    """Return the class of a call, `get_psql_cluster(…)` of Pulumi written as its class too."""
    name = last_name(node.func)
    if name.startswith(("get_psql_", "get_pg_")):
        parts = name.removesuffix("_output").split("_")
        return "get" + parts[1].upper() + "".join(part.capitalize() for part in parts[2:])
    return name


def _is_declaration(node: ast.Call) -> bool:
    return is_provider_class(_class_name(node))
