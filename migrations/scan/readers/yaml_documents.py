"""YAML: Ansible tasks, Crossplane and Pulumi objects; commands of CI files, Compose and Kubernetes, given as
text or word by word; and the addresses of any other file."""

import re
from collections.abc import Iterable, Iterator, Mapping

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.addresses import find_all_uses, has_v1_address, names_host
from migrations.scan.comments import blank_comments
from migrations.scan.findings import (
    START,
    BasicLogin,
    FilePosition,
    PatchRequest,
    PossibleUse,
    Unreadable,
    UseCondition,
    Uses,
    embed_document,
)
from migrations.scan.readers.ansible import find_numbers, find_task_uses
from migrations.scan.readers.script import is_command, read_command, read_script
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import Command, ShellWord, split_commands
from migrations.scan.readers.yaml_nodes import (
    mapping_items,
    mask_holes,
    nodes_in,
    place_of,
    read_nodes,
    script_in,
    text_of,
)
from migrations.scan.readers.yaml_objects import find_manifest_uses, find_pulumi_uses, find_resource_texts
from migrations.scan.sdks import find_python_pins

_PROSE = frozenset(
    {
        "name", "description", "desc", "summary", "title", "msg", "message", "comment", "doc", "docs", "help",
        "notes", "note", "displayname",
    }
)  # fmt: skip
_SCRIPTS = frozenset(
    {
        "run", "script", "scripts", "before_script", "after_script", "after-script", "command", "commands",
        "cmd", "cmds", "shell", "win_shell", "win_command", "raw", "bash", "sh", "pwsh", "powershell",
        "inlinescript", "inline", "source", "install", "before_install", "after_success", "after_failure",
        "before_deploy", "after_deploy", "job", "exec", "execute", "test", "status", "preconditions",
    }
)  # fmt: skip
_ARGUMENTS = frozenset({"command", "args", "entrypoint", "argv", "test", "cmd", "program", "execute", "exec"})
_URI = frozenset({"uri", "ansible.builtin.uri"})
_STEPS = frozenset({"run", "source", "script"})
_LINE = re.compile(r"[ \t]*(?:- )?[ \t]*(?:[\w.-]{1,80}:[ \t])?[ \t]*(?P<text>[^\n]*)")
_ENTRIES = ("entrypoint", "command")
_IMAGES = ("image", "uses", "container")
_TOOL = re.compile(
    r"(?:^|/)(?P<name>[\w.-]{0,60}?ionosctl[\w.-]{0,60}|curl|xh|httpie)(?:[:@][^/\n]{0,200})?$"
)
_PROGRAMS = {"curl": "curl", "xh": "xh", "httpie": "http"}
_PYTHON = re.compile(r"python[\d.]*")
_CODE = re.compile(r"\.(?:sh|bash|py|tf|ya?ml|json|js|ts|rb|go|ps1|pp|php)$")
_SHELL = re.compile(r"\.(?:sh|bash)$")
_POWERSHELL = frozenset({"pwsh", "powershell"})
_LOGIN = frozenset({"IONOS_USERNAME", "IONOS_PASSWORD"})
_URLS = ("url", "uri", "endpoint")
_METHODS = ("method", "httpmethod", "verb")


def read_yaml(text: str) -> Uses:
    """Yield the uses in every document of the file.

    A template that is not YAML before it is filled in is read as far as it can be.
    """
    read = read_nodes(text)
    is_template = mask_holes(text) != text
    if read.left_out and not (is_template and read.complete):
        yield Unreadable(START, text=f"it is not valid YAML (line {read.left_out[0]})")
    names: dict[str, str] = {}
    numbers: dict[str, ScalarNode] = {}
    for root in read.roots:
        names |= _find_names(root)
        numbers |= find_numbers(root)
    lines = text.split("\n")
    for root in read.roots:
        yield from _Walker(names, numbers, lines).walk(root)
    # Lines whose structure nobody knows: addresses, and lines that are commands.
    unread = set(read.left_out) if read.complete else range(1, len(lines) + 1)
    for number, line in enumerate(blank_comments(text).split("\n") if unread else (), start=1):
        if number in unread:
            yield from find_all_uses(line, FilePosition(number, 1))
            found = _LINE.match(line)
            if found and is_command(found["text"]):
                yield from read_script(found["text"], FilePosition(number, found.start("text") + 1), names)


def _find_names(root: Node) -> dict[str, str]:
    """Return the variables of a document that hold an address of v1, a tool's name or a command."""
    names: dict[str, str] = {}
    for node in nodes_in(root):
        fields = dict(mapping_items(node))
        value = text_of(fields.get("value")) or text_of(fields.get("default"))
        listed = node.value if isinstance(node, SequenceNode) else ()
        pairs = [
            *((name, text_of(each)) for name, each in mapping_items(node)),
            (text_of(fields.get("name")), value),
            *(text_of(each).partition("=")[::2] for each in listed),
        ]
        names |= {
            name: text
            for name, text in pairs
            if name.isidentifier() and text and "\n" not in text and _is_worth_a_name(text)
        }
    return names


def _is_worth_a_name(text: str) -> bool:
    return has_v1_address(text) or names_host(text) or is_command(text) or _TOOL.search(text) is not None


_Pending = list[tuple[str, Node, bool]]
"""Nodes to read: the key of each, and whether it is an item of a list."""


class _Walker:
    def __init__(self, names: Mapping[str, str], numbers: Mapping[str, ScalarNode], lines: list[str]) -> None:
        self._lines = lines
        self._names = names
        self._numbers = numbers
        self._resources: dict[str, tuple[str, ...]] = {}

    def walk(self, root: Node) -> Uses:
        """Yield uses depth first, in the order of the file. A node with an anchor is read once."""
        seen: set[int] = set()
        self._resources = find_resource_texts(root)
        pending: _Pending = [("", root, False)]
        while pending:
            key, node, is_item = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, ScalarNode):
                yield from self._scalar(key, node, "")
            elif isinstance(node, SequenceNode):
                yield from self._sequence(key, node, pending)
            elif isinstance(node, MappingNode):
                yield from self._mapping(node, pending, is_item=is_item)

    def _mapping(self, node: MappingNode, pending: _Pending, *, is_item: bool) -> Uses:
        fields = {name.casefold(): value for name, value in mapping_items(node)}
        children: _Pending = []
        yield from find_manifest_uses(node)
        yield from find_pulumi_uses(node, self._resources)
        yield from find_task_uses(node, self._names, self._numbers, is_item=is_item)
        yield from _step_request(fields, self._names)
        yield from _logins(node)
        read, found = self._container(fields)
        yield from found
        language = _language_of(fields)
        for name, value in mapping_items(node):
            # A uri task is one request, whose address was read as a whole.
            if name.casefold() in _PROSE or name in _URI or name.casefold() in read:
                continue
            if language and name in _STEPS and isinstance(value, ScalarNode):
                yield from self._scalar(name, value, language)
            else:
                children.append((_short_name(name), value, False))
        pending += reversed(children)

    def _sequence(self, key: str, node: SequenceNode, pending: _Pending) -> Uses:
        words = [each for each in node.value if isinstance(each, ScalarNode)]
        if key in _ARGUMENTS and len(words) > 1 and not _are_commands(words):
            yield from self._command(node)
            return
        yield from _logins(node)
        for word in words:
            yield from find_python_pins(word.value, place_of(word)) if "dbaas" in word.value else ()
        pending += ((key, each, True) for each in reversed(node.value))

    def _command(self, node: SequenceNode) -> Uses:
        """Yield the uses in a command given as a list of words; Compose begins some with CMD or CMD-SHELL."""
        words = self._words(node)
        if words[0].text == "CMD-SHELL":
            for word in words[1:]:
                yield from read_script(word.text, word.place, self._names)
            return
        yield from read_command(words[1:] if words[0].text == "CMD" else words, self._names)

    def _scalar(self, key: str, node: ScalarNode, language: str) -> Uses:
        """Return the uses in a text: a script, a document of its own or any other."""
        text, start = script_in(node, self._lines)
        is_block = node.style in {"|", ">"}
        name = key if _CODE.search(key) and is_block else language
        if not name and node.style == "|" and "apiVersion:" in text:
            name = "inline.yaml"
        if not name and text.lstrip().startswith("#!") and "python" in text.partition("\n")[0]:
            name = "script.py"
        if _SHELL.search(name):
            return read_script(text, start, self._names)
        if name and is_block:
            return iter((embed_document(name, text.removesuffix(" \\"), start),))
        if key in _POWERSHELL:
            step = embed_document("step.ps1", text.removesuffix(" \\"), start)
            return iter((*read_script(text, start, self._names), step))
        if key in _SCRIPTS or is_command(node.value):
            return read_script(text, start, self._names)
        return find_all_uses(text, start)

    def _container(self, known: Mapping[str, Node]) -> tuple[frozenset[str], list[PossibleUse]]:
        """Return the uses in a container's command, with its image's program before it and its arguments
        after, and the keys that were read by that."""
        fields = dict(known)
        image = next((text for each in _IMAGES if (text := _image(fields.get(each)))), "")
        if "with" in fields:
            given = mapping_items(fields["with"])
            fields |= {name.casefold(): value for name, value in given if name == "args"}
        arguments = "args" if "args" in fields else "command"
        entry = next((each for each in _ENTRIES if each in fields and each != arguments), "")
        keys = frozenset(each for each in (entry, arguments) if each in fields)
        words = [*self._words(fields.get(entry)), *self._words(fields.get(arguments))]
        tool = _TOOL.search(expand_variables(image, self._names))
        if not words or not ((entry and arguments in fields) or tool):
            return frozenset(), []
        program = _PROGRAMS.get(tool["name"], "ionosctl") if tool else ""
        # An entry point, or a shell instead of it, has the program in it.
        if program and words[0].text[:1] != "/" and not any(is_command(word.text) for word in words[:2]):
            words.insert(0, ShellWord(program, words[0].place))
        return keys | {"with"} if "with" in fields else keys, list(read_command(tuple(words), self._names))

    def _words(self, node: Node | None) -> Command:
        if isinstance(node, SequenceNode):
            words = (each for each in node.value if isinstance(each, ScalarNode))
            return tuple(ShellWord(*script_in(each, self._lines)) for each in words)
        if isinstance(node, ScalarNode):
            commands = split_commands(*script_in(node, self._lines))
            return tuple(word for command in commands for word in command)
        return ()


def _short_name(name: str) -> str:
    """Return a key without the collection that it may name: `ansible.builtin.shell` is `shell`."""
    return (name.rpartition(".")[2] if name.startswith("ansible.") else name).casefold()


def _are_commands(words: list[ScalarNode]) -> bool:
    """Return whether a list holds commands rather than the words of one: a shell has a command for a word."""
    shell = words[0].value.rpartition("/")[2] in {"sh", "bash"}
    return not shell and any(" " in each.value and is_command(each.value) for each in words[1:])


def _image(node: Node | None) -> str:
    named = (text_of(value) for name, value in mapping_items(node) if name in {"name", "image"})
    return next(named, "") if isinstance(node, MappingNode) else text_of(node)


def _language_of(fields: Mapping[str, Node]) -> str:
    """Return a file name in the language of a step's script: by its shell, its command or its action."""
    command = fields.get("command")
    words = [text_of(each) for each in command.value[:1]] if isinstance(command, SequenceNode) else []
    if any(_PYTHON.match(each.rpartition("/")[2]) for each in (text_of(fields.get("shell")), *words)):
        return "script.py"
    return "script.js" if "github-script" in text_of(fields.get("uses")) else ""


def _step_request(fields: Mapping[str, Node], names: Mapping[str, str]) -> Uses:
    """Yield the request of a step that is given a URL and a method, as several actions and tasks are."""
    url = next((text for each in _URLS if (text := text_of(fields.get(each)))), "")
    method = next((fields[each] for each in _METHODS if each in fields), None)
    full = expand_variables(url, names)
    if method is not None and text_of(method).upper() == "PATCH" and has_v1_address(full):
        yield PatchRequest(place_of(method), values=tuple(full.split("/")))


def _logins(node: MappingNode | SequenceNode) -> Uses:
    """Yield the user name and password that a program is given in its environment, at the first of them."""
    names = [each for part in node.value for each in _environment_names(part)]
    given = [each for each in names if each.value.partition("=")[0] in _LOGIN]
    if {each.value.partition("=")[0] for each in given} == _LOGIN:
        how = "IONOS_USERNAME and IONOS_PASSWORD"
        yield BasicLogin(place_of(given[0]), text=how, when=UseCondition.IN_FILE)


def _environment_names(part: Node | tuple[Node, Node]) -> Iterator[ScalarNode]:
    """Yield the name in `NAME: value`, `- NAME=value` or `- name: NAME`."""
    named: Iterable[Node] = (part[0],) if isinstance(part, tuple) else (part,)
    if isinstance(part, MappingNode):
        named = (value for name, value in mapping_items(part) if name == "name")
    yield from (each for each in named if isinstance(each, ScalarNode))
