"""The Unix socket of `pgbot serve`: where it is by the settings, and where it is likely to be without them.

Light to import: to read and check the settings takes four times as long as to ask `serve`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bot.runtime.instance_lock import follow_links
from bot.settings.data_folder import find_data_folder
from bot.settings.settings_file import find_settings_file

if TYPE_CHECKING:
    from bot.settings.model import Setup

_SOCKET_KEY = re.compile(r"""^[^#\n]*\bsocket["']?[ \t]*:(.*)""", re.MULTILINE)
_PLAIN_PATH = re.compile(r"""[ \t]+(["']?)(/[\w./-]+)\1[ \t]*(?:[ \t]#.*)?""")


def find_socket(setup: "Setup") -> Path:
    """Return the path of serve's socket: by default beside the database, wherever links lead.

    Raises ConfigError for links in a circle.
    """
    named = setup.settings.terminal.socket
    return Path(named) if named else _socket_beside(setup.data)


def guess_socket(config: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Return the path that these settings most likely give; None where only reading them tells.

    Raises ConfigError for links in a circle and a user without a home folder.
    """
    if "PGBOT_TERMINAL" in environment:
        return None
    if "PGBOT_TERMINAL__SOCKET" in environment:
        given = environment["PGBOT_TERMINAL__SOCKET"].strip()
        return Path(given) if given.startswith("/") else None
    file = find_settings_file(config, environment)
    try:
        named = _SOCKET_KEY.findall(file.read_text(encoding="utf-8")) if file else []
    except (OSError, ValueError):
        return None
    if not named:
        return _socket_beside(find_data_folder(environment))
    plain = _PLAIN_PATH.fullmatch(named[0])
    return Path(plain[2]) if plain and len(named) == 1 else None


def _socket_beside(data: Path) -> Path:
    return follow_links(data / "pgbot.db").with_name("pgbot.sock")
