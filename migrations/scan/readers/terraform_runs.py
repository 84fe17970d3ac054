"""Commands and documents in Terraform's attributes: provisioners, external programs, hooks, written files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from migrations.scan.addresses import has_v1_address
from migrations.scan.findings import (
    BasicLogin,
    ContractNumber,
    EmbeddedDocument,
    FilePosition,
    PossibleUse,
    Request,
)
from migrations.scan.readers.script import is_command, read_command, read_script
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import ShellWord

RUN_ATTRIBUTES = frozenset(
    {"command", "inline", "program", "execute", "commands", "contents", "content", "user_data", "script"}
)
_WORDS = frozenset({"program", "execute", "command"})


@dataclass(frozen=True, slots=True)
class RunValue:
    """An attribute's value: as it stands in the file, and the texts in it with their positions."""

    source: str
    place: FilePosition
    texts: tuple[tuple[str, FilePosition], ...]
    attribute: FilePosition


def find_run_uses(name: str, value: RunValue, names: Mapping[str, str]) -> Iterator[PossibleUse] | None:
    """Return the uses in a command, a list of words or commands, or a document; None where it is neither."""
    source = value.source
    if source.startswith("["):
        return _list(name, value, names)
    if source.startswith("<<"):
        mark, _, body = source.partition("\n")
        ends = [line.strip() for line in body.split("\n")]
        # The grammar counts the closing line to the text.
        last = ends.index(mark.strip("<-~ ")) if mark.strip("<-~ ") in ends else len(ends)
        body = "\n".join(body.split("\n")[:last])
        start = FilePosition(value.place.line + 1, 1)
        if name in {"contents", "content"}:
            return iter((_document(body, start),)) if 'resource "' in body else None
        return read_script(body, start, names)
    if source.startswith('"') and name == "command":
        # Two characters stay two, so that columns keep.
        text = source.strip('"').replace('\\"', ' "').replace("\\n", " ;")
        return read_script(text, FilePosition(value.place.line, value.place.column + 1), names)
    return None


def _list(name: str, value: RunValue, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    if name in _WORDS:
        yield from read_command(tuple(ShellWord(text, place) for text, place in value.texts), names)
        return
    for text, place in value.texts:
        yield from read_script(text, place, names)


def _document(body: str, start: FilePosition) -> EmbeddedDocument:
    places = tuple(FilePosition(start.line + at, 1) for at in range(body.count("\n") + 1))
    return EmbeddedDocument(place=start, name="written.tf", text=body, lines=places)


def find_shown_commands(text: str, start: FilePosition, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield the uses in lines of a longer text that are commands, as an output shows them to people."""
    for number, line in enumerate(text.split("\n") if "\n" in text else ()):
        if is_command(line):
            yield from read_script(line, FilePosition(start.line + number, 1), names)


def find_http_uses(fields: Mapping[str, RunValue], names: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield how the data source `http` calls v1; its address is found as a text."""
    url = fields.get("url")
    if url is None or not has_v1_address(expand_variables(url.source, names)):
        return
    method = fields.get("method")
    if method is not None and "PATCH" in method.source:
        yield Request(place=method.attribute, method="PATCH")
    headers = fields.get("request_headers")
    if headers is None:
        return
    for number, line in enumerate(headers.source.split("\n")):
        place = FilePosition(headers.place.line + number, 1 if number else headers.place.column)
        if "authorization" in line.casefold() and "basic" in line.casefold():
            yield BasicLogin(place=place, how="header Authorization: Basic")
        if "x-contract-number" in line.casefold():
            yield ContractNumber(place=place, how="header X-Contract-Number")
