"""Shell scripts, Makefiles and Dockerfiles."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import blank_hash_comments
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.script import expand_variables, read_script

_VARIABLE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*(?:::?|\?|\+)?=\s*+(?P<value>.*)")


def read_shell(text: str) -> ReaderResult:
    """Return the uses in a script. A Dockerfile reads the same, with its words RUN and ENV in front."""
    return ReaderResult(tuple(read_script(text, FilePosition(1, 1))))


def read_makefile(text: str) -> ReaderResult:
    """Return the uses in variables, and in the recipes behind a tab."""
    return ReaderResult(tuple(_makefile(text)))


def _makefile(text: str) -> Iterator[PossibleUse]:
    names: dict[str, str] = {}
    recipe: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        variable = _VARIABLE.fullmatch(blank_hash_comments(line).strip())
        if variable and not line.startswith("\t"):
            names[variable["name"]] = expand_variables(_dollars(variable["value"]), names)
            yield from find_all_uses(blank_hash_comments(line), FilePosition(number, 1))
        # Other lines become empty, so that the recipes keep their line numbers.
        recipe.append(_dollars(line) if line.startswith("\t") else "")
    yield from read_script("\n".join(recipe), FilePosition(1, 1), names)


def _dollars(line: str) -> str:
    """Translate make's `$(NAME)` and `$$` into the shell's `${NAME}` and `$`, of the same length."""
    return re.sub(r"\$\((\w+)\)", r"${\1}", line).replace("$$", " $")
