"""The command line in what people type or paste: without the bot's name, courtesy, and code formatting."""

import re

from bot.slack.mrkdwn import decode_typed

_MENTION = re.compile(r"<@(?P<user>\w+)(?:\|[^<>]*)?>")
_WORD = re.compile(r"[^\s,:]+")
_BESIDE = re.compile(r"[\s,:]*")
_COURTESY = frozenset(
    {"please", "pls", "kindly", "hey", "hi", "hello", "can", "could", "would", "you", "run"}
)
"""Words before a command that are none of it. No command begins with one of them."""

_MARKS = frozenset({"&gt;", "&gt;&gt;&gt;", "•"})
"""The marks of a quotation and of a list, as Slack encodes them."""

_THANKS = re.compile(r"(?<![\s,])[\s,]+(?:please|pls|thanks|thx|thank you)[.!]*$", re.IGNORECASE)
_LONGEST_THANKS = 30
_FLAG = re.compile(r"--[a-z-]+")
"""A flag without its value, which the next word may be."""

_WRAPPERS = (("```", "```"), ("`", "`"), ("*", "*"), ("_", "_"), ("~", "~"), ('"', '"'), ("“", "”"))
"""What surrounds a whole line: Slack's code and emphasis, and quotes."""

_NESTED = 4
"""Wrappers and names that may lie around each other, as in a mention before a fence with a mention in it."""


def read_line(text: str, *, command: str, bot_user: str) -> str:
    """Return the command line of a text as Slack sent it, decoded once.

    `command` is the slash command, which people repeat, and `bot_user` the bot's own id.
    """
    for _ in range(_NESTED):
        shorter = _unwrap(_strip_names(text, command, bot_user))
        if shorter == text:
            break
        text = shorter
    return decode_typed(text)


def _strip_names(text: str, command: str, bot_user: str) -> str:
    """Remove the bot's name, the command and courtesy from the line's beginning and end, not its middle."""
    at = _start(text, command, bot_user)
    end = len(text.rstrip(" \t\n\xa0,:"))
    last = _MENTION.fullmatch(text, max(text.rfind("<@", at, end), 0), end)
    if last is not None and last["user"] == bot_user and last.start() >= at:
        end = last.start()
    line = text[at:end].strip(" \t\n\xa0,:")
    tail = max(len(line) - _LONGEST_THANKS, 0)
    thanks = _THANKS.search(line, tail)
    if thanks is None:
        return line
    rest = line[: thanks.start()]
    is_value = "," not in thanks[0] and _FLAG.fullmatch(rest.rpartition(" ")[2]) is not None
    return line if is_value else rest


def _start(text: str, command: str, bot_user: str) -> int:
    at = 0
    while True:
        at = _BESIDE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        mention, word = _MENTION.match(text, at), _WORD.match(text, at)
        if mention is not None and mention["user"] == bot_user:
            at = mention.end()
        elif word is not None and _is_beside(word[0], command):
            at = word.end()
        else:
            return at


def _is_beside(word: str, command: str) -> bool:
    # Where Slack makes no mention of it, as in code, the bot's name is text. No command begins with an @.
    is_name = word == command or word.startswith("@")
    return is_name or word in _MARKS or word.casefold().rstrip("!.") in _COURTESY


def _unwrap(line: str) -> str:
    """Remove code formatting, emphasis or quotes around the whole line; a single word keeps its emphasis."""
    if line.startswith("`"):
        line = line.rstrip("?!.")  # of the sentence that the code stands in
    for opening, closing in _WRAPPERS:
        inner = line[len(opening) : len(line) - len(closing)]
        is_around = line.startswith(opening) and line.endswith(closing) and len(line) > 2 * len(opening)
        if is_around and opening not in inner and closing not in inner and _is_line(inner, opening):
            return inner.strip()
    return line


def _is_line(inner: str, opening: str) -> bool:
    return opening.startswith("`") or " " in inner.strip()
