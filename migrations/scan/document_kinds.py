"""What kind of document a file is, by its name and, for scripts without one, by its first line."""

import re
from enum import StrEnum
from pathlib import PurePath


class Kind(StrEnum):
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
    Kind.TERRAFORM: (".tf", ".tofu", ".tfvars", ".hcl"),
    Kind.TERRAFORM_JSON: (".tf.json", ".tofu.json"),
    Kind.TERRAFORM_STATE: (".tfstate", ".tfstate.backup"),
    Kind.YAML: (".yml", ".yaml"),
    Kind.PYTHON: (".py", ".pyi"),
    Kind.TOML: ("pyproject.toml", "pipfile", "poetry.lock", "uv.lock", "pdm.lock"),
    Kind.SETUP_CFG: ("setup.cfg",),
    Kind.GO_MOD: ("go.mod",),
    Kind.GO: (".go",),
    Kind.SHELL: (".sh", ".bash", ".zsh", ".ksh", ".bats"),
    Kind.MAKEFILE: ("makefile", ".mk"),
    Kind.DOCKERFILE: ("dockerfile", "containerfile", ".dockerfile"),
    Kind.PROSE: (
        ".md", ".markdown", ".rst", ".txt", ".adoc", ".tex", ".html", ".htm", ".ipynb", ".svg", ".csv",
        ".log", ".diff", ".patch", "license", "readme", "changelog", "go.sum",
    ),
}  # fmt: skip
_REQUIREMENTS = re.compile(r"(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in|lock)")
_SHEBANGS = (
    (re.compile(r"#!.*\b(?:ba|z|k|da)?sh\b"), Kind.SHELL),
    (re.compile(r"#!.*\bpython"), Kind.PYTHON),
)
_BY_FOLDER = {"requirements"}


def kind_of(path: PurePath, text: str) -> Kind:
    """The kind of a document."""
    name = path.name.casefold()
    if _REQUIREMENTS.fullmatch(name) or (path.parent.name in _BY_FOLDER and name.endswith((".txt", ".in"))):
        return Kind.REQUIREMENTS
    if name.startswith("dockerfile."):
        return Kind.DOCKERFILE
    for kind, suffixes in _SUFFIXES.items():
        if name.endswith(suffixes):
            return kind
    first = text.partition("\n")[0]
    return next((kind for pattern, kind in _SHEBANGS if pattern.match(first)), Kind.TEXT)
