"""Where an answer goes: beside the message it was asked from, into a thread, or into a form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Desk:
    """The way back to the person.

    `replace` lets the answer take the place of what it was asked from. `thread` is the message below which
    the answer goes, seen by the channel. `trigger` opens a modal, once and within three seconds.
    """

    response_url: str = ""
    replace: bool = False
    thread: str = ""
    trigger: str = ""
