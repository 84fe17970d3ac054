"""A shell script cut into commands and words with their places; substitutions are commands of their own.

The standard library's shlex knows neither places nor substitutions, and gives up on an unclosed quote. This
follows quoting, comments, continuation lines, here-documents, `$(…)` and backticks, and never fails.
"""

import re
from dataclasses import dataclass, field

from migrations.scan.findings import START, FilePosition, offset_position


@dataclass(frozen=True, slots=True)
class ShellWord:
    """One word of a command, unquoted. A here-document is a word as well: the last of its command.

    `expanded` is set where a variable's value took the place of what stands in the file.
    """

    text: str
    place: FilePosition
    here: bool = False
    expanded: bool = False


Command = tuple[ShellWord, ...]

NO_WORD = ShellWord("", START)

_TOKEN = re.compile(
    r"(?P<plain>[^\\\"$`{'#\n<>;|&() \t\r]+)"
    r"|(?P<escape>\\.?)|(?P<double>\")|(?P<open>\$\((?!\())|(?P<hole>\$\{|\{\{)|(?P<tick>`)"
    r"|'(?P<single>[^']*)'?|(?P<comment>\#)|(?P<line>\n)|(?P<here><<(?:<|[- ]*[^ \t\n;|&)<>]*))"
    r"|(?P<end>[;|&()])|(?P<blank>[ \t\r<>])|(?P<other>[${])",
    re.DOTALL,
)
_HOLES = {"${": "}", "{{": "}}"}
"""Variables of the shell, and holes of templates: `${{ env.X }}`, `{{ .X }}`."""
_LONGEST_HOLE = 200
_NO_HOLE = ("\n", "`", "$(")


@dataclass(slots=True)
class _Frame:
    """The open command, the word that is read and its offset, and whether it is in double quotes."""

    closes: str = ""
    words: list[ShellWord] = field(default_factory=list)
    text: list[str] | None = None
    at: int = 0
    quoted: bool = False


def split_commands(text: str, start: FilePosition) -> list[Command]:
    """Return every command in reading order, inner ones before the one they stand in."""
    return _WordCutter(text, start).cut()


class _WordCutter:
    def __init__(self, text: str, start: FilePosition) -> None:
        self._text = text
        self._start = start
        self._at = 0
        self._frames = [_Frame()]
        self._found: list[Command] = []
        self._here: list[tuple[str, int]] = []
        self._ends: dict[str, int] = {}

    def cut(self) -> list[Command]:
        while found := _TOKEN.match(self._text, self._at):
            self._at = found.end()
            self._take(found.lastgroup or "", found[0], found.start())
        while self._frames:
            self._close()
        return self._found

    def _take(self, kind: str, token: str, at: int) -> None:
        frame = self._frames[-1]
        if kind == "escape":
            if token not in {"\\", "\\\n"}:
                self._add(token if frame.quoted and token[1] not in '"\\$`' else token[1], at)
        elif kind == "double":
            frame.quoted = not frame.quoted
            self._add("", at + 1)
        elif kind == "open" or (kind == "tick" and frame.closes != "`"):
            self._add("$(…)", at)
            self._frames.append(_Frame(closes=")" if kind == "open" else "`"))
        elif kind == "tick":
            self._close()
        elif kind == "hole" and self._is_hole(at + 1, _HOLES[token]):
            # Taken whole: blanks and quotes inside it are not the shell's.
            self._at = self._ends[_HOLES[token]] + len(_HOLES[token])
            self._add(self._text[at : self._at], at)
        elif (
            frame.quoted
            or kind in {"plain", "hole", "other"}
            or (kind == "comment" and frame.text is not None)
        ):
            text = token if kind == "plain" else token[0]
            self._at = at + len(text)
            self._add(text, at)
        else:
            self._take_unquoted(kind, token, at)

    def _take_unquoted(self, kind: str, token: str, at: int) -> None:
        if kind == "single":
            self._add(token[1:].removesuffix("'"), at + 1)
        elif kind == "comment":
            end = self._text.find("\n", at)
            self._at = len(self._text) if end < 0 else end
        elif kind == "line":
            self._end_command()
            self._read_here_documents()
        elif kind == "end" and self._frames[-1].closes == token:
            self._close()
        elif kind == "end":
            self._end_command()
        else:
            self._end_word()
            mark = token[2:].lstrip("- ").strip("'\"\\")
            if kind == "here" and mark not in {"", "<"}:
                # The command that announces it will be the next one found; `<<< word` is an argument.
                self._here.append((mark, len(self._found)))

    def _is_hole(self, inside: int, closes: str) -> bool:
        """Return whether a hole that opens here closes in its line, without a command inside."""
        # Kept from one hole to the next: text that opens many and closes none is searched once.
        if self._ends.get(closes, -1) < inside:
            found = self._text.find(closes, inside)
            self._ends[closes] = len(self._text) if found < 0 else found
        end = self._ends[closes]
        if end == len(self._text) or end - inside > _LONGEST_HOLE:
            return False
        return not any(each in self._text[inside:end] for each in _NO_HOLE)

    def _read_here_documents(self) -> None:
        """Read the here-documents that the commands of a line announced."""
        for mark, owner in self._here:
            place = offset_position(self._text, self._at, self._start)
            lines: list[str] = []
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                line = self._text[self._at : end if end >= 0 else None]
                self._at += len(line) + (end >= 0)
                if line.strip() == mark:
                    break
                lines.append(line)
            if owner < len(self._found):
                self._found[owner] = (*self._found[owner], ShellWord("\n".join(lines), place, here=True))
        self._here = []

    def _add(self, text: str, at: int) -> None:
        frame = self._frames[-1]
        if frame.text is None:
            frame.text, frame.at = [], at
        frame.text.append(text)

    def _close(self) -> None:
        self._end_command()
        self._frames.pop()

    def _end_word(self) -> None:
        frame = self._frames[-1]
        if frame.text is not None:
            place = offset_position(self._text, frame.at, self._start)
            frame.words.append(ShellWord("".join(frame.text), place))
            frame.text = None

    def _end_command(self) -> None:
        self._end_word()
        frame = self._frames[-1]
        if frame.words:
            self._found.append(tuple(frame.words))
            frame.words = []
