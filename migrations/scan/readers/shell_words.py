"""A shell script cut into commands and words with their places; substitutions are commands of their own.

The standard library's shlex knows neither places nor substitutions, and gives up on an unclosed quote. This
follows quoting, comments, continuation lines, here-documents, `$(…)` and backticks, and never fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from migrations.scan.findings import FilePosition


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

_HOLES = {"${": "}", "{{": "}}"}
"""Variables of the shell, and holes of templates: `${{ env.X }}`, `{{ .X }}`."""
_LONGEST_HOLE = 200
_NO_HOLE = ("\n", "`", "$(")


@dataclass(slots=True)
class _Frame:
    """The open command, the word that is being read, and whether it is between double quotes."""

    closes: str = ""
    words: list[ShellWord] = field(default_factory=list)
    text: list[str] | None = None
    place: FilePosition = field(default_factory=lambda: FilePosition(1, 1))
    quoted: bool = False


def split_commands(text: str, start: FilePosition) -> Iterator[Command]:
    """Yield every command in reading order, inner ones before the one they stand in."""
    return iter(_WordCutter(text, start).cut())


class _WordCutter:
    def __init__(self, text: str, start: FilePosition) -> None:
        self._text = text
        self._at = 0
        self._line, self._column = start.line, start.column
        self._frames = [_Frame()]
        self._found: list[Command] = []
        self._here: list[tuple[str, int]] = []
        self._ends: dict[str, int] = {}

    def cut(self) -> list[Command]:
        while self._at < len(self._text):
            self._step()
        while self._frames:
            self._end_command()
            self._frames.pop()
        return self._found

    @property
    def _frame(self) -> _Frame:
        return self._frames[-1]

    def _peek(self, count: int = 1) -> str:
        return self._text[self._at : self._at + count]

    def _take(self) -> str:
        character = self._text[self._at]
        self._at += 1
        if character == "\n":
            self._line, self._column = self._line + 1, 1
        else:
            self._column += 1
        return character

    def _add(self, text: str, place: FilePosition) -> None:
        frame = self._frame
        if frame.text is None:
            frame.text, frame.place = [], place
        frame.text.append(text)

    def _step(self) -> None:
        here = FilePosition(self._line, self._column)
        character = self._take()
        if character == "\\":
            self._escape(here)
        elif character == '"':
            self._frame.quoted = not self._frame.quoted
            self._add("", FilePosition(here.line, here.column + 1))
        elif character == "$" and self._peek() == "(" and self._peek(2) != "((":
            self._open(")", here)
            self._take()
        elif (opening := character + self._peek()) in _HOLES and self._is_hole(_HOLES[opening]):
            self._hole(character, _HOLES[opening], here)
        elif character == "`":
            self._backtick(here)
        elif self._frame.quoted:
            self._add(character, here)
        else:
            self._bare(character, here)

    def _is_hole(self, closes: str) -> bool:
        """Return whether a hole that opens here closes in its line, without a command inside."""
        # Kept from one hole to the next: text that opens many and closes none is searched once.
        if self._ends.get(closes, -1) < self._at:
            found = self._text.find(closes, self._at)
            self._ends[closes] = len(self._text) if found < 0 else found
        end = self._ends[closes]
        if end == len(self._text) or end - self._at > _LONGEST_HOLE:
            return False
        inside = self._text[self._at : end]
        return not any(each in inside for each in _NO_HOLE)

    def _hole(self, character: str, closes: str, here: FilePosition) -> None:
        """Take a hole whole: blanks and quotes inside it are not the shell's."""
        end = self._ends[closes] + len(closes)
        text = character + self._text[self._at : end]
        while self._at < end:
            self._take()
        self._add(text, here)

    def _escape(self, here: FilePosition) -> None:
        if not self._peek():
            return
        following = self._take()
        if following == "\n":
            return
        keeps = self._frame.quoted and following not in '"\\$`'
        self._add(f"\\{following}" if keeps else following, here)

    def _open(self, closes: str, here: FilePosition) -> None:
        self._add("$(…)", here)
        self._frames.append(_Frame(closes=closes))

    def _backtick(self, here: FilePosition) -> None:
        if self._frame.closes == "`":
            self._close()
        else:
            self._open("`", here)

    def _close(self) -> None:
        self._end_command()
        self._frames.pop()

    def _bare(self, character: str, here: FilePosition) -> None:
        if character == "'":
            self._single(here)
        elif character == "#" and self._frame.text is None:
            self._comment()
        elif character == "\n":
            self._here_documents()
        elif character == "<" and self._peek() == "<":
            self._here_mark()
        elif character == ")" and self._frame.closes == ")":
            self._close()
        else:
            self._plain(character, here)

    def _plain(self, character: str, here: FilePosition) -> None:
        if character in ";|&()":
            self._end_command()
        elif character in " \t\r<>":
            self._end_word()
        else:
            self._add(character, here)

    def _comment(self) -> None:
        while self._peek() not in {"", "\n"}:
            self._take()

    def _single(self, here: FilePosition) -> None:
        end = self._text.find("'", self._at)
        end = len(self._text) if end < 0 else end
        first = FilePosition(here.line, here.column + 1)
        text = self._text[self._at : end]
        while self._at < min(end + 1, len(self._text)):
            self._take()
        self._add(text, first)

    def _here_mark(self) -> None:
        self._end_word()
        self._take()
        if self._peek() == "<":  # `<<< word` is an argument, not a document
            self._take()
            return
        mark = ""
        while self._peek() in {"-", " "}:
            self._take()
        while self._peek() not in {"", " ", "\t", "\n", ";", "|", "&", ")", ">", "<"}:
            mark += self._take()
        if mark.strip("'\"\\"):
            # The command that announces it will be the next one found.
            self._here.append((mark.strip("'\"\\"), len(self._found)))

    def _here_documents(self) -> None:
        """Complete the command at the end of a line, and read the here-documents that it announced."""
        self._end_command()
        for mark, owner in self._here:
            place = FilePosition(self._line, 1)
            lines: list[str] = []
            while self._at < len(self._text):
                line = self._rest_of_line()
                if line.strip() == mark:
                    break
                lines.append(line)
            if owner < len(self._found):
                self._found[owner] = (*self._found[owner], ShellWord("\n".join(lines), place, here=True))
        self._here = []

    def _rest_of_line(self) -> str:
        end = self._text.find("\n", self._at)
        line = self._text[self._at :] if end < 0 else self._text[self._at : end]
        self._at += len(line) + (end >= 0)
        self._line, self._column = self._line + 1, 1
        return line

    def _end_word(self) -> None:
        frame = self._frame
        if frame.text is not None:
            frame.words.append(ShellWord("".join(frame.text), frame.place))
            frame.text = None

    def _end_command(self) -> None:
        self._end_word()
        frame = self._frame
        if frame.words:
            self._found.append(tuple(frame.words))
            frame.words = []
