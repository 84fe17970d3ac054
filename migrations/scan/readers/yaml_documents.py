"""YAML: Ansible tasks, Crossplane objects, and the scripts and addresses of CI files and any other."""

from collections.abc import Iterator

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.addresses import find_all_uses, has_v1_address
from migrations.scan.comments import blank_hash_comments
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.ansible import find_task_uses
from migrations.scan.readers.crossplane import find_manifest_uses
from migrations.scan.readers.script import read_script
from migrations.scan.readers.yaml_nodes import Script, mapping_items, script_in, text_of

_PROSE = frozenset(
    {
        "name",
        "description",
        "summary",
        "title",
        "msg",
        "message",
        "comment",
        "doc",
        "docs",
        "help",
        "notes",
        "note",
    }
)
_SCRIPTS = frozenset(
    {
        "run", "script", "scripts", "before_script", "after_script", "command", "commands", "cmd", "cmds",
        "shell", "args", "entrypoint", "argv", "raw", "bash", "inlinescript",
    }
)  # fmt: skip
_URI = frozenset({"uri", "ansible.builtin.uri"})


def read_yaml(text: str) -> ReaderResult:
    """Return the uses in every document of the file."""
    try:
        roots = [root for root in yaml.compose_all(text, Loader=yaml.SafeLoader) if root is not None]
    except (yaml.YAMLError, RecursionError, ValueError) as trouble:
        mark = getattr(trouble, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        bare = tuple(find_all_uses(blank_hash_comments(text), FilePosition(1, 1)))
        return ReaderResult(bare, f"it is not readable as YAML{where}")
    walker = _Walker(text)
    return ReaderResult(tuple(use for root in roots for use in walker.walk(root)))


class _Walker:
    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._names: dict[str, str] = {}

    def walk(self, root: Node) -> Iterator[PossibleUse]:
        """Yield uses depth first, in the order of the file. An anchor's node is read once, however often
        used."""
        seen: set[int] = set()
        pending: list[tuple[str, Node]] = [("", root)]
        while pending:
            key, node = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, ScalarNode):
                yield from self._scalar(key, node)
            elif isinstance(node, SequenceNode):
                yield from self._sequence(key, node, pending)
            elif isinstance(node, MappingNode):
                yield from self._mapping(node, pending)

    def _mapping(self, node: MappingNode, pending: list[tuple[str, Node]]) -> Iterator[PossibleUse]:
        self._remember(node)
        yield from find_manifest_uses(node)
        yield from find_task_uses(node, self._names)
        children = [
            (name.casefold(), value)
            for name, value in mapping_items(node)
            # A uri task is one request, whose address was read as a whole.
            if name.casefold() not in _PROSE and name not in _URI
        ]
        pending += reversed(children)

    def _remember(self, node: MappingNode) -> None:
        """Remember variables that hold an address of v1, for the scripts and tasks that use them."""
        for name, value in mapping_items(node):
            text = text_of(value)
            if text is not None and "\n" not in text and has_v1_address(text):
                self._names[name] = text

    def _sequence(
        self, key: str, node: SequenceNode, pending: list[tuple[str, Node]]
    ) -> Iterator[PossibleUse]:
        words = [each for each in node.value if isinstance(each, ScalarNode)]
        if key in _SCRIPTS and len(words) > 1 and not any(" " in each.value for each in words[:2]):
            yield from self._argument_list(words)
            return
        pending += ((key, each) for each in reversed(node.value))

    def _argument_list(self, words: list[ScalarNode]) -> Iterator[PossibleUse]:
        """Read a command given as a list of words as a script with each word quoted, at the first one's
        position."""
        if [each.value for each in words[1:2]] == ["-c"] and len(words) > 2:
            yield from self._script(words[2])
            return
        quoted = " ".join("'" + each.value.replace("'", "'\\''") + "'" for each in words)
        mark = words[0].start_mark
        yield from read_script(
            quoted.replace("\n", " "), FilePosition(mark.line + 1, mark.column + 1), self._names
        )

    def _scalar(self, key: str, node: ScalarNode) -> Iterator[PossibleUse]:
        if key in _SCRIPTS:
            yield from self._script(node)
            return
        found = script_in(node, self._lines)
        yield from find_all_uses(found.text, found.start)

    def _script(self, node: ScalarNode) -> Iterator[PossibleUse]:
        found: Script = script_in(node, self._lines)
        yield from read_script(found.text, found.start, self._names)
