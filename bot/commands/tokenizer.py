"""The words of a line as Slack and telephones send it, and words quoted so that they are read back."""

import html
import re
import shlex
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.errors import BadArgument

LONGEST = 2_000
"""Characters that a command may have; Slack lets people type more than anyone means to."""

_LINK = re.compile(r"<(?P<kind>[@#!]?)(?P<target>[^<>|\s]+)(?:\|(?P<label>[^<>]*))?>")
_LINK_START = re.compile(r"<(?=[@#!]?[^<>|\s]+[|>])")
_DASHES = re.compile(r"(?:[—–―]|[-—–―]{2})(?=\w)")
_DOUBLE = '"“”„«»'
_SINGLE = "'‘’‚"
_PLAIN = "\"'`"
_BEGINNERS = "\"“„«'‘‚"
"""Quotes that begin another quotation when they stand before a word; the rest only ever end one."""

_STRAIGHT = str.maketrans(dict.fromkeys(_DOUBLE, '"') | dict.fromkeys(_SINGLE, "'"))


def split(text: str) -> list[str]:
    """Return the words, after undoing what Slack and telephones do to text. Raises BadArgument.

    Quotes and backslashes mean what they mean in a shell, but for apostrophes: one after a letter is a
    letter. Between straight quotes and backticks everything stays as typed.
    """
    if len(text) > LONGEST:
        raise BadArgument(
            f"A command has at most {LONGEST:,} characters, and this one has more.", "Say it in fewer words."
        )
    return list(_Line(clean(text)).words())


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
    readable = as_read(text)
    quoted = shlex.quote(readable)
    if html.unescape(quoted) != quoted:
        quoted = quoted.replace("&", "&amp;")
    return _LINK_START.sub("&lt;", quoted)


def clean(text: str) -> str:
    """Return plain text: Slack's `<…>` unwrapped, entities undone, no controls, blanks of one kind."""
    return as_read(html.unescape(_LINK.sub(_unwrap, unicodedata.normalize("NFC", text)))).strip()


def as_read(text: str) -> str:
    """Return the text as it can stand in a line: NFC, no controls, and a blank for a line break."""
    return unicodedata.normalize("NFC", "".join(map(_visible, unicodedata.normalize("NFC", text))))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character in "\t\r\n":
        return " "
    return "" if category in {"Cc", "Cf", "Cs", "Co", "Cn"} else character


def _unwrap(match: re.Match[str]) -> str:
    """Unwrap a link: `<@U1|alice>` is U1 and `<http://db1|db1>` is db1; `<!channel>` stays what was typed."""
    if match["kind"] == "!":
        return match[0]
    return match["target"] if match["kind"] else (match["label"] or match["target"].removeprefix("mailto:"))


@dataclass(slots=True)
class _Line:
    """A line that is read from left to right."""

    text: str
    at: int = 0

    def words(self) -> Iterator[str]:
        while self.at < len(self.text):
            if self._here() == " ":
                self.at += 1
            else:
                yield self._word()

    def _word(self) -> str:
        dashes = _DASHES.match(self.text, self.at)
        pieces = []
        if dashes is not None:
            pieces.append("--")
            self.at = dashes.end()
        while self._here() not in ("", " "):
            pieces.append(self._piece())
        return "".join(pieces)

    def _piece(self) -> str:
        if self._here() == "\\":
            return self._escaped()
        if self._begins_quotation():
            return self._quotation()
        self.at += 1
        return self.text[self.at - 1].translate(_STRAIGHT)

    def _escaped(self) -> str:
        self.at += 2
        if self.at > len(self.text):
            raise BadArgument(
                "The text ends with a backslash, which stands for nothing without what comes after it.",
                "Leave it out, or put the text into single quotes.",
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
                "A quote was opened and not closed.", 'Put the closing quote, as in --reason "bad deploy".'
            )
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        if opener in _DOUBLE:
            inner = re.sub(r'\\(["\\])', r"\1", inner)
        return inner if opener in _PLAIN else inner.translate(_STRAIGHT)

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
        return begins and (before == " " or at == self.at + 1) and after not in ("", " ")

    def _is_apostrophe(self, at: int) -> bool:
        after = self.text[at + 1 : at + 2]
        return self.text[at] in _SINGLE and self._is_after_letter(at) and (after.isalnum() or after == "_")

    def _is_after_letter(self, at: int) -> bool:
        before = self.text[at - 1 : at]
        return before.isalnum() or before == "_"

    def _here(self) -> str:
        return self.text[self.at : self.at + 1]
