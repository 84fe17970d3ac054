"""Whether a sign that means nothing on its own means something where it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migrations.scan.findings import Pin, PossibleUse, UseCondition
from migrations.scan.sdk_releases import SpokenApi, python_speaks


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """A file and the uses that were found in it."""

    path: Path
    uses: tuple[PossibleUse, ...]


class ScanSurroundings:
    """What the other documents of the scan say about one: pins of the SDK, and files that speak v1."""

    def __init__(self, documents: Iterable[ScannedDocument]) -> None:
        documents = tuple(documents)
        self._pins = _pins(documents)
        self._files = {each.path for each in documents if self._speaks(each)}
        self._folders = {path.parent for path in self._files}

    def hold(self, use: PossibleUse, path: Path) -> bool:
        """Whether what the use needs besides itself is there."""
        if use.when is UseCondition.IN_FILE:
            return path in self._files
        if use.when is UseCondition.IN_FOLDER:
            return path.parent in self._folders
        return use.when is UseCondition.ALWAYS or self._sdk(path) is not SpokenApi.V2

    def _speaks(self, document: ScannedDocument) -> bool:
        return any(
            each.speaks and (each.when is UseCondition.ALWAYS or self._by_pin(each, document.path))
            for each in document.uses
        )

    def _by_pin(self, use: PossibleUse, path: Path) -> bool:
        return use.when is UseCondition.BY_PIN and self._sdk(path) is not SpokenApi.V2

    def _sdk(self, path: Path) -> SpokenApi | None:
        """What the nearest pins upwards say; None where nothing pins the SDK."""
        return next((self._pins[folder] for folder in path.parents if folder in self._pins), None)


def _pins(documents: Iterable[ScannedDocument]) -> Mapping[Path, SpokenApi]:
    """By folder. A folder that allows both, or whose files disagree, allows either."""
    found: dict[Path, SpokenApi] = {}
    for document in documents:
        folder = document.path.parent
        home = folder.parent if folder.name == "requirements" else folder
        for use in document.uses:
            if isinstance(use, Pin) and use.language == "python":
                speaks = python_speaks(use.allows)
                found[home] = speaks if found.get(home, speaks) is speaks else SpokenApi.EITHER
    return found
