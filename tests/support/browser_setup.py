"""Find a Chromium for the tests of the page, or bring one: PATH, then Debian's, then Playwright's own."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def executable() -> str | None:
    """The browser that the tests drive: one on PATH, else the one that Playwright has fetched."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def _try(*command: str) -> None:
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)


def main() -> int:
    if executable():
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        _try("apt-get", "update")
        _try("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
    if not executable():
        _try(sys.executable, "-m", "playwright", "install", "chromium")
    if executable():
        return 0
    print(
        "The tests of the page need Chromium: install it (apt-get install chromium), then run make test again."
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
