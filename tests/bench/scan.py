"""The scan of a tree of 100,000 files: seconds and peak memory of `scan_paths` in a process of its own.

`python -m tests.bench.scan FOLDER` is that process. The tree has the mix of a large company: most
files do not name the vendor, every fiftieth does, and every two-hundredth uses v1.
"""

import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from itertools import cycle, islice
from pathlib import Path

from migrations.scan.scan import scan_paths
from tests.bench.figures import Figure, progress
from tests.bench.readings import peak_mb, reading

FILES = 100_000
IN_FOLDER = 100
V1 = "https://api.ionos.com/databases/postgresql"
LINES = {
    ".go": ("func handle{n}(w http.ResponseWriter) error {{ return nil }}", f'const base = "{V1}"'),
    ".ts": ("export const value{n} = (x: number) => x * {n}; // note", f"fetch('{V1}/clusters')"),
    ".py": ("def handle_{n}(request): return {{'number': {n}}}", f'BASE = "{V1}"'),
    ".java": ("public int value{n}(int x) {{ return x + {n}; }}", f'String BASE = "{V1}";'),
    ".yml": ("key{n}: {{value: text {n}}}", f"url: {V1}"),
    ".tf": ('variable "v{n}" {{ default = "{n}" }}', 'resource "ionoscloud_pg_cluster" "a" {}'),
    ".json": ('"key{n}": {{"value": "text {n}"}},', f'"url": "{V1}",'),
    ".md": ("Paragraph {n} of a long text about something.", f"See {V1}."),
    ".sh": ("echo number {n} | tee -a log", f"curl {V1}/clusters"),
    ".php": ("function f{n}($x) {{ return $x + {n}; }}", f'$base = "{V1}";'),
    ".rs": ("fn value{n}(x: u32) -> u32 {{ x + {n} }}", f'const BASE: &str = "{V1}";'),
    ".css": (".class{n} {{ color: #333; margin: {n}px }}", ".ionos {}"),
}
SIZES = (12, 30, 60, 20, 200, 45, 90, 15)
"""Lines of a file; a line has about 50 characters."""


async def measure() -> AsyncIterator[Figure]:
    """Write the tree, scan it, and remove it again."""
    with tempfile.TemporaryDirectory() as folder:
        progress(f"Writing {FILES:,} files")
        size = _write_tree(Path(folder))
        progress("Scanning them")
        ours = await reading(sys.executable, "-m", "tests.bench.scan", folder)
    what = f"scan of {FILES:,} files, {size / 1024**2:,.0f} MB"
    yield Figure(what, f"{ours.seconds:.1f} s, {ours.clusters:,} hits", "at most 60 s")
    yield Figure(f"{what}: peak memory", f"{ours.peak_mb:.0f} MB", "at most 200 MB")


def _write_tree(root: Path) -> int:
    """Write the files and return their size in bytes."""
    size = 0
    kinds = cycle(LINES.items())
    for number in range(FILES):
        suffix, (line, use) = next(kinds)
        lines = [line.format(n=each) for each in islice(range(number, number + 1000), SIZES[number % 8])]
        lines += ["vendor ionos"] if number % 50 == 0 else []
        lines += [use] if number % 200 == 0 else []
        text = "\n".join(lines) + "\n"
        folder = root / f"repository{number // 5000}" / f"part{number // IN_FOLDER}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{number}{suffix}").write_text(text, encoding="utf-8")
        size += len(text)
    return size


if __name__ == "__main__":
    started = time.perf_counter()
    report = scan_paths([Path(sys.argv[1])])
    took = time.perf_counter() - started
    if report.files != FILES:
        raise RuntimeError(f"{report.files:,} files were read")
    print(json.dumps({"clusters": len(report.hits), "seconds": took, "peak_mb": peak_mb()}))
