"""The sources of settings, and their order: the file, IONOS's own variables, PGBOT_* variables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ConfigError
from bot.settings.mistakes import describe_yaml_error
from bot.settings.settings_file import find_settings_file
from bot.settings.yaml_source import FromEnvironment, Location, YamlDocument


def read_file(config: Path | None, environment: Mapping[str, str]) -> YamlDocument:
    """Read the settings file, if there is one. Raises ConfigError."""
    path = find_settings_file(config, environment)
    if path is None:
        return YamlDocument()
    try:
        return YamlDocument.parse(path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"Can’t read {path}: {reason}.", "Check --config or PGBOT_CONFIG.") from None
    except yaml.YAMLError as error:
        line, words = describe_yaml_error(error)
        where = f" line {line}" if line else ""
        raise ConfigError(f"{path}{where}: {words}", "Correct it, then run pgbot check.") from None
    except RecursionError:
        raise ConfigError(
            f"{path} is nested too deeply, or contains itself.", "Correct it, then run pgbot check."
        ) from None


def official_names(values: dict[str, Any], environment: Mapping[str, str]) -> FromEnvironment:
    """Return IONOS_API_URL and, if the file has no contract, one made of the other IONOS_* variables."""
    ionos: dict[str, Any] = {}
    variables: dict[Location, str] = {}
    if environment.get("IONOS_API_URL"):
        ionos["api_url"] = environment["IONOS_API_URL"]
        variables["ionos", "api_url"] = "IONOS_API_URL"
    section = values.get("ionos")
    if not (isinstance(section, dict) and section.get("contracts")):
        contract = _official_contract(environment)
        ionos |= {"contracts": [contract]} if contract else {}
        variables["ionos", "contracts", 0, "number"] = "IONOS_CONTRACT_NUMBER"
    return FromEnvironment({"ionos": ionos} if ionos else {}, variables)


def _official_contract(environment: Mapping[str, str]) -> dict[str, Any] | None:
    contract: dict[str, Any] = {"name": "default"}
    if environment.get("IONOS_TOKEN"):
        contract["token"] = "env:IONOS_TOKEN"  # noqa: S105 - where the token is, not the token
    elif environment.get("IONOS_USERNAME") and environment.get("IONOS_PASSWORD"):
        contract |= {"username": "env:IONOS_USERNAME", "password": "env:IONOS_PASSWORD"}
    else:
        return None
    if environment.get("IONOS_CONTRACT_NUMBER"):
        contract["number"] = environment["IONOS_CONTRACT_NUMBER"]
    return contract


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` on top. What is not a section in `base` stays, so that it is refused."""
    values = dict(base)
    for key, value in over.items():
        below = values.get(key)
        if not isinstance(value, dict) or below is None:
            values[key] = value
        elif isinstance(below, dict):
            values[key] = merged(below, value)
    return values
