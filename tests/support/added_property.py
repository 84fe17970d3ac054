"""The bot with one more cluster property: `foo_enabled`, a switch that only v2 has.

Run as a program, it edits the sources of `EDITS` as they are imported, and starts the walk through them.
"""

import runpy
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

EDITS = {
    "bot/domain/cluster.py": {
        "    metrics_enabled: bool | None = None\n": "    foo_enabled: bool | None = None\n",
    },
    "bot/domain/cluster_properties.py": {
        '        one_sided="v1 has no switch for metrics",\n    ),\n': "    ClusterProperty("
        '"foo_enabled", "foo switched", v2="fooEnabled", one_sided="v1 has no switch for foo"),\n',
    },
    "handlers/shared/cluster_create_plan.py": {
        '    """Ship metrics, on v2 only"""\n': "    foo: Switch | None = None\n",
    },
    "handlers/cluster_logging.py": {
        '    """Ship metrics to the observability service"""\n': "    foo: Switch | None = None\n",
        '_SHIPPED = ("logs", "metrics"': ', "foo"',
    },
}
"""For each product file: the text that stands once in it, and what to put behind it."""

ROOT = Path(__file__).parents[2]


def install() -> None:
    """Edit the sources of `EDITS` when they are imported."""
    compiled = SourceFileLoader.get_code

    def edited(loader, module):
        path = Path(loader.path)
        additions = EDITS.get(path.relative_to(ROOT).as_posix()) if path.is_relative_to(ROOT) else None
        if additions is None:
            return compiled(loader, module)
        source = path.read_text(encoding="utf-8")
        for anchor, addition in additions.items():
            assert source.count(anchor) == 1, anchor
            source = source.replace(anchor, anchor + addition)
        return compile(source, path, "exec")

    SourceFileLoader.get_code = edited


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    install()
    runpy.run_module("added_property_walk", run_name="__main__")
