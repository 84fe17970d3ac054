"""The folder of the bot's own data. Light to import: the health check runs every few seconds."""

from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import ConfigError

EARLIER = Path("data")
"""The folder of earlier releases, in the working directory."""


def find_data_folder(environment: Mapping[str, str]) -> Path:
    """Return `PGBOT_DATA`; else `./data` if an earlier release has left its database there; else the folder
    of the XDG base directory specification, `$XDG_DATA_HOME/pgbot` or `~/.local/share/pgbot`.

    Raises ConfigError for a user without a home folder.
    """
    if environment.get("PGBOT_DATA"):
        return Path(environment["PGBOT_DATA"])
    return EARLIER if _has_database(EARLIER) else _usual_folder(environment)


def explain_earlier_folder(environment: Mapping[str, str]) -> str:
    """Return why `./data` is used, and how to move it; empty where it is not, or was asked for."""
    if environment.get("PGBOT_DATA") or not _has_database(EARLIER):
        return ""
    return (
        "Using ./data, because it has a pgbot.db. To use it from any working directory, set "
        f"PGBOT_DATA={EARLIER.absolute()}. Or stop the bot and move the folder to "
        f"{_usual_folder(environment)}."
    )


def _has_database(folder: Path) -> bool:
    try:
        (folder / "pgbot.db").lstat()
    except FileNotFoundError:
        return False
    except OSError:  # a folder that may not be entered is somebody's, and its use says what is wrong
        return folder.is_dir()
    return True


def _usual_folder(environment: Mapping[str, str]) -> Path:
    named = Path(environment.get("XDG_DATA_HOME", ""))
    if named.is_absolute():  # by the specification a relative one is ignored
        return named / "pgbot"
    try:
        home = Path(environment["HOME"]) if environment.get("HOME") else Path.home()
    except RuntimeError:
        raise ConfigError(
            "This user has no home folder to store the bot's data.", "Set PGBOT_DATA."
        ) from None
    return home / ".local" / "share" / "pgbot"
