"""Commands in YAML: those of CI files, Compose and Kubernetes, given as text or word by word."""

import re
from collections.abc import Iterator, Mapping

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.addresses import has_v1_address, names_host
from migrations.scan.findings import (
    BasicLogin,
    Pin,
    PossibleUse,
    Request,
    UseCondition,
    embed_document,
)
from migrations.scan.readers.script import is_command, read_command, read_script
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import Command, ShellWord, split_commands
from migrations.scan.readers.yaml_nodes import mapping_items, place_of, script_in, text_of
from migrations.scan.sdk_releases import PYTHON_SDK, allowed_sdk_releases

SCRIPTS = frozenset(
    {
        "run", "script", "scripts", "before_script", "after_script", "after-script", "command", "commands",
        "cmd", "cmds", "shell", "win_shell", "win_command", "raw", "bash", "sh", "pwsh", "powershell",
        "inlinescript", "inline", "source", "install", "before_install", "after_success", "after_failure",
        "before_deploy", "after_deploy", "job", "exec", "execute", "test", "status", "preconditions",
    }
)  # fmt: skip
ARGUMENTS = frozenset({"command", "args", "entrypoint", "argv", "test", "cmd", "program", "execute", "exec"})
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


def find_names(root: Node) -> dict[str, str]:
    """Return the variables of a document that hold an address of v1, a tool's name or a command."""
    names: dict[str, str] = {}
    pending, seen = [root], set[int]()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            pending += node.value
            pairs: list[tuple[str, str | None]] = [
                (name, value)
                for each in node.value
                for name, _, value in [(text_of(each) or "").partition("=")]
            ]
        else:
            items = list(mapping_items(node))
            pending += (value for _, value in items)
            fields = dict(items)
            value = text_of(fields.get("value")) or text_of(fields.get("default"))
            pairs = [(name, text_of(each)) for name, each in items]
            pairs.append((text_of(fields.get("name")) or "", value))
        names |= {
            name: text
            for name, text in pairs
            if name.isidentifier() and text and "\n" not in text and _is_worth_a_name(text)
        }
    return names


def _is_worth_a_name(text: str) -> bool:
    return has_v1_address(text) or names_host(text) or is_command(text) or _TOOL.search(text) is not None


def find_container_uses(
    node: MappingNode, names: Mapping[str, str], lines: list[str]
) -> tuple[frozenset[str], list[PossibleUse]]:
    """Return the uses in a container's command, with its image's program before it and its arguments after,
    and the keys that were read by that."""
    fields = {name.casefold(): value for name, value in mapping_items(node)}
    image = next((text for each in _IMAGES if (text := _image(fields.get(each)))), "")
    if "with" in fields:
        fields |= {name.casefold(): value for name, value in mapping_items(fields["with"]) if name == "args"}
    arguments = "args" if "args" in fields else "command"
    entry = next((each for each in _ENTRIES if each in fields and each != arguments), "")
    keys = frozenset(each for each in (entry, arguments) if each in fields)
    words = [*_words(fields.get(entry), lines), *_words(fields.get(arguments), lines)]
    tool = _TOOL.search(expand_variables(image, names))
    if not words or not ((entry and arguments in fields) or tool):
        return frozenset(), []
    program = _PROGRAMS.get(tool["name"], "ionosctl") if tool else ""
    # An entry point, or a shell instead of it, has the program in it.
    if program and words[0].text[:1] != "/" and not any(is_command(word.text) for word in words[:2]):
        words.insert(0, ShellWord(program, words[0].place))
    return keys | {"with"} if "with" in fields else keys, list(read_command(tuple(words), names))


def _image(node: Node | None) -> str:
    if isinstance(node, MappingNode):
        return next(
            (text_of(value) or "" for name, value in mapping_items(node) if name in {"name", "image"}), ""
        )
    return text_of(node) or ""


def _words(node: Node | None, lines: list[str]) -> Command:
    if isinstance(node, SequenceNode):
        return tuple(_word(each, lines) for each in node.value if isinstance(each, ScalarNode))
    if isinstance(node, ScalarNode):
        found = script_in(node, lines)
        return tuple(word for command in split_commands(found.text, found.start) for word in command)
    return ()


def _word(node: ScalarNode, lines: list[str]) -> ShellWord:
    found = script_in(node, lines)
    return ShellWord(found.text, found.start)


def find_argument_uses(
    node: SequenceNode, names: Mapping[str, str], lines: list[str]
) -> Iterator[PossibleUse]:
    """Yield the uses in a command given as a list of words; Compose begins some with CMD or CMD-SHELL."""
    words = _words(node, lines)
    if words and words[0].text == "CMD-SHELL":
        for word in words[1:]:
            yield from read_script(word.text, word.place, names)
        return
    yield from read_command(words[1:] if words and words[0].text == "CMD" else words, names)


def find_text_uses(
    key: str, node: ScalarNode, names: Mapping[str, str], lines: list[str], language: str
) -> Iterator[PossibleUse] | None:
    """Return the uses in a text that is a script or a document of its own; None for any other text."""
    found = script_in(node, lines)
    name = key if _CODE.search(key) and node.style in {"|", ">"} else language
    if not name and node.style == "|" and "apiVersion:" in found.text:
        name = "inline.yaml"
    if not name and found.text.lstrip().startswith("#!") and "python" in found.text.partition("\n")[0]:
        name = "script.py"
    if _SHELL.search(name):
        return read_script(found.text, found.start, names)
    if name and node.style in {"|", ">"}:
        return iter((embed_document(name, found.text.removesuffix(" \\"), found.start),))
    if key in _POWERSHELL:
        step = embed_document("step.ps1", found.text.removesuffix(" \\"), found.start)
        return iter((*read_script(found.text, found.start, names), step))
    if key in SCRIPTS or is_command(node.value):
        return read_script(found.text, found.start, names)
    return None


def language_of(fields: Mapping[str, Node]) -> str:
    """Return a file name in the language of a step's script: by its shell, its command or its action."""
    shell = text_of(fields.get("shell")) or ""
    command = fields.get("command")
    words = [text_of(each) or "" for each in command.value[:1]] if isinstance(command, SequenceNode) else []
    if any(_PYTHON.match(each.rpartition("/")[2]) for each in (shell, *words)):
        return "script.py"
    return "script.js" if "github-script" in (text_of(fields.get("uses")) or "") else ""


def find_step_request(fields: Mapping[str, Node], names: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield the request of a step that is given a URL and a method, as several actions and tasks are."""
    url = next((text for each in _URLS if (text := text_of(fields.get(each)))), "")
    method = next((fields[each] for each in _METHODS if each in fields), None)
    full = expand_variables(url, names)
    if method is not None and (text_of(method) or "").upper() == "PATCH" and has_v1_address(full):
        yield Request(place=place_of(method), values=tuple(full.split("/")), method="PATCH")


def find_logins(node: MappingNode | SequenceNode) -> Iterator[PossibleUse]:
    """Yield the user name and password that a program is given in its environment, at the first of them."""
    names = [each for part in node.value for each in _environment_names(part)]
    given = [each for each in names if each.value.partition("=")[0] in _LOGIN]
    if {each.value.partition("=")[0] for each in given} == _LOGIN:
        how = "IONOS_USERNAME and IONOS_PASSWORD"
        yield BasicLogin(place=place_of(given[0]), how=how, when=UseCondition.IN_FILE)


def _environment_names(part: Node | tuple[Node, Node]) -> Iterator[ScalarNode]:
    """Yield the name in `NAME: value`, `- NAME=value` or `- name: NAME`."""
    if isinstance(part, tuple):
        yield from (part[0],) if isinstance(part[0], ScalarNode) else ()
    elif isinstance(part, ScalarNode):
        yield part
    else:
        yield from (
            value for name, value in mapping_items(part) if name == "name" and isinstance(value, ScalarNode)
        )


def find_pins(words: list[ScalarNode]) -> Iterator[PossibleUse]:
    """Yield the releases of the Python SDK that a list of requirements allows, as Conda's has one."""
    for word in words:
        allows = allowed_sdk_releases(word.value) if "dbaas" in word.value else None
        if allows is not None:
            yield Pin(place=place_of(word), language="python", name=PYTHON_SDK, allows=allows)
