"""The files of a tree that are worth reading, and those that could not be read."""

import codecs
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.cluster import Gap

SKIPPED_FOLDERS = frozenset(
    {
        ".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules", ".venv", "venv",
        "site-packages", "__pycache__", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    }
)  # fmt: skip
LARGEST_BYTES = 4 * 1024 * 1024
_HEAD = 8192
_FIRST = 256 * 1024
"""Bytes of the first reading: room for the largest file would be made and given back for each of them."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that was read. `path` is as walked: below the path that was asked for.

    `content` is UTF-8, and most files are told by it: decoding every file would cost as much as reading it.
    """

    path: Path
    content: bytes

    @property
    def text(self) -> str:
        """The text, with line ends as Unix has them."""
        return self.content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")

    @property
    def first_line(self) -> str:
        """The first line where it may be one with `#!`; empty for any other file."""
        if not self.content.startswith((b"#!", codecs.BOM_UTF8)):
            return ""
        return self.content[:_HEAD].partition(b"\n")[0].decode("utf-8-sig", errors="replace")


@dataclass(frozen=True, slots=True)
class Binary:
    """A file that is not text. `content` is without zeros, so that names in it can be seen."""

    path: Path
    content: bytes

    @property
    def text(self) -> str:
        """The bytes, a character each."""
        return self.content.decode("latin-1")


Seen = TextFile | Binary | Gap


def walk_files(paths: Sequence[Path]) -> Iterator[Seen]:
    """Yield every file below `paths`, each once, sorted. Only links given as a path are followed."""
    done: set[Path] = set()
    for root in paths:
        for each in _below(root):
            if isinstance(each, Gap):
                yield each
            elif len(paths) == 1:
                yield _read(each)
            elif each.absolute() not in done:
                done.add(each.absolute())
                yield _read(each)


def _below(root: Path) -> Iterator[Path | Gap]:
    try:
        if root.is_file():
            yield root
            return
        if not root.is_dir():
            yield Gap(where=root.as_posix(), why="it does not exist")
            return
    except OSError as trouble:
        yield _gap(root, trouble)
        return
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as trouble:
            yield _gap(folder, trouble)
            continue
        yield from (folder / entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        folders = [folder / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        pending += reversed([each for each in folders if not _is_skipped(each)])


def _is_skipped(folder: Path) -> bool:
    """Return whether the content was written elsewhere: caches, installed packages, Go's copied modules."""
    return folder.name in SKIPPED_FOLDERS or (folder.name == "vendor" and (folder / "modules.txt").is_file())


def _read(path: Path) -> Seen:
    try:
        with path.open("rb", buffering=0) as file:
            content = file.read(_FIRST)
            if len(content) == _FIRST:
                content += file.read(LARGEST_BYTES + 1 - _FIRST)
    except OSError as trouble:
        return _gap(path, trouble)
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in content[:_HEAD] and not wide:
        return Binary(path, content.replace(b"\0", b""))
    if len(content) > LARGEST_BYTES:
        return Gap(where=path.as_posix(), why=f"it is larger than {LARGEST_BYTES // 1024**2} MB")
    return TextFile(path, content.decode("utf-16", errors="replace").encode() if wide else content)


def _gap(path: Path, trouble: OSError) -> Gap:
    return Gap(where=path.as_posix(), why=(trouble.strerror or "it cannot be read").casefold())
