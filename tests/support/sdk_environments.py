"""IONOS's own SDKs, each in a virtual environment of its own, made once per machine from its lock file."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "tests" / "sdk"
SCRIPTS = LOCKS / "scripts"
CACHE = ROOT / ".venv-sdk"
SECONDS_TO_INSTALL = 300


class NoEnvironment(Exception):
    """An SDK that could not be installed. The sentence names it, with the installer's last words."""


def sdk_python(api: str, lock: Path | None = None, cache: Path = CACHE) -> Path:
    """Return the interpreter that has the official SDK of `api` ("v1" or "v2"), installed now if need be.

    It is made again when the lock file or this Python has changed. Raise NoEnvironment when it cannot be
    made.
    """
    lock = lock or LOCKS / f"{api}.lock"
    folder = cache / api
    python, mark = folder / "bin" / "python", folder / "made-from"
    expected = f"{sys.version} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / f"{api}.lock"):
        if not mark.exists() or mark.read_text() != expected:
            shutil.rmtree(folder, ignore_errors=True)
            _run(api, sys.executable, "-m", "venv", "--without-pip", str(folder))
            pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
            _run(api, *pip, "install", "--quiet", "--require-hashes", "-r", str(lock))
            # Written last: an environment that is half made is made again.
            mark.write_text(expected)
    return python


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lock, since two test runs on one machine must not make the same environment at the same time."""
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _run(api: str, *words: str) -> None:
    try:
        ended = subprocess.run(  # noqa: S603 - our own words, no shell
            words, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoEnvironment(f"{_sentence(api)}: {type(error).__name__}") from error
    if ended.returncode != 0:
        # Its warnings are about indexes and retries, and would name them.
        lines = [line for line in ended.stderr.splitlines() if not line.startswith("WARNING")]
        said = "\n".join(lines[-5:])
        raise NoEnvironment(f"{_sentence(api)}. The installer ended with {ended.returncode}:\n{said}")


def _sentence(api: str) -> str:
    return (
        f"The environment for IONOS's own SDK of API {api} could not be made from tests/sdk/{api}.lock; "
        "it needs the package index once per machine"
    )
