"""The sources of settings, in their order: app.yaml, IONOS's own variables, PGBOT_* variables; and errors in
words that name the place of a setting: its line in the file, or its variable."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from bot.domain.errors import ConfigError
from bot.domain.nearest_names import nearest_name
from bot.settings.mistakes import describe_mistake, describe_yaml_error
from bot.settings.settings_file import find_settings_file

PREFIX = "PGBOT_"
NOT_SETTINGS = frozenset({"PGBOT_CONFIG", "PGBOT_DATA"})

Location = tuple[int | str, ...]

TAG = "tag:"
"""Beginning of the validator's names for the kinds of value that a key takes."""

DEEPEST = 50
"""Levels of nesting that the parser in C is given; settings have seven."""

_IN_C: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast; a PyYAML built without libyaml does not have it."""


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A YAML file with its values, which the environment may have replaced, and for each key its line.

    `variables` names the environment variables that replace values of the file.
    """

    path: Path | None = None
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    lines: Mapping[Location, int] = field(default_factory=dict)
    variables: Mapping[Location, str] = field(default_factory=dict)
    misread: tuple[Location, ...] = ()
    """Numbers that YAML reads as others than people do: 010 is eight, 16:00 is 960."""
    empty: tuple[Location, ...] = ()
    """Keys without a value, such as one before `#ops`, which is a comment."""

    @classmethod
    def parse(cls, path: Path, text: str) -> "YamlDocument":
        """Read YAML text. Raises ConfigError for a key given twice and a date that does not exist.

        Raises what the library does too: yaml.YAMLError and RecursionError.
        """
        loader = _pick_loader(text)(text)
        node = loader.get_single_node()
        if node is None:
            return cls(path=path)
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(
                f"{path}: the file must contain keys and values.", "See the app.yaml that came with pgbot."
            )
        lines: dict[Location, int] = {}
        misread, empty = [], []
        for location, line, value in _walk(node, (), set()):
            if location in lines:
                raise ConfigError(f"{path} line {line}: {dotted(location)} is given twice.", "Keep only one.")
            lines[location] = line
            if value.tag == "tag:yaml.org,2002:int" and _MISREAD.fullmatch(value.value):
                misread.append(location)
            if value.tag == "tag:yaml.org,2002:null" and value.value == "":
                empty.append(location)
            if value.tag in _MAY_NOT_EXIST:
                _require_sense(loader, value, f"{path} line {line}: {dotted(location)}")
        values = loader.construct_document(node)
        return cls(path=path, values=values, lines=lines, misread=tuple(misread), empty=tuple(empty))

    def where(self, location: Location) -> str:
        """Return `PGBOT_X` or `app.yaml line 7` for the key, or the line of the nearest key above it."""
        above = [location[:length] for length in range(len(location), 0, -1)]
        named = next((self.variables[each] for each in above if each in self.variables), None)
        line = next((self.lines[each] for each in above if each in self.lines), None)
        if named is not None:
            return named
        if line is not None:
            return f"{self.path} line {line}"
        return str(self.path) if self.path else "the environment"


def _pick_loader(text: str) -> type[yaml.SafeLoader]:
    """Return the parser in C for text that it can take, else the one in Python, which names what is wrong and
    where better, and has a check for nesting that would use up the stack."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_IN_C):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                return yaml.SafeLoader
    except yaml.YAMLError:
        return yaml.SafeLoader
    return _IN_C


_MISREAD = re.compile(r"[-+]?0[0-7_]+|[-+]?[0-9][0-9_]*(?::[0-9_]+)+")

_MAY_NOT_EXIST = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "int", "float", "bool"))


def _require_sense(loader: Any, node: yaml.Node, where: str) -> None:
    try:
        loader.construct_object(node)
    except (ValueError, AttributeError, KeyError):  # the last two: a wrong value with a tag of its own
        raise ConfigError(
            f"{where}: this date or number does not exist.",
            "Correct it, or put it in quotes if it is text. Then run pgbot check.",
        ) from None


def _walk(node: yaml.Node, above: Location, seen: set[int]) -> Iterator[tuple[Location, int, yaml.Node]]:
    """Yield every key once, with its line and value: an alias may stand for a node that contains it, or for a
    million others."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*above, str(key.value))
            yield here, key.start_mark.line + 1, value
            yield from _walk(value, here, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            here = (*above, index)
            yield here, value.start_mark.line + 1, value
            yield from _walk(value, here, seen)


def dotted(location: Location) -> str:
    """Return `permissions[2].allow` from its parts; numbers count from one, as people do."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_sources(model: type[BaseModel], config: Path | None, environment: Mapping[str, str]) -> YamlDocument:
    """Read the settings file, if there is one, with what the environment puts in place of its values.

    Raises ConfigError.
    """
    document = _read_file(config, environment)
    official, official_variables = _official_names(document.values, environment)
    own, own_variables = _from_environment(model, environment)
    values = _merge(_merge(document.values, official), own)
    return replace(document, values=values, variables=official_variables | own_variables)


def _read_file(config: Path | None, environment: Mapping[str, str]) -> YamlDocument:
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


def _official_names(
    values: dict[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Location, str]]:
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
    return {"ionos": ionos} if ionos else {}, variables


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


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` on top. What is not a section in `base` stays, so that it is refused."""
    values = dict(base)
    for key, value in over.items():
        below = values.get(key)
        if not isinstance(value, dict) or below is None:
            values[key] = value
        elif isinstance(below, dict):
            values[key] = _merge(below, value)
    return values


def _from_environment(
    model: type[BaseModel], environment: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Location, str]]:
    """Return what `PGBOT_SECTION__KEY=value` sets, and the variable of each. Lists and mappings are YAML.

    Raises ConfigError for a variable that names no setting: a typing error must not pass for a setting.
    """
    values: dict[str, Any] = {}
    variables: dict[Location, str] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        path = name.removeprefix(PREFIX).lower().split("__")
        section = _named_section(model, name, path)
        value = _value(name, environment[name])
        if section is not None and not isinstance(value, dict):
            key = next(iter(section.model_fields))
            raise ConfigError(
                f"{name} is a section, not a single setting.",
                f"Set {name}__{key.upper()} and so on, or write it as {{{key}: …}}.",
            )
        above = values
        for key in path[:-1]:
            above = above.setdefault(key, {})
        above[path[-1]] = value
        variables |= dict.fromkeys(_ends(value, tuple(path)), name)
    return values, variables


def _ends(value: Any, location: Location) -> Iterator[Location]:
    """Yield the location of each value that replaces one of the file."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _ends(inner, (*location, key))
    else:
        yield location


def _named_section(model: type[BaseModel], name: str, path: list[str]) -> type[BaseModel] | None:
    """Return the section that a variable names; None for a setting. Raises ConfigError for neither."""
    section: type[BaseModel] | None = model
    for key in path:
        if section is None or key not in section.model_fields:
            known = [PREFIX + "__".join(each).upper() for each in _paths(model)]
            raise ConfigError(f"{name} is not a setting.", _did_you_mean(name, [*known, *NOT_SETTINGS]))
        section = _section(section, key)
    return section


def _section(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    kind = model.model_fields[key].annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _paths(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for key in model.model_fields:
        inner = _section(model, key)
        if inner is not None:
            yield from ((key, *rest) for rest in _paths(inner))
        else:
            yield (key,)


def _value(name: str, text: str) -> Any:
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        value = yaml.safe_load(text)
        tuple(_ends(value, ()))  # a mapping that holds itself has no end, and is not a setting
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ConfigError(f"{name} is not a valid YAML list or mapping.", "Write it as [a, b].") from None
    return value


def explain(error: ValidationError, document: YamlDocument, model: type[BaseModel]) -> str:
    """Return every error on its own line: place, setting, mistake. No values: one may be secret."""
    errors = error.errors(include_input=False)
    inner = {each["loc"][:-1] for each in errors}
    # A list without a readable entry is called too short as well.
    told = [each for each in errors if each["type"] != "too_short" or each["loc"] not in inner]
    return "\n".join(_complaint(each, document, model) for each in told)


def _complaint(each: Any, document: YamlDocument, model: type[BaseModel]) -> str:
    # What is wrong with a key itself stands below that key, under a name of the validator's own.
    is_part = [part != "[key]" and not str(part).startswith(TAG) for part in each["loc"]]
    location: Location = tuple(part for part, counts in zip(each["loc"], is_part, strict=True) if counts)
    if each["type"] == "invalid_key" or (each["type"] == "string_type" and each["loc"][-1] == "[key]"):
        each, location = each | {"type": "invalid_key"}, location[:-1]
    where = document.where(location)
    if each["type"] == "extra_forbidden":
        known = _siblings(model, location)
        return f"{where}: {dotted(location)} is not a setting. {_did_you_mean(str(location[-1]), known)}"
    return f"{where}: {dotted(location) or 'settings'}: {describe_mistake(each)}"


def _siblings(model: type[BaseModel], location: Location) -> list[str]:
    section: Any = model
    for part in location[:-1]:
        if isinstance(part, str) and isinstance(section, type) and issubclass(section, BaseModel):
            section = (
                _innermost(section.model_fields[part].annotation) if part in section.model_fields else None
            )
    if isinstance(section, type) and issubclass(section, BaseModel):
        return list(section.model_fields)
    return []


def _innermost(kind: Any) -> Any:
    """Return the section inside `tuple[Section, ...]` or `Section | None`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for each in get_args(kind) if (found := _innermost(each)) is not None), None)


def _did_you_mean(word: str, known: list[str]) -> str:
    near = nearest_name(word, known, 70)
    return (
        f"Did you mean {near}?" if near else f"Known settings: {', '.join(sorted(known))}." if known else ""
    )
