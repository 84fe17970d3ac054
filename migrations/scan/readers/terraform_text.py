"""Terraform's types, sizes, variables and references, however they are written; and blocks found by their
lines, where its grammar does not take a text, such as a template of it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from math import prod

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import blank_comments
from migrations.scan.findings import (
    BasicLogin,
    ContractNumber,
    DeclaredSize,
    FilePosition,
    SizeVariable,
    TerraformBlock,
    UseCondition,
    Uses,
    VariablePath,
)

PREFIX = "ionoscloud_pg_"
BLOCKS = frozenset({"resource", "data", "ephemeral"})
PROVIDER_SOURCE = "ionos-cloud/ionoscloud"
MB_PER_GB = 1024
SIZES = frozenset({"ram", "storage_size"})

_PRODUCT = re.compile(r"\d{1,9}(?:\s*\*\s*\d{1,9})*")
_NUMBER = re.compile(r"(?<![\w.\"\[-])\d{4,9}(?![\w.\"\]])")
_VARIABLE = re.compile(r"(?<![\w.])(?P<root>(?:var|local)\.\w+)(?P<rest>(?:\.\w+|\[[^\]\n]{0,80}\])*)")
_EACH = re.compile(r"\beach\.value(?:\.(?P<leaf>\w+)|\[\"(?P<key>\w+)\"\])?")
_REFERENCE = re.compile(r"(?<![\w.])(?:data\.)?(?P<type>ionoscloud_pg_clusters?)\.(?P<name>\w+)")

_HEAD = re.compile(
    r"[ \t]*(?P<block>resource|data|ephemeral)[ \t]+\"(?P<type>ionoscloud_pg_\w+)\"[ \t]+"
    r"\"(?P<name>[^\"\n]*)\""
)
_SIZE = re.compile(r"[ \t]*(?P<field>ram|storage_size)[ \t]*=[ \t]*(?P<value>[^\n]*)")
_NAME = re.compile(r"[ \t]*(?:display_name|cluster_id)[ \t]*=[ \t]*\"(?P<value>[^\"\n]*)\"")


def is_v1_type(name: str) -> bool:
    """Return whether a resource or data source is one of v1's: those of v2 have v2 in their names."""
    return name.startswith(PREFIX) and not name.endswith("_v2")


class ClusterReferences:
    """The texts of each cluster's block, by its address in the configuration: a user's block refers to its
    cluster's block, which has its name."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, ...]] = {}

    def add(self, type_: str, name: str, texts: Iterable[str]) -> None:
        self._texts[f"{type_}.{name}"] = tuple(texts)

    def resolve(self, values: tuple[str, ...], expressions: Iterable[str]) -> tuple[str, ...]:
        """Return the values and those of the clusters that the expressions refer to."""
        found = (each for text in expressions for each in _REFERENCE.finditer(text))
        referred = {f"{each['type']}.{each['name']}" for each in found}
        return (*values, *(text for name in sorted(referred) for text in self._texts.get(name, ())))


def find_provider_settings(name: str, place: FilePosition) -> Uses:
    """Yield the login or the contract number that an argument of the provider is."""
    if name == "password":
        yield BasicLogin(place, text="provider with user and password", when=UseCondition.IN_FOLDER)
    elif name == "contract_number":
        yield ContractNumber(place, text="provider's contract_number", when=UseCondition.IN_FOLDER)


def find_number(expression: str) -> int | None:
    """Return the number of an expression: a literal, a product of some, or the first of several in it that is
    large enough to count MB."""
    text = expression.strip().strip('"').removeprefix("${").removesuffix("}").strip()
    if _PRODUCT.fullmatch(text):
        return prod(int(each) for each in text.split("*"))
    found = _NUMBER.search(text)
    return int(found[0]) if found else None


def put_in_numbers(expression: str, numbers: Mapping[str, str]) -> str:
    """Return a product with the numbers of its variables put in: `40 * local.mb` counts MB."""
    if "*" not in expression:
        return expression
    return _VARIABLE.sub(lambda found: numbers.get(found[0], found[0]), expression)


def read_size(field: str, expression: str, place: FilePosition, values: tuple[str, ...]) -> Uses:
    """Yield the size that an expression comes to in MB, also where only its factor of 1024 is known."""
    number = find_number(expression)
    if number is not None:
        megabytes = None if number == MB_PER_GB and "*" in expression else number
        yield DeclaredSize(place, values=values, field=field, megabytes=megabytes)


def find_sizes(
    field: str, expression: str, place: FilePosition, values: tuple[str, ...], for_each: str
) -> Uses:
    """Yield the size that a resource's attribute has, and the variables that it comes from."""
    yield from read_size(field, expression, place, values)
    for variable in find_variables(expression):
        yield SizeVariable(place, variable=variable)
    each = _EACH.search(expression)
    if each:
        leaf = each["leaf"] or each["key"] or "*"
        for variable in find_variables(for_each):
            yield SizeVariable(place, variable=VariablePath(variable.root, leaf))


def find_variables(expression: str) -> Iterator[VariablePath]:
    for found in _VARIABLE.finditer(expression):
        leaf = found["rest"].rpartition(".")[2] if found["rest"] else ""
        yield VariablePath(found["root"], "*" if "[" in leaf else leaf)


def held_size(
    variable: VariablePath,
    expression: str,
    place: FilePosition,
    *,
    module: str = "",
    values: tuple[str, ...] = (),
) -> Uses:
    """Yield the number that a variable holds, which is a size if a resource takes it for one."""
    number = find_number(expression)
    if number is not None:
        yield DeclaredSize(
            place,
            values=values,
            field=variable.leaf or variable.root.partition(".")[2],
            megabytes=number,
            variable=variable,
            module=module,
            when=UseCondition.BY_VARIABLE,
        )


def passed_variables(expression: str, module: str, argument: str, place: FilePosition) -> Uses:
    for variable in find_variables(expression):
        yield SizeVariable(place, variable=variable, module=module, argument=argument)


def read_terraform_text(text: str) -> Uses:
    """Yield the blocks of v1's types and the sizes in them, and addresses anywhere."""
    bare = blank_comments(text)
    yield from find_all_uses(bare)
    lines = bare.split("\n")
    at = 0
    while at < len(lines):
        found = _HEAD.match(lines[at])
        if found is None or not is_v1_type(found["type"]):
            at += 1
            continue
        end = next((each for each in range(at + 1, len(lines)) if _is_end(lines[each])), len(lines))
        yield from _block(found, lines, at, end)
        at = end


def _is_end(line: str) -> bool:
    return line.startswith("}") or _HEAD.match(line) is not None


def _block(found: re.Match[str], lines: list[str], start: int, end: int) -> Uses:
    values = tuple(name["value"] for line in lines[start:end] if (name := _NAME.match(line)))
    place = FilePosition(start + 1, found.start("block") + 1)
    yield TerraformBlock(place, values=values, block=found["block"], type=found["type"], name=found["name"])
    for number in range(start + 1, end):
        size = _SIZE.match(lines[number])
        megabytes = find_number(size["value"]) if size else None
        if size and megabytes is not None:
            place = FilePosition(number + 1, size.start("field") + 1)
            yield DeclaredSize(place, values=values, field=size["field"], megabytes=megabytes)
