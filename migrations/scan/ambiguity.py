"""Decisions about signs that mean nothing on their own, from the documents around them."""

from collections.abc import Iterable, Mapping
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
    UseCondition,
)
from migrations.scan.sdk_releases import SpokenApi, python_sdk_api
from migrations.scan.size_variables import SizeVariables

MODULES_DEEP = 3
"""Terraform modules that call modules."""


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """A file and the uses that were found in it."""

    path: Path
    uses: tuple[PossibleUse, ...]
    certainty: Certainty = Certainty.EXACT
    names_host: bool = False


class ScanContext:
    """The context that the other documents of a scan give: pins of the SDK, and files that speak v1."""

    def __init__(self, documents: Iterable[ScannedDocument]) -> None:
        documents = tuple(documents)
        self._pins = _pinned_apis(documents)
        self._exposed = {
            use.name for each in documents for use in each.uses if isinstance(use, ExposedMetric)
        }
        self._hosts = {each.path for each in documents if each.names_host}
        self._files: set[Path] = set()
        self._folders: set[Path] = set()
        self._packages: set[Path] = set()
        self._files = {each.path for each in documents if self._speaks(each)}
        self._folders = {path.parent for path in self._files}
        self._packages = {
            each.path.parent
            for each in documents
            if each.path in self._files and any(isinstance(use, SdkImport) for use in each.uses)
        }
        for _ in range(MODULES_DEEP):
            self._folders |= {each.path.parent for each in documents if self._calls_module(each)}
        self._files |= {each.path for each in documents if self._speaks_in_folder(each)}
        self._sizes = SizeVariables((each.path, use) for each in documents for use in each.uses)

    def is_met(self, use: PossibleUse, path: Path) -> bool:
        """Return whether the condition of the use is met."""
        if isinstance(use, Metric) and use.name in self._exposed:
            return False
        if use.when is UseCondition.BY_VARIABLE:
            return isinstance(use, DeclaredSize) and self._sizes.is_size(use, path)
        if use.when is UseCondition.BY_PIN:
            return self._pinned_api(path) is not SpokenApi.V2
        return {
            UseCondition.ALWAYS: True,
            UseCondition.IN_FILE: path in self._files,
            UseCondition.IN_PACKAGE: path in self._files or path.parent in self._packages,
            UseCondition.IN_FOLDER: path.parent in self._folders,
            UseCondition.WITH_HOST: path in self._hosts,
        }[use.when]

    def _speaks(self, document: ScannedDocument) -> bool:
        return any(
            each.proves_v1
            and each.when in {UseCondition.ALWAYS, UseCondition.BY_PIN, UseCondition.WITH_HOST}
            and self.is_met(each, document.path)
            for each in document.uses
        )

    def _calls_module(self, document: ScannedDocument) -> bool:
        """Return whether the document calls a Terraform module that speaks v1."""
        return any(
            isinstance(each, ModuleCall)
            and Path(normpath(document.path.parent / each.module)) in self._folders
            for each in document.uses
        )

    def _speaks_in_folder(self, document: ScannedDocument) -> bool:
        return document.path.parent in self._folders and any(
            each.proves_v1 and each.when is UseCondition.IN_FOLDER for each in document.uses
        )

    def _pinned_api(self, path: Path) -> SpokenApi | None:
        """Return the API of the nearest pins upwards; None where nothing pins the SDK."""
        return next((self._pins[folder] for folder in path.parents if folder in self._pins), None)


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
