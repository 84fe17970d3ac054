"""Decisions about signs that mean nothing on their own, from the documents around them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path

from migrations.scan.findings import (
    Certainty,
    DeclaredSize,
    ExposedMetric,
    Metric,
    ModuleCall,
    Pin,
    PossibleUse,
    SdkImport,
    SignOfV1,
    SizeVariable,
    UseCondition,
    VariablePath,
)
from migrations.scan.sdks import SpokenApi, python_sdk_api

MODULES_DEEP = 3
"""Terraform modules that call modules."""
_VARIABLES_DEEP = 5
"""Modules within modules that a variable is followed through."""
_FOLDERS_UP = 3
"""A file of values may stand up to two folders below the configuration."""


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """A file and the uses that were found in it."""

    path: Path
    uses: tuple[PossibleUse, ...]
    certainty: Certainty = Certainty.EXACT
    names_host: bool = False


class ScanContext:
    """The context that the other documents of a scan give: pins of the SDK, files that speak v1, and the
    variables that size a resource of v1, by folder: a Terraform module is a folder."""

    def __init__(self, documents: Sequence[ScannedDocument]) -> None:
        self._pins = _pinned_apis(documents)
        self._exposed = {
            use.text for each in documents for use in each.uses if isinstance(use, ExposedMetric)
        }
        self._hosts = {each.path for each in documents if each.names_host}
        speaking = [each for each in documents if self._speaks(each)]
        self._files = {each.path for each in speaking}
        self._folders = {path.parent for path in self._files}
        self._packages = {
            each.path.parent for each in speaking if any(isinstance(use, SdkImport) for use in each.uses)
        }
        for _ in range(MODULES_DEEP):
            self._folders |= {each.path.parent for each in documents if self._calls_module(each)}
        self._files |= {each.path for each in documents if self._speaks_in_folder(each)}
        self._sizing = defaultdict[str, set[VariablePath]](set)
        self._find_sizing(documents)

    def is_met(self, use: PossibleUse, path: Path) -> bool:
        if isinstance(use, Metric) and use.text in self._exposed:
            return False
        if use.when is UseCondition.BY_VARIABLE:
            return isinstance(use, DeclaredSize) and self._is_size(use, path)
        if use.when is UseCondition.IN_FILE:
            return path in self._files
        if use.when is UseCondition.IN_PACKAGE:
            return path in self._files or path.parent in self._packages
        if use.when is UseCondition.IN_FOLDER:
            return path.parent in self._folders
        return self._is_met_alone(use, path)

    def _is_met_alone(self, use: PossibleUse, path: Path) -> bool:
        """Return whether a condition is met that no other use in the file has a part in."""
        if use.when is UseCondition.BY_PIN:
            # The nearest pins upwards count; where nothing pins the SDK, it may speak v1.
            nearest = next((self._pins[folder] for folder in path.parents if folder in self._pins), None)
            return nearest is not SpokenApi.V2
        return use.when is UseCondition.ALWAYS or (use.when is UseCondition.WITH_HOST and path in self._hosts)

    def _speaks(self, document: ScannedDocument) -> bool:
        return any(
            isinstance(each, SignOfV1) and self._is_met_alone(each, document.path) for each in document.uses
        )

    def _calls_module(self, document: ScannedDocument) -> bool:
        return any(
            isinstance(each, ModuleCall)
            and Path(normpath(document.path.parent / each.module)) in self._folders
            for each in document.uses
        )

    def _speaks_in_folder(self, document: ScannedDocument) -> bool:
        return document.path.parent in self._folders and any(
            isinstance(each, SignOfV1) and each.when is UseCondition.IN_FOLDER for each in document.uses
        )

    def _find_sizing(self, documents: Iterable[ScannedDocument]) -> None:
        passed: list[tuple[Path, SizeVariable]] = []
        for document in documents:
            for use in document.uses:
                if isinstance(use, SizeVariable) and use.module:
                    passed.append((document.path, use))
                elif isinstance(use, SizeVariable):
                    self._sizing[normpath(document.path.parent)].add(use.variable)
        for _ in range(_VARIABLES_DEEP if passed else 0):
            for path, use in passed:
                if self._is_sizing(path.parent / use.module, VariablePath(f"var.{use.argument}")):
                    self._sizing[normpath(path.parent)].add(use.variable)

    def _is_size(self, use: DeclaredSize, path: Path) -> bool:
        """Return whether the number in a variable, or given to a module, sizes a resource of v1."""
        if use.variable is None:
            return False
        if use.module:
            return self._is_sizing(path.parent / use.module, use.variable)
        up = _FOLDERS_UP if path.name.endswith((".tfvars", ".tfvars.json")) else 1
        return any(self._is_sizing(folder, use.variable) for folder in list(path.parents)[:up])

    def _is_sizing(self, folder: Path, variable: VariablePath) -> bool:
        known = self._sizing.get(normpath(folder), set())
        return variable in known or (bool(variable.leaf) and VariablePath(variable.root, "*") in known)


def _pinned_apis(documents: Iterable[ScannedDocument]) -> Mapping[Path, SpokenApi]:
    """Return the allowed API by folder. A folder that allows both, or whose files disagree, allows either."""
    found: dict[Path, SpokenApi] = {}
    for document in documents:
        folder = document.path.parent
        home = folder.parent if folder.name == "requirements" else folder
        for use in document.uses:
            if isinstance(use, Pin) and use.language == "python":
                speaks = python_sdk_api(use.allows)
                found[home] = speaks if found.get(home, speaks) is speaks else SpokenApi.EITHER
    return found
