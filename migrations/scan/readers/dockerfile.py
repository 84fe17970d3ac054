"""Dockerfiles: instructions as a shell reads them, and as lists of words."""

import json
import re
from collections.abc import Iterator

from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.script import is_command, read_command, read_script
from migrations.scan.readers.shell_words import Command, ShellWord

_LIST = re.compile(
    r"[ \t]*(?:HEALTHCHECK [^\[\n]{0,200})?(?P<word>CMD|ENTRYPOINT|RUN)[ \t]+(?P<list>\[[^\n]*\])[ \t]*"
)
_FROM = re.compile(r"[ \t]*FROM[ \t]+(?P<image>\S+)")
_DOCUMENT = re.compile(r"(?m)^([ \t]*)RUN([ \t]+<<)")


def read_dockerfile(text: str) -> ReaderResult:
    """Return the uses in a Dockerfile. Its words RUN and ENV in front of a command do not disturb a shell."""
    return ReaderResult(tuple(_instructions(text)))


def _instructions(text: str) -> Iterator[PossibleUse]:
    rest: list[str] = []
    entry: Command = ()
    for number, line in enumerate(text.split("\n"), start=1):
        image = _FROM.match(line)
        if image:
            is_tool = image["image"].rpartition("/")[2].startswith("ionosctl")
            entry = (ShellWord("ionosctl", FilePosition(number, 1)),) if is_tool else ()
        found = _LIST.fullmatch(line)
        words = _words(found["list"], number, found.start("list") + 1) if found else ()
        if found and words:
            if found["word"] == "ENTRYPOINT":
                entry = words
                yield from read_command(words, {})
            elif found["word"] == "CMD" and entry and not is_command(words[0].text):
                yield from read_command((ShellWord(entry[0].text, words[0].place), *entry[1:], *words), {})
            else:
                yield from read_command(words, {})
        rest.append("" if words else line)
    # A document behind RUN is a script for the shell.
    yield from read_script(_DOCUMENT.sub(r"\1sh \2", "\n".join(rest)), FilePosition(1, 1))


def _words(text: str, line: int, column: int) -> Command:
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    place = FilePosition(line, column)
    return tuple(ShellWord(str(each).replace("\n", ";"), place) for each in words)
