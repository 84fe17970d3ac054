"""One document in, its uses out: the reader for its kind, and the text reader where that one gives up."""

from collections.abc import Callable
from pathlib import PurePath

from migrations.scan.document_kinds import DocumentKind, detect_kind
from migrations.scan.findings import ReaderResult
from migrations.scan.readers.go import read_go, read_go_mod
from migrations.scan.readers.pins import read_requirements, read_setup_cfg, read_toml
from migrations.scan.readers.plain import read_text
from migrations.scan.readers.python import read_python
from migrations.scan.readers.shell import read_makefile, read_shell
from migrations.scan.readers.terraform import read_terraform
from migrations.scan.readers.terraform_json import read_json, read_state
from migrations.scan.readers.yaml_documents import read_yaml

_READERS: dict[DocumentKind, Callable[[str], ReaderResult]] = {
    DocumentKind.TERRAFORM: read_terraform,
    DocumentKind.TERRAFORM_JSON: read_json,
    DocumentKind.TERRAFORM_STATE: read_state,
    DocumentKind.YAML: read_yaml,
    DocumentKind.PYTHON: read_python,
    DocumentKind.REQUIREMENTS: read_requirements,
    DocumentKind.TOML: read_toml,
    DocumentKind.SETUP_CFG: read_setup_cfg,
    DocumentKind.GO: read_go,
    DocumentKind.GO_MOD: read_go_mod,
    DocumentKind.SHELL: read_shell,
    DocumentKind.DOCKERFILE: read_shell,
    DocumentKind.MAKEFILE: read_makefile,
}
_VENDOR = "ionos"
"""Every sign of v1 has the vendor's name in it, or counts only in a file that has one which does."""


def is_relevant(text: str) -> bool:
    """Return whether anything can be found in the text; parsing it is pointless otherwise."""
    return _VENDOR in text.casefold()


def read_document(path: PurePath, text: str, kind: DocumentKind | None = None) -> ReaderResult:
    """Return the uses in a document of `kind`, by default the one that its name tells. Never raises."""
    kind = kind or detect_kind(path, text)
    if kind is DocumentKind.PROSE or not is_relevant(text):
        return ReaderResult(())
    reader = _READERS.get(kind)
    return read_text(path, text) if reader is None else reader(text)
