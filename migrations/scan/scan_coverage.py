"""The scan's coverage: the file kinds of each ecosystem, and how each is read.

One table decides which reader a file gets, and is what docs and reports print.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase, translate
from functools import partial
from itertools import groupby
from pathlib import PurePath

from migrations.scan.comments import CommentStyle
from migrations.scan.findings import ReaderResult, UseCondition
from migrations.scan.readers.dockerfile import read_dockerfile
from migrations.scan.readers.go import read_go, read_go_mod
from migrations.scan.readers.jenkins import read_jenkinsfile
from migrations.scan.readers.notebook import read_notebook
from migrations.scan.readers.package_pins import read_cdktf_settings, read_package_pins
from migrations.scan.readers.pins import (
    read_conda,
    read_pipfile_lock,
    read_requirements,
    read_setup_cfg,
    read_toml,
)
from migrations.scan.readers.programs import read_program
from migrations.scan.readers.puppet import read_puppet
from migrations.scan.readers.python import read_python
from migrations.scan.readers.shell import read_justfile, read_makefile, read_shell
from migrations.scan.readers.signatures import read_settings_json, read_signatures, read_template
from migrations.scan.readers.terraform import read_terraform
from migrations.scan.readers.terraform_json import read_json, read_variables_json
from migrations.scan.readers.terraform_state import read_state
from migrations.scan.readers.terraform_text import read_terraform_template
from migrations.scan.readers.yaml_documents import read_yaml


class ReadingWay(StrEnum):
    """The ways in which files are read."""

    EXACT = "exact"
    SIGNATURE = "signature"
    PROSE = "prose"
    """Not looked at: an example in a document is not a use."""
    NO_READER = "no reader"
    """Not looked at, though it may hold uses: a file that names v1 makes the scan incomplete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """Files that one reader takes. A glob matches the name, one with `/` the end of the path, in any case.

    `shebang` finds scripts whose name says nothing. `by_package` files may use a client that another file of
    their folder made, `by_folder` files may hold settings for one.
    """

    ecosystem: str
    globs: tuple[str, ...]
    way: ReadingWay = ReadingWay.EXACT
    read: Callable[[str], ReaderResult] = lambda _: ReaderResult(())
    shebang: re.Pattern[str] | None = None
    by_package: bool = False
    by_folder: bool = False


def _signatures(ecosystem: str, *globs: str, style: CommentStyle) -> FileKind:
    return FileKind(
        ecosystem=ecosystem,
        globs=globs,
        way=ReadingWay.SIGNATURE,
        read=partial(read_signatures, style=style),
    )


def _program(ecosystem: str, *globs: str, style: CommentStyle) -> FileKind:
    read = partial(read_program, style=style, everywhere=UseCondition.IN_PACKAGE)
    return FileKind(ecosystem=ecosystem, globs=globs, read=read, by_package=True)


def _pins(ecosystem: str, *globs: str, style: CommentStyle = CommentStyle.NONE) -> FileKind:
    return FileKind(ecosystem=ecosystem, globs=globs, read=partial(read_package_pins, style=style))


TERRAFORM = "Terraform"

_SHELL = re.compile(r"\A#!.*\b(?:ba|z|k|da)?sh\b")
_PYTHON = re.compile(r"\A#!.*\bpython")
_C, _HASH = CommentStyle.C, CommentStyle.HASH

FILE_KINDS = (
    FileKind(
        ecosystem=TERRAFORM,
        globs=("*.tf", "*.tofu", "*.tfvars", "*.hcl"),
        read=read_terraform,
        by_folder=True,
    ),
    FileKind(ecosystem=TERRAFORM, globs=("*.tf.json", "*.tofu.json"), read=read_json, by_folder=True),
    FileKind(ecosystem=TERRAFORM, globs=("*.tfvars.json",), read=read_variables_json, by_folder=True),
    FileKind(
        ecosystem=TERRAFORM,
        globs=("*.tfstate", "*.tfstate.backup", "*.tfstate.*.backup"),
        read=read_state,
    ),
    FileKind(
        ecosystem=TERRAFORM,
        globs=("*.tf.j2", "*.tf.erb", "*.tf.tpl", "*.tf.tmpl", "*.tftpl", "*.hcl.j2", "*.tf.gotmpl"),
        read=read_terraform_template,
        by_folder=True,
    ),
    FileKind(ecosystem="YAML (Ansible, CI, Kubernetes)", globs=("*.yml", "*.yaml"), read=read_yaml),
    FileKind(
        ecosystem="YAML (Ansible, CI, Kubernetes)",
        globs=(
            "*.yml.j2", "*.yaml.j2", "*.yml.erb", "*.yaml.erb", "*.yml.tpl", "*.yaml.tpl", "*.yml.tmpl",
            "*.yaml.tmpl", "*.yaml.gotmpl", "*.yml.jinja", "*.yaml.jinja", "*.yml.jinja2", "*.yaml.jinja2",
        ),
        read=read_yaml,
    ),
    FileKind(
        ecosystem="Shell",
        globs=("*.sh", "*.bash", "*.zsh", "*.ksh", "*.bats"),
        read=read_shell,
        shebang=_SHELL,
    ),
    FileKind(ecosystem="Make", globs=("makefile", "gnumakefile", "*.makefile", "*.mk"), read=read_makefile),
    FileKind(ecosystem="Make", globs=("justfile", ".justfile", "*.just"), read=read_justfile),
    FileKind(
        ecosystem="Container images",
        globs=("dockerfile", "containerfile", "*.dockerfile", "dockerfile.*", "containerfile.*"),
        read=read_dockerfile,
    ),
    FileKind(ecosystem="Jenkins", globs=("jenkinsfile*", "*.jenkinsfile", "*.groovy"), read=read_jenkinsfile),
    FileKind(ecosystem="Notebooks", globs=("*.ipynb",), read=read_notebook),
    FileKind(
        ecosystem="Templates",
        globs=("*.tpl", "*.tmpl", "*.gotmpl", "*.j2", "*.jinja", "*.jinja2", "*.erb", "*.epp", "*.mustache"),
        way=ReadingWay.SIGNATURE,
        read=read_template,
    ),
    FileKind(ecosystem="Puppet", globs=("*.pp",), read=read_puppet),
    FileKind(ecosystem="Python", globs=("*.py", "*.pyi"), read=read_python, shebang=_PYTHON, by_package=True),
    FileKind(
        ecosystem="Python",
        globs=(
            "*requirements*.txt", "*requirements*.in", "*requirements*.lock", "*constraints*.txt",
            "*constraints*.in", "requirements/*.txt", "requirements/*.in",
        ),
        read=read_requirements,
    ),
    FileKind(
        ecosystem="Python",
        globs=("pyproject.toml", "pipfile", "poetry.lock", "uv.lock", "pdm.lock"),
        read=read_toml,
    ),
    FileKind(ecosystem="Python", globs=("setup.cfg",), read=read_setup_cfg),
    FileKind(ecosystem="Python", globs=("pipfile.lock",), read=read_pipfile_lock),
    FileKind(ecosystem="Python", globs=("environment*.yml", "environment*.yaml"), read=read_conda),
    FileKind(ecosystem="Go", globs=("*.go",), read=read_go, by_package=True),
    FileKind(ecosystem="Go", globs=("go.mod", "go.work"), read=read_go_mod),
    _program(
        "JavaScript and TypeScript", "*.js", "*.cjs", "*.mjs", "*.jsx", "*.ts", "*.cts", "*.mts", "*.tsx",
        "*.vue", "*.svelte", style=_C,
    ),
    _pins(
        "JavaScript and TypeScript", "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
        "pnpm-lock.yaml", "bun.lock",
    ),
    FileKind(
        ecosystem="CDK for Terraform", globs=("cdktf.json",), read=read_cdktf_settings, by_folder=True
    ),
    _program("Java and Kotlin", "*.java", "*.kt", style=_C),
    _pins(
        "Java and Kotlin", "*.gradle", "*.gradle.kts", "*.sbt", "gradle.lockfile", style=CommentStyle.C
    ),
    _pins("Java and Kotlin", "pom.xml", "*.pom", "ivy.xml", style=CommentStyle.XML),
    _pins("Java and Kotlin", "*.versions.toml", style=_HASH),
    _program("Ruby", "*.rb", "*.rake", "rakefile", "*.ru", style=CommentStyle.RUBY),
    _pins("Ruby", "gemfile", "*.gemspec", "gemfile.lock", "gems.rb", "gems.locked", style=_HASH),
    _program("PHP", "*.php", "*.phtml", style=CommentStyle.PHP),
    _pins("PHP", "composer.json", "composer.lock"),
    _program("PowerShell", "*.ps1", "*.psm1", "*.psd1", style=CommentStyle.POWERSHELL),
    _program("C# and .NET", "*.cs", "*.csx", style=_C),
    _pins("C# and .NET", "*.csproj", "*.fsproj", "*.vbproj", "packages.config", style=CommentStyle.XML),
    _signatures(
        "Other languages", "*.fs", "*.c", "*.cc", "*.cpp", "*.h", "*.hpp", "*.rs", "*.scala", "*.sc",
        "*.swift", "*.dart", "*.proto", "*.bicep", "*.zig", "*.jsonc", "*.json5", style=_C,
    ),
    _signatures("Other languages", "*.pl", "*.pm", "*.t", style=CommentStyle.RUBY),
    _signatures("Other languages", "*.sql", style=CommentStyle.SQL),
    _signatures("Other languages", "*.lua", "*.hs", "*.elm", "*.ada", style=CommentStyle.DASHES),
    _signatures("Other languages", "*.clj", "*.el", "*.lisp", "*.scm", style=CommentStyle.SEMICOLON),
    _signatures("Other languages", "*.erl", "*.hrl", style=CommentStyle.PERCENT),
    _signatures("Other languages", "*.vb", "*.vbs", style=CommentStyle.APOSTROPHE),
    _signatures("Other languages", "*.bat", "*.cmd", style=CommentStyle.BATCH),
    _signatures(
        "Configuration", "*.ini", "*.cfg", "*.conf", "*.cnf", "*.properties", ".env*", "*.env",
        style=CommentStyle.INI,
    ),
    _signatures("Configuration", "*.xml", "*.config", "*.xaml", style=CommentStyle.XML),
    FileKind(
        ecosystem="Configuration", globs=("*.json",), way=ReadingWay.SIGNATURE, read=read_settings_json
    ),
    FileKind(
        ecosystem="Prose and records",
        globs=(
            "*.md", "*.mdx", "*.markdown", "*.rst", "*.txt", "*.adoc", "*.asciidoc", "*.org", "*.tex",
            "*.html", "*.htm", "*.svg", "*.csv", "*.tsv", "*.log", "*.diff", "*.patch", "license*", "readme",
            "changelog", "go.sum",
        ),
        way=ReadingWay.PROSE,
    ),
    _signatures("Any other text", "*", style=_HASH),
)  # fmt: skip
"""Every ecosystem. A whole name wins over a pattern, that over a suffix, a longer suffix over a short one."""


def _index(globs: Iterable[tuple[str, FileKind]]) -> Mapping[str, FileKind]:
    return dict(reversed(list(globs)))


_GLOBS = [(glob, kind) for kind in FILE_KINDS for glob in kind.globs]
_NAMES = _index((glob, kind) for glob, kind in _GLOBS if "*" not in glob)
_SUFFIXES = _index((glob[1:], kind) for glob, kind in _GLOBS if glob.startswith("*.") and "*" not in glob[1:])
_PATTERNS = [
    (glob, kind)
    for glob, kind in _GLOBS
    if "*" in glob and glob != "*" and not (glob.startswith("*.") and "*" not in glob[1:])
]
_ANY_PATTERN = re.compile("|".join(translate(glob) for glob, _ in _PATTERNS))
_OTHER = FILE_KINDS[-1]
_SHEBANGS = [(kind.shebang, kind) for kind in FILE_KINDS if kind.shebang]


def find_kind(path: PurePath, text: str) -> FileKind:
    """Return the kind of a file, by its name, and by its first line where the name says nothing."""
    name = path.name.casefold()
    end = f"{path.parent.name}/{path.name}".casefold()
    return _by_name(name, end) or _by_first_line(text) or _OTHER


def _by_name(name: str, end: str) -> FileKind | None:
    if name in _NAMES:
        return _NAMES[name]
    if _ANY_PATTERN.match(name) or _ANY_PATTERN.match(end):
        for glob, kind in _PATTERNS:
            if fnmatchcase(end if "/" in glob else name, glob):
                return kind
    dot = name.find(".")
    while dot >= 0:
        if name[dot:] in _SUFFIXES:
            return _SUFFIXES[name[dot:]]
        dot = name.find(".", dot + 1)
    return None


def _by_first_line(text: str) -> FileKind | None:
    if not text.startswith("#!"):
        return None
    first = text.partition("\n")[0]
    return next((kind for pattern, kind in _SHEBANGS if pattern.match(first)), None)


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """An ecosystem: the globs of its files by the way in which they are read."""

    ecosystem: str
    globs: Mapping[ReadingWay, tuple[str, ...]]


def coverage_rows() -> Iterator[CoverageRow]:
    """Yield the table, an ecosystem a row."""
    for ecosystem, kinds in groupby(FILE_KINDS, key=lambda kind: kind.ecosystem):
        globs: dict[ReadingWay, tuple[str, ...]] = {}
        for kind in kinds:
            globs[kind.way] = globs.get(kind.way, ()) + kind.globs
        yield CoverageRow(ecosystem, globs)
