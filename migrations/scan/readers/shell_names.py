"""Names that a script gives to texts and commands: variables, aliases and functions."""

import re
from collections.abc import Callable, Iterator, Mapping

from migrations.scan.readers.shell_words import Command, ShellWord

_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
_NAME = re.compile(
    r"\$\$?\{\{?\s*(?:env\.|vars?\.|local\.|variables\.|inputs\.|params\.|parameters\.|self\.triggers\.)?(\w+)(?:\s*|:?[-=]([^{}\n]{0,200})|[%#/^,][^{}\n]{0,200})\}\}?"
    r"|\$\$?(\w+)|\{\{-?\s*(?:inputs\.parameters)?\.?(?:Values\.)?(\w+)\s*-?\}\}"
)
_ARRAY = re.compile(r"\$\{(\w+)\[[@*]\]\}")
_DEFAULT = re.compile(r"\$\{(\w{1,80}):?=([^{}\n]{0,200})\}")
_MACRO = re.compile(r"\$\((?:params\.|inputs\.)?(\w+)\)")
_ARGUMENTS = frozenset({"$@", "$*", "${@}", "${*}"})
_POSITION = re.compile(r"\$\{?([1-9])(?::?-[^{}\n]{0,200})?\}?")
_NOT_WORDS = tuple("{[\"'<")

LONGEST_VALUE = 2_000
"""Characters that variables add to a text. No address is longer."""

LONGEST_GROWTH = 200_000
"""Characters that names add to a whole script; what comes after them is read as it stands."""

_LONGEST_BODY = 8
_MOST_WORDS = 200
"""Commands of a function, and words of one of its commands. Those of hostile length are cut."""


def assigned_variables(command: Command) -> dict[str, str]:
    """Return the variables that the command assigns, `ENV NAME value` of a Dockerfile and the first turn of
    a loop included."""
    found = {}
    for word in command:
        assignment = _ASSIGNMENT.fullmatch(word.text)
        if assignment:
            found[assignment["name"]] = assignment["value"]
        found |= {each[1]: each[2] for each in _DEFAULT.finditer(word.text)}
    texts = [word.text for word in command[:4]]
    if len(command) == 3 and texts[0].upper() in {"ENV", "ARG"}:
        found[texts[1]] = texts[2]
    if len(texts) == 4 and texts[0] == "for" and texts[2] == "in":
        found[texts[1]] = texts[3]
    return found


def expand_variables(text: str, names: Mapping[str, str]) -> str:
    """Return the text with the known variables put in: those of the shell, make, CI systems and templates."""
    if "$" not in text and "{{" not in text:
        return text
    return _put_in(
        _NAME, text, lambda found: names.get(found[1] or found[3] or found[4], found[2] or found[0])
    )


def _put_in(pattern: re.Pattern[str], text: str, value_of: Callable[[re.Match[str]], str]) -> str:
    """Return the text with a value for each match.

    It grows by `LONGEST_VALUE` at most: `A=$(A)$(A)` on every line would double it each time.
    """
    room = LONGEST_VALUE

    def put_in(found: re.Match[str]) -> str:
        nonlocal room
        value = value_of(found)
        room -= len(value)
        return value if room >= 0 else found[0]

    return pattern.sub(put_in, text)


def write_macros_as_variables(text: str, names: Mapping[str, str]) -> str:
    """Return the text with `$(NAME)` of Azure and Tekton written `${NAME}`, of the same length.

    To the shell it is the output of a command; it is a variable where `names` know it.
    """
    if not names or "$(" not in text:
        return text
    return _MACRO.sub(lambda found: f"${{{found[0][2:-1]}}}" if found[1] in names else found[0], text)


class ScriptNames:
    """The meanings of the names in a script, as far as it was read."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.variables = dict(known)
        self._functions: dict[str, tuple[Command, ...]] = {}
        self._opened = ""
        self._body: list[Command] = []
        self._last_word = ""
        self._room = LONGEST_GROWTH

    def remember(self, command: Command) -> None:
        """Remember what the command assigns, and the function that it is part of."""
        for name, value in assigned_variables(command).items():
            self.variables[name] = expand_variables(value, self.variables)
            if command[0].text == "alias":
                words = tuple(ShellWord(each, command[0].place) for each in value.split()[:_MOST_WORDS])
                self._functions[name] = ((*words, ShellWord("$@", command[0].place)),)
        self._follow_function(command)

    def resolve(self, command: Command) -> Command:
        """Return the command with words that are nothing but a known variable replaced by its value."""
        return tuple(part for word in command for part in self._parts(word))

    def called(self, command: Command) -> tuple[Command, ...] | None:
        """Return the commands of the function that the command calls, with its arguments put in."""
        call = command[1:] if command[0].text == "{" else command
        body = self._functions.get(call[0].text.lstrip("@-+")) if call else None
        if body is None or self._room < 0:
            return None
        made = tuple(_with_arguments(each, call) for each in body)
        self._room -= sum(len(word.text) + 1 for each in made for word in each)
        return made

    def _parts(self, word: ShellWord) -> Iterator[ShellWord]:
        text = word.text.lstrip("@-+")  # make's marks
        if word.here or not text.startswith(("$", "{{")):
            yield word
            return
        found = _ARRAY.fullmatch(text) or _NAME.fullmatch(text)
        value = expand_variables(text, self.variables) if found else word.text
        self._room -= len(value)
        if value == word.text or self._room < 0:
            yield word
            return
        # Quotes around the variable are no longer known; a document given by it stays one word.
        parts = [value] if value.startswith(_NOT_WORDS) else value.split()[:_MOST_WORDS]
        yield from (ShellWord(each, word.place, expanded=True) for each in parts)

    def _follow_function(self, command: Command) -> None:
        texts = [word.text for word in command]
        if texts[0] == "function" and len(texts) > 1:
            self._open_function(texts[1], command[3:] if texts[2:3] == ["{"] else ())
        elif texts[0] == "{" and self._last_word:
            self._open_function(self._last_word, command[1:])
        elif texts[0] == "}" and self._opened:
            self._functions[self._opened] = tuple(self._body[:_LONGEST_BODY])
            self._opened = ""
        elif self._opened:
            self._keep_in_body(command)
        self._last_word = texts[-1] if len(texts) == 1 or texts[0] == "function" else ""

    def _open_function(self, name: str, first: Command) -> None:
        self._opened, self._body = name, []
        self._keep_in_body(first)

    def _keep_in_body(self, command: Command) -> None:
        if command and len(self._body) < _LONGEST_BODY:
            self._body += self.called(command) or (self.resolve(command),)


def _with_arguments(body: Command, call: Command) -> Command:
    """Return a function's command as the call runs it, at the call's position."""

    def argument(found: re.Match[str]) -> str:
        at = int(found[1])
        return call[at].text if at < len(call) else found[0]

    made: list[ShellWord] = []
    for word in body[:_MOST_WORDS]:
        if word.text in _ARGUMENTS:
            made += call[1:]
        else:
            text = _put_in(_POSITION, word.text, argument)
            made.append(ShellWord(text, call[0].place, here=word.here, expanded=True))
    return tuple(made[:_MOST_WORDS])
