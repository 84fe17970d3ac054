"""Sizes in Terraform's expressions: literal ones, and the variables that they come from."""

import re
from collections.abc import Iterator, Mapping
from math import prod

from migrations.scan.findings import (
    DeclaredSize,
    FilePosition,
    PossibleUse,
    SizeVariable,
    UseCondition,
    VariablePath,
)

MB_PER_GB = 1024
SIZES = frozenset({"ram", "storage_size"})
_PRODUCT = re.compile(r"\d{1,9}(?:\s*\*\s*\d{1,9})*")
_NUMBER = re.compile(r"(?<![\w.\"\[-])\d{4,9}(?![\w.\"\]])")
_VARIABLE = re.compile(r"(?<![\w.])(?P<root>(?:var|local)\.\w+)(?P<rest>(?:\.\w+|\[[^\]\n]{0,80}\])*)")
_EACH = re.compile(r"\beach\.value(?:\.(?P<leaf>\w+)|\[\"(?P<key>\w+)\"\])?")


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


def read_size(
    field: str, expression: str, place: FilePosition, values: tuple[str, ...]
) -> Iterator[PossibleUse]:
    """Yield the size that an expression comes to in MB, also where only its factor of 1024 is known."""
    number = find_number(expression)
    if number is not None:
        megabytes = None if number == MB_PER_GB and "*" in expression else number
        yield DeclaredSize(place=place, values=values, field=field, megabytes=megabytes)


def find_sizes(
    field: str, expression: str, place: FilePosition, values: tuple[str, ...], for_each: str
) -> Iterator[PossibleUse]:
    """Yield the size that a resource's attribute has, and the variables that it comes from."""
    yield from read_size(field, expression, place, values)
    for variable in find_variables(expression):
        yield SizeVariable(place=place, variable=variable)
    each = _EACH.search(expression)
    if each:
        for variable in find_variables(for_each):
            leaf = each["leaf"] or each["key"] or "*"
            yield SizeVariable(place=place, variable=VariablePath(variable.root, leaf))


def find_variables(expression: str) -> Iterator[VariablePath]:
    """Yield the variables and locals in an expression."""
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
) -> Iterator[PossibleUse]:
    """Yield the number that a variable holds, which is a size if a resource takes it for one."""
    number = find_number(expression)
    if number is not None:
        yield DeclaredSize(
            place=place,
            values=values,
            field=variable.leaf or variable.root.partition(".")[2],
            megabytes=number,
            variable=variable,
            module=module,
            when=UseCondition.BY_VARIABLE,
        )


def passed_variables(
    variable: VariablePath, module: str, argument: str, place: FilePosition
) -> Iterator[PossibleUse]:
    """Yield the variable that a module's argument is made from."""
    yield SizeVariable(place=place, variable=variable, module=module, argument=argument)
