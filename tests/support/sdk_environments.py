"""The environments of foreign clients, each made once per machine from its lock file."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "tests" / "sdk"
SCRIPTS = LOCKS / "scripts"
CACHE = ROOT / ".venv-sdk"
SECONDS_TO_INSTALL = 300


class NoEnvironment(Exception):
    """A client that could not be installed. The sentence names it, with the installer's last words."""


def sdk_python(api: str, lock: Path | None = None, cache: Path = CACHE) -> Path:
    """Return the interpreter that has IONOS's own SDK of `api` ("v1" or "v2"). Raises NoEnvironment."""
    return python_with(lock or LOCKS / f"{api}.lock", cache / api)


def python_with(lock: Path, folder: Path) -> Path:
    """Return the interpreter of `folder`, which has what the lock file names. Raises NoEnvironment."""
    python = folder / "bin" / "python"

    def make() -> None:
        run_installer(lock, sys.executable, "-m", "venv", "--without-pip", str(folder))
        pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
        run_installer(lock, *pip, "install", "--quiet", "--require-hashes", "-r", str(lock))

    make_once(folder, f"{sys.version} {hashlib.sha256(lock.read_bytes()).hexdigest()}", make)
    return python


def make_once(folder: Path, recipe: str, make: Callable[[], None]) -> None:
    """Have `make` fill the folder, unless it was filled by the same recipe."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = folder / "made-from"
    with _alone(folder.parent / f"{folder.name}.lock"):
        if not mark.exists() or mark.read_text() != recipe:
            shutil.rmtree(folder, ignore_errors=True)
            make()
            # Written last: an environment that is half made is made again.
            mark.write_text(recipe)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lock, since two test runs on one machine must not make the same environment at the same time."""
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def run_installer(lock: Path, *words: str, cwd: Path | None = None) -> None:
    """Run one command of an installation. Raises NoEnvironment with its last words."""
    name = os.path.relpath(lock, ROOT)
    sentence = f"The environment of {name} could not be made; it needs the package index once per machine"
    try:
        ended = subprocess.run(  # noqa: S603 - our own words, no shell
            words, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False, cwd=cwd
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoEnvironment(f"{sentence}: {type(error).__name__}") from error
    if ended.returncode != 0:
        # Its warnings are about indexes and retries, and would name them.
        lines = [line for line in ended.stderr.splitlines() if not line.startswith("WARNING")]
        said = "\n".join(lines[-5:])
        raise NoEnvironment(f"{sentence}. The installer ended with {ended.returncode}:\n{said}")
