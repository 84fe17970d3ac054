"""Shell scripts, Makefiles and Dockerfiles."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import everything
from migrations.scan.comments import hash_like
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.script import expanded, read_script

_VARIABLE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*(?:::?|\?|\+)?=\s*(?P<value>.*)")


def read_shell(text: str) -> ReaderResult:
    """A script. A Dockerfile reads the same, with its words RUN and ENV in front."""
    return ReaderResult(tuple(read_script(text, FilePosition(1, 1))))


def read_makefile(text: str) -> ReaderResult:
    """Variables, and the recipes behind a tab."""
    return ReaderResult(tuple(_makefile(text)))


def _makefile(text: str) -> Iterator[PossibleUse]:
    names: dict[str, str] = {}
    recipe: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        variable = _VARIABLE.fullmatch(hash_like(line).strip())
        if variable and not line.startswith("\t"):
            names[variable["name"]] = expanded(_dollars(variable["value"]), names)
            yield from everything(hash_like(line), FilePosition(number, 1))
        # What is no recipe becomes an empty line, so that the others keep their numbers.
        recipe.append(_dollars(line) if line.startswith("\t") else "")
    yield from read_script("\n".join(recipe), FilePosition(1, 1), names)


def _dollars(line: str) -> str:
    """make's `$(NAME)` and `$$` as the shell's `${NAME}` and `$`, of the same length."""
    return re.sub(r"\$\((\w+)\)", r"${\1}", line).replace("$$", " $")
