"""Files that hold shell commands for builds: Makefiles, justfiles, Dockerfiles and Jenkinsfiles."""

import json
import re

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import CommentStyle, blank_comments, blank_out
from migrations.scan.findings import (
    FilePosition,
    PatchRequest,
    UseCondition,
    Uses,
    find_places,
    offset_position,
)
from migrations.scan.readers.script import is_command, read_command, read_script
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import Command, ShellWord

_VARIABLE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*(?:::?|\?|\+)?=\s*+(?P<value>.*)")
_RULE = re.compile(r"[^\s=:#][^=:#\n]{0,200}:[^=:;\n]{0,200};(?P<recipe>[^\n]*)")
_SHELL_CALL = re.compile(r"\$\(shell (?P<command>[^)\n]{0,400})")
_TICKS = re.compile(r"`(?P<command>[^`\n]*)`")

_WORD_LIST = re.compile(
    r"[ \t]*(?:HEALTHCHECK [^\[\n]{0,200})?(?P<word>CMD|ENTRYPOINT|RUN)[ \t]+(?P<list>\[[^\n]*\])[ \t]*"
)
_FROM = re.compile(r"[ \t]*FROM[ \t]+(?P<image>\S+)")
_DOCUMENT = re.compile(r"(?m)^([ \t]*)RUN([ \t]+<<)")

_STEP = re.compile(
    r"\b(?:sh|bat|powershell|pwsh)\b[\s(]{0,20}"
    r"(?:(?!script\b)\w{1,30}:\s{0,9}(?:'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|\w{1,30})\s{0,9},\s{0,9}){0,3}"
    r"(?:script:\s{0,9})?(?P<quote>\'\'\'|\"\"\"|'|\")(?P<body>.*?)(?<!\\)(?P=quote)",
    re.DOTALL,
)
_GROOVY_NAME = re.compile(
    r"\b(?P<name>[A-Za-z_]\w{0,80})\s{0,20}=\s{0,20}(?P<quote>['\"])(?P<value>[^'\"\n]{1,400})(?P=quote)"
)
_PATCH = re.compile(r"\bhttpMode:\s{0,20}['\"]PATCH['\"]")


def read_makefile(text: str) -> Uses:
    """Yield the uses in variables, and in recipes: behind a tab, behind a rule's `;`, and in `define`."""
    names: dict[str, str] = {}
    recipe: list[str] = []
    is_defining = False
    for number, line in enumerate(text.split("\n"), start=1):
        bare = blank_comments(line)
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
    yield from read_script("\n".join(recipe), known=names)


def _variable(value: str, line: str, number: int, names: dict[str, str]) -> Uses:
    """Yield the uses in a variable that holds a command, or the output of one."""
    called = _SHELL_CALL.search(line)
    if called:
        yield from read_script(_dollars(called["command"]), FilePosition(number, called.start("command") + 1))
    elif is_command(value):
        yield from read_script(value.replace("\n", ";"), FilePosition(number, 1), names)


def _dollars(line: str) -> str:
    """Translate make's `$(NAME)` and `$$` into the shell's `${NAME}` and `$`, of the same length."""
    return re.sub(r"\$\((\w+)\)", r"${\1}", line).replace("$$", " $")


def read_justfile(text: str) -> Uses:
    """Yield the uses in variables, in commands between backticks, and in recipes, which are indented."""
    names: dict[str, str] = {}
    recipe: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        bare = blank_comments(line)
        variable = _VARIABLE.fullmatch(bare.strip())
        if variable and not line.startswith((" ", "\t")):
            names[variable["name"]] = variable["value"].strip("'\"")
            yield from find_all_uses(bare, FilePosition(number, 1))
            for called in _TICKS.finditer(bare):
                place = FilePosition(number, called.start("command") + 1)
                yield from read_script(called["command"], place, names)
        recipe.append(line if line.startswith((" ", "\t")) else "")
    yield from read_script("\n".join(recipe), known=names)


def read_dockerfile(text: str) -> Uses:
    """Yield the uses in a Dockerfile: instructions as a shell reads them, and as lists of words.

    Its words RUN and ENV in front of a command do not disturb a shell.
    """
    rest: list[str] = []
    entry: Command = ()
    for number, line in enumerate(text.split("\n"), start=1):
        image = _FROM.match(line)
        if image:
            is_tool = image["image"].rpartition("/")[2].startswith("ionosctl")
            entry = (ShellWord("ionosctl", FilePosition(number, 1)),) if is_tool else ()
        found = _WORD_LIST.fullmatch(line)
        words = _words(found["list"], FilePosition(number, found.start("list") + 1)) if found else ()
        if found and words:
            called = words
            if found["word"] == "ENTRYPOINT":
                entry = words
            elif found["word"] == "CMD" and entry and not is_command(words[0].text):
                called = (ShellWord(entry[0].text, words[0].place), *entry[1:], *words)
            yield from read_command(called, {})
        rest.append("" if words else line)
    # A document behind RUN is a script for the shell.
    yield from read_script(_DOCUMENT.sub(r"\1sh \2", "\n".join(rest)))


def _words(text: str, place: FilePosition) -> Command:
    try:
        return tuple(ShellWord(str(each).replace("\n", ";"), place) for each in json.loads(text))
    except (ValueError, RecursionError):
        return ()


def read_jenkinsfile(source: str) -> Uses:
    """Yield the uses in the shell steps of a pipeline, and addresses and words elsewhere."""
    text = blank_comments(source, CommentStyle.C)
    names = {each["name"]: each["value"] for each in _GROOVY_NAME.finditer(text)}
    for found in _STEP.finditer(text):
        # Groovy's `\\\\` is one backslash; two characters stay two, so that columns keep.
        step = found["body"].replace("\\\\", " \\")
        yield from read_script(step, offset_position(text, found.start("body")), names)
    yield from find_all_uses(_STEP.sub(_without_body, text))
    for place, _ in find_places(_PATCH, text):
        yield PatchRequest(place, when=UseCondition.IN_FILE)


def _without_body(step: re.Match[str]) -> str:
    start, end = step.start("body") - step.start(), step.end("body") - step.start()
    return step[0][:start] + blank_out(step["body"]) + step[0][end:]
