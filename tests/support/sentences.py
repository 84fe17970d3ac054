"""Sentences that lack what they were to list, such as “There is: .”."""

import re

from bot.domain.reply import Note, Text, Warn

_EMPTY_LIST = re.compile(
    r"(?:[:(,]|\b(?:There is|There are|one of|It had|It has|Known))\s*[.;)]|: ,|^\s*[.,;]", re.MULTILINE
)


def has_empty_list(text):
    """Return whether a sentence introduces a list that is empty."""
    return _EMPTY_LIST.search(text) is not None


def sentences_of(reply):
    """Return the title, notes, warnings and texts of a reply: what is made of sentences."""
    return [reply.title, *(part.text for part in reply.parts if isinstance(part, (Note, Text, Warn)))]
