"""Files of a Terraform project that do not name the vendor and yet hold sizes of a v1 resource."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from os.path import normpath
from pathlib import Path

from migrations.scan.ambiguity import MODULES_DEEP, ScannedDocument
from migrations.scan.documents import read_document
from migrations.scan.files import Seen, TextFile, walk_files
from migrations.scan.findings import SizeVariable, TerraformBlock
from migrations.scan.scan_coverage import find_kind

_SOURCE = re.compile(r"\bsource\"?\s{0,40}[=:]\s{0,40}\"(?P<path>\.[^\"\n]{0,200})\"")


class UnnamedConfigurations:
    """Terraform's files without the vendor's name: read only where a module of v1 needs them."""

    def __init__(self) -> None:
        self._paths: dict[str, list[Path]] = defaultdict(list)

    def add(self, path: Path) -> None:
        """Keep a file for later."""
        self._paths[normpath(path.parent)].append(path)

    def read_needed(self, documents: Iterable[ScannedDocument]) -> Iterator[ScannedDocument]:
        """Yield the files beside a resource of v1 that takes a size from a variable, and those that call its
        module, and the callers of these."""
        modules: set[str] = set()
        pending: set[str] = set()
        for document in documents:
            folder = normpath(document.path.parent)
            if any(isinstance(use, SizeVariable) and not use.module for use in document.uses):
                pending |= {folder, *_folders_below(folder, self._paths)}
            if any(isinstance(use, TerraformBlock) and not use.in_state for use in document.uses):
                modules.add(folder)
        done: set[Path] = set()
        for _ in range(MODULES_DEEP if modules else 0):
            called = set(self._callers(modules)) - done
            beside = {path for folder in pending for path in self._paths.get(folder, ())} - done
            for path in sorted(beside | called):
                yield from _read(path)
            done |= beside | called
            modules = pending = {normpath(path.parent) for path in called}
            if not called:
                return

    def _callers(self, modules: set[str]) -> Iterator[Path]:
        names = {Path(each).name for each in modules}
        for folder, paths in self._paths.items():
            for path in paths:
                if path.name.endswith((".tfvars", ".tfvars.json")):
                    continue
                sources = {
                    each for seen in walk_files([path]) for each in _sources(seen) if _may_be(each, names)
                }
                if any(normpath(Path(folder) / each) in modules for each in sources):
                    yield path


def _sources(seen: Seen) -> set[str]:
    return {each["path"] for each in _SOURCE.finditer(seen.text)} if isinstance(seen, TextFile) else set()


def _may_be(source: str, names: set[str]) -> bool:
    """Return whether a path may lead to a folder of these names, which is quicker told than whether it
    does."""
    return source.rstrip("/").rpartition("/")[2] in {*names, ".", ".."}


def _folders_below(folder: str, known: Iterable[str]) -> Iterator[str]:
    """Yield the folders of values, `envs/prod.tfvars`, up to two below the configuration."""
    for each in known:
        if folder in {str(Path(each).parent), str(Path(each).parent.parent)}:
            yield each


def _read(path: Path) -> Iterator[ScannedDocument]:
    for seen in walk_files([path]):
        if isinstance(seen, TextFile):
            yield read_document(find_kind(path, seen.first_line), path, seen.text, is_needed=True)[0]
