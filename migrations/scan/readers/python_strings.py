"""Strings of a Python module: those that are code and no documentation, and what an expression comes to."""

import ast
from collections.abc import Iterator
from itertools import islice

from migrations.scan.addresses import has_v1_address
from migrations.scan.findings import FilePosition

HOLE = "{}"
"""Stands in a text for a part that only running the program would tell."""

_DEEPEST = 20

_MOST_WORDS = 100

_LONGEST = 10_000
"""Characters of a string that is put together: `u = u + u` on every line would double it each time."""


def place_of(node: ast.expr | ast.stmt) -> FilePosition:
    """Return the position of a node. The parser counts columns in bytes; for plain text it is the same."""
    return FilePosition(node.lineno, node.col_offset + 1)


def last_name(node: ast.expr) -> str:
    """Return `patch` of `requests.patch`, `url` of `url`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def string_of(node: ast.AST | None) -> str | None:
    """Return a literal string; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def strings_in(node: ast.AST) -> tuple[str, ...]:
    return tuple(text for part in ast.walk(node) if (text := string_of(part)) is not None)


class ModuleStrings:
    """The strings that the names of a module hold, as far as the file says; a name is one thing in a file."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._names: dict[str, str] = {}
        self._lists: dict[str, list[str]] = {}
        self._assigned: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            self._remember(node)

    def literals(self) -> Iterator[ast.Constant]:
        """Yield every string but documentation and other strings that stand alone as a statement."""
        alone = {id(node.value) for node in ast.walk(self._tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Constant) and string_of(node) is not None and id(node) not in alone:
                yield node

    def text(self, node: ast.expr, depth: int = 0) -> str:
        """Return the string that an expression comes to, with holes for what is not written in the file."""
        if depth > _DEEPEST:
            return HOLE
        if (literal := string_of(node)) is not None:
            return literal
        if isinstance(node, ast.Name | ast.Attribute):
            return self._names.get(last_name(node), HOLE)
        if isinstance(node, ast.JoinedStr):
            parts = (each.value if isinstance(each, ast.FormattedValue) else each for each in node.values)
            return "".join(self.text(part, depth + 1) for part in parts)[:_LONGEST]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
            return (self.text(node.left, depth + 1) + self.text(node.right, depth + 1))[:_LONGEST]
        return self._called(node, depth) if isinstance(node, ast.Call) else HOLE

    def words(self, node: ast.expr) -> list[str]:
        """Return the words of a list, as subprocess takes it; holes for what is not written in the file."""
        return list(islice(self._words(node, 0), _MOST_WORDS))

    def _words(self, node: ast.expr, depth: int) -> Iterator[str]:
        if depth > _DEEPEST:
            return
        if isinstance(node, ast.Starred):
            yield from self._words(node.value, depth + 1)
        elif isinstance(node, ast.List | ast.Tuple):
            for each in node.elts:
                is_list = isinstance(each, ast.Starred)
                yield from self._words(each, depth + 1) if is_list else [self.text(each)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self._words(node.left, depth + 1)
            yield from self._words(node.right, depth + 1)
        elif isinstance(node, ast.Name | ast.Attribute):
            yield from self._lists.get(last_name(node), [])

    def assigned(self, node: ast.expr) -> ast.expr:
        """Return the expression that a name stands for; any other node as it is."""
        return self._assigned.get(node.id, node) if isinstance(node, ast.Name) else node

    def _called(self, node: ast.Call, depth: int) -> str:
        """Return the part of a call that holds an address: `getenv("X", "https://…")`, say."""
        if last_name(node.func) == "join" and node.args and isinstance(node.func, ast.Attribute):
            return self.text(node.func.value, depth + 1).join(self.words(node.args[0]))[:_LONGEST]
        parts = [each for each in (node.func, *node.args) if not isinstance(each, ast.Starred)]
        if isinstance(node.func, ast.Attribute):
            parts.insert(0, node.func.value)
        texts = (self.text(each, depth + 1) for each in parts)
        return next((text for text in texts if has_v1_address(text)), HOLE)

    def _remember(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            return
        self._assigned |= {last_name(target): value for target in targets}
        if isinstance(value, ast.List | ast.Tuple):
            self._lists |= {last_name(target): self.words(value) for target in targets}
        text = self.text(value)
        for target in targets:
            if last_name(target) and text != HOLE:
                self._names[last_name(target)] = text
