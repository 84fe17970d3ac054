"""Shell scripts: requests with curl and the like, ionosctl, installers, and the words of any command."""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, pairwise

from migrations.scan.addresses import (
    find_addresses,
    find_words,
    has_v1_address,
    names_v1_path,
    relative_address,
)
from migrations.scan.findings import (
    START,
    Address,
    AnswerShape,
    BasicLogin,
    ContractNumber,
    DeclaredSize,
    FilePosition,
    PatchRequest,
    Pin,
    PossibleUse,
    UseCondition,
    Uses,
    embed_document,
    find_places,
)
from migrations.scan.readers.ionosctl import CLUSTER_TOOLS, SERVICES, find_ionosctl_uses
from migrations.scan.readers.shell_names import ScriptNames, expand_variables, write_macros_as_variables
from migrations.scan.readers.shell_words import NO_WORD, Command, ShellWord, split_commands
from migrations.scan.sdks import find_go_sdk, find_python_pins

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
        "ssh", "eval", "watch", "su", "trap", "at", "parallel", "run", "script", "make", "tmux", "screen",
        "run_cmd",
    }
)  # fmt: skip
"""Commands that run what one of their arguments says."""

_HTTPIE = frozenset({"http", "https", "xh", "xhs"})
_HTTP_CLIENTS = frozenset({"curl", "wget", "curlie"}) | _HTTPIE
_COMMANDS = (
    _HTTP_CLIENTS | CLUSTER_TOOLS | _SHELLS | {"docker", "podman", "nerdctl", "sudo", "kubectl", "ssh"}
)

_PREFIX = re.compile(
    r"if|while|until|!|then|do|else|elif|\{|sudo|time|exec|nohup|env|command|RUN|CMD|[A-Za-z_]\w*=.*",
    re.DOTALL,
)
_MARKS = re.compile(r"[@+-]*")
_COMMAND_OPTION = re.compile(r"-[a-zA-Z]*c")
_PYTHON = re.compile(r"python[\d.]*")
_CODE_FILE = re.compile(r"\.(?:tf|py|ya?ml|json|sh|j2|tpl|pp|rb)\b")

_LOGIN = re.compile(
    r"-[a-zA-Z]*u|--user(?:=.*)?|-u\S+|--auth(?:=.*)?|--http-user(?:=.*)?|-n|--netrc", re.DOTALL
)
_METHOD = re.compile(r"(?:-[a-zA-WYZ]*X|--request|--method)(?:=?(?P<same>[A-Za-z]+))?")
_FIELD = re.compile(
    r"\"(?P<field>ram|storageSize)\"\s*:\s*(?P<value>\d{1,9})(?!\d)"
    r"|(?P<item>ram|storageSize):=(?P<size>\d{1,9})(?!\d)"
)
_BASIC = re.compile(r"(?i)(?:--header=|-H)?authorization:\s*basic\b")
_CONTRACT = re.compile(r"(?i)(?:--header=|-H)?x-contract-number\s*:")
_ENDPOINT = re.compile(
    r"\$[{(]?\w+[})]?(?P<path>/clusters/[^/\s]{1,200}/(?:users|databases|logs|restore)(?:[/?]\S*)?)"
)
_TEXTS = re.compile(r"\"([^\"\\]+)\"")

_ENDPOINTS = frozenset({"users", "databases", "logs", "restore"})
_DELETE = frozenset({"DELETE", "-XDELETE"})

_DEEPEST = 4
"""Scripts within scripts, as in `bash -c "ssh host '…'"`."""


def read_script(text: str, start: FilePosition = START, known: Mapping[str, str] | None = None) -> Uses:
    """Yield the uses in a script that begins at `start`; `known` are variables set outside it."""
    return _Script(ScriptNames(known or {}), _DEEPEST).read(text, start)


def read_command(words: Command, known: Mapping[str, str]) -> Uses:
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

    def read(self, text: str, start: FilePosition) -> Uses:
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

    def _called(self, body: tuple[Command, ...], bare: tuple[Command, ...]) -> Uses:
        """Yield what a function does only with these arguments; the rest is found where it is written."""
        written = {_without_place(use) for each in bare for use in self.run(self._names.resolve(each), ())}
        for each in body:
            for use in self.run(self._names.resolve(each), ()):
                if _without_place(use) not in written:
                    yield use

    def _definitions(self, command: Command) -> Uses:
        """Yield the uses in `PG="ionosctl dbaas postgres"`, a command that a variable holds."""
        for word in command:
            name, _, value = word.text.partition("=")
            full = expand_variables(value, self._names.variables)
            if name.isidentifier() and is_command(full):
                yield from self._inner(full, word if full == value else replace(word, expanded=True))

    def run(self, command: Command, following: Command) -> Uses:
        if not command:
            return
        yield from self._here_documents(command, following)
        at = _program(command)
        if at is None:
            yield from _searched(command)
            return
        program = _base_name(command[at].text)
        rest = command[at + 1 :]
        if program in _HTTP_CLIENTS:
            yield from _words(command[:at])
            yield from _request(program, rest, self._names.variables)
            if following and following[0].text == "jq" and _DELETE.intersection(word.text for word in rest):
                yield AnswerShape(command[at].place, text="body of DELETE is read", when=UseCondition.IN_FILE)
        elif program in CLUSTER_TOOLS:
            yield from _words(command)
            yield from find_ionosctl_uses(command[at], rest)
        elif program in _INSTALLERS:
            yield from _installed(rest)
        else:
            yield from _words(command)
            yield from self._scripts(program, rest)

    def _scripts(self, program: str, rest: Command) -> Uses:
        """Yield the uses in scripts that a command is given as its arguments."""
        if program in _SHELLS:
            option = next((at for at, word in enumerate(rest) if _COMMAND_OPTION.fullmatch(word.text)), None)
            scripts = rest[option + 1 : option + 2] if option is not None else ()
        else:
            scripts = tuple(word for word in rest if program in _RUNNERS and " " in word.text)
        for word in scripts:
            yield from self._inner(word.text, word)

    def _here_documents(self, command: Command, following: Command) -> Uses:
        for word in command:
            if not word.here or word.expanded:
                continue
            # A request may send it as its body.
            for place, found in find_places(_FIELD, word.text, word.place):
                yield _size(found, place, when=UseCondition.IN_FILE)
            heads = {_base_name(each[0].text) for each in (command, following) if each}
            name = _file_name(command, heads)
            if heads & _SHELLS or word.text.startswith("#!") or "ssh" in heads or name.endswith(".sh"):
                yield from self._inner(word.text, word)
            elif name:
                yield embed_document(name, word.text, FilePosition(word.place.line, 1))

    def _inner(self, text: str, word: ShellWord) -> Uses:
        if self._depth == 0:
            return
        # A variable's value may have more lines than what stands in its place.
        source = text.replace("\n", ";") if word.expanded else text
        yield from _Script(self._names, self._depth - 1).read(source, word.place)


def _without_place(use: PossibleUse) -> PossibleUse:
    """Return the use as a rule sees it: without position and values, an address only with its endpoints."""
    if isinstance(use, Address):
        endpoints = "/".join(part for part in use.path.split("/") if part in _ENDPOINTS)
        return replace(use, place=START, values=(), path=endpoints)
    return replace(use, place=START, values=())


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
    known = _HTTP_CLIENTS | _INSTALLERS | CLUSTER_TOOLS | (_SHELLS if runs else frozenset())
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


def _searched(command: Command) -> Uses:
    """Yield the words that grep looks for, such as a state; nothing of what other commands say."""
    if _SEARCH.fullmatch(_base_name(command[0].text)):
        for word in command:
            yield from find_words(word.text, word.place)


def _words(command: Command) -> Uses:
    for word in command:
        if not word.expanded:
            yield from find_addresses(word.text, word.place)
            yield from find_words(word.text, word.place)


def _installed(rest: Command) -> Uses:
    for word in rest:
        text = word.text.strip('[],"')
        yield from find_python_pins(text, word.place)
        path = find_go_sdk(text)
        if path is not None:
            yield Pin(word.place, language="go", name=path, allows="")


def _request(program: str, rest: Command, names: Mapping[str, str]) -> Uses:
    called = [(word, expand_variables(word.text, names)) for word in rest]
    if not any(has_v1_address(full) for word, full in called if not word.here):
        yield from _unknown_target(called)
        return
    texts = ((*re.split(r"[/?=&]", full), *_TEXTS.findall(full)) for _, full in called)
    values = tuple(chain.from_iterable(texts))
    for word, full in called:
        yield from _addresses(word, full, values)
    yield from _method(rest, values)
    yield from _headers(program, rest, values)
    for word in rest:
        yield from (_size(found, word.place, values) for found in _FIELD.finditer(word.text))


def _unknown_target(called: list[tuple[ShellWord, str]]) -> Uses:
    """Yield the endpoint of a request whose base is set elsewhere, `$BASE/clusters/1/users`, and words."""
    for word, full in called:
        found = _ENDPOINT.fullmatch(full)
        if found:
            yield relative_address(word.place, found["path"], UseCondition.IN_FOLDER)
        yield from find_words(word.text, word.place)


def _size(
    found: re.Match[str],
    place: FilePosition,
    values: tuple[str, ...] = (),
    when: UseCondition = UseCondition.ALWAYS,
) -> DeclaredSize:
    field, size = found["field"] or found["item"], found["value"] or found["size"]
    return DeclaredSize(place, values=values, field=field, megabytes=int(size), when=when)


def _addresses(word: ShellWord, full: str, values: tuple[str, ...]) -> Uses:
    """Yield the addresses in a word; one made from variables stands at the word's position."""
    if not word.expanded and has_v1_address(word.text):
        yield from find_addresses(word.text, word.place, values=values)
        return
    # `$HOST/databases/postgresql`: the variable holds the host only, so v1 is named here.
    literal = not word.expanded and names_v1_path(word.text)
    for use in find_addresses(full, word.place, values=values, literal=literal):
        is_address = isinstance(use, Address)
        yield replace(use, place=word.place, when=UseCondition.ALWAYS) if is_address else use


def _method(rest: Command, values: tuple[str, ...]) -> Uses:
    for word, following in pairwise((*rest, NO_WORD)):
        found = _METHOD.fullmatch(word.text)
        method = (found["same"] or following.text) if found else word.text
        if method.upper() == "PATCH" and (found or method == "PATCH"):
            yield PatchRequest(word.place, values=values)
            return


def _headers(program: str, rest: Command, values: tuple[str, ...]) -> Uses:
    for word in rest:
        if program in _HTTPIE:
            is_login = word.text in {"-a", "--auth"} or word.text.startswith("--auth=")
        else:
            is_login = _LOGIN.fullmatch(word.text) is not None
        if is_login:
            yield BasicLogin(word.place, values=values, text=f"{program} with user and password")
        if _BASIC.match(word.text):
            yield BasicLogin(word.place, values=values, text="header Authorization: Basic")
        if _CONTRACT.match(word.text):
            yield ContractNumber(word.place, values=values, text="header X-Contract-Number")
