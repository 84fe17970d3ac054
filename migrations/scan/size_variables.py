"""Variables that hold the size of a resource of v1, across the files and modules of a Terraform project."""

from collections import defaultdict
from collections.abc import Iterable
from os.path import normpath
from pathlib import Path

from migrations.scan.findings import DeclaredSize, PossibleUse, SizeVariable, VariablePath

_DEEPEST = 5
"""Modules within modules that a variable is followed through."""
_FOLDERS_UP = 3
"""A file of values may stand up to two folders below the configuration."""


class SizeVariables:
    """The variables that size a resource of v1, by folder: a module is a folder."""

    def __init__(self, uses: Iterable[tuple[Path, PossibleUse]]) -> None:
        self._sizing = defaultdict[str, set[VariablePath]](set)
        passed: list[tuple[Path, SizeVariable]] = []
        for path, use in uses:
            if isinstance(use, SizeVariable):
                if use.module:
                    passed.append((path, use))
                else:
                    self._sizing[normpath(path.parent)].add(use.variable)
        for _ in range(_DEEPEST if passed else 0):
            for path, use in passed:
                if self._is_sizing(_module_of(path, use.module), VariablePath(f"var.{use.argument}")):
                    self._sizing[normpath(path.parent)].add(use.variable)

    def is_size(self, use: DeclaredSize, path: Path) -> bool:
        """Return whether the number in a variable, or given to a module, sizes a resource of v1."""
        if use.variable is None:
            return False
        if use.module:
            return self._is_sizing(_module_of(path, use.module), use.variable)
        up = _FOLDERS_UP if path.name.endswith((".tfvars", ".tfvars.json")) else 1
        return any(self._is_sizing(normpath(folder), use.variable) for folder in list(path.parents)[:up])

    def _is_sizing(self, folder: str, variable: VariablePath) -> bool:
        known = self._sizing.get(folder, set())
        wanted = {variable, VariablePath(variable.root, "*")} if variable.leaf else {variable}
        return bool(known & wanted)


def _module_of(path: Path, source: str) -> str:
    return normpath(path.parent / source)
