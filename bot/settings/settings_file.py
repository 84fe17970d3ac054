"""The settings file that is read. Light to import: `pgbot run` looks only for its socket."""

from collections.abc import Mapping
from pathlib import Path


def find_settings_file(config: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Return `config`, else `PGBOT_CONFIG`, else `app.yaml` if there is one."""
    if config is not None or environment.get("PGBOT_CONFIG"):
        return config or Path(environment["PGBOT_CONFIG"])
    usual = Path("app.yaml")
    return usual if usual.exists() else None
