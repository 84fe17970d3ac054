"""Findings of readers in documents, in terms that no longer depend on the document's language.

A use never holds a line of the file: only what was recognised, so that no secret that stands near it can
reach a report.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from functools import lru_cache


class Certainty(StrEnum):
    """Certainty of a use: its language was read, or a signature was seen in a text."""

    EXACT = "exact"
    PROBABLE = "probable"


class UseCondition(StrEnum):
    """Conditions besides the use itself, for signs that mean nothing on their own."""

    ALWAYS = "always"
    IN_FILE = "the file uses v1"
    IN_FOLDER = "the folder uses v1"
    IN_PACKAGE = "a program in the folder uses an SDK for v1"
    WITH_HOST = "the file contains v1's host name"
    BY_PIN = "the Python SDK is not pinned to a v2 release"
    BY_VARIABLE = "a v1 resource takes its size from this variable"


LONGEST_NUMBER = 9
"""Digits of a number that may be a size in MB; Python refuses to read one of 5,000."""


def read_number(text: str | None) -> int | None:
    """Return a whole number without sign; None for anything else, and for one that no size can have."""
    return int(text) if text and text.isdecimal() and len(text) <= LONGEST_NUMBER else None


@dataclass(frozen=True, slots=True, order=True)
class FilePosition:
    """A position in a file, both numbers from 1."""

    line: int
    column: int


START = FilePosition(1, 1)


def offset_position(text: str, offset: int, start: FilePosition = START) -> FilePosition:
    """Return the position of `text[offset]`, when the text begins at `start`."""
    starts = _line_starts(text)
    lines = bisect_right(starts, offset) - 1
    column = offset - starts[lines] + 1
    return FilePosition(start.line + lines, column if lines else start.column + offset)


@lru_cache(maxsize=8)
def _line_starts(text: str) -> tuple[int, ...]:
    return (0, *(found.end() for found in re.finditer("\n", text)))


def find_places(
    pattern: re.Pattern[str], text: str, start: FilePosition = START
) -> Iterator[tuple[FilePosition, re.Match[str]]]:
    """Yield every match with its position, when the text begins at `start`."""
    for found in pattern.finditer(text):
        yield offset_position(text, found.start(), start), found


@dataclass(frozen=True, slots=True)
class PossibleUse:
    """Something that may be a use of v1. `values` are the literal values of the call, block or task it is in.

    They tell which cluster it belongs to, and go no further.
    """

    place: FilePosition
    _: KW_ONLY
    values: tuple[str, ...] = ()
    when: UseCondition = UseCondition.ALWAYS


@dataclass(frozen=True, slots=True)
class SignOfV1(PossibleUse):
    """A use that alone shows that the file speaks v1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownUse(PossibleUse):
    """A use that reports show as `text`: the name of an option, header or operation, never its value."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(SignOfV1):
    """An address of v1. `path` follows the base; `literal` is False where a variable held the base."""

    path: str
    literal: bool = True


class PatchRequest(PossibleUse):
    """An HTTP request to v1 by PATCH."""


class BasicLogin(ShownUse):
    """User name and password given to v1."""


class ContractNumber(ShownUse):
    """A contract number sent with requests."""


@dataclass(frozen=True, slots=True)
class VariablePath:
    """A variable such as `var.ram` or `local.sizes`, and `leaf`, the part of it that is meant; `*` is any."""

    root: str
    leaf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSize(PossibleUse):
    """RAM or storage in MB, as v1 counts; None for a size that the program multiplies by 1024.

    `variable` is where a variable holds it: its name, or that of the module at `module` that it is given to.
    """

    field: str
    megabytes: int | None
    variable: VariablePath | None = None
    module: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCall(PossibleUse):
    """A call of the Terraform module in the folder `module`, relative to the file's own."""

    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeVariable(PossibleUse):
    """A variable that sizes a resource of v1, or is given to a module as its `argument`."""

    variable: VariablePath
    module: str = ""
    argument: str = ""


class StateWord(ShownUse):
    """A state that only v1 has."""


class AnswerShape(ShownUse):
    """Reliance on how v1 answers; the text says on what."""


class NextLink(PossibleUse):
    """The link to the next page, followed."""


class Metric(ShownUse):
    """A metric of v1's telemetry."""


class ExposedMetric(ShownUse):
    """A metric that a program exposes under a name like v1's. A query of it does not read v1's telemetry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformBlock(SignOfV1):
    """A resource or data source (`block`) of the provider's v1 types, in HCL or in a state file."""

    block: str
    type: str
    name: str
    in_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedType(SignOfV1):
    """The name of a v1 resource of the Terraform provider, in a program or in any text."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderVersion(PossibleUse):
    """The releases of the Terraform provider that are allowed."""

    constraint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsibleModule(SignOfV1):
    """A task of the Ansible collection's v1 modules; `state` is what the task asks for."""

    module: str
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IonosctlCall(SignOfV1):
    """A call of `ionosctl dbaas postgres` or of the Chef plugin's like, aliases written out."""

    resource: str
    verb: str
    program: str = "ionosctl"

    @property
    def text(self) -> str:
        """The command without its options, which may hold secrets."""
        return " ".join(word for word in (self.program, "dbaas postgres", self.resource, self.verb) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkImport(SignOfV1):
    """An import of an SDK that speaks v1, or may."""

    language: str
    name: str


class SdkOperation(ShownUse):
    """A call of an SDK's operation that only v1 has, in the spelling of Python's SDK."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(PossibleUse):
    """The releases of an SDK that are allowed; `allows` is in the ecosystem's own notation."""

    language: str
    name: str
    allows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossplaneManifest(SignOfV1):
    """A Crossplane object of a provider's v1 types."""

    kind: str
    group: str


class PuppetCluster(SignOfV1):
    """A resource of the Puppet module's one type, which is v1's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedDocument(PossibleUse):
    """A document inside another, read by the reader that `name` would have; never reaches a rule.

    `lines` are the positions of its lines in the file, one each.
    """

    name: str
    text: str
    lines: tuple[FilePosition, ...]


def embed_document(name: str, text: str, start: FilePosition) -> EmbeddedDocument:
    """Return a document that begins at `start`, without the indentation that all its lines have."""
    rows = text.split("\n")
    indent = min((len(row) - len(row.lstrip(" ")) for row in rows if row.strip()), default=0)
    places = tuple(
        FilePosition(start.line + at, (1 if at else start.column) + indent) for at in range(len(rows))
    )
    return EmbeddedDocument(start, name=name, text="\n".join(row[indent:] for row in rows), lines=places)


class Unreadable(ShownUse):
    """A document that is not in its language, as the text says in our own words; never reaches a rule."""


Uses = Iterator[PossibleUse]

Reader = Callable[[str], Uses]
"""From the text of a document to what it holds: uses, documents inside it, or why it could not be read."""


@dataclass(frozen=True, slots=True)
class KnownCluster:
    """A cluster that uses may be attributed to."""

    id: str
    name: str


def match_cluster(values: Iterable[str], known: Sequence[KnownCluster]) -> str | None:
    """Return the id of the one known cluster that the values name; None for none, and for more than one.

    An id may stand inside a value, as it does in a backup's id; a name must be the whole value.
    """
    texts = [value.strip().casefold() for value in values]
    by_id = {each.id for each in known if any(each.id.casefold() in text for text in texts)}
    named = by_id or {each.id for each in known if each.name.casefold() in texts}
    return named.pop() if len(named) == 1 else None
