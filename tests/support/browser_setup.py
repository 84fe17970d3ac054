"""The Chromium of the console's tests: from PATH, Debian's, or Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The one without windows first: it needs half the processor.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
)

MISSING = (
    "The tests of the page need Chromium: install it (apt-get install chromium), then run make test again."
)


def executable() -> str | None:
    """Return the browser of the tests: one on PATH, else Playwright's own."""
    return next((path for name in NAMES if (path := shutil.which(name))), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    # Half a second of imports, which most machines do without.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def _try(*command: str) -> None:
    # Fixed commands; whether they worked shows in whether there is a browser afterwards.
    subprocess.run(command, check=False, capture_output=True, timeout=600)  # noqa: S603


def main() -> int:
    """Install a browser if there is none; return 1 after one sentence if that fails."""
    if executable():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        _try("apt-get", "update")
        for package in NAMES[:2]:
            if not executable():
                _try("apt-get", "install", "--yes", "--no-install-recommends", package)
    if not executable():
        _try(sys.executable, "-m", "playwright", "install", "chromium")
    if executable():
        return 0
    sys.stderr.write(MISSING + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
