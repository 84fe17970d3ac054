"""One document in, its uses out: the reader for its kind, and the text reader where that one gives up."""

from collections.abc import Callable
from pathlib import PurePath

from migrations.scan.document_kinds import Kind, kind_of
from migrations.scan.findings import Reading
from migrations.scan.readers.go import read_go, read_go_mod
from migrations.scan.readers.pins import read_requirements, read_setup_cfg, read_toml
from migrations.scan.readers.plain import read_text
from migrations.scan.readers.python import read_python
from migrations.scan.readers.shell import read_makefile, read_shell
from migrations.scan.readers.terraform import read_terraform
from migrations.scan.readers.terraform_json import read_json, read_state
from migrations.scan.readers.yaml_documents import read_yaml

_READERS: dict[Kind, Callable[[str], Reading]] = {
    Kind.TERRAFORM: read_terraform,
    Kind.TERRAFORM_JSON: read_json,
    Kind.TERRAFORM_STATE: read_state,
    Kind.YAML: read_yaml,
    Kind.PYTHON: read_python,
    Kind.REQUIREMENTS: read_requirements,
    Kind.TOML: read_toml,
    Kind.SETUP_CFG: read_setup_cfg,
    Kind.GO: read_go,
    Kind.GO_MOD: read_go_mod,
    Kind.SHELL: read_shell,
    Kind.DOCKERFILE: read_shell,
    Kind.MAKEFILE: read_makefile,
}
_VENDOR = "ionos"
"""Every sign of v1 has the vendor's name in it, or counts only in a file that has one which does."""


def is_relevant(text: str) -> bool:
    """Whether anything can be found in the text; parsing it is pointless otherwise."""
    return _VENDOR in text.casefold()


def read_document(path: PurePath, text: str, kind: Kind | None = None) -> Reading:
    """The uses in a document of `kind`, by default the one that its name tells. Never raises."""
    kind = kind or kind_of(path, text)
    if kind is Kind.PROSE or not is_relevant(text):
        return Reading(())
    reader = _READERS.get(kind)
    return read_text(path, text) if reader is None else reader(text)
