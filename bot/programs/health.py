"""`python -m bot.programs.health`: is the bot of PGBOT_DATA alive? Exit code 0 or 1.

For a container that runs it every few seconds: light to import, and straight to the address that
`pgbot serve` wrote into its lock file, whatever its port and whatever proxies the environment names.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

from bot.domain.errors import PgbotError
from bot.runtime.instance_lock import NAME
from bot.settings.data_folder import find_data_folder

SECONDS = 4
EVERYWHERE = "0.0.0.0"  # noqa: S104 - read, not listened on


def main() -> int:
    """Ask `/healthz` and print the outcome."""
    try:
        url = urlsplit((find_data_folder(os.environ) / NAME).read_text(encoding="utf-8").strip())
        host = "127.0.0.1" if url.hostname == EVERYWHERE else url.hostname or ""
        connection = http.client.HTTPConnection(host, url.port, timeout=SECONDS)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        connection.close()
    except (PgbotError, OSError, ValueError, http.client.HTTPException) as error:
        sys.stdout.write(f"no response: {error}\n")
        return 1
    sys.stdout.write(f"{url.geturl()}/healthz returned {status}\n")
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
