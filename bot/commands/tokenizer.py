"""The words of a line, with telephones' quotes and dashes, and words quoted so that they are read back.

Text keeps its code points, by which names are told apart. What a surface such as Slack encodes, it decodes
itself.
"""

import re
import shlex
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.errors import BadArgument

LONGEST = 2_000
"""Characters that a command may have; Slack lets people type more than anyone means to."""

_BREAKS = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
DASHES = "-\u058a\u05be\u1806\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d"
"""Dashes of every width, as the inside of a pattern's brackets (Unicode, Pd and the minus sign)."""

_DASHES = re.compile(rf"(?:[\u2013-\u2015\u2e3a\u2e3b\ufe58]|[{DASHES}]{{2}})(?=\w)")
"""The beginning of a flag: two dashes, or one of those that telephones make of two."""

_BOLD = re.compile(r"\*(\w[\w.-]*)\*(?=[\s,]|$)")
_DOUBLE = '"“”„‟«»＂'
_SINGLE = "'‘’‚‛＇"
_PLAIN = "\"'`"
_BEGINNERS = "\"“„‟«'‘‚‛"
"""Quotes that begin another quotation when they stand before a word; the rest only ever end one."""


def split(text: str) -> list[str]:
    """Return the words. Raises BadArgument, also for a control character: without it, a name is another.

    Quotes and backslashes mean what they mean in a shell, but for apostrophes: one after a letter is a
    letter. Round quotes and long dashes, which telephones make, mean the same as plain ones.
    """
    if len(text) > LONGEST:
        raise BadArgument(
            f"A command can have at most {LONGEST:,} characters, and this one has more.", "Shorten it."
        )
    line = as_read(text)
    odd = next((each for each in line if unicodedata.category(each) in {"Cc", "Cs"}), None)
    if odd is not None:
        raise BadArgument(f"The command contains a control character: U+{ord(odd):04X}.", "Type it again.")
    return list(_Line(line).words())


def keep_beginning(text: str) -> str:
    """Return a text that is too long for a command cut behind a blank, and still too long for one.

    Behind a blank, since half a secret is not recognised; and too long, so that nothing ever runs the half of
    a command.
    """
    if len(text) <= LONGEST:
        return text
    end = next((at for at in range(LONGEST, 0, -1) if text[at - 1].isspace()), 0)
    return f"{text[:end].ljust(LONGEST)}…"


def quote_word(text: str) -> str:
    """Return the text as one word of a line: `split` gives it back, but for what `as_read` does to it."""
    return shlex.quote(as_read(text))


def as_read(text: str) -> str:
    """Return the text as it can stand in a line: with a blank for a line break or a tab."""
    return _BREAKS.sub(" ", text)


@dataclass(slots=True)
class _Line:
    """A line that is read from left to right."""

    text: str
    at: int = 0

    def words(self) -> Iterator[str]:
        while self.at < len(self.text):
            if self._here().isspace():
                self.at += 1
            else:
                yield self._word()

    def _word(self) -> str:
        bold = _BOLD.match(self.text, self.at)
        if bold is not None:
            self.at = bold.end()
            return bold[1]
        dashes = _DASHES.match(self.text, self.at)
        pieces = []
        if dashes is not None:
            pieces.append("--")
            self.at = dashes.end()
        while self._here() and not self._here().isspace():
            pieces.append(self._piece())
        return "".join(pieces)

    def _piece(self) -> str:
        if self._here() == "\\":
            return self._escaped()
        if self._begins_quotation():
            return self._quotation()
        self.at += 1
        return self.text[self.at - 1]

    def _escaped(self) -> str:
        self.at += 2
        if self.at > len(self.text):
            raise BadArgument(
                "The command ends with a backslash.", "Remove it, or put the text in single quotes."
            )
        return self.text[self.at - 1]

    def _begins_quotation(self) -> bool:
        here = self._here()
        if here in _DOUBLE:
            return True
        if here == "`":
            return not self._is_after_letter(self.at) and "`" in self.text[self.at + 1 :]
        return here in _SINGLE and not self._is_after_letter(self.at)

    def _quotation(self) -> str:
        opener = self._here()
        end = self._end(opener)
        if end is None:
            raise BadArgument(
                "A quotation mark was opened but not closed.",
                'Add the closing one, as in --reason "bad deploy".',
            )
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        if opener in _DOUBLE:
            inner = re.sub(r'\\(["\\])', r"\1", inner)
        return inner

    def _end(self, opener: str) -> int | None:
        """Find the end of the quotation that begins here. Telephones turn now one quote round, now both."""
        if opener == "`":
            return self.text.index("`", self.at + 1)
        if opener == "'":
            return self._closing(opener, "'") or self._closing(opener, _SINGLE)
        return self._closing(opener, _DOUBLE if opener in _DOUBLE else _SINGLE)

    def _closing(self, opener: str, family: str) -> int | None:
        depth = 0
        at = self.at + 1
        while at < len(self.text):
            here = self.text[at]
            if here == "\\" and opener in _DOUBLE:
                at += 1
            elif here in family and not self._is_apostrophe(at):
                nests = self._nests(opener, at)
                if (depth == 0 and not nests) or (here == opener and here in _PLAIN):
                    return at
                depth += 1 if nests else -1
            at += 1
        return None

    def _nests(self, opener: str, at: int) -> bool:
        """Return whether a quote looks like the beginning of another quotation inside this one."""
        here, before, after = self.text[at], self.text[at - 1], self.text[at + 1 : at + 2]
        begins = here in _BEGINNERS and not (here == opener and here in _PLAIN)
        return begins and (before.isspace() or at == self.at + 1) and bool(after) and not after.isspace()

    def _is_apostrophe(self, at: int) -> bool:
        after = self.text[at + 1 : at + 2]
        return self.text[at] in _SINGLE and self._is_after_letter(at) and (after.isalnum() or after == "_")

    def _is_after_letter(self, at: int) -> bool:
        before = self.text[at - 1 : at]
        return before.isalnum() or before == "_"

    def _here(self) -> str:
        return self.text[self.at : self.at + 1]
