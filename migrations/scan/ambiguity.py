"""Whether a sign that means nothing on its own means something where it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migrations.scan.findings import Pin, Use, When
from migrations.scan.pins import Speaks, python_speaks


@dataclass(frozen=True, slots=True)
class Document:
    """A file and the uses that were found in it."""

    path: Path
    uses: tuple[Use, ...]


class Surroundings:
    """What the other documents of the scan say about one: pins of the SDK, and files that speak v1."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = tuple(documents)
        self._pins = _pins(documents)
        self._files = {each.path for each in documents if self._speaks(each)}
        self._folders = {path.parent for path in self._files}

    def hold(self, use: Use, path: Path) -> bool:
        """Whether what the use needs besides itself is there."""
        if use.when is When.IN_FILE:
            return path in self._files
        if use.when is When.IN_FOLDER:
            return path.parent in self._folders
        return use.when is When.ALWAYS or self._sdk(path) is not Speaks.V2

    def _speaks(self, document: Document) -> bool:
        return any(
            each.speaks and (each.when is When.ALWAYS or self._by_pin(each, document.path))
            for each in document.uses
        )

    def _by_pin(self, use: Use, path: Path) -> bool:
        return use.when is When.BY_PIN and self._sdk(path) is not Speaks.V2

    def _sdk(self, path: Path) -> Speaks | None:
        """What the nearest pins upwards say; None where nothing pins the SDK."""
        return next((self._pins[folder] for folder in path.parents if folder in self._pins), None)


def _pins(documents: Iterable[Document]) -> Mapping[Path, Speaks]:
    """By folder. A folder that allows both, or whose files disagree, allows either."""
    found: dict[Path, Speaks] = {}
    for document in documents:
        folder = document.path.parent
        home = folder.parent if folder.name == "requirements" else folder
        for use in document.uses:
            if isinstance(use, Pin) and use.language == "python":
                speaks = python_speaks(use.allows)
                found[home] = speaks if found.get(home, speaks) is speaks else Speaks.EITHER
    return found
