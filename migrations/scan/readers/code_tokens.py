"""Tokens of a program: words, strings and marks with their places, the same for every language with quotes.

Comments are blanked before, in the language's own style. Tokens know the bracket that they stand in, which is
as much grammar as the readers need.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import FilePosition, offset_position

_TOKEN = re.compile(
    r"\"\"\"(?P<long>.*?)(?:\"\"\"|\Z)|\"(?P<double>(?:\\.|[^\"\\\n])*)\"|'(?P<single>(?:\\.|[^'\\\n])*)'"
    r"|`(?P<back>(?:\\.|[^`\\])*)`|(?P<word>[A-Za-z_]\w*)|(?P<number>\d[\d_]*)|(?P<mark>\\.|[^\s\w])",
    re.DOTALL,
)
_CLOSES = {")": "(", "]": "[", "}": "{"}

LONGEST_SPAN = 300
"""Tokens of a bracket that are looked at. Brackets in brackets would cost the square of their number."""

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `kind` is text, word, number or mark; `parent` is the index of its bracket, or -1."""

    kind: str
    text: str
    offset: int
    parent: int


class TokenizedProgram:
    """The tokens of a program, and what stands around each of them."""

    def __init__(self, text: str, style: CommentStyle) -> None:
        if style is CommentStyle.POWERSHELL:
            text = text.replace("`", " ")  # it escapes and continues lines there
        self.bare = blank_comments(text, style)
        self.tokens: list[Token] = []
        self._ends: dict[int, int] = {}
        opened: list[int] = []
        for found in _TOKEN.finditer(self.bare):
            name = found.lastgroup or ""
            kind = name if name in {"word", "number", "mark"} else "text"
            text = found[name]
            if kind == "mark" and opened and self.tokens[opened[-1]].text == _CLOSES.get(text):
                self._ends[opened.pop()] = len(self.tokens)
            self.tokens.append(Token(kind, text, found.start(name), opened[-1] if opened else -1))
            if kind == "mark" and text in "([{":
                opened.append(len(self.tokens) - 1)

    def place(self, token: Token) -> FilePosition:
        return offset_position(self.bare, token.offset)

    def kind(self, at: int) -> str:
        """Return the kind of the token at an index; empty outside the program."""
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def is_mark(self, at: int, marks: str) -> bool:
        """Return whether the token at an index is one of these marks."""
        return self.kind(at) == "mark" and self.tokens[at].text in marks

    def word(self, at: int) -> str:
        """Return the word at an index; empty for anything else."""
        return self.tokens[at].text if self.kind(at) == "word" else ""

    def inside(self, opening: int) -> range:
        """Return the indexes of the tokens in a bracket, the first of them where there are many."""
        end = self._ends.get(opening, len(self.tokens))
        return range(opening + 1, min(end, opening + LONGEST_SPAN))

    def brackets(self, at: int) -> Iterator[int]:
        """Yield the indexes of the brackets that a token stands in, the inner ones first."""
        for _ in range(_DEEPEST):
            at = self.tokens[at].parent
            if at < 0:
                return
            yield at
