"""Requests: who asks, what for, and the API requests that follow."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.reply import Reply
from bot.domain.result import Output


class Origin(StrEnum):
    """The source of an invocation."""

    SLACK = "slack"
    TERMINAL = "os"
    SCHEDULE = "schedule"


class AccountStatus(StrEnum):
    """The status of a Slack account. Only a member may ever write."""

    MEMBER = "member"
    GUEST = "guest"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    STRANGER = "stranger"
    OTHER_WORKSPACE = "other workspace"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person or report that asks. `id` is Slack's user id, the operating system's user name, or the
    report's name.

    `groups` are the ids of the Slack user groups that the person is in, as far as the settings ask.
    `person` is the Slack user id that a terminal user stands for; empty there for a user who only reads.
    `doubt` says why the standing is unknown, where a person can do something about it.
    """

    origin: Origin
    id: str
    name: str = ""
    team: str = ""
    standing: AccountStatus = AccountStatus.MEMBER
    groups: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    person: str = ""
    doubt: str = ""

    def __str__(self) -> str:
        """Return the audit's form: `slack:U0BOB`, or `os:root as slack:U0BOB` for the terminal."""
        if self.origin is not Origin.TERMINAL or not self.person:
            return f"{self.origin}:{self.id}"
        # A user name with blanks could imitate the form “os:root as slack:U0BOB”.
        return f"{self.origin}:{'_'.join(self.id.split())} as {Origin.SLACK}:{self.person}"

    @property
    def member(self) -> str:
        """The Slack user id whose permissions and approvals count; empty for none."""
        return self.id if self.origin is Origin.SLACK else self.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One command line: its text, the actor, and the place.

    `key` identifies the delivery (`trigger_id`, `event_id`, …): a second one with the same key is the same
    request. `line` is the start of a command here (`/pg`, `pgbot run`), for hints that can be copied.
    `external_channel` is True where another company can read the channel, None where Slack did not say.
    `is_typed`: a person has typed it; a button and a script choose no columns for later. `output` is the form
    of the answer where the line names none.
    """

    key: str
    trace: str
    actor: Actor
    channel: str
    text: str
    at: datetime
    line: str = "/pg"
    external_channel: bool | None = False
    is_typed: bool = True
    output: Output = Output.SCREEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request sent to the cloud, for the audit. `status` is None without an answer; `said` is the API's
    error code and message, without secrets."""

    method: str
    url: str
    status: int | None
    milliseconds: float
    request_id: str | None = None
    attempt: int = 1
    said: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of policy, with the rules behind it, first to last."""

    allowed: bool
    trace: tuple[str, ...] = ()

    @classmethod
    def yes(cls, *trace: str) -> "Decision":
        return cls(allowed=True, trace=trace)

    @classmethod
    def no(cls, *trace: str) -> "Decision":
        return cls(allowed=False, trace=trace)


People = Callable[[str, str], Awaitable[Actor]]
"""Looks up a person by Slack user id and team id, with account status and user groups."""

IsExternal = Callable[[str, str], Awaitable[bool | None]]
"""Tells whether people of another company can read a conversation, for a person in it, by their ids; None
where Slack does not say."""


SendDirect = Callable[[str, Reply], Awaitable[object]]
"""Sends a reply to a person by direct message, by Slack user id. Raises SlackError."""


Progress = Callable[[str], Awaitable[None]]
"""Receives how far a long command has come; it may not show everything, and never raises."""


async def ignore_progress(_words: str) -> None:
    """Show no progress."""
