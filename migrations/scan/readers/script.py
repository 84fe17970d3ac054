"""Shell scripts: calls of curl and its like, of ionosctl and of installers, and the words of any command."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, pairwise

from migrations.scan.addresses import find_addresses, find_words, has_v1_address
from migrations.scan.findings import (
    Address,
    BasicLogin,
    ContractNumber,
    DeclaredSize,
    FilePosition,
    Pin,
    PossibleUse,
    Request,
)
from migrations.scan.readers.ionosctl import find_ionosctl_uses
from migrations.scan.readers.shell_words import Command, ShellWord, split_commands
from migrations.scan.sdk_releases import PYTHON_SDK, allowed_sdk_releases, find_go_sdk

_SPEAKERS = frozenset({"echo", "printf", "which", "man", "help", "log", "info", "warn", "die", "#"})
"""Commands whose words are prose."""

_CLIENTS = frozenset({"curl", "wget", "http", "https", "xh", "curlie"})
_INSTALLERS = frozenset({"pip", "pip3", "uv", "poetry", "pipenv", "pdm", "go"})
_PREFIXES = re.compile(r"[@+-]*")
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
_NAME = re.compile(
    r"\$\{?\{?\s*(?:env\.|vars\.|variables\.)?(\w+)(?::?[-=]([^}]*))?\s*\}?\}?|\{\{\s*(\w+)\s*\}\}"
)
_LOGIN = re.compile(r"-[a-zA-Z]*u|--user(?:=.*)?|-u\S+|--auth(?:=.*)?|--http-user(?:=.*)?", re.DOTALL)
_METHOD = re.compile(r"(?:-[a-zA-WYZ]*X|--request|--method)(?:=?(?P<same>[A-Za-z]+))?")
_FIELD = re.compile(r"\"(?P<field>ram|storageSize)\"\s*:\s*(?P<value>\d+)")
_TEXTS = re.compile(r"\"([^\"\\]+)\"")


LONGEST_VALUE = 10_000
"""Characters that variables add to a text. No address is longer."""


def read_script(
    text: str, start: FilePosition, known: Mapping[str, str] | None = None
) -> Iterator[PossibleUse]:
    """Yield the uses in a script that begins at `start`; `known` are variables set outside it."""
    names = dict(known or {})
    for command in split_commands(text, start):
        names.update(assigned_variables(command))
        yield from _command(command, names)


def assigned_variables(command: Command) -> dict[str, str]:
    """Return the variables that the command assigns, `ENV NAME value` of a Dockerfile included."""
    found = {}
    for word in command:
        assignment = _ASSIGNMENT.fullmatch(word.text)
        if assignment:
            found[assignment["name"]] = assignment["value"]
    if len(command) == 3 and command[0].text.upper() in {"ENV", "ARG"}:
        found[command[1].text] = command[2].text
    return found


def expand_variables(text: str, names: Mapping[str, str]) -> str:
    """Return the text with the known variables put in: the shell's, make's, GitHub's and Jinja's.

    It grows by `LONGEST_VALUE` at most: `A=$(A)$(A)` on every line would double it each time.
    """
    room = LONGEST_VALUE

    def put_in(found: re.Match[str]) -> str:
        nonlocal room
        value = names.get(found[1] or found[3], found[2] or found[0])
        room -= len(value)
        return value if room >= 0 else found[0]

    return _NAME.sub(put_in, text)


def _command(command: Command, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    at = _program(command)
    if at is None:
        return iter(())
    program = _base_name(command[at].text)
    rest = command[at + 1 :]
    if program in _CLIENTS:
        return chain(_words(command[:at]), _client(program, rest, names))
    if program == "ionosctl":
        return find_ionosctl_uses(command[at], rest)
    if program in _INSTALLERS:
        return _installed(rest)
    return _words(command)


def _program(command: Command) -> int | None:
    """Return the index of the program that the command runs, behind `sudo`, `if` and the like; None for
    prose."""
    known = _CLIENTS | _INSTALLERS | {"ionosctl"}
    for at, word in enumerate(command):
        name = _base_name(word.text)
        if name in _SPEAKERS:
            return None
        if name in known:
            return at
    return 0


def _base_name(text: str) -> str:
    return _PREFIXES.sub("", text, count=1).strip('[],"').rpartition("/")[2]


def _words(command: Command) -> Iterator[PossibleUse]:
    for word in command:
        yield from find_addresses(word.text, word.place)
        yield from find_words(word.text, word.place)


def _client(program: str, rest: Command, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield the uses of a request, if it goes to v1."""
    called = [(word, expand_variables(word.text, names)) for word in rest]
    target = next((word for word, full in called if not word.here and has_v1_address(full)), None)
    if target is None:
        return
    values = tuple(chain.from_iterable(_values(full) for _, full in called))
    for word, full in called:
        literal = has_v1_address(word.text)
        for use in find_addresses(word.text if literal else full, word.place, values=values, literal=literal):
            yield use if literal else _at(use, word.place)
    yield from _method(rest, values)
    yield from _headers(program, rest, values)
    for word in rest:
        for found in _FIELD.finditer(word.text):
            yield DeclaredSize(
                place=word.place, values=values, field=found["field"], megabytes=int(found["value"])
            )


def _at(use: PossibleUse, place: FilePosition) -> PossibleUse:
    """Return the use at the position of the word, since its text was made from variables."""
    if isinstance(use, Address):
        return Address(place=place, values=use.values, path=use.path, literal=False)
    return use


def _method(rest: Command, values: tuple[str, ...]) -> Iterator[PossibleUse]:
    for word, following in pairwise((*rest, ShellWord("", FilePosition(1, 1)))):
        found = _METHOD.fullmatch(word.text)
        method = (found["same"] or following.text) if found else word.text
        if method.upper() == "PATCH" and (found or method == "PATCH"):
            yield Request(place=word.place, values=values, method="PATCH")
            return


def _headers(program: str, rest: Command, values: tuple[str, ...]) -> Iterator[PossibleUse]:
    for word in rest:
        if _is_login(program, word.text):
            yield BasicLogin(place=word.place, values=values, how=f"{program} with user and password")
        if re.match(r"(?i)authorization:\s*basic\b", word.text):
            yield BasicLogin(place=word.place, values=values, how="header Authorization: Basic")
        if re.match(r"(?i)x-contract-number\s*:", word.text):
            yield ContractNumber(place=word.place, values=values, how="header X-Contract-Number")


def _is_login(program: str, text: str) -> bool:
    if program in {"http", "https", "xh"}:
        return text in {"-a", "--auth"} or text.startswith("--auth=")
    return _LOGIN.fullmatch(text) is not None or text in {"-n", "--netrc"}


def _values(text: str) -> Iterator[str]:
    yield from re.split(r"[/?=&]", text)
    yield from _TEXTS.findall(text)


def _installed(rest: Command) -> Iterator[PossibleUse]:
    for word in rest:
        text = word.text.strip('[],"')
        allows = allowed_sdk_releases(text)
        if allows is not None:
            yield Pin(place=word.place, language="python", name=PYTHON_SDK, allows=allows)
        path = find_go_sdk(text)
        if path is not None:
            yield Pin(place=word.place, language="go", name=path, allows="")
