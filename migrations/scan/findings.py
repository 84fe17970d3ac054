"""Findings of readers in documents, in terms that no longer depend on the document's language.

A use never holds a line of the file: only what was recognised, so that no secret that stands near it can
reach a report.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


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


def read_number(text: str) -> int | None:
    """Return a whole number without sign; None for anything else, and for one that no size can have."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


@dataclass(frozen=True, slots=True, order=True)
class FilePosition:
    """A position in a file, both numbers from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleUse:
    """Something that may be a use of v1. `values` are the literal values of the call, block or task it is in.

    They tell which cluster it belongs to, and go no further.
    """

    place: FilePosition
    values: tuple[str, ...] = ()
    when: UseCondition = UseCondition.ALWAYS
    proves_v1: ClassVar[bool] = False
    """True where this alone shows that the file speaks v1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(PossibleUse):
    """An address of v1. `path` follows the base; `literal` is False where a variable held the base."""

    path: str
    literal: bool = True
    proves_v1: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(PossibleUse):
    """An HTTP request to v1 by `method`."""

    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicLogin(PossibleUse):
    """User name and password given to v1; `how` names the option, never its value."""

    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractNumber(PossibleUse):
    """A contract number sent with requests; `how` names the header or option."""

    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSize(PossibleUse):
    """RAM or storage in MB, as v1 counts; None for a size that the program multiplies by 1024.

    `variable` is where a variable holds it: its name, or that of the module at `module` that it is given to.
    """

    field: str
    megabytes: int | None
    variable: "VariablePath | None" = None
    module: str = ""


@dataclass(frozen=True, slots=True)
class VariablePath:
    """A variable such as `var.ram` or `local.sizes`, and `leaf`, the part of it that is meant; `*` is any."""

    root: str
    leaf: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWord(PossibleUse):
    """A state that only v1 has."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerShape(PossibleUse):
    """Reliance on how v1 answers; `what` says on what."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLink(PossibleUse):
    """The link to the next page, followed."""

    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(PossibleUse):
    """A metric of v1's telemetry."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedMetric(PossibleUse):
    """A metric that a program exposes under a name like v1's. A query of it does not read v1's telemetry."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformBlock(PossibleUse):
    """A resource or data source (`block`) of the provider's v1 types, in HCL or in a state file."""

    block: str
    type: str
    name: str
    in_state: bool = False
    proves_v1: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedType(PossibleUse):
    """The name of a v1 resource of the Terraform provider, in a program or in any text."""

    name: str
    proves_v1: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderVersion(PossibleUse):
    """The releases of the Terraform provider that are allowed."""

    constraint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsibleModule(PossibleUse):
    """A task of the Ansible collection's v1 modules; `state` is what the task asks for."""

    module: str
    state: str = ""
    proves_v1: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IonosctlCall(PossibleUse):
    """A call of `ionosctl dbaas postgres` or of the Chef plugin's like, aliases written out."""

    resource: str
    verb: str
    program: str = "ionosctl"
    proves_v1: ClassVar[bool] = True

    @property
    def text(self) -> str:
        """The command without its options, which may hold secrets."""
        return " ".join(word for word in (self.program, "dbaas postgres", self.resource, self.verb) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkImport(PossibleUse):
    """An import of an SDK that speaks v1, or may."""

    language: str
    name: str
    proves_v1: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkName(PossibleUse):
    """A call of an SDK's operation that only v1 has, in the spelling of Python's SDK."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(PossibleUse):
    """The releases of an SDK that are allowed; `allows` is in the ecosystem's own notation."""

    language: str
    name: str
    allows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossplaneManifest(PossibleUse):
    """A Crossplane object of a provider's v1 types."""

    kind: str
    group: str
    proves_v1: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PuppetResource(PossibleUse):
    """A resource of the Puppet module's types, which are those of v1."""

    type: str
    proves_v1: ClassVar[bool] = True


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
    return EmbeddedDocument(
        place=start, name=name, text="\n".join(row[indent:] for row in rows), lines=places
    )


@dataclass(frozen=True, slots=True)
class ReaderResult:
    """A reader's result. `trouble` says in our own words why the document is not in its language."""

    uses: tuple[PossibleUse, ...]
    trouble: str = ""
