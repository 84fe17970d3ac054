"""YAML files of the tests, by the parser and the writer in C: those in Python take eight times as long."""

from pathlib import Path
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_bytes(), _Loader)  # noqa: S506 - a safe one


def write_yaml(path: Path, values: Any) -> None:
    path.write_text(yaml.dump(values, Dumper=_Dumper), encoding="utf-8")
