"""Requests to v1 that a script makes with curl and its like."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, pairwise

from migrations.scan.addresses import (
    find_addresses,
    find_words,
    has_v1_address,
    names_v1_path,
    offset_position,
)
from migrations.scan.findings import (
    Address,
    BasicLogin,
    ContractNumber,
    DeclaredSize,
    FilePosition,
    PossibleUse,
    Request,
    UseCondition,
)
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import Command, ShellWord

HTTP_CLIENTS = frozenset({"curl", "wget", "http", "https", "xh", "xhs", "curlie"})
_HTTPIE = frozenset({"http", "https", "xh", "xhs"})

_LOGIN = re.compile(r"-[a-zA-Z]*u|--user(?:=.*)?|-u\S+|--auth(?:=.*)?|--http-user(?:=.*)?", re.DOTALL)
_METHOD = re.compile(r"(?:-[a-zA-WYZ]*X|--request|--method)(?:=?(?P<same>[A-Za-z]+))?")
_FIELD = re.compile(
    r"\"(?P<field>ram|storageSize)\"\s*:\s*(?P<value>\d{1,9})(?!\d)"
    r"|(?P<item>ram|storageSize):=(?P<size>\d{1,9})(?!\d)"
)
_BASIC = re.compile(r"(?i)(?:--header=|-H)?authorization:\s*basic\b")
_CONTRACT = re.compile(r"(?i)(?:--header=|-H)?x-contract-number\s*:")
_ENDPOINT = re.compile(
    r"\$[{(]?\w+[})]?(?P<path>/clusters/[^/\s]{1,200}/(?:users|databases|logs|restore)(?:[/?]\S*)?)"
)
_TEXTS = re.compile(r"\"([^\"\\]+)\"")


def find_request_uses(program: str, rest: Command, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield the uses of a request, if it goes to v1."""
    called = [(word, expand_variables(word.text, names)) for word in rest]
    target = next((word for word, full in called if not word.here and has_v1_address(full)), None)
    if target is None:
        yield from _unknown_target(called)
        return
    values = tuple(chain.from_iterable(_values(full) for _, full in called))
    for word, full in called:
        yield from _addresses(word, full, values)
    yield from _method(rest, values)
    yield from _headers(program, rest, values)
    for word in rest:
        for found in _FIELD.finditer(word.text):
            field, size = found["field"] or found["item"], found["value"] or found["size"]
            yield DeclaredSize(place=word.place, values=values, field=field, megabytes=int(size))


def _unknown_target(called: list[tuple[ShellWord, str]]) -> Iterator[PossibleUse]:
    """Yield the endpoint of a request whose base is set elsewhere, `$BASE/clusters/1/users`, and words."""
    for word, full in called:
        found = _ENDPOINT.fullmatch(full)
        if found:
            path = found["path"]
            values = tuple(path.split("/"))
            yield Address(
                place=word.place, path=path, values=values, literal=False, when=UseCondition.IN_FOLDER
            )
        yield from find_words(word.text, word.place)


def find_body_sizes(word: ShellWord) -> Iterator[PossibleUse]:
    """Yield the sizes in a here-document, which a request may send as its body."""
    for found in _FIELD.finditer(word.text):
        place = offset_position(word.place, word.text, found.start())
        size = found["value"] or found["size"]
        field = found["field"] or found["item"]
        yield DeclaredSize(place=place, field=field, megabytes=int(size), when=UseCondition.IN_FILE)


def _addresses(word: ShellWord, full: str, values: tuple[str, ...]) -> Iterator[PossibleUse]:
    """Yield the addresses in a word; one made from variables stands at the word's position."""
    if not word.expanded and has_v1_address(word.text):
        yield from find_addresses(word.text, word.place, values=values)
        return
    # `$HOST/databases/postgresql`: the variable holds the host only, so v1 is named here.
    literal = not word.expanded and names_v1_path(word.text)
    for use in find_addresses(full, word.place, values=values, literal=literal):
        if isinstance(use, Address):
            yield Address(place=word.place, values=use.values, path=use.path, literal=literal)
        else:
            yield use


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
        if _BASIC.match(word.text):
            yield BasicLogin(place=word.place, values=values, how="header Authorization: Basic")
        if _CONTRACT.match(word.text):
            yield ContractNumber(place=word.place, values=values, how="header X-Contract-Number")


def _is_login(program: str, text: str) -> bool:
    if program in _HTTPIE:
        return text in {"-a", "--auth"} or text.startswith("--auth=")
    return _LOGIN.fullmatch(text) is not None or text in {"-n", "--netrc"}


def _values(text: str) -> Iterator[str]:
    yield from re.split(r"[/?=&]", text)
    yield from _TEXTS.findall(text)
