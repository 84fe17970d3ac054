"""The scan's coverage: the file kinds of each ecosystem, and how each is read.

One table decides which reader a file gets, and is what docs and reports print.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase, translate
from functools import partial
from pathlib import PurePath

from migrations.scan.comments import CommentStyle
from migrations.scan.findings import Reader, UseCondition, Uses
from migrations.scan.readers.build_files import (
    read_dockerfile,
    read_jenkinsfile,
    read_justfile,
    read_makefile,
)
from migrations.scan.readers.notebook import read_notebook
from migrations.scan.readers.pins import (
    read_cdktf_settings,
    read_conda,
    read_go_mod,
    read_package_pins,
    read_pipfile_lock,
    read_requirements,
    read_setup_cfg,
    read_toml,
)
from migrations.scan.readers.programs import read_go, read_program
from migrations.scan.readers.puppet import read_puppet
from migrations.scan.readers.python import read_python
from migrations.scan.readers.script import read_script
from migrations.scan.readers.signatures import read_settings_json, read_signatures, read_template
from migrations.scan.readers.terraform import read_terraform
from migrations.scan.readers.terraform_json import read_state, read_terraform_json, read_variables_json
from migrations.scan.readers.terraform_text import read_terraform_text
from migrations.scan.readers.yaml_documents import read_yaml


class ReadingWay(StrEnum):
    """The ways in which files are read."""

    EXACT = "exact"
    SIGNATURE = "signature"
    PROSE = "prose"
    """Not looked at: an example in a document is not a use."""
    NO_READER = "no reader"
    """Not looked at, though it may hold uses: a file that names v1 makes the scan incomplete."""


def _read_nothing(_text: str) -> Uses:
    return iter(())


@dataclass(frozen=True, slots=True)
class FileKind:
    """Files that one reader takes. A glob matches the name, one with `/` the end of the path, in any case.

    `shebang` finds scripts whose name says nothing. `by_package` files may use a client that another file of
    their folder made, `by_folder` files may hold settings for one.
    """

    ecosystem: str
    globs: tuple[str, ...]
    read: Reader = _read_nothing
    way: ReadingWay = ReadingWay.EXACT
    shebang: re.Pattern[str] | None = None
    by_package: bool = False
    by_folder: bool = False


def _signatures(ecosystem: str, *globs: str, style: CommentStyle) -> FileKind:
    return FileKind(ecosystem, globs, partial(read_signatures, style=style), ReadingWay.SIGNATURE)


def _program(ecosystem: str, *globs: str, style: CommentStyle) -> FileKind:
    read = partial(read_program, style=style, everywhere=UseCondition.IN_PACKAGE)
    return FileKind(ecosystem, globs, read, by_package=True)


def _pins(ecosystem: str, *globs: str, style: CommentStyle = CommentStyle.NONE) -> FileKind:
    return FileKind(ecosystem, globs, partial(read_package_pins, style=style))


TERRAFORM = "Terraform"
_YAML = "YAML (Ansible, CI, Kubernetes)"
_JAVASCRIPT, _JAVA, _DOTNET = "JavaScript and TypeScript", "Java and Kotlin", "C# and .NET"
_OTHERS, _SETTINGS = "Other languages", "Configuration"

_SHELL = re.compile(r"\A#!.*\b(?:ba|z|k|da)?sh\b")
_PYTHON = re.compile(r"\A#!.*\bpython")
_C, _HASH, _XML = CommentStyle.C, CommentStyle.HASH, CommentStyle.XML

FILE_KINDS = (
    FileKind(TERRAFORM, ("*.tf", "*.tofu", "*.tfvars", "*.hcl"), read_terraform, by_folder=True),
    FileKind(TERRAFORM, ("*.tf.json", "*.tofu.json"), read_terraform_json, by_folder=True),
    FileKind(TERRAFORM, ("*.tfvars.json",), read_variables_json, by_folder=True),
    FileKind(TERRAFORM, ("*.tfstate", "*.tfstate.backup", "*.tfstate.*.backup"), read_state),
    FileKind(
        TERRAFORM,
        ("*.tf.j2", "*.tf.erb", "*.tf.tpl", "*.tf.tmpl", "*.tftpl", "*.hcl.j2", "*.tf.gotmpl"),
        read_terraform_text,
        by_folder=True,
    ),
    FileKind(_YAML, ("*.yml", "*.yaml"), read_yaml),
    FileKind(
        _YAML,
        (
            "*.yml.j2", "*.yaml.j2", "*.yml.erb", "*.yaml.erb", "*.yml.tpl", "*.yaml.tpl", "*.yml.tmpl",
            "*.yaml.tmpl", "*.yaml.gotmpl", "*.yml.jinja", "*.yaml.jinja", "*.yml.jinja2", "*.yaml.jinja2",
        ),
        read_yaml,
    ),
    FileKind("Shell", ("*.sh", "*.bash", "*.zsh", "*.ksh", "*.bats"), read_script, shebang=_SHELL),
    FileKind("Make", ("makefile", "gnumakefile", "*.makefile", "*.mk"), read_makefile),
    FileKind("Make", ("justfile", ".justfile", "*.just"), read_justfile),
    FileKind(
        "Container images",
        ("dockerfile", "containerfile", "*.dockerfile", "dockerfile.*", "containerfile.*"),
        read_dockerfile,
    ),
    FileKind("Jenkins", ("jenkinsfile*", "*.jenkinsfile", "*.groovy"), read_jenkinsfile),
    FileKind("Notebooks", ("*.ipynb",), read_notebook),
    FileKind(
        "Templates",
        ("*.tpl", "*.tmpl", "*.gotmpl", "*.j2", "*.jinja", "*.jinja2", "*.erb", "*.epp", "*.mustache"),
        read_template,
        ReadingWay.SIGNATURE,
    ),
    FileKind("Puppet", ("*.pp",), read_puppet),
    FileKind("Python", ("*.py", "*.pyi"), read_python, shebang=_PYTHON, by_package=True),
    FileKind(
        "Python",
        (
            "*requirements*.txt", "*requirements*.in", "*requirements*.lock", "*constraints*.txt",
            "*constraints*.in", "requirements/*.txt", "requirements/*.in",
        ),
        read_requirements,
    ),
    FileKind("Python", ("pyproject.toml", "pipfile", "poetry.lock", "uv.lock", "pdm.lock"), read_toml),
    FileKind("Python", ("setup.cfg",), read_setup_cfg),
    FileKind("Python", ("pipfile.lock",), read_pipfile_lock),
    FileKind("Python", ("environment*.yml", "environment*.yaml"), read_conda),
    FileKind("Go", ("*.go",), read_go, by_package=True),
    FileKind("Go", ("go.mod", "go.work"), read_go_mod),
    _program(
        _JAVASCRIPT, "*.js", "*.cjs", "*.mjs", "*.jsx", "*.ts", "*.cts", "*.mts", "*.tsx", "*.vue",
        "*.svelte", style=_C,
    ),
    _pins(
        _JAVASCRIPT, "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
        "pnpm-lock.yaml", "bun.lock",
    ),
    FileKind("CDK for Terraform", ("cdktf.json",), read_cdktf_settings, by_folder=True),
    _program(_JAVA, "*.java", "*.kt", style=_C),
    _pins(_JAVA, "*.gradle", "*.gradle.kts", "*.sbt", "gradle.lockfile", style=_C),
    _pins(_JAVA, "pom.xml", "*.pom", "ivy.xml", style=_XML),
    _pins(_JAVA, "*.versions.toml", style=_HASH),
    _program("Ruby", "*.rb", "*.rake", "rakefile", "*.ru", style=CommentStyle.RUBY),
    _pins("Ruby", "gemfile", "*.gemspec", "gemfile.lock", "gems.rb", "gems.locked", style=_HASH),
    _program("PHP", "*.php", "*.phtml", style=CommentStyle.PHP),
    _pins("PHP", "composer.json", "composer.lock"),
    _program("PowerShell", "*.ps1", "*.psm1", "*.psd1", style=CommentStyle.POWERSHELL),
    _program(_DOTNET, "*.cs", "*.csx", style=_C),
    _pins(_DOTNET, "*.csproj", "*.fsproj", "*.vbproj", "packages.config", style=_XML),
    _signatures(
        _OTHERS, "*.fs", "*.c", "*.cc", "*.cpp", "*.h", "*.hpp", "*.rs", "*.scala", "*.sc", "*.swift",
        "*.dart", "*.proto", "*.bicep", "*.zig", "*.jsonc", "*.json5", style=_C,
    ),
    _signatures(_OTHERS, "*.pl", "*.pm", "*.t", style=CommentStyle.RUBY),
    _signatures(_OTHERS, "*.sql", style=CommentStyle.SQL),
    _signatures(_OTHERS, "*.lua", "*.hs", "*.elm", "*.ada", style=CommentStyle.DASHES),
    _signatures(_OTHERS, "*.clj", "*.el", "*.lisp", "*.scm", style=CommentStyle.SEMICOLON),
    _signatures(_OTHERS, "*.erl", "*.hrl", style=CommentStyle.PERCENT),
    _signatures(_OTHERS, "*.vb", "*.vbs", style=CommentStyle.APOSTROPHE),
    _signatures(_OTHERS, "*.bat", "*.cmd", style=CommentStyle.BATCH),
    _signatures(
        _SETTINGS, "*.ini", "*.cfg", "*.conf", "*.cnf", "*.properties", ".env*", "*.env",
        style=CommentStyle.INI,
    ),
    _signatures(_SETTINGS, "*.xml", "*.config", "*.xaml", style=_XML),
    FileKind(_SETTINGS, ("*.json",), read_settings_json, ReadingWay.SIGNATURE),
    FileKind(
        "Prose and records",
        (
            "*.md", "*.mdx", "*.markdown", "*.rst", "*.txt", "*.adoc", "*.asciidoc", "*.org", "*.tex",
            "*.html", "*.htm", "*.svg", "*.csv", "*.tsv", "*.log", "*.diff", "*.patch", "license*", "readme",
            "changelog", "go.sum",
        ),
        way=ReadingWay.PROSE,
    ),
    _signatures("Any other text", "*", style=_HASH),
)  # fmt: skip
"""Every ecosystem. A whole name wins over a pattern, that over a suffix, a longer suffix over a short one."""
_GLOBS = {glob: kind for kind in FILE_KINDS for glob in kind.globs}
_NAMES = {glob: kind for glob, kind in _GLOBS.items() if "*" not in glob}
_ENDINGS = {glob: kind for glob, kind in _GLOBS.items() if glob.startswith("*.") and glob.count("*") == 1}
_SUFFIXES = {glob[1:]: kind for glob, kind in _ENDINGS.items()}
_PATTERNS = {glob: _GLOBS[glob] for glob in _GLOBS if glob not in {*_NAMES, *_ENDINGS, "*"}}
_ANY_PATTERN = re.compile("|".join(map(translate, _PATTERNS)))


def find_kind(path: PurePath, text: str) -> FileKind:
    """Return the kind of a file, by its name, and by its first line where the name says nothing."""
    name = path.name.casefold()
    by_line = (kind for kind in FILE_KINDS if kind.shebang and kind.shebang.match(text))
    return _by_name(name, f"{path.parent.name.casefold()}/{name}") or next(by_line, FILE_KINDS[-1])


def _by_name(name: str, end: str) -> FileKind | None:
    if name in _NAMES:
        return _NAMES[name]
    if _ANY_PATTERN.match(name) or _ANY_PATTERN.match(end):
        for glob, kind in _PATTERNS.items():
            if fnmatchcase(end if "/" in glob else name, glob):
                return kind
    dot = name.find(".")
    while dot >= 0:
        if name[dot:] in _SUFFIXES:
            return _SUFFIXES[name[dot:]]
        dot = name.find(".", dot + 1)
    return None


def covered_globs() -> dict[str, dict[ReadingWay, tuple[str, ...]]]:
    """Return the globs of each ecosystem's files by the way in which they are read, in the table's order."""
    table: dict[str, dict[ReadingWay, tuple[str, ...]]] = {}
    for kind in FILE_KINDS:
        globs = table.setdefault(kind.ecosystem, {})
        globs[kind.way] = (*globs.get(kind.way, ()), *kind.globs)
    return table
