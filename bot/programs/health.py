"""`python -m bot.programs.health`: is the bot of PGBOT_DATA alive? Exit code 0 or 1.

For a container that runs it every few seconds: light to import, and straight to the address that
`pgbot serve` wrote into its lock file, whatever its port and whatever proxies the environment names.
"""

import http.client
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bot.runtime.instance_lock import NAME

SECONDS = 4
EVERYWHERE = "0.0.0.0"  # noqa: S104 - read, not listened on


def main() -> int:
    """Ask `/healthz` and print the outcome."""
    folder = Path(os.environ.get("PGBOT_DATA") or "data")
    try:
        url = urlsplit((folder / NAME).read_text(encoding="utf-8").strip())
        host = "127.0.0.1" if url.hostname == EVERYWHERE else url.hostname or ""
        connection = http.client.HTTPConnection(host, url.port, timeout=SECONDS)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.stdout.write(f"no answer: {error}\n")
        return 1
    sys.stdout.write(f"{url.geturl()}/healthz answers {status}\n")
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
