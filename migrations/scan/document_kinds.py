"""Kinds of documents, by a file's name and, for scripts without one, by its first line."""

import re
from enum import StrEnum
from pathlib import PurePath


class DocumentKind(StrEnum):
    """Kinds of documents; each has a reader, but prose, in which nothing is a use."""

    TERRAFORM = "Terraform"
    TERRAFORM_JSON = "Terraform JSON"
    TERRAFORM_STATE = "Terraform state"
    YAML = "YAML"
    PYTHON = "Python"
    REQUIREMENTS = "Python requirements"
    TOML = "TOML"
    SETUP_CFG = "setup.cfg"
    GO = "Go"
    GO_MOD = "go.mod"
    SHELL = "shell"
    MAKEFILE = "Makefile"
    DOCKERFILE = "Dockerfile"
    TEXT = "text"
    PROSE = "prose"


_SUFFIXES = {
    DocumentKind.TERRAFORM: (".tf", ".tofu", ".tfvars", ".hcl"),
    DocumentKind.TERRAFORM_JSON: (".tf.json", ".tofu.json"),
    DocumentKind.TERRAFORM_STATE: (".tfstate", ".tfstate.backup"),
    DocumentKind.YAML: (".yml", ".yaml"),
    DocumentKind.PYTHON: (".py", ".pyi"),
    DocumentKind.TOML: ("pyproject.toml", "pipfile", "poetry.lock", "uv.lock", "pdm.lock"),
    DocumentKind.SETUP_CFG: ("setup.cfg",),
    DocumentKind.GO_MOD: ("go.mod",),
    DocumentKind.GO: (".go",),
    DocumentKind.SHELL: (".sh", ".bash", ".zsh", ".ksh", ".bats"),
    DocumentKind.MAKEFILE: ("makefile", ".mk"),
    DocumentKind.DOCKERFILE: ("dockerfile", "containerfile", ".dockerfile"),
    DocumentKind.PROSE: (
        ".md", ".markdown", ".rst", ".txt", ".adoc", ".tex", ".html", ".htm", ".ipynb", ".svg", ".csv",
        ".log", ".diff", ".patch", "license", "readme", "changelog", "go.sum",
    ),
}  # fmt: skip
_REQUIREMENTS = re.compile(
    r"(?=.*\.(?:txt|in|lock)\Z)(?:.*[-_.])?(?:requirements|constraints)[-_.].*", re.DOTALL
)
_SHEBANGS = (
    (re.compile(r"\A#!.*\b(?:ba|z|k|da)?sh\b"), DocumentKind.SHELL),
    (re.compile(r"\A#!.*\bpython"), DocumentKind.PYTHON),
)
_BY_FOLDER = {"requirements"}


def detect_kind(path: PurePath, text: str) -> DocumentKind:
    """Return the kind of a document."""
    name = path.name.casefold()
    if _REQUIREMENTS.fullmatch(name) or (path.parent.name in _BY_FOLDER and name.endswith((".txt", ".in"))):
        return DocumentKind.REQUIREMENTS
    if name.startswith("dockerfile."):
        return DocumentKind.DOCKERFILE
    for kind, suffixes in _SUFFIXES.items():
        if name.endswith(suffixes):
            return kind
    first = text.partition("\n")[0]
    return next((kind for pattern, kind in _SHEBANGS if pattern.match(first)), DocumentKind.TEXT)
