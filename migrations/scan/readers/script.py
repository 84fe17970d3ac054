"""Shell scripts: calls of curl and its like, of ionosctl and of installers, and the words of any command."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from migrations.scan.addresses import find_addresses, find_words
from migrations.scan.findings import (
    Address,
    AnswerShape,
    FilePosition,
    Pin,
    PossibleUse,
    UseCondition,
    embed_document,
)
from migrations.scan.readers.http_calls import HTTP_CLIENTS, find_body_sizes, find_request_uses
from migrations.scan.readers.ionosctl import CLUSTER_TOOLS, SERVICES, find_ionosctl_uses
from migrations.scan.readers.shell_names import ScriptNames, expand_variables, write_macros_as_variables
from migrations.scan.readers.shell_words import Command, ShellWord, split_commands
from migrations.scan.sdk_releases import PYTHON_SDK, allowed_sdk_releases, find_go_sdk

_SPEAKER = re.compile(
    r"(?:log|echo|print|warn|info|err|error|debug|fatal|notice|die|say|msg|usage|abort|fail|title|banner|help"
    r"|success|ok)(?:f|ln|ger|ing|_?(?:info|warn|warning|error|err|msg|message|debug|step|success|title|line))?"
    r"|which|type|man|grep|egrep|rg|#"
)
"""Commands whose words are prose."""

_SEARCH = re.compile(r"grep|egrep|rg")
_INSTALLERS = frozenset({"pip", "pip3", "uv", "poetry", "pipenv", "pdm", "go", "gem"})
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "ash"})
_RUNNERS = frozenset(
    {
        "ssh",
        "eval",
        "watch",
        "su",
        "trap",
        "at",
        "parallel",
        "run",
        "script",
        "make",
        "tmux",
        "screen",
        "run_cmd",
    }
)
"""Commands that run what one of their arguments says."""

_PREFIX = re.compile(
    r"if|while|until|!|then|do|else|elif|\{|sudo|time|exec|nohup|env|command|RUN|CMD|[A-Za-z_]\w*=.*",
    re.DOTALL,
)
_MARKS = re.compile(r"[@+-]*")
_COMMAND_OPTION = re.compile(r"-[a-zA-Z]*c")
_PYTHON = re.compile(r"python[\d.]*")
_CODE_FILE = re.compile(r"\.(?:tf|py|ya?ml|json|sh|j2|tpl|pp|rb)\b")

_ENDPOINTS = frozenset({"users", "databases", "logs", "restore"})
_START = FilePosition(1, 1)
_DELETE = frozenset({"DELETE", "-XDELETE"})
_IN_FILE = UseCondition.IN_FILE

_DEEPEST = 4
"""Scripts within scripts, as in `bash -c "ssh host '…'"`."""


def read_script(
    text: str, start: FilePosition, known: Mapping[str, str] | None = None
) -> Iterator[PossibleUse]:
    """Yield the uses in a script that begins at `start`; `known` are variables set outside it."""
    return _Script(ScriptNames(known or {}), _DEEPEST).read(text, start)


def read_command(words: Command, known: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield the uses in one command that is given word by word."""
    names = ScriptNames(known)
    return _Script(names, _DEEPEST).run(names.resolve(words), ())


def is_command(text: str) -> bool:
    """Return whether the text begins like a command that may have a use in it."""
    if text.startswith("#!"):
        return True
    first = text.split(maxsplit=1)[:1]
    return bool(first) and _base_name(first[0]) in _COMMANDS


class _Script:
    def __init__(self, names: ScriptNames, depth: int) -> None:
        self._names = names
        self._depth = depth

    def read(self, text: str, start: FilePosition) -> Iterator[PossibleUse]:
        source = write_macros_as_variables(text, self._names.variables)
        for command, following in pairwise((*split_commands(source, start), ())):
            self._names.remember(command)
            yield from self._definitions(command)
            called = self._names.called(command)
            if called is None:
                yield from self.run(self._names.resolve(command), following)
            else:
                yield from _words(command)
                yield from self._called(called, self._names.called(command[:1]) or ())

    def _called(self, body: tuple[Command, ...], bare: tuple[Command, ...]) -> Iterator[PossibleUse]:
        """Yield what a function does only with these arguments; the rest is found where it is written."""
        written = {_without_place(use) for each in bare for use in self.run(self._names.resolve(each), ())}
        for each in body:
            for use in self.run(self._names.resolve(each), ()):
                if _without_place(use) not in written:
                    yield use

    def _definitions(self, command: Command) -> Iterator[PossibleUse]:
        """Yield the uses in `PG="ionosctl dbaas postgres"`, a command that a variable holds."""
        for word in command:
            name, _, value = word.text.partition("=")
            full = expand_variables(value, self._names.variables)
            if name.isidentifier() and is_command(full):
                yield from self._inner(full, word if full == value else replace(word, expanded=True))

    def run(self, command: Command, following: Command) -> Iterator[PossibleUse]:
        if not command:
            return
        yield from self._here_documents(command, following)
        at = _program(command)
        if at is None:
            yield from _searched(command)
            return
        program = _base_name(command[at].text)
        rest = command[at + 1 :]
        if program in HTTP_CLIENTS:
            yield from _words(command[:at])
            yield from find_request_uses(program, rest, self._names.variables)
            if following and following[0].text == "jq" and _DELETE.intersection(word.text for word in rest):
                yield AnswerShape(place=command[at].place, what="body of DELETE is read", when=_IN_FILE)
        elif program in CLUSTER_TOOLS:
            yield from _words(command)
            yield from find_ionosctl_uses(command[at], rest)
        elif program in _INSTALLERS:
            yield from _installed(rest)
        else:
            yield from _words(command)
            yield from self._scripts(program, rest)

    def _scripts(self, program: str, rest: Command) -> Iterator[PossibleUse]:
        """Yield the uses in scripts that a command is given as its arguments."""
        if program in _SHELLS:
            option = next((at for at, word in enumerate(rest) if _COMMAND_OPTION.fullmatch(word.text)), None)
            scripts = rest[option + 1 : option + 2] if option is not None else ()
        else:
            scripts = tuple(word for word in rest if program in _RUNNERS and " " in word.text)
        for word in scripts:
            yield from self._inner(word.text, word)

    def _here_documents(self, command: Command, following: Command) -> Iterator[PossibleUse]:
        for word in command:
            if not word.here or word.expanded:
                continue
            yield from find_body_sizes(word)
            heads = {_base_name(each[0].text) for each in (command, following) if each}
            name = _file_name(command, heads)
            if heads & _SHELLS or word.text.startswith("#!") or "ssh" in heads or name.endswith(".sh"):
                yield from self._inner(word.text, word)
            elif name:
                yield embed_document(name, word.text, FilePosition(word.place.line, 1))

    def _inner(self, text: str, word: ShellWord) -> Iterator[PossibleUse]:
        if self._depth == 0:
            return
        # A variable's value may have more lines than what stands in its place.
        source = text.replace("\n", ";") if word.expanded else text
        yield from _Script(self._names, self._depth - 1).read(source, word.place)


def _without_place(use: PossibleUse) -> PossibleUse:
    """Return the use as a rule sees it: without position and values, an address only with its endpoints."""
    if isinstance(use, Address):
        endpoints = "/".join(part for part in use.path.split("/") if part in _ENDPOINTS)
        return replace(use, place=_START, values=(), path=endpoints)
    return replace(use, place=_START, values=())


def _program(command: Command) -> int | None:
    """Return the index of the program that the command runs, behind `sudo`, `if`, `docker run` and the like;
    None for prose."""
    names = [_base_name(word.text) for word in command]
    head = next((at for at, word in enumerate(command) if not _PREFIX.fullmatch(word.text)), 0)
    if _SPEAKER.fullmatch(names[head]):
        return None
    tools = [at for at, name in enumerate(names) if name in CLUSTER_TOOLS]
    if tools and SERVICES.intersection(word.text.strip('[],"') for word in command[tools[-1] :]):
        return tools[-1]
    runs = any(_COMMAND_OPTION.fullmatch(word.text) for word in command)
    known = HTTP_CLIENTS | _INSTALLERS | CLUSTER_TOOLS | (_SHELLS if runs else frozenset())
    return next((at for at, name in enumerate(names) if name in known), head)


def _base_name(text: str) -> str:
    """Return the program's name without folder; of a container's image also without its release."""
    name = _MARKS.sub("", text, count=1).strip('[],"').rpartition("/")[2]
    return re.split(r"[:@]", name, maxsplit=1)[0] if name.startswith("ionosctl") else name


def _file_name(command: Command, heads: set[str]) -> str:
    """Return the name that a here-document is written to, or one that stands for its language."""
    if any(_PYTHON.fullmatch(head) for head in heads):
        return "here.py"
    if "kubectl" in heads or "oc" in heads:
        return "here.yaml"
    return next((each.text for each in command if not each.here and _CODE_FILE.search(each.text)), "")


def _searched(command: Command) -> Iterator[PossibleUse]:
    """Yield the words that grep looks for, such as a state; nothing of what other commands say."""
    if _SEARCH.fullmatch(_base_name(command[0].text)):
        for word in command:
            yield from find_words(word.text, word.place)


def _words(command: Command) -> Iterator[PossibleUse]:
    for word in command:
        if not word.expanded:
            yield from find_addresses(word.text, word.place)
            yield from find_words(word.text, word.place)


def _installed(rest: Command) -> Iterator[PossibleUse]:
    for word in rest:
        text = word.text.strip('[],"')
        allows = allowed_sdk_releases(text)
        if allows is not None:
            yield Pin(place=word.place, language="python", name=PYTHON_SDK, allows=allows)
        path = find_go_sdk(text)
        if path is not None:
            yield Pin(place=word.place, language="go", name=path, allows="")


_COMMANDS = HTTP_CLIENTS | CLUSTER_TOOLS | _SHELLS | {"docker", "podman", "nerdctl", "sudo", "kubectl", "ssh"}
