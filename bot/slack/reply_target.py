"""Where an answer goes: beside the message it was asked from, into a thread, or into a form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The way back to the person.

    `replace` lets the answer take the place of what it was asked from. `thread` is the message below which
    the answer goes, seen by the channel. `trigger` opens a modal, once and within three seconds. `revisable`:
    what goes to the response_url can be replaced by what goes there next, as it can after a typed command;
    after a press it would replace the message with the button.
    """

    response_url: str = ""
    replace: bool = False
    thread: str = ""
    trigger: str = ""
    revisable: bool = False
