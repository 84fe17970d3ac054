"""Shell scripts, Makefiles and justfiles."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import blank_hash_comments
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.script import is_command, read_script
from migrations.scan.readers.shell_names import expand_variables

_VARIABLE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*(?:::?|\?|\+)?=\s*+(?P<value>.*)")
_RULE = re.compile(r"[^\s=:#][^=:#\n]{0,200}:[^=:;\n]{0,200};(?P<recipe>[^\n]*)")
_SHELL_CALL = re.compile(r"\$\(shell (?P<command>[^)\n]{0,400})")
_TICKS = re.compile(r"`(?P<command>[^`\n]*)`")


def read_shell(text: str) -> ReaderResult:
    """Return the uses in a script."""
    return ReaderResult(tuple(read_script(text, FilePosition(1, 1))))


def read_makefile(text: str) -> ReaderResult:
    """Return the uses in variables, and in recipes: behind a tab, behind a rule's `;`, and in `define`."""
    return ReaderResult(tuple(_makefile(text)))


def read_justfile(text: str) -> ReaderResult:
    """Return the uses in variables, in commands between backticks, and in recipes, which are indented."""
    return ReaderResult(tuple(_justfile(text)))


def _makefile(text: str) -> Iterator[PossibleUse]:
    names: dict[str, str] = {}
    recipe: list[str] = []
    is_defining = False
    for number, line in enumerate(text.split("\n"), start=1):
        bare = blank_hash_comments(line)
        variable = _VARIABLE.fullmatch(bare.strip())
        is_defining = (is_defining or line.startswith("define ")) and not line.startswith("endef")
        if variable and not line.startswith("\t") and not is_defining:
            value = expand_variables(_dollars(variable["value"]), names)
            if "$(shell " not in value:  # the output of a command is not known
                names[variable["name"]] = value
            yield from find_all_uses(bare, FilePosition(number, 1))
            yield from _variable(value, bare, number, names)
        # Other lines become empty, so that the recipes keep their line numbers.
        inline = _RULE.match(bare)
        if line.startswith("\t") or is_defining:
            recipe.append(_dollars(line) if not line.startswith("define ") else "")
        else:
            recipe.append(" " * inline.start("recipe") + _dollars(inline["recipe"]) if inline else "")
    yield from read_script("\n".join(recipe), FilePosition(1, 1), names)


def _variable(value: str, line: str, number: int, names: dict[str, str]) -> Iterator[PossibleUse]:
    """Yield the uses in a variable that holds a command, or the output of one."""
    called = _SHELL_CALL.search(line)
    if called:
        yield from read_script(_dollars(called["command"]), FilePosition(number, called.start("command") + 1))
    elif is_command(value):
        yield from read_script(value.replace("\n", ";"), FilePosition(number, 1), names)


def _justfile(text: str) -> Iterator[PossibleUse]:
    names: dict[str, str] = {}
    recipe: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        bare = blank_hash_comments(line)
        variable = _VARIABLE.fullmatch(bare.strip())
        if variable and not line.startswith((" ", "\t")):
            names[variable["name"]] = variable["value"].strip("'\"")
            yield from find_all_uses(bare, FilePosition(number, 1))
            for called in _TICKS.finditer(bare):
                place = FilePosition(number, called.start("command") + 1)
                yield from read_script(called["command"], place, names)
        recipe.append(line if line.startswith((" ", "\t")) else "")
    yield from read_script("\n".join(recipe), FilePosition(1, 1), names)


def _dollars(line: str) -> str:
    """Translate make's `$(NAME)` and `$$` into the shell's `${NAME}` and `$`, of the same length."""
    return re.sub(r"\$\((\w+)\)", r"${\1}", line).replace("$$", " $")
